//! Which words and sentences moved the scores of a text.

mod occlusion;
mod parts;

pub use occlusion::{Explanation, MOST_CHARACTERS, Part, Subject, Target, explain};
