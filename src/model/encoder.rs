//! The transformer: token ids in, one vector per token out.

use std::path::Path;

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use super::{ModelError, Precision};

/// A transformer encoder. Implementations may differ in speed; in f32 their vectors agree with those of
/// [`BertEncoder`] within 1e-4.
pub trait Encoder: Send {
    /// Encodes one batch.
    ///
    /// `ids` and `mask` are `[rows, length]` of 64-bit integers; `mask` is 1 at tokens and 0 at padding, which is
    /// attended to by nobody. Returns `[rows, length, hidden]` in f32; vectors at padding are arbitrary.
    ///
    /// # Errors
    /// libtorch refuses the computation, as when memory runs out.
    fn token_vectors(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, ModelError>;

    /// A second encoder over the same weights, for another thread. The weights are not copied.
    ///
    /// # Errors
    /// libtorch refuses to build it.
    fn share(&self) -> Result<Box<dyn Encoder>, ModelError>;
}

/// rust-bert's BERT: the reference.
pub struct BertEncoder {
    model: BertModel<BertEmbeddings>,
    weights: VarStore,
    config: BertConfig,
    precision: Precision,
}

impl BertEncoder {
    /// Builds the encoder that `config` describes from a `.safetensors` file, converted to `precision`.
    ///
    /// # Errors
    /// A tensor is missing or has another shape than the configuration says.
    pub fn load(
        config: &BertConfig,
        weights: &Path,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        let mut encoder = Self::uninitialised(config, precision)?;
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
        let model = BertModel::new(weights.root(), config);
        Ok(Self {
            model,
            weights,
            config: config.clone(),
            precision,
        })
    }
}

impl Encoder for BertEncoder {
    fn token_vectors(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, ModelError> {
        tch::no_grad(|| {
            self.model
                .forward_t(Some(ids), Some(mask), None, None, None, None, None, false)
                .map(|output| output.hidden_state.to_kind(Kind::Float))
                .map_err(|error| ModelError::Encoder(error.to_string()))
        })
    }

    fn share(&self) -> Result<Box<dyn Encoder>, ModelError> {
        let twin = Self::uninitialised(&self.config, self.precision)?;
        let mut theirs = twin.weights.variables();
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

/// Rewrites a `.safetensors` file with every floating-point tensor rounded to bf16.
pub(super) fn store_as_bf16(from: &Path, to: &Path) -> Result<(), ModelError> {
    let invalid = |path: &Path, error: tch::TchError| ModelError::Invalid {
        file: path.display().to_string(),
        problem: error.to_string(),
    };
    let mut tensors: Vec<(String, Tensor)> = Tensor::read_safetensors(from)
        .map_err(|error| invalid(from, error))?
        .into_iter()
        .filter(|(_, tensor)| tensor.is_floating_point())
        .map(|(name, tensor)| (name, tensor.to_kind(Kind::BFloat16)))
        .collect();
    // The library writes tensors in the order given; a fixed one keeps the file's hash.
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    Tensor::write_safetensors(&tensors, to).map_err(|error| invalid(to, error))
}
