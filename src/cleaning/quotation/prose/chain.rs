//! A chain of two labels: the writer's own words, or somebody else's.
//!
//! A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): each unit has a score for being
//! somebody else's, each step from one unit to the next has a score for changing sides, and the best labelling of the
//! whole chain counts.

/// The scores of one unit, given those of the signs it shows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Scores {
    /// For being somebody else's words.
    pub others: f64,
    /// For beginning with somebody else's words where the unit before is the writer's own.
    pub begins: f64,
    /// For going back to the writer's own words where the unit before is somebody else's.
    pub ends: f64,
}

/// Whether each unit is somebody else's in the best labelling (Viterbi 1967); of two equally good ones the one with
/// more of the writer's own.
pub(super) fn best(chain: &[Scores]) -> Vec<bool> {
    // Per unit: the best score of a labelling up to it by its label, and the label before.
    let mut own = 0.0_f64;
    let mut others = f64::NEG_INFINITY;
    let mut from = Vec::with_capacity(chain.len());
    for (place, unit) in chain.iter().enumerate() {
        if place == 0 {
            others = unit.others;
            from.push([false, false]);
            continue;
        }
        let from_others = others + unit.ends > own;
        let begins = own + unit.begins >= others;
        let next_own = if from_others { others + unit.ends } else { own };
        let next_others = unit.others + if begins { own + unit.begins } else { others };
        from.push([from_others, !begins]);
        (own, others) = (next_own, next_others);
    }
    let mut label = others > own;
    let mut labels = vec![false; chain.len()];
    for place in (0..chain.len()).rev() {
        labels[place] = label;
        label = from[place][usize::from(label)];
    }
    labels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Scores, best};

    fn score(chain: &[Scores], labels: &[bool]) -> f64 {
        let mut sum = 0.0;
        for (place, (unit, label)) in chain.iter().zip(labels).enumerate() {
            sum += if *label { unit.others } else { 0.0 };
            if place > 0 {
                sum += match (labels[place - 1], *label) {
                    (false, true) => unit.begins,
                    (true, false) => unit.ends,
                    _ => 0.0,
                };
            }
        }
        sum
    }

    proptest! {
        #[test]
        fn no_other_labelling_is_better(scores in prop::collection::vec((-3.0..3.0, -3.0..3.0, -3.0..3.0), 0..8)) {
            let chain: Vec<Scores> = scores
                .into_iter()
                .map(|(others, begins, ends)| Scores { others, begins, ends })
                .collect();
            let found = score(&chain, &best(&chain));
            for bits in 0..1_u32 << chain.len() {
                let labels: Vec<bool> = (0..chain.len()).map(|place| bits >> place & 1 == 1).collect();
                prop_assert!(score(&chain, &labels) <= found + 1e-9);
            }
        }
    }
}
