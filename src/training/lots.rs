//! Random choices, all from the seed: drawing, splitting and the order of training.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::hash::lot;

/// Whether a thing of this name is within the first `share` of all lots.
pub(super) fn is_drawn(seed: u64, name: &str, share: f64) -> bool {
    // 53 bits: what a float can tell apart.
    ((lot(seed, name) >> 11) as f64) < share * (1_u64 << 53) as f64
}

/// A generator for one purpose.
pub(super) fn generator(seed: u64, purpose: &str) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(lot(seed, purpose))
}

/// Puts items in random order (Fisher and Yates; Knuth, The Art of Computer Programming, volume 2, 3.4.2).
pub(super) fn shuffle<T>(items: &mut [T], generator: &mut impl RngCore) {
    for place in (1..items.len()).rev() {
        // The bias of the remainder is below 1e-12 for anything that fits in memory.
        let other = generator.next_u64() % (place as u64 + 1);
        items.swap(place, other as usize);
    }
}

/// The order in which a phase goes through its examples: `passes` passes over each group of `counts` examples, numbered
/// on from group to group. Each pass is in an order of its own, and every stretch has its share of each group.
pub(super) fn order(groups: &[(usize, f64)], seed: u64, purpose: &str) -> Vec<usize> {
    let mut generator = generator(seed, purpose);
    let mut begin = 0;
    let sequences: Vec<Vec<usize>> = groups
        .iter()
        .map(|(count, passes)| {
            let wanted = (*count as f64 * passes).round() as usize;
            let mut sequence = Vec::with_capacity(wanted);
            while sequence.len() < wanted {
                let mut pass: Vec<usize> = (begin..begin + count).collect();
                shuffle(&mut pass, &mut generator);
                pass.truncate(wanted - sequence.len());
                sequence.extend(pass);
            }
            begin += count;
            sequence
        })
        .collect();
    let rounds = groups
        .iter()
        .map(|(_, passes)| passes.ceil() as usize)
        .max()
        .unwrap_or(0);
    let mut all = Vec::with_capacity(sequences.iter().map(Vec::len).sum());
    for round in 0..rounds {
        let begin = all.len();
        for sequence in &sequences {
            let border = |round: usize| sequence.len() * round / rounds;
            all.extend_from_slice(&sequence[border(round)..border(round + 1)]);
        }
        shuffle(&mut all[begin..], &mut generator);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{is_drawn, order};

    #[test]
    fn a_phase_goes_through_each_group_as_often_as_it_says() {
        let order = order(&[(10, 1.0), (4, 2.5), (3, 0.0)], 1, "test");
        let times = |place: usize| order.iter().filter(|other| **other == place).count();
        assert_eq!(order.len(), 20);
        assert!((0..10).all(|place| times(place) == 1));
        assert!((10..14).all(|place| (2..=3).contains(&times(place))));
        // A third of everything is in the first round: one pass over the second group.
        let mut first: Vec<usize> = order[..6].iter().copied().filter(|p| *p >= 10).collect();
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 3);
        assert_ne!(
            order,
            super::order(&[(10, 1.0), (4, 2.5), (3, 0.0)], 2, "test")
        );
    }

    #[test]
    fn a_share_is_drawn_and_a_larger_share_holds_the_smaller() {
        let names: Vec<String> = (0..2000).map(|n| n.to_string()).collect();
        let drawn = |share| names.iter().filter(|n| is_drawn(3, n, share)).count();
        assert_eq!((drawn(0.0), drawn(1.0)), (0, 2000));
        assert!((430..570).contains(&drawn(0.25)), "{}", drawn(0.25));
        assert!(
            names
                .iter()
                .all(|n| !is_drawn(3, n, 0.25) || is_drawn(3, n, 0.5))
        );
    }
}
