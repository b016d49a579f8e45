//! BERT in fewer, larger operations: what scoring runs.
//!
//! The same network as [`super::ReferenceEncoder`] over the same weights. The three projections of attention are one
//! matrix product, attention and GELU are one call each, and nothing is computed that pooling does not need.

use std::collections::BTreeMap;
use std::path::Path;

use rust_bert::Activation;
use rust_bert::bert::BertConfig;
use tch::{Kind, TchError, Tensor};

use super::{Encoder, ModelError, Precision};

/// The longest window that [`crate::inference`] makes, in tokens.
pub(crate) const MAX_LENGTH: i64 = 240;

/// rust-bert's epsilon of the layer norms, that of every BERT.
const EPSILON: f64 = 1e-12;

/// What is added to attention scores at padding. Finite, so that a row of nothing but padding stays finite too.
const MASKED: f64 = -10_000.0;

/// A weight matrix `[out, in]` and its bias.
struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    fn apply(&self, input: &Tensor) -> Result<Tensor, TchError> {
        input.f_linear(&self.weight, Some(&self.bias))
    }

    fn share(&self) -> Self {
        Self {
            weight: self.weight.shallow_clone(),
            bias: self.bias.shallow_clone(),
        }
    }
}

/// Scale and shift of a layer norm.
struct Norm(Linear);

impl Norm {
    fn apply(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let width = self.0.bias.size();
        input.f_layer_norm(
            width,
            Some(&self.0.weight),
            Some(&self.0.bias),
            EPSILON,
            false,
        )
    }
}

struct Layer {
    query_key_value: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    widen: Linear,
    narrow: Linear,
    output_norm: Norm,
}

/// BERT in fused operations. Weights are never written to once loaded, so encoders of several threads share them.
pub struct BertEncoder {
    words: Tensor,
    /// Position and token type embeddings, added up.
    places: Tensor,
    embedding_norm: Norm,
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
            Ok(Linear {
                weight: take(&format!("{name}.weight"), &[outputs, inputs])?,
                bias: take(&format!("{name}.bias"), &[outputs])?,
            })
        };
        let norm = |name: &str| {
            Ok(Norm(Linear {
                weight: take(&format!("{name}.weight"), &[hidden])?,
                bias: take(&format!("{name}.bias"), &[hidden])?,
            }))
        };
        let longest = config.max_position_embeddings;
        if longest < MAX_LENGTH || config.type_vocab_size < 1 {
            return Err(invalid(format!(
                "it has {longest} positions and {} token types, at least {MAX_LENGTH} and 1 are needed",
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
                let [query, key, value] = ["query", "key", "value"]
                    .map(|part| linear(&name(&format!("attention.self.{part}")), hidden, hidden));
                let (query, key, value) = (query?, key?, value?);
                Ok(Layer {
                    query_key_value: Linear {
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
        let positions = take(
            "embeddings.position_embeddings.weight",
            &[config.max_position_embeddings, hidden],
        )?;
        let types = take(
            "embeddings.token_type_embeddings.weight",
            &[config.type_vocab_size, hidden],
        )?;
        Ok(Self {
            words: take(
                "embeddings.word_embeddings.weight",
                &[config.vocab_size, hidden],
            )?,
            places: positions + types.select(0, 0),
            embedding_norm: norm("embeddings.LayerNorm")?,
            layers,
            heads: config.num_attention_heads,
            kind: precision.kind(),
        })
    }

    fn forward(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, TchError> {
        let (rows, length) = ids.size2()?;
        let places = self.places.f_narrow(0, 0, length)?;
        let words = Tensor::f_embedding(&self.words, ids, -1, false, false)?;
        let mut hidden = self.embedding_norm.apply(&words.f_add(&places)?)?;
        // [rows, 1, 1, length]: the same for every head and every attending token.
        let bias = mask
            .f_to_kind(self.kind)?
            .f_sub_scalar(1.0)?
            .f_mul_scalar(-MASKED)?
            .f_reshape([rows, 1, 1, length])?;
        let bias = bias.f_expand([rows, 1, length, length], false)?;
        for layer in &self.layers {
            hidden = self.layer(layer, &hidden, &bias, rows, length)?;
        }
        hidden.f_to_kind(Kind::Float)
    }

    fn layer(
        &self,
        layer: &Layer,
        hidden: &Tensor,
        bias: &Tensor,
        rows: i64,
        length: i64,
    ) -> Result<Tensor, TchError> {
        // [3, rows, heads, length, size of a head]
        let parts = layer
            .query_key_value
            .apply(hidden)?
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
        let attended = layer.attention_output.apply(&attended)?.f_add_(hidden)?;
        let attended = layer.attention_norm.apply(&attended)?;
        let wide = layer.widen.apply(&attended)?.f_gelu_("none")?;
        let narrow = layer.narrow.apply(&wide)?.f_add_(&attended)?;
        layer.output_norm.apply(&narrow)
    }
}

impl Encoder for BertEncoder {
    fn token_vectors(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, ModelError> {
        tch::no_grad(|| self.forward(ids, mask))
            .map_err(|error| ModelError::Encoder(error.to_string()))
    }

    fn share(&self) -> Result<Box<dyn Encoder>, ModelError> {
        let norm = |norm: &Norm| Norm(norm.0.share());
        let layers = self.layers.iter().map(|layer| Layer {
            query_key_value: layer.query_key_value.share(),
            attention_output: layer.attention_output.share(),
            attention_norm: norm(&layer.attention_norm),
            widen: layer.widen.share(),
            narrow: layer.narrow.share(),
            output_norm: norm(&layer.output_norm),
        });
        Ok(Box::new(Self {
            words: self.words.shallow_clone(),
            places: self.places.shallow_clone(),
            embedding_norm: norm(&self.embedding_norm),
            layers: layers.collect(),
            heads: self.heads,
            kind: self.kind,
        }))
    }
}
