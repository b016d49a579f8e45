//! `undertone train`: linear heads on a frozen encoder.

mod card;
mod config;
mod data;
mod fit;
mod heads;

pub use config::{TrainingConfig, TrainingError};
pub use heads::{TrainingReport, train};
