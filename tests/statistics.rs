//! Intervals of shares and means, scores of an evaluation, calibration, ridge regression and suspect labels against
//! statsmodels, scipy, scikit-learn and cleanlab: `tests/reference/statistics.py` made the figures. What else it has is of
//! functions that are not public and is compared beside them, in `src/statistics.rs` and `src/training/calibrate.rs`, as
//! is what the scripts of the comparison have in `src/comparison`.

mod common;

use common::{clean, comment, repository, scores};
use serde_json::Value;
use undertone::aggregation::{Collector, ScoredComment};
use undertone::evaluation::{
    Bin, ClassScore, ThemeScore, average_precision, calibration_error, classification, evaluate,
    multi_label, reliability,
};
use undertone::inference::Scores;
use undertone::labelled::Labelled;
use undertone::refinement::{Examples, Penalty, fit, suspects};
use undertone::statistics::{Interval, Moments, mean_interval, wilson};

fn reference(section: &str) -> Vec<Value> {
    let path = repository("tests/reference/statistics.json");
    let text = std::fs::read_to_string(path).expect("the reference is there");
    let all: Value = serde_json::from_str(&text).expect("the reference is JSON");
    let cases = all[section].as_array().expect("a list of cases").clone();
    assert!(!cases.is_empty());
    cases
}

fn number(case: &Value, field: &str) -> f64 {
    case[field].as_f64().expect("a number")
}

fn count(case: &Value, field: &str) -> u64 {
    case[field].as_u64().expect("a count")
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|v| v.as_f64().expect("a number"))
        .collect()
}

fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|v| v.as_str().expect("a string").to_owned())
        .collect()
}

/// Numbers of one field, each with the truth value of the same place in another.
fn judged(case: &Value, field: &str, truth: &str) -> Vec<(f64, bool, f64)> {
    let truth = case[truth].as_array().expect("a list");
    let numbers = numbers(&case[field]);
    assert_eq!(numbers.len(), truth.len());
    let truth = truth.iter().map(|v| v.as_bool().expect("true or false"));
    let judged = numbers.into_iter().zip(truth);
    judged.map(|(number, truth)| (number, truth, 1.0)).collect()
}

#[track_caller]
fn assert_interval(interval: Option<Interval>, case: &Value) {
    let interval = interval.expect("there is an interval");
    let (low, high) = (number(case, "low"), number(case, "high"));
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
    assert!(
        close(interval.low, low) && close(interval.high, high),
        "{interval:?} for {case}"
    );
}

#[track_caller]
fn assert_figure(figure: Option<f64>, expected: &Value, what: &str) {
    match (figure, expected.as_f64()) {
        (Some(figure), Some(expected)) => assert!(
            (figure - expected).abs() < 1e-9,
            "{what}: {figure} for {expected}"
        ),
        (None, None) => {}
        _ => assert_eq!(figure, expected.as_f64(), "{what}"),
    }
}

/// Moments the way the program takes them: through a collector's integer sums.
fn moments(values: &[f64]) -> Moments {
    let mut collector = Collector::new(0);
    for (place, value) in values.iter().enumerate() {
        let comment = comment(&format!("p#{place}"), None, "");
        let scores = scores(*value, &[]);
        collector.add(&ScoredComment::new(comment, clean(""), scores, None));
    }
    collector.attitude.moments().expect("there are values")
}

#[test]
fn wilson_intervals_are_those_of_statsmodels() {
    for case in reference("wilson") {
        assert_interval(
            wilson(count(&case, "successes"), count(&case, "trials")),
            &case,
        );
    }
    assert_eq!(wilson(0, 0), None);
}

#[test]
fn intervals_of_means_are_those_of_scipy() {
    for case in reference("mean_interval") {
        let moments = moments(&numbers(&case["values"]));
        assert!((moments.mean - number(&case, "mean")).abs() < 1e-9);
        assert_interval(mean_interval(&moments), &case);
    }
    assert_eq!(mean_interval(&moments(&[0.3])), None);
}

#[test]
fn accuracy_and_f1_are_those_of_scikit_learn() {
    for case in reference("classification") {
        let labels = strings(&case["labels"]);
        let index = |label: String| {
            labels
                .iter()
                .position(|l| *l == label)
                .expect("a known label")
        };
        let gold = strings(&case["gold"]).into_iter().map(index);
        let predicted = strings(&case["predicted"]).into_iter().map(index);
        let pairs = gold.zip(predicted);
        let score = classification(labels.len(), pairs.map(|(gold, found)| (gold, found, 1.0)));
        assert_figure(score.accuracy(), &case["accuracy"], "accuracy");
        assert_figure(score.macro_f1(), &case["macro_f1_present"], "macro F1");
        assert_figure(score.macro_recall(), &case["macro_recall"], "macro recall");
        assert_eq!(
            serde_json::to_value(&score.confusion).expect("JSON"),
            case["confusion"]
        );
        for (label, class) in labels.iter().zip(&score.classes) {
            let expected = &case["per_class"][label];
            assert_ratios(class, expected, label);
            assert_eq!(class.support().count, count(expected, "support"));
        }
    }
}

#[track_caller]
fn assert_ratios(class: &ClassScore, expected: &Value, what: &str) {
    assert_figure(class.precision(), &expected["precision"], what);
    assert_figure(class.recall(), &expected["recall"], what);
    assert_figure(class.f1(), &expected["f1"], what);
}

#[test]
fn theme_scores_are_those_of_scikit_learn() {
    for case in reference("multilabel") {
        let themes = strings(&case["themes"]);
        let rows = |field: &str| -> Vec<Vec<String>> {
            case[field]
                .as_array()
                .expect("rows")
                .iter()
                .map(strings)
                .collect()
        };
        let (gold, either_way, predicted) = (rows("gold"), rows("either_way"), rows("predicted"));
        let texts = (0..gold.len()).map(|row| {
            themes
                .iter()
                .map(|theme| ThemeScore {
                    labelled: (!either_way[row].contains(theme)).then(|| gold[row].contains(theme)),
                    predicted: predicted[row].contains(theme),
                })
                .collect::<Vec<_>>()
        });
        let score = multi_label(themes.len(), texts.map(|text| (text, 1.0)));
        for (theme, class) in themes.iter().zip(&score.themes) {
            let expected = &case["per_theme"][theme];
            assert_eq!(class.true_positives.count, count(expected, "tp"));
            assert_eq!(class.false_positives.count, count(expected, "fp"));
            assert_eq!(class.false_negatives.count, count(expected, "fn"));
            assert_ratios(class, expected, theme);
        }
        assert_ratios(&score.micro(), &case["micro"], "micro");
        assert_figure(score.macro_f1(), &case["macro_f1_present"], "macro F1");
    }
}

#[test]
fn average_precision_is_that_of_scikit_learn() {
    for case in reference("average_precision") {
        let mut scored = judged(&case, "scores", "labels");
        let expected = &case["average_precision"];
        assert_figure(average_precision(&scored), expected, "average precision");
        scored.reverse();
        assert_figure(average_precision(&scored), expected, "in reverse");
    }
    assert_eq!(average_precision(&[]), None);
}

#[track_caller]
fn assert_bins(bins: &[Bin], case: &Value) {
    let expected = case["bins"].as_array().expect("bins");
    assert_eq!(bins.len(), expected.len());
    for (bin, expected) in bins.iter().zip(expected) {
        assert_eq!(bin.count, count(expected, "count"));
        assert_figure(Some(bin.range[0]), &expected["low"], "low");
        assert_figure(Some(bin.range[1]), &expected["high"], "high");
        assert_figure(Some(bin.confidence), &expected["confidence"], "confidence");
        assert_figure(Some(bin.right), &expected["right"], "right");
    }
    assert_figure(calibration_error(bins), &case["error"], "error");
}

#[test]
fn calibration_is_that_of_equal_parts_of_the_sorted_predictions() {
    for case in reference("calibration") {
        let mut predictions = judged(&case, "confidence", "right");
        let bins = reliability(&predictions);
        assert_bins(&bins, &case);
        predictions.reverse();
        assert_eq!(reliability(&predictions), bins);
    }
    assert_eq!(reliability(&[]), []);
    assert_eq!(calibration_error(&[]), None);
}

#[test]
fn weighted_figures_are_those_of_scikit_learn() {
    for case in reference("weighted") {
        let places = |field: &str| -> Vec<usize> {
            numbers(&case[field])
                .into_iter()
                .map(|n| n as usize)
                .collect()
        };
        let (gold, predicted) = (places("gold"), places("predicted"));
        let weights = numbers(&case["weights"]);
        let texts = gold.iter().zip(&predicted).zip(&weights);
        let score = classification(
            3,
            texts.map(|((gold, found), weight)| (*gold, *found, *weight)),
        );
        assert_figure(score.accuracy(), &case["accuracy"], "accuracy");
        for (class, scored) in score.classes.iter().enumerate() {
            assert_figure(scored.precision(), &case["precision"][class], "precision");
            assert_figure(scored.recall(), &case["recall"][class], "recall");
            assert_figure(scored.f1(), &case["f1"][class], "F1");
        }
        let mut ranked = judged(&case, "scores", "labels");
        for (one, weight) in ranked.iter_mut().zip(&weights) {
            one.2 = *weight;
        }
        assert_figure(
            average_precision(&ranked),
            &case["average_precision"],
            "average precision",
        );
    }
}

#[test]
fn weighted_calibration_has_bins_of_equal_numbers_and_weighted_means() {
    for case in reference("weighted_calibration") {
        let mut predictions = judged(&case, "confidence", "right");
        for (one, weight) in predictions.iter_mut().zip(numbers(&case["weights"])) {
            one.2 = weight;
        }
        assert_bins(&reliability(&predictions), &case);
    }
}

/// A sample of several strata, one of them with a single text, from the file to the interval.
#[test]
fn a_stratified_sample_is_measured_with_its_weights_and_strata() {
    for case in reference("evaluation") {
        let texts = case["texts"].as_array().expect("texts");
        let lines: Vec<String> = texts
            .iter()
            .map(|text| {
                let line = serde_json::json!({
                    "text": "a",
                    "sentiment": text["label"],
                    "weight": text["weight"],
                    "stratum": text["stratum"],
                });
                line.to_string()
            })
            .collect();
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), lines.join("\n")).expect("it can be written");
        let labelled = undertone::labelled::read(file.path()).expect("valid").texts;
        let labelled: Vec<&Labelled> = labelled.iter().collect();
        let scores: Vec<Scores> = texts
            .iter()
            .map(|text| {
                let probabilities = numbers(&text["probabilities"]);
                Scores {
                    sentiment: [probabilities[0], probabilities[1], probabilities[2]],
                    ..scores(0.0, &[])
                }
            })
            .collect();
        let measured = evaluate(&labelled, &scores, &[]).sentiment;
        assert_figure(measured.accuracy.value, &case["accuracy"], "accuracy");
        assert_figure(measured.macro_f1.value, &case["macro_f1"], "macro F1");
        assert_figure(
            measured.macro_recall.value,
            &case["macro_recall"],
            "macro recall",
        );
        assert_figure(
            measured.calibration.error,
            &case["error"],
            "calibration error",
        );
        let interval = measured.accuracy.interval.expect("an interval");
        // Another bootstrap, with other random numbers.
        for (ours, theirs) in [
            (interval.low, number(&case, "low")),
            (interval.high, number(&case, "high")),
        ] {
            assert!((ours - theirs).abs() < 0.015, "{interval:?} for {case}");
        }
    }
}

#[test]
fn ridge_regression_is_that_of_scipy() {
    for case in reference("ridge") {
        let rows: Vec<Vec<f64>> = case["features"]
            .as_array()
            .expect("rows")
            .iter()
            .map(numbers)
            .collect();
        let features =
            ndarray::Array2::from_shape_fn((rows.len(), rows[0].len()), |(row, column)| {
                rows[row][column]
            });
        let labels = case["labels"].as_array().expect("labels").iter();
        let labels: Vec<bool> = labels
            .map(|label| label.as_bool().expect("true or false"))
            .collect();
        let offsets = numbers(&case["offsets"]);
        let examples = Examples {
            features: &features,
            offsets: &offsets,
            labels: &labels,
        };
        let penalty = Penalty {
            weights: number(&case, "penalty"),
            bias: number(&case, "bias_penalty"),
        };
        let fitted = fit(examples, penalty, None);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} and {b}");
        close(fitted.bias, number(&case, "bias"));
        for (ours, theirs) in fitted.weights.iter().zip(numbers(&case["weights"])) {
            close(*ours, theirs);
        }
    }
}

#[test]
fn suspects_are_those_of_cleanlab() {
    for case in reference("confident") {
        let labels: Vec<usize> = numbers(&case["labels"])
            .into_iter()
            .map(|n| n as usize)
            .collect();
        let rows = case["probabilities"].as_array().expect("rows");
        let probabilities: Vec<Vec<f64>> = rows.iter().map(numbers).collect();
        let found = suspects(&labels, &probabilities);
        assert!(
            found
                .windows(2)
                .all(|pair| pair[0].margin >= pair[1].margin)
        );
        assert!(
            found
                .iter()
                .all(|one| one.given == labels[one.place] && one.suggested != one.given)
        );
        let mut places: Vec<f64> = found.iter().map(|suspect| suspect.place as f64).collect();
        places.sort_by(f64::total_cmp);
        assert!(!places.is_empty());
        assert_eq!(places, numbers(&case["suspects"]));
    }
    assert_eq!(suspects(&[], &[]), []);
}
