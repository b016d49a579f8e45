//! Measures a network in training, and the finished model.

use ndarray::Array2;
use tokenizers::Tokenizer;

use super::calibrate::{micro_f1, three};
use super::card::Measured;
use super::config::{TestConfig, TrainingError};
use super::data::LabelledSet;
use super::network::Network;
use crate::evaluation::{Classification, classification, evaluate};
use crate::inference::{Engine, Scorer, Vectors};
use crate::labelled::Labelled;
use crate::model::{Encoder, FusedEncoder, LinearHead, Sentiment, place_of_greatest, sigmoid};
use crate::passage::Passage;

/// The threshold of a look, which comes before thresholds are chosen: near where they end up.
const LOOK_THRESHOLD: f64 = 0.4;

/// The finished model on a test.
pub(super) fn measure(
    test: &TestConfig,
    set: &LabelledSet,
    scorer: &Scorer,
    ids: &[&str],
) -> Result<Measured, TrainingError> {
    let scores = scorer.score_all(set.passages.iter(), || {})?;
    let texts: Vec<&Labelled> = set.texts.iter().collect();
    Ok(Measured {
        name: test.name.clone(),
        texts: texts.len(),
        evaluation: evaluate(&texts, &scores, ids),
    })
}

/// What measuring takes.
pub(super) struct Bench<'a> {
    pub tokenizer: &'a Tokenizer,
    pub hidden: usize,
    pub threads: usize,
    pub ids: &'a [&'a str],
}

impl Bench<'_> {
    /// What scores with an encoder.
    pub fn engine(&self, encoder: &FusedEncoder) -> Result<Engine, TrainingError> {
        Ok(Engine::from_parts(
            self.tokenizer.clone(),
            encoder.share()?,
            self.hidden,
            self.threads,
        )?)
    }

    /// The vectors of passages as scoring has them; None for one without words.
    pub fn vectors<'t>(
        &self,
        encoder: &FusedEncoder,
        passages: impl Iterator<Item = impl Into<Passage<&'t str>>> + Send,
    ) -> Result<Vec<Option<Vectors>>, TrainingError> {
        Ok(self
            .engine(encoder)?
            .embed_all(passages, |vectors| vectors)?)
    }

    /// `[texts, themes]`.
    pub fn labels(&self, texts: &[Labelled]) -> Array2<Option<bool>> {
        Array2::from_shape_fn((texts.len(), self.ids.len()), |(text, theme)| {
            texts[text].has_theme(self.ids[theme])
        })
    }
}

/// Logits of the sentiment head for texts with a sentiment and words of their own.
pub(super) fn sentiment_logits(
    head: &LinearHead,
    texts: &[Labelled],
    vectors: &[Option<Vectors>],
) -> Vec<([f64; 3], Sentiment)> {
    texts
        .iter()
        .zip(vectors)
        .filter_map(|(text, vectors)| {
            let own = vectors.as_ref()?.own.as_ref()?;
            Some((three(head, own.view()), text.sentiment?))
        })
        .collect()
}

/// How often the greatest logit is that of the label.
pub(super) fn score(logits: &[([f64; 3], Sentiment)]) -> Classification {
    let pairs = logits
        .iter()
        .map(|(logits, label)| (*label as usize, place_of_greatest(logits), 1.0));
    classification(Sentiment::ALL.len(), pairs)
}

/// Theme logits, `[texts, themes]`; a text without words is far from all.
pub(super) fn theme_logits(
    head: &LinearHead,
    themes: usize,
    vectors: &[Option<Vectors>],
) -> Array2<f64> {
    let mut logits = Array2::from_elem((vectors.len(), themes), -100.0);
    for (mut row, vectors) in logits.outer_iter_mut().zip(vectors) {
        if let Some(vectors) = vectors {
            row.assign(&head.logits(vectors.whole.view()));
        }
    }
    logits
}

/// What a look at the development data finds, in a line.
pub(super) fn look(
    bench: &Bench<'_>,
    network: &Network,
    texts: &LabelledSet,
    comments: &LabelledSet,
) -> Result<String, TrainingError> {
    let encoder = network.encoder.map(&mut |tensor| tensor.detach());
    let head = network.sentiment.layer()?;
    let of_texts = bench.vectors(&encoder, texts.passages.iter())?;
    let of_comments = bench.vectors(&encoder, comments.passages.iter())?;
    let texts = score(&sentiment_logits(&head, &texts.texts, &of_texts));
    let sentiment = score(&sentiment_logits(&head, &comments.texts, &of_comments));
    let logits = theme_logits(&network.themes.layer()?, bench.ids.len(), &of_comments);
    let themes = micro_f1(
        &logits.mapv(sigmoid),
        &bench.labels(&comments.texts),
        &vec![LOOK_THRESHOLD; bench.ids.len()],
    );
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
    Ok(format!(
        "texts: macro recall {}; comments: accuracy {}, macro F1 {}, themes micro F1 {}",
        figure(texts.macro_recall()),
        figure(sentiment.accuracy()),
        figure(sentiment.macro_f1()),
        figure(themes)
    ))
}
