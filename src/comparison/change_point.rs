//! At which periods the level of a figure changes for good.

use super::change::{Figure, scatter};
use super::trend::median;

/// With fewer periods there is no old level and no new one.
pub const FEWEST_FOR_LEVELS: usize = 4;

/// A level holds for at least so many periods: one odd period is no new level.
const SHORTEST: usize = 2;

/// The median of a squared standard normal value (chi-squared with one degree of freedom).
const MEDIAN_SQUARE: f64 = 0.454_936_423_119_572_8;

/// The levels that a figure kept, and the changes between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// The mean of each level, in order; one more than there are changes.
    pub means: Vec<f64>,
    /// The changes, in order; none where the figure kept one level.
    pub changes: Vec<ChangePoint>,
    /// The share of the resamplings in which the figure kept one level, from 0 to 1.
    pub none: f64,
}

/// A change of level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// The place of the last period of the old level.
    pub last: usize,
    /// The place of the first period of the new level; not `last + 1` where periods between have no figure.
    pub first: usize,
    /// The share of the resamplings in which a new level begins at this very period, from 0 to 1.
    pub same: f64,
    /// The share of those in which one begins here, at the period before or at the one after.
    pub near: f64,
}

/// Why no levels can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLevels {
    /// Fewer than [`FEWEST_FOR_LEVELS`] periods have a figure: so many have.
    TooFewPeriods(usize),
    /// The resamplings do not vary, or a figure has no degrees of freedom: nothing says how uncertain the figures are.
    NoVariation,
    /// In more than one resampling of twenty some period has no value.
    TooFewResamplings,
}

/// The levels of `figures`, one for each period in order; None where a period has no figure, which is left out. The
/// unfinished period should be.
///
/// Of all ways to divide the periods into levels of at least two periods, this is the one with the least sum of squared
/// distances from the levels' means, each over the square of its period's error, plus a penalty for every change: exact,
/// by optimal partitioning (Jackson et al. 2005; PELT, Killick, Fearnhead and Eckley 2012, finds the same).
///
/// **Errors.** The squared error of a period is one figure for all of them (their squared standard errors from the
/// replicates, times their effective posts, averaged) over its own effective posts (degrees of freedom plus one). A
/// period's own standard error is too small just where its share came out small: going by that alone, such a period
/// would weigh most and raise false alarms. If figures go up and down from one period to the next by more than these
/// errors, the errors are made larger by as much, by the median of the squared differences of neighbours (after von
/// Neumann 1941; the median because a true step is in one difference only): otherwise, in a large corpus every odd year
/// would be a change. That is no full cure: figures that waver by more than their errors without any lasting change can
/// still show one.
///
/// **Penalty.** 3.5 + 1.5 ln n for n periods. The usual ones are made for long series (2 ln n, after Schwarz 1978, finds
/// changes in 10% to 14% of series of 4 to 30 periods without any). This one has the same shape and was set by
/// simulation, to lie above the 95% quantile of the greatest gain of series without a change. Both hold from 4 to 30
/// periods, which `tests/reference/change_point.py simulate` tries.
///
/// **Confidence.** All of this is done again with each resampling of the posts, with the same errors and penalty: `same`,
/// `near` and `none` say in what share of them the answer is the same. That is how steady the answer is if other posts
/// had been written (as Felsenstein 1985 does for trees), not the probability that it is true.
///
/// A slow rise comes out as steps; what looks like several steps one way may be a trend. Errors that all periods share,
/// as those of one correction, move all levels alike and make no change.
pub fn levels(figures: &[Option<Figure<'_>>]) -> Result<Levels, NoLevels> {
    let (places, known): (Vec<usize>, Vec<Figure<'_>>) = figures
        .iter()
        .enumerate()
        .filter_map(|(place, figure)| Some((place, (*figure)?)))
        .unzip();
    if known.len() < FEWEST_FOR_LEVELS {
        return Err(NoLevels::TooFewPeriods(known.len()));
    }
    let values: Vec<f64> = known.iter().map(|figure| figure.value).collect();
    let drawn = resamplings(&known)?;
    let weights = weights(&values, &known)?;
    let penalty = penalty(known.len());
    let starts = partition(&values, &weights, penalty);
    let found: Vec<Vec<usize>> = drawn
        .iter()
        .map(|values| partition(values, &weights, penalty))
        .collect();
    let place = |start: usize| places.get(start).copied().unwrap_or_default();
    let share = |holds: &dyn Fn(&[usize]) -> bool| {
        found.iter().filter(|starts| holds(starts)).count() as f64 / found.len() as f64
    };
    let changes = starts.iter().map(|start| ChangePoint {
        last: place(start - 1),
        first: place(*start),
        same: share(&|starts| starts.contains(start)),
        near: share(&|starts| {
            let mut distances = starts
                .iter()
                .map(|other| place(*other).abs_diff(place(*start)));
            distances.any(|distance| distance <= 1)
        }),
    });
    Ok(Levels {
        changes: changes.collect(),
        none: share(&|starts| starts.is_empty()),
        means: means(&values, &weights, &starts),
    })
}

/// What a change must gain, in squared standard errors.
fn penalty(periods: usize) -> f64 {
    3.5 + 1.5 * (periods as f64).ln()
}

/// The values of all periods in each resampling in which every period has one.
fn resamplings(known: &[Figure<'_>]) -> Result<Vec<Vec<f64>>, NoLevels> {
    let count = known.iter().map(|figure| figure.replicates.len()).max();
    let count = count.unwrap_or_default();
    let drawn: Vec<Vec<f64>> = (0..count)
        .filter_map(|at| {
            let of_period = |figure: &Figure<'_>| figure.replicates.get(at).copied().flatten();
            known.iter().map(of_period).collect()
        })
        .collect();
    if drawn.is_empty() || drawn.len() * 20 < count * 19 {
        return Err(NoLevels::TooFewResamplings);
    }
    Ok(drawn)
}

/// One over the squared error of each period.
fn weights(values: &[f64], known: &[Figure<'_>]) -> Result<Vec<f64>, NoLevels> {
    let mut posts = 0.0;
    let mut squares = 0.0;
    for figure in known {
        if figure.freedom.is_nan() || figure.freedom <= 0.0 {
            return Err(NoLevels::NoVariation);
        }
        let own = figure.freedom + 1.0;
        posts += own;
        // The bootstrap of m posts is too narrow by (m - 1) / m (Efron and Tibshirani 1993, section 5.3).
        squares += own * own * variance(figure.replicates) * own / figure.freedom;
    }
    let of_post = squares / posts;
    if of_post.is_nan() || of_post <= 0.0 {
        return Err(NoLevels::NoVariation);
    }
    let error = |figure: &Figure<'_>| of_post / (figure.freedom + 1.0);
    let neighbours = values.windows(2).zip(known.windows(2));
    let mut differences: Vec<f64> = neighbours
        .map(|(values, figures)| {
            let difference: f64 = values.iter().fold(0.0, |before, value| value - before);
            difference * difference / figures.iter().map(error).sum::<f64>()
        })
        .collect();
    differences.sort_by(f64::total_cmp);
    let wider = (median(&differences) / MEDIAN_SQUARE).max(1.0);
    Ok(known
        .iter()
        .map(|figure| 1.0 / (wider * error(figure)))
        .collect())
}

/// The variance of those replicates that there are; 0 for fewer than two.
fn variance(replicates: &[Option<f64>]) -> f64 {
    let values: Vec<f64> = replicates.iter().copied().flatten().collect();
    if values.len() < 2 {
        return 0.0;
    }
    scatter(&values) / (values.len() as f64 - 1.0)
}

/// Where new levels start, ascending: the division with the least cost. Of equal ones, that of the longest last level.
fn partition(values: &[f64], weights: &[f64], penalty: f64) -> Vec<usize> {
    // About their mean: squares of large values would drown the differences.
    let centre = values.iter().sum::<f64>() / values.len() as f64;
    let mut sums = vec![(0.0, 0.0, 0.0)];
    let (mut of, mut first, mut second) = (0.0, 0.0, 0.0);
    for (value, weight) in values.iter().zip(weights) {
        let value = value - centre;
        of += weight;
        first += weight * value;
        second += weight * value * value;
        sums.push((of, first, second));
    }
    // The least cost of the first periods, and where their last level starts.
    let mut best: Vec<(f64, usize)> = Vec::with_capacity(sums.len());
    for (end, to) in sums.iter().enumerate() {
        let mut least = (f64::INFINITY, 0);
        for (start, (from, before)) in sums.iter().zip(&best).enumerate() {
            if start + SHORTEST > end {
                break;
            }
            let (of, first, second) = (to.0 - from.0, to.1 - from.1, to.2 - from.2);
            let cost = before.0 + second - first * first / of;
            if cost < least.0 {
                least = (cost, start);
            }
        }
        // The first level costs nothing.
        best.push(if end == 0 {
            (-penalty, 0)
        } else {
            (least.0 + penalty, least.1)
        });
    }
    let mut starts = Vec::new();
    let mut end = values.len();
    while let Some((_, start)) = best.get(end).filter(|(_, start)| *start > 0) {
        starts.push(*start);
        end = *start;
    }
    starts.reverse();
    starts
}

/// The weighted mean of each level.
fn means(values: &[f64], weights: &[f64], starts: &[usize]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0)];
    for (place, (value, weight)) in values.iter().zip(weights).enumerate() {
        if starts.contains(&place) {
            sums.push((0.0, 0.0));
        }
        if let Some((sum, of)) = sums.last_mut() {
            *sum += weight * value;
            *of += weight;
        }
    }
    sums.into_iter().map(|(sum, of)| sum / of).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};
    use serde_json::Value;

    use super::{Levels, NoLevels, levels, partition, penalty};
    use crate::comparison::change::Figure;
    use crate::statistics::Interval;

    fn reference(key: &str) -> Vec<Value> {
        let text = include_str!("../../tests/reference/change_point.json");
        let all: Value = serde_json::from_str(text).expect("JSON");
        let cases = all[key].as_array().expect("cases").clone();
        assert!(!cases.is_empty(), "{key}");
        cases
    }

    fn numbers(value: &Value) -> Vec<f64> {
        let values = value.as_array().expect("numbers");
        values.iter().filter_map(Value::as_f64).collect()
    }

    fn places(value: &Value) -> Vec<usize> {
        let values = value.as_array().expect("places");
        values
            .iter()
            .filter_map(|place| Some(place.as_u64()? as usize))
            .collect()
    }

    fn normal(generator: &mut ChaCha8Rng) -> f64 {
        // The sum of twelve even chances (variance 1), near enough to the normal distribution.
        let chances = (0..12).map(|_| (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64);
        chances.sum::<f64>() - 6.0
    }

    fn figure<'a>(value: f64, replicates: &'a [Option<f64>], freedom: f64) -> Figure<'a> {
        Figure {
            value,
            interval: Interval {
                low: value,
                high: value,
            },
            replicates,
            freedom,
        }
    }

    /// What is found in these values, each with a standard error of about 1.
    fn found(values: &[Option<f64>]) -> Result<Levels, NoLevels> {
        let mut generator = ChaCha8Rng::seed_from_u64(11);
        let drawn: Vec<Vec<Option<f64>>> = values
            .iter()
            .map(|value| {
                let mut draw = || Some((*value)? + normal(&mut generator));
                (0..200).map(|_| draw()).collect()
            })
            .collect();
        let figures = values.iter().zip(&drawn);
        let figures: Vec<Option<Figure<'_>>> = figures
            .map(|(value, drawn)| Some(figure((*value)?, drawn, 99.0)))
            .collect();
        levels(&figures)
    }

    #[test]
    fn partitions_are_those_of_all_divisions_tried() {
        for case in reference("partition") {
            let (values, weights) = (numbers(&case["values"]), numbers(&case["weights"]));
            let penalty = case["penalty"].as_f64().expect("a penalty");
            let starts = partition(&values, &weights, penalty);
            assert_eq!(starts, places(&case["starts"]), "{case}");
        }
    }

    #[test]
    fn levels_are_those_of_the_reference() {
        for case in reference("levels") {
            let drawn = case["replicates"].as_array().expect("replicates");
            let drawn: Vec<Vec<Option<f64>>> = drawn
                .iter()
                .map(|values| numbers(values).into_iter().map(Some).collect())
                .collect();
            let (values, freedom) = (numbers(&case["values"]), numbers(&case["freedom"]));
            let figures = values.iter().zip(&freedom).zip(&drawn);
            let figures: Vec<Option<Figure<'_>>> = figures
                .map(|((value, freedom), drawn)| Some(figure(*value, drawn, *freedom)))
                .collect();
            let found = levels(&figures).expect("levels");
            let near = |one: f64, two: f64| (one - two).abs() < 1e-9;
            let firsts: Vec<usize> = found.changes.iter().map(|change| change.first).collect();
            assert_eq!(firsts, places(&case["starts"]), "{case}");
            assert!(near(found.none, case["none"].as_f64().expect("a share")));
            for (means, expected) in found.means.iter().zip(numbers(&case["means"])) {
                assert!(near(*means, expected), "{found:?} for {case}");
            }
            let support = numbers(&case["same"])
                .into_iter()
                .zip(numbers(&case["near"]));
            for (change, (same, nearly)) in found.changes.iter().zip(support) {
                assert!(near(change.same, same) && near(change.near, nearly));
            }
        }
    }

    /// Without a change at most one series of twenty may show one: for few periods and for many, with the errors
    /// estimated anew each time.
    #[test]
    fn false_alarms_are_rare() {
        let mut generator = ChaCha8Rng::seed_from_u64(5);
        for periods in [4, 5, 7, 10, 15] {
            let alarms = (0..600).filter(|_| {
                let values: Vec<f64> = (0..periods).map(|_| normal(&mut generator)).collect();
                let drawn: Vec<Vec<Option<f64>>> = values
                    .iter()
                    .map(|value| {
                        let draws = (0..20).map(|_| Some(value + normal(&mut generator)));
                        draws.collect()
                    })
                    .collect();
                let figures = values.iter().zip(&drawn);
                let figures: Vec<Option<Figure<'_>>> = figures
                    .map(|(value, drawn)| Some(figure(*value, drawn, 99.0)))
                    .collect();
                !levels(&figures).expect("levels").changes.is_empty()
            });
            let alarms = alarms.count();
            assert!(alarms <= 30, "{alarms} of 600 with {periods} periods");
        }
    }

    #[test]
    fn a_clear_step_is_found_where_it_is() {
        let mut values = vec![Some(10.0), None, Some(10.5), Some(9.8), Some(10.2), None];
        values.extend([Some(20.0), Some(20.4), Some(19.7), Some(20.1)]);
        let found = found(&values).expect("levels");
        assert_eq!(found.changes.len(), 1, "{found:?}");
        let change = found.changes[0];
        assert_eq!((change.last, change.first), (4, 6));
        assert!(
            change.same > 0.95 && change.near >= change.same,
            "{change:?}"
        );
        assert_eq!(found.none, 0.0);
        assert!((found.means[0] - 10.125).abs() < 1e-9 && (found.means[1] - 20.05).abs() < 1e-9);
    }

    #[test]
    fn one_odd_period_is_no_new_level_and_neither_is_wavering() {
        let odd = [10.0, 10.3, 9.9, 13.0, 10.1, 10.2, 9.8].map(Some);
        assert!(found(&odd).expect("levels").changes.is_empty());
        let wavering = [10.0, 30.0, 12.0, 28.0, 33.0, 9.0, 14.0, 31.0].map(Some);
        assert!(found(&wavering).expect("levels").changes.is_empty());
    }

    #[test]
    fn what_cannot_be_told_is_not_told() {
        let few = [Some(1.0), None, Some(2.0), Some(3.0)];
        assert_eq!(found(&few), Err(NoLevels::TooFewPeriods(3)));
        for value in [0.0, 0.3] {
            let still = [Some(value); 20];
            let same = [Some(figure(value, &still, 29.0)); 6];
            assert_eq!(levels(&same), Err(NoLevels::NoVariation));
        }
        let still = [Some(0.0); 20];
        let one_post = [Some(figure(0.0, &still, 0.0)); 6];
        assert_eq!(levels(&one_post), Err(NoLevels::NoVariation));
        let undefined = [None; 20];
        let undefined = [Some(figure(0.0, &undefined, 29.0)); 6];
        assert_eq!(levels(&undefined), Err(NoLevels::TooFewResamplings));
    }

    proptest! {
        #[test]
        fn levels_are_long_enough_and_shifting_all_changes_nothing(
            values in proptest::collection::vec(-9.0_f64..9.0, 4..30),
            shift in -100.0_f64..100.0,
        ) {
            let weights = vec![1.0; values.len()];
            let starts = partition(&values, &weights, penalty(values.len()));
            let mut ends = vec![0];
            ends.extend(&starts);
            ends.push(values.len());
            prop_assert!(ends.windows(2).all(|pair| pair[1] >= pair[0] + 2));
            let shifted: Vec<f64> = values.iter().map(|value| value + shift).collect();
            prop_assert_eq!(partition(&shifted, &weights, penalty(values.len())), starts);
            prop_assert!(partition(&values, &weights, f64::MAX / 4.0).is_empty());
        }
    }
}
