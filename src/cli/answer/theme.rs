//! The answer about one theme.

use std::io::{Result, Write};

use super::super::table::Table;
use super::words::{capital, in_table, moved, named, percent, plain_points, trend};
use super::{Shown, Told, View, tell_basis, tell_cautions, tell_errors};
use crate::output::{
    ChangeKind, ComparisonFile, CorrectedLineRecord, Figure, MeanRecord, SharePeriod, ShareRecord,
    ThemeComparison, TrendRecord, grouped,
};
use crate::progress::visible;

/// One theme, period by period, and a sentence to quote.
pub(in crate::cli) fn tell_theme(out: &mut impl Write, told: &Told<'_>, id: &str) -> Result<()> {
    let file = told.file;
    let Some(theme) = file.themes.get(id) else {
        return Ok(());
    };
    writeln!(out, "{}: {}\n", visible(id), visible(&theme.title))?;
    tell_basis(out, told)?;
    write!(out, "\n{}\n", theme_table(theme, file.sample.is_some()))?;
    let (raw, best) = (View::raw(&theme.share), View::best(&theme.share));
    for (view, name) in [(&raw, "As counted"), (&best, "Corrected")] {
        if name == "Corrected" && !best.is_corrected {
            continue;
        }
        writeln!(out, "{name}: {}.", change_in_words(view, file))?;
        let unfinished = view.line.changes.iter();
        let mut unfinished = unfinished.filter(|change| change.kind == ChangeKind::SamePart);
        if let Some(change) = unfinished.next() {
            writeln!(
                out,
                "    {} so far, against the same part of {}: {}.",
                visible(&change.to),
                visible(&change.from),
                moved(change)
            )?;
        }
        if let TrendRecord::Known { .. } = view.line.trend {
            writeln!(
                out,
                "    Over all finished periods: {}.",
                trend(&view.line.trend, &file.division)
            )?;
        }
    }
    tell_mean(out, theme, file)?;
    tell_errors(out, file, Some(&theme.share))?;
    if !theme.trained {
        writeln!(
            out,
            "The model was not trained on this theme; it matched the theme's description. Read the comments before you quote \
             a figure."
        )?;
    }
    tell_cautions(out, file)?;
    match best.ends(file) {
        None => writeln!(
            out,
            "\nThere is nothing to quote: it takes two finished periods with enough comments."
        ),
        Some((first, last)) => writeln!(
            out,
            "\nTo quote:\n{}",
            sentence(&best, (first, last), &theme.title, told)
        ),
    }
}

fn theme_table(theme: &ThemeComparison, has_sample: bool) -> Table {
    let headings = [
        "<period",
        ">comments with it",
        ">of",
        ">under posts",
        ">share (95%)",
        ">corrected (95%)",
    ];
    let columns = if has_sample { 6 } else { 5 };
    let mut table = Table::new(&headings[..columns]);
    for period in &theme.share.periods {
        let mut cells = match &period.raw {
            ShareRecord::Known {
                count,
                of,
                posts,
                share,
                interval,
                ..
            } => vec![
                visible(&period.period),
                grouped(*count),
                grouped(*of),
                grouped(*posts),
                in_table(Shown {
                    share: share.value(),
                    interval: interval.map(Figure::value),
                }),
                period.corrected.as_ref().map_or_else(
                    || "-".to_owned(),
                    |corrected| {
                        in_table(Shown {
                            share: corrected.share.value(),
                            interval: corrected.interval.map(Figure::value),
                        })
                    },
                ),
            ],
            ShareRecord::TooLittle { of, posts, .. } => vec![
                visible(&period.period),
                "-".to_owned(),
                grouped(*of),
                grouped(*posts),
                "too little".to_owned(),
                "-".to_owned(),
            ],
        };
        cells.truncate(columns);
        table.row(cells);
    }
    table
}

/// The change from the first to the last finished period, or why it is not known.
fn change_in_words(view: &View<'_>, file: &ComparisonFile) -> String {
    let missing = too_little_at_ends(view);
    let found = view.ends(file).and_then(|(first, last)| {
        let change = view.change(&first.period, &last.period)?;
        Some(format!(
            "from {} to {} {}",
            visible(&first.period),
            visible(&last.period),
            moved(change)
        ))
    });
    let found = found.unwrap_or_else(|| {
        "no change can be told, as it takes two finished periods with enough comments".to_owned()
    });
    match missing.as_str() {
        "" => found,
        missing => format!("{missing}; {found}"),
    }
}

/// Of the first and the last period, which have too little, and why.
fn too_little_at_ends(view: &View<'_>) -> String {
    let periods = &view.course.periods;
    let mut ends: Vec<&SharePeriod> = periods.first().into_iter().chain(periods.last()).collect();
    ends.dedup_by(|one, other| one.period == other.period);
    let told: Vec<String> = ends
        .into_iter()
        .filter_map(|end| match &end.raw {
            ShareRecord::TooLittle { too_little, .. } => Some(format!(
                "{} has too little ({})",
                visible(&end.period),
                too_little.reason
            )),
            ShareRecord::Known { .. } => None,
        })
        .collect();
    told.join("; ")
}

fn tell_mean(out: &mut impl Write, theme: &ThemeComparison, file: &ComparisonFile) -> Result<()> {
    // A period that is not over is compared with no other, here neither.
    let periods = theme.mean_sentiment.periods.iter().zip(&file.periods);
    let finished = periods.filter(|(_, period)| period.unfinished.is_none());
    let mut known = finished.filter_map(|(period, _)| match &period.raw {
        MeanRecord::Known {
            mean, interval, of, ..
        } => Some(format!(
            "{:.2} (95% interval {:.2} to {:.2}, {} comments) in {}",
            mean.value(),
            interval[0].value(),
            interval[1].value(),
            grouped(*of),
            visible(&period.period)
        )),
        MeanRecord::TooLittle { .. } => None,
    });
    let Some(first) = known.next() else {
        return Ok(());
    };
    let last = known
        .next_back()
        .map_or_else(String::new, |last| format!(", {last}"));
    let certain = theme
        .mean_sentiment
        .raw
        .changes
        .iter()
        .any(|change| change.certain);
    writeln!(
        out,
        "Mean sentiment of these comments, from -1 to 1: {first}{last}{}",
        if certain {
            "; comparison.json (--out) says which of its changes are certain."
        } else {
            "; no change of it is certain."
        }
    )
}

/// One sentence with all that a quotation must not leave out.
fn sentence(
    view: &View<'_>,
    (first, last): (&SharePeriod, &SharePeriod),
    title: &str,
    told: &Told<'_>,
) -> String {
    let file = told.file;
    let side = |period: &SharePeriod| {
        let ShareRecord::Known { of, posts, .. } = &period.raw else {
            return String::new();
        };
        let Some(shown) = view.shown(period) else {
            return String::new();
        };
        format!(
            "of {} comments under {} posts in {}, {}{} (95% interval {} to {}%)",
            grouped(*of),
            grouped(*posts),
            named(&period.period, &file.division),
            if view.is_corrected {
                "an estimated "
            } else {
                ""
            },
            percent(shown.share),
            plain_points(shown.interval[0]),
            plain_points(shown.interval[1])
        )
    };
    let change = view.change(&first.period, &last.period).map_or_else(
        || "how far they differ cannot be told".to_owned(),
        |change| {
            let told = moved(change);
            match told.strip_prefix("rose by ") {
                Some(rest) => format!("a rise of {rest}"),
                None => match told.strip_prefix("fell by ") {
                    Some(rest) => format!("a fall of {rest}"),
                    None => told,
                },
            }
        },
    );
    let scoring = &file.header.scoring;
    let sha: String = scoring.model_sha256.chars().take(8).collect();
    let errors = match &view.course.corrected {
        CorrectedLineRecord::Corrected { rows, .. } if view.is_corrected => format!(
            "corrected for the model's errors by {} labelled comments",
            grouped(rows.all())
        ),
        _ => "not corrected for the model's errors".to_owned(),
    };
    format!(
        "{} were about \"{}\"; {}: {change}. Measured by undertone {} with model {} (sha256 {sha}), run {}; {errors}.",
        capital(&side(last)),
        visible(title),
        side(first),
        visible(told.undertone),
        visible(&scoring.model),
        visible(told.run)
    )
}
