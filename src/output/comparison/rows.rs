//! A comparison as the rows of `comparison.csv` and `comparison.parquet`.

use super::super::number::Figure;
use super::super::tidy::{Basis, Measure, TidyRow};
use super::{
    BasisRecord, ComparisonFile, CorrectedLineRecord, CorrectedShareRecord, MeanCourse, MeanRecord,
    PeriodRecord, ShareCourse, ShareRecord,
};

/// The rows: each theme's share and mean sentiment, then the shares of the sentiments (`sentiment:negative`,
/// `sentiment:neutral` and `sentiment:positive` in place of the theme) and the mean sentiment of all comments
/// (`sentiment:all`). No theme has such an id. Each over all periods in order; where a sample was given, the corrected rows
/// of a share follow.
///
/// A row without a figure says in its note why. The figures of the part that an unfinished period is compared with are in
/// `comparison.json` alone.
pub fn tidy_rows(file: &ComparisonFile) -> Vec<TidyRow> {
    let mut rows = Vec::new();
    for (id, theme) in &file.themes {
        rows.extend(of_share(id, &theme.share, file));
        rows.extend(of_mean(id, &theme.mean_sentiment, file));
    }
    for (name, share) in &file.sentiment.shares {
        rows.extend(of_share(&format!("sentiment:{name}"), share, file));
    }
    if let Some(mean) = &file.sentiment.mean {
        rows.extend(of_mean("sentiment:all", mean, file));
    }
    rows
}

fn of_share(id: &str, course: &ShareCourse, file: &ComparisonFile) -> Vec<TidyRow> {
    let periods = || file.periods.iter().zip(&course.periods);
    let raw = periods().map(|(period, figure)| share(empty(id, period), &figure.raw));
    let mut rows: Vec<TidyRow> = raw.collect();
    if file.sample.is_some() {
        rows.extend(periods().map(|(period, figure)| {
            let raw = share(empty(id, period), &figure.raw);
            let why = match (&figure.raw, &course.corrected) {
                (ShareRecord::Known { .. }, CorrectedLineRecord::Uncorrected { uncorrected }) => {
                    Some(format!("not corrected: {}", uncorrected.reason))
                }
                _ => None,
            };
            corrected(raw, figure.corrected.as_ref(), why)
        }));
    }
    rows
}

fn of_mean(id: &str, course: &MeanCourse, file: &ComparisonFile) -> Vec<TidyRow> {
    let periods = file.periods.iter().zip(&course.periods);
    let rows = periods.map(|(period, figure)| {
        let row = TidyRow {
            measure: Measure::MeanSentiment,
            ..empty(id, period)
        };
        match &figure.raw {
            MeanRecord::Known {
                mean,
                interval,
                naive_interval,
                design_effect,
                of,
                posts,
            } => TidyRow {
                design_effect: Some(design_effect.value()),
                ..with(row, (*of, *posts), *mean, *interval, *naive_interval)
            },
            MeanRecord::TooLittle {
                of,
                posts,
                too_little,
            } => without(row, (*of, *posts), &too_little.reason),
        }
    });
    rows.collect()
}

/// A row that has nothing but its period.
fn empty(id: &str, period: &PeriodRecord) -> TidyRow {
    let late = period
        .begins_late
        .map(|day| format!("the data begin on {day}"));
    let unfinished = period.unfinished.as_ref().map(|unfinished| {
        format!(
            "the data end on {}: not to be compared with whole periods",
            unfinished.until
        )
    });
    let notes: Vec<String> = late.into_iter().chain(unfinished).collect();
    TidyRow {
        theme: id.to_owned(),
        period: period.id.clone(),
        from: period.from,
        to: period.to,
        unfinished: period.unfinished.is_some(),
        basis: Basis::Raw,
        measure: Measure::Share,
        comments: None,
        of: 0,
        posts: 0,
        value: None,
        low: None,
        high: None,
        naive_low: None,
        naive_high: None,
        design_effect: None,
        note: (!notes.is_empty()).then(|| notes.join("; ")),
    }
}

fn share(row: TidyRow, figure: &ShareRecord) -> TidyRow {
    match figure {
        ShareRecord::Known {
            count,
            of,
            posts,
            share,
            interval,
            naive_interval,
            design_effect,
        } => TidyRow {
            comments: Some(whole(*count)),
            design_effect: Some(design_effect.value()),
            ..with(row, (*of, *posts), *share, *interval, *naive_interval)
        },
        ShareRecord::TooLittle {
            of,
            posts,
            too_little,
        } => without(row, (*of, *posts), &too_little.reason),
    }
}

/// The corrected row that goes with a raw one; `why` says why there is no figure where there could be one.
fn corrected(raw: TidyRow, figure: Option<&CorrectedShareRecord>, why: Option<String>) -> TidyRow {
    let row = TidyRow {
        basis: Basis::Corrected,
        comments: None,
        value: None,
        low: None,
        high: None,
        naive_low: None,
        naive_high: None,
        design_effect: None,
        ..raw
    };
    match figure {
        Some(found) => {
            let rests_on = match found.basis {
                BasisRecord::OwnPeriod => "rests on labelled comments of the period itself",
                BasisRecord::WholeSample => {
                    "rests on all labelled comments: the model's errors are taken for the same in all periods"
                }
            };
            let [low, high] = found.interval.map(|end| Some(end.value()));
            TidyRow {
                value: Some(found.share.value()),
                low,
                high,
                ..noted(row, rests_on)
            }
        }
        None => match why {
            Some(why) => noted(row, &why),
            None => row,
        },
    }
}

/// A row with its figure.
fn with(
    row: TidyRow,
    (of, posts): (u64, u64),
    value: Figure,
    interval: [Figure; 2],
    naive: [Figure; 2],
) -> TidyRow {
    let [low, high] = interval.map(|end| Some(end.value()));
    let [naive_low, naive_high] = naive.map(|end| Some(end.value()));
    TidyRow {
        of: whole(of),
        posts: whole(posts),
        value: Some(value.value()),
        low,
        high,
        naive_low,
        naive_high,
        ..row
    }
}

/// A row that says why it has no figure.
fn without(row: TidyRow, (of, posts): (u64, u64), reason: &str) -> TidyRow {
    TidyRow {
        of: whole(of),
        posts: whole(posts),
        ..noted(row, &format!("too little: {reason}"))
    }
}

/// A row with a note more, before those it has.
fn noted(row: TidyRow, note: &str) -> TidyRow {
    let note = match &row.note {
        Some(others) => format!("{note}; {others}"),
        None => note.to_owned(),
    };
    TidyRow {
        note: Some(note),
        ..row
    }
}

/// A count as tables hold it; none of comments comes near the limit.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
