//! `undertone train`: encoder and heads fine-tuned together.

mod calibrate;
mod card;
mod checkpoint;
mod config;
mod data;
mod described;
mod dropout;
mod examples;
mod lots;
mod measure;
mod network;
mod optimiser;
mod phase;
mod teacher;
mod train;
mod weights;

pub use config::{TrainingConfig, TrainingError};
pub use train::{TrainingMeans, TrainingPlaces, TrainingReport, train};
