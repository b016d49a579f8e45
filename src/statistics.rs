//! Intervals and quantiles. `tests/reference/statistics.py` has figures of statsmodels, scipy and numpy for every function:
//! `tests/statistics.rs` compares those of the public ones, the tests below the others.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The 97.5% quantile of the standard normal distribution.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// An interval with its two ends, `low <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The 95% interval of a proportion after Wilson (1927), without continuity correction; within 0 to 1.
///
/// None where `trials` is 0. `successes` must not exceed `trials`.
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let p = successes as f64 / n;
    let z2 = Z * Z;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    Some(Interval {
        low: if successes == 0 {
            0.0
        } else {
            (centre - half).max(0.0)
        },
        high: if successes == trials {
            1.0
        } else {
            (centre + half).min(1.0)
        },
    })
}

/// What a mean and its interval are computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// How many values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their sample variance (divided by `count - 1`); 0 for fewer than two values.
    pub variance: f64,
}

/// The 95% interval of a mean by Student's t (1908). None for fewer than two values. The ends are not cut to the
/// range of the values.
pub fn mean_interval(moments: &Moments) -> Option<Interval> {
    if moments.count < 2 {
        return None;
    }
    let error = (moments.variance / moments.count as f64).sqrt();
    let half = t_quantile(moments.count as f64 - 1.0)? * error;
    Some(Interval {
        low: moments.mean - half,
        high: moments.mean + half,
    })
}

/// The 97.5% quantile of Student's t; None where `freedom` is no positive number.
pub(crate) fn t_quantile(freedom: f64) -> Option<f64> {
    if freedom > 10_000.0 {
        // The expansion about the normal quantile (Abramowitz and Stegun 1964, 26.7.5): exact to 12 digits here,
        // where the search for the inverse loses them.
        let (z, f) = (Z, freedom);
        let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
        return Some(z + (z.powi(3) + z) / (4.0 * f) + second / (f * f));
    }
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some(t.inverse_cdf(0.975))
}

/// The 95% percentile interval of values that were drawn: from their 2.5% to their 97.5% quantile (Efron and Tibshirani
/// 1993, chapter 13). None of no values. Sorts them.
pub(crate) fn percentile_interval(values: &mut [f64]) -> Option<Interval> {
    values.sort_unstable_by(f64::total_cmp);
    Some(Interval {
        low: quantile(values, 0.025)?,
        high: quantile(values, 0.975)?,
    })
}

/// The quantile of sorted values, linear between neighbours (type 7 of Hyndman and Fan 1996); None of no values.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let below = sorted.get(place.floor() as usize)?;
    let above = sorted.get(place.ceil() as usize)?;
    Some(below + place.fract() * (above - below))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Interval, Z, percentile_interval, quantile, t_quantile};

    /// Cases of `tests/reference/statistics.py`, here because the functions they are of are not public.
    fn reference(section: &str) -> Vec<Value> {
        let text = include_str!("../tests/reference/statistics.json");
        let all: Value = serde_json::from_str(text).expect("the reference is JSON");
        let cases = all[section].as_array().expect("a list of cases").clone();
        assert!(!cases.is_empty());
        cases
    }

    fn number(value: &Value) -> f64 {
        value.as_f64().expect("a number")
    }

    fn numbers(value: &Value) -> Vec<f64> {
        value
            .as_array()
            .expect("numbers")
            .iter()
            .map(number)
            .collect()
    }

    #[track_caller]
    fn assert_near(found: f64, expected: &Value, case: &Value) {
        assert!(
            (found - number(expected)).abs() < 1e-9,
            "{found} for {case}"
        );
    }

    #[test]
    fn quantiles_of_t_are_those_of_scipy() {
        for case in reference("t_quantile") {
            let found = t_quantile(number(&case["freedom"])).expect("a quantile");
            assert_near(found, &case["quantile"], &case);
        }
        assert_eq!(t_quantile(f64::INFINITY), Some(Z));
        assert_eq!(t_quantile(0.0), None);
        assert_eq!(t_quantile(f64::NAN), None);
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        for case in reference("quantile") {
            let values = numbers(&case["values"]);
            let found = quantile(&values, number(&case["share"])).expect("values");
            assert_near(found, &case["quantile"], &case);
        }
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn percentile_intervals_are_those_of_numpy_in_any_order() {
        for case in reference("percentile_interval") {
            let mut values = numbers(&case["values"]);
            let Interval { low, high } = percentile_interval(&mut values).expect("values");
            assert_near(low, &case["low"], &case);
            assert_near(high, &case["high"], &case);
        }
        assert_eq!(percentile_interval(&mut []), None);
    }
}
