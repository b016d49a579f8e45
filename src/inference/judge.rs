//! From text vectors to sentiment and themes under a taxonomy.

use ndarray::{Array1, Array2};

use super::pooling::Vectors;
use crate::hash::sha256;
use crate::model::{Heads, ModelError, Sentiment};
use crate::model::{place_of_greatest, sigmoid, softmax};
use crate::themes::{Overlay, Taxonomy};

/// Of a text without words of the writer's own.
pub(super) const NEUTRAL: [f64; 3] = [0.0, 1.0, 0.0];

/// What the model says about one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Probabilities in the order of [`Sentiment::ALL`]; they add up to 1.
    pub sentiment: [f64; 3],
    /// A probability per theme, in the order of the taxonomy.
    pub themes: Vec<f64>,
    /// Whether each probability reaches its theme's threshold.
    pub assigned: Vec<bool>,
    /// The attitude to each theme, given that the text has it: probabilities like those of the sentiment, which stands in
    /// for themes that the model was not trained on.
    pub attitudes: Vec<[f64; 3]>,
}

impl Scores {
    /// The most probable sentiment.
    pub fn label(&self) -> Sentiment {
        most_probable(&self.sentiment)
    }
}

/// The most probable of three; of equal ones the first in the order negative, neutral, positive.
pub fn most_probable(probabilities: &[f64; 3]) -> Sentiment {
    Sentiment::ALL[place_of_greatest(probabilities)]
}

/// How one theme of the taxonomy is scored.
#[derive(Debug, Clone, PartialEq)]
pub struct ThemeScorer {
    /// The theme's id.
    pub id: String,
    /// A text has the theme from this probability on.
    pub threshold: f64,
    /// How many labels of the user's own it was improved with; 0 without any.
    pub labels: u64,
    /// Whether the model was trained on the theme; otherwise it is found by its title, description and phrases.
    pub trained: bool,
    means: Means,
    /// What the user's labels add to the log odds.
    added: Option<Added>,
}

/// A linear function of the text's vector.
#[derive(Debug, Clone, PartialEq)]
struct Added {
    weights: Array1<f64>,
    bias: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Means {
    /// A row of the theme head.
    Head(usize),
    /// A row made from the theme's own text.
    Described(usize),
}

/// The heads and a taxonomy: what turns vectors into scores.
pub struct Judge {
    heads: Heads,
    themes: Vec<ThemeScorer>,
    /// Rows of themes without a head, `[themes, hidden]`.
    described: Array2<f32>,
}

impl Judge {
    /// Settles how each theme is scored. `vectors_of` gives the vectors of the texts of themes without a head.
    ///
    /// # Errors
    /// The encoder fails, or a theme's text has no words.
    pub fn new(
        heads: Heads,
        taxonomy: &Taxonomy,
        vectors_of: impl FnOnce(&[&str]) -> Result<Vec<Option<Vectors>>, ModelError>,
    ) -> Result<Self, ModelError> {
        let (themes, described) = theme_scorers(&heads, taxonomy, vectors_of)?;
        Ok(Self {
            heads,
            themes,
            described,
        })
    }

    /// How each theme is scored, in the order of the taxonomy.
    pub fn themes(&self) -> &[ThemeScorer] {
        &self.themes
    }

    /// Puts another sentiment in the place of that in `scores`.
    pub fn replace_sentiment(&self, scores: &mut Scores, sentiment: [f64; 3]) {
        scores.sentiment = sentiment;
        for (theme, attitude) in self.themes.iter().zip(&mut scores.attitudes) {
            if !theme.trained {
                *attitude = sentiment;
            }
        }
    }

    /// Puts adjustments of themes in force, and gives the themes whose adjustment was made for another model or another
    /// text of the theme, which are not.
    pub fn adjust(
        &mut self,
        overlay: &Overlay,
        model_sha256: &str,
        taxonomy: &Taxonomy,
    ) -> Vec<String> {
        let mut outdated = Vec::new();
        let hidden = self.described.ncols();
        for (scorer, theme) in self.themes.iter_mut().zip(taxonomy.themes()) {
            let Some(adjustment) = overlay.of(&theme.id) else {
                continue;
            };
            let fits = adjustment.model_sha256 == model_sha256
                && adjustment.theme_sha256 == theme.fingerprint()
                && adjustment.weights.len() == hidden;
            if fits {
                scorer.labels = adjustment.yes + adjustment.no;
                scorer.added = Some(Added {
                    weights: Array1::from_vec(adjustment.weights.clone()),
                    bias: adjustment.bias,
                });
            } else {
                outdated.push(theme.id.clone());
            }
        }
        outdated
    }

    /// SHA-256 of the adjustments in force, by what they add to which theme; None if there are none.
    pub fn added_sha256(&self) -> Option<String> {
        let added: Vec<(&str, Vec<f64>, f64)> = self
            .themes
            .iter()
            .filter_map(|theme| {
                let added = theme.added.as_ref()?;
                Some((theme.id.as_str(), added.weights.to_vec(), added.bias))
            })
            .collect();
        // Plain strings and finite numbers, which JSON can always write.
        let as_text = || serde_json::to_vec(&added).unwrap_or_default();
        (!added.is_empty()).then(|| sha256(&as_text()))
    }

    /// Whether vectors of sentences bear on the scores: they do where a theme has no head.
    pub fn looks_at_sentences(&self) -> bool {
        self.described.nrows() > 0
    }

    /// The scores of a text with these vectors; None stands for a text without any word.
    ///
    /// Sentiment is judged on the writer's own words, themes on the whole text. A text without words of the writer's own
    /// is neutral; one without any word has no theme either.
    pub fn scores(&self, vectors: Option<&Vectors>) -> Scores {
        let Some(vectors) = vectors else {
            return Scores {
                sentiment: NEUTRAL,
                themes: vec![0.0; self.themes.len()],
                assigned: vec![false; self.themes.len()],
                attitudes: vec![NEUTRAL; self.themes.len()],
            };
        };
        let own = vectors.own.as_ref();
        let sentiment = own.map_or(NEUTRAL, |own| {
            three(&self.heads.sentiment.logits(own.view()), 0)
        });
        let attitudes = own.map(|own| self.heads.attitudes.logits(own.view()));
        let attitudes = self
            .themes
            .iter()
            .map(|theme| match (&theme.means, &attitudes) {
                (Means::Head(row), Some(logits)) => three(logits, 3 * row),
                _ => sentiment,
            })
            .collect();
        let logits = self.logits_of_themes(vectors);
        let themes: Vec<f64> = logits.into_iter().map(sigmoid).collect();
        let assigned = themes
            .iter()
            .zip(&self.themes)
            .map(|(probability, theme)| *probability >= theme.threshold)
            .collect();
        Scores {
            sentiment,
            themes,
            assigned,
            attitudes,
        }
    }

    /// The log odds of every theme, in the order of the taxonomy.
    pub fn logits_of_themes(&self, vectors: &Vectors) -> Vec<f64> {
        let whole = vectors.whole.view();
        let trained = self.heads.themes.logits(whole);
        let describer = &self.heads.describer;
        let described = describer.logits(&self.described, whole, &vectors.sentences);
        self.themes
            .iter()
            .map(|theme| {
                let logit = match theme.means {
                    Means::Head(row) => trained[row],
                    Means::Described(row) => described[row],
                };
                let added = theme.added.as_ref();
                logit + added.map_or(0.0, |added| added.bias + added.weights.dot(&whole))
            })
            .collect()
    }
}

/// Three probabilities from three logits.
fn three(logits: &Array1<f64>, begin: usize) -> [f64; 3] {
    let logits: Array1<f64> = logits.iter().skip(begin).take(3).copied().collect();
    let probabilities = softmax(logits.view());
    [probabilities[0], probabilities[1], probabilities[2]]
}

/// How each theme is scored, and the rows of those without a head.
fn theme_scorers(
    heads: &Heads,
    taxonomy: &Taxonomy,
    vectors_of: impl FnOnce(&[&str]) -> Result<Vec<Option<Vectors>>, ModelError>,
) -> Result<(Vec<ThemeScorer>, Array2<f32>), ModelError> {
    let row_of = |id: &str| heads.theme_heads.iter().position(|head| head.id == id);
    let untrained: Vec<String> = taxonomy
        .themes()
        .iter()
        .filter(|theme| row_of(&theme.id).is_none())
        .map(|theme| theme.as_text())
        .collect();
    let texts: Vec<&str> = untrained.iter().map(String::as_str).collect();
    let vectors = if texts.is_empty() {
        Vec::new()
    } else {
        vectors_of(&texts)?
    };
    let hidden = heads.describer.weights.ncols();
    let mut described = Array2::zeros((vectors.len(), hidden));
    let mut vectors = vectors.into_iter().enumerate();
    let themes = taxonomy
        .themes()
        .iter()
        .map(|theme| {
            let row = row_of(&theme.id);
            let (means, default) = match row {
                Some(row) => (Means::Head(row), heads.theme_heads[row].threshold),
                None => {
                    let of_text = vectors
                        .next()
                        .and_then(|(row, vector)| Some((row, vector?)));
                    let (row, vector) = of_text.ok_or_else(|| {
                        ModelError::Encoder(format!(
                            "the description of theme {:?} has no words",
                            theme.id
                        ))
                    })?;
                    let weights = heads.describer.row(vector.whole.view());
                    described.row_mut(row).assign(&weights);
                    (Means::Described(row), heads.describer.threshold)
                }
            };
            Ok(ThemeScorer {
                id: theme.id.clone(),
                threshold: theme.threshold.unwrap_or(default),
                trained: row.is_some(),
                means,
                labels: 0,
                added: None,
            })
        })
        .collect::<Result<Vec<_>, ModelError>>()?;
    Ok((themes, described))
}
