//! From texts to scores: tokenizing, windows, batches of fixed shape, pooling, heads.

mod engine;
mod judge;
mod pooling;
mod queue;
mod scorer;
mod shapes;
mod windows;

pub use engine::{Encodable, Engine, Incoming};
pub use judge::{Judge, Scores, ThemeScorer, most_probable};
pub use pooling::Vectors;
pub use scorer::{Scorer, VectorAndLogit};
pub(crate) use windows::{ANSWER, Window};
pub use windows::{Tokenized, Windower};

/// The version of the way from a text to its vectors. Raised whenever a change can change them, so that vectors which are
/// kept are made anew.
pub const FORWARD: u32 = 1;

/// The same of the way from a writer's own words to the sentiment that a classifier of the user's own finds in them.
pub const CLASSIFIED: u32 = 1;
