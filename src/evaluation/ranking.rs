//! How well probabilities put texts in order, whatever the threshold.

/// The average precision of scored labels: `Σ (recallₙ - recallₙ₋₁) · precisionₙ` over the distinct scores, highest first,
/// without interpolation (Manning, Raghavan and Schütze 2008, chapter 8). Texts of the same score count as found at
/// once. None where nothing is labelled.
pub fn average_precision(scored: &[(f64, bool)]) -> Option<f64> {
    let positives = scored.iter().filter(|(_, label)| *label).count();
    if positives == 0 {
        return None;
    }
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut seen, mut found, mut sum) = (0_usize, 0_usize, 0.0);
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let new = equal.iter().filter(|(_, label)| *label).count();
        seen += equal.len();
        found += new;
        sum += new as f64 / positives as f64 * (found as f64 / seen as f64);
    }
    Some(sum)
}
