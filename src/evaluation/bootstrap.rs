//! Intervals of figures that have no formula for them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::statistics::Interval;

/// Of fewer texts a sample says too little about others.
const FEWEST: usize = 10;

/// Samples drawn.
const REPLICATES: usize = 1000;

/// The 95% percentile intervals of figures by the bootstrap over texts (Efron and Tibshirani 1993, chapter 13).
///
/// `figures` is given how often each of `texts` texts was drawn and answers with the same number of figures each time,
/// None where one is undefined. An interval is None for fewer than 10 texts, and where its figure is undefined in more than
/// one sample of twenty. It has no width where all texts agree: for a share that is 0 or 1, Wilson's is the better one. The
/// draws are the same whenever the number of texts is.
pub fn bootstrap(
    texts: usize,
    figures: impl Fn(&[u32]) -> Vec<Option<f64>>,
) -> Vec<Option<Interval>> {
    let mut generator = ChaCha8Rng::seed_from_u64(95);
    let mut values: Vec<Vec<f64>> = Vec::new();
    let mut times = vec![0_u32; texts];
    for _ in 0..REPLICATES {
        times.fill(0);
        for _ in 0..texts {
            // The bias of the remainder is below 1e-12 for anything that fits in memory.
            times[(generator.next_u64() % texts as u64) as usize] += 1;
        }
        let drawn = figures(&times);
        values.resize_with(drawn.len(), Vec::new);
        for (values, figure) in values.iter_mut().zip(drawn) {
            values.extend(figure);
        }
    }
    values
        .into_iter()
        .map(|mut values| {
            values.sort_by(f64::total_cmp);
            let is_defined = values.len() * 20 >= REPLICATES * 19;
            (is_defined && texts >= FEWEST).then(|| Interval {
                low: quantile(&values, 0.025),
                high: quantile(&values, 0.975),
            })
        })
        .collect()
}

/// The quantile of sorted values, linear between neighbours (type 7 of Hyndman and Fan 1996).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::{bootstrap, quantile};

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[7.0], 0.975), 7.0);
    }

    /// For a share the bootstrap has a known answer: the quantiles of the binomial distribution.
    #[test]
    fn the_interval_of_a_share_is_that_of_the_binomial_distribution() {
        let share = |times: &[u32]| {
            let right: u32 = times.iter().take(80).sum();
            vec![Some(f64::from(right) / 200.0), None]
        };
        let intervals = bootstrap(200, share);
        let interval = intervals[0].expect("an interval");
        // scipy.stats.binom.ppf([0.025, 0.975], 200, 0.4) / 200
        assert!((interval.low - 0.335).abs() <= 0.0101, "{interval:?}");
        assert!((interval.high - 0.47).abs() <= 0.0101, "{interval:?}");
        assert!(intervals[1].is_none());
    }
}
