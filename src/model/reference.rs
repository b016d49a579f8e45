//! rust-bert's own forward pass: what the fused one is held to.

use std::collections::BTreeMap;
use std::path::Path;

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use super::{Encoder, ModelError, Precision, TokenBatch};

/// rust-bert's BERT: the reference.
pub struct ReferenceEncoder {
    model: BertModel<BertEmbeddings>,
    weights: VarStore,
    config: BertConfig,
    precision: Precision,
}

impl ReferenceEncoder {
    /// Builds the encoder that the file `config` describes from a `.safetensors` file, converted to `precision`.
    ///
    /// # Errors
    /// The configuration is not that of a BERT, or a tensor is missing or has another shape than it says.
    pub fn load(config: &Path, weights: &Path, precision: Precision) -> Result<Self, ModelError> {
        // rust-bert's own reader panics on bad input.
        let config: BertConfig = std::fs::read(config)
            .map_err(|error| error.to_string())
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
            .map_err(|problem| ModelError::Invalid {
                file: config.display().to_string(),
                problem,
            })?;
        let mut encoder = Self::uninitialised(&config, precision)?;
        encoder
            .weights
            .load(weights)
            .map_err(|error| ModelError::Invalid {
                file: weights.display().to_string(),
                problem: error.to_string(),
            })?;
        // Loading takes over the precision of the file; this sets the one asked for.
        encoder.weights.set_kind(precision.kind());
        encoder.weights.freeze();
        Ok(encoder)
    }

    fn uninitialised(config: &BertConfig, precision: Precision) -> Result<Self, ModelError> {
        let weights = VarStore::new(Device::Cpu);
        let model = BertModel::new_with_optional_pooler(weights.root(), config, false);
        Ok(Self {
            model,
            weights,
            config: config.clone(),
            precision,
        })
    }
}

impl Encoder for ReferenceEncoder {
    fn token_vectors(&self, batch: &TokenBatch) -> Result<Tensor, ModelError> {
        let (ids, mask, segments) = (Some(&batch.ids), Some(&batch.mask), Some(&batch.segments));
        tch::no_grad(|| {
            self.model
                .forward_t(ids, mask, segments, None, None, None, None, false)
                .map(|output| output.hidden_state.to_kind(Kind::Float))
                .map_err(|error| ModelError::Encoder(error.to_string()))
        })
    }

    fn share(&self) -> Result<Box<dyn Encoder>, ModelError> {
        let twin = Self::uninitialised(&self.config, self.precision)?;
        let mut theirs: BTreeMap<String, Tensor> = twin.weights.variables().into_iter().collect();
        let ours = self.weights.variables();
        for (name, tensor) in &mut theirs {
            let source = ours
                .get(name)
                .ok_or_else(|| ModelError::Encoder(format!("no weights named {name}")))?;
            tensor.set_data(source);
        }
        let mut weights = twin.weights;
        weights.freeze();
        Ok(Box::new(Self {
            model: twin.model,
            weights,
            config: twin.config,
            precision: twin.precision,
        }))
    }
}
