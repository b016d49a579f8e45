//! Everything that is compared, put together.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::change::benjamini_hochberg;
use super::course::{Course, Judged, Sampled, course};
use super::coverage::Coverage;
use super::estimate::{Estimate, TooLittle, design_effect, usual_design_effect};
use super::measure::{Measure, Slots};
use super::observation::Observations;
use super::period::Periods;
use super::quotes::{Quoted, quotes};
use super::resampling::Resampling;
use super::sums::Cells;
use super::together::{Lift, Pair, Shift, TooFewTogether, lifts, occurrences, shifts};
use super::words::{Distinctive, Lexicon};
use crate::statistics::Moments;

/// How a pair of themes travels together.
#[derive(Debug, Clone, PartialEq)]
pub struct Companions {
    /// The themes, by their places in the taxonomy.
    pub pair: Pair,
    /// By period; None where no comment has both.
    pub lifts: Vec<Option<Result<Lift, TooFewTogether>>>,
    /// How the lift differs between the first and the last of the finished periods with comments, and the p value, adjusted
    /// for all tests of the comparison; None where one of them has no lift.
    pub shift: Option<(Shift, f64)>,
}

/// A comparison of all periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// What there is to compare.
    pub coverage: Coverage,
    /// The place of each comment's period; None for those outside all of them.
    pub period: Vec<Option<usize>>,
    /// The measures, in the order of [`Measure::all`].
    pub courses: Vec<Course>,
    /// Pairs of themes that some period has enough comments of, in order.
    pub companions: Vec<Companions>,
    /// The two periods that shifts are between, by their places; None where there are no two.
    pub shifted: Option<(usize, usize)>,
    /// The distinctive words of each period.
    pub words_of_periods: Vec<Distinctive>,
    /// The distinctive words of each theme.
    pub words_of_themes: Vec<Distinctive>,
    /// By period, then by theme.
    pub quotes: Vec<Vec<Vec<Quoted>>>,
    /// How many p values were adjusted together.
    pub tests: usize,
}

/// Compares all periods; `judged` is the user's sample, by whose labels shares are corrected. `words` are those of the same
/// observations.
///
/// Every p value of the comparison is adjusted by Benjamini and Hochberg's method over all of them: changes and trends of
/// shares and means, raw and corrected, and shifts of pairs.
pub fn compare_all(
    observations: &Observations<'_>,
    periods: &Periods,
    words: &Lexicon,
    judged: Option<&[Judged]>,
) -> Whole {
    let slots = Slots::new(observations, periods);
    let mut commented = vec![false; observations.posts.len()];
    // Of all posts, whatever periods are asked for: so a period has the same interval in every answer.
    for comment in &observations.comments {
        if let Some(commented) = commented.get_mut(comment.post) {
            *commented = true;
        }
    }
    let resampling = Resampling::among(&commented);
    let measures = Measure::all(observations.themes.len());
    let sums: Vec<Vec<(Cells, Option<Moments>)>> = measures
        .par_iter()
        .map(|measure| slots.sums(observations, *measure))
        .collect();
    // By how much comments cluster in each slot, over all shares.
    let effects: Vec<Vec<Option<f64>>> = measures
        .par_iter()
        .zip(&sums)
        .filter(|(measure, _)| measure.is_share())
        .map(|(_, sums)| {
            let of_slot = |(cells, _): &(Cells, _)| design_effect(cells, &resampling.ratios(cells));
            sums.iter().map(of_slot).collect()
        })
        .collect();
    let usual: Vec<f64> = (0..slots.count())
        .map(|slot| {
            let of_slot = effects.iter().filter_map(|effects| effects[slot]);
            usual_design_effect(of_slot)
        })
        .collect();
    let mut courses: Vec<Course> = measures
        .par_iter()
        .zip(&sums)
        .map(|(measure, sums)| {
            let sampled = sums.iter().zip(&usual).map(|((cells, moments), usual)| {
                let replicates = resampling.ratios(cells);
                let estimate = if measure.is_share() {
                    Estimate::share(cells, &replicates, *usual)
                } else {
                    let moments = moments.as_ref().ok_or(TooLittle::Posts { posts: 0 });
                    moments.and_then(|moments| Estimate::mean(cells, &replicates, moments))
                };
                Sampled {
                    estimate,
                    replicates,
                }
            });
            let rows = judged.map(|judged| {
                let row = |row| row_of(row, *measure, observations, &slots);
                judged.iter().filter_map(row).collect::<Vec<_>>()
            });
            course(
                *measure,
                &slots,
                periods,
                sampled.collect(),
                rows.as_deref(),
            )
        })
        .collect();
    let (mut companions, shifted) = companions(observations, periods, &resampling);
    let tests = adjust(&mut courses, &mut companions);
    Whole {
        coverage: Coverage::new(observations, periods),
        courses,
        companions,
        shifted,
        words_of_periods: words.of_periods(slots.periods, &slots.period),
        words_of_themes: words.of_themes(observations),
        quotes: quotes(observations, slots.periods, &slots.period),
        period: slots.period,
        tests,
    }
}

/// A row of the sample with its period and what the model says; None if it names no comment.
fn row_of<'j>(
    row: &'j Judged,
    measure: Measure,
    observations: &Observations<'_>,
    slots: &Slots,
) -> Option<(&'j Judged, Option<usize>, bool)> {
    let comment = observations.comments.get(row.comment)?;
    let period = slots.period.get(row.comment).copied().flatten();
    Some((row, period, measure.value(comment)? > 0.0))
}

/// The pairs that some period has a lift of, and the periods that shifts are between.
fn companions(
    observations: &Observations<'_>,
    periods: &Periods,
    resampling: &Resampling,
) -> (Vec<Companions>, Option<(usize, usize)>) {
    let found = occurrences(observations, periods);
    let of_periods: Vec<_> = found.iter().map(|found| lifts(found, resampling)).collect();
    let finished = |place: &usize| {
        let period = periods.all().get(*place);
        let has_lifts = of_periods.get(*place).is_some_and(|all| !all.is_empty());
        has_lifts && period.is_some_and(|period| period.unfinished.is_none())
    };
    let first = (0..found.len()).find(finished);
    let last = (0..found.len()).rfind(finished);
    let shifted = first.zip(last).filter(|(first, last)| first < last);
    let mut moved = shifted.map_or_else(BTreeMap::new, |(first, last)| {
        shifts(&found[first], &found[last], resampling)
    });
    let mut by_pair: BTreeMap<Pair, Vec<Option<Result<Lift, TooFewTogether>>>> = BTreeMap::new();
    for (place, lifts) in of_periods.into_iter().enumerate() {
        for (pair, lift) in lifts {
            let row = by_pair
                .entry(pair)
                .or_insert_with(|| vec![None; found.len()]);
            row[place] = Some(lift);
        }
    }
    by_pair.retain(|_, lifts| lifts.iter().flatten().any(Result::is_ok));
    let all = by_pair.into_iter().map(|(pair, lifts)| Companions {
        pair,
        lifts,
        shift: moved.remove(&pair).map(|shift| (shift, shift.p_value)),
    });
    (all.collect(), shifted)
}

/// Adjusts every p value for all of them, and counts them.
fn adjust(courses: &mut [Course], companions: &mut [Companions]) -> usize {
    let of_courses = courses.iter_mut().flat_map(Course::tests);
    let of_pairs = companions.iter_mut().filter_map(|pair| {
        let (shift, adjusted) = pair.shift.as_mut()?;
        Some((shift.p_value, adjusted))
    });
    let (values, places): (Vec<f64>, Vec<&mut f64>) = of_courses.chain(of_pairs).unzip();
    for (adjusted, place) in benjamini_hochberg(&values).into_iter().zip(places) {
        *place = adjusted;
    }
    values.len()
}
