//! The views of posts and of the data themselves: what there is, what was left out, and how sure all of it is.

use super::changes::controls;
use super::data::{Comparison, Course, Days, Post, Run, Summary};
use super::html::{Html, link, tag};
use super::overview::{TITLE, corrected_note, paragraph};
use super::table::{Row, Sort, cell, folded, markup, missing, number, table};
use super::themes::Places;
use super::words::{Unit, counted};
use crate::output::grouped;

/// Posts shown: those with most comments, and the newest.
const MOST_COMMENTED: usize = 1500;
const NEWEST: usize = 500;

/// Stretches of days without anything that are named: the longest.
const GAPS: usize = 10;

/// Skipped inputs that are named.
const SKIPPED: usize = 50;

/// The posts that are shown, in the order of the summary.
pub fn shown_posts(summary: &Summary) -> Vec<&Post> {
    let mut by_comments: Vec<usize> = (0..summary.by_post.len()).collect();
    let comments = |place: &usize| summary.by_post.get(*place).map(|post| post.comments.total);
    by_comments.sort_by_key(|place| std::cmp::Reverse(comments(place)));
    by_comments.truncate(MOST_COMMENTED);
    let mut by_day: Vec<usize> = (0..summary.by_post.len()).collect();
    let day = |place: &usize| {
        summary
            .by_post
            .get(*place)
            .and_then(|post| post.published.clone())
    };
    by_day.sort_by_key(|place| std::cmp::Reverse(day(place)));
    let mut chosen: Vec<usize> = by_comments
        .into_iter()
        .chain(by_day.into_iter().take(NEWEST))
        .collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
        .into_iter()
        .filter_map(|place| summary.by_post.get(place))
        .collect()
}

/// Where each of them stands.
pub fn places<'a>(posts: &[&'a Post]) -> Places<'a> {
    posts
        .iter()
        .enumerate()
        .map(|(place, post)| (post.id.as_str(), place))
        .collect()
}

/// Themes named for each post.
const NAMED: usize = 5;

/// The themes that most of a post's comments are about, with links to them.
fn most_spoken_of(comparison: &Comparison, post: &Post) -> Html {
    let themes = comparison.themes.iter().enumerate();
    let mut found: Vec<(u64, usize, &str)> = themes
        .filter_map(|(place, (id, theme))| {
            Some((*post.themes.get(id)?, place, theme.title.as_str()))
        })
        .collect();
    // Of as many comments the one that stands first in the list of themes.
    found.sort_by_key(|(count, place, _)| (std::cmp::Reverse(*count), *place));
    let mut named: Html = found
        .iter()
        .take(NAMED)
        .enumerate()
        .map(|(nth, (count, place, title))| {
            let separator = if nth > 0 { ", " } else { "" };
            let link = tag("a").to("theme", *place);
            Html::text(separator)
                .and(link.child(Html::foreign(title, 60)).build())
                .and(Html::text(&format!(" {}", grouped(*count))))
        })
        .collect();
    let more = found.len().saturating_sub(NAMED);
    if more > 0 {
        named.push(Html::text(&format!(" and {more} more")));
    }
    named
}

/// The table of posts.
pub fn posts(comparison: &Comparison, summary: &Summary, shown: &[&Post]) -> Html {
    let rows = shown.iter().enumerate().map(|(place, post)| {
        let name = post
            .title
            .as_deref()
            .filter(|title| !title.trim().is_empty())
            .unwrap_or(&post.id);
        let sentiment = match (post.sentiment.mean, post.sentiment.interval) {
            (Some(mean), Some(interval)) => number(&Unit::Mean.with_interval(mean, interval), mean),
            (Some(_), None) => missing("one comment says nothing about more"),
            _ => missing("no comments"),
        };
        Row {
            cells: vec![
                markup(link(post.url.as_deref(), Html::foreign(name, TITLE)))
                    .by(&super::html::cut(&name.to_lowercase(), TITLE)),
                cell(post.published.as_deref().unwrap_or("undated"))
                    .by(post.published.as_deref().unwrap_or("")),
                number(&grouped(post.comments.total), post.comments.total as f64),
                sentiment,
                markup(most_spoken_of(comparison, post)),
            ],
            marks: Vec::new(),
            id: Some(("post", place)),
        }
    });
    let columns = [
        ("Post", Sort::Text),
        ("Published", Sort::Text),
        ("Comments", Sort::Falling),
        ("Mean sentiment (95% interval)", Sort::Falling),
        ("Most spoken of (comments)", Sort::No),
    ];
    let left = summary.by_post.len() - shown.len();
    let note = format!(
        "Mean sentiment goes from −1 (all comments negative) to 1 (all positive). Its interval here takes the comments of a \
         post for independent of each other; under few comments it is wide.{}",
        match left {
            0 => String::new(),
            left => format!(
                " {} are left out: shown are the {MOST_COMMENTED} with most comments and the {NEWEST} newest; all stand in summary.json.",
                counted(left as u64, "post")
            ),
        }
    );
    paragraph(&note)
        .and(controls("posts-table", false))
        .and(table(
            Some("posts-table"),
            "Posts and the sentiment of their comments",
            &columns,
            rows.collect(),
        ))
}

/// What there is and how it was made.
pub fn data(comparison: &Comparison, summary: &Summary, run: &Run) -> Html {
    let heading = |text: &str| tag("h3").text(text).build();
    heading("What there is of each period")
        .and(coverage(comparison))
        .and(heading("What is left out"))
        .and(left_out(comparison, summary, run))
        .and(heading("How sure the model is"))
        .and(sureness(comparison))
        .and(heading("How the figures were made"))
        .and(methods(comparison))
}

fn coverage(comparison: &Comparison) -> Html {
    let columns = [
        ("Period", Sort::No),
        ("Days", Sort::No),
        ("Comments", Sort::No),
        ("Under posts", Sort::No),
        ("Posts published", Sort::No),
        ("Names signed", Sort::No),
        ("Anonymous", Sort::No),
        ("Busiest post", Sort::No),
        ("Note", Sort::No),
    ];
    let rows = comparison.periods.iter().map(|period| {
        let busiest = match &period.busiest_post {
            Some(post) => markup(
                Html::text(&format!("{}: ", Unit::Share.value(post.share))).and(Html::foreign(
                    post.title.as_deref().unwrap_or(&post.post),
                    80,
                )),
            ),
            None => cell("–"),
        };
        Row::from(vec![
            cell(&period.id),
            cell(&format!("{} to {}", period.from, period.to)),
            number(&grouped(period.comments), period.comments as f64),
            number(&grouped(period.threads), period.threads as f64),
            number(&grouped(period.posts), period.posts as f64),
            number(&grouped(period.authors), period.authors as f64),
            number(&grouped(period.anonymous), period.anonymous as f64),
            busiest,
            cell(&period.cut_short().unwrap_or_default()),
        ])
    });
    table(
        None,
        "Comments and posts of each period",
        &columns,
        rows.collect(),
    )
}

fn left_out(comparison: &Comparison, summary: &Summary, run: &Run) -> Html {
    let comments = &summary.comments;
    let lines = [
        format!(
            "{} counted elsewhere already",
            counted(comments.duplicates, "comment")
        ),
        format!(
            "{} in other languages than English",
            counted(comments.other_languages, "comment")
        ),
        format!(
            "{} forgotten at somebody's wish",
            counted(run.forgotten, "comment")
        ),
        format!(
            "{} and {} without a date: in no period",
            counted(comparison.undated.comments, "comment"),
            counted(comparison.undated.posts, "post")
        ),
        format!(
            "{} and {} outside all periods",
            counted(comparison.outside.comments, "comment"),
            counted(comparison.outside.posts, "post")
        ),
        format!(
            "{} that could not be read",
            counted(run.skipped.len() as u64, "page or table")
                .replace("page or tables", "pages or tables")
        ),
        format!(
            "{} while reading pages; they stand in the files of their posts",
            counted(run.warnings, "warning")
        ),
    ];
    let mut list = tag("ul").child(
        lines
            .iter()
            .map(|line| tag("li").text(line).build())
            .collect(),
    );
    let own = format!(
        "{} without words of their own are not left out, but counted as neutral",
        counted(comments.quoted_only, "comment")
    );
    list = list.child(tag("li").text(&own).build());
    let mut longest: Vec<&Days> = comparison.gaps.iter().collect();
    longest.sort_by_key(|gap| (gap.from - gap.to).get_days());
    let shorter = longest.len().saturating_sub(GAPS);
    longest.truncate(GAPS);
    longest.sort_by_key(|gap| gap.from);
    let told = longest
        .iter()
        .map(|gap| format!("nothing at all from {} to {}", gap.from, gap.to));
    let more = (shorter > 0).then(|| {
        format!(
            "shorter times of four weeks or more with nothing at all: {}, which comparison.json names",
            grouped(shorter as u64)
        )
    });
    for line in told.chain(more) {
        list = list.child(tag("li").text(&line).build());
    }
    let mut all = list.build();
    if !run.skipped.is_empty() {
        let rows = run.skipped.iter().take(SKIPPED).map(|skipped| {
            Row::from(vec![
                markup(Html::foreign(&skipped.source, 200)),
                markup(Html::foreign(&skipped.reason, 400)),
            ])
        });
        let name = match run.skipped.len() {
            many if many > SKIPPED => {
                format!("The first {SKIPPED} of {many} inputs that were skipped")
            }
            _ => "Inputs that were skipped".to_owned(),
        };
        all.push(folded(
            "What was skipped, and why",
            table(
                None,
                &name,
                &[("Input", Sort::No), ("Why", Sort::No)],
                rows.collect(),
            ),
        ));
    }
    all
}

fn sureness(comparison: &Comparison) -> Html {
    let Some(sample) = &comparison.sample else {
        return paragraph(
            "No labelled sample of this blog was given, so nothing here says how often the model errs on it. Intervals show how \
             much figures could differ by chance; they do not show the model's errors. All figures are as the model counted them.",
        );
    };
    let rows = comparison
        .themes
        .values()
        .map(|theme| (theme.title.as_str(), &theme.share));
    let sentiments = comparison
        .sentiment
        .shares
        .iter()
        .map(|(name, course)| (name.as_str(), course));
    let rows = rows.chain(sentiments).map(|(name, course)| {
        let mut cells = vec![markup(Html::foreign(name, TITLE))];
        cells.extend(rates(course));
        Row::from(cells)
    });
    let columns = [
        ("Of what", Sort::No),
        ("Of those with it, found", Sort::No),
        ("Of those without, left alone", Sort::No),
        ("Shares shown", Sort::No),
    ];
    let note = Html::text("A person labelled a sample of this blog's comments, ")
        .and(Html::foreign(&sample.file, 120))
        .and(Html::text(&format!(
            ": {}, {} of them used. {} Mean sentiments are never corrected.",
            counted(sample.rows, "row"),
            grouped(sample.used),
            corrected_note(comparison)
        )));
    tag("p").child(note).build().and(table(
        None,
        "How often the model is right, by the sample",
        &columns,
        rows.collect(),
    ))
}

fn rates(course: &Course) -> [super::table::Cell; 3] {
    let line = course.corrected.as_ref();
    let shown = |rate: Option<&super::data::Rate>| match rate {
        Some(rate) => number(
            &Unit::Share.with_interval(rate.rate, rate.interval),
            rate.rate,
        ),
        None => cell("–"),
    };
    let how = match line.and_then(|line| line.uncorrected.as_ref()) {
        Some(why) => missing(&format!("as counted: {}", why.reason)),
        None => cell("corrected"),
    };
    [
        shown(line.and_then(|line| line.sensitivity.as_ref())),
        shown(line.and_then(|line| line.specificity.as_ref())),
        how,
    ]
}

fn methods(comparison: &Comparison) -> Html {
    let scoring = &comparison.scoring;
    let precision = scoring.precision.as_str().unwrap_or_default();
    let mut model = tag("p")
        .text("Model: ")
        .child(Html::foreign(&scoring.model, 120))
        .text(&format!(", in {precision}"));
    if let Some(own) = &scoring.sentiment_model {
        model = model.text("; sentiment by ").child(Html::foreign(own, 200));
    }
    let tests = paragraph(&format!(
        "{} were made and adjusted for together; time is divided by {}.",
        counted(comparison.tests, "test"),
        comparison.division
    ));
    let entries = comparison.methods.iter().map(|(name, text)| {
        tag("dt")
            .text(&name.replace('_', " "))
            .build()
            .and(tag("dd").text(text).build())
    });
    model
        .text(".")
        .build()
        .and(tests)
        .and(tag("dl").child(entries.collect()).build())
}
