//! From text vectors to sentiment and themes under a taxonomy.

use std::ops::ControlFlow;
use std::sync::mpsc::Receiver;

use ndarray::Array1;

use super::engine::{Engine, Incoming, Vectors};
use crate::model::{Bundle, Heads, ModelError, Precision, Sentiment};
use crate::model::{place_of_greatest, sigmoid, softmax};
use crate::passage::Passage;
use crate::themes::Taxonomy;

/// Of a text without words of the writer's own.
const NEUTRAL: [f64; 3] = [0.0, 1.0, 0.0];

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
    /// Whether the model was trained on the theme; otherwise it is matched by nearness to its description.
    pub trained: bool,
    means: Means,
}

#[derive(Debug, Clone, PartialEq)]
enum Means {
    /// A row of the theme head.
    Head(usize),
    /// The vector of the theme's own text.
    Nearness(Array1<f64>),
}

/// A model and a taxonomy, ready to score.
pub struct Scorer {
    engine: Engine,
    heads: Heads,
    themes: Vec<ThemeScorer>,
}

impl Scorer {
    /// Loads a bundle and settles how each theme is scored. `workers` encoders run side by side, each on one core.
    ///
    /// # Errors
    /// The bundle cannot be used.
    pub fn load(
        bundle: &Bundle,
        taxonomy: &Taxonomy,
        precision: Precision,
        workers: usize,
    ) -> Result<Self, ModelError> {
        let engine = Engine::load(bundle, precision, workers)?;
        Self::from_parts(engine, bundle.heads()?, taxonomy)
    }

    /// Puts a scorer together from parts, for a model that is no bundle yet.
    ///
    /// # Errors
    /// The encoder fails.
    pub fn from_parts(
        engine: Engine,
        heads: Heads,
        taxonomy: &Taxonomy,
    ) -> Result<Self, ModelError> {
        let themes = theme_scorers(&engine, &heads, taxonomy)?;
        Ok(Self {
            engine,
            heads,
            themes,
        })
    }

    /// How each theme is scored, in the order of the taxonomy.
    pub fn themes(&self) -> &[ThemeScorer] {
        &self.themes
    }

    /// Scores texts that are all at hand; scores come in the order of the texts. `done` is called once for each text
    /// when it is ready.
    ///
    /// Sentiment is judged on the writer's own words, themes on the whole text. A text without words of the writer's own
    /// is neutral; one without any word has no theme either.
    ///
    /// # Errors
    /// The encoder fails.
    pub fn score_all<'t>(
        &self,
        texts: impl Iterator<Item = impl Into<Passage<&'t str>>> + Send,
        done: impl Fn(),
    ) -> Result<Vec<Scores>, ModelError> {
        self.engine.embed_all(texts, |vectors| {
            done();
            self.scores(vectors)
        })
    }

    /// Scores texts as they come; see [`Engine::embed_stream`] for order, bounds and breaking off, and
    /// [`Scorer::score_all`] for texts without words.
    ///
    /// # Errors
    /// The encoder fails; texts consumed until then are right.
    pub fn score_stream<T, S>(
        &self,
        input: Receiver<Incoming<T, S>>,
        mut consume: impl FnMut(T, Scores) -> ControlFlow<()>,
    ) -> Result<(), ModelError>
    where
        T: Send,
        S: AsRef<str> + Send + Sync,
    {
        self.engine
            .embed_stream(input, |tag, vectors| consume(tag, self.scores(vectors)))
    }

    fn scores(&self, vectors: Option<Vectors>) -> Scores {
        let Some(Vectors { whole, own }) = vectors else {
            return Scores {
                sentiment: NEUTRAL,
                themes: vec![0.0; self.themes.len()],
                assigned: vec![false; self.themes.len()],
                attitudes: vec![NEUTRAL; self.themes.len()],
            };
        };
        let sentiment = own.as_ref().map_or(NEUTRAL, |own| {
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
        let logits = self.heads.themes.logits(whole.view());
        let themes: Vec<f64> = self
            .themes
            .iter()
            .map(|theme| match &theme.means {
                Means::Head(row) => sigmoid(logits[*row]),
                Means::Nearness(description) => {
                    self.heads.nearness.probability(whole.dot(description))
                }
            })
            .collect();
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
}

/// Three probabilities from three logits.
fn three(logits: &Array1<f64>, begin: usize) -> [f64; 3] {
    let logits: Array1<f64> = logits.iter().skip(begin).take(3).copied().collect();
    let probabilities = softmax(logits.view());
    [probabilities[0], probabilities[1], probabilities[2]]
}

fn theme_scorers(
    engine: &Engine,
    heads: &Heads,
    taxonomy: &Taxonomy,
) -> Result<Vec<ThemeScorer>, ModelError> {
    let row_of = |id: &str| heads.theme_heads.iter().position(|head| head.id == id);
    let untrained: Vec<String> = taxonomy
        .themes()
        .iter()
        .filter(|theme| row_of(&theme.id).is_none())
        .map(|theme| theme.as_text())
        .collect();
    let vectors = engine.embed_all(untrained.iter().map(String::as_str), |vectors| {
        vectors.map(|vectors| vectors.whole)
    })?;
    let mut vectors = vectors.into_iter();
    taxonomy
        .themes()
        .iter()
        .map(|theme| {
            let row = row_of(&theme.id);
            let (means, default) = match row {
                Some(row) => (Means::Head(row), heads.theme_heads[row].threshold),
                None => {
                    let vector = vectors.next().flatten().ok_or_else(|| {
                        ModelError::Encoder(format!(
                            "the description of theme {:?} has no words",
                            theme.id
                        ))
                    })?;
                    (Means::Nearness(vector), heads.nearness.threshold)
                }
            };
            Ok(ThemeScorer {
                id: theme.id.clone(),
                threshold: theme.threshold.unwrap_or(default),
                trained: row.is_some(),
                means,
            })
        })
        .collect()
}
