//! The transformers that can be read from a folder in the Hugging Face layout, and in what they differ.

use std::path::Path;

use serde::Deserialize;

use super::ModelError;

/// Kinds of tokens that a batch tells apart: those of the text, and those of the text it answers.
pub(super) const SEGMENTS: i64 = 2;

/// A family of encoders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Architecture {
    /// Devlin et al. 2019.
    #[default]
    Bert,
    /// Song et al. 2020: no token types, and a bias of attention by relative position that all layers share.
    Mpnet,
}

/// What a `config.json` says of an encoder.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct EncoderConfig {
    /// The family; BERT where nothing is said.
    #[serde(default, rename = "model_type")]
    pub architecture: Architecture,
    /// Numbers in a token's vector.
    pub hidden_size: i64,
    /// Numbers in the wide layers.
    pub intermediate_size: i64,
    /// How many layers there are.
    pub num_hidden_layers: i64,
    /// Attention heads of a layer; they divide `hidden_size`.
    pub num_attention_heads: i64,
    /// Tokens in the vocabulary.
    pub vocab_size: i64,
    /// Rows of the table of positions.
    pub max_position_embeddings: i64,
    /// Kinds of tokens; MPNet has none.
    #[serde(default)]
    pub type_vocab_size: i64,
    /// Steps of relative position; MPNet only.
    #[serde(default)]
    pub relative_attention_num_buckets: i64,
    /// What keeps layer norms from dividing by 0, where it is not what the family has.
    #[serde(default)]
    layer_norm_eps: Option<f64>,
    hidden_act: String,
}

impl EncoderConfig {
    /// Reads a `config.json` and checks that encoders can be built from it that take windows of `longest` tokens.
    ///
    /// # Errors
    /// The file is unreadable, a field is missing, or the numbers do not fit each other.
    pub fn from_file(path: &Path, longest: i64) -> Result<Self, ModelError> {
        let invalid = |problem: String| ModelError::Invalid {
            file: path.display().to_string(),
            problem,
        };
        let bytes = std::fs::read(path).map_err(|error| invalid(error.to_string()))?;
        let config: Self =
            serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
        config.check(longest).map_err(invalid)?;
        Ok(config)
    }

    /// What keeps layer norms from dividing by 0.
    pub fn epsilon(&self) -> f64 {
        let of_family = match self.architecture {
            Architecture::Bert => 1e-12,
            Architecture::Mpnet => 1e-5,
        };
        self.layer_norm_eps.unwrap_or(of_family)
    }

    fn check(&self, longest: i64) -> Result<(), String> {
        if self.hidden_act != "gelu" {
            return Err(format!("the activation is {}, not gelu", self.hidden_act));
        }
        let sizes = [
            self.hidden_size,
            self.intermediate_size,
            self.num_hidden_layers,
            self.num_attention_heads,
            self.vocab_size,
        ];
        if sizes.iter().any(|size| *size < 1) {
            return Err("a size is not a positive number".to_owned());
        }
        if self.hidden_size % self.num_attention_heads != 0 {
            return Err(format!(
                "{} attention heads do not divide {} numbers",
                self.num_attention_heads, self.hidden_size
            ));
        }
        let positions = self.max_position_embeddings - self.architecture.first_position();
        if positions < longest {
            return Err(format!(
                "it has {positions} positions, at least {longest} are needed"
            ));
        }
        match self.architecture {
            Architecture::Bert if self.type_vocab_size < SEGMENTS => Err(format!(
                "it has {} token types, at least {SEGMENTS} are needed",
                self.type_vocab_size
            )),
            Architecture::Mpnet if self.relative_attention_num_buckets < 4 => {
                Err("it has fewer than 4 steps of relative position".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl Architecture {
    /// The place of the first token in the table of positions.
    pub fn first_position(self) -> i64 {
        match self {
            Self::Bert => 0,
            Self::Mpnet => 2,
        }
    }

    /// Names of the projections to query, key and value, in this order, within a layer.
    pub fn projections(self) -> [&'static str; 3] {
        match self {
            Self::Bert => [
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
            ],
            Self::Mpnet => ["attention.attn.q", "attention.attn.k", "attention.attn.v"],
        }
    }

    /// Name of the output of attention within a layer.
    pub fn attention_output(self) -> &'static str {
        match self {
            Self::Bert => "attention.output.dense",
            Self::Mpnet => "attention.attn.o",
        }
    }

    /// Name of the layer norm after attention within a layer.
    pub fn attention_norm(self) -> &'static str {
        match self {
            Self::Bert => "attention.output.LayerNorm",
            Self::Mpnet => "attention.LayerNorm",
        }
    }
}

/// The step of relative position, from 0 to below `buckets`, for a token that is `distance` places after the one that
/// attends to it (negative: before). Half of the steps is for either side; of these the first half stands for single
/// places, the rest for ranges that grow to 128 (Raffel et al. 2020, as in T5 and MPNet).
pub(super) fn relative_step(distance: i64, buckets: i64) -> i64 {
    let side = buckets / 2;
    let exact = side / 2;
    let places = distance.abs();
    let step = if places < exact {
        places
    } else {
        let share = (places as f64 / exact as f64).ln() / (128.0 / exact as f64).ln();
        (exact + (share * (side - exact) as f64) as i64).min(side - 1)
    };
    if distance > 0 { side + step } else { step }
}
