//! `config.json` of a classifier, checked.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{read, unusable};
use crate::model::{ModelError, Sentiment};

pub(super) const CONFIG: &str = "config.json";

/// Tokens of the longest text that is read at once, for models that could read more: attention costs their square.
const LONGEST: usize = 512;

/// Tokens of the shortest window that a text can sensibly be cut into.
const SHORTEST: usize = 8;

/// rust-bert computes layer norms with an epsilon of its own, 1e-12. Up to this one the probabilities are the same to four
/// places, which a test holds.
const GREATEST_EPSILON: f64 = 1e-5;

/// Fields that bear on nothing here, and that some files hold in forms which rust-bert refuses.
const IGNORED: [&str; 3] = ["label2id", "output_attentions", "output_hidden_states"];

/// The kinds of classifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Bert,
    Roberta,
    XlmRoberta,
    DistilBert,
    Deberta,
    DebertaV2,
}

/// What a classifier is, by its `config.json`.
pub(super) struct Settings {
    pub path: PathBuf,
    /// The file's bytes.
    pub text: Vec<u8>,
    pub family: Family,
    /// What each class stands for.
    pub classes: Vec<Sentiment>,
    /// Tokens of the longest text that can be read at once.
    pub longest: usize,
    /// Rows of its table of word vectors.
    pub words: u64,
    fields: Map<String, Value>,
}

impl Settings {
    /// Reads the settings of the classifier in a folder.
    ///
    /// # Errors
    /// The file is missing or makes no sense, the architecture is another one, or the labels do not say which of them are
    /// negative and positive.
    pub fn read(dir: &Path) -> Result<Self, ModelError> {
        let path = dir.join(CONFIG);
        let text = read(&path)?;
        let refused = |problem: String| unusable(&path, &problem);
        let mut fields: Map<String, Value> =
            serde_json::from_slice(&text).map_err(|error| refused(error.to_string()))?;
        let classes = classes(&fields).map_err(refused)?;
        let family = Family::of(&fields).map_err(refused)?;
        family.complete(&mut fields);
        if let Some(problem) = family.unusable(&fields) {
            return Err(refused(problem));
        }
        let positions = number(&fields, "max_position_embeddings");
        // RoBERTa's positions begin after that of padding.
        let reserved = if family.is_roberta() { 2 } else { 0 };
        let longest = positions.saturating_sub(reserved).min(LONGEST as u64) as usize;
        if longest < SHORTEST {
            return Err(refused(format!(
                "max_position_embeddings is {positions}, too few for a text"
            )));
        }
        Ok(Self {
            words: number(&fields, "vocab_size"),
            path,
            text,
            family,
            classes,
            longest,
            fields,
        })
    }

    /// The settings as rust-bert takes them.
    pub fn parsed<T: DeserializeOwned>(&self) -> Result<T, ModelError> {
        serde_json::from_value(Value::Object(self.fields.clone()))
            .map_err(|error| unusable(&self.path, &error.to_string()))
    }
}

impl Family {
    fn of(fields: &Map<String, Value>) -> Result<Self, String> {
        let name = fields.get("model_type").and_then(Value::as_str);
        match name.unwrap_or_default() {
            "bert" => Ok(Self::Bert),
            "roberta" => Ok(Self::Roberta),
            "xlm-roberta" => Ok(Self::XlmRoberta),
            "distilbert" => Ok(Self::DistilBert),
            "deberta" => Ok(Self::Deberta),
            "deberta-v2" => Ok(Self::DebertaV2),
            other => Err(format!(
                "its model_type is {other:?}; undertone can use bert, roberta, xlm-roberta, distilbert, deberta and deberta-v2"
            )),
        }
    }

    fn is_roberta(self) -> bool {
        matches!(self, Self::Roberta | Self::XlmRoberta)
    }

    fn is_deberta(self) -> bool {
        matches!(self, Self::Deberta | Self::DebertaV2)
    }

    /// What transformers takes for the fields that rust-bert insists on and files may leave out.
    fn defaults(self) -> Value {
        let words = match self {
            Self::Roberta | Self::Deberta => 50265,
            Self::DebertaV2 => 128_100,
            _ => 30522,
        };
        match self {
            Self::DistilBert => json!({
                "activation": "gelu", "attention_dropout": 0.1, "dim": 768, "dropout": 0.1, "hidden_dim": 3072,
                "initializer_range": 0.02, "max_position_embeddings": 512, "n_heads": 12, "n_layers": 6,
                "qa_dropout": 0.1, "seq_classif_dropout": 0.2, "tie_weights_": false, "vocab_size": words,
            }),
            _ => {
                let is_large = self == Self::DebertaV2;
                json!({
                    "hidden_act": "gelu", "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1,
                    "hidden_size": if is_large { 1536 } else { 768 }, "initializer_range": 0.02,
                    "intermediate_size": if is_large { 6144 } else { 3072 }, "max_position_embeddings": 512,
                    "num_attention_heads": if is_large { 24 } else { 12 },
                    "num_hidden_layers": if is_large { 24 } else { 12 },
                    "type_vocab_size": if self.is_deberta() { 0 } else { 2 }, "vocab_size": words,
                })
            }
        }
    }

    /// Puts the fields into a form that rust-bert takes, their meaning kept.
    fn complete(self, fields: &mut Map<String, Value>) {
        fields.retain(|name, value| !value.is_null() && !IGNORED.contains(&name.as_str()));
        if let Value::Object(defaults) = self.defaults() {
            for (name, default) in defaults {
                fields.entry(name).or_insert(default);
            }
        }
        if self == Self::DistilBert {
            // The file of weights has the table of positions, however it was made.
            fields.insert("sinusoidal_pos_embds".to_owned(), Value::Bool(false));
        }
        for name in ["pos_att_type", "norm_rel_ebd"] {
            if let Some(Value::String(words)) = fields.get(name) {
                let words = words.split('|').map(|word| word.trim().to_lowercase());
                // Of a norm; the other has no such word.
                let words: Value = words
                    .filter(|word| name == "pos_att_type" || word != "none")
                    .collect();
                fields.insert(name.to_owned(), words);
            }
        }
    }

    /// Why a classifier with these settings would be computed wrongly or not at all, if it would.
    fn unusable(self, fields: &Map<String, Value>) -> Option<String> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        if text("problem_type") == Some("multi_label_classification") {
            return Some("its problem_type is multi_label_classification: a text may have several of its classes; undertone needs a classifier that chooses one".to_owned());
        }
        let positions = text("position_embedding_type").unwrap_or("absolute");
        if positions != "absolute" {
            return Some(format!(
                "its position_embedding_type is {positions}; undertone can use absolute positions only"
            ));
        }
        let padding = fields.get("pad_token_id").unwrap_or(&Value::Null);
        if self.is_roberta() && !padding.is_null() && *padding != 1 {
            return Some(format!(
                "its pad_token_id is {padding}; undertone can use a RoBERTa only if it is 1"
            ));
        }
        if self == Self::Deberta && fields.get("talking_head") == Some(&Value::Bool(true)) {
            return Some(
                "its heads talk to each other (talking_head); undertone needs heads that do not"
                    .to_owned(),
            );
        }
        let epsilon = fields.get("layer_norm_eps").and_then(Value::as_f64);
        let is_too_great = |epsilon: &f64| !self.is_deberta() && *epsilon > GREATEST_EPSILON;
        if let Some(epsilon) = epsilon.filter(is_too_great) {
            return Some(format!(
                "its layer_norm_eps is {epsilon}; undertone can use at most {GREATEST_EPSILON}"
            ));
        }
        let (hidden, heads) = match self {
            Self::DistilBert => ("dim", "n_heads"),
            _ => ("hidden_size", "num_attention_heads"),
        };
        let (numbers, parts) = (number(fields, hidden), number(fields, heads));
        if numbers == 0 || parts == 0 || numbers % parts != 0 {
            return Some(format!(
                "{hidden} must be a multiple of {heads}, and neither of them 0"
            ));
        }
        let known = |name: &str, known: &[&str]| match fields.get(name) {
            None => true,
            Some(Value::Array(words)) => {
                let mut words = words.iter().map(|word| word.as_str().unwrap_or_default());
                words.all(|word| known.contains(&word))
            }
            Some(_) => false,
        };
        let wrong = [
            ("pos_att_type", ["c2p", "p2c", "p2p"].as_slice()),
            ("norm_rel_ebd", &["layer_norm"]),
        ]
        .into_iter()
        .find(|(name, words)| self.is_deberta() && !known(name, words));
        wrong.map(|(name, words)| {
            format!(
                "{name} is {}; undertone knows {}",
                fields.get(name).unwrap_or(&Value::Null),
                words.join(", ")
            )
        })
    }
}

/// A whole number; 0 where there is none.
fn number(fields: &Map<String, Value>, name: &str) -> u64 {
    fields.get(name).and_then(Value::as_u64).unwrap_or(0)
}

/// The sentiment of each class, by its name: what says negative, neutral or positive, or 1 to 5 stars.
pub(super) fn classes(fields: &Map<String, Value>) -> Result<Vec<Sentiment>, String> {
    let labels = fields
        .get("id2label")
        .and_then(Value::as_object)
        .ok_or("it has no id2label, so that nobody knows what its classes mean")?;
    let mut named: Vec<(usize, &str)> = Vec::new();
    for (id, label) in labels {
        let id = id
            .parse()
            .map_err(|_| format!("id2label has the id {id:?}"))?;
        let label = label
            .as_str()
            .ok_or("id2label has a label that is no text")?;
        named.push((id, label));
    }
    named.sort_unstable();
    let names: Vec<&str> = named.iter().map(|(_, label)| *label).collect();
    if named
        .iter()
        .enumerate()
        .any(|(place, (id, _))| place != *id)
    {
        return Err(format!(
            "the ids of its labels ({}) leave gaps",
            names.join(", ")
        ));
    }
    let classes: Option<Vec<Sentiment>> = names.iter().map(|name| sentiment_of(name)).collect();
    let usable = classes.filter(|classes| {
        classes.contains(&Sentiment::Negative) && classes.contains(&Sentiment::Positive)
    });
    usable.ok_or_else(|| {
        format!(
            "its labels are {}; undertone can use negative, neutral and positive, or 1 to 5 stars: correct id2label if you know what they mean",
            names.join(", ")
        )
    })
}

fn sentiment_of(label: &str) -> Option<Sentiment> {
    let label = label.to_lowercase();
    let stars = label.strip_suffix(" stars").or(label.strip_suffix(" star"));
    match stars.and_then(|stars| stars.parse::<u8>().ok()) {
        Some(1 | 2) => return Some(Sentiment::Negative),
        Some(3) => return Some(Sentiment::Neutral),
        Some(4 | 5) => return Some(Sentiment::Positive),
        _ => {}
    }
    let said = |word: &str| label.contains(word);
    match (said("neg"), said("neu"), said("pos")) {
        (true, false, false) => Some(Sentiment::Negative),
        (false, true, false) => Some(Sentiment::Neutral),
        (false, false, true) => Some(Sentiment::Positive),
        _ => None,
    }
}
