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

/// Makes a head for any theme out of the theme's own text, for themes without a trained one: the row of weights is a linear
/// function of the text's vector, and the log odds of a comment are the greatest over the comment as a whole and its
/// sentences. So a theme costs one product a sentence, and scoring never compares texts pair by pair (as in Pappas and
/// Henderson 2019, "GILE: a generalized input-label embedding for text classification", with a bilinear form).
#[derive(Debug, Clone, PartialEq)]
pub struct Describer {
    /// `hidden × hidden`: from the vector of a theme's text to its row of weights.
    pub weights: Array2<f32>,
    /// Log odds where the product is 0.
    pub bias: f64,
    /// The probability from which a text has the theme.
    pub threshold: f64,
}

impl Describer {
    /// The row of weights of the theme whose text has this vector.
    pub fn row(&self, of_text: ArrayView1<'_, f64>) -> Array1<f32> {
        self.weights.dot(&of_text.mapv(|value| value as f32))
    }

    /// The describer whose log odds are `slope × logit + intercept` of this one's.
    pub fn calibrated(&self, slope: f64, intercept: f64, threshold: f64) -> Self {
        Self {
            weights: &self.weights * slope as f32,
            bias: self.bias * slope + intercept,
            threshold,
        }
    }

    /// The log odds of themes for one text: `rows` are their rows, `[themes, hidden]`, `whole` is the text's vector and
    /// `sentences` those of its sentences.
    pub fn logits(
        &self,
        rows: &Array2<f32>,
        whole: ArrayView1<'_, f64>,
        sentences: &Array2<f32>,
    ) -> Array1<f64> {
        let whole = rows.dot(&whole.mapv(|value| value as f32));
        let of_sentences = sentences.dot(&rows.t());
        let greatest = of_sentences.outer_iter().fold(whole, |mut greatest, row| {
            greatest.zip_mut_with(&row, |a, b| *a = a.max(*b));
            greatest
        });
        greatest.mapv(|product| f64::from(product) + self.bias)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DescriberFile {
    weights: Vec<Vec<f32>>,
    bias: f64,
    threshold: f64,
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
    pub describer: Describer,
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
    describer: DescriberFile,
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
        let rows = file.describer.weights;
        if rows.len() != hidden_size || rows.iter().any(|row| row.len() != hidden_size) {
            return Err(invalid(format!(
                "the describer is not of {hidden_size} by {hidden_size} numbers"
            )));
        }
        let flat: Vec<f32> = rows.into_iter().flatten().collect();
        if !flat.iter().all(|value| value.is_finite()) || !file.describer.bias.is_finite() {
            return Err(invalid(
                "a number of the describer is not finite".to_owned(),
            ));
        }
        let weights = Array2::from_shape_vec((hidden_size, hidden_size), flat)
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Self {
            sentiment,
            themes,
            attitudes,
            theme_heads: file.theme_heads,
            describer: Describer {
                weights,
                bias: file.describer.bias,
                threshold: file.describer.threshold,
            },
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
            describer: DescriberFile {
                weights: self
                    .describer
                    .weights
                    .axis_iter(Axis(0))
                    .map(|row| row.to_vec())
                    .collect(),
                bias: self.describer.bias,
                threshold: self.describer.threshold,
            },
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
