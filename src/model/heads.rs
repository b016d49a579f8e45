//! The classification heads: linear layers on the pooled, length-normalised text vector.

use std::path::Path;

use ndarray::{Array1, Array2, ArrayView1, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ModelError;

/// The attitude a text expresses, in the order of every probability triple.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Sentiment {
    /// Complaint, anger, sadness, mockery.
    Negative,
    /// Facts, questions, pasted news; mixed without a winner.
    Neutral,
    /// Praise, hope, thanks.
    Positive,
}

impl Sentiment {
    /// All three, in the order of probabilities.
    pub const ALL: [Self; 3] = [Self::Negative, Self::Neutral, Self::Positive];

    /// The name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

/// A linear layer: `rows` outputs from `columns` inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearHead {
    weights: Array2<f64>,
    bias: Array1<f64>,
}

impl LinearHead {
    /// Puts a layer together; `weights` is `rows × columns`, `bias` has `rows` entries, all finite.
    ///
    /// # Errors
    /// The shapes do not fit together, or a number is not finite; the message says which.
    pub fn new(weights: Array2<f64>, bias: Array1<f64>) -> Result<Self, String> {
        if weights.nrows() != bias.len() {
            return Err(format!(
                "{} rows of weights but {} biases",
                weights.nrows(),
                bias.len()
            ));
        }
        if !weights
            .iter()
            .chain(bias.iter())
            .all(|value| value.is_finite())
        {
            return Err("a weight or bias is not a finite number".to_owned());
        }
        Ok(Self { weights, bias })
    }

    /// One logit per row. `input` must have as many entries as the layer has columns.
    pub fn logits(&self, input: ArrayView1<'_, f64>) -> Array1<f64> {
        self.weights.dot(&input) + &self.bias
    }

    /// The layer whose logits are `slope × logit + intercept` of this one's.
    pub fn calibrated(&self, slope: f64, intercept: f64) -> Self {
        Self {
            weights: &self.weights * slope,
            bias: &self.bias * slope + intercept,
        }
    }

    fn from_file(head: HeadFile) -> Result<Self, String> {
        let rows = head.weights.len();
        let columns = head.weights.first().map_or(0, Vec::len);
        if head.weights.iter().any(|row| row.len() != columns) {
            return Err("rows of weights of unequal length".to_owned());
        }
        let flat = head.weights.into_iter().flatten().collect();
        let weights =
            Array2::from_shape_vec((rows, columns), flat).map_err(|error| error.to_string())?;
        Self::new(weights, Array1::from_vec(head.bias))
    }

    fn to_file(&self) -> HeadFile {
        HeadFile {
            weights: self
                .weights
                .axis_iter(Axis(0))
                .map(|row| row.to_vec())
                .collect(),
            bias: self.bias.to_vec(),
        }
    }
}

/// A theme the bundle was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeHead {
    /// The theme's id in the taxonomy it was trained with.
    pub id: String,
    /// The probability from which a text has the theme, chosen on development data.
    pub threshold: f64,
}

/// Turns nearness of a text to a theme's description into a probability: a logistic curve over the cosine, fitted
/// once over all themes of the development data (Platt 1999). Serves themes without a head of their own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nearness {
    /// Factor of the cosine in the log odds.
    pub slope: f64,
    /// Log odds at cosine 0.
    pub intercept: f64,
    /// The probability from which a text has the theme.
    pub threshold: f64,
}

impl Nearness {
    /// The probability that a text at this cosine to the description has the theme.
    pub fn probability(&self, cosine: f64) -> f64 {
        sigmoid(self.slope * cosine + self.intercept)
    }
}

/// Everything that turns a text vector into scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Heads {
    /// Three rows, in the order of [`Sentiment::ALL`].
    pub sentiment: LinearHead,
    /// One row per entry of `theme_heads`.
    pub themes: LinearHead,
    /// Three rows per entry of `theme_heads`, in the order of [`Sentiment::ALL`]: the attitude to the theme, given that
    /// a text has it.
    pub attitudes: LinearHead,
    /// What the rows of `themes` stand for.
    pub theme_heads: Vec<ThemeHead>,
    /// For themes without a row.
    pub nearness: Nearness,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadFile {
    weights: Vec<Vec<f64>>,
    bias: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadsFile {
    sentiment_labels: [Sentiment; 3],
    sentiment: HeadFile,
    theme_heads: Vec<ThemeHead>,
    themes: HeadFile,
    attitudes: HeadFile,
    nearness: Nearness,
}

impl Heads {
    /// Reads `heads.json` of a bundle whose encoder gives vectors of `hidden_size` numbers.
    ///
    /// # Errors
    /// The file is unreadable, or its shapes do not fit the encoder or each other.
    pub fn load(path: &Path, hidden_size: usize) -> Result<Self, ModelError> {
        let invalid = |problem: String| ModelError::Invalid {
            file: path.display().to_string(),
            problem,
        };
        let text = std::fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
        let file: HeadsFile =
            serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        if file.sentiment_labels != Sentiment::ALL {
            return Err(invalid(
                "the sentiment labels are not negative, neutral, positive".to_owned(),
            ));
        }
        let sentiment = LinearHead::from_file(file.sentiment).map_err(invalid)?;
        let themes = LinearHead::from_file(file.themes).map_err(invalid)?;
        let attitudes = LinearHead::from_file(file.attitudes).map_err(invalid)?;
        let (classes, count) = (Sentiment::ALL.len(), file.theme_heads.len());
        for (name, head, rows) in [
            ("sentiment", &sentiment, classes),
            ("themes", &themes, count),
            ("attitudes", &attitudes, classes * count),
        ] {
            if head.weights.dim() != (rows, hidden_size) {
                return Err(invalid(format!(
                    "the {name} head is {:?}, the encoder needs ({rows}, {hidden_size})",
                    head.weights.dim()
                )));
            }
        }
        Ok(Self {
            sentiment,
            themes,
            attitudes,
            theme_heads: file.theme_heads,
            nearness: file.nearness,
        })
    }

    /// Writes `heads.json`.
    ///
    /// # Errors
    /// What the system says when the file cannot be written.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let file = HeadsFile {
            sentiment_labels: Sentiment::ALL,
            sentiment: self.sentiment.to_file(),
            theme_heads: self.theme_heads.clone(),
            themes: self.themes.to_file(),
            attitudes: self.attitudes.to_file(),
            nearness: self.nearness,
        };
        let mut text = serde_json::to_string(&file)?;
        text.push('\n');
        std::fs::write(path, text)
    }
}

/// The logistic function.
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Probabilities from logits; the greatest is subtracted first, so that nothing overflows.
pub(crate) fn softmax(logits: ArrayView1<'_, f64>) -> Array1<f64> {
    let greatest = logits.fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    let exponentials = logits.mapv(|x| (x - greatest).exp());
    let sum = exponentials.sum();
    exponentials / sum
}

/// The place of the greatest value; of equal ones the first.
pub(crate) fn place_of_greatest(values: &[f64]) -> usize {
    let mut best = 0;
    for place in 1..values.len() {
        if values[place] > values[best] {
            best = place;
        }
    }
    best
}
