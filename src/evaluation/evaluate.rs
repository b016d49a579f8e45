//! Scores of labelled texts, measured.

use std::collections::BTreeSet;

use super::bootstrap::bootstrap;
use super::metrics::{
    ClassScore, Classification, MultiLabel, ThemeScore, classification, multi_label,
};
use super::ranking::average_precision;
use super::reliability::{Bin, calibration_error, error_by_chance, reliability};
use crate::inference::{Scores, most_probable};
use crate::labelled::Labelled;
use crate::model::Sentiment;
use crate::statistics::Interval;

/// A figure of a sample, with its 95% bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure; None where it is undefined.
    pub value: Option<f64>,
    /// Its interval; None where there is too little for one.
    pub interval: Option<Interval>,
}

/// How honest probabilities are.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The expected calibration error.
    pub error: Option<f64>,
    /// What it is by chance where all probabilities are honest: the mean, and what it exceeds in one sample of twenty.
    pub by_chance: Option<[f64; 2]>,
    /// The table it comes from, lowest confidence first.
    pub bins: Vec<Bin>,
}

impl Calibration {
    fn of(predictions: &[(f64, bool, f64)]) -> Self {
        let bins = reliability(predictions);
        Self {
            error: calibration_error(&bins),
            by_chance: error_by_chance(predictions),
            bins,
        }
    }
}

/// How well one of three is found.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreeClasses {
    /// The counts.
    pub score: Classification,
    /// Share of texts that are right.
    pub accuracy: Estimate,
    /// Mean F1 over the classes that occur in the labels.
    pub macro_f1: Estimate,
    /// Mean recall over the classes that occur in the labels.
    pub macro_recall: Estimate,
    /// Of the probability of what was predicted.
    pub calibration: Calibration,
}

/// How well themes are found.
#[derive(Debug, Clone, PartialEq)]
pub struct Themes {
    /// The counts.
    pub score: MultiLabel,
    /// F1 over all themes together.
    pub micro_f1: Estimate,
    /// Mean F1 over the themes that occur in the labels.
    pub macro_f1: Estimate,
    /// Average precision per theme.
    pub average_precision: Vec<Option<f64>>,
    /// Of every theme's probability for every text.
    pub calibration: Calibration,
}

/// A text that the model got wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misjudged {
    /// Its place among the texts.
    pub place: usize,
    /// The label and the prediction, where they differ.
    pub sentiment: Option<(Sentiment, Sentiment)>,
    /// Places of themes in the taxonomy that are labelled and were not predicted.
    pub missed: Vec<usize>,
    /// Places of themes that were predicted and are not labelled.
    pub unfounded: Vec<usize>,
}

/// Everything measured on one set of labelled texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Sentiment, on texts whose sentiment is labelled.
    pub sentiment: ThreeClasses,
    /// Themes, on texts whose themes are labelled.
    pub themes: Themes,
    /// Attitudes to labelled themes.
    pub attitudes: ThreeClasses,
    /// The errors in sentiment and themes, in the order of the texts.
    pub misjudged: Vec<Misjudged>,
}

/// A labelled class with the probabilities that the model gives.
type Judged = (Sentiment, [f64; 3]);

/// What the bootstrap draws: a text with what is measured of it.
struct Drawn<T> {
    of: Vec<T>,
    weight: f64,
    stratum: usize,
}

impl<T> Drawn<T> {
    /// Texts with what `of` finds to measure in each; those without anything are not what the sample is of.
    fn texts<'t>(
        texts: &[&'t Labelled],
        scores: &[Scores],
        of: impl Fn(&'t Labelled, &Scores) -> Vec<T>,
    ) -> Vec<Self> {
        let names: BTreeSet<&Option<String>> = texts.iter().map(|text| &text.stratum).collect();
        let names: Vec<&Option<String>> = names.into_iter().collect();
        let drawn = texts.iter().zip(scores).map(|(text, scores)| Self {
            of: of(text, scores),
            weight: text.weight,
            // Every stratum is among the names.
            stratum: names.binary_search(&&text.stratum).unwrap_or_default(),
        });
        drawn.filter(|text| !text.of.is_empty()).collect()
    }
}

/// Figures with their intervals; `figures` is given texts with weights, 0 for one that was not drawn.
fn estimates<T>(
    texts: &[Drawn<T>],
    figures: impl Fn(&mut dyn Iterator<Item = (&Vec<T>, f64)>) -> Vec<Option<f64>>,
) -> impl FnMut() -> Estimate {
    let strata: Vec<usize> = texts.iter().map(|text| text.stratum).collect();
    let values = figures(&mut texts.iter().map(|text| (&text.of, text.weight)));
    let intervals = bootstrap(&strata, |shares| {
        let drawn = texts.iter().zip(shares);
        figures(&mut drawn.map(|(text, share)| (&text.of, text.weight * share)))
    });
    let mut estimates = values.into_iter().zip(intervals);
    move || {
        let (value, interval) = estimates.next().unwrap_or((None, None));
        Estimate { value, interval }
    }
}

/// Measures scores against labels. `themes` are the ids of the taxonomy, in the order of the scores; labels of other
/// themes count neither way.
pub fn evaluate(texts: &[&Labelled], scores: &[Scores], themes: &[&str]) -> Evaluation {
    let sentiment = Drawn::texts(texts, scores, |text, scores| {
        let judged = text.sentiment.map(|label| (label, scores.sentiment));
        judged.into_iter().collect()
    });
    let attitudes = Drawn::texts(texts, scores, |text, scores| {
        let of_theme = |(id, label): (&String, &Sentiment)| {
            let place = themes.iter().position(|theme| theme == id)?;
            Some((*label, scores.attitudes[place]))
        };
        text.attitudes.iter().filter_map(of_theme).collect()
    });
    let compared: Vec<Vec<ThemeScore>> = texts
        .iter()
        .zip(scores)
        .map(|(text, scores)| compare(text, scores, themes))
        .collect();
    let misjudged = texts
        .iter()
        .zip(scores)
        .zip(&compared)
        .enumerate()
        .map(|(place, ((text, scores), compared))| {
            let predicted = scores.label();
            let differ = |labelled: bool| {
                let wrong = move |theme: &ThemeScore| {
                    theme.labelled == Some(labelled) && theme.predicted != labelled
                };
                let all = compared.iter().enumerate();
                all.filter(|(_, theme)| wrong(theme))
                    .map(|(theme, _)| theme)
                    .collect()
            };
            Misjudged {
                place,
                sentiment: text
                    .sentiment
                    .filter(|label| *label != predicted)
                    .map(|label| (label, predicted)),
                missed: differ(true),
                unfounded: differ(false),
            }
        })
        .filter(|one| {
            one.sentiment.is_some() || !one.missed.is_empty() || !one.unfounded.is_empty()
        })
        .collect();
    Evaluation {
        sentiment: three_classes(&sentiment),
        themes: measure_themes(texts, &compared, scores, themes),
        attitudes: three_classes(&attitudes),
        misjudged,
    }
}

fn compare(text: &Labelled, scores: &Scores, themes: &[&str]) -> Vec<ThemeScore> {
    themes
        .iter()
        .zip(&scores.assigned)
        .map(|(id, assigned)| ThemeScore {
            labelled: text.has_theme(id),
            predicted: *assigned,
        })
        .collect()
}

fn three_classes(texts: &[Drawn<Judged>]) -> ThreeClasses {
    let pair =
        |(label, probabilities): &Judged| (*label as usize, most_probable(probabilities) as usize);
    let count = |texts: &mut dyn Iterator<Item = (&Vec<Judged>, f64)>| {
        let pairs = texts.flat_map(|(judged, weight)| {
            judged.iter().map(move |judged| {
                let (label, predicted) = pair(judged);
                (label, predicted, weight)
            })
        });
        classification(Sentiment::ALL.len(), pairs)
    };
    let mut next = estimates(texts, |texts| {
        let score = count(texts);
        vec![score.accuracy(), score.macro_f1(), score.macro_recall()]
    });
    let confidences: Vec<(f64, bool, f64)> = texts
        .iter()
        .flat_map(|text| text.of.iter().map(|judged| (judged, text.weight)))
        .map(|((label, probabilities), weight)| {
            let predicted = most_probable(probabilities);
            let confidence = probabilities[predicted as usize];
            (confidence, predicted == *label, weight)
        })
        .collect();
    ThreeClasses {
        accuracy: next(),
        macro_f1: next(),
        macro_recall: next(),
        calibration: Calibration::of(&confidences),
        score: count(&mut texts.iter().map(|text| (&text.of, text.weight))),
    }
}

fn measure_themes(
    texts: &[&Labelled],
    compared: &[Vec<ThemeScore>],
    scores: &[Scores],
    themes: &[&str],
) -> Themes {
    let count = themes.len();
    let drawn = Drawn::texts(texts, scores, |text, scores| {
        let compared = compare(text, scores, themes);
        // Texts that count neither way throughout are not what the sample is of.
        let is_labelled = compared.iter().any(|theme| theme.labelled.is_some());
        if is_labelled { compared } else { Vec::new() }
    });
    let mut next = estimates(&drawn, |texts| {
        let score = multi_label(count, texts);
        vec![ClassScore::f1(&score.micro()), score.macro_f1()]
    });
    let of_theme = |theme: usize| -> Vec<(f64, bool, f64)> {
        let texts = texts.iter().zip(compared).zip(scores);
        texts
            .filter_map(|((text, compared), scores)| {
                let labelled = compared[theme].labelled?;
                Some((scores.themes[theme], labelled, text.weight))
            })
            .collect()
    };
    let probabilities: Vec<Vec<(f64, bool, f64)>> = (0..count).map(of_theme).collect();
    Themes {
        micro_f1: next(),
        macro_f1: next(),
        average_precision: probabilities
            .iter()
            .map(|scored| average_precision(scored))
            .collect(),
        calibration: Calibration::of(&probabilities.concat()),
        score: multi_label(
            count,
            texts
                .iter()
                .zip(compared)
                .map(|(text, compared)| (compared, text.weight)),
        ),
    }
}
