//! What was said, in the words of those who said it.

use std::collections::BTreeSet;

use super::observation::{Observation, Observations};
use crate::cleaning::folded_words;

/// How many comments are quoted of a theme in a period.
const QUOTED: usize = 3;

/// A comment that is quoted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quoted {
    /// Its place among the comments.
    pub comment: usize,
    /// How probable the theme is in it, from 0 to 1.
    pub probability: f64,
}

/// Quotes that show what is said about each theme in each of `periods` periods: by period, then by theme in the order of the
/// taxonomy, at most three, the most probable first.
///
/// `period` has the place of each comment's period, None outside all of them. Comments without a quote are passed over. Of
/// the same theme and period no two quotes are of one post or one named author, and no quotation is there twice in a
/// period, whatever its capitals and punctuation: themes take turns, those with the fewest comments first. Only a theme that
/// would have no quote at all repeats one of another theme. Of the same probability, the post that comes first and then the
/// lesser id go first; the order of the comments makes no difference.
///
/// The most probable comments are the plainest cases of a theme. They are not typical of what is said about it.
pub fn quotes(
    observations: &Observations<'_>,
    periods: usize,
    period: &[Option<usize>],
) -> Vec<Vec<Vec<Quoted>>> {
    let themes = observations.themes.len();
    let mut candidates = vec![vec![Vec::new(); themes]; periods];
    for (place, (comment, period)) in observations.comments.iter().zip(period).enumerate() {
        let of_period = period.and_then(|period| candidates.get_mut(period));
        let Some(of_period) = of_period.filter(|_| comment.quote.is_some()) else {
            continue;
        };
        for (theme, probability) in &comment.themes {
            if let Some(of_theme) = of_period.get_mut(*theme) {
                of_theme.push(Quoted {
                    comment: place,
                    probability: *probability,
                });
            }
        }
    }
    candidates
        .into_iter()
        .map(|themes| of_period(&observations.comments, themes))
        .collect()
}

/// The quotes of one period by theme, from all that could be quoted.
fn of_period(comments: &[Observation<'_>], mut themes: Vec<Vec<Quoted>>) -> Vec<Vec<Quoted>> {
    for candidates in &mut themes {
        let key = |quoted: &Quoted| {
            comments
                .get(quoted.comment)
                .map(|comment| (comment.post, comment.id))
        };
        candidates.sort_by(|a, b| {
            let by_probability = b.probability.total_cmp(&a.probability);
            by_probability.then_with(|| key(a).cmp(&key(b)))
        });
    }
    let mut order: Vec<usize> = (0..themes.len()).collect();
    order.sort_by_key(|theme| themes.get(*theme).map_or(0, Vec::len));
    let mut turns = vec![Turn::default(); themes.len()];
    let mut said = BTreeSet::new();
    for _ in 0..QUOTED {
        for &theme in &order {
            if let Some((turn, candidates)) = turns.get_mut(theme).zip(themes.get(theme)) {
                turn.take(comments, candidates, &mut said);
            }
        }
    }
    turns
        .into_iter()
        .zip(themes)
        .map(|(turn, candidates)| match candidates.first() {
            Some(first) if turn.chosen.is_empty() => vec![*first],
            _ => turn.chosen,
        })
        .collect()
}

/// What a theme has chosen so far.
#[derive(Debug, Clone, Default)]
struct Turn {
    chosen: Vec<Quoted>,
    /// The posts and authors of the chosen.
    taken: Vec<(usize, Option<String>)>,
    /// How many candidates were looked at. What could not be chosen once never can be.
    seen: usize,
}

impl Turn {
    /// Chooses the next candidate that repeats nothing, if there is one.
    fn take(
        &mut self,
        comments: &[Observation<'_>],
        candidates: &[Quoted],
        said: &mut BTreeSet<String>,
    ) {
        for candidate in candidates.iter().skip(self.seen) {
            self.seen += 1;
            let Some(comment) = comments.get(candidate.comment) else {
                continue;
            };
            let author = comment.author_key();
            let is_same = |other: &Option<String>| author.is_some() && author == *other;
            let mut taken = self.taken.iter();
            let is_taken = taken.any(|(post, other)| *post == comment.post || is_same(other));
            // The quotation is entered last: what is not chosen was not said.
            if !is_taken && said.insert(folded_words(comment.quote.unwrap_or_default())) {
                self.chosen.push(*candidate);
                self.taken.push((comment.post, author));
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Quoted, quotes};
    use crate::cleaning::folded_words;
    use crate::comparison::observation::{Observation, Observations};
    use crate::model::Sentiment;

    const IDS: [&str; 12] = [
        "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
    ];

    fn comment<'a>(
        (post, id): (usize, &'a str),
        author: Option<&'a str>,
        quote: Option<&'a str>,
        themes: &[(usize, f64)],
    ) -> Observation<'a> {
        Observation {
            post,
            id,
            author,
            day: None,
            text: quote.unwrap_or_default(),
            quote,
            sentiment: Sentiment::Neutral,
            attitude: 0,
            themes: themes.to_vec(),
            margin: 0.1,
        }
    }

    fn all(themes: usize, comments: Vec<Observation<'_>>) -> Observations<'_> {
        Observations {
            themes: (0..themes).map(|theme| theme.to_string()).collect(),
            posts: Vec::new(),
            comments,
        }
    }

    fn places(quoted: &[Quoted]) -> Vec<usize> {
        quoted.iter().map(|quoted| quoted.comment).collect()
    }

    #[test]
    fn the_most_probable_are_quoted_but_no_post_or_author_twice() {
        let observations = all(
            1,
            vec![
                comment((0, "2"), None, Some("a"), &[(0, 0.9)]),
                comment((0, "1"), None, Some("b"), &[(0, 0.9)]),
                comment((1, "1"), Some("Jo"), Some("c"), &[(0, 0.8)]),
                comment((2, "1"), Some("JO "), Some("d"), &[(0, 0.7)]),
                comment((3, "1"), Some("Anonymous"), None, &[(0, 0.99)]),
                comment((4, "1"), None, Some("e"), &[(0, 0.6)]),
                comment((5, "1"), None, Some("f"), &[(0, 0.5)]),
            ],
        );
        let found = quotes(&observations, 2, &[Some(0); 7]);
        assert_eq!(places(&found[0][0]), [1, 2, 5]);
        assert_eq!(found[1], [vec![]]);
    }

    #[test]
    fn a_quotation_is_repeated_only_where_a_theme_would_have_none() {
        let observations = all(
            3,
            vec![
                comment((0, "1"), None, Some("Well said."), &[(0, 0.9), (1, 0.9)]),
                comment((1, "1"), None, Some("well SAID"), &[(0, 0.8)]),
                comment((2, "1"), None, Some("No."), &[(0, 0.7), (2, 0.6)]),
                comment((3, "1"), None, Some("?!"), &[(0, 0.6)]),
                comment((4, "1"), None, Some("well, said"), &[(2, 0.3)]),
            ],
        );
        let found = quotes(&observations, 1, &[Some(0); 5]);
        // Theme 1 has only the first comment and goes first, theme 2 follows; theme 0 has two that are like the first.
        assert_eq!(places(&found[0][1]), [0]);
        assert_eq!(places(&found[0][2]), [2]);
        assert_eq!(places(&found[0][0]), [3]);
        let only = all(
            2,
            vec![comment((0, "1"), None, Some("Yes"), &[(0, 0.9), (1, 0.8)])],
        );
        let found = quotes(&only, 1, &[Some(0)]);
        assert_eq!(
            (places(&found[0][0]), places(&found[0][1])),
            (vec![0], vec![0])
        );
        assert!(quotes(&only, 1, &[None]).concat().concat().is_empty());
    }

    type Drawn = (
        usize,
        Option<usize>,
        Option<usize>,
        Vec<(usize, u8)>,
        Option<usize>,
    );

    fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
        let themes = proptest::collection::btree_map(0_usize..3, 0_u8..4, 0..3);
        let one = (
            0_usize..4,
            proptest::option::of(0_usize..3),
            proptest::option::weighted(0.9, 0_usize..5),
            themes.prop_map(|themes| themes.into_iter().collect()),
            proptest::option::weighted(0.9, 0_usize..2),
        );
        proptest::collection::vec(one, 0..12)
    }

    const AUTHORS: [&str; 3] = ["Jo", "jo", "Anonymous"];
    const QUOTES: [&str; 5] = ["a b", "A, b", "c", "d", "e"];

    proptest! {
        #[test]
        fn nothing_is_repeated_and_the_order_makes_no_difference(drawn in drawn(), turn in 0_usize..12) {
            let comments: Vec<_> = drawn
                .iter()
                .zip(IDS)
                .map(|((post, author, quote, themes, period), id)| {
                    let themes: Vec<_> = themes.iter().map(|(t, p)| (*t, f64::from(*p) / 4.0)).collect();
                    let author = author.map(|author| AUTHORS[author]);
                    (comment((*post, id), author, quote.map(|quote| QUOTES[quote]), &themes), *period)
                })
                .collect();
            let ask = |comments: &[(Observation<'static>, Option<usize>)]| {
                let (comments, periods): (Vec<_>, Vec<_>) = comments.iter().cloned().unzip();
                let observations = all(3, comments);
                let found = quotes(&observations, 2, &periods);
                (observations, periods, found)
            };
            let (observations, periods, found) = ask(&comments);
            for (period, themes) in found.iter().enumerate() {
                let mut said = Vec::new();
                for (theme, quoted) in themes.iter().enumerate() {
                    let chosen: Vec<_> = quoted.iter().map(|q| &observations.comments[q.comment]).collect();
                    let has_any = observations.comments.iter().zip(&periods).any(|(c, p)| {
                        *p == Some(period) && c.quote.is_some() && c.themes.iter().any(|(t, _)| *t == theme)
                    });
                    prop_assert_eq!(has_any, !quoted.is_empty());
                    prop_assert!(quoted.len() <= 3);
                    prop_assert!(quoted.windows(2).all(|two| two[0].probability >= two[1].probability));
                    for (place, one) in chosen.iter().enumerate() {
                        for other in &chosen[..place] {
                            prop_assert!(one.post != other.post);
                            let names = one.named_author().zip(other.named_author());
                            prop_assert!(!names.is_some_and(|(a, b)| a.eq_ignore_ascii_case(b)));
                        }
                    }
                    for (q, one) in quoted.iter().zip(&chosen) {
                        prop_assert_eq!(periods[q.comment], Some(period));
                        prop_assert!(one.themes.contains(&(theme, q.probability)));
                        said.push((folded_words(one.quote.expect("a quote")), quoted.len()));
                    }
                }
                for (place, (quote, of)) in said.iter().enumerate() {
                    let repeats = said[..place].iter().filter(|(other, _)| other == quote);
                    // Where one stands twice, one of the two is all its theme has.
                    prop_assert!(repeats.into_iter().all(|(_, others)| *of == 1 || *others == 1));
                }
            }
            let mut turned = comments.clone();
            turned.rotate_left(turn.min(comments.len()));
            let (other, _, again) = ask(&turned);
            let named = |observations: &Observations<'static>, found: &[Vec<Vec<Quoted>>]| -> Vec<Vec<Vec<(usize, &'static str)>>> {
                let of = |q: &Quoted| (observations.comments[q.comment].post, observations.comments[q.comment].id);
                found.iter().map(|p| p.iter().map(|t| t.iter().map(of).collect()).collect()).collect()
            };
            prop_assert_eq!(named(&observations, &found), named(&other, &again));
        }
    }
}
