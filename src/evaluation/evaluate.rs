//! Scores of labelled texts, measured.

use super::bootstrap::bootstrap;
use super::metrics::{
    ClassScore, Classification, MultiLabel, ThemeScore, classification, multi_label,
};
use super::ranking::average_precision;
use super::reliability::{Bin, calibration_error, reliability};
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
    /// The table it comes from, lowest confidence first.
    pub bins: Vec<Bin>,
}

impl Calibration {
    fn of(predictions: &[(f64, bool)]) -> Self {
        let bins = reliability(predictions);
        Self {
            error: calibration_error(&bins),
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

/// Measures scores against labels. `themes` are the ids of the taxonomy, in the order of the scores; labels of other
/// themes count neither way.
pub fn evaluate(texts: &[&Labelled], scores: &[Scores], themes: &[&str]) -> Evaluation {
    let sentiment: Vec<Vec<Judged>> = texts
        .iter()
        .zip(scores)
        .map(|(text, scores)| {
            let judged = text.sentiment.map(|label| (label, scores.sentiment));
            judged.into_iter().collect()
        })
        .collect();
    let attitudes: Vec<Vec<Judged>> = texts
        .iter()
        .zip(scores)
        .map(|(text, scores)| {
            let of_theme = |(id, label): (&String, &Sentiment)| {
                let place = themes.iter().position(|theme| theme == id)?;
                Some((*label, scores.attitudes[place]))
            };
            text.attitudes.iter().filter_map(of_theme).collect()
        })
        .collect();
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
        themes: measure_themes(&compared, scores),
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

/// One list a text: texts are what the bootstrap draws, those without a label left aside.
fn three_classes(texts: &[Vec<Judged>]) -> ThreeClasses {
    let texts: Vec<&Vec<Judged>> = texts.iter().filter(|text| !text.is_empty()).collect();
    let pair =
        |(label, probabilities): &Judged| (*label as usize, most_probable(probabilities) as usize);
    let classes = Sentiment::ALL.len();
    let score = classification(classes, texts.iter().copied().flatten().map(pair));
    let per_text: Vec<Vec<(usize, usize)>> = texts
        .iter()
        .map(|judged| judged.iter().map(pair).collect())
        .collect();
    let figures =
        |score: &Classification| vec![score.accuracy(), score.macro_f1(), score.macro_recall()];
    let intervals = bootstrap(per_text.len(), |times| {
        let drawn = per_text.iter().zip(times).flat_map(|(pairs, times)| {
            pairs
                .iter()
                .flat_map(|pair| std::iter::repeat_n(*pair, *times as usize))
        });
        figures(&classification(classes, drawn))
    });
    let mut estimates = figures(&score).into_iter().zip(intervals);
    let mut next = || {
        let (value, interval) = estimates.next().unwrap_or((None, None));
        Estimate { value, interval }
    };
    let confidences: Vec<(f64, bool)> = texts
        .iter()
        .copied()
        .flatten()
        .map(|(label, probabilities)| {
            let predicted = most_probable(probabilities);
            (probabilities[predicted as usize], predicted == *label)
        })
        .collect();
    ThreeClasses {
        accuracy: next(),
        macro_f1: next(),
        macro_recall: next(),
        calibration: Calibration::of(&confidences),
        score,
    }
}

fn measure_themes(compared: &[Vec<ThemeScore>], scores: &[Scores]) -> Themes {
    let count = compared.first().map_or(0, Vec::len);
    let score = multi_label(count, compared.iter());
    // Texts that count neither way throughout are not what the sample is of.
    let labelled: Vec<&Vec<ThemeScore>> = compared
        .iter()
        .filter(|text| text.iter().any(|theme| theme.labelled.is_some()))
        .collect();
    let figures = |score: &MultiLabel| vec![ClassScore::f1(&score.micro()), score.macro_f1()];
    let intervals = bootstrap(labelled.len(), |times| {
        let drawn = labelled.iter().zip(times);
        let drawn = drawn.flat_map(|(text, times)| std::iter::repeat_n(*text, *times as usize));
        figures(&multi_label(count, drawn))
    });
    let mut estimates = figures(&score).into_iter().zip(intervals);
    let mut next = || {
        let (value, interval) = estimates.next().unwrap_or((None, None));
        Estimate { value, interval }
    };
    let of_theme = |theme: usize| -> Vec<(f64, bool)> {
        let texts = compared.iter().zip(scores);
        texts
            .filter_map(|(compared, scores)| {
                Some((scores.themes[theme], compared[theme].labelled?))
            })
            .collect()
    };
    let probabilities: Vec<Vec<(f64, bool)>> = (0..count).map(of_theme).collect();
    Themes {
        micro_f1: next(),
        macro_f1: next(),
        average_precision: probabilities
            .iter()
            .map(|scored| average_precision(scored))
            .collect(),
        calibration: Calibration::of(&probabilities.concat()),
        score,
    }
}
