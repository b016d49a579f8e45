//! Records of figures over the periods: shares, means, how they changed, and what correction makes of them.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::number::{Figure, Rounded, ends};
use super::counted::{Base, Counts};
use super::reasons::Reason;
use crate::comparison::{
    Basis, Change, CorrectedCourse, CorrectedShare, Course, Estimate, From, Levels, Line, NoLevels,
    NoTrend, Period, Rate, RowKinds, TooLittle, Trend, Uncorrected, is_certain,
};

/// A slope, a p value: six decimals.
type Fine = Rounded<6>;

/// The share of a period's comments that have something, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ShareRecord {
    /// There is enough to tell.
    Known {
        /// How many comments have it.
        count: u64,
        /// Of how many comments of the period.
        of: u64,
        /// Under how many posts these stand.
        posts: u64,
        /// `count / of`, from 0 to 1.
        share: Figure,
        /// Its 95% interval, which allows for comments of one post being alike.
        interval: [Figure; 2],
        /// The 95% interval that takes comments for independent: too narrow, for comparison only.
        naive_interval: [Figure; 2],
        /// By how much comments of one post being alike multiplies the variance; 1 or more.
        design_effect: Figure,
    },
    /// There is too little.
    TooLittle {
        /// How many comments there are.
        of: u64,
        /// Under how many posts these stand.
        posts: u64,
        /// Why there is no figure.
        too_little: Reason,
    },
}

/// A mean sentiment of a period, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum MeanRecord {
    /// There is enough to tell.
    Known {
        /// From -1 (all negative) to 1 (all positive).
        mean: Figure,
        /// Its 95% interval, which allows for comments of one post being alike.
        interval: [Figure; 2],
        /// The 95% interval that takes comments for independent: too narrow, for comparison only.
        naive_interval: [Figure; 2],
        /// By how much comments of one post being alike multiplies the variance; 1 or more.
        design_effect: Figure,
        /// Over how many comments.
        of: u64,
        /// Under how many posts these stand.
        posts: u64,
    },
    /// There is too little.
    TooLittle {
        /// How many comments there are.
        of: u64,
        /// Under how many posts these stand.
        posts: u64,
        /// Why there is no figure.
        too_little: Reason,
    },
}

/// Labelled rows, by what the model and the label say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RowsRecord {
    /// Both say that the comment has it.
    pub found: u64,
    /// Only the label does.
    pub missed: u64,
    /// Only the model does.
    pub unfounded: u64,
    /// Neither does.
    pub neither: u64,
}

impl RowsRecord {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.found + self.missed + self.unfounded + self.neither
    }
}

/// What a corrected share rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BasisRecord {
    /// Labelled rows of the period itself.
    OwnPeriod,
    /// All labelled rows: the model's errors are taken for the same in all periods.
    WholeSample,
}

/// A share corrected for the model's errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CorrectedShareRecord {
    /// The share, from 0 to 1.
    pub share: Figure,
    /// Its 95% interval, for posts being unlike and for how little the sample knows of the errors.
    pub interval: [Figure; 2],
    /// What it rests on.
    pub basis: BasisRecord,
    /// The labelled rows it rests on.
    pub rows: RowsRecord,
}

/// A share in one period.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SharePeriod {
    /// The period's id.
    pub period: String,
    /// As the model's judgements were counted.
    pub raw: ShareRecord,
    /// Corrected for the model's errors; null where there is no raw figure, or nothing to correct it by (then `corrected` of
    /// the whole course says why).
    pub corrected: Option<CorrectedShareRecord>,
}

/// A mean sentiment in one period.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MeanPeriod {
    /// The period's id.
    pub period: String,
    /// The mean, as the model's judgements were counted; means are not corrected.
    pub raw: MeanRecord,
}

/// Which periods a change lies between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// From a period to the one after it.
    Adjacent,
    /// From the first finished period with a figure to the last one.
    WholeRange,
    /// From the same part of the period before to the unfinished period.
    SamePart,
}

/// A change between two periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChangeRecord {
    /// The earlier period's id; with `same_part`, only the part of it that `same_part` of the course has the figure of.
    pub from: String,
    /// The later period's id.
    pub to: String,
    /// Which two these are.
    pub kind: ChangeKind,
    /// Later less earlier: 0.05 is five points of a hundred.
    pub difference: Figure,
    /// Its 95% interval, right for one change that was asked about beforehand.
    pub interval: [Figure; 2],
    /// The two-sided p value of "nothing changed", for this change alone.
    pub p: Fine,
    /// The p value adjusted for all tests of the file.
    pub p_adjusted: Fine,
    /// Whether the change is certain: `p_adjusted` is below 0.05. Where it is false, the data do not show a change.
    pub certain: bool,
}

/// Whether a figure rises or falls over the finished periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum TrendRecord {
    /// There are enough periods to tell.
    Known {
        /// Of how many periods.
        periods: u64,
        /// Kendall's tau-b, from -1 (falls throughout) to 1 (rises throughout); null where all figures are the same.
        tau: Option<Figure>,
        /// The change per period; null where there is no interval.
        slope: Option<Fine>,
        /// Its 95% interval; null for four periods, which are too few for one.
        interval: Option<[Fine; 2]>,
        /// The two-sided p value of "no trend", for this trend alone.
        p: Fine,
        /// The p value adjusted for all tests of the file.
        p_adjusted: Fine,
        /// Whether the trend is certain: `p_adjusted` is below 0.05.
        certain: bool,
    },
    /// There are too few.
    None {
        /// Why there is none.
        no_trend: Reason,
    },
}

/// Which way a level went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The new level is higher.
    Up,
    /// The new level is lower.
    Down,
}

/// Where a new level begins. How high levels are is not told, as that has no interval: see the figures of the periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChangePointRecord {
    /// The last period of the old level.
    pub last: String,
    /// The first period of the new level.
    pub first: String,
    /// Whether the new level is higher or lower.
    pub direction: Direction,
    /// The share of the resamplings of the posts in which a new level begins at this very period: how steady the answer is,
    /// not how probable.
    pub same: Figure,
    /// The share of those in which one begins here or a period earlier or later.
    pub near: Figure,
}

/// The levels that a figure kept over the finished periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum LevelsRecord {
    /// There are enough periods to tell.
    Known {
        /// Where new levels begin; empty where the figure kept one level.
        changes: Vec<ChangePointRecord>,
        /// The share of the resamplings of the posts in which it kept one level.
        none: Figure,
    },
    /// They cannot be told.
    None {
        /// Why not.
        no_levels: Reason,
    },
}

/// What the figures of all periods say together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LineRecord {
    /// Changes between periods that follow each other, in order, then over the whole range. One is not there where a
    /// period has no figure, or where nothing says how far the difference is off.
    pub changes: Vec<ChangeRecord>,
    /// The trend.
    pub trend: TrendRecord,
    /// The levels.
    pub levels: LevelsRecord,
}

/// A rate of the model's errors, as the sample shows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct RateRecord {
    /// From 0 to 1.
    pub rate: Figure,
    /// Its 95% interval.
    pub interval: [Figure; 2],
}

/// What a labelled sample makes of a share.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum CorrectedLineRecord {
    /// The shares are corrected.
    Corrected {
        /// Of the comments that have it, how many the model finds.
        sensitivity: RateRecord,
        /// Of the comments without it, how many the model leaves alone.
        specificity: RateRecord,
        /// All rows of the sample that say something about it.
        rows: RowsRecord,
        /// What the corrected figures say together.
        #[serde(flatten)]
        line: LineRecord,
    },
    /// They are not.
    Uncorrected {
        /// Why not.
        uncorrected: Reason,
    },
}

/// The figures of the part of the period before that an unfinished period is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SamePart<F> {
    /// The id of the period before.
    pub period: String,
    /// As the model's judgements were counted.
    pub raw: F,
    /// Corrected for the model's errors; null as in `periods`, and for means.
    pub corrected: Option<CorrectedShareRecord>,
}

/// A share over the periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ShareCourse {
    /// By period, in order.
    pub periods: Vec<SharePeriod>,
    /// The part of the last but one period that the unfinished one is compared with; null where there is none.
    pub same_part: Option<SamePart<ShareRecord>>,
    /// What the counted figures say together.
    pub raw: LineRecord,
    /// What the corrected figures say together, or why there are none.
    pub corrected: CorrectedLineRecord,
}

/// A mean sentiment over the periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MeanCourse {
    /// By period, in order.
    pub periods: Vec<MeanPeriod>,
    /// The part of the last but one period that the unfinished one is compared with; null where there is none.
    pub same_part: Option<SamePart<MeanRecord>>,
    /// What the figures say together.
    pub raw: LineRecord,
}

impl ShareCourse {
    /// The record of a share.
    pub(super) fn new(course: &Course, periods: &[Period], counts: &Counts) -> Self {
        let corrected = course.corrected.as_ref().and_then(|one| one.as_ref().ok());
        let of_period = |place: usize| corrected?.figures.get(place)?.as_ref().map(corrected_share);
        let figures = course.figures.iter().zip(periods).enumerate();
        Self {
            periods: figures
                .map(|(place, (figure, period))| SharePeriod {
                    period: period.id.clone(),
                    raw: share(figure, counts.of_period(course.measure, place)),
                    corrected: of_period(place),
                })
                .collect(),
            same_part: part(course, periods, share, counts, corrected),
            raw: line(&course.line, periods, 1.0),
            corrected: corrected_line(course.corrected.as_ref(), periods),
        }
    }
}

impl MeanCourse {
    /// The record of a mean.
    pub(super) fn new(course: &Course, periods: &[Period], counts: &Counts) -> Self {
        let figures = course.figures.iter().zip(periods).enumerate();
        Self {
            periods: figures
                .map(|(place, (figure, period))| MeanPeriod {
                    period: period.id.clone(),
                    raw: mean(figure, counts.of_period(course.measure, place)),
                })
                .collect(),
            same_part: part(course, periods, mean, counts, None),
            // Means lie between -1 and 1, so they differ by 2 at most.
            raw: line(&course.line, periods, 2.0),
        }
    }
}

fn part<F>(
    course: &Course,
    periods: &[Period],
    record: impl Fn(&Result<Estimate, TooLittle>, Base) -> F,
    counts: &Counts,
    corrected: Option<&CorrectedCourse>,
) -> Option<SamePart<F>> {
    Some(SamePart {
        period: periods.iter().rev().nth(1)?.id.clone(),
        raw: record(course.part.as_ref()?, counts.of_part(course.measure)),
        corrected: corrected.and_then(|found| found.part.as_ref().map(corrected_share)),
    })
}

fn share(figure: &Result<Estimate, TooLittle>, base: Base) -> ShareRecord {
    match figure {
        Ok(found) => ShareRecord::Known {
            count: found.count.unwrap_or_default(),
            of: found.of,
            posts: found.posts as u64,
            share: Figure::new(found.value),
            interval: ends(found.interval, 1.0),
            naive_interval: ends(found.naive, 1.0),
            design_effect: Figure::new(found.design_effect),
        },
        Err(why) => ShareRecord::TooLittle {
            of: base.comments,
            posts: base.posts,
            too_little: Reason::of_figure(*why),
        },
    }
}

fn mean(figure: &Result<Estimate, TooLittle>, base: Base) -> MeanRecord {
    match figure {
        Ok(found) => MeanRecord::Known {
            mean: Figure::new(found.value),
            interval: ends(found.interval, 1.0),
            naive_interval: ends(found.naive, 1.0),
            design_effect: Figure::new(found.design_effect),
            of: found.of,
            posts: found.posts as u64,
        },
        Err(why) => MeanRecord::TooLittle {
            of: base.comments,
            posts: base.posts,
            too_little: Reason::of_figure(*why),
        },
    }
}

fn rows(kinds: RowKinds) -> RowsRecord {
    RowsRecord {
        found: kinds.found as u64,
        missed: kinds.missed as u64,
        unfounded: kinds.unfounded as u64,
        neither: kinds.neither as u64,
    }
}

fn rate(rate: Rate) -> RateRecord {
    RateRecord {
        rate: Figure::new(rate.value),
        interval: ends(rate.interval, 1.0),
    }
}

fn corrected_share(found: &CorrectedShare) -> CorrectedShareRecord {
    CorrectedShareRecord {
        share: Figure::new(found.share),
        interval: ends(found.interval, 1.0),
        basis: match found.basis {
            Basis::OwnPeriod => BasisRecord::OwnPeriod,
            Basis::WholeSample => BasisRecord::WholeSample,
        },
        rows: rows(found.rows),
    }
}

fn corrected_line(
    corrected: Option<&Result<CorrectedCourse, Uncorrected>>,
    periods: &[Period],
) -> CorrectedLineRecord {
    match corrected {
        Some(Ok(found)) => CorrectedLineRecord::Corrected {
            sensitivity: rate(found.sensitivity),
            specificity: rate(found.specificity),
            rows: rows(found.rows),
            line: line(&found.line, periods, 1.0),
        },
        Some(Err(why)) => CorrectedLineRecord::Uncorrected {
            uncorrected: Reason::of_sample(*why),
        },
        None => CorrectedLineRecord::Uncorrected {
            uncorrected: Reason::no_sample(),
        },
    }
}

/// `bound` is how much two figures can differ at most.
fn line(line: &Line, periods: &[Period], bound: f64) -> LineRecord {
    let steps = line.steps.iter().filter_map(|step| {
        let (earlier, kind) = match step.from {
            From::PartOf(place) => (place, ChangeKind::SamePart),
            From::Period(place) if place + 1 == step.to => (place, ChangeKind::Adjacent),
            From::Period(place) => (place, ChangeKind::WholeRange),
        };
        let Change { value, interval, p } = step.change;
        Some(ChangeRecord {
            from: periods.get(earlier)?.id.clone(),
            to: periods.get(step.to)?.id.clone(),
            kind,
            difference: Figure::new(value),
            interval: ends(interval, bound),
            p: Fine::new(p),
            p_adjusted: Fine::new(step.adjusted),
            certain: is_certain(step.adjusted),
        })
    });
    LineRecord {
        changes: steps.collect(),
        trend: trend(&line.trend),
        levels: levels(&line.levels, periods),
    }
}

fn trend(trend: &Result<(Trend, f64), NoTrend>) -> TrendRecord {
    match trend {
        Ok((trend, adjusted)) => TrendRecord::Known {
            periods: trend.periods as u64,
            tau: trend.tau.map(Figure::new),
            slope: trend.interval.map(|_| Fine::new(trend.slope)),
            interval: trend
                .interval
                .map(|interval| [interval.low, interval.high].map(Fine::new)),
            p: Fine::new(trend.p),
            p_adjusted: Fine::new(*adjusted),
            certain: is_certain(*adjusted),
        },
        Err(why) => TrendRecord::None {
            no_trend: Reason::of_trend(*why),
        },
    }
}

fn levels(levels: &Result<Levels, NoLevels>, periods: &[Period]) -> LevelsRecord {
    match levels {
        Ok(levels) => {
            let neighbours = levels.means.windows(2);
            let changes = levels.changes.iter().zip(neighbours);
            let changes = changes.filter_map(|(change, means)| {
                let is_up = means.last() > means.first();
                Some(ChangePointRecord {
                    last: periods.get(change.last)?.id.clone(),
                    first: periods.get(change.first)?.id.clone(),
                    direction: if is_up {
                        Direction::Up
                    } else {
                        Direction::Down
                    },
                    same: Figure::new(change.same),
                    near: Figure::new(change.near),
                })
            });
            LevelsRecord::Known {
                changes: changes.collect(),
                none: Figure::new(levels.none),
            }
        }
        Err(why) => LevelsRecord::None {
            no_levels: Reason::of_levels(*why),
        },
    }
}
