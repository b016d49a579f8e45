//! Intervals and differences. Every function is checked against an independent implementation in
//! `tests/reference/`.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The 97.5% quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

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

/// The 95% interval of a difference of two independent proportions, `first - second`: method 10 of Newcombe (1998),
/// which puts two Wilson intervals together. Within -1 to 1; None where either has no trials.
pub fn newcombe(first: (u64, u64), second: (u64, u64)) -> Option<Interval> {
    let (one, two) = (wilson(first.0, first.1)?, wilson(second.0, second.1)?);
    let p1 = first.0 as f64 / first.1 as f64;
    let p2 = second.0 as f64 / second.1 as f64;
    let difference = p1 - p2;
    Some(Interval {
        low: difference - (p1 - one.low).hypot(two.high - p2),
        high: difference + (one.high - p1).hypot(p2 - two.low),
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

/// The 95% interval of a difference of two independent means, `first - second`, by Welch's t (1947). None where
/// either has fewer than two values.
pub fn welch(first: &Moments, second: &Moments) -> Option<Interval> {
    if first.count < 2 || second.count < 2 {
        return None;
    }
    let a = first.variance / first.count as f64;
    let b = second.variance / second.count as f64;
    let difference = first.mean - second.mean;
    if a + b == 0.0 {
        return Some(Interval {
            low: difference,
            high: difference,
        });
    }
    let freedom = (a + b).powi(2)
        / (a * a / (first.count as f64 - 1.0) + b * b / (second.count as f64 - 1.0));
    let half = t_quantile(freedom)? * (a + b).sqrt();
    Some(Interval {
        low: difference - half,
        high: difference + half,
    })
}

/// The 97.5% quantile of Student's t; None where `freedom` is no positive number.
fn t_quantile(freedom: f64) -> Option<f64> {
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

#[cfg(test)]
mod tests {
    use super::t_quantile;

    /// Figures of scipy.stats.t.ppf(0.975, freedom).
    #[test]
    fn quantiles_of_t_are_right_for_few_and_for_very_many() {
        for (freedom, expected) in QUANTILES {
            let found = t_quantile(freedom).expect("a quantile");
            assert!((found - expected).abs() < 1e-8, "{found} for {freedom}");
        }
        assert_eq!(t_quantile(0.0), None);
        assert_eq!(t_quantile(f64::NAN), None);
    }

    const QUANTILES: [(f64, f64); 7] = [
        (1.0, 12.706204736175),
        (2.5, 3.574654842004),
        (30.0, 2.042272456301),
        (9999.0, 1.960201263621),
        (10001.0, 1.960201216165),
        (1e6, 1.959966356814),
        (1e9, 1.959963986912),
    ];
}
