//! Labels that are hard to believe: confident learning (Northcutt, Jiang and Chuang 2021).

/// A label that another one fits better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suspect {
    /// Its place among the labels.
    pub place: usize,
    /// The label it has.
    pub given: usize,
    /// The label that fits better.
    pub suggested: usize,
    /// The probability of the suggested label less that of the given one, from above -1 to 1; suspects come in falling
    /// order of it.
    pub margin: f64,
}

/// The suspects among labels. `probabilities` has for each label the probability of every class, from a model that has not
/// learnt from that label.
///
/// A class counts as confidently found where its probability is at least the mean that it has among its own labels. A label
/// is suspect if of the classes that are confidently found the most probable is another one (the off-diagonal of the
/// confident joint).
pub fn suspects(labels: &[usize], probabilities: &[Vec<f64>]) -> Vec<Suspect> {
    let classes = probabilities.first().map_or(0, Vec::len);
    let thresholds: Vec<Option<f64>> = (0..classes)
        .map(|class| {
            let own: Vec<f64> = labels
                .iter()
                .zip(probabilities)
                .filter(|(label, _)| **label == class)
                .map(|(_, probabilities)| probabilities[class])
                .collect();
            (!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64)
        })
        .collect();
    let mut found: Vec<Suspect> = labels
        .iter()
        .zip(probabilities)
        .enumerate()
        .filter_map(|(place, (label, probabilities))| {
            let confident = thresholds
                .iter()
                .enumerate()
                .filter_map(|(class, threshold)| {
                    let probability = probabilities[class];
                    threshold
                        .is_some_and(|threshold| probability >= threshold)
                        .then_some((class, probability))
                });
            // Of equal ones the first.
            let (suggested, probability) =
                confident.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
            (suggested != *label).then(|| Suspect {
                place,
                given: *label,
                suggested,
                margin: probability - probabilities[*label],
            })
        })
        .collect();
    found.sort_by(|a, b| b.margin.total_cmp(&a.margin).then(a.place.cmp(&b.place)));
    found
}
