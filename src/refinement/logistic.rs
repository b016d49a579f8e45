//! Logistic regression with a ridge penalty and offsets, checked against scikit-learn in `tests/reference/`.

use ndarray::{Array1, Array2, ArrayViewMut1, Axis, Slice};

use crate::model::sigmoid;

/// Newton steps at most; a handful is the rule.
const STEPS: usize = 50;

/// Directions of the conjugate gradients within a Newton step at most.
const DIRECTIONS: usize = 200;

/// Log odds that are a linear function: `offset + bias + weights · features`.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// One for each feature.
    pub weights: Array1<f64>,
    /// What is added for everything.
    pub bias: f64,
}

impl Logistic {
    /// The log odds of one row of features.
    pub fn logit(&self, features: ndarray::ArrayView1<'_, f64>, offset: f64) -> f64 {
        offset + self.bias + self.weights.dot(&features)
    }
}

/// Labelled rows.
#[derive(Debug, Clone, Copy)]
pub struct Examples<'a> {
    /// `[rows, features]`.
    pub features: &'a Array2<f64>,
    /// Log odds that each row begins with.
    pub offsets: &'a [f64],
    /// What is to be predicted.
    pub labels: &'a [bool],
}

/// What large parameters cost: half of this times their square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Penalty {
    /// Of each weight; above 0, so that there is one minimum.
    pub weights: f64,
    /// Of the bias; above 0, so that labels that are all the same do no harm.
    pub bias: f64,
}

/// The weights that minimise the negative log likelihood plus the penalty (Hoerl and Kennard 1970; le Cessie and van
/// Houwelingen 1992), by Newton's method with conjugate gradients (Nocedal and Wright 2006, chapter 7). It begins at
/// `start`, which makes it fast where that is near the minimum and changes nothing else; at 0 if there is none.
pub fn fit(examples: Examples<'_>, penalty: Penalty, start: Option<&Logistic>) -> Logistic {
    let Examples {
        features,
        offsets,
        labels,
    } = examples;
    let columns = features.ncols();
    // The bias is the last parameter.
    let mut parameters = Array1::<f64>::zeros(columns + 1);
    if let Some(start) = start {
        weights_of(&mut parameters).assign(&start.weights);
        parameters[columns] = start.bias;
    }
    let mut penalties = Array1::from_elem(columns + 1, penalty.weights);
    penalties[columns] = penalty.bias;
    let product = |parameters: &Array1<f64>| -> Array1<f64> {
        features.dot(&parameters.slice_axis(Axis(0), Slice::from(..columns))) + parameters[columns]
    };
    // From a value a row to a value a parameter: row by row, as the numbers lie in memory.
    let back = |of_rows: &Array1<f64>| -> Array1<f64> {
        let mut of_parameters = Array1::zeros(columns + 1);
        let mut of_weights = weights_of(&mut of_parameters);
        for (row, value) in features.outer_iter().zip(of_rows) {
            of_weights.scaled_add(*value, &row);
        }
        of_parameters[columns] = of_rows.sum();
        of_parameters
    };
    let loss = |parameters: &Array1<f64>| -> f64 {
        let rows = product(parameters);
        let of_rows = rows.iter().zip(offsets).zip(labels);
        let likelihood: f64 = of_rows
            .map(|((product, offset), label)| surprise(product + offset, *label))
            .sum();
        likelihood + (&penalties * parameters * parameters).sum() / 2.0
    };
    let enough = 1e-9 * (labels.len() as f64).max(1.0);
    let mut before = loss(&parameters);
    for _ in 0..STEPS {
        let rows = product(&parameters);
        let probabilities: Array1<f64> = rows
            .iter()
            .zip(offsets)
            .map(|(z, offset)| sigmoid(z + offset))
            .collect();
        let residuals: Array1<f64> = probabilities
            .iter()
            .zip(labels)
            .map(|(p, label)| p - f64::from(u8::from(*label)))
            .collect();
        let gradient = back(&residuals) + &penalties * &parameters;
        let steepness = gradient.dot(&gradient).sqrt();
        if steepness < enough {
            break;
        }
        let curvature = probabilities.mapv(|p| (p * (1.0 - p)).max(1e-12));
        // Far from the minimum a rough direction will do.
        let tolerance = (steepness / labels.len() as f64).clamp(1e-10, 0.1);
        let direction = solve(&gradient, tolerance, |vector| {
            back(&(&curvature * &product(vector))) + &penalties * vector
        });
        // A whole step can overshoot: it is halved until it leads downhill.
        let step = (0..40)
            .map(|halvings| 0.5_f64.powi(halvings))
            .find_map(|share| {
                let there = &parameters - &(&direction * share);
                let after = loss(&there);
                (after < before).then_some((there, after))
            });
        let Some((there, after)) = step else { break };
        parameters = there;
        before = after;
    }
    Logistic {
        weights: weights_of(&mut parameters).to_owned(),
        bias: parameters[columns],
    }
}

/// All parameters but the last, which is the bias.
fn weights_of(parameters: &mut Array1<f64>) -> ArrayViewMut1<'_, f64> {
    parameters.slice_axis_mut(Axis(0), Slice::from(..-1))
}

/// Minus the log likelihood of a label: ln(1 + exp(±logit)), written so that nothing overflows.
pub(super) fn surprise(logit: f64, label: bool) -> f64 {
    let against = if label { -logit } else { logit };
    against.max(0.0) + (-against.abs()).exp().ln_1p()
}

/// Solves `matrix · x = right` for a positive definite matrix that is given by what it makes of a vector (Hestenes and
/// Stiefel 1952), until what is left over of `right` is at most its length times `tolerance`.
fn solve(
    right: &Array1<f64>,
    tolerance: f64,
    matrix: impl Fn(&Array1<f64>) -> Array1<f64>,
) -> Array1<f64> {
    let mut found = Array1::zeros(right.len());
    let mut residual = right.clone();
    let mut direction = residual.clone();
    let mut square = residual.dot(&residual);
    let enough = square * tolerance * tolerance;
    for _ in 0..DIRECTIONS {
        if square <= enough {
            break;
        }
        let image = matrix(&direction);
        let length = square / direction.dot(&image);
        found.scaled_add(length, &direction);
        residual.scaled_add(-length, &image);
        let next = residual.dot(&residual);
        direction = &residual + &(&direction * (next / square));
        square = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr2};

    use super::{Examples, Penalty, fit};

    fn penalty(bias: f64) -> Penalty {
        let weights = 0.5;
        Penalty { weights, bias }
    }

    #[test]
    fn a_free_bias_takes_an_offset_for_all_and_a_penalised_one_does_not() {
        let features = arr2(&[[0.0, 1.0], [1.0, 0.5], [2.0, -1.0], [3.0, 0.0], [1.5, 2.0]]);
        let labels = [false, true, false, true, true];
        let with = |offset: f64, bias: f64| {
            let offsets = [offset; 5];
            let examples = Examples {
                features: &features,
                offsets: &offsets,
                labels: &labels,
            };
            fit(examples, penalty(bias), None)
        };
        let (none, some) = (with(0.0, 1e-4), with(2.0, 1e-4));
        // Not quite all of it: the bias is held back a little.
        assert!((none.bias - some.bias - 2.0).abs() < 1e-3);
        for (a, b) in none.weights.iter().zip(&some.weights) {
            assert!((a - b).abs() < 1e-3);
        }
        assert!(with(2.0, 1e4).bias.abs() < 1e-3);
    }

    #[test]
    fn the_start_changes_nothing() {
        let features = Array2::from_shape_fn((30, 4), |(row, column)| {
            ((row * 7 + column * 5) % 11) as f64 / 4.0 - 1.0
        });
        let labels: Vec<bool> = (0..30).map(|row| row % 3 == 0 || row % 7 == 1).collect();
        let examples = Examples {
            features: &features,
            offsets: &[0.3; 30],
            labels: &labels,
        };
        let cold = fit(examples, penalty(0.1), None);
        let elsewhere = fit(
            examples,
            Penalty {
                weights: 50.0,
                bias: 9.0,
            },
            None,
        );
        let warm = fit(examples, penalty(0.1), Some(&elsewhere));
        assert!((&cold.weights - &elsewhere.weights).mapv(f64::abs).sum() > 0.1);
        assert!((&cold.weights - &warm.weights).mapv(f64::abs).sum() < 1e-6);
        assert!((cold.bias - warm.bias).abs() < 1e-6);
    }

    #[test]
    fn labels_that_are_all_the_same_do_no_harm() {
        let features = Array2::from_shape_fn((12, 3), |(row, column)| (row * column) as f64);
        let examples = Examples {
            features: &features,
            offsets: &[0.0; 12],
            labels: &[true; 12],
        };
        let fitted = fit(examples, penalty(1e-4), None);
        assert!(fitted.bias.is_finite() && fitted.bias > 0.0);
        assert!(fitted.weights.iter().all(|weight| weight.is_finite()));
    }
}
