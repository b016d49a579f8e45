use proptest::prelude::*;
use serde_json::Value;

use super::contrast::{Contrast, Spread, Use};
use super::{Distinctive, Lexicon};
use crate::comparison::observation::{Observation, Observations};
use crate::model::Sentiment;

fn reference() -> Value {
    serde_json::from_str(include_str!("../../../tests/reference/words.json")).expect("JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).expect("a list")
}

fn close(found: f64, expected: &Value) -> bool {
    let expected = expected.as_f64().expect("a number");
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

/// A comment; which id it has makes no difference to words.
fn comment<'a>(post: usize, author: Option<&'a str>, text: &'a str) -> Observation<'a> {
    Observation {
        post,
        id: "",
        author,
        day: None,
        text,
        quote: None,
        sentiment: Sentiment::Neutral,
        attitude: 0,
        themes: Vec::new(),
        margin: -0.1,
    }
}

fn all(comments: Vec<Observation<'_>>) -> Observations<'_> {
    Observations {
        themes: vec!["pay".to_owned(), "morale".to_owned()],
        posts: Vec::new(),
        comments,
    }
}

fn check(found: &Distinctive, expected: &Value) {
    assert_eq!(found.comments, expected["comments"]);
    assert_eq!(found.others, expected["others"]);
    assert_eq!(found.judged, expected["judged"]);
    let words = list(expected, "words");
    let names: Vec<_> = found.words.iter().map(|word| &word.word).collect();
    let expected: Vec<_> = words.iter().map(|word| &word["word"]).collect();
    assert_eq!(names, expected);
    for (found, expected) in found.words.iter().zip(words) {
        assert_eq!(found.comments, expected["comments"]);
        assert_eq!(found.elsewhere, expected["elsewhere"]);
        assert_eq!(found.posts, expected["posts"]);
        assert_eq!(found.beyond_chance, expected["beyond_chance"]);
        for (key, value) in [
            ("log_odds", found.log_odds),
            ("z", found.z),
            ("design_effect", found.design_effect),
            ("corrected_z", found.corrected_z),
        ] {
            assert!(close(value, &expected[key]), "{key}: {found:?}");
        }
    }
}

#[test]
fn distinctive_words_are_those_of_the_reference() {
    let reference = reference();
    let corpora = list(&reference, "corpora");
    assert!(!corpora.is_empty());
    for corpus in corpora {
        let mut periods = Vec::new();
        let mut comments = Vec::new();
        for line in list(corpus, "comments") {
            let post = line["post"].as_u64().expect("a post") as usize;
            let mut comment = comment(
                post,
                line["author"].as_str(),
                line["text"].as_str().expect("a text"),
            );
            let themes = list(line, "themes").iter().filter_map(Value::as_u64);
            comment.themes = themes.map(|theme| (theme as usize, 0.9)).collect();
            comments.push(comment);
            periods.push(line["period"].as_u64().map(|period| period as usize));
        }
        let observations = all(comments);
        let lexicon = Lexicon::new(&observations);
        for (found, expected) in [
            (lexicon.of_periods(3, &periods), "periods"),
            (lexicon.of_themes(&observations), "themes"),
        ] {
            let expected = list(corpus, expected);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                check(found, expected);
            }
        }
    }
}

/// The sums over all posts, and both sides of each post.
fn laid_out(posts: &[[u64; 4]]) -> ((Use, Use), Spread, Vec<(Use, Use)>) {
    let mut total = (Use::default(), Use::default());
    let mut spread = Spread::default();
    let mut counts = [0, 0];
    let mut by_post = Vec::new();
    for &[count, of, other_count, other_of] in posts {
        for (side, count, of) in [
            (&mut total.0, count, of),
            (&mut total.1, other_count, other_of),
        ] {
            side.count += count;
            side.of += of;
        }
        let (a, b) = (of as f64, other_of as f64);
        for (sum, product) in spread.sums.iter_mut().zip([a * a, a * b, b * b]) {
            *sum += product;
        }
        counts[0] += u64::from(of > 0);
        counts[1] += u64::from(other_of > 0);
        if count + other_count > 0 {
            by_post.push((
                Use { count, of },
                Use {
                    count: other_count,
                    of: other_of,
                },
            ));
        }
    }
    spread.posts = counts[0].min(counts[1]);
    (total, spread, by_post)
}

#[test]
fn without_a_prior_it_is_a_logistic_regression_clustered_by_post() {
    let reference = reference();
    let cases = list(&reference, "unshrunk");
    assert!(!cases.is_empty());
    for case in cases {
        let posts: Vec<[u64; 4]> =
            serde_json::from_value(case["posts"].clone()).expect("four numbers each");
        let ((one, other), spread, by_post) = laid_out(&posts);
        let contrast = Contrast::new(one, other, 0.0).expect("a contrast");
        assert!(close(contrast.log_odds, &case["log_odds"]));
        let effect = contrast
            .design_effect(&spread, by_post.into_iter())
            .expect("a design effect");
        assert!(close(effect, &case["design_effect"]), "{effect}");
    }
}

#[test]
fn what_cannot_be_compared_has_no_words() {
    let none = Lexicon::new(&all(Vec::new()));
    let found = none.of_periods(1, &[]);
    assert_eq!((found[0].comments, found[0].others), (0, 0));
    assert!(found[0].words.is_empty());
    assert!(none.of_periods(0, &[]).is_empty());

    let comments = (0..30).map(|post| comment(post, None, "caseload madness"));
    let lexicon = Lexicon::new(&all(comments.collect()));
    // One period with everything, one with nothing; then nothing anywhere.
    let found = lexicon.of_periods(2, &[Some(0); 30]);
    assert!(found.iter().all(|group| group.words.is_empty()));
    assert_eq!((found[0].comments, found[1].comments), (30, 0));
    assert!(lexicon.of_periods(1, &[None; 30])[0].words.is_empty());
    // Both periods say the same.
    let halves: Vec<_> = (0..30).map(|post| Some(post % 2)).collect();
    assert!(
        lexicon
            .of_periods(2, &halves)
            .iter()
            .all(|group| group.words.is_empty())
    );
}

/// A first period of 240 comments, a second of 30, all alike; to the second, comments that say "strike" are added, each with
/// its post and author. Whether the word is judged, and whether it is shown.
fn strikes(strikes: &[(usize, Option<&str>)]) -> (bool, bool) {
    let alike = (0..270).map(|post| comment(post, None, "caseload madness"));
    let mut comments: Vec<_> = alike.collect();
    let added = strikes
        .iter()
        .map(|(post, author)| comment(240 + post, *author, "Strike! Strike! Strike!"));
    comments.extend(added);
    comments.sort_by_key(|comment| comment.post);
    let periods: Vec<_> = comments
        .iter()
        .map(|comment| Some(usize::from(comment.post >= 240)))
        .collect();
    let found = &Lexicon::new(&all(comments)).of_periods(2, &periods)[1];
    assert_eq!(found.comments, 30 + strikes.len() as u64);
    let is_shown = found.words.iter().any(|word| word.word == "strike");
    // The two words of all comments are judged in any case.
    (found.judged == 3, is_shown)
}

#[test]
fn a_word_needs_several_comments_posts_and_voices() {
    let said = |count: usize, posts: usize, author: fn(usize) -> Option<&'static str>| {
        let said: Vec<_> = (0..count)
            .map(|comment| (comment % posts, author(comment)))
            .collect();
        strikes(&said)
    };
    assert_eq!(said(5, 5, |_| None), (true, true));
    assert_eq!(said(5, 5, |_| Some("Anonymous")), (true, true));
    // Whoever shouts it three times says it once.
    assert_eq!(said(4, 4, |_| None), (false, false));
    assert_eq!(said(8, 2, |_| None), (false, false));
    // One voice is no group.
    assert_eq!(said(8, 8, |_| Some("Getafix")), (true, false));
    let mostly = |comment| Some(if comment < 5 { "Getafix" } else { "Jo" });
    assert_eq!(said(8, 8, mostly), (true, false));
    let evenly = |comment| Some(["Getafix", "Jo"][comment % 2]);
    assert_eq!(said(8, 8, evenly), (true, true));
}

/// What one thread says again and again counts for less than the same said all over the blog.
#[test]
fn talk_of_a_thread_weighs_less() {
    let of = |place: fn(usize) -> usize| {
        let mut posts = vec![[0, 20, 0, 20]; 40];
        for k in 0..20 {
            posts[place(k)][0] += 1;
        }
        let ((one, other), spread, by_post) = laid_out(&posts);
        let contrast = Contrast::new(one, other, 800.0).expect("a contrast");
        let effect = contrast.design_effect(&spread, by_post.into_iter());
        (contrast.z, effect.expect("a design effect"))
    };
    let (scattered, thread) = (of(|k| 2 * k), of(|k| k / 10));
    assert_eq!(scattered.0, thread.0);
    assert_eq!(scattered.1, 1.0);
    assert!(thread.1 > 5.0, "{thread:?}");
}

proptest! {
    #[test]
    fn sides_mirror_each_other_and_the_sign_is_that_of_the_shares(
        (of, count) in (1_u64..5000).prop_flat_map(|of| (Just(of), 0..=of)),
        (other_of, other_count) in (1_u64..5000).prop_flat_map(|of| (Just(of), 0..=of)),
        prior in 1.0..5000.0_f64,
    ) {
        let (one, other) = (Use { count, of }, Use { count: other_count, of: other_of });
        let both = Contrast::new(one, other, prior).zip(Contrast::new(other, one, prior));
        let has_two_words = count + other_count > 0 && count + other_count < of + other_of;
        prop_assert_eq!(both.is_some(), has_two_words);
        if let Some((there, back)) = both {
            prop_assert!(there.z.is_finite());
            prop_assert_eq!(there.log_odds, -back.log_odds);
            prop_assert_eq!(there.z, -back.z);
            let difference = i128::from(count) * i128::from(other_of) - i128::from(other_count) * i128::from(of);
            if difference == 0 {
                prop_assert!(there.log_odds.abs() < 1e-9);
            } else {
                prop_assert_eq!(there.log_odds > 0.0, difference > 0);
            }
        }
    }

    /// The order of the comments within a post makes no difference, nor does a repeated word.
    #[test]
    fn only_who_says_what_counts(
        said in proptest::collection::vec((0_usize..6, 0_usize..2, proptest::collection::vec(0_usize..6, 1..4)), 0..80),
    ) {
        const WORDS: [&str; 6] = ["pay", "caseload", "strike", "Strike", "merger", "madness"];
        let ask = |said: &[(usize, usize, Vec<usize>)], times: usize| {
            let text = |words: &[usize]| -> String {
                let words: Vec<_> = words.iter().map(|word| WORDS[*word]).collect();
                vec![words.join(" "); times].join("\n")
            };
            let texts: Vec<_> = said.iter().map(|(_, _, words)| text(words)).collect();
            let comments = said.iter().zip(&texts).map(|((post, _, _), text)| comment(*post, None, text));
            let periods: Vec<_> = said.iter().map(|(_, period, _)| Some(*period)).collect();
            Lexicon::new(&all(comments.collect())).of_periods(2, &periods)
        };
        let mut sorted = said.clone();
        sorted.sort_by_key(|(post, _, _)| *post);
        let found = ask(&sorted, 1);
        sorted.reverse();
        sorted.sort_by_key(|(post, _, _)| *post);
        prop_assert_eq!(&found, &ask(&sorted, 3));
        for group in &found {
            prop_assert!(group.words.iter().all(|word| word.z >= word.corrected_z && word.log_odds > 0.0));
        }
    }
}
