//! From a trained network to probabilities that mean what they say, and thresholds; all on held-out development data.

use ndarray::{Array2, ArrayView1, Axis};

use crate::evaluation::{ThemeScore, multi_label};
use crate::inference::Vectors;
use crate::model::{Describer, LinearHead, Sentiment, sigmoid, softmax};

/// Positives of all themes together that a theme's own positives are mixed with when its threshold is chosen: few
/// positives are no ground to go far from the others.
const SHARED_POSITIVES: f64 = 40.0;

/// The temperature that makes the probabilities of labelled logits most likely (Guo et al. 2017); 1 without any.
pub(super) fn temperature(logits: &[([f64; 3], Sentiment)]) -> f64 {
    if logits.is_empty() {
        return 1.0;
    }
    let loss = |log_temperature: f64| -> f64 {
        let temperature = log_temperature.exp();
        logits
            .iter()
            .map(|(logits, label)| {
                let scaled = ndarray::arr1(logits) / temperature;
                -softmax(scaled.view())[*label as usize].max(1e-300).ln()
            })
            .sum()
    };
    // The loss has one minimum in the inverse of the temperature: golden sections close in on it.
    let ratio = (5_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-2.5_f64, 2.5_f64);
    for _ in 0..60 {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if loss(left) < loss(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high).exp()
}

/// Slope and intercept of the logistic curve that makes labels most likely (Platt 1999): Newton's method, with so little
/// shrinkage that a curve is only moved where the labels can all but be told apart without error.
pub(super) fn logistic(pairs: &[(f64, bool)]) -> (f64, f64) {
    let shrinkage = 1e-6;
    // The negative log likelihood, with ln(1 + exp(z)) written so that nothing overflows.
    let loss = |slope: f64, intercept: f64| -> f64 {
        let of_pair = |(x, label): &(f64, bool)| {
            let z = slope * x + intercept;
            z.max(0.0) + (-z.abs()).exp().ln_1p() - if *label { z } else { 0.0 }
        };
        pairs.iter().map(of_pair).sum::<f64>() + shrinkage / 2.0 * slope * slope
    };
    let (mut slope, mut intercept) = (0.0, 0.0);
    for _ in 0..100 {
        let mut gradient = [-shrinkage * slope, 0.0];
        let mut curvature = [shrinkage + 1e-9, 0.0, 1e-9];
        for (x, label) in pairs {
            let p = sigmoid(slope * x + intercept);
            let residual = f64::from(u8::from(*label)) - p;
            let weight = p * (1.0 - p);
            gradient[0] += residual * x;
            gradient[1] += residual;
            curvature[0] += weight * x * x;
            curvature[1] += weight * x;
            curvature[2] += weight;
        }
        let determinant = curvature[0] * curvature[2] - curvature[1] * curvature[1];
        let steps = [
            (curvature[2] * gradient[0] - curvature[1] * gradient[1]) / determinant,
            (curvature[0] * gradient[1] - curvature[1] * gradient[0]) / determinant,
        ];
        // A whole step can overshoot: it is halved, both parts alike, until it leads downhill.
        let before = loss(slope, intercept);
        let share = (0..40)
            .map(|halvings| 0.5_f64.powi(halvings))
            .find(|share| loss(slope + share * steps[0], intercept + share * steps[1]) < before);
        let Some(share) = share else { break };
        slope += share * steps[0];
        intercept += share * steps[1];
    }
    (slope, intercept)
}

/// Per theme the threshold with the best F1, some of the counts of all themes mixed in, among 0.10, 0.11, ... 0.80; the
/// lowest of equal ones, and 0.50 where nothing is labelled. `probabilities` and
/// `labels` are `[texts, themes]`; a label None counts neither way.
pub(super) fn thresholds(probabilities: &Array2<f64>, labels: &Array2<Option<bool>>) -> Vec<f64> {
    let counts = |theme: usize, threshold: f64| {
        let (mut both, mut either) = (0.0, 0.0);
        let of_theme = probabilities.column(theme);
        for (probability, label) in of_theme.iter().zip(labels.column(theme)) {
            let predicted = *probability >= threshold;
            if let Some(label) = label {
                both += f64::from(u8::from(predicted && *label));
                either += f64::from(u8::from(predicted)) + f64::from(u8::from(*label));
            }
        }
        (both, either)
    };
    let candidates: Vec<f64> = (10..=80)
        .map(|hundredth| f64::from(hundredth) / 100.0)
        .collect();
    let positives = labels.iter().filter(|label| **label == Some(true)).count() as f64;
    let share = SHARED_POSITIVES / positives.max(1.0);
    let all: Vec<(f64, f64)> = candidates
        .iter()
        .map(|threshold| {
            (0..labels.ncols())
                .map(|theme| counts(theme, *threshold))
                .fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
        })
        .collect();
    (0..labels.ncols())
        .map(|theme| {
            let mut best = (0.0, 0.5);
            for (threshold, all) in candidates.iter().zip(&all) {
                let own = counts(theme, *threshold);
                let f1 = 2.0 * (own.0 + share * all.0) / (own.1 + share * all.1).max(1e-9);
                if f1 > best.0 + 1e-12 {
                    best = (f1, *threshold);
                }
            }
            best.1
        })
        .collect()
}

/// The describer with honest probabilities and the threshold of the best F1 over all of some themes together, and that F1.
/// `labels` are `[texts, themes]`; a text without words has no theme, and neither has one whose theme has no words.
pub(super) fn describer(
    raw: Describer,
    themes: &[Option<Vectors>],
    texts: &[Option<Vectors>],
    labels: &Array2<Option<bool>>,
) -> (Describer, Option<f64>) {
    let mut rows = Array2::zeros((themes.len(), raw.weights.nrows()));
    for (mut row, theme) in rows.outer_iter_mut().zip(themes) {
        if let Some(theme) = theme {
            row.assign(&raw.row(theme.whole.view()));
        }
    }
    let mut logits = Array2::from_elem(labels.dim(), -100.0);
    for (mut row, text) in logits.outer_iter_mut().zip(texts) {
        if let Some(text) = text {
            row.assign(&raw.logits(&rows, text.whole.view(), &text.sentences));
        }
    }
    let pairs: Vec<(f64, bool)> = logits
        .iter()
        .zip(labels)
        .filter_map(|(logit, label)| Some((*logit, (*label)?)))
        .collect();
    let (slope, intercept) = logistic(&pairs);
    let probabilities = logits.mapv(|logit| sigmoid(slope * logit + intercept));
    // One column of all, so that one threshold is chosen.
    let column = (labels.len(), 1);
    let together = (
        probabilities.clone().into_shape(column),
        labels.clone().into_shape(column),
    );
    let threshold = match together {
        (Ok(probabilities), Ok(labels)) => thresholds(&probabilities, &labels)[0],
        _ => 0.5,
    };
    let f1 = micro_f1(&probabilities, labels, &vec![threshold; themes.len()]);
    (raw.calibrated(slope, intercept, threshold), f1)
}

/// Micro F1 of probabilities under thresholds.
pub(super) fn micro_f1(
    probabilities: &Array2<f64>,
    labels: &Array2<Option<bool>>,
    thresholds: &[f64],
) -> Option<f64> {
    let rows = probabilities
        .axis_iter(Axis(0))
        .zip(labels.axis_iter(Axis(0)));
    let texts = rows.map(|(row, labels)| {
        let themes = row.iter().zip(labels).zip(thresholds);
        let themes = themes.map(|((probability, label), threshold)| ThemeScore {
            labelled: *label,
            predicted: probability >= threshold,
        });
        (themes.collect::<Vec<_>>(), 1.0)
    });
    multi_label(thresholds.len(), texts).micro().f1()
}

/// The three logits of a head for one vector.
pub(super) fn three(head: &LinearHead, vector: ArrayView1<'_, f64>) -> [f64; 3] {
    let logits = head.logits(vector);
    [logits[0], logits[1], logits[2]]
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use serde_json::Value;

    use super::{logistic, temperature, thresholds};
    use crate::model::Sentiment;

    /// Cases of `tests/reference/statistics.py`, here because the functions they are of are not public.
    fn reference(section: &str) -> Vec<Value> {
        let text = include_str!("../../tests/reference/statistics.json");
        let all: Value = serde_json::from_str(text).expect("the reference is JSON");
        let cases = all[section].as_array().expect("a list of cases").clone();
        assert!(!cases.is_empty());
        cases
    }

    fn list<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
        let items = value.as_array().expect("a list").iter();
        items.map(|item| read(item).expect("of one type")).collect()
    }

    #[track_caller]
    fn assert_close(figure: f64, expected: &Value, tolerance: f64) {
        let expected = expected.as_f64().expect("a number");
        assert!(
            (figure / expected - 1.0).abs() < tolerance,
            "{figure} for {expected}"
        );
    }

    #[test]
    fn the_temperature_is_that_of_scipy() {
        for case in reference("temperature") {
            let logits = list(&case["logits"], |row| {
                <[f64; 3]>::try_from(list(row, Value::as_f64)).ok()
            });
            let labels = list(&case["labels"], |label| {
                Sentiment::ALL.get(label.as_u64()? as usize).copied()
            });
            assert_eq!(logits.len(), labels.len());
            let logits: Vec<_> = logits.into_iter().zip(labels).collect();
            // Near its minimum the loss is flat to rounding: golden sections do not find it to the last digit.
            assert_close(temperature(&logits), &case["temperature"], 1e-4);
        }
    }

    #[test]
    fn the_curve_is_that_of_statsmodels() {
        for case in reference("logistic") {
            let (x, y) = (
                list(&case["x"], Value::as_f64),
                list(&case["y"], Value::as_bool),
            );
            assert_eq!(x.len(), y.len());
            let (slope, intercept) = logistic(&x.into_iter().zip(y).collect::<Vec<_>>());
            // The reference does not shrink the slope.
            assert_close(slope, &case["slope"], 1e-2);
            assert_close(intercept, &case["intercept"], 1e-2);
        }
    }

    /// Nine in ten right at logits that say 0.9999: the temperature brings them to 0.9.
    #[test]
    fn overconfident_logits_are_cooled_to_their_accuracy() {
        let logits: Vec<([f64; 3], Sentiment)> = (0..100)
            .map(|n| {
                let label = if n < 90 {
                    Sentiment::Neutral
                } else {
                    Sentiment::Positive
                };
                ([-1e3, 9.0, 0.0], label)
            })
            .collect();
        let cooled = 9.0 / temperature(&logits);
        assert!((cooled - 9_f64.ln()).abs() < 1e-4, "{cooled}");
        assert_eq!(temperature(&[]), 1.0);
    }

    /// The maximum-likelihood estimate of a logistic regression on one binary input is the log odds of its 2×2 table.
    #[test]
    fn the_curve_finds_the_log_odds_of_the_table() {
        // Input 0: 3 of 10 labelled. Input 1: 8 of 10 labelled.
        let pairs: Vec<(f64, bool)> = (0..20)
            .map(|n| {
                (
                    f64::from(u8::from(n >= 10)),
                    n % 10 < if n < 10 { 3 } else { 8 },
                )
            })
            .collect();
        let (slope, intercept) = logistic(&pairs);
        assert!(
            (intercept - (3.0_f64 / 7.0).ln()).abs() < 0.01,
            "{intercept}"
        );
        assert!((intercept + slope - 4_f64.ln()).abs() < 0.01, "{slope}");
        let (slope, intercept) = logistic(&[(-1.0, false), (1.0, true)]);
        assert!(slope.is_finite() && intercept.abs() < 1e-6);
    }

    #[test]
    fn a_threshold_separates_what_can_be_separated() {
        let probabilities = Array2::from_shape_fn((200, 1), |(row, _)| row as f64 / 200.0);
        let labels = Array2::from_shape_fn((200, 1), |(row, _)| (row != 199).then_some(row >= 80));
        assert_eq!(thresholds(&probabilities, &labels), [0.4]);
    }
}
