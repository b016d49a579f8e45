//! The training settings, read from a TOML file.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::labelled::LabelledError;
use crate::model::ModelError;
use crate::themes::ThemesError;

/// Why training cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// The settings file is unreadable or malformed.
    #[error("{file}: {problem}")]
    Config {
        /// The file's path.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// A training file is unreadable or malformed.
    #[error(transparent)]
    Data(#[from] LabelledError),
    /// The encoder or the bundle fails.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The taxonomy is refused.
    #[error(transparent)]
    Themes(#[from] ThemesError),
    /// libtorch refuses a computation while fitting.
    #[error("fitting failed: {0}")]
    Fit(#[from] tch::TchError),
    /// A fit went astray.
    #[error("fitting failed: {0}; check the settings' l2 and weights")]
    Unusable(String),
    /// A file cannot be learnt from.
    #[error("{file}: {problem}")]
    Unlearnable {
        /// The file's path.
        file: String,
        /// What is missing or wrong, and what to do.
        problem: String,
    },
}

/// Everything that decides what training gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// The bundle's name.
    pub name: String,
    /// Seed of everything random: which texts are taken, how the folds are drawn.
    pub seed: u64,
    /// The sentiment head.
    pub sentiment: SentimentConfig,
    /// The theme head.
    pub themes: ThemesConfig,
}

/// Settings of the sentiment head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentimentConfig {
    /// JSON Lines with `text`, `label` and `source`, relative to the data folder.
    pub file: String,
    /// The same form, to measure on while choosing settings.
    pub development: String,
    /// At most this many texts of each source are taken, drawn at random.
    pub per_source: usize,
    /// What one comment of the themes file weighs, against 1 for a text of `file`.
    pub comment_weight: f64,
    /// Factor of half the squared weights in the loss, for standardised inputs.
    pub l2: f64,
}

/// Settings of the theme head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemesConfig {
    /// Labelled comments; only those of `split: train` are used. Relative to the data folder.
    pub file: String,
    /// Factor of half the squared weights in the loss, for standardised inputs.
    pub l2: f64,
    /// Folds of the cross-validation that chooses the thresholds; at least 2.
    pub folds: usize,
}

impl TrainingConfig {
    /// Reads the settings.
    ///
    /// # Errors
    /// The file is unreadable, a field is missing or misspelt, or a number is out of range.
    pub fn from_file(path: &Path) -> Result<Self, TrainingError> {
        let refused = |problem: String| TrainingError::Config {
            file: path.display().to_string(),
            problem,
        };
        let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        let config: Self = toml::from_str(&text).map_err(|error| refused(error.to_string()))?;
        if config.themes.folds < 2 {
            return Err(refused("themes.folds must be at least 2".to_owned()));
        }
        if config.sentiment.per_source == 0 {
            return Err(refused(
                "sentiment.per_source must be at least 1".to_owned(),
            ));
        }
        for (name, value) in [
            ("sentiment.comment_weight", config.sentiment.comment_weight),
            ("sentiment.l2", config.sentiment.l2),
            ("themes.l2", config.themes.l2),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(refused(format!(
                    "{name} is {value}; give a number of at least 0"
                )));
            }
        }
        Ok(config)
    }
}
