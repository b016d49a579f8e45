//! From texts to scores: tokenizing, windows, batches of fixed shape, pooling, heads.

mod engine;
mod queue;
mod scorer;
mod shapes;
mod windows;

pub use engine::{Engine, Incoming, Vectors};
pub use scorer::{Scorer, Scores, ThemeScorer, VectorAndLogit, most_probable};
pub(crate) use windows::{ANSWER, Window, Windower};
