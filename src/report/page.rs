//! The page around the contents: its head with the policy, its views, its style and its script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::charts::hatching;
use super::data::{Comparison, Run, Summary};
use super::html::{Html, block, tag};
use super::overview::{self, Numbering, heat, multiples, paragraph};
use super::words::Unit;
use super::{changes, notes, themes};

/// The style sheet. No element has a style of its own, so that the policy can forbid all others.
pub const STYLE: &str = include_str!("style.css");

/// The script: sorting, filtering, the choice of a view, and opening what is folded before printing.
pub const SCRIPT: &str = include_str!("script.js");

/// The views: what they are called in addresses, and by people.
const VIEWS: [(&str, &str); 4] = [
    ("overview", "Overview"),
    ("themes", "Themes"),
    ("posts", "Posts"),
    ("data", "About the data"),
];

/// What the page may load and run (Content Security Policy Level 3): its own style and its own script, both known by their
/// SHA-256, and nothing else.
pub fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        STANDARD.encode(Sha256::digest(STYLE)),
        STANDARD.encode(Sha256::digest(SCRIPT))
    )
}

/// The whole page.
pub fn page(comparison: &Comparison, summary: &Summary, run: &Run) -> Html {
    let shown = notes::shown_posts(summary);
    let places = notes::places(&shown);
    let mut numbering = Numbering::default();
    let contents = [
        first_view(comparison, summary, &places, &mut numbering),
        paragraph(
            "Each theme by itself. The charts of all themes are on one scale, so that they can be compared.",
        )
        .and(themes::themes(comparison, &places, &mut numbering)),
        notes::posts(comparison, summary, &shown),
        notes::data(comparison, summary, run),
    ];
    let links = VIEWS.iter().map(|(id, name)| {
        tag("li")
            .child(tag("a").view(id).text(name).build())
            .build()
    });
    let views = VIEWS.iter().zip(contents).map(|((id, name), content)| {
        tag("section")
            .class("view")
            .attr("id", id)
            .attr("aria-labelledby", format!("{id}-name"))
            .child(
                tag("h2")
                    .attr("id", format!("{id}-name"))
                    .attr("tabindex", -1)
                    .text(name)
                    .build(),
            )
            .child(content)
            .build()
    });
    let meta = |name: &'static str, content: &str| {
        tag("meta")
            .attr("name", name)
            .attr("content", content)
            .build()
    };
    let head = tag("head")
        .child(tag("meta").attr("charset", "utf-8").build())
        .child(
            tag("meta")
                .attr("http-equiv", "Content-Security-Policy")
                .attr("content", policy())
                .build(),
        )
        .child(meta("viewport", "width=device-width, initial-scale=1"))
        .child(meta("referrer", "no-referrer"))
        .child(meta("color-scheme", "light dark"))
        .child(
            tag("title")
                .text("What the comments say: themes and sentiment over time")
                .build(),
        )
        .child(block("style", STYLE));
    let body = tag("body")
        .child(tag("a").class("skip").view("content").text("Skip to the contents").build())
        .child(hatching())
        .child(
            tag("header")
                .child(tag("h1").text("What the comments say").build())
                .child(paragraph(
                    "Themes and sentiment of a blog's comments over time, as a program judged them. It says what is written \
                     there, not what people think who do not write there.",
                ))
                .child(
                    tag("nav")
                        .attr("aria-label", "Views")
                        .child(tag("ul").child(links.collect()).build())
                        .build(),
                )
                .build(),
        )
        .child(tag("main").attr("id", "content").attr("tabindex", -1).child(views.collect()).build())
        .child(
            tag("footer")
                .child(paragraph(
                    "Made by undertone from comparison.json and summary.json, which hold every figure of this page.",
                ))
                .build(),
        )
        .child(block("script", SCRIPT));
    Html::literal("<!DOCTYPE html>\n")
        .and(
            tag("html")
                .attr("lang", "en")
                .child(head.build())
                .child(body.build())
                .build(),
        )
        .and(Html::literal("\n"))
}

fn first_view(
    comparison: &Comparison,
    summary: &Summary,
    places: &themes::Places<'_>,
    numbering: &mut Numbering,
) -> Html {
    let heading = |text: &str| tag("h3").text(text).build();
    let shares = themes::named(comparison, |theme| &theme.share);
    let means = themes::named(comparison, |theme| &theme.mean_sentiment);
    overview::overview(comparison, summary)
        .and(heading("Which themes are spoken of, and when"))
        .and(heat(comparison, numbering))
        .and(heading("Each theme's share over time"))
        .and(paragraph(
            "The dot is the share of comments about the theme; the band is its 95% interval: how far the true share could \
             reasonably lie from it. Where bands overlap widely, a difference may be chance. Hatched: too few comments to tell \
             (no dot), or a period the data do not cover whole (a hollow dot, not joined to the others). All on one scale.",
        ))
        .and(multiples(comparison, numbering, Unit::Share, "share of comments", shares))
        .and(heading("How comments about each theme sound"))
        .and(paragraph(
            "Mean sentiment of the comments about each theme, from −1 (all negative) to 1 (all positive), whatever that \
             sentiment is about; the line in the middle is neutral. Bands, hatching and dots as above. All on one scale.",
        ))
        .and(multiples(comparison, numbering, Unit::Mean, "mean sentiment", means))
        .and(heading("What changed, and what cannot be told"))
        .and(paragraph(
            "Every difference between two periods that was looked at. It is called a change only where it is certain: where \
             chance alone would hardly make it, among all that were looked at. “Not shown” does not mean that nothing changed.",
        ))
        .and(changes::changes(comparison))
        .and(heading("Words that set periods apart"))
        .and(paragraph(
            "Words that the comments of a period use more often than those of the others; open a period for the counts.",
        ))
        .and(themes::words_of_periods(&comparison.periods))
        .and(heading("Themes nobody asked for"))
        .and(themes::discovered(comparison, places))
}
