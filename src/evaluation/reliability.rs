//! Whether probabilities mean what they say: reliability tables and the expected calibration error.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Samples drawn to see what chance does.
const REPLICATES: usize = 200;

/// Bins of a reliability table, each with the same number of predictions, whatever these stand for.
const BINS: usize = 15;

/// Predictions of like confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// How many.
    pub count: u64,
    /// The sum of their weights.
    pub weight: f64,
    /// The lowest and the highest confidence among them.
    pub range: [f64; 2],
    /// Their mean confidence, from 0 to 1.
    pub confidence: f64,
    /// The share of them that is right, from 0 to 1.
    pub right: f64,
}

/// The reliability table of predictions: confidence, whether it was right, and weight.
///
/// Fifteen bins with the same number of predictions in each, whose means are weighted; without weights, of equal mass
/// (Nguyen and O'Connor 2015, "Posterior calibration and exploratory analysis for natural language processing models").
/// The first ones have one prediction more where the number does not divide, and there are fewer bins where there are
/// fewer predictions. Predictions of the same confidence cannot be told apart: where a cut goes through them, each bin gets
/// its part of those that are right, so that the table does not depend on the order of the input and an honest confidence
/// that occurs often looks honest.
///
/// The error of a small sample is too large: [`error_by_chance`] says by how much.
pub fn reliability(predictions: &[(f64, bool, f64)]) -> Vec<Bin> {
    let mut sorted = predictions.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Confidence, share that is right, weight: the same for all of one confidence.
    let sorted: Vec<(f64, f64, f64)> = sorted
        .chunk_by(|a, b| a.0 == b.0)
        .flat_map(|equal| {
            let right = equal.iter().filter(|(_, right, _)| *right);
            let right: f64 = right.map(|(_, _, weight)| weight).sum();
            let weight: f64 = equal.iter().map(|(_, _, weight)| weight).sum();
            let of_each = (equal[0].0, right / weight, weight / equal.len() as f64);
            std::iter::repeat_n(of_each, equal.len())
        })
        .collect();
    let bins = BINS.min(sorted.len());
    let mut rest = &sorted[..];
    (0..bins)
        .map(|bin| {
            let size = sorted.len() / bins + usize::from(bin < sorted.len() % bins);
            let (members, others) = rest.split_at(size);
            rest = others;
            let sum = |value: fn(&(f64, f64, f64)) -> f64| members.iter().map(value).sum::<f64>();
            let weight = sum(|(_, _, weight)| *weight);
            Bin {
                count: members.len() as u64,
                weight,
                range: [members[0].0, members[members.len() - 1].0],
                confidence: sum(|(confidence, _, weight)| confidence * weight) / weight,
                right: sum(|(_, right, weight)| right * weight) / weight,
            }
        })
        .collect()
}

/// The expected calibration error of a reliability table: the mean distance of confidence from the share that is right,
/// weighted by the bins' weights (Naeini et al. 2015); from 0 to 1, None for no predictions.
pub fn calibration_error(bins: &[Bin]) -> Option<f64> {
    let weight: f64 = bins.iter().map(|bin| bin.weight).sum();
    let sum: f64 = bins
        .iter()
        .map(|bin| bin.weight * (bin.confidence - bin.right).abs())
        .sum();
    (weight > 0.0).then(|| sum / weight)
}

/// The calibration error that perfectly honest predictions of the same confidences and weights show: its mean and what it
/// exceeds in one sample of twenty, by simulation (the parametric bootstrap of Vaicenavicius et al. 2019, "Evaluating
/// model calibration in classification"). An error that is no greater is no sign of dishonesty. None for no predictions.
pub fn error_by_chance(predictions: &[(f64, bool, f64)]) -> Option<[f64; 2]> {
    let mut generator = ChaCha8Rng::seed_from_u64(15);
    let mut drawn = predictions.to_vec();
    drawn.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.total_cmp(&b.2)));
    let mut errors = Vec::with_capacity(REPLICATES);
    for _ in 0..REPLICATES {
        for (confidence, right, _) in &mut drawn {
            *right = (generator.next_u64() as f64) < *confidence * u64::MAX as f64;
        }
        errors.push(calibration_error(&reliability(&drawn))?);
    }
    errors.sort_by(f64::total_cmp);
    let mean = errors.iter().sum::<f64>() / REPLICATES as f64;
    Some([mean, errors[REPLICATES * 19 / 20]])
}

#[cfg(test)]
mod tests {
    use super::error_by_chance;

    /// Predictions of one confidence are one bin: their error is the mean deviation of a binomial share, for 300 of 0.5
    /// (de Moivre) C(300, 150) / 2^301 = 0.02302; its 95th percentile is that of |z|, 1.96 · 0.5 / √300 = 0.0566.
    #[test]
    fn chance_errs_as_the_binomial_distribution_does() {
        let [mean, high] = error_by_chance(&[(0.5, true, 1.0); 300]).expect("predictions");
        assert!((mean - 0.02302).abs() < 0.004, "{mean}");
        assert!((high - 0.0566).abs() < 0.012, "{high}");
        // A bin each, and always half a unit off.
        assert_eq!(error_by_chance(&[(0.5, true, 1.0)]), Some([0.5, 0.5]));
        assert_eq!(error_by_chance(&[]), None);
    }
}
