//! Fits linear layers: regularised logistic regression, full batch, by Adam (Kingma and Ba 2015).

use ndarray::{Array1, Array2, Axis};
use tch::nn::{self, OptimizerConfig};
use tch::{Device, Kind, Tensor};

use super::config::TrainingError;
use crate::model::LinearHead;

/// Steps of the optimiser; the problems are convex and settle well before.
const STEPS: usize = 400;

/// The first learning rate; it falls to 0 along a cosine.
const RATE: f64 = 0.05;

/// What the rows of the layer stand for.
pub(super) enum Targets<'a> {
    /// One class a text, below the number of rows: softmax and cross entropy.
    Classes(&'a [i64]),
    /// Any number of labels a text, `[texts, rows]` of 0 and 1: sigmoid and binary cross entropy.
    Labels(&'a Array2<f32>),
}

/// Fits a layer with `rows` outputs to `inputs` (`[texts, columns]`), each text weighing `weights`.
///
/// Inputs are standardised by one mean per column and one scale for all, which the returned layer has taken in: it
/// applies to inputs as they are.
pub(super) fn fit(
    inputs: &Array2<f32>,
    targets: &Targets<'_>,
    weights: &[f32],
    rows: usize,
    l2: f64,
) -> Result<LinearHead, TrainingError> {
    let columns = inputs.ncols();
    let mean = inputs
        .mean_axis(Axis(0))
        .unwrap_or_else(|| Array1::zeros(columns));
    let centred = inputs - &mean;
    let scale = (centred.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>()
        / centred.len().max(1) as f64)
        .sqrt()
        .max(1e-12);

    let store = nn::VarStore::new(Device::Cpu);
    let zero = nn::Init::Const(0.0);
    let layer_weights = store
        .root()
        .f_var("weights", &[rows as i64, columns as i64], zero)?;
    let layer_bias = store.root().f_var("bias", &[rows as i64], zero)?;
    let mut optimiser = nn::Adam::default().build(&store, RATE)?;

    let x = Tensor::try_from(&centred)? / scale;
    let weight = Tensor::from_slice(weights);
    let total = weight.sum(Kind::Float);
    let target = match targets {
        Targets::Classes(classes) => Tensor::from_slice(classes),
        Targets::Labels(labels) => Tensor::try_from(*labels)?,
    };
    for step in 0..STEPS {
        let progress = step as f64 / STEPS as f64;
        optimiser.set_lr(RATE * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()));
        let logits = x.f_linear(&layer_weights, Some(&layer_bias))?;
        let per_text = match targets {
            Targets::Classes(_) => logits.f_cross_entropy_loss(
                &target,
                None::<Tensor>,
                tch::Reduction::None,
                -100,
                0.0,
            )?,
            Targets::Labels(_) => logits
                .f_binary_cross_entropy_with_logits(
                    &target,
                    None::<Tensor>,
                    None::<Tensor>,
                    tch::Reduction::None,
                )?
                .f_sum_dim_intlist(1, false, Kind::Float)?,
        };
        let loss = (per_text * &weight).f_sum(Kind::Float)? / &total
            + layer_weights.f_square()?.f_sum(Kind::Float)? * (l2 / 2.0);
        optimiser.backward_step(&loss);
    }

    let mut flat = vec![0_f32; rows * columns];
    layer_weights.f_copy_data(&mut flat, rows * columns)?;
    let mut bias = vec![0_f32; rows];
    layer_bias.f_copy_data(&mut bias, rows)?;
    let scaled = Array2::from_shape_fn((rows, columns), |(row, column)| {
        f64::from(flat[row * columns + column]) / scale
    });
    let shift = scaled.dot(&mean.mapv(f64::from));
    let bias = Array1::from_iter(bias.into_iter().map(f64::from)) - shift;
    LinearHead::new(scaled, bias).map_err(TrainingError::Unusable)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr1};

    use super::{Targets, fit};

    /// The maximum-likelihood estimate of a logistic regression on one binary input is the log odds of its 2×2 table.
    #[test]
    fn an_unregularised_fit_finds_the_log_odds_of_the_table() {
        // Input 0: 3 of 10 labelled. Input 1: 8 of 10 labelled.
        let inputs = Array2::from_shape_fn((20, 1), |(row, _)| f32::from(u8::from(row >= 10)));
        let labels = Array2::from_shape_fn((20, 1), |(row, _)| {
            f32::from(u8::from(row % 10 < if row < 10 { 3 } else { 8 }))
        });
        let head = fit(&inputs, &Targets::Labels(&labels), &[1.0; 20], 1, 0.0).expect("it fits");
        let at = |x: f64| head.logits(arr1(&[x]).view())[0];
        assert!((at(0.0) - (3.0_f64 / 7.0).ln()).abs() < 0.01, "{}", at(0.0));
        assert!((at(1.0) - (8.0_f64 / 2.0).ln()).abs() < 0.01, "{}", at(1.0));
    }

    #[test]
    fn a_text_of_weight_two_counts_as_two_texts() {
        let inputs = Array2::from_shape_vec((3, 1), vec![0.0, 1.0, 1.0]).expect("three rows");
        let doubled = Array2::from_shape_vec((4, 1), vec![0.0, 1.0, 1.0, 1.0]).expect("four rows");
        let one = fit(
            &inputs,
            &Targets::Classes(&[0, 1, 0]),
            &[1.0, 2.0, 1.0],
            2,
            0.0,
        )
        .expect("it fits");
        let two = fit(
            &doubled,
            &Targets::Classes(&[0, 1, 1, 0]),
            &[1.0; 4],
            2,
            0.0,
        )
        .expect("it fits");
        let gap = |head: &crate::model::LinearHead| {
            let logits = head.logits(arr1(&[1.0]).view());
            logits[1] - logits[0]
        };
        assert!((gap(&one) - gap(&two)).abs() < 0.01);
        assert!((gap(&one) - 2.0_f64.ln()).abs() < 0.01);
    }
}
