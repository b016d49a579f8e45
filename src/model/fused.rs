//! BERT and MPNet in fewer, larger operations: what scoring runs and training trains.
//!
//! For BERT the same network as [`super::ReferenceEncoder`] over the same weights. The three projections of attention are
//! one matrix product, attention and GELU are one call each, and nothing is computed that pooling does not need.

use std::collections::BTreeMap;
use std::path::Path;

use tch::{Kind, TchError, Tensor};

use super::architecture::{Architecture, EncoderConfig, relative_step};
use super::{Encoder, ModelError, Precision, TokenBatch};

/// The longest window that [`crate::inference`] makes, in tokens.
pub(crate) const MAX_LENGTH: i64 = 240;

/// What is added to attention scores at padding. Finite, so that a row of nothing but padding stays finite too.
const MASKED: f64 = -10_000.0;

/// The names of tables that only one of the families has.
const SEGMENT_TABLE: &str = "embeddings.token_type_embeddings.weight";
const RELATIVE_TABLE: &str = "encoder.relative_attention_bias.weight";

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

    fn norm(&self, input: &Tensor, epsilon: f64) -> Result<Tensor, TchError> {
        let width = self.bias.size();
        let (weight, bias) = (Some(&self.weight), Some(&self.bias));
        input.f_layer_norm(width, weight, bias, epsilon, false)
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

/// A transformer in fused operations. Scoring never writes to weights, so encoders of several threads share them.
pub struct FusedEncoder {
    words: Tensor,
    positions: Tensor,
    /// BERT's.
    segments: Option<Tensor>,
    /// MPNet's: a bias of attention per step of relative position and head.
    relative: Option<Tensor>,
    embedding_norm: Affine,
    layers: Vec<Layer>,
    heads: i64,
    kind: Kind,
    architecture: Architecture,
    epsilon: f64,
}

impl FusedEncoder {
    /// Builds the encoder that `config` describes from a `.safetensors` file, converted to `precision`.
    ///
    /// # Errors
    /// A tensor is missing or has another shape than the configuration says.
    pub(crate) fn load(
        config: &EncoderConfig,
        weights: &Path,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        let invalid = |problem: String| ModelError::Invalid {
            file: weights.display().to_string(),
            problem,
        };
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
        let architecture = config.architecture;
        let layers = (0..config.num_hidden_layers)
            .map(|number| {
                let name = |part: &str| format!("encoder.layer.{number}.{part}");
                let [query, key, value] = architecture
                    .projections()
                    .map(|part| linear(&name(part), hidden, hidden));
                let (query, key, value) = (query?, key?, value?);
                Ok(Layer {
                    query_key_value: Affine {
                        weight: Tensor::cat(&[query.weight, key.weight, value.weight], 0),
                        bias: Tensor::cat(&[query.bias, key.bias, value.bias], 0),
                    },
                    attention_output: linear(
                        &name(architecture.attention_output()),
                        hidden,
                        hidden,
                    )?,
                    attention_norm: norm(&name(architecture.attention_norm()))?,
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
            segments: match architecture {
                Architecture::Bert => Some(take(SEGMENT_TABLE, &[config.type_vocab_size, hidden])?),
                Architecture::Mpnet => None,
            },
            relative: match architecture {
                Architecture::Bert => None,
                Architecture::Mpnet => Some(take(
                    RELATIVE_TABLE,
                    &[
                        config.relative_attention_num_buckets,
                        config.num_attention_heads,
                    ],
                )?),
            },
            embedding_norm: norm("embeddings.LayerNorm")?,
            layers,
            heads: config.num_attention_heads,
            kind: precision.kind(),
            architecture,
            epsilon: config.epsilon(),
        })
    }

    /// The same encoder over what `change` makes of each weight, in the order of [`FusedEncoder::weights`].
    pub(crate) fn map(&self, change: &mut impl FnMut(&Tensor) -> Tensor) -> Self {
        let words = change(&self.words);
        let positions = change(&self.positions);
        let segments = self.segments.as_ref().map(&mut *change);
        let relative = self.relative.as_ref().map(&mut *change);
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
            relative,
            embedding_norm,
            layers,
            heads: self.heads,
            architecture: self.architecture,
            epsilon: self.epsilon,
        }
    }

    /// Every weight with its name, in a fixed order, the table of words first. Names are those of BERT's files, but that
    /// the three projections of attention are one tensor, `attention.self`.
    pub(crate) fn weights(&self) -> Vec<(String, &Tensor)> {
        let mut all = vec![
            ("embeddings.word_embeddings.weight".to_owned(), &self.words),
            (
                "embeddings.position_embeddings.weight".to_owned(),
                &self.positions,
            ),
        ];
        let tables = [
            (SEGMENT_TABLE, &self.segments),
            (RELATIVE_TABLE, &self.relative),
        ];
        for (name, table) in tables {
            all.extend(table.as_ref().map(|table| (name.to_owned(), table)));
        }
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

    /// Every weight under its name in the file, as [`FusedEncoder::load`] reads it.
    pub(crate) fn file_weights(&self) -> Vec<(String, Tensor)> {
        let projections = self.architecture.projections();
        let renamed = [
            (
                "attention.output.dense",
                self.architecture.attention_output(),
            ),
            (
                "attention.output.LayerNorm",
                self.architecture.attention_norm(),
            ),
        ];
        self.weights()
            .into_iter()
            .flat_map(|(name, tensor)| match name.split_once("attention.self.") {
                Some((layer, kind)) => tensor
                    .chunk(projections.len() as i64, 0)
                    .into_iter()
                    .zip(projections)
                    .map(|(part, of)| (format!("{layer}{of}.{kind}"), part))
                    .collect(),
                None => {
                    let name = renamed
                        .iter()
                        .fold(name, |name, (ours, theirs)| name.replace(ours, theirs));
                    vec![(name, tensor.shallow_clone())]
                }
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
        let first = self.architecture.first_position();
        let places = self.positions.f_narrow(0, first, length)?;
        let mut embedded = Tensor::f_embedding(&self.words, &batch.ids, -1, false, false)?;
        if let Some(table) = &self.segments {
            let segments = Tensor::f_embedding(table, &batch.segments, -1, false, false)?;
            embedded = embedded.f_add(&segments)?;
        }
        let embedded = embedded.f_add(&places)?;
        let mut hidden = self.embedding_norm.norm(&embedded, self.epsilon)?;
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
        let bias = match &self.relative {
            None => bias.f_expand([rows, 1, length, length], false)?,
            Some(table) => bias.f_add(&relative_bias(table, length)?)?,
        };
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
        let attended = layer
            .attention_norm
            .norm(&attended.f_add_(hidden)?, self.epsilon)?;
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
        layer
            .output_norm
            .norm(&narrow.f_add_(&attended)?, self.epsilon)
    }
}

/// The bias of attention between any two of `length` places, `[1, heads, length, length]`, the attending place first.
fn relative_bias(table: &Tensor, length: i64) -> Result<Tensor, TchError> {
    let (buckets, _) = table.size2()?;
    let steps: Vec<i64> = (0..length)
        .flat_map(|from| (0..length).map(move |to| relative_step(to - from, buckets)))
        .collect();
    let steps = Tensor::f_from_slice(&steps)?.f_reshape([length, length])?;
    Tensor::f_embedding(table, &steps, -1, false, false)?
        .f_permute([2, 0, 1])?
        .f_unsqueeze(0)
}

impl Encoder for FusedEncoder {
    fn token_vectors(&self, batch: &TokenBatch) -> Result<Tensor, ModelError> {
        tch::no_grad(|| self.forward(batch, None))
            .map_err(|error| ModelError::Encoder(error.to_string()))
    }

    fn share(&self) -> Result<Box<dyn Encoder>, ModelError> {
        Ok(Box::new(self.map(&mut Tensor::shallow_clone)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tch::{Device, Kind, Tensor};

    use super::FusedEncoder;
    use crate::model::{Encoder, Precision, TokenBatch, load_config};

    /// MPNet as transformers computes it: `tests/reference/mpnet.py`.
    #[test]
    fn mpnet_is_that_of_transformers() {
        let reference: Value =
            serde_json::from_str(include_str!("../../tests/reference/mpnet.json")).expect("JSON");
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let at = |file: &str| folder.path().join(file);
        let config = r#"{"model_type":"mpnet","vocab_size":60,"hidden_size":32,"num_hidden_layers":2,
            "num_attention_heads":4,"intermediate_size":48,"max_position_embeddings":260,
            "relative_attention_num_buckets":32,"hidden_act":"gelu"}"#;
        std::fs::write(at("config.json"), config).expect("writable");
        let shape = |name: &str| -> Vec<i64> {
            let weight = name.ends_with(".weight");
            match name {
                _ if name.contains("word_embeddings") => vec![60, 32],
                _ if name.contains("position_embeddings") => vec![260, 32],
                _ if name.contains("relative_attention_bias") => vec![32, 4],
                _ if name.contains("LayerNorm") => vec![32],
                _ if name.contains("intermediate") && weight => vec![48, 32],
                _ if name.contains("intermediate") => vec![48],
                _ if name.contains(".output.dense") && weight => vec![32, 48],
                _ if weight => vec![32, 32],
                _ => vec![32],
            }
        };
        let names = reference["parameters"].as_array().expect("names");
        let tensors: Vec<(String, Tensor)> = names
            .iter()
            .enumerate()
            .map(|(number, name)| {
                let name = name.as_str().expect("a name");
                let count: i64 = shape(name).iter().product();
                let base = f64::from(u8::from(name.ends_with("LayerNorm.weight")));
                let values: Vec<f32> = (0..count)
                    .map(|place| {
                        (base + 0.3 * (0.7 * place as f64 + 1.3 * number as f64).sin()) as f32
                    })
                    .collect();
                let tensor = Tensor::from_slice(&values).reshape(shape(name));
                (name.to_owned(), tensor)
            })
            .collect();
        Tensor::write_safetensors(&tensors, at("model.safetensors")).expect("writable");

        let config = load_config(&at("config.json")).expect("a configuration");
        let encoder = FusedEncoder::load(&config, &at("model.safetensors"), Precision::F32)
            .expect("it loads");
        // What is written is what was read.
        let mut written = encoder.file_weights();
        written.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(written.len(), tensors.len());
        for ((name, tensor), (expected, original)) in written.iter().zip(&tensors) {
            assert_eq!((name, tensor), (expected, original));
        }

        let ids = Tensor::arange(400, (Kind::Int64, Device::Cpu)) * 7;
        let ids = ids.remainder(50).reshape([2, 200]) + 5;
        let mask = ids.ones_like();
        let _ = mask.get(1).narrow(0, 150, 50).fill_(0);
        let batch = TokenBatch {
            segments: ids.zeros_like(),
            ids,
            mask,
        };
        let vectors = encoder.token_vectors(&batch).expect("it encodes");
        for case in reference["cases"].as_array().expect("cases") {
            let place = |field: &str| case[field].as_i64().expect("a place");
            for (number, expected) in case["numbers"]
                .as_array()
                .expect("numbers")
                .iter()
                .enumerate()
            {
                let ours = vectors.double_value(&[place("row"), place("token"), number as i64]);
                let theirs = expected.as_f64().expect("a number");
                assert!(
                    (ours - theirs).abs() < 1e-4,
                    "{ours} and {theirs} in {case}"
                );
            }
        }
    }
}
