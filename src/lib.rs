//! Sentiment and themes of blog comments, per post and per year.
//!
//! The modules are the stages, in the order the data flows: [`reading`] turns pages into [`post::Post`]s, [`cleaning`]
//! finds whose words are whose, [`themes`]
//! says what to look for, [`model`] is the encoder and its heads, [`inference`] turns texts into scores,
//! [`store`] keeps them, [`aggregation`] adds them up, [`comparison`] sets periods against each other, [`output`] writes the
//! result and [`report`] shows it. [`sampling`] draws comments for a person to label; [`training`] makes a model,
//! [`refinement`] improves and [`evaluation`] measures one, from [`labelled`] texts; [`explanation`] says what moved a score.
//! [`cli`] puts the stages together. `ARCHITECTURE.md` walks through them.

// Tests inside the crate share readers of fixtures with those outside.
#[cfg(test)]
extern crate self as undertone;

pub mod aggregation;
mod calendar;
pub mod cleaning;
pub mod cli;
pub mod comparison;
pub mod evaluation;
pub mod explanation;
mod hash;
pub mod inference;
pub mod labelled;
pub mod model;
pub mod output;
pub mod passage;
pub mod post;
pub mod progress;
mod ranges;
pub mod reading;
pub mod refinement;
pub mod report;
pub mod sampling;
pub mod statistics;
pub mod store;
pub mod themes;
pub mod training;
