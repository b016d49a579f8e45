//! What a person's labels add to a finished model.

mod folds;
mod groups;
mod improve;
mod logistic;
mod suspects;
mod worth;

pub use folds::folds;
pub use groups::Groups;
pub use improve::{FEWEST, Frequency, Improvement, Judged, improve};
pub use logistic::{Examples, Logistic, Penalty, fit};
pub use suspects::{Suspect, suspects};
pub use worth::Found;
