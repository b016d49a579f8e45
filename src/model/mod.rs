//! The model: a bundle folder on disk, the encoder and the heads that are loaded from it.

mod architecture;
mod bundle;
mod classifier;
mod encoder;
mod fetch;
mod fused;
mod heads;
mod hub;
mod precision;
mod reference;

pub use bundle::{Bundle, BundleDraft, FileRecord, Manifest, ModelError};
pub(crate) use bundle::{load_config, load_tokenizer};
pub use classifier::SentimentClassifier;
pub use encoder::{Encoder, TokenBatch};
pub use fused::FusedEncoder;
#[cfg(test)]
pub(crate) use fused::MAX_LENGTH;
pub use heads::{Describer, Heads, LinearHead, Sentiment, ThemeHead};
pub(crate) use heads::{place_of_greatest, sigmoid, softmax};
pub use hub::{FoundModel, ModelName};
pub use precision::{Precision, processor_kind};
pub use reference::ReferenceEncoder;

/// The version of libtorch that the tch of Cargo.toml is made for; its build refuses others.
pub const LIBTORCH: &str = "2.4.0";
