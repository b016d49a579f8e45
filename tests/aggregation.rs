//! Collectors merge in any order, and figures become the records users read.

mod common;

use common::{clean, comment, scores};
use jiff::civil::date;
use proptest::prelude::*;
use undertone::aggregation::{Collector, ScoredComment, ScoredPost};
use undertone::cleaning::{Rules, clean_text};
use undertone::model::Precision;
use undertone::output::{Probability, Scoring, Summariser, ThemeSetting};
use undertone::post::Post;

const THEMES: usize = 3;

fn scored(
    id: &str,
    parent: Option<&str>,
    text: &str,
    attitude: f64,
    themes: &[f64],
) -> ScoredComment {
    ScoredComment::new(
        comment(id, parent, text),
        clean(text),
        scores(attitude, themes),
        None,
    )
}

/// Comments of any attitude; few texts and probabilities, so that ties and equal quotations occur.
fn any_comments() -> impl Strategy<Value = Vec<ScoredComment>> {
    let text = prop::sample::select(vec![
        "Sixty cases and nobody left to cover them when somebody is ill.",
        "They closed our office and sold the furniture before telling us about it.",
        "Nine words are enough to be quoted as telling.",
        "Too short.",
        "A manager who listens is worth more than any number of posters on the wall.",
    ]);
    let probability = prop::sample::select(vec![0.1, 0.5, 0.8, 0.8, 0.95]);
    let one = (
        text,
        -1.0..1.0,
        prop::collection::vec(probability, THEMES),
        any::<bool>(),
    );
    prop::collection::vec(one, 0..60).prop_map(|comments| {
        let numbered = comments.into_iter().enumerate();
        numbered
            .map(|(place, (text, attitude, themes, reply))| {
                scored(
                    &format!("p#{place:02}"),
                    reply.then_some("p#00"),
                    text,
                    attitude,
                    &themes,
                )
            })
            .collect()
    })
}

fn collected<'a>(comments: impl Iterator<Item = &'a ScoredComment>) -> Collector {
    let mut collector = Collector::new(THEMES);
    comments.for_each(|comment| collector.add(comment));
    collector
}

proptest! {
    #[test]
    fn any_partition_merged_in_any_order_gives_the_same(
        comments in any_comments(),
        shard_of in prop::collection::vec(0_usize..5, 60),
        order in Just((0..5).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let whole = collected(comments.iter());
        let mut merged = Collector::new(THEMES);
        for shard in order {
            let part = comments.iter().zip(&shard_of).filter(|(_, of)| **of == shard);
            merged.merge(&collected(part.map(|(comment, _)| comment)));
        }
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(&collected(comments.iter().rev()), &whole);
        prop_assert_eq!(whole.sentiment.iter().sum::<u64>(), whole.comments);
    }
}

#[test]
fn telling_comments_are_the_most_probable_without_repetition() {
    let long = |n: u32| format!("Comment number {n} has quite enough words to be quoted.");
    let comments = [
        scored("p#5", None, &long(1), 0.0, &[0.9]),
        scored("p#4", None, &long(1), 0.0, &[0.9]),
        scored(
            "p#3",
            None,
            "Seven words are not enough for this.",
            0.0,
            &[0.99],
        ),
        scored("p#2", None, &long(2), 0.0, &[0.7]),
        scored("p#1", None, &long(3), 0.0, &[0.4]),
        scored("p#6", None, &long(4), 0.0, &[0.8]),
        scored("p#7", None, &long(5), 0.0, &[0.6]),
    ];
    let mut collector = Collector::new(1);
    comments.iter().for_each(|comment| collector.add(comment));
    let told: Vec<&str> = collector.themes[0]
        .telling()
        .iter()
        .map(|t| t.id.as_str())
        .collect();
    assert_eq!(told, ["p#4", "p#6", "p#2"]);
    assert_eq!(collector.themes[0].count, 6);
}

fn theme(id: &str, trained: bool) -> ThemeSetting {
    ThemeSetting {
        id: id.to_owned(),
        title: id.to_owned(),
        description: "What belongs to it.".to_owned(),
        threshold: Probability::new(0.5),
        threshold_from: "model".to_owned(),
        trained,
        labels: 0,
    }
}

fn scoring() -> Scoring {
    Scoring {
        model: "test".to_owned(),
        model_sha256: "00".repeat(32),
        precision: Precision::F32,
        overlay_sha256: None,
        sentiment_model: None,
        sentiment_model_sha256: None,
        themes_sha256: "11".repeat(32),
        cleaning: Rules::default(),
    }
}

fn post() -> ScoredPost {
    ScoredPost {
        post: Post {
            id: "monday".to_owned(),
            source: "corpus/monday.txt".to_owned(),
            title: Some("Monday again".to_owned()),
            published: Some(date(2019, 3, 4)),
            url: None,
            body: "The body.".to_owned(),
            comments: Vec::new(),
            warnings: vec!["the page says 5 comments, 4 were found".to_owned()],
        },
        cleaning: clean_text("The body.", &Rules::default()),
        copy_of: None,
        body: scores(-0.25, &[0.75, 0.125]),
        comments: vec![
            scored(
                "monday#1",
                None,
                "Sixty cases each and still they ask for more of us.",
                -0.9,
                &[0.95, 0.1],
            ),
            scored(
                "monday#2",
                Some("monday#1"),
                "Same here.",
                -0.4,
                &[0.6, 0.2],
            ),
            scored(
                "monday#3",
                None,
                "My manager was kind about it, to be fair to her.",
                0.7,
                &[0.3, 0.55],
            ),
            scored(
                "monday#4",
                None,
                "When is the next meeting?",
                0.1,
                &[0.1, 0.1],
            ),
        ],
    }
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

#[test]
fn a_post_file_looks_like_this() {
    let (themes, scoring) = (
        [theme("workload", true), theme("kindness", false)],
        scoring(),
    );
    let post = post();
    let mut collector = Collector::new(2);
    post.comments
        .iter()
        .for_each(|comment| collector.add(comment));
    let record = Summariser::new(&themes, &scoring, None).post(&post, "monday.txt", &collector);
    insta::assert_snapshot!(pretty(&record));
}

#[test]
fn a_comment_line_looks_like_this() {
    let (themes, scoring) = (
        [theme("workload", true), theme("kindness", false)],
        scoring(),
    );
    let post = post();
    let record = Summariser::new(&themes, &scoring, None).comment(&post, &post.comments[1]);
    insta::assert_snapshot!(serde_json::to_string(&record).expect("JSON"));
}

#[test]
fn a_year_file_looks_like_this() {
    let (themes, scoring) = ([theme("workload", true)], scoring());
    let summariser = Summariser::new(&themes, &scoring, None);
    let year = |with_theme: usize, of: usize| {
        let mut collector = Collector::new(1);
        for place in 0..of {
            let probability = if place < with_theme { 0.9 } else { 0.1 };
            let attitude = if place % 2 == 0 { -0.5 } else { 0.25 };
            collector.add(&scored(
                &format!("p#{place}"),
                None,
                "short",
                attitude,
                &[probability],
            ));
        }
        collector
    };
    insta::assert_snapshot!(pretty(&summariser.year(Some(2014), 3, &year(56, 70))));

    let empty = serde_json::to_value(summariser.year(None, 1, &Collector::new(1))).expect("JSON");
    assert_eq!(empty["year"], serde_json::Value::Null);
    assert_eq!(
        empty["sentiment"]["negative"]["share"],
        serde_json::Value::Null
    );
    assert_eq!(empty["sentiment"]["mean"]["of"], 0);
}

#[test]
fn a_comment_counts_in_its_own_year_before_that_of_its_post() {
    let mut post = post();
    assert_eq!(post.year_of(&post.comments[0].comment), Some(2019));
    post.comments[0].comment.published = Some(date(2020, 1, 1));
    assert_eq!(post.year_of(&post.comments[0].comment), Some(2020));
    post.post.published = None;
    assert_eq!(post.year_of(&post.comments[1].comment), None);
}
