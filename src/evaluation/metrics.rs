//! Accuracy, precision, recall and F1, checked against scikit-learn in `tests/reference/`.
//!
//! A ratio whose denominator is 0 is None, not 0. F1 is `2tp / (2tp + fp + fn)`. Macro averages go over the classes
//! that occur in the labels.

/// Precision, recall and F1 of one class, with the counts they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassScore {
    /// Predicted and labelled.
    pub true_positives: u64,
    /// Predicted, not labelled.
    pub false_positives: u64,
    /// Labelled, not predicted.
    pub false_negatives: u64,
}

impl ClassScore {
    /// How often the class is labelled.
    pub fn support(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// Share of the predictions that are right.
    pub fn precision(&self) -> Option<f64> {
        ratio(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// Share of the labels that are found.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.true_positives, self.support())
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> Option<f64> {
        let twice = 2 * self.true_positives;
        ratio(twice, twice + self.false_positives + self.false_negatives)
    }

    fn count(&mut self, predicted: bool, labelled: bool) {
        match (predicted, labelled) {
            (true, true) => self.true_positives += 1,
            (true, false) => self.false_positives += 1,
            (false, true) => self.false_negatives += 1,
            (false, false) => {}
        }
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The mean of `figure` over the classes that occur in the labels.
fn macro_mean(classes: &[ClassScore], figure: impl Fn(&ClassScore) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = classes
        .iter()
        .filter(|class| class.support() > 0)
        .filter_map(figure)
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// One label a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// Per class.
    pub classes: Vec<ClassScore>,
    /// `confusion[labelled][predicted]`.
    pub confusion: Vec<Vec<u64>>,
}

impl Classification {
    /// How many texts were counted.
    pub fn texts(&self) -> u64 {
        self.confusion.iter().flatten().sum()
    }

    /// How many of them were predicted as labelled.
    pub fn correct(&self) -> u64 {
        self.classes.iter().map(|class| class.true_positives).sum()
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

/// Scores pairs of (labelled, predicted), each below `classes`.
pub fn classification(
    classes: usize,
    pairs: impl Iterator<Item = (usize, usize)>,
) -> Classification {
    let mut confusion = vec![vec![0; classes]; classes];
    let mut scores = vec![ClassScore::default(); classes];
    for (labelled, predicted) in pairs {
        confusion[labelled][predicted] += 1;
        for (class, score) in scores.iter_mut().enumerate() {
            score.count(predicted == class, labelled == class);
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Scores texts, each with one entry per theme.
pub fn multi_label(
    themes: usize,
    texts: impl Iterator<Item = impl AsRef<[ThemeScore]>>,
) -> MultiLabel {
    let mut scores = vec![ClassScore::default(); themes];
    for text in texts {
        for (score, theme) in scores.iter_mut().zip(text.as_ref()) {
            if let Some(labelled) = theme.labelled {
                score.count(theme.predicted, labelled);
            }
        }
    }
    MultiLabel { themes: scores }
}
