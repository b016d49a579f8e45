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
    /// libtorch refuses a computation.
    #[error("training failed: {0}")]
    Tensors(#[from] tch::TchError),
    /// Training went astray.
    #[error("training failed: {0}; lower the rates of the phase, or raise its warmup")]
    Astray(String),
    /// A checkpoint cannot be written.
    #[error("{file}: {problem}; free some space or give another folder with --checkpoints")]
    Unwritable {
        /// The file's path.
        file: String,
        /// What the system said.
        problem: String,
    },
    /// A checkpoint cannot be read.
    #[error("{file}: {problem}; delete it, and training goes on without it")]
    Damaged {
        /// The file's path.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
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
    /// Seed of everything random: order, dropout, which texts are taken.
    pub seed: u64,
    /// What is learnt from.
    pub data: DataConfig,
    /// How a step goes.
    pub steps: StepConfig,
    /// What is minimised.
    pub loss: LossConfig,
    /// Themes as texts; without it they are not learnt, and themes without a head are found as well as may be.
    #[serde(default)]
    pub described: Option<DescribedConfig>,
    /// What is known of themes that the model has not learnt; without it they are taken for like those that it has.
    #[serde(default)]
    pub new_themes: Option<NewThemesConfig>,
    /// One after the other.
    pub phase: Vec<PhaseConfig>,
    /// What the finished bundle is measured on, for its card.
    #[serde(default)]
    pub test: Vec<TestConfig>,
}

/// Themes learnt as texts, so that others can be found by their texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescribedConfig {
    /// Fine topics beside the themes, in the folder of comments: a file like `themes.toml`, each with the themes that it
    /// lies `within`. Comments name theirs under `topics`.
    pub topics: String,
    /// Share of the topics that is not learnt: calibration and threshold are chosen on these and on the themes.
    pub held: f64,
    /// Texts of themes that each part of a step compares its examples with.
    pub at_once: usize,
}

/// How well themes are found that the model has not learnt, by models that were trained without some of the themes
/// (`data.without_themes`): themes that it has learnt look far surer than new ones are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewThemesConfig {
    /// Slope of the logistic curve from the log odds that calibration gives to those of the themes left out (Platt 1999).
    pub slope: f64,
    /// Its intercept.
    pub intercept: f64,
    /// The probability on that curve with the best micro F1 over the themes left out; above 0, below 1.
    pub threshold: f64,
}

/// Labelled texts that play no part in training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestConfig {
    /// What the card calls it.
    pub name: String,
    /// A labelled file, in the folder of texts or else in that of comments; of entries with a `split`, those held out.
    pub file: String,
}

/// The files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// JSON Lines with `text`, `label` and `source`, in the folder of texts.
    pub texts: String,
    /// The same form, to measure on while training.
    pub development: String,
    /// Sources of texts that are left out, to be tested on.
    #[serde(default)]
    pub without: Vec<String>,
    /// Themes that are left out, with all topics within them: they get no head, to be tested on as themes that a user adds.
    #[serde(default)]
    pub without_themes: Vec<String>,
    /// Labelled comments, in the folder of comments. Training learns from those of `split: train` and makes its choices
    /// on those of `split: development`.
    pub comments: Vec<String>,
    /// The share of the comments to learn from that is used, drawn by thread: for learning curves.
    pub share: f64,
}

/// How a step goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepConfig {
    /// Examples a step.
    pub batch: usize,
    /// Parts of a batch that are computed side by side, each on one core. It belongs to the settings because gradients
    /// are added part by part: the same number gives the same weights on any number of cores.
    pub parts: usize,
    /// Share of activations that dropout silences, to the nearest 1 in 256 (Srivastava et al. 2014).
    pub dropout: f64,
    /// Share of answers that are shown without what they answer, so that both are learnt.
    pub alone: f64,
    /// Whether the table of word vectors is trained too; it is half of the parameters of a small encoder, and changes
    /// least.
    pub words: bool,
    /// How many layers are trained, from the top; the others stay as they are, which saves time. All of them if it is
    /// not given; with fewer than all, no embeddings are trained.
    #[serde(default)]
    pub layers: Option<usize>,
    /// AdamW's decay of matrices (Loshchilov and Hutter 2019).
    pub weight_decay: f64,
    /// What a layer's rate is to that of the layer above (Howard and Ruder 2018).
    pub layer_decay: f64,
    /// The greatest norm of a step's gradient; a longer one is shortened to it (Pascanu et al. 2013).
    pub clip: f64,
}

/// What is minimised: the weighted sum of cross entropies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossConfig {
    /// Weight of a general text's sentiment.
    pub text_sentiment: f64,
    /// Weight of a comment's sentiment.
    pub comment_sentiment: f64,
    /// Weight of a comment's themes: of the sum over themes.
    pub themes: f64,
    /// Weight of a comment's attitudes: of the mean over its themes.
    pub attitudes: f64,
    /// Share of a sentiment or attitude label that is spread over all three (Szegedy et al. 2016).
    pub smoothing: f64,
    /// How far rare sentiments are weighed up: 0 not at all, 1 until all three weigh the same.
    pub balance: f64,
}

/// A stretch of training with a schedule of its own: the rate rises, then falls to 0, both linearly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseConfig {
    /// Passes over the texts.
    pub texts: f64,
    /// Passes over the comments.
    pub comments: f64,
    /// Examples encoded at once, those of like length: more save overhead, fewer save the filling up of shorter ones.
    pub together: usize,
    /// Highest rate of the encoder's last layer.
    pub rate: f64,
    /// Highest rate of the heads.
    pub head_rate: f64,
    /// Share of the steps during which rates rise.
    pub warmup: f64,
    /// Share of an example's weight in the loss that the opinion of a teacher has, a finished bundle whose probabilities
    /// are learnt beside the labels (Hinton et al. 2015). 0 if it is not given: there is none.
    #[serde(default)]
    pub teacher: f64,
    /// Weight in the loss of a comment's comparisons with themes as texts: of the sum over those texts. 0 if it is not
    /// given: nothing is compared.
    #[serde(default)]
    pub described: f64,
    /// How often the phase measures itself on the development data.
    pub looks: usize,
}

impl NewThemesConfig {
    fn is_sound(&self) -> bool {
        let is_probability = self.threshold > 0.0 && self.threshold < 1.0;
        self.slope > 0.0 && self.slope.is_finite() && self.intercept.is_finite() && is_probability
    }
}

impl PhaseConfig {
    /// Whether it compares comments with themes as texts.
    pub(super) fn compares(&self) -> bool {
        self.described > 0.0 && self.comments > 0.0
    }
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
        config.check().map_err(refused)?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let Self {
            data, steps, loss, ..
        } = self;
        if self.phase.is_empty() {
            return Err("there is no [[phase]]; give one at least".to_owned());
        }
        let counts = [("steps.batch", steps.batch), ("steps.parts", steps.parts)];
        let of_phases = self.phase.iter();
        let of_phases = of_phases.map(|phase| ("phase.together", phase.together));
        let at_once = self.described.iter();
        let at_once = at_once.map(|described| ("described.at_once", described.at_once));
        let mut counts = counts.into_iter().chain(of_phases).chain(at_once);
        if let Some((name, _)) = counts.find(|(_, value)| *value == 0) {
            return Err(format!("{name} must be at least 1"));
        }
        let below_one = [
            ("steps.dropout", steps.dropout),
            ("loss.smoothing", loss.smoothing),
        ];
        if let Some((name, value)) = below_one
            .iter()
            .find(|(_, value)| !(0.0..1.0).contains(value))
        {
            return Err(format!(
                "{name} is {value}; give a number from 0 to below 1"
            ));
        }
        let shares = [
            ("data.share", data.share),
            ("steps.alone", steps.alone),
            ("steps.layer_decay", steps.layer_decay),
            ("loss.balance", loss.balance),
        ];
        let of_phases = self.phase.iter().flat_map(|phase| {
            [
                ("phase.warmup", phase.warmup),
                ("phase.teacher", phase.teacher),
            ]
        });
        if let Some((name, value)) = shares
            .into_iter()
            .chain(of_phases)
            .chain(
                self.described
                    .iter()
                    .map(|described| ("described.held", described.held)),
            )
            .find(|(_, value)| !(0.0..=1.0).contains(value))
        {
            return Err(format!("{name} is {value}; give a number from 0 to 1"));
        }
        let some = [("steps.clip", steps.clip), ("data.share", data.share)];
        if let Some((name, _)) = some.iter().find(|(_, value)| *value == 0.0) {
            return Err(format!("{name} is 0, so that nothing is learnt; give more"));
        }
        let sizes = [
            ("steps.weight_decay", steps.weight_decay),
            ("steps.clip", steps.clip),
            ("loss.text_sentiment", loss.text_sentiment),
            ("loss.comment_sentiment", loss.comment_sentiment),
            ("loss.themes", loss.themes),
            ("loss.attitudes", loss.attitudes),
        ];
        let of_phases = self.phase.iter().flat_map(|phase| {
            [
                ("phase.texts", phase.texts),
                ("phase.comments", phase.comments),
                ("phase.rate", phase.rate),
                ("phase.head_rate", phase.head_rate),
                ("phase.described", phase.described),
            ]
        });
        match sizes
            .into_iter()
            .chain(of_phases)
            .find(|(_, value)| !(value.is_finite() && *value >= 0.0))
        {
            Some((name, value)) => Err(format!("{name} is {value}; give a number of at least 0")),
            None if self
                .phase
                .iter()
                .any(|phase| phase.texts + phase.comments == 0.0) =>
            {
                Err("a [[phase]] goes over nothing; give it texts or comments".to_owned())
            }
            None if self.new_themes.is_some_and(|new| !new.is_sound()) => {
                Err("new_themes needs a slope above 0, a finite intercept and a threshold between 0 and 1".to_owned())
            }
            None if self.described.is_none() && self.phase.iter().any(PhaseConfig::compares) => {
                Err("a [[phase]] learns themes as texts; give [described] with their topics, or described = 0".to_owned())
            }
            None if self.described.is_some() && !self.phase.iter().any(PhaseConfig::compares) => {
                Err("[described] is never learnt; give a [[phase]] with comments described = 1.0, or leave it out".to_owned())
            }
            None => Ok(()),
        }
    }
}
