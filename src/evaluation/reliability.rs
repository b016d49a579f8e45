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
/// fewer bins where there are fewer predictions. Predictions of the same confidence cannot be told apart: where a cut goes
/// through them, each bin gets its part of those that are right, so that the table does not depend on the order of the
/// input and an honest confidence that occurs often looks honest.
///
/// The error of a small sample is too large: of perfectly calibrated predictions it is about 0.07 for 300 and 0.02 for
/// 5,000. State the number beside it.
pub fn reliability(predictions: &[(f64, bool)]) -> Vec<Bin> {
    let mut sorted = predictions.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let sorted: Vec<(f64, f64)> = sorted
        .chunk_by(|a, b| a.0 == b.0)
        .flat_map(|equal| {
            let right = equal.iter().filter(|(_, right)| *right).count();
            let share = right as f64 / equal.len() as f64;
            equal
                .iter()
                .map(move |(confidence, _)| (*confidence, share))
        })
        .collect();
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
                right: members.iter().map(|(_, right)| right).sum::<f64>() / count,
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
