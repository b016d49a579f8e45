//! The share of one period's comments that something holds for, or the mean of a value over them, with an interval that
//! knows of posts.
//!
//! Comments under one post resemble each other, and a few busy posts hold most of them. An interval that takes comments for
//! independent is then far too narrow: in the simulation of `examples/coverage.rs` the one called 95% holds the true share
//! between 34 and 70 times of 100. Here the standard error is that of a bootstrap over posts. Four things are done beyond
//! that, each against a way in which such an interval is still too narrow where posts are few, of uneven size, or seldom have
//! what is counted:
//!
//! - Posts count by their effective number (Kish 1965, section 11.7), `(Σ of)² / Σ of²`, not by heads.
//! - The degrees of freedom are Satterthwaite's (1946, eq. 17) with the variance of the sum of squares estimated from its own
//!   terms, and at most the effective number less one: a standard error that rests on two or three posts is itself hardly
//!   known. (Carter, Schnepel and Steigerwald 2017 show how unequal clusters lower this number.)
//! - A design effect below the usual one of the period's other shares is replaced by the usual one: where a share is rare,
//!   it comes out too low just when the share does. (Smoothing of variances over like items: Wolter 2007, chapter 7.)
//! - A design effect is never below 1: an interval is never narrower than that of as many independent comments.

use super::sums::{Cell, ratio};
use crate::statistics::{Interval, Moments, mean_interval, t_quantile, wilson};

/// Of fewer posts with comments, the spread between posts says too little. The limits here are our choice.
pub const FEWEST_POSTS: usize = 8;

/// Of fewer comments, no figure is given.
pub const FEWEST_COMMENTS: u64 = 50;

/// Below this effective number of posts, one of them holds most of the comments.
const FEWEST_EFFECTIVE: f64 = 2.0;

/// Why a period has no figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TooLittle {
    /// Fewer than [`FEWEST_POSTS`] posts with comments.
    Posts {
        /// How many there are.
        posts: usize,
    },
    /// Fewer than [`FEWEST_COMMENTS`] comments.
    Comments {
        /// How many there are.
        of: u64,
    },
    /// One post holds so many of the comments (more than about seven in ten) that there is nothing to compare it with: the
    /// effective number of posts is below 2.
    OnePost {
        /// The share of the comments that the busiest post holds, from 0 to 1.
        share: f64,
    },
    /// Nothing varies: no replicate has a ratio (the posts were not drawn from), or all comments have the same value, so
    /// that nothing can be said about how far a mean is off.
    NoSpread,
}

/// A share or a mean of one period.
///
/// There is none without its interval, and none where there is [`TooLittle`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The share, from 0 to 1, or the mean, from -1 to 1.
    pub value: f64,
    /// How many comments it holds for; None for a mean.
    pub count: Option<u64>,
    /// Of how many comments.
    pub of: u64,
    /// Under how many posts: the clusters.
    pub posts: usize,
    /// The 95% interval that takes comments for independent: Wilson's (1927) for shares, Student's (1908) for means, cut to
    /// -1 to 1. For comparison only: it is too narrow.
    pub naive: Interval,
    /// The 95% interval that takes posts for independent; within the range of the value, and never within `naive`.
    pub interval: Interval,
    /// The standard error that takes posts for independent; None for a share of 0 or 1, which shows no spread.
    pub standard_error: Option<f64>,
    /// The degrees of freedom of the standard error: at least 1, at most the effective number of posts less one.
    pub freedom: f64,
    /// The variance over that of as many independent comments (Kish 1965, section 8.2): 1 or more.
    pub design_effect: f64,
    /// As many independent comments say as much: `of / design_effect`.
    pub effective: f64,
}

impl Estimate {
    /// A share: the cells hold how many comments of each post it holds for.
    ///
    /// `ratios` are those of [`super::resampling::Resampling::ratios`] for the same cells. `usual_design_effect` is the one
    /// of [`usual_design_effect`] over the shares of the same period; 1 where nothing is known. It stands in where the share
    /// is 0 or 1, and is a lower bound elsewhere.
    ///
    /// The interval is Wilson's (1927) for `value` of the effective number of comments, which is `of / design_effect` times
    /// `(z / t)²`, at most `of`. The effective number with that adjustment is Korn and Graubard's (1998); Franco,
    /// Little, Louis and Slud (2019) compare intervals made from it and favour Wilson's.
    ///
    /// # Errors
    ///
    /// [`TooLittle`] where no figure should be given.
    pub fn share(
        cells: &[Cell],
        ratios: &[Option<f64>],
        usual_design_effect: f64,
    ) -> Result<Estimate, TooLittle> {
        let base = Base::of(cells)?;
        let count = cells.iter().map(|cell| cell.sum).sum::<f64>().round() as u64;
        let measured = variance(&base, ratios).ok_or(TooLittle::NoSpread)?;
        let independent = independent_variance(&base);
        let is_certain = count == 0 || count == base.of;
        let own = if is_certain {
            1.0
        } else {
            measured / independent
        };
        let design_effect = own.max(usual_design_effect).max(1.0);
        let freedom = if is_certain {
            base.effective_posts - 1.0
        } else {
            freedom(&base, cells)
        };
        let effective = base.of as f64 / design_effect;
        let none = TooLittle::NoSpread;
        let adjustment =
            t_quantile(f64::INFINITY).ok_or(none)? / t_quantile(freedom).ok_or(none)?;
        let adjusted = (effective * adjustment.powi(2)).min(base.of as f64);
        Ok(Estimate {
            value: base.value,
            count: Some(count),
            of: base.of,
            posts: base.posts,
            naive: wilson(count, base.of).ok_or(none)?,
            interval: score_interval(base.value, adjusted).ok_or(none)?,
            standard_error: (!is_certain).then(|| (independent * design_effect).sqrt()),
            freedom,
            design_effect,
            effective,
        })
    }

    /// A mean: the cells hold what the values of each post's comments, each from -1 to 1, add up to.
    ///
    /// `ratios` are those of [`super::resampling::Resampling::ratios`] for the same cells, `values` the moments of the same
    /// comments. The interval is `value ± t · standard_error` with Student's t of `freedom` (Cameron and Miller 2015, section
    /// VI.D), cut to -1 to 1.
    ///
    /// # Errors
    ///
    /// [`TooLittle`] where no figure should be given.
    pub fn mean(
        cells: &[Cell],
        ratios: &[Option<f64>],
        values: &Moments,
    ) -> Result<Estimate, TooLittle> {
        let base = Base::of(cells)?;
        let measured = variance(&base, ratios).ok_or(TooLittle::NoSpread)?;
        let independent = values.variance / base.of as f64;
        if independent <= 0.0 {
            return Err(TooLittle::NoSpread);
        }
        let design_effect = (measured / independent).max(1.0);
        let error = (independent * design_effect).sqrt();
        let freedom = freedom(&base, cells);
        let half = t_quantile(freedom).ok_or(TooLittle::NoSpread)? * error;
        let naive = mean_interval(values).ok_or(TooLittle::NoSpread)?;
        Ok(Estimate {
            value: base.value,
            count: None,
            of: base.of,
            posts: base.posts,
            naive: cut(naive),
            interval: cut(Interval {
                low: base.value - half,
                high: base.value + half,
            }),
            standard_error: Some(error),
            freedom,
            design_effect,
            effective: base.of as f64 / design_effect,
        })
    }
}

/// The design effect of a share as its own posts show it (Kish 1965, section 8.2); below 1 where posts are more alike than
/// chance would have them. None where there is [`TooLittle`], and for a share of 0 or 1.
pub fn design_effect(cells: &[Cell], ratios: &[Option<f64>]) -> Option<f64> {
    let base = Base::of(cells).ok()?;
    let independent = independent_variance(&base);
    (independent > 0.0)
        .then(|| variance(&base, ratios))?
        .map(|measured| measured / independent)
}

/// The median of the design effects of a period's shares, those of all its themes and sentiments, and at least 1; 1 where
/// there are none. Smoothing variances over like items is in Wolter (2007, chapter 7); doing it by the median is our choice.
pub fn usual_design_effect(design_effects: impl IntoIterator<Item = f64>) -> f64 {
    let mut effects: Vec<f64> = design_effects.into_iter().collect();
    effects.sort_by(f64::total_cmp);
    let middle = |place: usize| effects.get(place).copied().unwrap_or(1.0);
    let (upper, lower) = (effects.len() / 2, effects.len().saturating_sub(1) / 2);
    ((middle(lower) + middle(upper)) / 2.0).max(1.0)
}

/// What every estimate goes by.
struct Base {
    value: f64,
    of: u64,
    posts: usize,
    effective_posts: f64,
}

impl Base {
    fn of(cells: &[Cell]) -> Result<Base, TooLittle> {
        let posts = cells.iter().filter(|cell| cell.of > 0).count();
        if posts < FEWEST_POSTS {
            return Err(TooLittle::Posts { posts });
        }
        let of: u64 = cells.iter().map(|cell| cell.of).sum();
        if of < FEWEST_COMMENTS {
            return Err(TooLittle::Comments { of });
        }
        let comments = of as f64;
        let squares: f64 = cells.iter().map(|cell| (cell.of as f64).powi(2)).sum();
        let effective_posts = comments * comments / squares;
        if effective_posts < FEWEST_EFFECTIVE {
            let busiest = cells.iter().map(|cell| cell.of).max().unwrap_or_default();
            let share = busiest as f64 / comments;
            return Err(TooLittle::OnePost { share });
        }
        Ok(Base {
            value: ratio(cells).ok_or(TooLittle::Comments { of })?,
            of,
            posts,
            effective_posts,
        })
    }
}

/// The variance of a share of independent comments.
fn independent_variance(base: &Base) -> f64 {
    base.value * (1.0 - base.value) / base.of as f64
}

/// The variance of replicates, times `K / (K - 1)` with the effective number of posts K: drawing from as many posts as there
/// are shows that much too little (Cameron and Miller 2015, section VI.B, with the number of clusters). None for fewer than
/// two replicates.
fn variance(base: &Base, ratios: &[Option<f64>]) -> Option<f64> {
    let defined = || ratios.iter().flatten();
    let count = defined().count();
    if count < 2 {
        return None;
    }
    let mean = defined().sum::<f64>() / count as f64;
    let squares: f64 = defined().map(|ratio| (ratio - mean).powi(2)).sum();
    let factor = base.effective_posts / (base.effective_posts - 1.0);
    Some(squares / (count as f64 - 1.0) * factor)
}

/// The degrees of freedom of the variance of a ratio over posts: `2 (Σu²)² / (Σu⁴ - (Σu²)² / G)` with the residuals
/// `u = sum - value · of` of the G posts, at most the effective number of posts less one. For normal residuals of posts of
/// one size it is about G (Satterthwaite 1946, eq. 17, where the variance in its denominator is that of the sum of squares).
fn freedom(base: &Base, cells: &[Cell]) -> f64 {
    let (mut second, mut fourth) = (0.0, 0.0);
    for cell in cells {
        let square = (cell.sum - base.value * cell.of as f64).powi(2);
        second += square;
        fourth += square * square;
    }
    let spread = fourth - second * second / base.posts as f64;
    let most = base.effective_posts - 1.0;
    if spread > 0.0 {
        (2.0 * second * second / spread).min(most)
    } else {
        // Every post is off by as much.
        most
    }
}

/// Wilson's (1927) 95% interval of a share of `trials` comments, which need be no whole number; within 0 to 1. None where
/// `trials` is no positive number.
fn score_interval(share: f64, trials: f64) -> Option<Interval> {
    if trials.is_nan() || trials <= 0.0 {
        return None;
    }
    let z = t_quantile(f64::INFINITY)?;
    let ratio = z * z / trials;
    let centre = (share + ratio / 2.0) / (1.0 + ratio);
    let half = (share * (1.0 - share) * ratio + ratio * ratio / 4.0).sqrt() / (1.0 + ratio);
    Some(Interval {
        low: if share > 0.0 { centre - half } else { 0.0 },
        high: if share < 1.0 { centre + half } else { 1.0 },
    })
}

/// Cut to the range of a mean.
fn cut(interval: Interval) -> Interval {
    Interval {
        low: interval.low.clamp(-1.0, 1.0),
        high: interval.high.clamp(-1.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::{Estimate, TooLittle, design_effect, score_interval, usual_design_effect};
    use crate::comparison::resampling::Resampling;
    use crate::comparison::sums::Cell;
    use crate::statistics::{Moments, wilson};

    #[derive(Deserialize)]
    struct Reference {
        shares: Vec<Share>,
        means: Vec<Mean>,
    }

    #[derive(Deserialize)]
    struct Common {
        cells: Vec<(u64, f64)>,
        ratios: Vec<f64>,
        value: f64,
        naive: (f64, f64),
        linearised: f64,
        bootstrap: f64,
        freedom: f64,
        kish: f64,
        design_effect: f64,
        effective: f64,
        standard_error: Option<f64>,
        interval: (f64, f64),
    }

    #[derive(Deserialize)]
    struct Share {
        #[serde(flatten)]
        common: Common,
        usual: f64,
        count: u64,
        of: u64,
        own: Option<f64>,
    }

    #[derive(Deserialize)]
    struct Mean {
        #[serde(flatten)]
        common: Common,
        values: Values,
    }

    #[derive(Deserialize)]
    struct Values {
        count: u64,
        mean: f64,
        variance: f64,
    }

    fn reference() -> Reference {
        let json = include_str!("../../tests/reference/estimate.json");
        serde_json::from_str(json).expect("reference values")
    }

    fn cells(cells: impl IntoIterator<Item = (u64, f64)>) -> Vec<Cell> {
        let cells = cells.into_iter().enumerate();
        cells
            .map(|(post, (of, sum))| Cell { post, of, sum })
            .collect()
    }

    fn drawn(cells: &[Cell]) -> Vec<Option<f64>> {
        Resampling::new(cells.len()).ratios(cells)
    }

    fn near(found: f64, expected: f64) {
        let allowed = 1e-9 * expected.abs().max(1.0);
        assert!(
            (found - expected).abs() <= allowed,
            "{found}, not {expected}"
        );
    }

    fn check(found: &Estimate, expected: &Common) {
        near(found.value, expected.value);
        near(found.naive.low, expected.naive.0);
        near(found.naive.high, expected.naive.1);
        near(found.freedom, expected.freedom);
        near(found.design_effect, expected.design_effect);
        near(found.effective, expected.effective);
        assert_eq!(
            found.standard_error.is_some(),
            expected.standard_error.is_some()
        );
        for (found, expected) in found.standard_error.iter().zip(expected.standard_error) {
            near(*found, expected);
        }
        near(found.interval.low, expected.interval.0);
        near(found.interval.high, expected.interval.1);
    }

    #[test]
    fn shares_are_those_of_the_reference() {
        for case in reference().shares {
            let cells = cells(case.common.cells.iter().copied());
            let ratios: Vec<Option<f64>> = case.common.ratios.iter().copied().map(Some).collect();
            let found = Estimate::share(&cells, &ratios, case.usual).expect("enough");
            check(&found, &case.common);
            assert_eq!((found.count, found.of), (Some(case.count), case.of));
            let own = design_effect(&cells, &ratios);
            assert_eq!(own.is_some(), case.own.is_some());
            near(own.unwrap_or_default(), case.own.unwrap_or_default());
        }
    }

    #[test]
    fn means_are_those_of_the_reference() {
        for case in reference().means {
            let cells = cells(case.common.cells.iter().copied());
            let ratios: Vec<Option<f64>> = case.common.ratios.iter().copied().map(Some).collect();
            let values = Moments {
                count: case.values.count,
                mean: case.values.mean,
                variance: case.values.variance,
            };
            let found = Estimate::mean(&cells, &ratios, &values).expect("enough");
            check(&found, &case.common);
            assert_eq!((found.count, found.of), (None, values.count));
        }
    }

    /// The linearised variance of a ratio (Cochran 1977, section 6.4; Särndal, Swensson and Wretman 1992, section 5.6).
    fn linearised(cells: &[Cell]) -> f64 {
        let of: f64 = cells.iter().map(|cell| cell.of as f64).sum();
        let share = cells.iter().map(|cell| cell.sum).sum::<f64>() / of;
        let residuals = cells.iter().map(|cell| cell.sum - share * cell.of as f64);
        let squares: f64 = residuals.map(|residual| residual * residual).sum();
        let posts = cells.len() as f64;
        (squares * posts / (posts - 1.0)).sqrt() / of
    }

    /// The reference draws 40,000 samples of its own, we draw 2,000: the standard deviation of 2,000 is known to 1.6%, more
    /// of long-tailed ones. The linearised one is the limit for many posts of like size.
    #[test]
    fn the_bootstrap_agrees_with_the_reference_and_with_the_linearised_variance() {
        let reference = reference();
        let shares = reference.shares.into_iter().map(|case| case.common);
        let means = reference.means.into_iter().map(|case| case.common);
        let mut many_posts = 0;
        for case in shares.chain(means) {
            let cells = cells(case.cells.iter().copied());
            near(linearised(&cells), case.linearised);
            let ratios = drawn(&cells);
            let mean = ratios.iter().flatten().sum::<f64>() / ratios.len() as f64;
            let squares = ratios.iter().flatten().map(|ratio| (ratio - mean).powi(2));
            let spread = (squares.sum::<f64>() / (ratios.len() as f64 - 1.0)).sqrt();
            let found = spread * (case.kish / (case.kish - 1.0)).sqrt();
            assert!(
                (found - case.bootstrap).abs() <= 0.08 * case.bootstrap,
                "{found}, not {}",
                case.bootstrap
            );
            if case.kish > 15.0 {
                many_posts += 1;
                let (posts, exact) = (cells.len() as f64, linearised(&cells));
                let found = spread * (posts / (posts - 1.0)).sqrt();
                assert!(
                    (found - exact).abs() <= 0.08 * exact,
                    "{found}, not {exact}"
                );
            }
        }
        assert!(many_posts >= 4);
    }

    #[test]
    fn too_little_gives_no_figure() {
        let few_posts = cells([(100, 10.0); 7]);
        assert_eq!(
            Estimate::share(&few_posts, &drawn(&few_posts), 1.0),
            Err(TooLittle::Posts { posts: 7 })
        );
        let few_comments = cells([(6, 1.0); 8]);
        assert_eq!(
            Estimate::share(&few_comments, &drawn(&few_comments), 1.0),
            Err(TooLittle::Comments { of: 48 })
        );
        let nothing = Estimate::share(&[], &[], 1.0);
        assert_eq!(nothing, Err(TooLittle::Posts { posts: 0 }));
        let empty = cells([(0, 0.0); 20]);
        let none = Estimate::share(&empty, &drawn(&empty), 1.0);
        assert_eq!(none, Err(TooLittle::Posts { posts: 0 }));
        let one_post = cells([(900, 10.0)].into_iter().chain([(1, 0.0); 100]));
        assert_eq!(
            Estimate::share(&one_post, &drawn(&one_post), 1.0),
            Err(TooLittle::OnePost { share: 0.9 })
        );
        let enough = cells([(7, 1.0); 8]);
        assert_eq!(Estimate::share(&enough, &[], 1.0), Err(TooLittle::NoSpread));
        assert!(Estimate::share(&enough, &drawn(&enough), 1.0).is_ok());
        let alike = Moments {
            count: 56,
            mean: 1.0 / 7.0,
            variance: 0.0,
        };
        let alike = Estimate::mean(&enough, &drawn(&enough), &alike);
        assert_eq!(alike, Err(TooLittle::NoSpread));
    }

    /// Twenty posts of five comments, in which nobody, or everybody, says it: at least as wide as for independent comments,
    /// and wider by the design effect of the other shares.
    #[test]
    fn none_and_all_have_an_interval() {
        for count in [0.0, 5.0] {
            let cells = cells([(5, count); 20]);
            let width = |usual| {
                let found = Estimate::share(&cells, &drawn(&cells), usual).expect("enough");
                assert_eq!(found.standard_error, None);
                assert!(found.interval.low == 0.0 || found.interval.high == 1.0);
                found.interval.high - found.interval.low
            };
            let independent = wilson(0, 100).expect("an interval").high;
            assert!(width(1.0) >= independent);
            assert!(width(4.0) > 3.0 * independent);
            assert_eq!(design_effect(&cells, &drawn(&cells)), None);
        }
    }

    #[test]
    fn the_usual_design_effect_is_a_median_of_at_least_one() {
        assert_eq!(usual_design_effect([9.0, 2.0, 3.0]), 3.0);
        assert_eq!(usual_design_effect([2.0, 8.0, 3.0, 5.0]), 4.0);
        assert_eq!(usual_design_effect([0.4]), 1.0);
        assert_eq!(usual_design_effect([]), 1.0);
    }

    #[test]
    fn score_intervals_of_whole_numbers_are_those_of_wilson() {
        for (count, of) in [(0, 20), (1, 29), (81, 263), (20, 20), (1, 1)] {
            let found = score_interval(count as f64 / of as f64, of as f64).expect("an interval");
            let expected = wilson(count, of).expect("an interval");
            near(found.low, expected.low);
            near(found.high, expected.high);
        }
        assert_eq!(score_interval(0.5, 0.0), None);
        assert_eq!(score_interval(0.5, f64::NAN), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// The value lies in its interval, that of independent comments lies within it, and it does not shrink as the usual
        /// design effect grows.
        #[test]
        fn intervals_hold_the_naive_ones(
            comments in prop::collection::vec((1_u64..80, 0.0..1.0_f64), 8..50),
            usual in 0.0..20.0_f64
        ) {
            let cells = cells(comments.into_iter().map(|(of, share)| (of, (share * of as f64).round())));
            let ratios = drawn(&cells);
            let Ok(found) = Estimate::share(&cells, &ratios, usual) else {
                return Ok(());
            };
            let (naive, interval) = (found.naive, found.interval);
            prop_assert!(0.0 <= interval.low && interval.high <= 1.0);
            prop_assert!(interval.low <= found.value && found.value <= interval.high);
            prop_assert!(interval.low <= naive.low + 1e-12 && naive.high <= interval.high + 1e-12);
            prop_assert!(found.freedom >= 1.0 && found.design_effect >= 1.0);
            let more = Estimate::share(&cells, &ratios, usual + 1.0).expect("enough");
            prop_assert!(more.interval.low <= interval.low && interval.high <= more.interval.high);
        }

        /// Turned round, a share gives the same figures from the other end.
        #[test]
        fn a_share_and_its_complement_are_mirrored(
            comments in prop::collection::vec((8_u64..80, 0.0..1.0_f64), 8..40)
        ) {
            let cells = cells(comments.into_iter().map(|(of, share)| (of, (share * of as f64).round())));
            let others: Vec<Cell> = cells
                .iter()
                .map(|cell| Cell { sum: cell.of as f64 - cell.sum, ..*cell })
                .collect();
            let found = Estimate::share(&cells, &drawn(&cells), 1.0);
            let turned = Estimate::share(&others, &drawn(&others), 1.0);
            if let (Ok(found), Ok(turned)) = (found, turned) {
                prop_assert!((found.interval.low + turned.interval.high - 1.0).abs() < 1e-9);
                prop_assert!((found.interval.high + turned.interval.low - 1.0).abs() < 1e-9);
                prop_assert!((found.freedom - turned.freedom).abs() < 1e-6 * found.freedom);
            }
        }
    }
}
