//! Shares corrected for the errors of the classifier, by a labelled sample of the user's own corpus.
//!
//! A classifier that misses some and finds others where there are none gives a wrong share, and two periods may differ by
//! their errors alone. From a sample whose labels are taken for right, two estimates follow, each where it belongs:
//!
//! - [`Basis::OwnPeriod`]: of a period with enough labelled rows of its own, the share found times the precision there, plus
//!   the share not found times the share missed among those (double sampling: Tenenbein 1970, whose estimate has the
//!   greatest likelihood; prediction-powered inference, Angelopoulos et al. 2023, is the same but for weighing predictions as
//!   if they were right). It takes nothing for granted about errors in other periods.
//! - [`Basis::WholeSample`]: elsewhere, `(share + specificity - 1) / (sensitivity + specificity - 1)` (Rogan and Gladen
//!   1978) with the sensitivity and the specificity of the whole sample. It takes them for the same in all periods. Precision
//!   could not be borrowed so: it changes with the share itself.
//!
//! What is uncertain is drawn as often as the raw share has replicates. Each labelled row counts an exponential number of
//! times instead of once (the Bayesian bootstrap, Rubin 1981), and each of the four kinds of rows has half a row more, as
//! Jeffreys' prior has it (Brown, Cai and DasGupta 2001): without weights, rates are then drawn from their Jeffreys
//! posteriors, and a kind of which the sample has no row is not taken for impossible. Strata are not held fixed, as the
//! bootstrap of Rao and Wu (1988) would: weights make the figures right, and intervals are a little wide, not narrow. The
//! rows count as drawn independently of the posts' resampling, and errors as independent within posts.
//!
//! The raw share is drawn with the two distances of its clustered interval on either side (variance recovered from
//! confidence limits: Zou and Donner 2008), in the order of its replicates. Its deviations, divided by `sensitivity +
//! specificity - 1`, are those of the true share (what a weak classifier sees of a difference between posts is that much
//! less than the difference).
//!
//! Simulated with 30 posts a period, intervals so made hold the true share as often as the clustered interval of the raw
//! share holds what it estimates, to a point in a hundred, or more often: they lean on that one.

mod draws;
mod table;

use crate::statistics::{Interval, percentile_interval};
use draws::{deviations, draw_tables};
pub use table::RowKinds;
use table::{LEAST, Table};

/// Of fewer labelled rows with the theme, or without it, nothing is corrected. Our choice, as are the two limits below.
const FEWEST: usize = 5;

/// A period speaks for itself from so many rows, by their effective number, among those predicted to have the theme.
const OWN_PREDICTED: f64 = 20.0;

/// As [`OWN_PREDICTED`], of those predicted not to: what was missed is rare among them.
const OWN_NOT_PREDICTED: f64 = 50.0;

/// A labelled row of the sample, for one theme or one sentiment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedRow {
    /// The place of its period; None where it is in none that is compared. It tells of errors all the same.
    pub period: Option<usize>,
    /// How many comments it stands for; a positive number.
    pub weight: f64,
    /// Whether the model says it has the theme.
    pub predicted: bool,
    /// Whether the label does.
    pub labelled: bool,
}

/// The raw share of a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawShare<'a> {
    /// The share of the comments predicted to have the theme, 0 to 1.
    pub share: f64,
    /// Its clustered 95% interval, whatever corrections for few posts there are included.
    pub interval: Interval,
    /// Its cluster bootstrap, in the order of draws that all periods share; None where a draw has no comment of the period.
    pub replicates: &'a [Option<f64>],
}

/// What a corrected figure rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Labelled rows of the period itself.
    OwnPeriod,
    /// All labelled rows; errors are taken for the same in all periods.
    WholeSample,
}

/// A corrected share of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// The share, 0 to 1.
    pub share: f64,
    /// Its 95% interval: the 2.5% and the 97.5% quantile of the replicates, and as far as the share where that lies outside.
    /// It holds the uncertainty of the raw share and of the errors.
    pub interval: Interval,
    /// What it rests on.
    pub basis: Basis,
    /// The labelled rows it rests on.
    pub rows: RowKinds,
    /// As many as the raw share has, each 0 to 1. Periods share them draw by draw, which is how [`super::change()`] learns what
    /// the errors of two periods have in common. Corrections for few posts are in them already.
    pub replicates: Vec<f64>,
}

/// A rate of errors, as the whole sample has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// The weighted share, 0 to 1.
    pub value: f64,
    /// Its 95% interval: quantiles of the draws, and as far as the value.
    pub interval: Interval,
}

/// What a sample makes of the raw shares of one theme.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// Of the comments that have the theme, how many are predicted to (Altman and Bland 1994).
    pub sensitivity: Rate,
    /// Of the comments without it, how many are predicted to be without it (Altman and Bland 1994).
    pub specificity: Rate,
    /// All rows of the sample.
    pub rows: RowKinds,
    /// The corrected shares, by period; None where there is no raw one.
    pub periods: Vec<Option<Corrected>>,
}

/// Why a sample cannot correct: more rows must be labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncorrected {
    /// Too few rows that have the theme by their label.
    FewWith {
        /// How many there are.
        rows: usize,
        /// How many it takes.
        needed: usize,
    },
    /// Too few rows without it.
    FewWithout {
        /// How many there are.
        rows: usize,
        /// How many it takes.
        needed: usize,
    },
    /// By this sample the predictions may be no better than chance.
    NoBetterThanChance,
}

/// Corrects the raw shares of one theme (or one sentiment) by period. `rows` are those whose label for it is known.
///
/// A period rests on rows of its own where these count for 20 or more that are predicted to have the theme and 50 or more
/// that are not, by Kish's (1965, section 11.7) effective number `(sum of weights)^2 / sum of squared weights`. The rule
/// looks at predictions, not at labels: to wait for a number of labels of one kind would pick samples with too many of
/// them. Draws are the same for the same rows, in the same order.
///
/// # Errors
/// Fewer than 5 rows have the theme by their label, or fewer than 5 have not; or sensitivity + specificity - 1 (Youden 1950)
/// is not above 0 in more than 97.5% of the draws.
pub fn correct(
    rows: &[JudgedRow],
    periods: &[Option<RawShare>],
) -> Result<Correction, Uncorrected> {
    let kinds = RowKinds::of(rows.iter());
    enough(kinds)?;
    let (all, own) = draw_tables(rows, periods.len());
    let whole = Table::of(rows.iter());
    let mut youden: Vec<f64> = all.iter().map(Table::youden).collect();
    let is_better = percentile_interval(&mut youden).is_some_and(|interval| interval.low > 0.0);
    if !is_better || whole.youden() <= 0.0 {
        return Err(Uncorrected::NoBetterThanChance);
    }
    let rate = |of: fn(&Table) -> f64| {
        let mut drawn: Vec<f64> = all.iter().map(of).collect();
        let value = of(&whole);
        let interval = reaching(percentile_interval(&mut drawn)?, value);
        Some(Rate { value, interval })
    };
    let (Some(sensitivity), Some(specificity)) = (
        rate(Table::sensitivity),
        rate(|table| 1.0 - table.false_alarms()),
    ) else {
        return Err(Uncorrected::NoBetterThanChance);
    };
    let corrected = periods.iter().zip(own).enumerate();
    let corrected = corrected.map(|(place, (raw, own))| {
        let raw = raw.as_ref()?;
        let of_period = || rows.iter().filter(|row| row.period == Some(place));
        let basis = basis(of_period());
        let (estimate, tables, kinds): (fn(&Table, f64) -> f64, _, _) = match basis {
            Basis::OwnPeriod => (Table::double_sampling, &own, RowKinds::of(of_period())),
            Basis::WholeSample => (Table::rogan_gladen, &all, kinds),
        };
        let value = match basis {
            Basis::OwnPeriod => Table::of(of_period()).double_sampling(raw.share),
            Basis::WholeSample => whole.rogan_gladen(raw.share),
        };
        let share = value.clamp(0.0, 1.0);
        let deviations = deviations(raw, place);
        let drawn = tables.iter().zip(&all).zip(deviations);
        let replicates = drawn.map(|((table, all), deviation)| {
            let moved = deviation / all.youden().max(LEAST);
            (estimate(table, raw.share) + moved).clamp(0.0, 1.0)
        });
        let replicates: Vec<f64> = replicates.collect();
        Some(Corrected {
            share,
            interval: reaching(percentile_interval(&mut replicates.clone())?, share),
            basis,
            rows: kinds,
            replicates,
        })
    });
    Ok(Correction {
        sensitivity,
        specificity,
        rows: kinds,
        periods: corrected.collect(),
    })
}

fn enough(kinds: RowKinds) -> Result<(), Uncorrected> {
    let needed = FEWEST;
    let (with, without) = (kinds.found + kinds.missed, kinds.unfounded + kinds.neither);
    if with < needed {
        return Err(Uncorrected::FewWith { rows: with, needed });
    }
    if without < needed {
        let rows = without;
        return Err(Uncorrected::FewWithout { rows, needed });
    }
    Ok(())
}

fn basis<'r>(rows: impl Iterator<Item = &'r JudgedRow> + Clone) -> Basis {
    let effective = |predicted: bool| {
        let weights = || {
            let rows = rows.clone().filter(move |row| row.predicted == predicted);
            rows.map(|row| row.weight)
        };
        let squares: f64 = weights().map(|weight| weight * weight).sum();
        // Of no rows this is no number, and no number is enough.
        weights().sum::<f64>().powi(2) / squares
    };
    if effective(true) >= OWN_PREDICTED && effective(false) >= OWN_NOT_PREDICTED {
        Basis::OwnPeriod
    } else {
        Basis::WholeSample
    }
}

/// An interval widened to hold a value: where the sample shows no error of a kind, every draw has a little of it, and all of
/// them may lie on one side of the value.
fn reaching(interval: Interval, value: f64) -> Interval {
    Interval {
        low: interval.low.min(value),
        high: interval.high.max(value),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Basis, Corrected, Correction, JudgedRow, RawShare, Uncorrected, basis, correct};
    use crate::comparison::resampling::REPLICATES;
    use crate::statistics::{Interval, wilson};

    /// Rows found, missed, unfounded and neither.
    fn rows(period: Option<usize>, weight: f64, kinds: [usize; 4]) -> Vec<JudgedRow> {
        let kind = [(true, true), (false, true), (true, false), (false, false)];
        let rows = kind.into_iter().zip(kinds);
        rows.flat_map(|((predicted, labelled), count)| {
            let row = JudgedRow {
                period,
                weight,
                predicted,
                labelled,
            };
            std::iter::repeat_n(row, count)
        })
        .collect()
    }

    /// Of replicates, only the order matters.
    fn replicates() -> Vec<Option<f64>> {
        (0..REPLICATES).map(|place| Some(place as f64)).collect()
    }

    fn raw(share: f64, low: f64, high: f64, replicates: &[Option<f64>]) -> Option<RawShare<'_>> {
        Some(RawShare {
            share,
            interval: Interval { low, high },
            replicates,
        })
    }

    fn of(correction: &Correction, place: usize) -> &Corrected {
        correction.periods[place].as_ref().expect("a raw share")
    }

    fn deviation(values: &[f64]) -> f64 {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / (values.len() as f64 - 1.0)).sqrt()
    }

    /// What `tests/reference/correction.py` has for the same samples, once with all rows in the period and once with none.
    #[test]
    fn shares_intervals_and_rates_are_those_of_other_implementations() {
        let text = include_str!("../../../tests/reference/correction.json");
        let cases: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let cases = cases["cases"].as_array().expect("a list");
        assert_eq!(cases.len(), 4);
        let mut of_equal_weights = 0;
        let replicates = replicates();
        for case in cases {
            let number = |name: &str| case[name].as_f64().expect("a number");
            let two = |name: &str| [0, 1].map(|end: usize| case[name][end].as_f64().expect("two"));
            let judged = |period| -> Vec<JudgedRow> {
                let strata = case["strata"].as_array().expect("a list").iter();
                let strata = strata.flat_map(|stratum| {
                    let count = |name: &str| stratum[name].as_u64().expect("a count") as usize;
                    let kinds = ["found", "missed", "unfounded", "neither"].map(count);
                    rows(period, stratum["weight"].as_f64().expect("a weight"), kinds)
                });
                strata.collect()
            };
            let raw = [raw(
                number("share"),
                number("low"),
                number("high"),
                &replicates,
            )];
            let whole = correct(&judged(None), &raw).expect("enough rows");
            let own = correct(&judged(Some(0)), &raw).expect("enough rows");
            for (found, name) in [
                (whole.sensitivity.value, "sensitivity"),
                (whole.specificity.value, "specificity"),
                (of(&whole, 0).share, "rogan_gladen"),
                (of(&own, 0).share, "double_sampling"),
            ] {
                assert!((found - number(name)).abs() < 1e-9, "{name}: {found}");
            }
            assert_eq!(of(&whole, 0).basis, Basis::WholeSample);
            assert_eq!(of(&own, 0).basis, Basis::OwnPeriod);
            for (found, name) in [(of(&whole, 0), "drawn"), (of(&own, 0), "own_drawn")] {
                let width = found.interval.high - found.interval.low;
                let ends = [found.interval.low, found.interval.high];
                for (found, expected) in ends.into_iter().zip(two(name)) {
                    // A quantile of 2,000 draws is known to about 1.5% of the width.
                    assert!(
                        (found - expected).abs() < 0.06 * width,
                        "{name}: {found} for {expected}"
                    );
                }
            }
            for (rate, interval, error) in [
                (
                    whole.sensitivity,
                    "sensitivity_interval",
                    "sensitivity_error",
                ),
                (
                    whole.specificity,
                    "specificity_interval",
                    "specificity_error",
                ),
            ] {
                let found = [rate.interval.low, rate.interval.high];
                let expected = two(interval).into_iter().zip(two(error));
                for (found, (expected, error)) in found.into_iter().zip(expected) {
                    // The error is the standard deviation of a quantile of 2,000 draws; chance hardly ever makes it four.
                    assert!(
                        (found - expected).abs() < 4.0 * error,
                        "{interval}: {found} for {expected}"
                    );
                }
            }
            if case["deviation"].is_null() {
                continue;
            }
            // Where all weights are equal, formulas hold that know of none.
            of_equal_weights += 1;
            for (found, name) in [(of(&whole, 0), "deviation"), (of(&own, 0), "own_deviation")] {
                let ratio = deviation(&found.replicates) / number(name);
                assert!((0.93..1.08).contains(&ratio), "{name}: {ratio}");
            }
            let interval = of(&whole, 0).interval;
            let width = interval.high - interval.low;
            let ends = [interval.low, interval.high];
            for (found, expected) in ends.into_iter().zip(two("lang_reiczigel")) {
                assert!(
                    (found - expected).abs() < 0.12 * width,
                    "{found} for {expected}"
                );
            }
        }
        assert_eq!(of_equal_weights, 3);
    }

    /// Of `n` rows of weight 3 and `m` of weight 1 the effective number is `(3n + m)^2 / (9n + m)`: of 10 and 17 it is 20.6,
    /// of 10 and 16 it is 19.96, of 25 and 41 it is 50.6, of 25 and 40 it is 49.9.
    #[test]
    fn rows_of_unequal_weight_count_by_their_effective_number() {
        let of = |predicted: usize, not_predicted: usize| {
            let mut judged = rows(Some(0), 3.0, [6, 5, 4, 20]);
            judged.extend(rows(Some(0), 1.0, [predicted, not_predicted, 0, 0]));
            basis(judged.iter())
        };
        assert_eq!(of(17, 41), Basis::OwnPeriod);
        assert_eq!(of(16, 41), Basis::WholeSample);
        assert_eq!(of(17, 40), Basis::WholeSample);
        // As many rows of one weight are more than enough.
        let mut judged = rows(Some(0), 3.0, [6, 5, 4, 20]);
        judged.extend(rows(Some(0), 3.0, [16, 40, 0, 0]));
        assert_eq!(basis(judged.iter()), Basis::OwnPeriod);
    }

    #[test]
    fn a_classifier_without_errors_leaves_the_share_as_it_is() {
        let replicates = replicates();
        let raw = [raw(0.2, 0.15, 0.26, &replicates)];
        for period in [None, Some(0)] {
            let found = correct(&rows(period, 1.0, [60, 0, 0, 140]), &raw).expect("enough rows");
            let found = of(&found, 0);
            assert_eq!(found.share, 0.2);
            // That no error was seen does not mean that there is none.
            assert!(found.interval.low < 0.153 && found.interval.high > 0.258);
            assert!(found.interval.low > 0.13 && found.interval.high < 0.29);
        }
    }

    #[test]
    fn without_enough_to_go_by_there_is_a_reason_and_no_figure() {
        let replicates = replicates();
        let raw = [raw(0.2, 0.15, 0.26, &replicates)];
        let refused = |kinds| correct(&rows(Some(0), 1.0, kinds), &raw).expect_err("too little");
        assert_eq!(
            refused([2, 2, 50, 50]),
            Uncorrected::FewWith { rows: 4, needed: 5 }
        );
        assert_eq!(
            refused([50, 50, 1, 2]),
            Uncorrected::FewWithout { rows: 3, needed: 5 }
        );
        assert_eq!(
            refused([0, 0, 0, 0]),
            Uncorrected::FewWith { rows: 0, needed: 5 }
        );
        // A coin, a classifier that never speaks, one that always does, one that is wrong.
        for kinds in [
            [50, 50, 50, 50],
            [0, 20, 0, 180],
            [20, 0, 180, 0],
            [10, 90, 90, 10],
        ] {
            assert_eq!(refused(kinds), Uncorrected::NoBetterThanChance, "{kinds:?}");
        }
    }

    #[test]
    fn weights_matter_and_half_of_the_rows_from_predicted_ones_do_not_mislead() {
        let replicates = replicates();
        let raw = [raw(0.1, 0.08, 0.13, &replicates)];
        let mut judged = rows(None, 1.0, [80, 0, 20, 0]);
        judged.extend(rows(None, 9.0, [0, 5, 0, 95]));
        let found = correct(&judged, &raw).expect("enough rows");
        // Of 125 with the theme 80 are found, of 875 without it 855 are left alone.
        assert!((found.sensitivity.value - 80.0 / 125.0).abs() < 1e-12);
        assert!((found.specificity.value - 855.0 / 875.0).abs() < 1e-12);
        // As the sample has it, the raw share is 0.1 and the true one 0.125.
        assert!((of(&found, 0).share - 0.125).abs() < 1e-12);
        for row in &mut judged {
            row.weight = 1.0;
        }
        let without = correct(&judged, &raw).expect("enough rows");
        assert!(of(&without, 0).share < 0.02);
    }

    #[test]
    fn a_period_speaks_for_itself_from_enough_rows_of_its_own() {
        let replicates = replicates();
        let share = raw(0.2, 0.15, 0.26, &replicates);
        let mut judged = rows(Some(0), 1.0, [18, 5, 2, 45]);
        judged.extend(rows(Some(1), 1.0, [18, 5, 1, 60]));
        judged.extend(rows(None, 1.0, [10, 2, 2, 30]));
        let found = correct(&judged, &[share, share, None]).expect("enough rows");
        assert_eq!(of(&found, 0).basis, Basis::OwnPeriod);
        // One row short of 20 predicted.
        assert_eq!(of(&found, 1).basis, Basis::WholeSample);
        assert!(found.periods[2].is_none());
        let rows = of(&found, 0).rows;
        assert_eq!(
            [rows.found, rows.missed, rows.unfounded, rows.neither],
            [18, 5, 2, 45]
        );
        assert_eq!(of(&found, 1).rows, found.rows);
        assert_eq!(found.rows.found, 46);
    }

    /// A share of 0 has replicates of 0: its uncertainty is that of its interval, on its own in each period.
    #[test]
    fn a_share_of_nothing_is_not_certain() {
        let zeros = vec![Some(0.0); REPLICATES];
        let zero = wilson(0, 60).expect("an interval");
        let share = raw(0.0, zero.low, zero.high, &zeros);
        let judged = rows(None, 1.0, [60, 20, 0, 220]);
        let found = correct(&judged, &[share, share]).expect("enough rows");
        let (one, two) = (of(&found, 0), of(&found, 1));
        assert_eq!((one.share, one.interval.low), (0.0, 0.0));
        assert!(one.interval.high > zero.high, "{:?}", one.interval);
        assert_ne!(one.replicates, two.replicates);
    }

    /// Errors that both periods share must not make their difference uncertain.
    #[test]
    fn differences_keep_what_periods_have_in_common() {
        let replicates = replicates();
        let share = raw(0.2, 0.199, 0.201, &replicates);
        let judged = rows(None, 1.0, [40, 20, 10, 130]);
        let found = correct(&judged, &[share, share]).expect("enough rows");
        let (one, two) = (of(&found, 0), of(&found, 1));
        let difference: Vec<f64> = one
            .replicates
            .iter()
            .zip(&two.replicates)
            .map(|(one, two)| one - two)
            .collect();
        assert!(deviation(&one.replicates) > 0.03);
        assert!(deviation(&difference) < 1e-9);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn figures_are_shares_within_their_intervals(
            kinds in prop::array::uniform4(0_usize..60),
            more in prop::array::uniform4(0_usize..40),
            weight in 0.5_f64..20.0,
            share in 0.0_f64..=1.0,
            (low, high) in (0.0_f64..=1.0, 0.0_f64..=1.0),
        ) {
            let replicates = replicates();
            let raw = [raw(share, share * low, share + (1.0 - share) * high, &replicates)];
            let mut judged = rows(Some(0), 1.0, kinds);
            judged.extend(rows(None, weight, more));
            if let Ok(found) = correct(&judged, &raw) {
                let period = of(&found, 0);
                prop_assert_eq!(period.replicates.len(), REPLICATES);
                prop_assert!(period.replicates.iter().all(|value| (0.0..=1.0).contains(value)));
                let all = [
                    (period.share, period.interval),
                    (found.sensitivity.value, found.sensitivity.interval),
                    (found.specificity.value, found.specificity.interval),
                ];
                for (value, interval) in all {
                    prop_assert!(0.0 <= interval.low && interval.low <= value);
                    prop_assert!(value <= interval.high && interval.high <= 1.0);
                }
                let again = correct(&judged, &raw);
                prop_assert_eq!(again, Ok(found));
            }
        }
    }
}
