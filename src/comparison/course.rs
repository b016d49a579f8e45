//! How one measure went over the periods: figures, changes, trend, levels, as they were counted and corrected for error.

use super::change::{Change, Figure, change};
use super::change_point::{Levels, NoLevels, levels};
use super::correction::{
    Basis, Correction, JudgedRow, Rate, RawShare, RowKinds, Uncorrected, correct,
};
use super::estimate::{Estimate, TooLittle};
use super::measure::{Measure, Slots};
use super::period::Periods;
use super::trend::{NoTrend, Trend, trend};
use crate::model::Sentiment;
use crate::statistics::Interval;

/// A labelled comment of the user's sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Its place among the comments.
    pub comment: usize,
    /// How many comments it stands for.
    pub weight: f64,
    /// Whether it has each theme, in the order of the taxonomy; None where it counts neither way.
    pub themes: Vec<Option<bool>>,
    /// Its sentiment; None where that counts neither way.
    pub sentiment: Option<Sentiment>,
}

impl Judged {
    /// Whether the measure holds for it by its label; None where it does not say.
    fn label(&self, measure: Measure) -> Option<bool> {
        match measure {
            Measure::Theme(theme) => self.themes.get(theme).copied().flatten(),
            Measure::Sentiment(sentiment) => self.sentiment.map(|label| label == sentiment),
            Measure::Mean | Measure::MeanOf(_) => None,
        }
    }
}

/// What a change is a change from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// A period, by its place.
    Period(usize),
    /// The part of that period which the unfinished one is compared with.
    PartOf(usize),
}

/// A change between two periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The earlier one.
    pub from: From,
    /// The place of the later one.
    pub to: usize,
    /// The change.
    pub change: Change,
    /// Its p value, adjusted for all tests of the comparison.
    pub adjusted: f64,
}

/// What the figures of one measure say together.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Changes between periods that follow each other, where both have a figure, then from the first finished period that
    /// has one to the last. An unfinished period is compared with the same part of the one before.
    pub steps: Vec<Step>,
    /// The trend over the finished periods, and its p value, adjusted for all tests of the comparison.
    pub trend: Result<(Trend, f64), NoTrend>,
    /// The levels of the finished periods.
    pub levels: Result<Levels, NoLevels>,
}

/// A corrected share of a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrectedShare {
    /// The share, from 0 to 1.
    pub share: f64,
    /// Its 95% interval.
    pub interval: Interval,
    /// Whose labelled rows it rests on.
    pub basis: Basis,
    /// Those rows.
    pub rows: RowKinds,
}

/// A measure, corrected by a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectedCourse {
    /// Of the comments that have it, how many are found to.
    pub sensitivity: Rate,
    /// Of those that have not, how many are found not to.
    pub specificity: Rate,
    /// All rows of the sample that say something about it.
    pub rows: RowKinds,
    /// By period; None where there is no raw figure.
    pub figures: Vec<Option<CorrectedShare>>,
    /// Of the part of the last but one that the unfinished period is compared with.
    pub part: Option<CorrectedShare>,
    /// What they say together.
    pub line: Line,
}

/// A measure over the periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// What is followed.
    pub measure: Measure,
    /// By period.
    pub figures: Vec<Result<Estimate, TooLittle>>,
    /// Of the part of the last but one that the unfinished period is compared with, if there is one.
    pub part: Option<Result<Estimate, TooLittle>>,
    /// What they say together.
    pub line: Line,
    /// The same, corrected; None without a sample, and for means, which are not.
    pub corrected: Option<Result<CorrectedCourse, Uncorrected>>,
}

/// A figure of a slot with its replicates.
pub(super) struct Sampled {
    pub estimate: Result<Estimate, TooLittle>,
    pub replicates: Vec<Option<f64>>,
}

/// Puts the figures of all slots together. `judged` are the rows of the sample with their period and whether the measure
/// holds for them by the model.
pub(super) fn course(
    measure: Measure,
    slots: &Slots,
    periods: &Periods,
    sampled: Vec<Sampled>,
    judged: Option<&[(&Judged, Option<usize>, bool)]>,
) -> Course {
    let figures: Vec<Option<Figure<'_>>> = sampled
        .iter()
        .map(|slot| {
            let estimate = slot.estimate.as_ref().ok()?;
            Some(Figure {
                value: estimate.value,
                interval: estimate.interval,
                replicates: &slot.replicates,
                freedom: estimate.freedom,
            })
        })
        .collect();
    let corrected = judged.filter(|_| measure.is_share()).map(|judged| {
        let rows: Vec<JudgedRow> = judged
            .iter()
            .filter_map(|(row, period, predicted)| {
                Some(JudgedRow {
                    period: *period,
                    weight: row.weight,
                    predicted: *predicted,
                    labelled: row.label(measure)?,
                })
            })
            .collect();
        corrected(&rows, &figures, slots, periods)
    });
    let line = line(&figures, slots, periods);
    let mut estimates: Vec<Result<Estimate, TooLittle>> =
        sampled.into_iter().map(|slot| slot.estimate).collect();
    let part = slots.part().and_then(|_| estimates.pop());
    Course {
        measure,
        figures: estimates,
        part,
        line,
        corrected,
    }
}

fn corrected(
    rows: &[JudgedRow],
    raw: &[Option<Figure<'_>>],
    slots: &Slots,
    periods: &Periods,
) -> Result<CorrectedCourse, Uncorrected> {
    let shares: Vec<Option<RawShare<'_>>> = raw
        .iter()
        .map(|figure| {
            let figure = figure.as_ref()?;
            Some(RawShare {
                share: figure.value,
                interval: figure.interval,
                replicates: figure.replicates,
            })
        })
        .collect();
    let Correction {
        sensitivity,
        specificity,
        rows,
        periods: found,
    } = correct(rows, &shares)?;
    let replicates: Vec<Vec<Option<f64>>> = found
        .iter()
        .map(|found| {
            let found = found.iter().flat_map(|found| &found.replicates);
            found.copied().map(Some).collect()
        })
        .collect();
    let figures: Vec<Option<Figure<'_>>> = raw
        .iter()
        .zip(&found)
        .zip(&replicates)
        .map(|((raw, found), replicates)| {
            let (raw, found) = (raw.as_ref()?, found.as_ref()?);
            Some(Figure {
                value: found.share,
                interval: found.interval,
                replicates,
                freedom: raw.freedom,
            })
        })
        .collect();
    let line = line(&figures, slots, periods);
    let mut shares: Vec<Option<CorrectedShare>> = found
        .iter()
        .map(|found| {
            let found = found.as_ref()?;
            Some(CorrectedShare {
                share: found.share,
                interval: found.interval,
                basis: found.basis,
                rows: found.rows,
            })
        })
        .collect();
    let part = slots.part().and_then(|_| shares.pop()).flatten();
    Ok(CorrectedCourse {
        sensitivity,
        specificity,
        rows,
        figures: shares,
        part,
        line,
    })
}

/// Changes, trend and levels of the figures of all slots.
fn line(figures: &[Option<Figure<'_>>], slots: &Slots, periods: &Periods) -> Line {
    let is_finished = |place: usize| {
        let period = periods.all().get(place);
        period.is_some_and(|period| period.unfinished.is_none())
    };
    let figure = |place: usize| figures.get(place).copied().flatten();
    let step = |from: From, earlier: usize, to: usize| {
        let change = change(&figure(to)?, &figure(earlier)?)?;
        Some(Step {
            from,
            to,
            change,
            adjusted: change.p,
        })
    };
    let mut steps: Vec<Step> = (1..slots.periods)
        .filter_map(|to| {
            if is_finished(to) {
                step(From::Period(to - 1), to - 1, to)
            } else {
                step(From::PartOf(to - 1), slots.part()?, to)
            }
        })
        .collect();
    let finished: Vec<Option<Figure<'_>>> = (0..slots.periods)
        .map(|place| figure(place).filter(|_| is_finished(place)))
        .collect();
    let first = finished.iter().position(Option::is_some);
    let last = finished.iter().rposition(Option::is_some);
    // With two, the change is there already.
    if let (Some(first), Some(last)) = (first, last)
        && last > first + 1
    {
        steps.extend(step(From::Period(first), first, last));
    }
    let values: Vec<Option<f64>> = finished
        .iter()
        .map(|figure| figure.map(|figure| figure.value))
        .collect();
    Line {
        steps,
        trend: trend(&values).map(|trend| (trend, trend.p)),
        levels: levels(&finished),
    }
}

impl Line {
    /// Every p value of the line, and where its adjusted one stands.
    fn tests(&mut self) -> impl Iterator<Item = (f64, &mut f64)> {
        let steps = self.steps.iter_mut();
        let steps = steps.map(|step| (step.change.p, &mut step.adjusted));
        let trend = self.trend.as_mut().ok();
        steps.chain(trend.map(|(trend, adjusted)| (trend.p, adjusted)))
    }
}

impl Course {
    /// Every p value of the course, and where its adjusted one stands.
    pub(super) fn tests(&mut self) -> impl Iterator<Item = (f64, &mut f64)> {
        let corrected = self
            .corrected
            .iter_mut()
            .filter_map(|one| one.as_mut().ok());
        self.line
            .tests()
            .chain(corrected.flat_map(|one| one.line.tests()))
    }
}
