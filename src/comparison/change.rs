//! Differences between two periods, and which of many are certain.
//!
//! A change is called certain by [`is_certain`], on p values that [`benjamini_hochberg`] adjusted, and by nothing else: an
//! interval that leaves out 0 is enough for one change that was asked about beforehand, not for the most striking of many.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::statistics::{Interval, t_quantile};

/// From what adjusted p value on a change is not certain.
const LEVEL: f64 = 0.05;

/// A share or a mean of one period, raw or corrected, and how uncertain it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure<'a> {
    /// The share or mean.
    pub value: f64,
    /// Its 95% interval, made for comments that cluster in posts; holds `value`.
    pub interval: Interval,
    /// Its values in the resamplings of the posts, in the order that all figures share; None where one has none.
    pub replicates: &'a [Option<f64>],
    /// The degrees of freedom of its interval: its posts less one, or fewer where some posts are far larger than others.
    pub freedom: f64,
}

/// A difference between two periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Later less earlier.
    pub value: f64,
    /// Its 95% interval. It leaves out 0 exactly where `p` is below 0.05.
    pub interval: Interval,
    /// The two-sided p value of "nothing changed", from 0 to 1, not adjusted for other changes looked at.
    pub p: f64,
}

/// The change from `earlier` to `later`; None where it cannot be told how uncertain it is: degrees of freedom that are
/// no positive number, a side undefined in more than one resampling of twenty, or no variation on either side.
///
/// The interval puts those of the two sides together: "MOVER", the method of variance estimates recovery (Zou and Donner
/// 2008, section 2; with the correlation, Zou 2007, equation 15). For independent shares with Wilson's intervals it is
/// method 10 of Newcombe (1998). What the sides' intervals do right (posts, few of them, shares of 0 and 1, errors of the
/// classifier) holds here too, and it stays within the range that differences have. The correlation is that of the
/// replicates: threads that lie in both periods, a shared correction. Difference ± t × standard error was not taken: it
/// has no width where both shares are 0, and its errors are alike in both directions, which those of a rare theme are not.
///
/// The p value is recovered from the interval (Altman and Bland 2011): t is the difference over the margin towards 0, in
/// units of the t quantile that a 95% interval has. So the two never disagree at 0.05. The degrees of freedom are those
/// of the side with fewer: what Welch's would come to at worst, on the safe side with few posts (Cameron and Miller 2015,
/// section VI.D).
pub fn change(later: &Figure<'_>, earlier: &Figure<'_>) -> Option<Change> {
    let value = later.value - earlier.value;
    let shared = correlation(later.replicates, earlier.replicates)?;
    let margin = |own: f64, other: f64| {
        let (own, other) = (own.max(0.0), other.max(0.0));
        (own * own + other * other - 2.0 * shared * own * other)
            .max(0.0)
            .sqrt()
    };
    let below = margin(
        later.value - later.interval.low,
        earlier.interval.high - earlier.value,
    );
    let above = margin(
        later.interval.high - later.value,
        earlier.value - earlier.interval.low,
    );
    let freedom = later.freedom.min(earlier.freedom);
    let quantile = t_quantile(freedom)?;
    let towards_zero = if value > 0.0 { below } else { above };
    if below + above == 0.0 || (value != 0.0 && towards_zero == 0.0) {
        return None;
    }
    let p = if value == 0.0 {
        1.0
    } else {
        two_sided(value.abs() / towards_zero * quantile, freedom)?
    };
    Some(Change {
        value,
        interval: Interval {
            low: value - below,
            high: value + above,
        },
        p,
    })
}

/// The chance of a value of Student's t (1908) as far from 0 as this one, or farther.
fn two_sided(t: f64, freedom: f64) -> Option<f64> {
    let distribution = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some((2.0 * distribution.sf(t)).min(1.0))
}

/// Pearson's correlation over the resamplings in which both are defined; 0 where one does not vary. None where fewer than
/// 19 of 20 are.
fn correlation(first: &[Option<f64>], second: &[Option<f64>]) -> Option<f64> {
    let (one, two): (Vec<f64>, Vec<f64>) = first
        .iter()
        .zip(second)
        .filter_map(|(one, two)| Some(((*one)?, (*two)?)))
        .unzip();
    if one.is_empty() || one.len() * 20 < first.len().max(second.len()) * 19 {
        return None;
    }
    let scale = (scatter(&one) * scatter(&two)).sqrt();
    if scale == 0.0 {
        return Some(0.0);
    }
    let (centre_one, centre_two) = (mean(&one), mean(&two));
    let pairs = one.iter().zip(&two);
    let both: f64 = pairs
        .map(|(one, two)| (one - centre_one) * (two - centre_two))
        .sum();
    Some((both / scale).clamp(-1.0, 1.0))
}

/// The sum of the squared distances from the mean; 0 where values differ by no more than rounding.
pub(super) fn scatter(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    let size: f64 = values.iter().map(|value| value * value).sum();
    // Rounding is off by 1e-16 of a value, its square by 1e-32.
    if squares > size * 1e-24 { squares } else { 0.0 }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The p values of all tests of one list, adjusted so that of those below 0.05 at most 5% are expected to be false finds:
/// the step-up procedure of Benjamini and Hochberg (1995, section 3.1). In the order given, each from its own p value to 1.
///
/// It holds for independent tests, and for those that rise and fall together (Benjamini and Yekutieli 2001). The list must
/// be all that was looked at, not what looked promising. Every p value must be from 0 to 1.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let tests = p_values.len() as f64;
    let mut ranked: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    ranked.sort_by(|one, two| one.1.total_cmp(&two.1));
    let mut least = 1.0_f64;
    let mut adjusted: Vec<(usize, f64)> = Vec::with_capacity(ranked.len());
    for (rank, (place, p)) in ranked.into_iter().enumerate().rev() {
        // Of the last rank the factor is 1: written so that it is exactly that.
        least = least.min(p * (tests / (rank + 1) as f64));
        adjusted.push((place, least));
    }
    adjusted.sort_by_key(|(place, _)| *place);
    adjusted.into_iter().map(|(_, p)| p).collect()
}

/// Whether a change with this adjusted p value is certain: below 0.05.
pub fn is_certain(adjusted: f64) -> bool {
    adjusted < LEVEL
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{Change, Figure, benjamini_hochberg, change, correlation, is_certain, two_sided};
    use crate::statistics::{Interval, wilson};

    fn reference() -> Value {
        serde_json::from_str(include_str!("../../tests/reference/change.json")).expect("JSON")
    }

    fn cases<'a>(reference: &'a Value, key: &str) -> &'a [Value] {
        let cases = reference[key].as_array().expect("cases");
        assert!(!cases.is_empty(), "{key}");
        cases
    }

    fn number(value: &Value) -> f64 {
        value.as_f64().expect("a number")
    }

    fn numbers(value: &Value) -> Vec<f64> {
        let values = value.as_array().expect("numbers");
        values.iter().map(number).collect()
    }

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-9
    }

    struct Side {
        value: f64,
        interval: Interval,
        replicates: Vec<Option<f64>>,
        freedom: f64,
    }

    impl Side {
        fn read(side: &Value) -> Side {
            let replicates = side["replicates"].as_array().expect("replicates");
            Side {
                value: number(&side["value"]),
                interval: Interval {
                    low: number(&side["low"]),
                    high: number(&side["high"]),
                },
                replicates: replicates.iter().map(Value::as_f64).collect(),
                freedom: number(&side["freedom"]),
            }
        }

        /// A share of independent comments whose replicates follow `swing`.
        fn share(successes: u64, trials: u64, swing: &[f64]) -> Side {
            let value = successes as f64 / trials as f64;
            Side {
                value,
                interval: wilson(successes, trials).expect("trials"),
                replicates: swing.iter().map(|by| Some(value + by)).collect(),
                freedom: 29.0,
            }
        }

        fn figure(&self) -> Figure<'_> {
            Figure {
                value: self.value,
                interval: self.interval,
                replicates: &self.replicates,
                freedom: self.freedom,
            }
        }
    }

    fn between(later: &Side, earlier: &Side) -> Option<Change> {
        change(&later.figure(), &earlier.figure())
    }

    #[test]
    fn changes_are_those_of_the_reference() {
        let reference = reference();
        for case in cases(&reference, "change") {
            let (later, earlier) = (Side::read(&case["later"]), Side::read(&case["earlier"]));
            let found = between(&later, &earlier).expect("a change");
            assert!(near(found.value, number(&case["value"])), "{case}");
            assert!(near(found.interval.low, number(&case["low"])), "{case}");
            assert!(near(found.interval.high, number(&case["high"])), "{case}");
            let p = number(&case["p"]);
            assert!(near(found.p, p), "{found:?} for {case}");
            // The least of them is so small that anything small is near it.
            assert!((found.p / p - 1.0).abs() < 1e-7, "{found:?} for {case}");
        }
    }

    #[test]
    fn p_values_of_t_are_right_far_out_too() {
        let reference = reference();
        for case in cases(&reference, "two_sided") {
            let expected = number(&case["p"]);
            let found = two_sided(number(&case["t"]), number(&case["freedom"])).expect("a p value");
            assert!((found / expected - 1.0).abs() < 1e-7, "{found} for {case}");
        }
    }

    #[test]
    fn adjusted_p_values_are_those_of_the_reference() {
        let reference = reference();
        for case in cases(&reference, "benjamini_hochberg") {
            let found = benjamini_hochberg(&numbers(&case["p"]));
            let expected = numbers(&case["adjusted"]);
            assert_eq!(found.len(), expected.len());
            let mut pairs = found.iter().zip(&expected);
            assert!(pairs.all(|(one, two)| near(*one, *two)), "{case}");
        }
        assert!(benjamini_hochberg(&[]).is_empty());
    }

    #[test]
    fn a_change_is_certain_below_five_percent() {
        assert!(is_certain(0.0499));
        assert!(!is_certain(0.05));
        assert!(!is_certain(f64::NAN));
    }

    /// A theme that is in no comment of either period did not change, and that is known only so far.
    #[test]
    fn two_shares_of_zero_have_an_interval_and_no_certainty() {
        let still = [0.0; 20];
        let (later, earlier) = (Side::share(0, 40, &still), Side::share(0, 400, &still));
        let found = between(&later, &earlier).expect("a change");
        assert_eq!((found.value, found.p), (0.0, 1.0));
        assert!(found.interval.low < 0.0 && found.interval.high > 0.0);
    }

    #[test]
    fn a_share_that_fell_to_zero_is_weighed_although_nothing_varies() {
        let still = [0.0; 20];
        let few = between(&Side::share(0, 20, &still), &Side::share(2, 20, &still));
        assert!(few.expect("a change").p > 0.05);
        let many = between(&Side::share(0, 400, &still), &Side::share(40, 400, &still));
        assert!(many.expect("a change").p < 0.001);
    }

    #[test]
    fn what_rises_and_falls_together_is_compared_more_sharply() {
        let swing: Vec<f64> = (0..40).map(|step| f64::from(step % 7) / 100.0).collect();
        let turned: Vec<f64> = swing.iter().map(|by| -by).collect();
        let earlier = Side::share(40, 200, &swing);
        let width = |swing: &[f64]| {
            let found = between(&Side::share(50, 200, swing), &earlier).expect("a change");
            found.interval.high - found.interval.low
        };
        assert!(width(&swing) < width(&[0.0; 40]));
        assert!(width(&[0.0; 40]) < width(&turned));
    }

    #[test]
    fn where_uncertainty_is_unknown_there_is_no_change() {
        let still = [0.0; 20];
        let sound = Side::share(4, 20, &still);
        let mut undefined = Side::share(8, 20, &still);
        undefined.replicates.fill(None);
        assert_eq!(between(&undefined, &sound), None);
        undefined.replicates.clear();
        assert_eq!(between(&undefined, &sound), None);
        let mut one_post = Side::share(8, 20, &still);
        one_post.freedom = 0.0;
        assert_eq!(between(&one_post, &sound), None);
        let constant = |value: f64| Side {
            value,
            interval: Interval {
                low: value,
                high: value,
            },
            replicates: vec![Some(value); 20],
            freedom: 9.0,
        };
        assert_eq!(between(&constant(0.5), &constant(0.4)), None);
        assert_eq!(between(&constant(0.5), &constant(0.5)), None);
    }

    #[test]
    fn one_undefined_resampling_of_twenty_is_borne() {
        let mut values: Vec<Option<f64>> = (0..20).map(|step| Some(f64::from(step))).collect();
        let whole = values.clone();
        values[3] = None;
        assert!(near(correlation(&values, &whole).expect("enough"), 1.0));
        values[4] = None;
        assert_eq!(correlation(&values, &whole), None);
    }

    proptest! {
        #[test]
        fn interval_and_p_value_never_disagree(
            (now, n) in (1_u64..300).prop_flat_map(|n| (0..=n, Just(n))),
            (before, m) in (1_u64..300).prop_flat_map(|m| (0..=m, Just(m))),
            swing in proptest::collection::vec(-0.1_f64..0.1, 20),
            other in proptest::collection::vec(-0.1_f64..0.1, 20),
        ) {
            let (later, earlier) = (Side::share(now, n, &swing), Side::share(before, m, &other));
            let found = between(&later, &earlier).expect("a change");
            let margin = found.interval.low.abs().min(found.interval.high.abs());
            prop_assume!(margin > 1e-9);
            let leaves_out = found.interval.low > 0.0 || found.interval.high < 0.0;
            prop_assert_eq!(leaves_out, found.p < 0.05);
            prop_assert!(found.interval.low >= -1.0 - 1e-12 && found.interval.high <= 1.0 + 1e-12);
            let turned = between(&earlier, &later).expect("a change");
            prop_assert!(near(turned.p, found.p) && near(turned.interval.low, -found.interval.high));
        }

        #[test]
        fn adjusted_p_values_keep_their_order_and_never_shrink(
            p_values in proptest::collection::vec(0.0_f64..=1.0, 0..40),
            shift in 0_usize..40,
        ) {
            let adjusted = benjamini_hochberg(&p_values);
            for (one, own) in p_values.iter().zip(&adjusted) {
                prop_assert!(own >= one && *own <= 1.0);
                for (two, other) in p_values.iter().zip(&adjusted) {
                    prop_assert!(one > two || own <= other);
                }
            }
            let mut turned = p_values.clone();
            let mut expected = adjusted;
            let by = shift % p_values.len().max(1);
            turned.rotate_left(by);
            expected.rotate_left(by);
            prop_assert_eq!(benjamini_hochberg(&turned), expected);
        }
    }
}
