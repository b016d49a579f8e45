//! The page as a whole: its numbers, its policy, and texts that mean harm.

use serde_json::{Value, json};

use super::page::{SCRIPT, STYLE, policy};
use super::report;

const HARM: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>\u{202E}\"'&";

fn figure(share: f64) -> Value {
    json!({"count": 30, "of": 300, "posts": 20, "share": share, "interval": [0.1034, 0.1534],
        "naive_interval": [share, share], "design_effect": 1.5})
}

fn mean(mean: f64) -> Value {
    json!({"of": 30, "posts": 12, "mean": mean, "interval": [mean - 0.1, mean + 0.1],
        "naive_interval": [mean, mean], "design_effect": 1.5})
}

fn change(certain: bool) -> Value {
    json!({"from": "2020", "to": "2021", "kind": "adjacent", "difference": 0.1234, "interval": [0.01, 0.2],
        "p": 0.001, "p_adjusted": if certain { 0.004 } else { 0.4 }, "certain": certain})
}

fn course(figures: [Value; 3], certain: bool) -> Value {
    let ids = ["2020", "2021", "2022"];
    let periods: Vec<Value> = ids
        .iter()
        .zip(figures)
        .map(|(id, raw)| json!({"period": id, "raw": raw, "corrected": null}))
        .collect();
    json!({
        "periods": periods,
        "same_part": null,
        "raw": {
            "changes": [change(certain)],
            "trend": {"no_trend": {"code": "too_few_periods", "reason": "2 finished periods with a figure; it takes 4"}},
            "levels": {"changes": [], "none": 1.0},
        },
        "corrected": {"uncorrected": {"code": "no_sample", "reason": "no labelled sample was given"}},
    })
}

/// A comparison of three years, the second thin and the third unfinished, in which every text is `text`.
fn comparison(text: &str, url: &str, certain: bool) -> Value {
    let thin =
        json!({"of": 12, "posts": 3, "too_little": {"code": "too_few_comments", "reason": text}});
    let words = json!({"comments": 30, "others": 270, "judged": 9, "words": [
        {"word": text, "comments": 9, "elsewhere": 2, "posts": 5, "beyond_chance": true}]});
    let quote = json!({"post": "p0", "title": text, "url": url, "comment": "c", "author": text, "quote": text});
    let period = |id: &str, unfinished: Value| {
        json!({"id": id, "from": format!("{id}-01-01"), "to": format!("{id}-12-31"), "unfinished": unfinished,
            "begins_late": null, "comments": 300, "threads": 20, "posts": 21, "authors": 40, "anonymous": 5,
            "busiest_post": {"post": "p0", "title": text, "share": 0.2}, "words": words})
    };
    json!({
        "schema": "undertone.comparison", "schema_version": crate::output::SCHEMA_VERSION,
        "scoring": {"model": text, "sentiment_model": text, "precision": "f32"},
        "division": "year", "as_of": "2022-06-30", "tests": 4, "gaps": [],
        "sample": null,
        "periods": [period("2020", Value::Null), period("2021", Value::Null),
            period("2022", json!({"until": "2022-06-30", "same_part": null}))],
        "undated": {"posts": 0, "comments": 0}, "outside": {"posts": 0, "comments": 0},
        "themes": {"pay": {
            "title": text, "trained": true,
            "share": course([figure(0.1234), thin.clone(), figure(0.2718)], certain),
            "mean_sentiment": course([mean(-0.4), thin.clone(), mean(0.25)], false),
            "words": words,
            "quotes": [{"period": "2020", "quotes": [quote]}],
        }},
        "sentiment": {"shares": {"negative": course([figure(0.5), thin.clone(), figure(0.6)], false)},
            "mean": course([mean(-0.2), thin, mean(-0.3)], false)},
        "discovered": {"looked_at": 50, "unclustered": 40, "clusters": [
            {"size": 10, "by_period": [{"period": "2020", "comments": 10}], "words": [], "examples": [quote], "block": text}]},
        "methods": {"interval": "How."},
    })
}

fn summary(posts: usize, text: &str, url: &str) -> Value {
    let comments = json!({"total": 900, "replies": 100, "quoted_only": 3, "duplicates": 2, "other_languages": 1});
    let posts: Vec<Value> = (0..posts)
        .map(|place| {
            json!({"id": format!("p{place}"), "title": text, "published": "2020-02-03", "url": url, "comments": comments,
                "sentiment": {"mean": -0.1, "interval": [-0.2, 0.0], "of": 900}, "themes": {"pay": 270}})
        })
        .collect();
    json!({"posts": posts.len(), "comments": comments, "by_post": posts})
}

fn run(text: &str) -> Value {
    json!({"skipped": [{"source": text, "reason": text}], "warnings": 0, "forgotten": 0})
}

fn page(text: &str, url: &str, certain: bool) -> String {
    report(
        &comparison(text, url, certain),
        &summary(3, text, url),
        &run(text),
    )
    .expect("the records are whole")
}

#[test]
fn charts_hold_the_numbers_of_the_comparison() {
    let page = page("Pay", "https://blog.example/post", false);
    for shown in [
        "data-period=\"2020\" data-value=\"0.1234\" data-low=\"0.1034\" data-high=\"0.1534\" data-of=\"300\"",
        "data-period=\"2022\" data-value=\"0.2718\"",
        "data-period=\"2021\" data-none=\"\" data-of=\"12\"",
        ">12.3%</text>",
        "url(#hatch)",
        "not over: the data end on 2022-06-30",
        "</a> 270</td>",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    // The heat map, the small chart, the large one.
    assert_eq!(page.matches("data-value=\"0.1234\"").count(), 3);
    assert_eq!(page.matches("<svg class=\"defs\"").count(), 1);
}

#[test]
fn only_what_is_certain_is_called_a_change() {
    let sure = page("Pay", "https://blog.example/post", true);
    assert!(sure.contains("certain: rose"));
    let unsure = page("Pay", "https://blog.example/post", false);
    assert!(!unsure.contains("certain: rose") && !unsure.contains("certain: fell"));
    assert!(unsure.contains("not shown"));
    assert!(unsure.contains("2 finished periods with a figure; it takes 4"));
}

/// With two finished periods the change between neighbours is that from the first to the last.
#[test]
fn two_finished_periods_are_first_and_last() {
    let mut comparison = comparison("Pay", "https://blog.example/post", true);
    comparison["themes"]["pay"]["share"]["periods"][1]["raw"] = figure(0.2468);
    let summary = summary(3, "A post", "https://blog.example/post");
    let page = report(&comparison, &summary, &run("x")).expect("the records are whole");
    assert!(page.contains("From the first to the last finished period the share of 1 of 1 theme changed with certainty"));
    assert!(page.contains("between 2020 and 2021"));
}

/// The hashes of the policy are of the very text between the tags: a browser hashes that.
#[test]
fn the_policy_knows_the_blocks_of_the_page() {
    let page = page("Pay", "https://blog.example/post", false);
    let between = |begin: &str, end: &str| {
        let (_, rest) = page.split_once(begin).expect("the block begins");
        rest.split_once(end).expect("the block ends").0.to_owned()
    };
    assert_eq!(between("<style>", "</style>"), STYLE);
    assert_eq!(between("<script>", "</script>"), SCRIPT);
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    assert!(page.contains(&policy().replace('\'', "&#39;")));
    // Browsers end a block here, whatever the text means.
    assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
}

#[test]
fn what_means_harm_is_text() {
    let long = "w".repeat(50_000);
    for (text, url) in [
        (HARM, "javascript:alert(1)"),
        (HARM, "data:text/html,<script>alert(1)</script>"),
        (
            "</script></style></title><svg onload=alert(1)>",
            "https://blog.example/\"onmouseover=\"alert(1)",
        ),
        ("]]>--><!--", " javascript://x"),
        (long.as_str(), "https://blog.example/"),
    ] {
        let page = page(text, url, true);
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("<img").count(), 0);
        assert!(!page.contains("<svg onload"));
        assert!(!page.contains("href=\"javascript") && !page.contains("href=\"data"));
        assert!(!page.contains('\u{202E}') && !page.contains("<!--"));
        assert!(!page.contains(" onerror=alert(1)>") && !page.contains("onmouseover=\"alert"));
        assert!(!page.contains(&"w".repeat(2_001)));
    }
}

#[test]
fn many_posts_are_cut_and_counted() {
    let many = report(
        &comparison("Pay", "https://blog.example/", false),
        &summary(
            4000,
            "A post",
            "https://blog.example/a/rather/long/address/of/a/post.html",
        ),
        &run("x"),
    )
    .expect("the records are whole");
    assert!(many.contains("2,500 posts are left out") || many.contains("2,000 posts are left out"));
    assert!(many.len() < 4_000_000, "{}", many.len());
}

#[test]
fn records_of_another_kind_are_refused() {
    assert!(report(&json!({}), &json!({}), &json!({})).is_err());
}
