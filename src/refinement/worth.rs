//! What an improvement is worth.

use super::improve::Judged;
use super::logistic::surprise;
use crate::evaluation::{ClassScore, ThemeScore, average_precision, multi_label};
use crate::model::sigmoid;

/// How well a theme is found among judged texts, each counted as many times as the texts it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The share that is judged rightly.
    pub right: f64,
    /// The share that is given the theme.
    pub given: f64,
    /// Mean negative log likelihood of the labels.
    pub loss: f64,
    /// F1; None where nothing is labelled or predicted.
    pub f1: Option<f64>,
    /// Average precision.
    pub average_precision: Option<f64>,
}

/// How well texts are judged by these log odds.
pub(super) fn found(judged: &[Judged], logits: &[f64], threshold: f64) -> Found {
    let all: f64 = judged.iter().map(|text| text.weight).sum();
    let share = |is_counted: &dyn Fn(&Judged, f64) -> bool| -> f64 {
        let texts = judged.iter().zip(logits);
        let counted = texts.filter(|(text, logit)| is_counted(text, **logit));
        counted.map(|(text, _)| text.weight).sum::<f64>() / all
    };
    let is_given = |logit: f64| sigmoid(logit) >= threshold;
    let texts = judged.iter().zip(logits);
    let losses = texts.map(|(text, logit)| text.weight * surprise(*logit, text.label));
    let ranked: Vec<(f64, bool, f64)> = judged
        .iter()
        .zip(logits)
        .map(|(text, logit)| (*logit, text.label, text.weight))
        .collect();
    Found {
        right: share(&|text, logit| is_given(logit) == text.label),
        given: share(&|_, logit| is_given(logit)),
        loss: losses.sum::<f64>() / all,
        f1: f1(judged, logits, threshold, &|text| text.weight),
        average_precision: average_precision(&ranked),
    }
}

/// F1 of the theme among texts that count as `weigh` says; None where nothing is labelled or predicted.
fn f1(
    judged: &[Judged],
    logits: &[f64],
    threshold: f64,
    weigh: &dyn Fn(&Judged) -> f64,
) -> Option<f64> {
    let scores = judged.iter().zip(logits).map(|(text, logit)| {
        let score = ThemeScore {
            labelled: Some(text.label),
            predicted: sigmoid(*logit) >= threshold,
        };
        ([score], weigh(text))
    });
    ClassScore::f1(&multi_label(1, scores).micro())
}

/// Whether texts are judged better by the log odds `after` than by those `before`, and not by chance: the mean loss falls
/// by more than the standard error of the fall, and F1, which thresholds are chosen by, is no lower.
///
/// That must be so for the texts as they stand for the corpus and for the texts as they are. Of a sample with few texts of
/// great weight the first alone would be too sure of itself: the rare texts that the model overlooks are missing from it.
pub(super) fn is_better(judged: &[Judged], before: &[f64], after: &[f64], threshold: f64) -> bool {
    let is_better = |weigh: &dyn Fn(&Judged) -> f64| {
        let falls: Vec<(f64, f64)> = judged
            .iter()
            .zip(before.iter().zip(after))
            .map(|(text, (before, after))| {
                let fall = surprise(*before, text.label) - surprise(*after, text.label);
                (weigh(text), fall)
            })
            .collect();
        let all: f64 = falls.iter().map(|(weight, _)| weight).sum();
        let mean = falls.iter().map(|(w, fall)| w * fall).sum::<f64>() / all;
        // Cochran (1977), section 6.3: the variance of a ratio of sums.
        let squares: f64 = falls
            .iter()
            .map(|(w, fall)| (w * (fall - mean)).powi(2))
            .sum();
        let texts = falls.len() as f64;
        let error = (squares * texts / (texts - 1.0)).sqrt() / all;
        let f1 = |logits: &[f64]| f1(judged, logits, threshold, weigh).unwrap_or(0.0);
        mean > error && f1(after) >= f1(before) - 1e-9
    };
    is_better(&|text| text.weight) && is_better(&|_| 1.0)
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::{Judged, found, is_better};

    fn text(label: bool, logit: f64, weight: f64) -> Judged {
        Judged {
            group: String::new(),
            label,
            vector: Array1::zeros(0),
            logit,
            weight,
        }
    }

    /// By hand.
    #[test]
    fn texts_count_as_many_times_as_they_stand_for() {
        let texts = [
            text(true, 1.0, 1.0),
            text(false, 1.0, 2.0),
            text(true, -1.0, 5.0),
        ];
        let found = found(&texts, &[1.0, 1.0, -1.0], 0.5);
        assert!((found.right - 1.0 / 8.0).abs() < 1e-12);
        assert!((found.given - 3.0 / 8.0).abs() < 1e-12);
        // ln(1 + e) is the loss of those that are wrong, ln(1 + 1/e) of the one that is right.
        let e = std::f64::consts::E;
        let loss = ((1.0 + 1.0 / e).ln() + 7.0 * (1.0 + e).ln()) / 8.0;
        assert!((found.loss - loss).abs() < 1e-12);
        // Of 3 that are given it 1 has it, of 6 that have it.
        assert!((found.f1.expect("some") - 2.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn a_fall_counts_if_it_is_no_chance_here_and_in_the_corpus() {
        let falls = |falls: &[(f64, f64)]| {
            let texts: Vec<Judged> = falls
                .iter()
                .map(|(_, weight)| text(true, 0.0, *weight))
                .collect();
            let after: Vec<f64> = falls.iter().map(|(fall, _)| *fall).collect();
            is_better(&texts, &vec![0.0; texts.len()], &after, 0.5)
        };
        assert!(falls(&[(0.3, 1.0), (0.2, 1.0), (0.4, 1.0), (0.3, 1.0)]));
        // One text did it.
        assert!(!falls(&[(4.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0)]));
        // F1 falls.
        assert!(!falls(&[(0.3, 1.0), (0.3, 1.0), (0.3, 1.0), (-0.01, 1.0)]));
        // Better for the rows and worse for the corpus, and the other way round.
        assert!(!falls(&[(0.5, 1.0), (0.4, 1.0), (0.5, 1.0), (-0.2, 90.0)]));
        assert!(!falls(&[
            (-0.5, 1.0),
            (-0.4, 1.0),
            (-0.5, 1.0),
            (0.2, 90.0)
        ]));
        assert!(!falls(&[(0.0, 1.0), (0.0, 1.0)]));
    }
}
