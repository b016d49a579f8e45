//! Accuracy, precision, recall and F1, checked against scikit-learn in `tests/reference/`.
//!
//! A ratio whose denominator is 0 is None, not 0. F1 is `2tp / (2tp + fp + fn)`. Macro averages go over the classes
//! that occur in the labels. Every text has a weight, how many it stands for; ratios are of weights.

use std::ops::{Add, AddAssign};

/// How many texts, and how many they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// How many there are.
    pub count: u64,
    /// The sum of their weights.
    pub weight: f64,
}

impl Tally {
    fn one(weight: f64) -> Self {
        Self { count: 1, weight }
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            weight: self.weight + other.weight,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Precision, recall and F1 of one class, with the counts they come from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassScore {
    /// Predicted and labelled.
    pub true_positives: Tally,
    /// Predicted, not labelled.
    pub false_positives: Tally,
    /// Labelled, not predicted.
    pub false_negatives: Tally,
}

impl ClassScore {
    /// How often the class is labelled.
    pub fn support(&self) -> Tally {
        self.true_positives + self.false_negatives
    }

    /// How often the class is predicted.
    pub fn predicted(&self) -> Tally {
        self.true_positives + self.false_positives
    }

    /// Share of the predictions that are right.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.true_positives, self.predicted())
    }

    /// Share of the labels that are found.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.true_positives, self.support())
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> Option<f64> {
        let twice = self.true_positives + self.true_positives;
        ratio(twice, twice + self.false_positives + self.false_negatives)
    }

    fn count(&mut self, predicted: bool, labelled: bool, weight: f64) {
        let one = Tally::one(weight);
        match (predicted, labelled) {
            (true, true) => self.true_positives += one,
            (true, false) => self.false_positives += one,
            (false, true) => self.false_negatives += one,
            (false, false) => {}
        }
    }
}

fn ratio(part: Tally, whole: Tally) -> Option<f64> {
    (whole.weight > 0.0).then(|| part.weight / whole.weight)
}

/// The mean of `figure` over the classes that occur in the labels.
fn macro_mean(classes: &[ClassScore], figure: impl Fn(&ClassScore) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = classes
        .iter()
        .filter(|class| class.support().weight > 0.0)
        .filter_map(figure)
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// One label a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// Per class.
    pub classes: Vec<ClassScore>,
    /// Counts: `confusion[labelled][predicted]`.
    pub confusion: Vec<Vec<u64>>,
}

impl Classification {
    /// How many texts were counted.
    pub fn texts(&self) -> Tally {
        self.sum(ClassScore::support)
    }

    /// How many of them were predicted as labelled.
    pub fn correct(&self) -> Tally {
        self.sum(|class| class.true_positives)
    }

    fn sum(&self, tally: impl Fn(&ClassScore) -> Tally) -> Tally {
        let tallies = self.classes.iter().map(tally);
        tallies.fold(Tally::default(), Add::add)
    }

    /// Share of texts predicted as labelled.
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.correct(), self.texts())
    }

    /// Mean F1 over the classes that occur.
    pub fn macro_f1(&self) -> Option<f64> {
        macro_mean(&self.classes, ClassScore::f1)
    }

    /// Mean recall over the classes that occur.
    pub fn macro_recall(&self) -> Option<f64> {
        macro_mean(&self.classes, ClassScore::recall)
    }
}

/// Scores texts by (labelled, predicted, weight), the first two below `classes`.
pub fn classification(
    classes: usize,
    texts: impl Iterator<Item = (usize, usize, f64)>,
) -> Classification {
    let mut confusion = vec![vec![0; classes]; classes];
    let mut scores = vec![ClassScore::default(); classes];
    for (labelled, predicted, weight) in texts {
        confusion[labelled][predicted] += 1;
        for (class, score) in scores.iter_mut().enumerate() {
            score.count(predicted == class, labelled == class, weight);
        }
    }
    Classification {
        classes: scores,
        confusion,
    }
}

/// What one theme of one text is, by label and by prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThemeScore {
    /// None where the label counts neither way.
    pub labelled: Option<bool>,
    /// Whether it was predicted.
    pub predicted: bool,
}

/// Any number of labels a text.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiLabel {
    /// Per theme.
    pub themes: Vec<ClassScore>,
}

impl MultiLabel {
    /// All themes' counts together.
    pub fn micro(&self) -> ClassScore {
        self.themes
            .iter()
            .fold(ClassScore::default(), |sum, theme| ClassScore {
                true_positives: sum.true_positives + theme.true_positives,
                false_positives: sum.false_positives + theme.false_positives,
                false_negatives: sum.false_negatives + theme.false_negatives,
            })
    }

    /// Mean F1 over the themes that occur in the labels.
    pub fn macro_f1(&self) -> Option<f64> {
        macro_mean(&self.themes, ClassScore::f1)
    }
}

/// Scores texts, each with one entry per theme, and a weight.
pub fn multi_label(
    themes: usize,
    texts: impl Iterator<Item = (impl AsRef<[ThemeScore]>, f64)>,
) -> MultiLabel {
    let mut scores = vec![ClassScore::default(); themes];
    for (text, weight) in texts {
        for (score, theme) in scores.iter_mut().zip(text.as_ref()) {
            if let Some(labelled) = theme.labelled {
                score.count(theme.predicted, labelled, weight);
            }
        }
    }
    MultiLabel { themes: scores }
}
