use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::comparison::observation::{Observation, ObservedPost};
use crate::comparison::period::{Division, Wanted, days};
use crate::model::Sentiment;

#[derive(Deserialize)]
struct Reference {
    comments: Vec<(usize, i16, Vec<usize>)>,
    lifts: Vec<LiftCase>,
    shifts: Vec<ShiftCase>,
}

#[derive(Deserialize)]
struct LiftCase {
    period: usize,
    first: usize,
    second: usize,
    comments: u64,
    a: u64,
    b: u64,
    both: u64,
    posts: usize,
    lift: f64,
    log_error: f64,
    freedom: f64,
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct ShiftCase {
    first: usize,
    second: usize,
    ratio: f64,
    log_error: f64,
    freedom: f64,
    low: f64,
    high: f64,
    p_value: f64,
}

fn day(period: i16) -> Date {
    date(2014 + period, 5, 5)
}

fn found(comments: &[(usize, i16, Vec<usize>)]) -> (Vec<Occurrences>, Resampling) {
    let posts = 1 + comments.iter().map(|(post, ..)| *post).max().unwrap_or(0);
    let observations = Observations {
        themes: Vec::new(),
        posts: vec![
            ObservedPost {
                id: String::new(),
                title: None,
                url: None,
                day: None,
            };
            posts
        ],
        comments: comments
            .iter()
            .map(|(post, period, themes)| Observation {
                post: *post,
                id: "1",
                author: None,
                day: Some(day(*period)),
                text: "",
                quote: None,
                sentiment: Sentiment::Neutral,
                attitude: 0,
                themes: themes.iter().map(|theme| (*theme, 0.9)).collect(),
                margin: 0.1,
            })
            .collect(),
    };
    let periods = Periods::new(&Division::Year, days(&observations), &Wanted::default());
    let found = occurrences(&observations, &periods.expect("they can be listed"));
    (found, Resampling::new(posts))
}

/// So many comments under each of so many posts, all with the same themes.
fn alike(
    posts: std::ops::Range<usize>,
    each: usize,
    themes: &[usize],
) -> Vec<(usize, i16, Vec<usize>)> {
    posts
        .flat_map(|post| (0..each).map(move |_| post))
        .map(|post| (post, 0, themes.to_vec()))
        .collect()
}

fn close(found: f64, expected: f64, share: f64) -> bool {
    (found - expected).abs() <= share * expected.abs()
}

/// Whether an end lies where the reference has it, but for a tenth of the error.
fn same_half(end: f64, middle: f64, expected_end: f64, expected_middle: f64) -> bool {
    close(
        (end / middle).ln(),
        (expected_end / expected_middle).ln(),
        0.1,
    )
}

fn reference() -> Reference {
    let text = include_str!("../../../tests/reference/together.json");
    serde_json::from_str(text).expect("the reference is JSON")
}

/// Counts and lifts exactly; the bootstrap's error against the linearised one within a tenth.
#[test]
fn lifts_are_those_of_the_reference() {
    let reference = reference();
    let (found, resampling) = found(&reference.comments);
    let lifts: Vec<_> = found.iter().map(|one| lifts(one, &resampling)).collect();
    let known = lifts.iter().flat_map(BTreeMap::values);
    assert_eq!(
        known.filter(|lift| lift.is_ok()).count(),
        reference.lifts.len()
    );
    for case in &reference.lifts {
        let lift = lifts[case.period][&(case.first, case.second)].expect("there is enough");
        assert_eq!(
            (
                lift.comments,
                lift.first,
                lift.second,
                lift.both,
                lift.posts
            ),
            (case.comments, case.a, case.b, case.both, case.posts)
        );
        assert!(close(lift.value, case.lift, 1e-10), "{lift:?}");
        assert!(close(lift.freedom, case.freedom, 1e-9), "{lift:?}");
        assert!(
            close(lift.log_error, case.log_error, 0.1),
            "{lift:?} for {}",
            case.log_error
        );
        let Interval { low, high } = lift.interval;
        assert!(same_half(low, lift.value, case.low, case.lift), "{lift:?}");
        assert!(
            same_half(high, lift.value, case.high, case.lift),
            "{lift:?}"
        );
    }
}

#[test]
fn shifts_are_those_of_the_reference() {
    let reference = reference();
    let (found, resampling) = found(&reference.comments);
    let shifts = shifts(&found[0], &found[1], &resampling);
    assert_eq!(shifts.len(), reference.shifts.len());
    for case in &reference.shifts {
        let shift = shifts[&(case.first, case.second)];
        assert!(close(shift.ratio, case.ratio, 1e-10), "{shift:?}");
        assert!(close(shift.freedom, case.freedom, 1e-9), "{shift:?}");
        let Interval { low, high } = shift.interval;
        assert!(
            same_half(low, shift.ratio, case.low, case.ratio),
            "{shift:?}"
        );
        assert!(
            same_half(high, shift.ratio, case.high, case.ratio),
            "{shift:?}"
        );
        // An error a tenth off moves t by as much.
        let t = StudentsT::new(0.0, 1.0, case.freedom).expect("a distribution");
        let of = case.ratio.ln().abs() / case.log_error;
        let [least, greatest] = [of * 1.12, of / 1.12].map(|t_value| 2.0 * t.sf(t_value));
        assert!(least <= case.p_value && case.p_value <= greatest);
        assert!(
            (least..=greatest).contains(&shift.p_value),
            "{shift:?} for {}",
            case.p_value
        );
        assert_eq!(shift.p_value < 0.05, low > 1.0 || high < 1.0);
    }
}

#[test]
fn few_comments_or_posts_have_no_lift() {
    for (each, posts, expected) in [
        (1, 19, TooFewTogether::Comments { both: 19 }),
        (10, 7, TooFewTogether::Posts { both: 70, posts: 7 }),
    ] {
        let mut comments = alike(0..posts, each, &[0, 1]);
        comments.extend(alike(0..40, 2, &[]));
        let (found, resampling) = found(&comments);
        let lifts = lifts(&found[0], &resampling);
        assert_eq!(lifts[&(0, 1)], Err(expected));
        assert_eq!(lifts.len(), 1);
    }
}

#[test]
fn one_post_that_holds_most_of_a_pair_has_no_lift() {
    let mut comments = alike(0..10, 1, &[0, 1]);
    comments.extend(alike(10..11, 60, &[0, 1]));
    comments.extend(alike(0..40, 3, &[2]));
    let (found, resampling) = found(&comments);
    let lifts = lifts(&found[0], &resampling);
    assert_eq!(lifts[&(0, 1)], Err(TooFewTogether::OnePost { both: 70 }));
}

/// Where every comment has a theme, its lift with any other is 1 whatever is drawn.
#[test]
fn a_theme_of_every_comment_tells_nothing() {
    let mut comments = alike(0..20, 3, &[0, 1]);
    comments.extend(alike(0..40, 1, &[0]));
    let (found, resampling) = found(&comments);
    let lifts = lifts(&found[0], &resampling);
    assert_eq!(lifts[&(0, 1)], Err(TooFewTogether::NoSpread));
}

#[test]
fn an_empty_period_has_no_pairs() {
    let comments = [(0, 0, vec![0, 1]), (1, 2, vec![1, 0])];
    let (found, resampling) = found(&comments);
    assert_eq!(found.len(), 3);
    assert_eq!(found[1], Occurrences::default());
    assert!(lifts(&found[1], &resampling).is_empty());
    assert!(shifts(&found[0], &found[1], &resampling).is_empty());
    // Themes may come in any order.
    assert!(found[2].pairs.contains_key(&(0, 1)));
}

#[test]
fn a_period_has_not_shifted_against_itself() {
    let reference = reference();
    let (found, resampling) = found(&reference.comments);
    // Nothing varies, so nothing is claimed.
    assert!(shifts(&found[0], &found[0], &resampling).is_empty());
}

proptest! {
    /// The order of the comments does not matter, nor which of two themes is called the first.
    #[test]
    fn order_does_not_matter(
        comments in prop::collection::vec((0_usize..12, 0_usize..8), 60..200),
    ) {
        let with = |flip: bool| -> Vec<(usize, i16, Vec<usize>)> {
            let themes = |bits: usize| (0..3).filter(move |theme| bits >> theme & 1 == 1);
            let name = |theme: usize| if flip { 2 - theme } else { theme };
            comments
                .iter()
                .map(|(post, bits)| (*post, 0, themes(*bits).map(name).collect()))
                .chain([(11, 0, vec![])])
                .collect()
        };
        let (plain, resampling) = found(&with(false));
        let mut reversed = with(false);
        reversed.reverse();
        prop_assert_eq!(&found(&reversed).0, &plain);
        let lifts_of = |all: &[Occurrences]| lifts(&all[0], &resampling);
        let plain = lifts_of(&plain);
        let flipped = lifts_of(&found(&with(true)).0);
        prop_assert_eq!(plain.len(), flipped.len());
        for ((first, second), lift) in plain {
            match (lift, flipped[&(2 - second, 2 - first)]) {
                (Ok(lift), Ok(other)) => {
                    prop_assert!(close(lift.value, other.value, 1e-12));
                    prop_assert!(close(lift.log_error, other.log_error, 1e-9));
                    prop_assert!(lift.interval.low < lift.value);
                    prop_assert!(lift.value < lift.interval.high);
                    prop_assert!(lift.interval.low > 0.0);
                }
                (lift, other) => prop_assert_eq!(lift, other),
            }
        }
    }
}
