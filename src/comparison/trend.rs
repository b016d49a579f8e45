//! Whether figures rise or fall over the periods, and how fast.

use statrs::function::erf::erfc;

use crate::statistics::Interval;

/// With fewer periods no order of them says anything.
pub const FEWEST_FOR_TREND: usize = 4;

/// Up to so many periods every order of them is counted; beyond, the normal approximation is good to three digits.
const MOST_COUNTED: usize = 60;

/// From what p value on a trend is not told from chance; what the interval of the slope goes by.
const LEVEL: f64 = 0.05;

/// A trend over the periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// How many periods had a figure.
    pub periods: usize,
    /// Kendall's S: pairs of periods of which the later has the greater figure, less those of which it has the smaller.
    pub score: i64,
    /// Kendall's tau-b (1975), from -1 (falls throughout) to 1 (rises throughout); None where all figures are the same.
    pub tau: Option<f64>,
    /// The two-sided p value of "no trend", from 0 to 1, not adjusted for other trends looked at.
    pub p: f64,
    /// Change per period, in units of the figure: the median over all pairs of periods (Theil 1950; Sen 1968).
    pub slope: f64,
    /// Its 95% interval; leaves out 0 exactly where `p` is below 0.05. None for four periods, too few for one, and where
    /// figures that are exactly the same leave 0 at its very end.
    pub interval: Option<Interval>,
}

/// Why there is no trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTrend {
    /// Fewer than [`FEWEST_FOR_TREND`] periods have a figure: so many have.
    TooFewPeriods(usize),
}

/// The trend of `values`, one for each period in order; None where a period has no figure. Such a period is left out, but
/// keeps its place: what lies on either side of it is two periods apart. Values must be finite.
///
/// The test is that of Mann (1945) and Kendall (1975): of the pairs of periods, how many rise and how many fall. Up to 60
/// periods its p value is exact, with ties too: the share of all orders of these very figures in which they rise or fall
/// as clearly. For more it is the normal approximation with Kendall's correction for ties and a continuity correction
/// (Kendall 1975, chapter 4). With four periods p is 0.083 at best, and never certain.
///
/// The interval of the slope holds every slope that the same test does not rule out (Sen 1968, section 4; with the exact
/// distribution, Hollander, Wolfe and Chicken 2014, section 9.3).
///
/// What this accounts for: the figures' scatter about a trend, from whatever source, uncertain figures included, as that
/// moves them up and down. It asks only in which order they come, so one outlier does little harm. What it does not: how
/// uncertain each single figure is (a period of 50 comments counts as much as one of 5,000); what makes neighbouring
/// periods alike other than a trend (an affair that lasts three years can look like one, Hamed and Rao 1998); the errors
/// of the classifier where they change over the years; and that a trend need not be straight nor go on.
pub fn trend(values: &[Option<f64>]) -> Result<Trend, NoTrend> {
    let known: Vec<(usize, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(place, value)| Some((place, (*value)?)))
        .collect();
    if known.len() < FEWEST_FOR_TREND {
        return Err(NoTrend::TooFewPeriods(known.len()));
    }
    let mut score = 0;
    let mut slopes = Vec::with_capacity(known.len() * (known.len() - 1) / 2);
    for (rank, (later, now)) in known.iter().enumerate() {
        for (earlier, before) in known.iter().take(rank) {
            score += i64::from(now > before) - i64::from(now < before);
            slopes.push((now - before) / (later - earlier) as f64);
        }
    }
    slopes.sort_by(f64::total_cmp);
    let ties = ties(known.iter().map(|(_, value)| *value).collect());
    let p = Chance::of(&ties).two_sided(score);
    let pairs = slopes.len() as f64;
    let untied = pairs - ties.iter().map(|size| pairs_of(*size)).sum::<f64>();
    Ok(Trend {
        periods: known.len(),
        score,
        tau: (untied > 0.0).then(|| score as f64 / (pairs * untied).sqrt()),
        p,
        slope: median(&slopes),
        interval: interval(&slopes, known.len())
            .filter(|ends| (p < LEVEL) == (ends.low > 0.0 || ends.high < 0.0)),
    })
}

/// The slopes that the test does not rule out; None where it rules out none. `slopes` are those of all pairs, sorted.
fn interval(slopes: &[f64], periods: usize) -> Option<Interval> {
    let chance = Chance::of(&vec![1; periods]);
    let pairs = slopes.len();
    // Less any slope that lies between two of the pairs' slopes, figures have no ties.
    let critical = (pairs % 2..=pairs)
        .step_by(2)
        .find(|score| chance.two_sided(*score as i64) < LEVEL)?;
    let outside = (pairs - critical) / 2;
    Some(Interval {
        low: *slopes.get(outside)?,
        high: *slopes.get(pairs - 1 - outside)?,
    })
}

/// The median of sorted values, of which there is at least one.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

/// How many values share each value.
fn ties(mut values: Vec<f64>) -> Vec<usize> {
    values.sort_by(f64::total_cmp);
    values
        .chunk_by(|one, two| one == two)
        .map(<[f64]>::len)
        .collect()
}

fn pairs_of(size: usize) -> f64 {
    (size * (size - 1) / 2) as f64
}

/// How likely each score is where every order of the figures is as likely.
enum Chance {
    /// The probability of each number of falling pairs, from 0 to all that are not tied.
    Counted(Vec<f64>),
    /// The score's standard deviation; 0 where all are tied.
    Normal(f64),
}

impl Chance {
    /// For figures of which so many share each value.
    fn of(ties: &[usize]) -> Chance {
        let periods: usize = ties.iter().sum();
        if periods > MOST_COUNTED {
            // Kendall (1975), section 4.9.
            let spread = |size: &usize| (size * (size - 1) * (2 * size + 5)) as f64;
            let tied: f64 = ties.iter().map(spread).sum();
            return Chance::Normal(((spread(&periods) - tied) / 18.0).sqrt());
        }
        let mut falling = vec![1.0];
        let mut before = 0;
        for size in ties {
            falling = convolved(&falling, &falling_pairs(before, *size));
            before += size;
        }
        Chance::Counted(falling)
    }

    /// The chance of a score as far from 0 as this one, or farther.
    fn two_sided(&self, score: i64) -> f64 {
        let score = score.unsigned_abs() as usize;
        match self {
            Chance::Counted(falling) => {
                let pairs = falling.len() - 1;
                let chance: f64 = falling
                    .iter()
                    .enumerate()
                    .filter(|(count, _)| pairs.abs_diff(2 * count) >= score)
                    .map(|(_, probability)| probability)
                    .sum();
                chance.min(1.0)
            }
            Chance::Normal(_) if score == 0 => 1.0,
            Chance::Normal(deviation) => {
                erfc((score as f64 - 1.0) / deviation / std::f64::consts::SQRT_2)
            }
        }
    }
}

/// The probability of each number of falling pairs between `lower` smaller figures and `tied` greater ones that are the
/// same: the distribution of Mann and Whitney (1947), by whether the last of them all is a smaller one.
fn falling_pairs(lower: usize, tied: usize) -> Vec<f64> {
    // At each step, by how many greater ones there are.
    let mut rows: Vec<Vec<f64>> = vec![vec![1.0]; tied + 1];
    for smaller in 1..=lower {
        let mut previous: Vec<f64> = Vec::new();
        for (greater, row) in rows.iter_mut().enumerate() {
            let all = (smaller + greater) as f64;
            let mut next = vec![0.0; smaller * greater + 1];
            // A smaller one comes last: it is a falling pair with each of the greater ones.
            for (to, chance) in next.iter_mut().skip(greater).zip(row.iter()) {
                *to += smaller as f64 / all * chance;
            }
            for (to, chance) in next.iter_mut().zip(&previous) {
                *to += greater as f64 / all * chance;
            }
            previous.clone_from(&next);
            *row = next;
        }
    }
    rows.pop().unwrap_or_default()
}

/// The distribution of the sum of two independent counts.
fn convolved(first: &[f64], second: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; first.len() + second.len() - 1];
    for (start, one) in first.iter().enumerate() {
        for (to, two) in sums.iter_mut().skip(start).zip(second) {
            *to += one * two;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{NoTrend, Trend, trend};

    fn known(values: &[f64]) -> Trend {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        trend(&values).expect("a trend")
    }

    fn near(found: f64, expected: &Value) -> bool {
        (found - expected.as_f64().expect("a number")).abs() < 1e-9
    }

    #[test]
    fn trends_are_those_of_the_reference() {
        let reference: Value =
            serde_json::from_str(include_str!("../../tests/reference/trend.json")).expect("JSON");
        let cases = reference["trend"].as_array().expect("cases");
        assert!(!cases.is_empty());
        for case in cases {
            let values = case["values"].as_array().expect("values");
            let values: Vec<Option<f64>> = values.iter().map(Value::as_f64).collect();
            let found = trend(&values).expect("a trend");
            assert_eq!(Some(found.score), case["score"].as_i64(), "{case}");
            assert!(near(found.p, &case["p"]), "{found:?} for {case}");
            assert!(near(found.slope, &case["slope"]), "{found:?} for {case}");
            match found.tau {
                Some(tau) => assert!(near(tau, &case["tau"]), "{found:?} for {case}"),
                None => assert!(case["tau"].is_null(), "{case}"),
            }
            match found.interval {
                Some(ends) => {
                    assert!(near(ends.low, &case["low"]), "{found:?} for {case}");
                    assert!(near(ends.high, &case["high"]), "{found:?} for {case}");
                }
                None => assert!(case["low"].is_null(), "{case}"),
            }
        }
    }

    #[test]
    fn three_periods_are_too_few_and_gaps_do_not_count() {
        assert_eq!(trend(&[]), Err(NoTrend::TooFewPeriods(0)));
        let values = [Some(0.1), None, Some(0.2), None, Some(0.3)];
        assert_eq!(trend(&values), Err(NoTrend::TooFewPeriods(3)));
    }

    #[test]
    fn four_periods_are_never_certain() {
        let found = known(&[0.1, 0.2, 0.3, 0.4]);
        assert!((found.p - 2.0 / 24.0).abs() < 1e-12);
        assert_eq!(found.interval, None);
    }

    #[test]
    fn a_gap_keeps_its_place_in_time() {
        let values = [Some(1.0), None, Some(3.0), Some(4.0), None, Some(6.0)];
        let found = trend(&values).expect("a trend");
        assert_eq!((found.slope, found.periods), (1.0, 4));
    }

    #[test]
    fn all_zero_is_no_trend() {
        let found = known(&[0.0; 9]);
        assert_eq!(
            (found.score, found.tau, found.p, found.slope),
            (0, None, 1.0, 0.0)
        );
        let found = known(&[0.0; 70]);
        assert_eq!((found.tau, found.p), (None, 1.0));
    }

    /// Seven periods of nothing and one at the end with something: the last is the greatest in a quarter of all orders,
    /// or the first is.
    #[test]
    fn ties_are_counted_exactly() {
        let mut values = [0.0; 8];
        values[7] = 0.2;
        assert!((known(&values).p - 0.25).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn interval_and_p_value_never_disagree(steps in proptest::collection::vec(-6_i32..6, 4..20), drift in -3_i32..4) {
            let values: Vec<f64> = (0_i32..).zip(&steps).map(|(place, step)| f64::from(step + drift * place)).collect();
            let found = known(&values);
            prop_assert!(found.p > 0.0 && found.p <= 1.0);
            if let Some(ends) = found.interval {
                prop_assert_eq!(found.p < 0.05, ends.low > 0.0 || ends.high < 0.0);
                prop_assert!(ends.low <= found.slope && found.slope <= ends.high);
            }
            let turned: Vec<f64> = values.iter().map(|value| -value).collect();
            let turned = known(&turned);
            prop_assert_eq!(turned.score, -found.score);
            prop_assert!((turned.p - found.p).abs() < 1e-12 && (turned.slope + found.slope).abs() < 1e-12);
        }
    }
}
