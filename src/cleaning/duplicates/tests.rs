use std::collections::HashMap;

use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;

/// A page of a title of its own; comments are (text, number of the parent on the page).
fn page(title: &str, comments: &[(&str, Option<usize>)]) -> Post {
    let comments = comments
        .iter()
        .enumerate()
        .map(|(at, (text, parent))| Comment {
            id: format!("{title}#{}", at + 1),
            source_id: None,
            parent: parent.map(|parent| format!("{title}#{}", parent + 1)),
            author: None,
            published: None,
            time: None,
            text: (*text).to_owned(),
        });
    Post {
        id: title.to_owned(),
        source: format!("{title}.html"),
        title: Some(title.to_owned()),
        published: Some(date(2016, 3, 1)),
        url: None,
        body: String::new(),
        comments: comments.collect(),
        warnings: Vec::new(),
    }
}

fn flat(title: &str, texts: &[&str]) -> Post {
    page(
        title,
        &texts.iter().map(|text| (*text, None)).collect::<Vec<_>>(),
    )
}

fn at(post: usize, comment: usize) -> CommentRef {
    CommentRef { post, comment }
}

fn linked(of: CommentRef, why: Why) -> Option<Link> {
    Some(Link { of, why })
}

fn counted(found: &Duplicates) -> usize {
    found
        .duplicate_of
        .iter()
        .flatten()
        .filter(|link| link.is_none())
        .count()
}

/// Own words: what does not stand after a `>` up to the end of its line.
fn own(posts: &[Post]) -> Vec<Vec<Vec<Range<usize>>>> {
    let own_lines = |text: &str| {
        let mut start = 0;
        let mut ranges = Vec::new();
        for line in text.split_inclusive('\n') {
            if !line.starts_with('>') {
                ranges.push(start..start + line.len());
            }
            start += line.len();
        }
        ranges
    };
    posts
        .iter()
        .map(|post| post.comments.iter().map(|c| own_lines(&c.text)).collect())
        .collect()
}

const LONG: &str = "They told us the new computer system would save an hour a day and here I am on a Sunday night \
                    typing the same assessment in for the third time while my tea goes cold on the desk";
const QUOTED: &str = "> The minister told the committee that caseloads had fallen in every area since the summer and \
                      that the staff survey showed morale at its highest since records of it began in 2009\n";

#[test]
fn a_long_comment_posted_on_two_pages_counts_once_and_a_short_one_twice() {
    let posts = [
        flat("Monday", &[LONG, "So true."]),
        flat("Tuesday", &["so true", &LONG.to_uppercase()]),
    ];
    let found = find(&posts, &[]);
    assert_eq!(found.copy_of, [None, None]);
    assert_eq!(
        found.duplicate_of[1],
        [None, linked(at(0, 0), Why::EqualText)]
    );
}

#[test]
fn two_people_who_agree_in_the_same_words_on_one_page_both_count() {
    let posts = [flat("Monday", &["So true", "So true", LONG])];
    assert_eq!(counted(&find(&posts, &[])), 3);
}

#[test]
fn a_later_copy_of_a_page_adds_only_its_new_comments() {
    let first = page(
        "Monday",
        &[
            ("Well said", None),
            ("So true", Some(0)),
            ("So true", None),
            (LONG, None),
        ],
    );
    let mut later = page(
        "Monday",
        &[
            ("Well said", None),
            ("So true", Some(0)),
            ("So true!", Some(0)),
            ("So true", None),
            ("So true", Some(3)),
            (LONG, None),
            ("Late to this", None),
        ],
    );
    later.id = "Monday again".to_owned();
    let mut latest = later.clone();
    latest
        .comments
        .push(flat("Monday", &["Late to this"]).comments.remove(0));
    let found = find(&[first, later, latest], &[]);
    assert_eq!(found.copy_of, [None, Some(0), Some(0)]);
    assert_eq!(
        found.duplicate_of[1],
        [
            linked(at(0, 0), Why::SamePage),
            linked(at(0, 1), Why::SamePage),
            None,
            linked(at(0, 2), Why::SamePage),
            None,
            linked(at(0, 3), Why::SamePage),
            None,
        ]
    );
    // The third copy repeats both, the first's and the second's, and says "Late to this" once more.
    assert_eq!(found.duplicate_of[2][6], linked(at(1, 6), Why::SamePage));
    assert_eq!(
        found.duplicate_of[2]
            .iter()
            .filter(|link| link.is_none())
            .count(),
        1
    );
    assert_eq!(found.duplicate_of[2][7], None);
}

#[test]
fn a_copy_that_lost_its_threads_still_matches() {
    let threaded = page(
        "Monday",
        &[("Well said", None), ("So true", Some(0)), ("So true", None)],
    );
    let plain = flat("Monday", &["Well said", "So true", "So true", "So true"]);
    assert_eq!(counted(&find(&[threaded.clone(), plain.clone()], &[])), 4);
    assert_eq!(counted(&find(&[plain, threaded], &[])), 4);
}

#[test]
fn short_comments_of_different_pages_are_never_the_same() {
    let texts = ["So true", "", "👍", "Well said, every word of it"];
    let posts = [flat("Monday", &texts), flat("Tuesday", &texts)];
    assert_eq!(counted(&find(&posts, &[])), 8);
}

#[test]
fn an_id_of_the_source_makes_one_comment_of_edited_copies() {
    let mut posts = [
        flat("Monday", &["I shall resign"]),
        flat("Monday", &["I shall resign. Edit: in May", "So"]),
    ];
    posts[0].comments[0].source_id = Some("c81".to_owned());
    posts[1].comments[0].source_id = Some(" c81".to_owned());
    posts[1].comments[1].source_id = Some(String::new());
    let found = find(&posts, &[]);
    assert_eq!(
        found.duplicate_of[1],
        [linked(at(0, 0), Why::SourceId), None]
    );
}

#[test]
fn an_id_holds_on_other_pages_only_with_the_same_words() {
    let mut posts = [
        flat("Monday", &["I shall resign"]),
        flat("Tuesday", &["Shame on them", "I shall resign"]),
    ];
    posts[0].comments[0].source_id = Some("1".to_owned());
    posts[1].comments[0].source_id = Some("1".to_owned());
    let found = find(&posts, &[]);
    assert_eq!(
        found.duplicate_of[1],
        [None, None],
        "tables number the comments of each page"
    );
    posts[1].comments[1].source_id = Some("1".to_owned());
    posts[1].comments[0].source_id = None;
    let found = find(&posts, &[]);
    assert_eq!(
        found.duplicate_of[1],
        [None, linked(at(0, 0), Why::SourceId)]
    );
}

#[test]
fn where_ids_agree_the_same_short_words_under_another_id_are_another_comment() {
    let mut posts = [
        flat("Monday", &["So true", "So true"]),
        flat("Monday", &["So true", "So true"]),
    ];
    posts[0].comments[0].source_id = Some("c1".to_owned());
    posts[0].comments[1].source_id = Some("taken off later".to_owned());
    posts[1].comments[0].source_id = Some("c2".to_owned());
    posts[1].comments[1].source_id = Some("c1".to_owned());
    let found = find(&posts, &[]);
    assert_eq!(
        found.duplicate_of[1],
        [None, linked(at(0, 0), Why::SourceId)]
    );
    // Two sources that number differently share no id, and the words decide.
    posts[1].comments[1].source_id = Some("c3".to_owned());
    let found = find(&posts, &[]);
    assert_eq!(
        found.duplicate_of[1],
        [
            linked(at(0, 0), Why::SamePage),
            linked(at(0, 1), Why::SamePage)
        ]
    );
}

fn spoken(post: &mut Post, comment: usize, author: &str, hour: i8, minute: i8) {
    let comment = &mut post.comments[comment];
    comment.author = Some(author.to_owned());
    comment.published = Some(date(2016, 3, 2));
    comment.time = Some(time(hour, minute, 0, 0));
}

#[test]
fn the_same_author_and_time_are_one_comment_even_if_it_was_edited() {
    let mut first = flat("Monday", &["Typo hear", "So true"]);
    spoken(&mut first, 0, "Ann Example", 10, 27);
    spoken(&mut first, 1, "Anonymous", 10, 27);
    let mut later = flat("Monday", &["Typo here", "So true", "Another by me"]);
    spoken(&mut later, 0, "ann example", 10, 27);
    spoken(&mut later, 1, "Anonymous", 10, 27);
    spoken(&mut later, 2, "Ann Example", 10, 27);
    let mut elsewhere = flat("Tuesday", &["Typo hear"]);
    spoken(&mut elsewhere, 0, "Ann Example", 10, 27);
    let found = find(&[first, later, elsewhere], &[]);
    assert_eq!(
        found.duplicate_of[1],
        [
            linked(at(0, 0), Why::PostAuthorTime),
            linked(at(0, 1), Why::PostAuthorTime),
            None
        ]
    );
    assert_eq!(found.duplicate_of[2], [None]);
}

#[test]
fn a_comment_matched_by_its_time_is_not_matched_again_by_its_place() {
    let mut first = flat("Monday", &["So true"]);
    spoken(&mut first, 0, "Ann Example", 10, 27);
    let mut later = flat("Monday", &["So true", "So true"]);
    spoken(&mut later, 1, "Ann Example", 10, 27);
    let found = find(&[first, later], &[]);
    assert_eq!(
        found.duplicate_of[1],
        [None, linked(at(0, 0), Why::PostAuthorTime)]
    );
}

#[test]
fn one_page_may_hold_two_comments_of_one_minute_but_not_the_same_one_twice() {
    let mut post = flat(
        "Monday",
        &["Part one", "Part two", "part two", "So true", "So true"],
    );
    for comment in 0..3 {
        spoken(&mut post, comment, "Anonymous", 10, 27);
    }
    // Midnight stands for an unknown time.
    spoken(&mut post, 3, "Anonymous", 0, 0);
    spoken(&mut post, 4, "Anonymous", 0, 0);
    let found = find(&[post], &[]);
    assert_eq!(
        found.duplicate_of[0],
        [
            None,
            None,
            linked(at(0, 1), Why::PostAuthorTime),
            None,
            None
        ]
    );
}

#[test]
fn different_short_answers_to_one_long_quotation_all_count() {
    let texts = [
        format!("{QUOTED}I agree"),
        format!("{QUOTED}Utter rubbish"),
        format!("{QUOTED}i agree!"),
    ];
    let posts = [
        flat("Monday", &[&texts[0], &texts[1]]),
        flat("Tuesday", &[&texts[2]]),
    ];
    let found = find(&posts, &own(&posts));
    assert_eq!(found.duplicate_of[0], [None, None]);
    assert_eq!(
        found.duplicate_of[1],
        [linked(at(0, 0), Why::EqualText)],
        "equal as a whole"
    );
    // Were the quotation taken for their own words, they would be one.
    assert_eq!(counted(&find(&posts, &[])), 1);
}

#[test]
fn different_long_answers_to_one_quotation_count_and_equal_ones_to_two_quotations_do_not() {
    let other = "I left in June after nineteen years and not one manager asked me why or said thank you, which tells \
                 you all you need to know";
    let texts = [
        format!("{QUOTED}{LONG}"),
        format!("{QUOTED}{other}"),
        format!("> Who else left?\n{other}"),
    ];
    let posts = [
        flat("Monday", &[&texts[0], &texts[1]]),
        flat("Tuesday", &[&texts[2]]),
    ];
    let found = find(&posts, &own(&posts));
    assert_eq!(found.duplicate_of[0], [None, None]);
    assert_eq!(found.duplicate_of[1], [linked(at(0, 1), Why::NearText)]);
}

#[test]
fn an_article_pasted_by_two_people_counts_once() {
    let article = QUOTED.replace("> ", "");
    let typo = article.replace("caseloads", "case loads");
    let posts = [
        flat("Monday", &[&article]),
        flat("Tuesday", &[&article, &typo]),
    ];
    // The later ones are known to be quoted from the first, and have no words of their own.
    let own = [vec![vec![0..article.len()]], vec![Vec::new(), Vec::new()]];
    let found = find(&posts, &own);
    assert_eq!(
        found.duplicate_of[1],
        [
            linked(at(0, 0), Why::EqualText),
            linked(at(0, 0), Why::NearText)
        ]
    );
}

#[test]
fn similar_texts_link_to_one_they_are_like_and_never_through_a_third() {
    let words: Vec<String> = (0..60).map(|word| format!("word{word}")).collect();
    let text = |from: usize, to: usize| words[from..to].join(" ");
    // Each shares five sixths with its neighbour, and the first and the third share but two thirds.
    let texts = [text(0, 40), text(4, 44), text(8, 48), text(12, 52)];
    let posts = [flat("Monday", &texts.each_ref().map(String::as_str))];
    let found = find(&posts, &[]);
    assert_eq!(
        found.duplicate_of[0],
        [
            None,
            linked(at(0, 0), Why::NearText),
            None,
            linked(at(0, 2), Why::NearText)
        ]
    );
}

#[test]
fn ranges_that_do_not_fit_the_text_are_passed_over() {
    let posts = [flat("Monday", &["é", LONG]), flat("Tuesday", &[LONG])];
    let own = [vec![vec![1..2, 5..900], vec![0..9000]]];
    assert_eq!(counted(&find(&posts, &own)), 2);
    assert!(find(&[], &own).duplicate_of.is_empty());
}

#[test]
fn a_thread_of_five_thousand_similar_comments_takes_a_moment() {
    // Three quarters are common to all: too little to be near, enough to be looked at.
    let common: Vec<String> = (0..60).map(|word| format!("word{word}")).collect();
    let near: Vec<String> = (0..2500)
        .map(|n| format!("{} signed number{n}", common.join(" ")))
        .collect();
    let far: Vec<String> = (0..2500)
        .map(|n| {
            let own: Vec<String> = (0..15)
                .map(|word| format!("own{}", (n * 7 + word * word) % 40))
                .collect();
            format!("{} {}", common[..45].join(" "), own.join(" "))
        })
        .collect();
    let texts: Vec<&str> = near.iter().chain(&far).map(String::as_str).collect();
    let start = std::time::Instant::now();
    let found = find(&[flat("Petition", &texts)], &[]);
    assert_eq!(
        found.duplicate_of[0][..2500]
            .iter()
            .filter(|link| link.is_none())
            .count(),
        1
    );
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

prop_compose! {
    fn any_text()(
        seed in 0u64..6, short in prop::bool::weighted(0.4), length in 20usize..45, changed in 0usize..6, quote in any::<bool>(),
    ) -> String {
        if short {
            return ["So true", "Well said", "", "No!", "👍", "Thanks Ann"][seed as usize].to_owned();
        }
        let mut words: Vec<String> = (0..length).map(|at| format!("w{}", (seed * 31 + at as u64 * 7) % 97)).collect();
        for at in 0..changed {
            words[at * 3] = format!("other{seed}{at}");
        }
        format!("{}{}", if quote { QUOTED } else { "" }, words.join(" "))
    }
}

prop_compose! {
    fn any_comment()(
        text in any_text(), parent in prop::option::of(0usize..8), author in prop::option::of(0usize..3),
        minute in prop::option::of(0i8..4), id in prop::option::weighted(0.2, 0usize..12),
    ) -> (String, Option<usize>, Option<String>, Option<i8>, Option<String>) {
        let author = author.map(|author| ["Ann Example", "Anonymous", "Getafix"][author].to_owned());
        (text, parent, author, minute, id.map(|id| id.to_string()))
    }
}

prop_compose! {
    fn any_posts()(threads in prop::collection::vec(prop::collection::vec(any_comment(), 0..12), 1..5)) -> Vec<Post> {
        threads.into_iter().enumerate().map(|(number, thread)| {
            let texts: Vec<(&str, Option<usize>)> = thread.iter().enumerate()
                .map(|(at, comment)| (comment.0.as_str(), comment.1.filter(|parent| *parent < at))).collect();
            let mut post = page(&format!("Post {number}"), &texts);
            for (comment, (_, _, author, minute, id)) in post.comments.iter_mut().zip(thread) {
                comment.author = author;
                comment.published = Some(date(2016, 3, 2));
                comment.time = minute.map(|minute| time(9, minute, 0, 0));
                comment.source_id = id;
            }
            post
        }).collect()
    }
}

proptest! {
    #[test]
    fn links_point_back_at_comments_that_count(posts in any_posts(), twice in any::<bool>()) {
        let posts = if twice { [posts.clone(), posts].concat() } else { posts };
        let found = find(&posts, &own(&posts));
        // Hash maps are seeded anew each time, so that their order would show.
        prop_assert_eq!(&found, &find(&posts, &own(&posts)));
        prop_assert_eq!(found.duplicate_of.len(), posts.len());
        for (at, comment) in comments(&posts) {
            let Some(link) = found.duplicate_of[at.post][at.comment] else { continue };
            prop_assert!(link.of < at);
            prop_assert_eq!(found.duplicate_of[link.of.post][link.of.comment], None);
            if matches!(link.why, Why::EqualText | Why::NearText) {
                let of = &posts[link.of.post].comments[link.of.comment];
                for text in [&comment.text, &of.text] {
                    prop_assert!(crate::cleaning::words::words(text).count() >= LEAST_WORDS);
                }
            }
        }
    }

    #[test]
    fn a_corpus_and_its_copy_count_as_one(posts in any_posts(), interleaved in any::<bool>()) {
        let once = find(&posts, &own(&posts));
        let both = if interleaved {
            posts.iter().flat_map(|post| [post.clone(), post.clone()]).collect()
        } else {
            [posts.clone(), posts.clone()].concat()
        };
        let twice = find(&both, &own(&both));
        prop_assert_eq!(counted(&twice), counted(&once));
        // What counts is what counted before: the first copy's.
        for (post, links) in twice.duplicate_of.iter().enumerate() {
            let first = if interleaved { post % 2 == 0 } else { post < posts.len() };
            prop_assert!(first || links.iter().all(Option::is_some));
        }
    }

    #[test]
    fn equal_texts_of_enough_words_share_one_counted_comment(posts in any_posts()) {
        let found = find(&posts, &own(&posts));
        let mut texts = FoldedTexts::default();
        let mut by_text: HashMap<usize, CommentRef> = HashMap::new();
        for (at, comment) in comments(&posts) {
            let text = texts.number(&comment.text);
            let counts = found.duplicate_of[at.post][at.comment].map_or(at, |link| link.of);
            if text.words >= LEAST_WORDS && counts == at {
                prop_assert_eq!(by_text.insert(text.number, at), None);
            }
        }
    }
}
