//! The first view: three sentences, four figures, and the pictures of all themes together.

use super::charts::{NUMBERED, Plot, heat_map};
use super::data::{Comparison, Course, Period, Point, Summary, Theme};
use super::html::{Html, tag};
use super::table::{Row, Sort, cell, folded, markup, missing, number, scrolling, table};
use super::words::{Unit, counted};
use crate::comparison::{FEWEST_COMMENTS, FEWEST_POSTS};
use crate::output::grouped;

/// Letters of a theme's title.
pub const TITLE: usize = 120;

/// Numbers charts in the order in which they are drawn, so that each can be named.
#[derive(Debug, Default)]
pub struct Numbering(usize);

impl Numbering {
    /// The next number.
    pub fn next(&mut self) -> usize {
        self.0 += 1;
        self.0
    }
}

/// A paragraph.
pub fn paragraph(text: &str) -> Html {
    tag("p").text(text).build()
}

/// The last period that is whole and has a figure of this course.
fn last_whole<'a>(
    periods: &'a [Period],
    course: &Course,
) -> Option<(&'a Period, f64, [f64; 2], Point)> {
    let points = course.points();
    let mut both = periods.iter().zip(points).rev();
    both.find_map(|(period, point)| match (&point.value, period.cut_short()) {
        (Ok((value, interval)), None) => Some((period, *value, *interval, point.clone())),
        _ => None,
    })
}

/// How the figures of a course came about, in two words.
pub fn basis(course: &Course) -> &'static str {
    if course.is_corrected() {
        "corrected for the model's errors"
    } else {
        "as the model counted them"
    }
}

/// The sentences and the figures.
pub fn overview(comparison: &Comparison, summary: &Summary) -> Html {
    let periods = &comparison.periods;
    let span = match (periods.first(), periods.last(), &comparison.as_of) {
        (Some(first), Some(last), Some(until)) => format!(
            ", compared over {} from {} to {} (data up to {until})",
            counted(periods.len() as u64, "period"),
            first.id,
            last.id
        ),
        _ => String::new(),
    };
    let first = format!(
        "A program read {} under {} of this blog, and judged of each whether it is negative, neutral or positive and which \
         of {} it is about{span}.",
        counted(summary.comments.total, "comment"),
        counted(summary.posts, "post"),
        counted(comparison.themes.len() as u64, "theme"),
    );
    // Corrected figures and others are not to be ranked against each other.
    let has_corrected = comparison
        .themes
        .values()
        .any(|theme| theme.share.is_corrected());
    let is_ranked = |theme: &Theme| !has_corrected || theme.share.is_corrected();
    let ranked = comparison.themes.values().filter(|theme| is_ranked(theme));
    let latest = ranked.filter_map(|theme| {
        let (period, value, interval, point) = last_whole(periods, &theme.share)?;
        Some((period.from.as_str(), period, theme, value, interval, point))
    });
    let newest = latest.clone().map(|(from, ..)| from).max();
    let leading = latest
        .filter(|(from, ..)| Some(*from) == newest)
        .max_by(|a, b| a.3.total_cmp(&b.3));
    let second = match &leading {
        Some((_, period, theme, value, interval, point)) => format!(
            "In {}, the last whole period with enough comments, the theme with the largest share was “{}”: {} of {} \
             comments (95% interval {} to {}; {}).",
            period.id,
            super::html::cut(&theme.title, TITLE),
            Unit::Share.value(*value),
            grouped(point.of),
            Unit::Share.value(interval[0]),
            Unit::Share.value(interval[1]),
            basis(&theme.share),
        ),
        None if periods.is_empty() => {
            "No comment has a date, so there are no periods to compare. Dates can be given in the \
            table posts.csv."
                .to_owned()
        }
        None => format!(
            "No whole period has enough for a figure: it takes {FEWEST_COMMENTS} comments under {FEWEST_POSTS} posts. So the \
             map below is hatched; with longer periods (eras) there may be something to see."
        ),
    };
    let ranges = comparison
        .themes
        .values()
        .filter_map(|theme| Some((theme, theme.share.whole_change(periods)?)));
    let tested = ranges.clone().count() as u64;
    let certain: Vec<_> = ranges.filter(|(_, change)| change.certain).collect();
    let greatest = certain
        .iter()
        .filter(|(theme, _)| is_ranked(theme))
        .max_by(|a, b| a.1.difference.abs().total_cmp(&b.1.difference.abs()));
    let third = match greatest {
        Some((theme, change)) => format!(
            "From the first to the last finished period the share of {} changed with certainty, most that of “{}”, by {} (95% \
             interval {}; {}) between {} and {}{}.",
            of_themes(certain.len() as u64, tested),
            super::html::cut(&theme.title, TITLE),
            Unit::Share.difference(change.difference),
            Unit::Share.difference_interval(change.interval),
            basis(&theme.share),
            change.from,
            change.to,
            begins_late(periods, &change.from)
        ),
        None if tested > 0 => "From the first to the last finished period no theme's share changed with certainty, which does \
            not mean that nothing changed."
            .to_owned(),
        None => "There are too few finished periods with enough comments to compare the first with the last.".to_owned(),
    };
    let sentences = [first, second, third];
    let sentences = sentences.iter().map(|one| paragraph(one)).collect::<Html>();
    let negative = comparison.sentiment.shares.get("negative");
    let last_negative = negative.and_then(|course| last_whole(periods, course));
    let figures = [
        figure(
            &grouped(summary.comments.total),
            "comments counted",
            &format!(
                "{} of them answer another comment",
                grouped(summary.comments.replies)
            ),
        ),
        figure(
            &grouped(summary.posts),
            "posts read",
            "with or without comments",
        ),
        match last_negative {
            Some((period, value, interval, point)) => figure(
                &Unit::Share.value(value),
                &format!("of comments negative in {}", period.id),
                &format!(
                    "95% interval {} to {}, of {}; {}",
                    Unit::Share.value(interval[0]),
                    Unit::Share.value(interval[1]),
                    grouped(point.of),
                    negative.map_or("", basis)
                ),
            ),
            None => figure(
                "–",
                "of comments negative",
                "no whole period has enough comments to tell",
            ),
        },
        figure(
            &format!("{} of {tested}", certain.len()),
            "themes changed with certainty",
            "in their share, from the first to the last finished period with a figure",
        ),
    ];
    tag("div").class("lead").child(sentences).build().and(
        tag("ul")
            .class("figures")
            .child(figures.into_iter().collect())
            .build(),
    )
}

fn of_themes(certain: u64, tested: u64) -> String {
    format!("{certain} of {}", counted(tested, "theme"))
}

fn figure(value: &str, what: &str, more: &str) -> Html {
    tag("li")
        .child(tag("strong").text(value).build())
        .child(tag("span").text(what).build())
        .child(tag("small").text(more).build())
        .build()
}

/// That the data do not cover this period from its first day, if so.
fn begins_late(periods: &[Period], id: &str) -> String {
    let period = periods.iter().find(|period| period.id == id);
    period
        .and_then(|period| period.begins_late.as_deref())
        .map_or_else(String::new, |day| format!(" (the data begin on {day})"))
}

/// The heat map of all themes.
pub fn heat(comparison: &Comparison, numbering: &mut Numbering) -> Html {
    let rows: Vec<(String, Vec<Point>)> = comparison
        .themes
        .values()
        .map(|theme| (super::html::cut(&theme.title, TITLE), theme.share.points()))
        .collect();
    let values = rows.iter().flat_map(|(_, points)| points);
    let most = values
        .filter_map(|point| point.value.as_ref().ok().map(|(value, _)| *value))
        .fold(0.0_f64, f64::max);
    let number = numbering.next();
    let drawn = heat_map(number, &comparison.periods, &rows, most);
    let mut columns = vec![("Theme", Sort::No)];
    columns.extend(
        comparison
            .periods
            .iter()
            .map(|period| (period.id.as_str(), Sort::No)),
    );
    let lines = rows.iter().map(|(title, points)| {
        let mut cells = vec![markup(Html::foreign(title, TITLE))];
        cells.extend(points.iter().map(|point| match &point.value {
            Ok((value, interval)) => cell(&format!(
                "{} of {}",
                Unit::Share.with_interval(*value, *interval),
                grouped(point.of)
            )),
            Err(why) => missing(why),
        }));
        Row::from(cells)
    });
    let name = "Share of comments about each theme, with 95% intervals";
    let behind = table(None, name, &columns, lines.collect());
    let caption = format!(
        "What share of the comments of each period is about each theme. A comment can be about several themes, so a column \
         does not add up to 100%. {}Hatched: too few comments to tell, or, in part, a period that the data do not cover to its \
         end or from its beginning. {}",
        if comparison.periods.len() <= NUMBERED {
            "The number of comments stands below each column. "
        } else {
            ""
        },
        corrected_note(comparison)
    );
    tag("figure")
        .child(scrolling(
            "Chart: share of comments by theme and period",
            drawn,
        ))
        .child(tag("figcaption").text(&caption).build())
        .child(folded("The numbers as a table, with intervals", behind))
        .build()
}

/// Which figures are corrected.
pub fn corrected_note(comparison: &Comparison) -> String {
    let themes = comparison.themes.values();
    let themes = themes.map(|theme| (super::html::cut(&theme.title, TITLE), &theme.share));
    let sentiments = comparison.sentiment.shares.iter();
    let sentiments = sentiments.map(|(name, course)| (format!("sentiment {name}"), course));
    let (corrected, others): (Vec<_>, Vec<_>) = themes
        .chain(sentiments)
        .partition(|(_, course)| course.is_corrected());
    if corrected.is_empty() {
        "All shares are as the model counted them; nothing is corrected for its errors.".to_owned()
    } else if others.is_empty() {
        "All shares are corrected for the model's errors by the labelled sample.".to_owned()
    } else {
        let others: Vec<String> = others.into_iter().map(|(title, _)| title).collect();
        format!(
            "Shares are corrected for the model's errors by the labelled sample, but for these, which are as the model \
             counted them and not to be compared with the others: {}.",
            others.join(", ")
        )
    }
}

/// The axis for shares: from 0 to the next five of a hundred above all intervals.
pub fn share_scale<'a>(courses: impl Iterator<Item = &'a Course>) -> (f64, f64) {
    (
        0.0,
        ((greatest(courses) * 20.0).ceil() / 20.0).clamp(0.05, 1.0),
    )
}

/// The axis for means: as far below 0 as above.
pub fn mean_scale<'a>(courses: impl Iterator<Item = &'a Course>) -> (f64, f64) {
    let most = ((greatest(courses) * 4.0).ceil() / 4.0).clamp(0.25, 1.0);
    (-most, most)
}

/// The end of an interval that is farthest from 0.
fn greatest<'a>(courses: impl Iterator<Item = &'a Course>) -> f64 {
    let points = courses.flat_map(Course::points);
    let ends = points.filter_map(|point| point.value.ok());
    ends.fold(0.0, |most, (_, [low, high])| {
        most.max(low.abs()).max(high.abs())
    })
}

/// The table behind a course.
pub fn course_table(name: &str, unit: Unit, periods: &[Period], points: &[Point]) -> Html {
    let columns = [
        ("Period", Sort::No),
        (
            if unit == Unit::Share {
                "Share"
            } else {
                "Mean sentiment"
            },
            Sort::No,
        ),
        ("95% interval", Sort::No),
        ("Comments", Sort::No),
        ("Posts", Sort::No),
        ("Note", Sort::No),
    ];
    let rows = periods.iter().zip(points).map(|(period, point)| {
        let short = period.cut_short();
        let (value, interval, note) = match &point.value {
            Ok((value, [low, high])) => (
                number(&unit.value(*value), *value),
                cell(&format!("{} to {}", unit.value(*low), unit.value(*high))),
                short.unwrap_or_default(),
            ),
            Err(why) => (
                cell("–"),
                cell("–"),
                [Some(why.clone()), short]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
        };
        Row::from(vec![
            cell(&period.id),
            value,
            interval,
            number(&grouped(point.of), point.of as f64),
            number(&grouped(point.posts), point.posts as f64),
            cell(&note),
        ])
    });
    table(None, name, &columns, rows.collect())
}

/// One small chart per course, all on one scale; those without any figure are named instead.
pub fn multiples<'a>(
    comparison: &Comparison,
    numbering: &mut Numbering,
    unit: Unit,
    what: &str,
    courses: impl Iterator<Item = (&'a str, &'a Course)> + Clone,
) -> Html {
    let scale = match unit {
        Unit::Share => share_scale(courses.clone().map(|(_, course)| course)),
        Unit::Mean => mean_scale(courses.clone().map(|(_, course)| course)),
    };
    let (drawn, empty): (Vec<_>, Vec<_>) = courses.partition(|(_, course)| course.has_figures());
    let mut without = Html::new();
    if !empty.is_empty() {
        let titles = empty
            .iter()
            .map(|(title, _)| super::html::cut(title, TITLE));
        without = paragraph(&format!(
            "Not drawn, because no period has enough comments for a figure: {}.",
            titles.collect::<Vec<_>>().join(", ")
        ));
    }
    let panels = drawn.into_iter().map(|(title, course)| {
        let points = course.points();
        let name = super::html::cut(title, TITLE);
        let plot = Plot {
            number: numbering.next(),
            name: &name,
            what,
            unit,
            scale,
            periods: &comparison.periods,
            points: &points,
            large: false,
        };
        let drawn = plot.draw();
        let caption = tag("figcaption").child(Html::foreign(title, TITLE)).build();
        let behind = format!("{name}: {what}");
        tag("figure")
            .class("multiple")
            .child(caption)
            .child(drawn)
            .child(folded(
                "Table",
                course_table(&behind, unit, &comparison.periods, &points),
            ))
            .build()
    });
    tag("div")
        .class("multiples")
        .child(panels.collect())
        .build()
        .and(without)
}
