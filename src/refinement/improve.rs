//! One theme made better by a person's labels, without touching the encoder.

use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;

use super::folds::folds;
use super::logistic::{Examples, Logistic, Penalty, fit, surprise};
use super::worth::{Found, found, is_better};
use crate::model::sigmoid;

/// Labels it takes at least, and at least of each kind: with fewer a cross-validated score says nothing.
pub const FEWEST: (usize, usize) = (12, 3);

/// Folds at most.
const FOLDS: usize = 5;

/// What vectors of length 1 are multiplied by, so that the penalties mean the same for every encoder.
const SCALE: f64 = 10.0;

/// Penalties that are tried, the strictest first: under that one hardly anything moves.
const PENALTIES: [f64; 6] = [1000.0, 100.0, 30.0, 10.0, 3.0, 1.0];

/// The penalty on a bias that is thrown away: none to speak of, but enough for labels that are all the same.
const FREE: f64 = 1e-4;

/// A text that a person has judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What stays together in cross-validation.
    pub group: String,
    /// Whether it has the theme.
    pub label: bool,
    /// Its vector.
    pub vector: Array1<f64>,
    /// The log odds of the theme without improvement.
    pub logit: f64,
    /// How many texts it stands for; above 0.
    pub weight: f64,
}

/// What is learnt about how frequent a theme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// What the labels say: they are of a random sample, which may have been drawn by the model's own scores.
    Learnt,
    /// Nothing: the texts were chosen by hand. The mean probability among them stays what it is.
    Kept,
}

/// An improvement and what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Improvement {
    /// What is added to the log odds, as a function of the text's vector.
    pub added: Logistic,
    /// Without it.
    pub before: Found,
    /// With it, cross-validated: every text judged by what the others teach, the penalty chosen among them too.
    pub after: Found,
    /// Whether that is better by more than chance: the loss falls by more than the standard error of its fall, and F1
    /// is no lower.
    pub helps: bool,
}

/// Learns from judged texts; None if there are too few of them, see [`FEWEST`]. A text has the theme from the probability
/// `threshold` on.
///
/// Log odds are those of the model plus a linear function of the text's vector, fitted by ridge logistic regression with
/// the model's log odds as offset. So with no evidence the model's judgement stands. The fit does not weigh the texts: a
/// sample is drawn by what the model knows, and given that, a text teaches the same however often its like was drawn
/// (DuMouchel and Duncan 1983). What it is worth is weighed, because it is to hold for the corpus.
///
/// Labels of texts that were chosen by hand say which texts have the theme, and nothing about how many. Then the bias
/// takes up how they were chosen (Prentice and Pyke 1979) and is replaced by one that keeps the mean probability.
pub fn improve(judged: &[Judged], threshold: f64, frequency: Frequency) -> Option<Improvement> {
    let positive = judged.iter().filter(|text| text.label).count();
    let fewer = positive.min(judged.len() - positive);
    if judged.len() < FEWEST.0 || fewer < FEWEST.1 {
        return None;
    }
    let columns = judged.first().map_or(0, |text| text.vector.len());
    let mut features = Array2::zeros((judged.len(), columns));
    for (mut row, text) in features.axis_iter_mut(Axis(0)).zip(judged) {
        row.assign(&(&text.vector * SCALE));
    }
    let lesson = Lesson {
        judged,
        features,
        frequency,
    };
    let all: Vec<usize> = (0..judged.len()).collect();
    let parts = lesson.parts(&all, FOLDS.min(fewer));
    let taught: Vec<Vec<(usize, f64)>> = parts
        .par_iter()
        .map(|(held, rest)| {
            let fitted = lesson.learn(rest);
            let logits = held.iter().map(|place| lesson.logit(&fitted, *place));
            held.iter().copied().zip(logits).collect()
        })
        .collect();
    let before: Vec<f64> = judged.iter().map(|text| text.logit).collect();
    let mut after = before.clone();
    for (place, logit) in taught.into_iter().flatten() {
        after[place] = logit;
    }
    let fitted = lesson.learn(&all);
    Some(Improvement {
        added: Logistic {
            weights: fitted.weights * SCALE,
            bias: fitted.bias,
        },
        before: found(judged, &before, threshold),
        after: found(judged, &after, threshold),
        helps: is_better(judged, &before, &after, threshold),
    })
}

/// What there is to learn from.
struct Lesson<'a> {
    judged: &'a [Judged],
    /// `[texts, numbers of the vector]`, scaled.
    features: Array2<f64>,
    frequency: Frequency,
}

impl Lesson<'_> {
    /// Parts of some texts for cross-validation: those that are judged, and those that teach.
    fn parts(&self, places: &[usize], count: usize) -> Vec<(Vec<usize>, Vec<usize>)> {
        let texts = places.iter().map(|place| &self.judged[*place]);
        let examples: Vec<(String, usize)> = texts
            .map(|text| (text.group.clone(), usize::from(text.label)))
            .collect();
        let fold_of = folds(&examples, count);
        let count = fold_of.iter().max().map_or(0, |last| last + 1);
        (0..count)
            .map(|fold| {
                let of_fold = |wanted: bool| -> Vec<usize> {
                    let texts = places.iter().zip(&fold_of);
                    let wanted = texts.filter(|(_, at)| (**at == fold) == wanted);
                    wanted.map(|(place, _)| *place).collect()
                };
                (of_fold(true), of_fold(false))
            })
            .collect()
    }

    /// Fits with the penalty that predicts best in cross-validation among the texts themselves.
    fn learn(&self, places: &[usize]) -> Logistic {
        let losses: Vec<Vec<f64>> = self
            .parts(places, FOLDS)
            .par_iter()
            .map(|(held, rest)| {
                let loss = |fitted: &Logistic| -> f64 {
                    let surprises = held.iter().map(|place| {
                        surprise(self.logit(fitted, *place), self.judged[*place].label)
                    });
                    surprises.sum()
                };
                self.fits(rest, &PENALTIES).iter().map(loss).collect()
            })
            .collect();
        let mut best = (f64::INFINITY, PENALTIES[0]);
        for (at, penalty) in PENALTIES.into_iter().enumerate() {
            let loss: f64 = losses.iter().map(|of_part| of_part[at]).sum();
            if loss < best.0 - 1e-9 {
                best = (loss, penalty);
            }
        }
        let none = Logistic {
            weights: Array1::zeros(self.features.ncols()),
            bias: 0.0,
        };
        self.fits(places, &[best.1]).pop().unwrap_or(none)
    }

    /// Fits with each of these penalties; each fit begins where the one before has ended.
    fn fits(&self, places: &[usize], penalties: &[f64]) -> Vec<Logistic> {
        let features = self.features.select(Axis(0), places);
        let texts = || places.iter().map(|place| &self.judged[*place]);
        let offsets: Vec<f64> = texts().map(|text| text.logit).collect();
        let labels: Vec<bool> = texts().map(|text| text.label).collect();
        let examples = Examples {
            features: &features,
            offsets: &offsets,
            labels: &labels,
        };
        let mut fitted: Vec<Logistic> = Vec::new();
        for weights in penalties {
            let bias = match self.frequency {
                // As for the weight of a feature that is always as large as a vector is long.
                Frequency::Learnt => weights / (SCALE * SCALE),
                Frequency::Kept => FREE,
            };
            let weights = *weights;
            fitted.push(fit(examples, Penalty { weights, bias }, fitted.last()));
        }
        if self.frequency == Frequency::Kept {
            for one in &mut fitted {
                one.bias = keeping_the_mean(&offsets, &features.dot(&one.weights));
            }
        }
        fitted
    }

    fn logit(&self, fitted: &Logistic, place: usize) -> f64 {
        fitted.logit(self.features.row(place), self.judged[place].logit)
    }
}

/// The bias that keeps the mean probability what it is by the offsets alone when `added` comes to them.
fn keeping_the_mean(offsets: &[f64], added: &Array1<f64>) -> f64 {
    let wanted: f64 = offsets.iter().map(|offset| sigmoid(*offset)).sum();
    let with = |bias: f64| -> f64 {
        let logits = offsets.iter().zip(added);
        logits
            .map(|(offset, added)| sigmoid(offset + added + bias))
            .sum()
    };
    // With these none is above its offset, and none below.
    let mut low = -added.iter().copied().fold(0.0, f64::max);
    let mut high = -added.iter().copied().fold(0.0, f64::min);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if with(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    use super::{Frequency, Judged, improve};
    use crate::model::sigmoid;

    /// Texts whose first number says whether they have the theme, as the model does not know.
    fn judged(count: usize) -> Vec<Judged> {
        (0..count)
            .map(|place| {
                let label = place % 3 == 0;
                let mut vector =
                    Array1::from_shape_fn(8, |at| ((place * 7 + at * 13) % 11) as f64 / 11.0 - 0.5);
                vector[0] = if label { 1.5 } else { -1.5 };
                let length = vector.dot(&vector).sqrt();
                Judged {
                    group: place.to_string(),
                    label,
                    vector: vector / length,
                    logit: 0.4 - (place % 2) as f64,
                    weight: 1.0,
                }
            })
            .collect()
    }

    fn uniform(generator: &mut ChaCha8Rng) -> f64 {
        (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Texts of which the model knows all that can be known.
    fn known(count: usize, generator: &mut ChaCha8Rng) -> Vec<Judged> {
        (0..count)
            .map(|place| {
                let vector = Array1::from_shape_fn(4, |_| uniform(generator) - 0.5);
                let length = vector.dot(&vector).sqrt();
                let logit = 6.0 * uniform(generator) - 3.0;
                Judged {
                    group: place.to_string(),
                    label: uniform(generator) < sigmoid(logit),
                    vector: vector / length,
                    logit,
                    weight: 1.0,
                }
            })
            .collect()
    }

    #[test]
    fn what_labels_say_is_learnt() {
        for frequency in [Frequency::Learnt, Frequency::Kept] {
            let improvement = improve(&judged(30), 0.5, frequency).expect("enough labels");
            assert!(improvement.helps, "{improvement:?}");
            assert!(improvement.after.right > 0.95, "{improvement:?}");
            assert!(improvement.after.loss < improvement.before.loss / 2.0);
            assert!(improvement.added.weights[0] > 1.0);
        }
    }

    /// The score is of texts that were not learnt from, so where nothing can be known, nothing is put in force but by a
    /// rare chance.
    #[test]
    fn noise_gains_nothing() {
        for frequency in [Frequency::Learnt, Frequency::Kept] {
            let mut generator = ChaCha8Rng::seed_from_u64(3);
            let helped = (0..200)
                .filter_map(|_| improve(&known(40, &mut generator), 0.5, frequency))
                .filter(|improvement| improvement.helps)
                .count();
            assert!(helped <= 20, "{frequency:?}: {helped} of 200");
        }
    }

    /// Twelve that have the theme and three that have it not, picked by hand where the model expects few.
    #[test]
    fn texts_picked_by_hand_do_not_make_a_theme_frequent() {
        let mut generator = ChaCha8Rng::seed_from_u64(4);
        let mut texts = known(15, &mut generator);
        for (place, text) in texts.iter_mut().enumerate() {
            text.label = place < 12;
            text.logit -= 2.0;
        }
        let mean = |texts: &[Judged], frequency| {
            let added = improve(texts, 0.5, frequency).expect("enough").added;
            let probabilities = texts
                .iter()
                .map(|text| sigmoid(added.logit(text.vector.view(), text.logit)));
            probabilities.sum::<f64>() / texts.len() as f64
        };
        let before = texts.iter().map(|text| sigmoid(text.logit)).sum::<f64>() / 15.0;
        assert!((mean(&texts, Frequency::Kept) - before).abs() < 1e-6);
        assert!(mean(&texts, Frequency::Learnt) > before + 0.1);
    }

    /// Three of each kind are enough where they are in threads of their own, and the order of the rows does not matter.
    #[test]
    fn the_order_of_rows_changes_nothing() {
        let texts = judged(20);
        let mut turned = texts.clone();
        turned.reverse();
        let one = improve(&texts, 0.5, Frequency::Learnt).expect("enough");
        let other = improve(&turned, 0.5, Frequency::Learnt).expect("enough");
        assert!((one.after.loss - other.after.loss).abs() < 1e-6);
    }

    #[test]
    fn too_few_are_refused() {
        let improve = |texts: &[Judged]| improve(texts, 0.5, Frequency::Learnt);
        assert!(improve(&judged(11)).is_none());
        let mut lopsided = judged(30);
        lopsided
            .iter_mut()
            .skip(6)
            .for_each(|text| text.label = false);
        assert!(improve(&lopsided).is_none());
        assert!(improve(&[]).is_none());
    }
}
