//! How well probabilities put texts in order, whatever the threshold.

/// The average precision of scored labels: `Σ (recallₙ - recallₙ₋₁) · precisionₙ` over the distinct scores, highest first,
/// without interpolation (Manning, Raghavan and Schütze 2008, chapter 8). Texts of the same score count as found at
/// once. None where nothing is labelled. A text is (score, label, weight).
pub fn average_precision(scored: &[(f64, bool, f64)]) -> Option<f64> {
    let positive = |texts: &[(f64, bool, f64)]| -> f64 {
        let positive = texts.iter().filter(|(_, label, _)| *label);
        positive.map(|(_, _, weight)| weight).sum()
    };
    let positives = positive(scored);
    if positives == 0.0 {
        return None;
    }
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut seen, mut found, mut sum) = (0.0, 0.0, 0.0);
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let new = positive(equal);
        seen += equal.iter().map(|(_, _, weight)| weight).sum::<f64>();
        found += new;
        sum += new / positives * (found / seen);
    }
    Some(sum)
}
