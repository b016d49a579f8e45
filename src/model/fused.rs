//! BERT in fewer, larger operations: what scoring runs and training trains.
//!
//! The same network as [`super::ReferenceEncoder`] over the same weights. The three projections of attention are one
//! matrix product, attention and GELU are one call each, and nothing is computed that pooling does not need.

use std::collections::BTreeMap;
use std::path::Path;

use rust_bert::Activation;
use rust_bert::bert::BertConfig;
use tch::{Kind, TchError, Tensor};

use super::{Encoder, ModelError, Precision, TokenBatch};

/// The longest window that [`crate::inference`] makes, in tokens.
pub(crate) const MAX_LENGTH: i64 = 240;

/// Kinds of tokens that a batch tells apart: those of the text, and those of the text it answers.
const SEGMENTS: i64 = 2;

/// rust-bert's epsilon of the layer norms, that of every BERT.
const EPSILON: f64 = 1e-12;

/// What is added to attention scores at padding. Finite, so that a row of nothing but padding stays finite too.
const MASKED: f64 = -10_000.0;

/// What training does to activations to keep the network from leaning on single ones (dropout).
pub(crate) type Noise<'a> = &'a dyn Fn(Tensor) -> Result<Tensor, TchError>;

/// A weight matrix `[out, in]` and its bias, or scale and shift of a layer norm.
struct Affine {
    weight: Tensor,
    bias: Tensor,
}

impl Affine {
    fn linear(&self, input: &Tensor) -> Result<Tensor, TchError> {
        input.f_linear(&self.weight, Some(&self.bias))
    }

    fn norm(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let width = self.bias.size();
        input.f_layer_norm(width, Some(&self.weight), Some(&self.bias), EPSILON, false)
    }

    fn map(&self, change: &mut impl FnMut(&Tensor) -> Tensor) -> Self {
        Self {
            weight: change(&self.weight),
            bias: change(&self.bias),
        }
    }

    fn each<'a>(&'a self, name: &str, see: &mut impl FnMut(String, &'a Tensor)) {
        see(format!("{name}.weight"), &self.weight);
        see(format!("{name}.bias"), &self.bias);
    }
}

struct Layer {
    query_key_value: Affine,
    attention_output: Affine,
    attention_norm: Affine,
    widen: Affine,
    narrow: Affine,
    output_norm: Affine,
}

/// The names that the three parts of `query_key_value` have in a file, in their order.
const ATTENTION_PARTS: [&str; 3] = ["query", "key", "value"];

/// BERT in fused operations. Scoring never writes to weights, so encoders of several threads share them.
pub struct BertEncoder {
    words: Tensor,
    positions: Tensor,
    segments: Tensor,
    embedding_norm: Affine,
    layers: Vec<Layer>,
    heads: i64,
    kind: Kind,
}

impl BertEncoder {
    /// Builds the encoder that `config` describes from a `.safetensors` file, converted to `precision`.
    ///
    /// # Errors
    /// A tensor is missing or has another shape than the configuration says, or the activation is not GELU.
    pub fn load(
        config: &BertConfig,
        weights: &Path,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        let invalid = |problem: String| ModelError::Invalid {
            file: weights.display().to_string(),
            problem,
        };
        if !matches!(config.hidden_act, Activation::gelu) {
            return Err(invalid("the activation is not gelu".to_owned()));
        }
        let tensors: BTreeMap<String, Tensor> = Tensor::read_safetensors(weights)
            .map_err(|error| invalid(error.to_string()))?
            .into_iter()
            .collect();
        let take = |name: &str, shape: &[i64]| {
            let tensor = tensors
                .get(name)
                .ok_or_else(|| invalid(format!("there is no tensor {name}")))?;
            if tensor.size() != shape {
                return Err(invalid(format!(
                    "{name} is {:?}, the configuration says {shape:?}",
                    tensor.size()
                )));
            }
            Ok(tensor.to_kind(precision.kind()))
        };
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let linear = |name: &str, outputs: i64, inputs: i64| {
            Ok(Affine {
                weight: take(&format!("{name}.weight"), &[outputs, inputs])?,
                bias: take(&format!("{name}.bias"), &[outputs])?,
            })
        };
        let norm = |name: &str| {
            Ok(Affine {
                weight: take(&format!("{name}.weight"), &[hidden])?,
                bias: take(&format!("{name}.bias"), &[hidden])?,
            })
        };
        let longest = config.max_position_embeddings;
        if longest < MAX_LENGTH || config.type_vocab_size < SEGMENTS {
            return Err(invalid(format!(
                "it has {longest} positions and {} token types, at least {MAX_LENGTH} and {SEGMENTS} are needed",
                config.type_vocab_size
            )));
        }
        if config.num_attention_heads < 1 || hidden % config.num_attention_heads != 0 {
            return Err(invalid(format!(
                "{} attention heads do not divide {hidden} numbers",
                config.num_attention_heads
            )));
        }
        let layers = (0..config.num_hidden_layers)
            .map(|number| {
                let name = |part: &str| format!("encoder.layer.{number}.{part}");
                let [query, key, value] = ATTENTION_PARTS
                    .map(|part| linear(&name(&format!("attention.self.{part}")), hidden, hidden));
                let (query, key, value) = (query?, key?, value?);
                Ok(Layer {
                    query_key_value: Affine {
                        weight: Tensor::cat(&[query.weight, key.weight, value.weight], 0),
                        bias: Tensor::cat(&[query.bias, key.bias, value.bias], 0),
                    },
                    attention_output: linear(&name("attention.output.dense"), hidden, hidden)?,
                    attention_norm: norm(&name("attention.output.LayerNorm"))?,
                    widen: linear(&name("intermediate.dense"), wide, hidden)?,
                    narrow: linear(&name("output.dense"), hidden, wide)?,
                    output_norm: norm(&name("output.LayerNorm"))?,
                })
            })
            .collect::<Result<Vec<_>, ModelError>>()?;
        Ok(Self {
            words: take(
                "embeddings.word_embeddings.weight",
                &[config.vocab_size, hidden],
            )?,
            positions: take(
                "embeddings.position_embeddings.weight",
                &[config.max_position_embeddings, hidden],
            )?,
            segments: take(
                "embeddings.token_type_embeddings.weight",
                &[config.type_vocab_size, hidden],
            )?,
            embedding_norm: norm("embeddings.LayerNorm")?,
            layers,
            heads: config.num_attention_heads,
            kind: precision.kind(),
        })
    }

    /// The same encoder over what `change` makes of each weight, in the order of [`BertEncoder::weights`].
    pub(crate) fn map(&self, change: &mut impl FnMut(&Tensor) -> Tensor) -> Self {
        let words = change(&self.words);
        let positions = change(&self.positions);
        let segments = change(&self.segments);
        let embedding_norm = self.embedding_norm.map(change);
        let layers: Vec<Layer> = self
            .layers
            .iter()
            .map(|layer| Layer {
                query_key_value: layer.query_key_value.map(change),
                attention_output: layer.attention_output.map(change),
                attention_norm: layer.attention_norm.map(change),
                widen: layer.widen.map(change),
                narrow: layer.narrow.map(change),
                output_norm: layer.output_norm.map(change),
            })
            .collect();
        Self {
            kind: words.kind(),
            words,
            positions,
            segments,
            embedding_norm,
            layers,
            heads: self.heads,
        }
    }

    /// Every weight with its name, in a fixed order. Names are those of the file, but that the three projections of
    /// attention are one tensor, `attention.self`.
    pub(crate) fn weights(&self) -> Vec<(String, &Tensor)> {
        let mut all = vec![
            ("embeddings.word_embeddings.weight".to_owned(), &self.words),
            (
                "embeddings.position_embeddings.weight".to_owned(),
                &self.positions,
            ),
            (
                "embeddings.token_type_embeddings.weight".to_owned(),
                &self.segments,
            ),
        ];
        let mut see = |name, tensor| all.push((name, tensor));
        self.embedding_norm.each("embeddings.LayerNorm", &mut see);
        for (number, layer) in self.layers.iter().enumerate() {
            let name = |part: &str| format!("encoder.layer.{number}.{part}");
            let parts = [
                ("attention.self", &layer.query_key_value),
                ("attention.output.dense", &layer.attention_output),
                ("attention.output.LayerNorm", &layer.attention_norm),
                ("intermediate.dense", &layer.widen),
                ("output.dense", &layer.narrow),
                ("output.LayerNorm", &layer.output_norm),
            ];
            for (part, affine) in parts {
                affine.each(&name(part), &mut see);
            }
        }
        all
    }

    /// Every weight under its name in the file, as [`BertEncoder::load`] reads it.
    pub(crate) fn file_weights(&self) -> Vec<(String, Tensor)> {
        self.weights()
            .into_iter()
            .flat_map(|(name, tensor)| match name.split_once("attention.self.") {
                Some((layer, kind)) => tensor
                    .chunk(ATTENTION_PARTS.len() as i64, 0)
                    .into_iter()
                    .zip(ATTENTION_PARTS)
                    .map(|(part, of)| (format!("{layer}attention.self.{of}.{kind}"), part))
                    .collect(),
                None => vec![(name, tensor.shallow_clone())],
            })
            .collect()
    }

    /// How many layers follow the embeddings.
    pub(crate) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// `[rows, length, hidden]` in f32.
    pub(crate) fn forward(
        &self,
        batch: &TokenBatch,
        noise: Option<Noise<'_>>,
    ) -> Result<Tensor, TchError> {
        let (rows, length) = batch.ids.size2()?;
        let places = self.positions.f_narrow(0, 0, length)?;
        let words = Tensor::f_embedding(&self.words, &batch.ids, -1, false, false)?;
        let segments = Tensor::f_embedding(&self.segments, &batch.segments, -1, false, false)?;
        let mut hidden = self
            .embedding_norm
            .norm(&words.f_add(&segments)?.f_add(&places)?)?;
        if let Some(noise) = noise {
            hidden = noise(hidden)?;
        }
        // [rows, 1, 1, length]: the same for every head and every attending token.
        let bias = batch
            .mask
            .f_to_kind(self.kind)?
            .f_sub_scalar(1.0)?
            .f_mul_scalar(-MASKED)?
            .f_reshape([rows, 1, 1, length])?;
        let bias = bias.f_expand([rows, 1, length, length], false)?;
        for layer in &self.layers {
            hidden = self.layer(layer, &hidden, &bias, (rows, length), noise)?;
        }
        hidden.f_to_kind(Kind::Float)
    }

    fn layer(
        &self,
        layer: &Layer,
        hidden: &Tensor,
        bias: &Tensor,
        (rows, length): (i64, i64),
        noise: Option<Noise<'_>>,
    ) -> Result<Tensor, TchError> {
        // [3, rows, heads, length, size of a head]
        let parts = layer
            .query_key_value
            .linear(hidden)?
            .f_reshape([rows, length, 3, self.heads, -1])?
            .f_permute([2, 0, 3, 1, 4])?;
        let attended = Tensor::f_scaled_dot_product_attention(
            &parts.f_select(0, 0)?,
            &parts.f_select(0, 1)?,
            &parts.f_select(0, 2)?,
            Some(bias),
            0.0,
            false,
            None::<f64>,
        )?
        .f_transpose(1, 2)?
        .f_reshape(hidden.size())?;
        let mut attended = layer.attention_output.linear(&attended)?;
        if let Some(noise) = noise {
            attended = noise(attended)?;
        }
        let attended = layer.attention_norm.norm(&attended.f_add_(hidden)?)?;
        let mut wide = layer.widen.linear(&attended)?;
        // The gradient of GELU needs its input, so only scoring writes over it.
        wide = if noise.is_some() {
            wide.f_gelu("none")?
        } else {
            wide.f_gelu_("none")?
        };
        let mut narrow = layer.narrow.linear(&wide)?;
        if let Some(noise) = noise {
            narrow = noise(narrow)?;
        }
        layer.output_norm.norm(&narrow.f_add_(&attended)?)
    }
}

impl Encoder for BertEncoder {
    fn token_vectors(&self, batch: &TokenBatch) -> Result<Tensor, ModelError> {
        tch::no_grad(|| self.forward(batch, None))
            .map_err(|error| ModelError::Encoder(error.to_string()))
    }

    fn share(&self) -> Result<Box<dyn Encoder>, ModelError> {
        Ok(Box::new(self.map(&mut Tensor::shallow_clone)))
    }
}
