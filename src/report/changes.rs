//! The table of changes. A difference is called a change only where the comparison calls it certain.

use super::data::{Change, Comparison};
use super::html::{Html, cut, tag};
use super::overview::TITLE;
use super::table::{Row, Sort, cell, markup, number, table};
use super::words::Unit;

/// The differences of shares, and those of mean sentiment, each in a table: the two are not measured alike.
pub fn changes(comparison: &Comparison) -> Html {
    let shares = comparison
        .themes
        .values()
        .map(|theme| (theme.title.as_str(), &theme.share));
    let sentiments = comparison
        .sentiment
        .shares
        .iter()
        .map(|(name, course)| (named(name), course));
    let means = comparison
        .themes
        .values()
        .map(|theme| (theme.title.as_str(), &theme.mean_sentiment));
    let all = comparison
        .sentiment
        .mean
        .iter()
        .map(|course| ("All comments", course));
    let shares = shares
        .chain(sentiments)
        .flat_map(|(name, course)| course.changes().iter().map(move |change| (name, change)));
    let means = all
        .chain(means)
        .flat_map(|(name, course)| course.changes().iter().map(move |change| (name, change)));
    let heading = |text: &str| tag("h4").text(text).build();
    heading("In shares of comments")
        .and(one(shares.collect(), Unit::Share, "changes-shares", "Differences between periods in the share of comments"))
        .and(heading("In mean sentiment"))
        .and(one(means.collect(), Unit::Mean, "changes-means", "Differences between periods in mean sentiment (from −1, all negative, to 1, all positive)"))
}

fn named(sentiment: &str) -> &str {
    match sentiment {
        "negative" => "Sentiment: negative",
        "neutral" => "Sentiment: neutral",
        "positive" => "Sentiment: positive",
        other => other,
    }
}

fn one(mut changes: Vec<(&str, &Change)>, unit: Unit, id: &'static str, name: &str) -> Html {
    if changes.is_empty() {
        return tag("p")
            .text("No two periods have enough comments to be compared.")
            .build();
    }
    // As it reads without script: what is certain first, then by size. The sort is stable.
    changes.sort_by(|(_, a), (_, b)| {
        b.certain
            .cmp(&a.certain)
            .then(b.difference.abs().total_cmp(&a.difference.abs()))
    });
    let rows = changes.iter().map(|(name, change)| {
        let (kind, shown) = match change.kind.as_str() {
            "whole_range" => ("whole_range", "first to last"),
            "same_part" => ("same_part", "same part of the period before"),
            _ => ("adjacent", "neighbours"),
        };
        let verdict = match (change.certain, change.difference > 0.0) {
            (true, true) => "certain: rose",
            (true, false) => "certain: fell",
            (false, _) => "not shown",
        };
        Row {
            cells: vec![
                markup(Html::foreign(name, TITLE)).by(&cut(name, TITLE).to_lowercase()),
                cell(&format!("{} → {}", change.from, change.to)),
                cell(shown),
                number(&unit.difference(change.difference), change.difference.abs()),
                cell(&unit.difference_interval(change.interval)),
                number(&p(change.p_adjusted), change.p_adjusted),
                cell(verdict),
            ],
            marks: vec![
                ("data-certain", change.certain.to_string()),
                ("data-kind", kind.to_owned()),
            ],
            id: None,
        }
    });
    let columns = [
        ("Of what", Sort::Text),
        ("Between", Sort::Text),
        ("Which periods", Sort::No),
        ("Difference (size)", Sort::Falling),
        ("95% interval", Sort::No),
        ("Certainty (adjusted p)", Sort::Rising),
        ("Change?", Sort::Text),
    ];
    controls(id, true).and(table(Some(id), name, &columns, rows.collect()))
}

/// A p value; below what is written it is only said to be so.
fn p(value: f64) -> String {
    if value < 0.0001 {
        "< 0.0001".to_owned()
    } else {
        format!("{value:.4}")
    }
}

/// What filters a table. It shows where script runs.
pub fn controls(id: &'static str, certain: bool) -> Html {
    let mut controls = tag("div")
        .class("controls")
        .attr("hidden", "")
        .attr("data-for", id)
        .child(
            tag("label")
                .text("Find ")
                .child(
                    tag("input")
                        .attr("type", "search")
                        .attr("data-find", "")
                        .attr("autocomplete", "off")
                        .build(),
                )
                .build(),
        );
    if certain {
        let option =
            |value: &'static str, text: &str| tag("option").attr("value", value).text(text).build();
        controls = controls
            .child(
                tag("label")
                    .child(
                        tag("input")
                            .attr("type", "checkbox")
                            .attr("data-only", "")
                            .build(),
                    )
                    .text(" only certain changes")
                    .build(),
            )
            .child(
                tag("label")
                    .text("Between ")
                    .child(
                        tag("select")
                            .attr("data-kinds", "")
                            .child(option("", "all periods"))
                            .child(option("whole_range", "first and last"))
                            .child(option("adjacent", "neighbours"))
                            .child(option("same_part", "unfinished and same part before"))
                            .build(),
                    )
                    .build(),
            );
    }
    controls
        .child(tag("output").attr("aria-live", "polite").build())
        .build()
}
