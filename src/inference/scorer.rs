//! An engine and a judge together: from texts to scores.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use ndarray::Array1;
use rayon::prelude::*;

use super::engine::{Encodable, Engine, Incoming};
use super::judge::{Judge, NEUTRAL, Scores, ThemeScorer};
use super::pooling::Vectors;
use crate::model::{Bundle, Heads, ModelError, Precision, SentimentClassifier};
use crate::passage::Passage;
use crate::themes::Taxonomy;

/// Texts that go through the encoder before another model judges their sentiment: enough to fill batches of like length,
/// few enough for progress to be seen.
const JUDGED_TOGETHER: usize = 2048;

/// A model and a taxonomy, ready to score.
pub struct Scorer {
    engine: Engine,
    judge: Judge,
    /// Who judges the sentiment in place of the bundle's head, if anybody.
    classifier: Option<Arc<SentimentClassifier>>,
}

/// The vector of a text, and its log odds of a theme.
pub type VectorAndLogit = (Array1<f64>, f64);

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
        let judge = Judge::new(heads, taxonomy, |texts| {
            engine.embed_all(texts.iter().copied(), |vectors| vectors)
        })?;
        Ok(Self::new(engine, judge))
    }

    /// An engine and a judge whose heads were made for its vectors.
    pub fn new(engine: Engine, judge: Judge) -> Self {
        Self {
            engine,
            judge,
            classifier: None,
        }
    }

    /// What turns texts into vectors.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Who judges the sentiment in place of the bundle's head, if anybody.
    pub fn classifier(&self) -> Option<&SentimentClassifier> {
        self.classifier.as_deref()
    }

    /// What turns vectors into scores.
    pub fn judge(&self) -> &Judge {
        &self.judge
    }

    /// Lets another model judge the sentiment; themes and attitudes stay with the bundle.
    pub fn judge_sentiment_by(&mut self, classifier: Arc<SentimentClassifier>) {
        self.classifier = Some(classifier);
    }

    /// The sentiment of a passage by the other model. Can be called from several threads.
    ///
    /// # Errors
    /// The model fails.
    pub fn other_sentiment<S: AsRef<str>>(
        classifier: &SentimentClassifier,
        passage: &Passage<S>,
    ) -> Result<[f64; 3], ModelError> {
        let judged = match passage.own_text() {
            Some(text) => classifier.judge(&text)?,
            None => None,
        };
        Ok(judged.unwrap_or(NEUTRAL))
    }

    /// The vectors of texts with the log odds of one theme, by its place; None for a text without words.
    ///
    /// # Errors
    /// The encoder fails.
    pub fn theme_logits<'t>(
        &self,
        theme: usize,
        texts: impl Iterator<Item = impl Into<Passage<&'t str>>> + Send,
    ) -> Result<Vec<Option<VectorAndLogit>>, ModelError> {
        self.engine.embed_all(texts, |vectors| {
            let vectors = vectors?;
            let logit = self.judge.logits_of_themes(&vectors)[theme];
            Some((vectors.whole, logit))
        })
    }

    /// The vectors of texts: of the whole, and of the writer's own words. `done` is called once for each.
    ///
    /// # Errors
    /// The encoder fails.
    pub fn vectors<'t>(
        &self,
        texts: impl Iterator<Item = impl Into<Passage<&'t str>>> + Send,
        done: impl Fn(),
    ) -> Result<Vec<Option<Vectors>>, ModelError> {
        self.engine.embed_all(texts, |vectors| {
            done();
            vectors
        })
    }

    /// How each theme is scored, in the order of the taxonomy.
    pub fn themes(&self) -> &[ThemeScorer] {
        self.judge.themes()
    }

    /// Scores texts that are all at hand; scores come in the order of the texts. `done` is called once for each text
    /// when it is ready, on any thread. [`Judge::scores`] says what is judged on what.
    ///
    /// # Errors
    /// The encoder fails.
    pub fn score_all<'t>(
        &self,
        texts: impl Iterator<Item = impl Into<Passage<&'t str>>> + Send,
        done: impl Fn() + Sync,
    ) -> Result<Vec<Scores>, ModelError> {
        let Some(classifier) = &self.classifier else {
            return self.engine.embed_all(texts, |vectors| {
                done();
                self.judge.scores(vectors.as_ref())
            });
        };
        let mut texts = texts.map(Into::into);
        let mut all = Vec::new();
        loop {
            let passages: Vec<Passage<&str>> = texts.by_ref().take(JUDGED_TOGETHER).collect();
            if passages.is_empty() {
                return Ok(all);
            }
            let embed = |vectors: Option<Vectors>| self.judge.scores(vectors.as_ref());
            let mut scores = self.engine.embed_all(passages.iter().cloned(), embed)?;
            let sentiments: Vec<[f64; 3]> = passages
                .par_iter()
                .map(|passage| {
                    let sentiment = Self::other_sentiment(classifier, passage);
                    done();
                    sentiment
                })
                .collect::<Result<_, _>>()?;
            for (scores, sentiment) in scores.iter_mut().zip(sentiments) {
                self.judge.replace_sentiment(scores, sentiment);
            }
            all.append(&mut scores);
        }
    }

    /// Scores texts as they come; see [`Engine::embed_stream`] for order, bounds and breaking off, and
    /// [`Judge::scores`] for texts without words. The sentiment is the bundle's, whoever else is to judge it.
    ///
    /// # Errors
    /// The encoder fails; texts consumed until then are right.
    pub fn score_stream<T: Send, P: Encodable>(
        &self,
        input: Receiver<Incoming<T, P>>,
        mut consume: impl FnMut(T, Scores) -> ControlFlow<()>,
    ) -> Result<(), ModelError> {
        self.engine.embed_stream(input, |tag, vectors| {
            consume(tag, self.judge.scores(vectors.as_ref()))
        })
    }
}
