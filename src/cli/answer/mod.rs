//! A comparison in words, for people who are going to quote it.
//!
//! What is not certain is never called a rise or a fall, no share stands without its denominator and its interval, and all
//! figures are those of `comparison.json`.

mod theme;
mod words;

use std::io::{Result, Write};

pub(super) use theme::tell_theme;

use super::table::Table;
use crate::output::{
    ChangeKind, ChangeRecord, ComparisonFile, CorrectedLineRecord, Figure, LineRecord,
    PeriodRecord, Reason, ShareCourse, SharePeriod, ShareRecord, grouped,
};
use crate::progress::visible;
use words::{capital, division, in_table, moved, percent, points, trend};

/// From what share of a period's comments on one post or one author is named.
const BUSY: f64 = 0.25;

/// A comparison, and where it comes from.
pub(super) struct Told<'a> {
    pub file: &'a ComparisonFile,
    /// The version of the program that scored the comments.
    pub undertone: &'a str,
    /// The name of the run's set.
    pub run: &'a str,
    /// The first and the last period that were asked for.
    pub wanted: (Option<&'a str>, Option<&'a str>),
}

/// A share with its interval.
#[derive(Clone, Copy)]
struct Shown {
    share: f64,
    interval: [f64; 2],
}

/// A course as it is told: corrected where that can be done.
struct View<'a> {
    course: &'a ShareCourse,
    line: &'a LineRecord,
    is_corrected: bool,
}

impl<'a> View<'a> {
    fn raw(course: &'a ShareCourse) -> Self {
        Self {
            course,
            line: &course.raw,
            is_corrected: false,
        }
    }

    fn best(course: &'a ShareCourse) -> Self {
        match &course.corrected {
            CorrectedLineRecord::Corrected { line, .. } => Self {
                course,
                line,
                is_corrected: true,
            },
            CorrectedLineRecord::Uncorrected { .. } => Self::raw(course),
        }
    }

    fn shown(&self, of: &SharePeriod) -> Option<Shown> {
        let (share, interval) = match (&of.raw, self.is_corrected) {
            (ShareRecord::Known { .. }, true) => {
                let corrected = of.corrected.as_ref()?;
                (corrected.share, corrected.interval)
            }
            (
                ShareRecord::Known {
                    share, interval, ..
                },
                false,
            ) => (*share, *interval),
            (ShareRecord::TooLittle { .. }, _) => return None,
        };
        Some(Shown {
            share: share.value(),
            interval: interval.map(Figure::value),
        })
    }

    /// The first and the last finished period with a figure.
    fn ends(&self, file: &ComparisonFile) -> Option<(&'a SharePeriod, &'a SharePeriod)> {
        let mut known = self
            .course
            .periods
            .iter()
            .zip(&file.periods)
            .filter(|(figure, period)| period.unfinished.is_none() && self.shown(figure).is_some())
            .map(|(figure, _)| figure);
        let first = known.next()?;
        Some((first, known.next_back()?))
    }

    fn change(&self, from: &str, to: &str) -> Option<&'a ChangeRecord> {
        let mut changes = self.line.changes.iter();
        changes.find(|change| {
            change.from == from && change.to == to && change.kind != ChangeKind::SamePart
        })
    }
}

/// A table of all themes, and what it says.
pub(super) fn tell_all(out: &mut impl Write, told: &Told<'_>) -> Result<()> {
    let file = told.file;
    tell_basis(out, told)?;
    let courses: Vec<(String, &ShareCourse)> = courses(file);
    let mut ends = courses
        .iter()
        .filter_map(|(_, course)| View::best(course).ends(file));
    let Some((first, last)) = ends.next() else {
        return tell_too_little(out, file, courses.first().map(|(_, course)| *course));
    };
    let (first, last) = (first.period.as_str(), last.period.as_str());
    let headings = [
        "<theme".to_owned(),
        format!(">{}", visible(first)),
        format!(">{}", visible(last)),
        ">change in points".to_owned(),
        "<certain".to_owned(),
        "<trend".to_owned(),
        "<figures".to_owned(),
    ];
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let has_sample = file.sample.is_some();
    let columns = if has_sample { 7 } else { 6 };
    let mut table = Table::new(&headings[..columns]);
    let (mut certain, mut uncertain) = (Vec::new(), Vec::new());
    for (name, course) in &courses {
        let view = View::best(course);
        let shown = |id: &str| {
            let mut periods = course.periods.iter();
            let period = periods.find(|period| period.period == id);
            period.and_then(|period| view.shown(period))
        };
        let cell = |id: &str| shown(id).map_or_else(|| "-".to_owned(), in_table);
        let change = view.change(first, last);
        let mut cells = vec![
            name.clone(),
            cell(first),
            cell(last),
            change.map_or_else(
                || "-".to_owned(),
                |change| {
                    let [low, high] = change.interval.map(|end| points(end.value()));
                    format!("{} ({low} to {high})", points(change.difference.value()))
                },
            ),
            change
                .map_or("-", |change| if change.certain { "yes" } else { "no" })
                .to_owned(),
            trend(&view.line.trend, &file.division),
            if view.is_corrected {
                "corrected"
            } else {
                "uncorrected"
            }
            .to_owned(),
        ];
        cells.truncate(columns);
        table.row(cells);
        match change {
            Some(change) if change.certain => certain.push(format!("{name} {}", moved(change))),
            _ => uncertain.push(name.as_str()),
        }
    }
    write!(out, "\n{table}\n")?;
    if certain.is_empty() {
        writeln!(
            out,
            "From {} to {} no change is certain.",
            visible(first),
            visible(last)
        )?;
    } else {
        writeln!(
            out,
            "Certain from {} to {}: {}.",
            visible(first),
            visible(last),
            certain.join("; ")
        )?;
        if !uncertain.is_empty() {
            writeln!(out, "No change that is certain: {}.", uncertain.join(", "))?;
        }
    }
    writeln!(
        out,
        "Shares are of all comments of the period, with 95% intervals. A change is certain where it is so among all {} tests \
         of this comparison; of no other may it be said that anything rose or fell.",
        file.tests
    )?;
    tell_errors(out, file, None)?;
    tell_cautions(out, file)?;
    writeln!(
        out,
        "One theme, with a sentence to quote: undertone compare --theme ID. How to read all this: docs/comparing.md"
    )
}

/// What is compared, in the order of the table.
fn courses(file: &ComparisonFile) -> Vec<(String, &ShareCourse)> {
    let themes = file.themes.iter();
    let themes = themes.map(|(id, theme)| (visible(id), &theme.share));
    let sentiments = file.sentiment.shares.iter();
    let sentiments = sentiments.map(|(name, course)| (format!("sentiment:{name}"), course));
    themes.chain(sentiments).collect()
}

/// How much there is, and where it comes from.
fn tell_basis(out: &mut impl Write, told: &Told<'_>) -> Result<()> {
    let file = told.file;
    let comments: u64 = file.periods.iter().map(|period| period.comments).sum();
    let begins = file.periods.first().and_then(|period| period.begins_late);
    match &file.range {
        None => writeln!(
            out,
            "Nothing is dated, so there are no periods to compare. Dates of posts can be given in a table: corpus/README.md"
        )?,
        Some(range) => writeln!(
            out,
            "{} comments from {} to {}, by {}; run {}, model {}",
            grouped(comments),
            begins.unwrap_or(range.from),
            file.as_of.map_or(range.to, |day| day.min(range.to)),
            division(&file.division),
            visible(told.run),
            visible(&file.header.scoring.model)
        )?,
    }
    if let Some(range) = &file.range {
        let (from, to) = told.wanted;
        if let Some(from) = from.filter(|from| !range.first.starts_with(from.trim())) {
            writeln!(
                out,
                "Of what is dated from {} on, the first period is {}.",
                visible(from),
                visible(&range.first)
            )?;
        }
        if let Some(to) = to.filter(|to| !range.last.starts_with(to.trim())) {
            writeln!(
                out,
                "Of what is dated up to {}, the last period is {}.",
                visible(to),
                visible(&range.last)
            )?;
        }
    }
    Ok(())
}

fn tell_too_little(
    out: &mut impl Write,
    file: &ComparisonFile,
    course: Option<&ShareCourse>,
) -> Result<()> {
    writeln!(
        out,
        "\nThere is too little to compare: it takes two finished periods with enough comments."
    )?;
    for period in course.iter().flat_map(|course| &course.periods) {
        match &period.raw {
            ShareRecord::TooLittle { too_little, .. } => writeln!(
                out,
                "    {}: too little, {}",
                visible(&period.period),
                too_little.reason
            )?,
            ShareRecord::Known { of, posts, .. } => writeln!(
                out,
                "    {}: enough, {} comments under {} posts",
                visible(&period.period),
                grouped(*of),
                grouped(*posts)
            )?,
        }
    }
    tell_cautions(out, file)?;
    if file.division != "year" {
        writeln!(
            out,
            "Longer periods have more in them: --by year, or eras of your own."
        )?;
    }
    Ok(())
}

/// Whether the model's errors are corrected for, and if not, why.
fn tell_errors(
    out: &mut impl Write,
    file: &ComparisonFile,
    course: Option<&ShareCourse>,
) -> Result<()> {
    let why = |reason: &Reason| format!("uncorrected for the model's errors: {}", reason.reason);
    let uncorrected = course
        .into_iter()
        .chain(file.themes.values().map(|theme| &theme.share))
        .find_map(|course| match &course.corrected {
            CorrectedLineRecord::Uncorrected { uncorrected } => Some(uncorrected),
            CorrectedLineRecord::Corrected { .. } => None,
        });
    match (&file.sample, course, uncorrected) {
        (None, _, Some(reason)) => writeln!(out, "{}.", capital(&why(reason))),
        (None, _, None) => Ok(()),
        (Some(sample), None, _) => writeln!(
            out,
            "Where figures are corrected, that is by up to {} labelled comments of {}.",
            grouped(sample.used),
            visible(&sample.file)
        ),
        (Some(sample), Some(course), _) => match &course.corrected {
            CorrectedLineRecord::Uncorrected { uncorrected } => {
                writeln!(out, "{}.", capital(&why(uncorrected)))
            }
            CorrectedLineRecord::Corrected {
                sensitivity,
                specificity,
                rows,
                ..
            } => writeln!(
                out,
                "Corrected by {} labelled comments of {}: of the comments about this the model finds {}, and of the others it \
                 leaves {} alone.",
                grouped(rows.all()),
                visible(&sample.file),
                percent(sensitivity.rate.value()),
                percent(specificity.rate.value())
            ),
        },
    }
}

/// What a reader must know of the periods before comparing them.
fn tell_cautions(out: &mut impl Write, file: &ComparisonFile) -> Result<()> {
    for (place, period) in file.periods.iter().enumerate() {
        let mut shares = file.sentiment.shares.values();
        let has_figures = shares.any(|course| {
            let raw = course.periods.get(place).map(|period| &period.raw);
            matches!(raw, Some(ShareRecord::Known { .. }))
        });
        for caution in cautions(period, has_figures) {
            writeln!(out, "Mind that {caution}.")?;
        }
    }
    if file.undated.comments > 0 {
        writeln!(
            out,
            "Mind that {} comments have no date and are in no period.",
            grouped(file.undated.comments)
        )?;
    }
    if file.outside.comments > 0 {
        writeln!(
            out,
            "{} comments are dated outside these periods and left out.",
            grouped(file.outside.comments)
        )?;
    }
    Ok(())
}

/// Who and what has many of the comments is told where there are figures of them.
fn cautions(period: &PeriodRecord, has_figures: bool) -> Vec<String> {
    let id = visible(&period.id);
    let mut told = Vec::new();
    if let Some(unfinished) = &period.unfinished {
        told.push(format!(
            "{id} is not over in these data, which go to {}; it is compared with nothing but the same part of the period before",
            unfinished.until
        ));
    }
    if let Some(begins) = &period.begins_late {
        told.push(format!("the data begin within {id}, on {begins}"));
    }
    if !has_figures {
        return told;
    }
    if let Some(busiest) = &period.busiest_post
        && busiest.share.value() >= BUSY
    {
        let title = busiest.title.as_ref().unwrap_or(&busiest.post);
        told.push(format!(
            "{} of the comments of {id} stand under one post, {:?}",
            percent(busiest.share.value()),
            visible(title)
        ));
    }
    if let Some(busiest) = &period.busiest_author
        && busiest.share.value() >= BUSY
    {
        told.push(format!(
            "{} of the comments of {id} are signed {:?}",
            percent(busiest.share.value()),
            visible(&busiest.author)
        ));
    }
    told
}
