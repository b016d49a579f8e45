use proptest::prelude::*;
use serde::Deserialize;

use super::block::block;
use super::clusters::{clusters, least_size, most_size};
use super::phrases::phrases;
use super::reduction::reduced;
use super::*;
use crate::comparison::observation::ObservedPost;
use crate::model::Sentiment;
use crate::themes::Taxonomy;

#[derive(Deserialize)]
struct Reference {
    density: Vec<Density>,
    reduction: Vec<Reduction>,
}

#[derive(Deserialize)]
struct Density {
    points: Vec<Vec<f64>>,
    least_size: usize,
    most: usize,
    neighbours: usize,
    labels: Vec<i64>,
}

#[derive(Deserialize)]
struct Reduction {
    points: Vec<Vec<f64>>,
    cosines: Vec<f64>,
}

fn reference() -> Reference {
    let text = include_str!("../../../tests/reference/discovery.json");
    let reference: Reference = serde_json::from_str(text).expect("the reference is valid");
    assert!(!reference.density.is_empty() && !reference.reduction.is_empty());
    reference
}

#[test]
fn clusters_are_those_of_scikit_learn() {
    for case in reference().density {
        assert_eq!(case.neighbours, 5, "the number that clusters has");
        let mut expected: Vec<Vec<usize>> = (0..=case.labels.iter().copied().max().unwrap_or(-1))
            .map(|label| {
                (0..case.labels.len())
                    .filter(|place| case.labels[*place] == label)
                    .collect()
            })
            .collect();
        expected.sort_unstable();
        let found = clusters(&case.points, case.least_size, case.most).expect("valid points");
        assert_eq!(found, expected);
    }
}

#[test]
fn a_cluster_has_ten_comments_or_a_two_hundredth_and_a_twentieth_at_most() {
    // The last number of comments of which ten are enough, then one more.
    let least = [
        (0, 10),
        (2_000, 10),
        (2_199, 10),
        (2_200, 11),
        (20_000, 100),
    ];
    for (points, expected) in least {
        assert_eq!(least_size(points), expected, "of {points}");
    }
    // Three times the least, until a twentieth is more.
    let most = [(0, 30), (619, 30), (620, 31), (2_200, 110), (20_000, 1_000)];
    for (points, expected) in most {
        assert_eq!(
            most_size(points, least_size(points)),
            expected,
            "of {points}"
        );
    }
    assert_eq!(most_size(620, 40), 120);
}

#[test]
fn the_reduction_is_that_of_scikit_learn() {
    for case in reference().reduction {
        let points: Vec<&[f64]> = case.points.iter().map(Vec::as_slice).collect();
        let reduced = reduced(&points).expect("points of one length");
        for (row, expected) in reduced.iter().zip(&case.cosines) {
            let cosine: f64 = row.iter().zip(&reduced[0]).map(|(x, y)| x * y).sum();
            assert!((cosine - expected).abs() < 1e-9, "{cosine} {expected}");
        }
        assert_eq!(reduced.len(), case.cosines.len());
    }
}

/// A comment without themes.
fn comment<'a>(post: usize, id: &'a str, text: &'a str) -> Observation<'a> {
    Observation {
        post,
        id,
        author: None,
        day: None,
        text,
        quote: Some(text),
        sentiment: Sentiment::Neutral,
        attitude: 0,
        themes: Vec::new(),
        margin: -0.2,
    }
}

fn posts(count: usize) -> Vec<ObservedPost> {
    (0..count)
        .map(|post| ObservedPost {
            id: format!("post-{post}"),
            title: None,
            url: None,
            day: None,
        })
        .collect()
}

fn observed<'a>(comments: Vec<Observation<'a>>) -> Observations<'a> {
    Observations {
        themes: vec!["kiosk_screen".to_owned()],
        posts: posts(10),
        comments,
    }
}

fn no_words(groups: usize, _: &[Option<usize>]) -> Vec<Distinctive> {
    told(groups, &[])
}

fn told(groups: usize, words: &[&str]) -> Vec<Distinctive> {
    let words = words.iter().map(|word| DistinctiveWord {
        word: (*word).to_owned(),
        comments: 5,
        elsewhere: 0,
        posts: 3,
        log_odds: 1.0,
        z: 3.0,
        design_effect: 1.0,
        corrected_z: 3.0,
        beyond_chance: true,
    });
    let one = Distinctive {
        comments: 5,
        others: 5,
        judged: 5,
        words: words.collect(),
    };
    vec![one; groups]
}

#[test]
fn claimed_and_short_comments_are_not_looked_at() {
    let mut comments: Vec<Observation<'_>> = ["a", "b", "c", "d", "e"]
        .into_iter()
        .map(|id| comment(0, id, "eight words"))
        .collect();
    comments[1].margin = 0.04;
    comments[2].margin = 0.05;
    comments[3].quote = None;
    let choice = Choice::new(&observed(comments), 1);
    let mut places = choice.places.clone();
    places.sort_unstable();
    assert_eq!(places, [0, 1, 4]);
    assert_eq!((choice.unclaimed, choice.weak, choice.short), (2, 1, 1));
    assert_eq!(choice.share(), Some(1.0));
}

#[test]
fn without_comments_there_is_nothing() {
    let observations = observed(Vec::new());
    let choice = Choice::new(&observations, 1);
    assert_eq!(choice.share(), None);
    let found = discover(&observations, &choice, &[], (2, &[]), no_words).expect("nothing wrong");
    assert!(found.clusters.is_empty());
    assert_eq!(found.unclustered_share(), None);
    assert_eq!(found.periods, [0, 0]);
}

/// Two heaps of 20 comments in 12 dimensions, of ten posts, and a comment without a vector.
fn heaps(texts: &[String]) -> (Observations<'_>, Vec<Option<Vec<f32>>>) {
    let comments: Vec<Observation<'_>> = texts
        .iter()
        .enumerate()
        .map(|(place, text)| comment(place % 10, text, text))
        .collect();
    let vectors = (0..texts.len())
        .map(|place| match place {
            40 => None,
            _ => {
                let mut vector = vec![0.0; 12];
                vector[place / 20] = 5.0;
                vector[2 + place % 10] = 0.3 + 0.01 * (place % 20) as f32;
                Some(vector)
            }
        })
        .collect();
    (observed(comments), vectors)
}

fn texts() -> Vec<String> {
    (0..41)
        .map(|place| match place {
            0..20 => format!("Report to the kiosk screen, says number {place}"),
            _ => format!("The hostel's night shift is number {place}"),
        })
        .collect()
}

#[test]
fn two_heaps_are_two_clusters_with_examples_and_blocks() {
    let texts = texts();
    let (observations, vectors) = heaps(&texts);
    let choice = Choice::new(&observations, 1);
    let ordered: Vec<Option<Vec<f32>>> = choice
        .places
        .iter()
        .map(|place| vectors[*place].clone())
        .collect();
    let period: Vec<Option<usize>> = (0..41).map(|place| (place < 30).then_some(0)).collect();
    let found = discover(
        &observations,
        &choice,
        &ordered,
        (1, &period),
        |groups, of| {
            assert_eq!(groups, 3);
            assert_eq!(of.iter().filter(|group| **group == Some(2)).count(), 1);
            told(groups, &["kiosk", "screen"])
        },
    )
    .expect("valid vectors");
    assert_eq!(found.clusters.len(), 2);
    assert_eq!((found.unclustered, found.without_vector), (1, 1));
    assert_eq!(found.periods, [30]);
    let mut blocks = String::new();
    for cluster in &found.clusters {
        assert_eq!(cluster.size, 20);
        let heaps: BTreeSet<usize> = cluster.examples.iter().map(|place| place / 20).collect();
        let posts: BTreeSet<usize> = cluster.examples.iter().map(|place| place % 10).collect();
        assert_eq!(
            (heaps.len(), posts.len(), cluster.examples.len()),
            (1, 3, 3)
        );
        blocks.push_str(cluster.block.as_deref().expect("there are words"));
    }
    let taxonomy = Taxonomy::parse("found", &blocks).expect("the blocks can be used as they are");
    let ids: Vec<&str> = taxonomy
        .themes()
        .iter()
        .map(|theme| theme.id.as_str())
        .collect();
    // One theme of the taxonomy is named so already.
    assert_eq!(ids, ["kiosk_screen_2", "kiosk_screen_3"]);
}

#[test]
fn a_text_pasted_often_is_no_cluster() {
    let mut texts = texts();
    for text in texts.iter_mut().take(20) {
        "One letter, pasted everywhere".clone_into(text);
    }
    let (observations, vectors) = heaps(&texts);
    let mut choice = Choice::new(&observations, 1);
    choice.places.sort_unstable();
    let period = vec![None; 41];
    let found =
        discover(&observations, &choice, &vectors, (0, &period), no_words).expect("valid vectors");
    assert!(found.clusters.is_empty());
    assert_eq!(found.unclustered_share(), Some(1.0));
}

#[test]
fn vectors_that_do_not_fit_are_refused() {
    let texts = texts();
    let (observations, mut vectors) = heaps(&texts);
    let choice = Choice::new(&observations, 1);
    let period = vec![None; 41];
    let short = discover(
        &observations,
        &choice,
        &vectors[1..],
        (0, &period),
        no_words,
    );
    assert!(matches!(
        short,
        Err(DiscoveryError::Count {
            expected: 41,
            found: 40
        })
    ));
    vectors[3] = Some(vec![1.0; 5]);
    let mixed = discover(&observations, &choice, &vectors, (0, &period), no_words);
    assert!(matches!(mixed, Err(DiscoveryError::Dimensions { .. })));
}

#[test]
fn phrases_are_as_people_write_them_and_hold_no_label() {
    let texts = [
        "Told to use the Kiosk  screen, again",
        "That Kiosk screen. [prison number] is",
        "a kiosk screen [prison number]",
        "the Kiosk, screen off [prison number]",
    ];
    let comments: Vec<Observation<'_>> = texts
        .iter()
        .enumerate()
        .map(|(post, text)| comment(post, text, text))
        .collect();
    let all: Vec<&Observation<'_>> = comments.iter().collect();
    let words = ["screen", "kiosk", "prison", "number"];
    // A comma parts words; single words that a phrase holds are not said again.
    assert_eq!(phrases(&words, &all), ["Kiosk screen"]);
    // Two posts are not three.
    assert!(phrases(&words, &all[..2]).is_empty());
}

#[test]
fn ids_are_made_of_letters_that_may_stand_in_them() {
    let mut taken = BTreeSet::new();
    let made = block(
        &["café", "won't", "дом"],
        &["say \"no\"".to_owned()],
        3,
        &mut taken,
    );
    let taxonomy = Taxonomy::parse("found", &made.expect("there are words")).expect("valid");
    assert_eq!(taxonomy.themes()[0].id, "cafe_wont");
    assert_eq!(taxonomy.themes()[0].phrases, ["say \"no\""]);
    assert_eq!(block(&[], &[], 3, &mut taken), None);
}

proptest! {
    #[test]
    fn every_block_can_be_parsed(
        words in proptest::collection::vec("\\p{L}{2,12}", 1..10),
        phrases in proptest::collection::vec("\\PC{0,20}[a-z]", 0..7),
    ) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let made = block(&words, &phrases, 7, &mut BTreeSet::new());
        let parsed = Taxonomy::parse("found", &made.unwrap_or_default());
        prop_assert!(parsed.is_ok(), "{parsed:?}");
    }

    #[test]
    fn the_sample_depends_on_ids_alone(turn in 0_usize..30, seed in 0_u64..100) {
        let ids: Vec<String> = (0..30).map(|id| format!("c{id}")).collect();
        let mut comments: Vec<Observation<'_>> =
            ids.iter().map(|id| comment(0, id, "text")).collect();
        let drawn = |comments: &[Observation<'_>]| -> Vec<String> {
            let observations = observed(comments.to_vec());
            let choice = Choice::at_most(8, &observations, seed);
            choice.places.iter().map(|place| comments[*place].id.to_owned()).collect()
        };
        let before = drawn(&comments);
        comments.rotate_left(turn);
        prop_assert_eq!(before.len(), 8);
        prop_assert_eq!(before, drawn(&comments));
    }
}
