//! Intervals of figures that have no formula for them.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::statistics::{Interval, percentile_interval};

/// Of fewer texts a sample says too little about others.
const FEWEST: usize = 10;

/// Samples drawn.
const REPLICATES: usize = 1000;

/// The 95% percentile intervals of figures by the bootstrap over texts (Efron and Tibshirani 1993, chapter 13).
///
/// `strata` has the stratum of each text; texts are drawn within each, because how many there are was fixed when the sample
/// was taken. Of a stratum of m, m - 1 are drawn and count m / (m - 1) each (Rao and Wu 1988): drawing m would make the
/// intervals of small strata too narrow. Strata of one text are taken together, a single one with its neighbour. Where all
/// is one stratum, as many are drawn as there are.
///
/// `figures` is given how much each text counts, 0 for one that was not drawn, and answers with the same number of figures
/// each time, None where one is undefined. An interval is None for fewer than 10 texts, and where its figure is undefined
/// in more than one sample of twenty. It has no width where all texts agree: for a share that is 0 or 1, Wilson's is the
/// better one. The draws are the same whenever the strata are.
pub fn bootstrap(
    strata: &[usize],
    figures: impl Fn(&[f64]) -> Vec<Option<f64>>,
) -> Vec<Option<Interval>> {
    let texts = strata.len();
    let strata = members(strata);
    let is_stratified = strata.len() > 1;
    let mut generator = ChaCha8Rng::seed_from_u64(95);
    let mut values: Vec<Vec<f64>> = Vec::new();
    let mut shares = vec![0.0; texts];
    for _ in 0..REPLICATES {
        shares.fill(0.0);
        for members in &strata {
            let draws = members.len() - usize::from(is_stratified);
            let each = members.len() as f64 / draws as f64;
            for _ in 0..draws {
                // The bias of the remainder is below 1e-12 for anything that fits in memory.
                let drawn = generator.next_u64() % members.len() as u64;
                shares[members[drawn as usize]] += each;
            }
        }
        let drawn = figures(&shares);
        values.resize_with(drawn.len(), Vec::new);
        for (values, figure) in values.iter_mut().zip(drawn) {
            values.extend(figure);
        }
    }
    values
        .into_iter()
        .map(|mut values| {
            let is_defined = values.len() * 20 >= REPLICATES * 19;
            if is_defined && texts >= FEWEST {
                percentile_interval(&mut values)
            } else {
                None
            }
        })
        .collect()
}

/// The texts of each stratum; of several strata, each has two or more.
fn members(strata: &[usize]) -> Vec<Vec<usize>> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (text, stratum) in strata.iter().enumerate() {
        members.entry(*stratum).or_default().push(text);
    }
    let singles = members.values().filter(|texts| texts.len() == 1).count();
    let mut merged: Vec<Vec<usize>> = Vec::new();
    let mut alone: Vec<usize> = Vec::new();
    for texts in members.into_values() {
        match (texts.len(), merged.last_mut()) {
            (1, Some(neighbour)) if singles == 1 => neighbour.extend(texts),
            (1, _) => alone.extend(texts),
            _ => merged.push(texts),
        }
    }
    match (singles, merged.first_mut()) {
        // The first of all: its neighbour is the one after it.
        (1, Some(neighbour)) => neighbour.extend(alone),
        _ => merged.extend((!alone.is_empty()).then_some(alone)),
    }
    merged
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    use super::{bootstrap, members};

    /// For a share the bootstrap has a known answer: the quantiles of the binomial distribution.
    #[test]
    fn the_interval_of_a_share_is_that_of_the_binomial_distribution() {
        let share = |shares: &[f64]| {
            let right: f64 = shares.iter().take(80).sum();
            vec![Some(right / 200.0), None]
        };
        let intervals = bootstrap(&[0; 200], share);
        let interval = intervals[0].expect("an interval");
        // scipy.stats.binom.ppf([0.025, 0.975], 200, 0.4) / 200
        assert!((interval.low - 0.335).abs() <= 0.0101, "{interval:?}");
        assert!((interval.high - 0.47).abs() <= 0.0101, "{interval:?}");
        assert!(intervals[1].is_none());
    }

    /// What is the same throughout each stratum cannot vary.
    #[test]
    fn of_every_stratum_as_many_are_drawn_as_it_has() {
        let strata: Vec<usize> = (0..40).map(|text| text % 3).collect();
        let first = |shares: &[f64]| {
            let drawn = shares.iter().zip(&strata);
            let first: f64 = drawn
                .filter(|(_, s)| **s == 0)
                .map(|(share, _)| share)
                .sum();
            vec![Some(first)]
        };
        let interval = bootstrap(&strata, first)[0].expect("an interval");
        assert!((interval.low - 14.0).abs() < 1e-9 && (interval.high - 14.0).abs() < 1e-9);
    }

    #[test]
    fn strata_of_one_text_are_taken_together() {
        assert_eq!(
            members(&[0, 1, 0, 2, 3, 3]),
            [vec![0, 2], vec![4, 5], vec![1, 3]]
        );
        assert_eq!(members(&[0, 1, 1, 2, 2]), [vec![1, 2, 0], vec![3, 4]]);
        assert_eq!(members(&[0, 0, 1, 2, 2]), [vec![0, 1, 2], vec![3, 4]]);
        assert_eq!(members(&[7]), [vec![0]]);
    }

    /// Forty-five strata of two texts each, again and again: the interval must hold the true mean 95 times of 100. Drawing
    /// two of two holds it 83 times.
    #[test]
    fn intervals_of_small_strata_are_wide_enough() {
        let strata: Vec<usize> = (0..90).map(|text| text / 2).collect();
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let samples = 200;
        let held = (0..samples).filter(|_| {
            let values: Vec<f64> = strata
                .iter()
                .map(|stratum| {
                    let chance = (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
                    *stratum as f64 + chance
                })
                .collect();
            let mean = |shares: &[f64]| {
                let sum: f64 = shares.iter().zip(&values).map(|(s, v)| s * v).sum();
                vec![Some(sum / 90.0)]
            };
            let interval = bootstrap(&strata, mean)[0].expect("an interval");
            // The strata's means are 0.5, 1.5, ..., 44.5.
            interval.low <= 22.5 && 22.5 <= interval.high
        });
        let held = held.count();
        assert!((180..=199).contains(&held), "{held} of {samples}");
    }
}
