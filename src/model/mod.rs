//! The model: a bundle folder on disk, the encoder and the heads that are loaded from it.

mod bundle;
mod encoder;
mod fused;
mod heads;
mod precision;
mod reference;

pub use bundle::{Bundle, FileRecord, Manifest, ModelError, seal};
pub(crate) use bundle::{hex, load_tokenizer};
pub use encoder::Encoder;
pub use fused::BertEncoder;
pub use heads::{Heads, LinearHead, Nearness, Sentiment, ThemeHead};
pub(crate) use heads::{sigmoid, softmax};
pub use precision::Precision;
pub use reference::ReferenceEncoder;
