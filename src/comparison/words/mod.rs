//! The words that set a period, or a theme, apart from the rest.
//!
//! Which words stand out is decided by the log odds ratio of Monroe, Colaresi and Quinn (2008), corrected for comments of
//! one post talking alike. Its prior is the frequencies of the words compared, with the weight of the smaller side's own
//! words: that draws a difference about half the way to none.
//!
//! Words of a theme show by what it was recognised as much as what people say about it: the themes were assigned by models
//! that read the same words.

mod contrast;
mod groups;
mod lexicon;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::observation::Observations;
use contrast::{Contrast, Use};
use groups::{Groups, Totals};
pub use lexicon::Lexicon;
use lexicon::NOBODY;

/// A word of fewer comments of a group says nothing about the group. Our choice, as are the next two limits.
const FEWEST_COMMENTS: u64 = 5;

/// A word of fewer posts is the talk of a thread.
const FEWEST_POSTS: u64 = 3;

/// How many words are shown of a group.
const SHOWN: usize = 20;

/// The least corrected z of a word that is shown.
const LEAST: f64 = 1.96;

/// The words one task looks at.
const TASK: usize = 256;

/// What sets a group of comments apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Distinctive {
    /// The comments of the group.
    pub comments: u64,
    /// The comments it is compared with.
    pub others: u64,
    /// How many words were in enough comments and posts of the group to be judged.
    pub judged: u64,
    /// At most 20 words, the most distinctive first.
    pub words: Vec<DistinctiveWord>,
}

/// A word that a group uses more often than the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct DistinctiveWord {
    /// The word in lower case.
    pub word: String,
    /// The comments of the group that use it, at least 5; no named author wrote more than half of them.
    pub comments: u64,
    /// The other comments that use it.
    pub elsewhere: u64,
    /// The posts whose comments of the group use it, at least 3.
    pub posts: u64,
    /// The log of the ratio of its odds in the group to those elsewhere, above 0, drawn towards 0 by the prior.
    pub log_odds: f64,
    /// The log odds ratio by its standard deviation, all comments taken for independent.
    pub z: f64,
    /// By how much comments of one post talking alike widen the variance; at least 1.
    pub design_effect: f64,
    /// `z` by the root of the design effect, at least 1.96. Words are ranked by it. It still takes posts for independent:
    /// an author who uses a word under many posts makes it larger than it should be, up to half of the comments.
    pub corrected_z: f64,
    /// Whether chance alone would leave no word of the group this distinctive 95 times of 100 (Bonferroni 1936, over all
    /// words judged; Student's t with one degree of freedom less than the side with fewer posts has posts). The other words
    /// lead the list too, but some list is always led by something.
    pub beyond_chance: bool,
}

impl Lexicon {
    /// The distinctive words of each of `periods` periods against all other periods. `period` has the place of each
    /// comment's period, None for comments outside all of them, which are left out.
    pub fn of_periods(&self, periods: usize, period: &[Option<usize>]) -> Vec<Distinctive> {
        let members = period
            .iter()
            .map(|period| period.map(|period| vec![period]));
        self.distinctive(&Groups::new(periods, members))
    }

    /// The distinctive words of each theme, in the order of the taxonomy, against the comments without it. The
    /// observations are those that were read.
    pub fn of_themes(&self, observations: &Observations<'_>) -> Vec<Distinctive> {
        let members = observations.comments.iter().map(|comment| {
            let themes = comment.themes.iter().map(|(theme, _)| *theme);
            Some(themes.collect())
        });
        self.distinctive(&Groups::new(observations.themes.len(), members))
    }

    fn distinctive(&self, groups: &Groups) -> Vec<Distinctive> {
        let totals = Totals::new(self, groups);
        let words: Vec<usize> = (0..self.words.len()).collect();
        let parts: Vec<Vec<Leading>> = words
            .par_chunks(TASK)
            .map(|words| self.leading(words, groups, &totals))
            .collect();
        let mut all = vec![Leading::default(); groups.count()];
        for part in parts {
            for (all, part) in all.iter_mut().zip(part) {
                all.judged += part.judged;
                all.words.extend(part.words);
                self.cut(&mut all.words);
            }
        }
        all.into_iter()
            .enumerate()
            .map(|(group, leading)| {
                let freedom = totals.spread(group).posts as f64 - 1.0;
                Distinctive {
                    comments: totals.comments(group),
                    others: totals.all_comments - totals.comments(group),
                    judged: leading.judged,
                    words: leading
                        .words
                        .iter()
                        .map(|found| self.shown(found, leading.judged, freedom))
                        .collect(),
                }
            })
            .collect()
    }

    fn shown(&self, found: &Found, judged: u64, freedom: f64) -> DistinctiveWord {
        let tail = StudentsT::new(0.0, 1.0, freedom).map_or(1.0, |t| t.sf(found.corrected_z));
        DistinctiveWord {
            word: self.words.get(found.word).cloned().unwrap_or_default(),
            comments: found.comments,
            elsewhere: found.elsewhere,
            posts: found.posts,
            log_odds: found.contrast.log_odds,
            z: found.contrast.z,
            design_effect: found.design_effect,
            corrected_z: found.corrected_z,
            beyond_chance: 2.0 * tail * judged as f64 <= 0.05,
        }
    }

    /// The leading words of each group among some.
    fn leading(&self, words: &[usize], groups: &Groups, totals: &Totals) -> Vec<Leading> {
        let mut leading = vec![Leading::default(); groups.count()];
        let mut uses = Uses::default();
        for &word in words {
            uses.collect(self, groups, word);
            for in_group in uses.grouped.chunk_by(|a, b| a.group == b.group) {
                let Some(group) = in_group.first().map(|first| first.group) else {
                    continue;
                };
                let posts = in_group.len() as u64;
                let one = Use {
                    count: in_group.iter().map(|uses| uses.count).sum(),
                    of: totals.words(group),
                };
                if one.count < FEWEST_COMMENTS || posts < FEWEST_POSTS {
                    continue;
                }
                let Some(leading) = leading.get_mut(group) else {
                    continue;
                };
                leading.judged += 1;
                let other = uses.all(totals.all_words).less(one);
                // The prior weighs as much as the smaller side's own words: our choice, as the paper leaves its weight
                // open. With that of all words together, which some programs take, a small group is lost in it; with a
                // small one, a word that the other side never uses, the most distinctive there is, has next to no count
                // there and so a small z.
                let prior = one.of.min(other.of) as f64;
                let Some(contrast) = Contrast::new(one, other, prior) else {
                    continue;
                };
                // The correction only makes z smaller: what falls short without it need not be corrected.
                if contrast.z < leading.least()
                    || self.has_one_voice(word, group, groups, one.count)
                {
                    continue;
                }
                let spread = totals.spread(group);
                let by_post = uses.sides(in_group, group, totals);
                let Some(design_effect) = contrast.design_effect(&spread, by_post) else {
                    continue;
                };
                let found = Found {
                    word,
                    comments: one.count,
                    elsewhere: other.count,
                    posts,
                    contrast,
                    design_effect,
                    corrected_z: contrast.z / design_effect.sqrt(),
                };
                if found.corrected_z >= LEAST {
                    leading.words.push(found);
                    self.cut(&mut leading.words);
                }
            }
        }
        leading
    }

    /// Whether one named author wrote more than half of the `count` comments of a group that use a word. A comment whose
    /// author is not named counts as an author of its own.
    fn has_one_voice(&self, word: usize, group: usize, groups: &Groups, count: u64) -> bool {
        let users = self.users(word).iter().map(|comment| *comment as usize);
        let mut authors: Vec<u32> = users
            .filter(|comment| groups.of(*comment).contains(&group))
            .filter_map(|comment| self.authors.get(comment).copied())
            .filter(|author| *author != NOBODY)
            .collect();
        authors.sort_unstable();
        authors
            .chunk_by(|a, b| a == b)
            .any(|own| own.len() as u64 * 2 > count)
    }

    /// Sorts found words, the most distinctive first, and leaves those that are shown. Of the same z, the alphabet decides.
    fn cut(&self, words: &mut Vec<Found>) {
        words.sort_by(|a, b| {
            let by_z = b.corrected_z.total_cmp(&a.corrected_z);
            let name = |found: &Found| self.words.get(found.word);
            by_z.then_with(|| name(a).cmp(&name(b)))
        });
        words.truncate(SHOWN);
    }
}

/// The leading words of one group, the first first.
#[derive(Debug, Clone, Default)]
struct Leading {
    judged: u64,
    words: Vec<Found>,
}

impl Leading {
    /// The z below which a word is not shown.
    fn least(&self) -> f64 {
        self.words
            .get(SHOWN - 1)
            .map_or(LEAST, |last| last.corrected_z)
    }
}

/// A word that leads a group so far.
#[derive(Debug, Clone)]
struct Found {
    word: usize,
    comments: u64,
    elsewhere: u64,
    posts: u64,
    contrast: Contrast,
    design_effect: f64,
    corrected_z: f64,
}

/// The comments that use one word, counted.
#[derive(Debug, Default)]
struct Uses {
    /// By post, ascending: the compared comments of each post that use it.
    by_post: Vec<(usize, u64)>,
    /// By group, then by post.
    grouped: Vec<UsesInPost>,
    /// Per group, where in `grouped` its last post stands, while that is being filled.
    last: Vec<usize>,
}

/// The comments of one post and one group that use a word.
#[derive(Debug)]
struct UsesInPost {
    group: usize,
    post: usize,
    count: u64,
}

impl Uses {
    fn collect(&mut self, lexicon: &Lexicon, groups: &Groups, word: usize) {
        self.by_post.clear();
        self.grouped.clear();
        self.last.clear();
        self.last.resize(groups.count(), usize::MAX);
        for comment in lexicon.users(word).iter().map(|user| *user as usize) {
            let Some(&post) = lexicon.posts.get(comment) else {
                continue;
            };
            if !groups.is_compared(comment) {
                continue;
            }
            match self.by_post.last_mut() {
                Some((last, count)) if *last == post => *count += 1,
                _ => self.by_post.push((post, 1)),
            }
            for &group in groups.of(comment) {
                let Some(last) = self.last.get_mut(group) else {
                    continue;
                };
                match self.grouped.get_mut(*last) {
                    Some(uses) if uses.post == post => uses.count += 1,
                    _ => {
                        *last = self.grouped.len();
                        self.grouped.push(UsesInPost {
                            group,
                            post,
                            count: 1,
                        });
                    }
                }
            }
        }
        self.grouped.sort_unstable_by(|a, b| {
            let by_group = a.group.cmp(&b.group);
            by_group.then(a.post.cmp(&b.post))
        });
    }

    fn all(&self, words: u64) -> Use {
        Use {
            count: self.by_post.iter().map(|(_, count)| count).sum(),
            of: words,
        }
    }

    /// The uses in a group, and outside it, of each post that uses the word.
    fn sides<'a>(
        &'a self,
        in_group: &'a [UsesInPost],
        group: usize,
        totals: &'a Totals,
    ) -> impl Iterator<Item = (Use, Use)> + 'a {
        let mut in_group = in_group.iter().peekable();
        self.by_post.iter().map(move |&(post, count)| {
            let own = in_group.next_if(|uses| uses.post == post);
            let one = Use {
                count: own.map_or(0, |uses| uses.count),
                of: totals.words_of_post(group, post),
            };
            let both = Use {
                count,
                of: totals.all_words_of_post(post),
            };
            (one, both.less(one))
        })
    }
}
