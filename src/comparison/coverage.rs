//! What the figures of a period rest on: how much there is of it, from how many people and posts, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::observation::Observations;
use super::period::{Days, Periods, Place};

/// So many days without anything are a gap: four weeks, longer than a holiday.
pub const GAP_DAYS: i64 = 28;

/// How many of the busiest posts are taken together.
pub const TOP_POSTS: usize = 10;

/// What there is of every period, and what lies in none.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// By period, in the order of [`Periods::all`].
    pub periods: Vec<PeriodCoverage>,
    /// Stretches of at least [`GAP_DAYS`] days without a post or a comment, between the first day of the data and the last,
    /// that reach into the time the periods span; in the order of time.
    pub gaps: Vec<Days>,
    /// What is not dated.
    pub undated: Apart,
    /// What is dated but lies in no period: between eras, or not asked for.
    pub outside: Apart,
}

/// What stands apart from the periods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Apart {
    /// How many posts.
    pub posts: u64,
    /// How many comments.
    pub comments: u64,
}

/// What there is of one period.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeriodCoverage {
    /// Posts published in it.
    pub posts: u64,
    /// Those of them that have comments, of whatever day.
    pub posts_with_comments: u64,
    /// Comments under the posts published in it, of whatever day: the whole of their threads.
    pub comments_in_threads: u64,
    /// Comments that count in it, under posts of whatever day: what its shares are of.
    pub comments: u64,
    /// Posts, of whatever day, with comments that count in it: what its intervals go by.
    pub threads: u64,
    /// Names its comments are signed with, in whatever case. Two people may use one name, and one person two.
    pub authors: u64,
    /// Its comments whose author cannot be told: not stated, "Anonymous" and the like, or taken out by redaction.
    pub anonymous: u64,
    /// The name that most of its comments are signed with, the first in the alphabet of several, as it is written most often;
    /// None where all are anonymous.
    pub busiest_author: Option<Busiest<String>>,
    /// The post, by its place, under which most of its comments stand, the first of several; None where it has no comments.
    pub busiest_post: Option<Busiest<usize>>,
    /// The share of its comments that stand under the [`TOP_POSTS`] busiest posts, from 0 to 1; 1 where there are no more
    /// posts than that, None where it has no comments.
    pub top_posts: Option<f64>,
}

/// Who or what has most of the comments of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Busiest<T> {
    /// Which one it is; an author as published.
    pub which: T,
    /// How many of the comments.
    pub comments: u64,
    /// Their share of all comments of the period, above 0 and up to 1.
    pub share: f64,
}

impl Coverage {
    /// Counts everything once; nothing is estimated.
    pub fn new(observations: &Observations, periods: &Periods) -> Self {
        let mut tallies = vec![Tally::default(); periods.all().len()];
        let (mut undated, mut outside) = (Apart::default(), Apart::default());
        let mut under_posts = vec![0_u64; observations.posts.len()];
        let mut active = BTreeSet::new();
        for comment in &observations.comments {
            active.extend(comment.day);
            if let Some(under) = under_posts.get_mut(comment.post) {
                *under += 1;
            }
            match periods.place(comment.day) {
                Place::Undated => undated.comments += 1,
                Place::Outside => outside.comments += 1,
                Place::In(place) => {
                    let Some(tally) = tallies.get_mut(place) else {
                        continue;
                    };
                    *tally.threads.entry(comment.post).or_default() += 1;
                    match comment.author_key().zip(comment.named_author()) {
                        Some((author, name)) => {
                            let names = tally.authors.entry(author).or_default();
                            *names.entry(name).or_default() += 1;
                        }
                        None => tally.found.anonymous += 1,
                    }
                }
            }
        }
        for (post, under) in observations.posts.iter().zip(&under_posts) {
            active.extend(post.day);
            match periods.place(post.day) {
                Place::Undated => undated.posts += 1,
                Place::Outside => outside.posts += 1,
                Place::In(place) => {
                    if let Some(Tally { found, .. }) = tallies.get_mut(place) {
                        found.posts += 1;
                        found.posts_with_comments += u64::from(*under > 0);
                        found.comments_in_threads += under;
                    }
                }
            }
        }
        Self {
            periods: tallies.into_iter().map(Tally::done).collect(),
            gaps: gaps(&active, periods),
            undated,
            outside,
        }
    }
}

/// What is counted of one period.
#[derive(Debug, Clone, Default)]
struct Tally<'a> {
    found: PeriodCoverage,
    /// Comments by the place of their post.
    threads: BTreeMap<usize, u64>,
    /// Comments by author, and by how the name is written.
    authors: BTreeMap<String, BTreeMap<&'a str, u64>>,
}

impl Tally<'_> {
    fn done(self) -> PeriodCoverage {
        let comments: u64 = self.threads.values().sum();
        let share = |count: u64| count as f64 / comments as f64;
        let mut busiest: Vec<u64> = self.threads.values().copied().collect();
        busiest.sort_unstable_by(|a, b| b.cmp(a));
        let top: u64 = busiest.iter().take(TOP_POSTS).sum();
        let authors = self.authors.iter();
        let authors: BTreeMap<&str, u64> = authors
            .map(|(author, names)| (author.as_str(), names.values().sum::<u64>()))
            .collect();
        let busiest_author = most(&authors).and_then(|(author, count)| {
            let (name, _) = most(self.authors.get(*author)?)?;
            Some(Busiest {
                which: (*name).to_owned(),
                comments: count,
                share: share(count),
            })
        });
        PeriodCoverage {
            comments,
            threads: self.threads.len() as u64,
            authors: authors.len() as u64,
            busiest_author,
            busiest_post: most(&self.threads).map(|(post, count)| Busiest {
                which: *post,
                comments: count,
                share: share(count),
            }),
            top_posts: (comments > 0).then(|| share(top)),
            ..self.found
        }
    }
}

/// The first of those with the greatest count.
fn most<K: Ord>(counts: &BTreeMap<K, u64>) -> Option<(&K, u64)> {
    // Of equal ones `max_by_key` takes the last.
    let most = counts.iter().rev().max_by_key(|(_, count)| **count);
    most.map(|(which, count)| (which, *count))
}

/// The stretches without any of the days, as far as they reach into the time the periods span.
fn gaps(active: &BTreeSet<Date>, periods: &Periods) -> Vec<Days> {
    let (Some(first), Some(last)) = (periods.all().first(), periods.all().last()) else {
        return Vec::new();
    };
    let (first, last) = (first.days.first, last.days.last);
    let within = active
        .iter()
        .filter(|day| periods.as_of().is_none_or(|as_of| **day <= as_of));
    let pairs = within.clone().zip(within.skip(1));
    let silent = pairs.filter_map(|(before, after)| {
        Some(Days {
            first: before.tomorrow().ok()?,
            last: after.yesterday().ok()?,
        })
    });
    silent
        // Of neighbouring days the stretch between them is empty and counts no day.
        .filter(|gap| gap.count() >= GAP_DAYS && gap.first <= last && gap.last >= first)
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    use super::*;
    use crate::comparison::observation::{Observation, ObservedPost};
    use crate::comparison::period::{Division, Era, Wanted, days};
    use crate::model::Sentiment;

    fn comment(post: usize, author: Option<&str>, day: Option<Date>) -> Observation<'_> {
        Observation {
            post,
            id: "1",
            author,
            day,
            text: "",
            quote: None,
            sentiment: Sentiment::Neutral,
            attitude: 0,
            themes: Vec::new(),
            margin: -1.0,
        }
    }

    fn observed<'a>(posts: &[Option<Date>], comments: Vec<Observation<'a>>) -> Observations<'a> {
        let posts = posts.iter().enumerate().map(|(place, day)| ObservedPost {
            id: format!("post {place}"),
            title: None,
            url: None,
            day: *day,
        });
        Observations {
            themes: Vec::new(),
            posts: posts.collect(),
            comments,
        }
    }

    fn by(division: &Division, observations: &Observations) -> Coverage {
        let periods = Periods::new(division, days(observations), &Wanted::default());
        Coverage::new(observations, &periods.expect("they can be listed"))
    }

    #[test]
    fn posts_comments_and_people_are_counted_where_they_belong() {
        let new_year = Some(date(2014, 1, 2));
        let posts = [
            Some(date(2013, 12, 30)),
            new_year,
            None,
            Some(date(2014, 2, 1)),
        ];
        let observations = observed(
            &posts,
            vec![
                comment(0, Some("Getafix"), posts[0]),
                comment(0, Some("Anonymous"), new_year),
                comment(0, Some("Getafix"), new_year),
                comment(1, Some(" Getafix "), new_year),
                comment(1, Some("Asterix"), new_year),
                comment(1, None, new_year),
                comment(2, Some("Getafix"), None),
            ],
        );
        let found = by(&Division::Year, &observations);
        assert_eq!(
            found.undated,
            Apart {
                posts: 1,
                comments: 1
            }
        );
        assert_eq!(found.outside, Apart::default());
        assert_eq!(found.periods.len(), 2);
        let (earlier, later) = (&found.periods[0], &found.periods[1]);
        // The thread of the post of December runs on into January.
        assert_eq!((earlier.posts, earlier.posts_with_comments), (1, 1));
        assert_eq!((earlier.comments, earlier.comments_in_threads), (1, 3));
        assert_eq!((later.posts, later.posts_with_comments), (2, 1));
        assert_eq!((later.comments, later.comments_in_threads), (5, 3));
        assert_eq!((later.threads, later.authors, later.anonymous), (2, 2, 2));
        let author = later.busiest_author.as_ref().expect("there is one");
        assert_eq!((author.which.as_str(), author.comments), ("Getafix", 2));
        assert_eq!(author.share, 0.4);
        let post = later.busiest_post.as_ref().expect("there is one");
        assert_eq!((post.which, post.comments, post.share), (1, 3, 0.6));
        assert_eq!(later.top_posts, Some(1.0));
    }

    #[test]
    fn a_name_is_one_name_in_whatever_case() {
        let day = Some(date(2014, 1, 2));
        let names = [
            "Asterix", "GETAFIX", "Getafix", "getafix", "Getafix", "Asterix",
        ];
        let comments = names.map(|name| comment(0, Some(name), day));
        let found = by(&Division::Year, &observed(&[day], comments.to_vec()));
        let period = &found.periods[0];
        assert_eq!(period.authors, 2);
        let author = period.busiest_author.as_ref().expect("there is one");
        assert_eq!((author.which.as_str(), author.comments), ("Getafix", 4));
    }

    #[test]
    fn of_equals_the_first_is_named() {
        let day = Some(date(2014, 1, 2));
        let comments = ["Obelix", "Asterix", "Obelix", "Asterix"];
        let comments = comments.iter().enumerate();
        let comments = comments.map(|(place, name)| comment(place / 2, Some(name), day));
        let found = by(&Division::Year, &observed(&[day, day], comments.collect()));
        let period = &found.periods[0];
        let author = period.busiest_author.as_ref().expect("there is one");
        assert_eq!(author.which, "Asterix");
        let post = period.busiest_post.as_ref().expect("there is one");
        assert_eq!(post.which, 0);
    }

    #[test]
    fn the_ten_busiest_posts_have_a_share() {
        let day = Some(date(2014, 1, 2));
        // Twelve posts with 1 to 12 comments: 78, of which 3 to 12 are 75.
        let comments = (0..12).flat_map(|post| (0..=post).map(move |_| comment(post, None, day)));
        let found = by(&Division::Year, &observed(&[day; 12], comments.collect()));
        assert_eq!(found.periods[0].top_posts, Some(75.0 / 78.0));
        assert_eq!(found.periods[0].busiest_author, None);
        assert_eq!(found.periods[0].anonymous, 78);
    }

    #[test]
    fn an_empty_period_has_zeros_and_no_shares() {
        let posts = [Some(date(2012, 5, 5)), Some(date(2014, 5, 5))];
        let found = by(&Division::Year, &observed(&posts, Vec::new()));
        assert_eq!(found.periods[1], PeriodCoverage::default());
        assert_eq!(found.periods[2].posts, 1);
        assert_eq!(found.periods[2].top_posts, None);
    }

    #[test]
    fn four_weeks_of_silence_are_a_gap() {
        let posts = [
            Some(date(2014, 1, 1)),
            // 28 days lie between.
            Some(date(2014, 1, 30)),
            // 27 days lie between.
            Some(date(2014, 2, 27)),
            Some(date(2016, 1, 1)),
        ];
        let quiet = Days {
            first: date(2014, 1, 2),
            last: date(2014, 1, 29),
        };
        let found = by(&Division::Year, &observed(&posts, Vec::new()));
        assert_eq!(found.gaps.len(), 2);
        assert_eq!(found.gaps[0], quiet);
        assert_eq!(quiet.count(), 28);
        assert_eq!(found.gaps[1].last, date(2015, 12, 31));
        // A comment ends the silence as well.
        let answered = observed(&posts, vec![comment(0, None, Some(date(2014, 1, 10)))]);
        assert_eq!(by(&Division::Year, &answered).gaps.len(), 1);
    }

    #[test]
    fn what_lies_between_eras_is_outside_and_ends_a_gap() {
        let era = |name: &str, from, to| Era {
            name: name.to_owned(),
            from,
            to,
        };
        let eras = Division::Eras(vec![
            era("one", date(2012, 1, 1), Some(date(2012, 12, 31))),
            era("two", date(2014, 1, 1), None),
        ]);
        let posts = [
            Some(date(2012, 12, 31)),
            Some(date(2013, 6, 1)),
            Some(date(2014, 1, 1)),
        ];
        let found = by(
            &eras,
            &observed(
                &posts,
                vec![comment(1, None, posts[1]), comment(1, None, posts[2])],
            ),
        );
        assert_eq!(
            found.outside,
            Apart {
                posts: 1,
                comments: 1
            }
        );
        assert_eq!(found.gaps.len(), 2);
        assert_eq!(found.gaps[1].first, date(2013, 6, 2));
        assert_eq!(found.periods[1].threads, 1);
        assert_eq!(found.periods[1].posts_with_comments, 0);
    }

    proptest! {
        /// Everything is counted once, in a period or apart, and in whatever order it comes.
        #[test]
        fn nothing_is_lost(
            posts in prop::collection::vec(prop::option::of(0_i16..6), 1..8),
            comments in prop::collection::vec((0_usize..8, prop::option::of(0_i16..6), 0_usize..5), 0..60),
        ) {
            let day = |year: Option<i16>| year.map(|year| date(2010 + year, 3, 1));
            let names = [None, Some("Anon"), Some("Getafix"), Some("GETAFIX"), Some("Asterix")];
            let days: Vec<Option<Date>> = posts.iter().map(|year| day(*year)).collect();
            let all: Vec<Observation> = comments
                .iter()
                .map(|(post, year, name)| comment(post % posts.len(), names[*name], day(*year)))
                .collect();
            let found = by(&Division::Year, &observed(&days, all.clone()));
            let counted: u64 = found.periods.iter().map(|period| period.comments).sum();
            prop_assert_eq!(counted + found.undated.comments, all.len() as u64);
            let counted: u64 = found.periods.iter().map(|period| period.posts).sum();
            prop_assert_eq!(counted + found.undated.posts, posts.len() as u64);
            for period in &found.periods {
                let named = period.comments - period.anonymous;
                prop_assert!(period.authors <= named);
                let most = period.busiest_author.as_ref().map_or(0, |busiest| busiest.comments);
                prop_assert!(most <= named && most * period.authors >= named);
            }
            let reversed = all.into_iter().rev().collect();
            prop_assert_eq!(by(&Division::Year, &observed(&days, reversed)), found);
        }
    }
}
