//! What users would notice: whose words are scored, what counts, what is left out.

use jiff::civil::{date, time};
use undertone::cleaning::{CleanPost, Cleaned, Kind, Rules, Step, clean_corpus, clean_text};
use undertone::passage::Own;
use undertone::post::{Comment, Post};

use crate::common::comment;

fn post(id: &str, body: &str, comments: &[&str]) -> Post {
    let comments = comments.iter().enumerate();
    Post {
        id: id.to_owned(),
        source: format!("{id}.txt"),
        title: None,
        published: Some(date(2019, 3, 4)),
        url: None,
        body: body.to_owned(),
        comments: comments
            .map(|(place, text)| comment(&format!("{id}#{}", place + 1), None, text))
            .collect(),
        warnings: Vec::new(),
    }
}

fn clean(posts: &[Post]) -> Vec<CleanPost> {
    clean_corpus(posts, &Rules::default(), || ())
}

/// What a text has of its writer's own, as the model reads it.
fn own(cleaned: &Cleaned) -> String {
    let text = &cleaned.passage.text;
    match &cleaned.passage.own {
        Own::Whole => text.clone(),
        Own::Parts(parts) => parts
            .iter()
            .map(|part| text[part.clone()].trim())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" | "),
    }
}

const BODY: &str = "The Ministry says that every region will publish an action plan within twenty working days of the inspection.\n\nI have my doubts.";

#[test]
fn sentiment_is_judged_on_what_the_writer_says() {
    let reply = "every region will publish an action plan within twenty working days\n\nOurs took fourteen months.";
    let cleaned = clean(&[post("p", BODY, &[reply])]);
    let comment = &cleaned[0].comments[0].cleaned;
    assert_eq!(own(comment), "Ours took fourteen months.");
    assert_eq!(comment.findings[0].kind, Kind::RepeatsPost);
    assert_eq!(comment.findings[0].of.as_deref(), Some("p"));
    assert_eq!((comment.words, comment.own_words), (15, 4));
    assert!(
        comment.passage.text.contains("action plan"),
        "themes are about the whole"
    );
}

#[test]
fn a_comment_of_nothing_but_others_words_is_quoted_only() {
    let pasted = "\u{201c}The transition has gone smoothly and I pay tribute to staff on the ground.\u{201d}\n\nhttps://www.example.org/commons/2014-06-03/smooth-transition";
    let cleaned = clean(&[post("p", BODY, &[pasted, "Smoothly!"])]);
    assert!(cleaned[0].comments[0].cleaned.is_quoted_only());
    assert!(cleaned[0].comments[0].counted, "it counts all the same");
    assert!(!cleaned[0].comments[1].cleaned.is_quoted_only());
}

#[test]
fn links_are_read_as_their_words() {
    let cleaned = clean_text(
        "Worth a read https://www.example.org/society/2023/aug/30/call-to-review-recalls-66598290.html",
        &Rules::default(),
    );
    assert_eq!(
        cleaned.passage.text,
        "Worth a read example.org: society call to review recalls"
    );
    assert_eq!(own(&cleaned), "Worth a read");
}

#[test]
fn furniture_is_not_read_at_all() {
    let cleaned = clean_text(
        "Anon at 10:27, I could not agree more with that.\n\n'Getafix",
        &Rules::default(),
    );
    assert_eq!(
        cleaned.passage.text.trim(),
        "I could not agree more with that."
    );
    assert_eq!(cleaned.passage.own, Own::Whole);
}

#[test]
fn each_step_can_be_left_out() {
    let text = "\u{201c}We are delighted with the progress made by everybody.\u{201d} Are you&#63;\n\n'Getafix";
    let without = |step| {
        let mut rules = Rules::default();
        rules.steps.remove(&step);
        clean_text(text, &rules)
    };
    let kinds = |cleaned: &Cleaned| {
        cleaned
            .findings
            .iter()
            .map(|finding| finding.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        kinds(&clean_text(text, &Rules::default())),
        [Kind::QuotationMarks, Kind::Entity, Kind::Signature]
    );
    assert_eq!(
        kinds(&without(Step::Marks)),
        [Kind::Entity, Kind::Signature]
    );
    assert_eq!(
        kinds(&without(Step::Text)),
        [Kind::QuotationMarks, Kind::Signature]
    );
    assert_eq!(
        kinds(&without(Step::Furniture)),
        [Kind::QuotationMarks, Kind::Entity]
    );
    assert!(clean_text(text, &Rules::none()).findings.is_empty());
}

const LETTER: &str = "Dear Minister, we the undersigned staff of the region write to say that the targets can no longer be met with the number of officers we have left.";

#[test]
fn a_comment_that_is_there_twice_counts_once_and_the_link_is_shown() {
    let cleaned = clean(&[
        post("a", BODY, &[LETTER, "So true", "So true"]),
        post(
            "b",
            "Another post altogether, about the weather in the office and its one working heater.",
            &["So true", LETTER],
        ),
    ]);
    let links: Vec<Vec<Option<&str>>> = cleaned
        .iter()
        .map(|post| {
            post.comments
                .iter()
                .map(|comment| comment.duplicate_of.as_deref())
                .collect()
        })
        .collect();
    assert_eq!(links, [vec![None, None, None], vec![None, Some("a#1")]]);
    assert!(!cleaned[1].comments[1].counted);
}

#[test]
fn a_page_saved_twice_counts_once() {
    let body = "The inspectors came on Monday, found half of the files wanting and left on Friday with a list of things that we had told them ourselves.";
    let early = post("a", body, &["So true", "Same here"]);
    let late = post("b", body, &["So true", "Same here", "So true"]);
    let cleaned = clean(&[early, late]);
    assert_eq!(cleaned[1].copy_of.as_deref(), Some("a"));
    let counted: Vec<bool> = cleaned[1]
        .comments
        .iter()
        .map(|comment| comment.counted)
        .collect();
    assert_eq!(counted, [false, false, true]);
}

#[test]
fn the_same_source_id_or_author_and_time_is_one_comment() {
    let with = |post: &str, place: usize, id: Option<&str>, author: &str, text: &str| Comment {
        source_id: id.map(str::to_owned),
        author: Some(author.to_owned()),
        published: Some(date(2019, 3, 4)),
        time: Some(time(10, 27, 0, 0)),
        ..comment(&format!("{post}#{place}"), None, text)
    };
    let mut one = post("a", BODY, &[]);
    one.comments = vec![
        with("a", 1, Some("c-1"), "Sam", "Rubbish."),
        with("a", 2, Some("c-1"), "Sam", "Rubbish."),
    ];
    let mut two = post("b", "A post of its own.", &[]);
    two.comments = vec![
        with("b", 1, None, "Alex", "Rubbish."),
        with("b", 2, None, "Alex", "Rubbish."),
    ];
    let cleaned = clean(&[one, two]);
    assert_eq!(cleaned[0].comments[1].duplicate_of.as_deref(), Some("a#1"));
    assert_eq!(cleaned[1].comments[1].duplicate_of.as_deref(), Some("b#1"));
    assert_eq!(cleaned[1].comments[0].duplicate_of, None);
}

#[test]
fn other_languages_are_marked_and_left_out_unless_asked_for() {
    let welsh = "Mae'r gwasanaeth prawf yng Nghymru wedi bod dan bwysau mawr ers blynyddoedd ac nid oes neb yn gwrando.";
    let posts = [post(
        "p",
        BODY,
        &[welsh, "Nobody listens in England either."],
    )];
    let cleaned = clean(&posts);
    assert_eq!(cleaned[0].comments[0].language.code(), Some("cy"));
    let counted: Vec<bool> = cleaned[0]
        .comments
        .iter()
        .map(|comment| comment.counted)
        .collect();
    assert_eq!(counted, [false, true]);
    let all = Rules {
        count_other_languages: true,
        ..Rules::default()
    };
    assert!(clean_corpus(&posts, &all, || ())[0].comments[0].counted);
}

#[test]
fn paragraphs_that_a_body_has_twice_are_read_once() {
    let paragraph = "The figures published today show that the number of officers has fallen for the fifth quarter in a row while caseloads rose again in every region.";
    let cleaned = clean(&[post(
        "p",
        &format!("{paragraph}\n\nQuite.\n\n{paragraph}"),
        &[],
    )]);
    assert_eq!(
        cleaned[0]
            .body
            .passage
            .text
            .matches("fifth quarter")
            .count(),
        1
    );
    assert!(
        cleaned[0]
            .body
            .findings
            .iter()
            .any(|finding| finding.kind == Kind::RepeatedParagraph)
    );
}
