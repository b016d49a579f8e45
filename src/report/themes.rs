//! The view of each theme: its courses, its words, its quotes; and the themes nobody asked for.

use std::collections::BTreeMap;

use super::charts::Plot;
use super::data::{Comparison, Course, Period, Quote, Theme, Trend, Word};
use super::html::{Html, link, tag};
use super::overview::{Numbering, TITLE, basis, course_table, mean_scale, paragraph, share_scale};
use super::table::{Row, Sort, cell, folded, markup, number, table};
use super::words::{Unit, counted};
use crate::output::grouped;

/// Quotes of a theme at most, the newest periods first.
const QUOTES: usize = 12;

/// Letters of a quote, which the published ones keep to already.
const QUOTED: usize = 280;

/// Clusters shown at most.
const CLUSTERS: usize = 20;

/// Where the posts stand in the table of posts, by id.
pub type Places<'a> = BTreeMap<&'a str, usize>;

/// All themes, one after the other.
pub fn themes(comparison: &Comparison, places: &Places<'_>, numbering: &mut Numbering) -> Html {
    let shares = share_scale(comparison.themes.values().map(|theme| &theme.share));
    let means = mean_scale(
        comparison
            .themes
            .values()
            .map(|theme| &theme.mean_sentiment),
    );
    let themes = comparison.themes.values().enumerate();
    let options = themes.clone().map(|(place, theme)| {
        tag("option")
            .attr("value", format!("theme-{place}"))
            .text(&super::html::cut(&theme.title, TITLE))
            .build()
    });
    let picker = tag("div")
        .class("controls")
        .attr("hidden", "")
        .attr("data-picker", "")
        .child(
            tag("label")
                .text("Show ")
                .child(
                    tag("select")
                        .attr("id", "pick-theme")
                        .child(tag("option").attr("value", "").text("all themes").build())
                        .child(options.collect())
                        .build(),
                )
                .build(),
        )
        .build();
    let mut all = picker;
    for (place, theme) in themes {
        all.push(one(
            comparison,
            (place, theme),
            places,
            (shares, means),
            numbering,
        ));
    }
    all
}

fn one(
    comparison: &Comparison,
    (place, theme): (usize, &Theme),
    places: &Places<'_>,
    (shares, means): ((f64, f64), (f64, f64)),
    numbering: &mut Numbering,
) -> Html {
    let title = super::html::cut(&theme.title, TITLE);
    let periods = &comparison.periods;
    let mut article = tag("article")
        .class("theme")
        .id("theme", place)
        .child(tag("h3").child(Html::foreign(&theme.title, TITLE)).build());
    if !theme.trained {
        article = article.child(paragraph(
            "The model was not trained on this theme and matched its description instead: its figures are less sure than those of other themes.",
        ));
    }
    let courses = [
        (&theme.share, Unit::Share, shares, "share of comments"),
        (
            &theme.mean_sentiment,
            Unit::Mean,
            means,
            "mean sentiment of the comments about it",
        ),
    ];
    for (course, unit, scale, what) in courses {
        let points = course.points();
        let name = format!("{title}, {what}, in its own view");
        let behind = folded(
            "The numbers as a table",
            course_table(&name, unit, periods, &points),
        );
        if !course.has_figures() {
            let why = format!("No period has enough comments to tell the {what}.");
            article = article.child(paragraph(&why)).child(behind);
            continue;
        }
        let plot = Plot {
            number: numbering.next(),
            name: &title,
            what,
            unit,
            scale,
            periods,
            points: &points,
            large: true,
        };
        let caption = match unit {
            Unit::Share => format!(
                "Share of the comments of each period that are about “{title}”, {}, with 95% intervals. {}",
                basis(course),
                trend(course.trend(), unit)
            ),
            Unit::Mean => format!(
                "Mean sentiment of the comments about “{title}”, whatever that sentiment is about: from −1 (all negative) to 1 \
                 (all positive), with 95% intervals. {}",
                trend(course.trend(), unit)
            ),
        };
        article = article.child(
            tag("figure")
                .child(super::table::scrolling(
                    &format!("Chart: {title}, {what}"),
                    plot.draw(),
                ))
                .child(tag("figcaption").text(&caption).build())
                .child(behind)
                .build(),
        );
    }
    article
        .child(
            tag("h4")
                .text("Words that set these comments apart")
                .build(),
        )
        .child(words(
            &theme.words.words,
            &format!("Words of comments about {title}"),
            theme.words.comments,
            theme.words.others,
        ))
        .child(tag("h4").text("In their own words").build())
        .child(quotes(theme, places))
        .build()
}

/// What the trend says, and nothing where it is not certain.
fn trend(trend: &Trend, unit: Unit) -> String {
    match (&trend.no_trend, trend.certain, trend.tau) {
        (Some(why), ..) => format!("No trend can be told: {}.", why.reason),
        (None, true, Some(tau)) => {
            let way = if tau > 0.0 { "rises" } else { "falls" };
            let slope = match (trend.slope, trend.interval) {
                (Some(slope), Some(interval)) => format!(
                    ", by a median of {} a period (95% interval {})",
                    unit.slope(slope),
                    unit.slope_interval(interval)
                ),
                _ => String::new(),
            };
            format!(
                "Over {} it {way} with certainty{slope}.",
                counted(trend.periods.unwrap_or_default(), "finished period")
            )
        }
        _ => "No trend is shown; that there is none is not shown either.".to_owned(),
    }
}

/// Words, the most distinctive first.
pub fn words(words: &[Word], name: &str, comments: u64, others: u64) -> Html {
    if words.is_empty() {
        return paragraph("No word sets them apart, or there are too few comments to tell.");
    }
    let columns = [
        ("Word", Sort::No),
        ("Comments with it here", Sort::No),
        ("Elsewhere", Sort::No),
        ("Posts", Sort::No),
        ("Beyond chance?", Sort::No),
    ];
    let rows = words.iter().map(|word| {
        Row::from(vec![
            markup(Html::foreign(&word.word, 60)),
            number(
                &format!("{} of {}", grouped(word.comments), grouped(comments)),
                word.comments as f64,
            ),
            number(
                &format!("{} of {}", grouped(word.elsewhere), grouped(others)),
                word.elsewhere as f64,
            ),
            number(&grouped(word.posts), word.posts as f64),
            cell(if word.beyond_chance {
                "yes"
            } else {
                "not shown"
            }),
        ])
    });
    table(None, name, &columns, rows.collect())
}

fn quotes(theme: &Theme, places: &Places<'_>) -> Html {
    let all = theme
        .quotes
        .iter()
        .rev()
        .flat_map(|period| period.quotes.iter().map(move |quote| (period, quote)));
    let there = all.clone().count();
    if there == 0 {
        return paragraph("No comment is quoted for it.");
    }
    let shown = all
        .take(QUOTES)
        .map(|(period, one)| quote(one, Some(&period.period), places));
    let note = format!(
        "Plain cases in which the theme is most probable, not typical ones; the newest periods first.{}",
        match there.saturating_sub(QUOTES) {
            0 => String::new(),
            left => format!(
                " {} of older periods are left out here and stand in comparison.json.",
                grouped(left as u64)
            ),
        }
    );
    paragraph(&note).and(tag("div").class("quotes").child(shown.collect()).build())
}

/// A comment, with its author and a link to its post.
fn quote(quote: &Quote, period: Option<&str>, places: &Places<'_>) -> Html {
    let name = quote
        .title
        .as_deref()
        .filter(|title| !title.trim().is_empty())
        .unwrap_or(&quote.post);
    let author = match &quote.author {
        Some(author) => Html::foreign(author, 60),
        None => Html::literal("anonymous"),
    };
    let mut source = tag("footer")
        .child(author)
        .text(", under ")
        .child(link(quote.url.as_deref(), Html::foreign(name, TITLE)));
    if let Some(period) = period {
        source = source.text(&format!(", {period}"));
    }
    if let Some(place) = places.get(quote.post.as_str()) {
        source = source
            .text(" (")
            .child(
                tag("a")
                    .to("post", *place)
                    .text("its figures")
                    .child(
                        tag("span")
                            .class("unseen")
                            .text(" of ")
                            .child(Html::foreign(name, TITLE))
                            .build(),
                    )
                    .build(),
            )
            .text(")");
    }
    tag("blockquote")
        .child(tag("p").child(Html::foreign(&quote.quote, QUOTED)).build())
        .child(source.build())
        .build()
}

/// The words of each period.
pub fn words_of_periods(periods: &[Period]) -> Html {
    let lists = periods.iter().map(|period| {
        let name = format!("Words of {}", period.id);
        let beyond = period.words.words.iter().filter(|word| word.beyond_chance);
        let leading: Vec<&str> = beyond.take(6).map(|word| word.word.as_str()).collect();
        let leading = match leading.is_empty() {
            true => "no word stands out beyond chance".to_owned(),
            false => leading.join(", "),
        };
        folded(
            &format!("{}: {}", period.id, super::html::cut(&leading, 160)),
            words(
                &period.words.words,
                &name,
                period.words.comments,
                period.words.others,
            ),
        )
    });
    lists.collect()
}

/// Themes nobody asked for.
pub fn discovered(comparison: &Comparison, places: &Places<'_>) -> Html {
    let Some(found) = &comparison.discovered else {
        return paragraph("They were not looked for.");
    };
    let mut all = paragraph(&format!(
        "Groups of comments that talk about one thing and that no theme claims: {} of {} looked at are in none. These are \
         proposals for new themes, to be read and judged, not measurements.",
        grouped(found.unclustered),
        counted(found.looked_at, "comment")
    ));
    if found.clusters.is_empty() {
        return all.and(paragraph("No such group was found."));
    }
    for (place, cluster) in found.clusters.iter().take(CLUSTERS).enumerate() {
        let leading: Vec<&str> = cluster
            .words
            .iter()
            .take(5)
            .map(|word| word.word.as_str())
            .collect();
        let mut article = tag("article").class("cluster").id("cluster", place).child(
            tag("h4")
                .text(&format!("{}. ", place + 1))
                .child(Html::foreign(&leading.join(", "), TITLE))
                .build(),
        );
        let counts: Vec<String> = cluster
            .by_period
            .iter()
            .filter(|count| count.comments > 0)
            .map(|count| format!("{}: {}", count.period, grouped(count.comments)))
            .collect();
        article = article.child(paragraph(&format!(
            "{}. {}",
            counted(cluster.size, "comment"),
            counts.join(", ")
        )));
        let examples = cluster.examples.iter().map(|one| quote(one, None, places));
        article = article.child(tag("div").class("quotes").child(examples.collect()).build());
        if let Some(block) = &cluster.block {
            article = article.child(folded(
                "As a theme for themes.toml",
                super::table::scrolling(
                    &format!("Proposal {} for themes.toml", place + 1),
                    tag("pre").text(&super::html::cut(block, 2000)).build(),
                ),
            ));
        }
        all.push(article.build());
    }
    if found.clusters.len() > CLUSTERS {
        all.push(paragraph(&format!(
            "{} smaller groups are left out here.",
            found.clusters.len() - CLUSTERS
        )));
    }
    all
}

/// Titles and courses, for the small charts.
pub fn named<'a>(
    comparison: &'a Comparison,
    course: impl Fn(&'a Theme) -> &'a Course + Clone,
) -> impl Iterator<Item = (&'a str, &'a Course)> + Clone {
    comparison
        .themes
        .values()
        .map(move |theme| (theme.title.as_str(), course(theme)))
}
