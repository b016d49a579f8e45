//! Whether probabilities mean what they say: reliability tables and the expected calibration error.

/// Bins of a reliability table, each with the same number of predictions.
const BINS: usize = 15;

/// Predictions of like confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// How many.
    pub count: u64,
    /// The lowest and the highest confidence among them.
    pub range: [f64; 2],
    /// Their mean confidence, from 0 to 1.
    pub confidence: f64,
    /// The share of them that is right, from 0 to 1.
    pub right: f64,
}

/// The reliability table of predictions: pairs of confidence and whether it was right.
///
/// Fifteen bins of equal mass (Nguyen and O'Connor 2015, "Posterior calibration and exploratory analysis for natural
/// language processing models"); the first ones have one prediction more where the number does not divide, and there are
/// fewer bins where there are fewer predictions. Predictions of the same confidence are interchangeable only within a
/// bin, so they are put in the order of right and wrong: the table does not depend on the order of the input.
pub fn reliability(predictions: &[(f64, bool)]) -> Vec<Bin> {
    let mut sorted = predictions.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let bins = BINS.min(sorted.len());
    let mut rest = &sorted[..];
    (0..bins)
        .map(|bin| {
            let size = sorted.len() / bins + usize::from(bin < sorted.len() % bins);
            let (members, others) = rest.split_at(size);
            rest = others;
            let count = members.len() as f64;
            Bin {
                count: members.len() as u64,
                range: [members[0].0, members[members.len() - 1].0],
                confidence: members
                    .iter()
                    .map(|(confidence, _)| confidence)
                    .sum::<f64>()
                    / count,
                right: members.iter().filter(|(_, right)| *right).count() as f64 / count,
            }
        })
        .collect()
}

/// The expected calibration error of a reliability table: the mean distance of confidence from the share that is right,
/// weighted by the bins' sizes (Naeini et al. 2015); from 0 to 1, None for no predictions.
pub fn calibration_error(bins: &[Bin]) -> Option<f64> {
    let count: u64 = bins.iter().map(|bin| bin.count).sum();
    let sum: f64 = bins
        .iter()
        .map(|bin| bin.count as f64 * (bin.confidence - bin.right).abs())
        .sum();
    (count > 0).then(|| sum / count as f64)
}
