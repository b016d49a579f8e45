//! Adds scored comments up. Collectors hold integers only, so partial results merge to the same figures in any order.

mod collector;
mod quote;
mod scored;

pub use collector::{Collector, Found, MeanSum, Telling, ThemeSum};
pub use scored::{ScoredComment, ScoredPost};
