//! What was computed once and need not be again: an embedded database of text vectors.
//!
//! A text is found by what its vectors depend on: token ids and the spans that means go over, the bundle, the precision, the
//! kind of processor, and the version of the forward pass ([`crate::inference::FORWARD`]). Scores are not kept: they follow
//! from the vectors within microseconds, so that a changed theme or threshold costs no pass of the encoder.

mod codec;
mod database;
mod layout;
mod lock;
mod look;
mod recall;
#[cfg(test)]
mod tests;

pub use database::{Count, Prune, Store, Verification};
pub use look::{Look, look};
pub use recall::{Identity, Recalled, recall, recall_scores};
