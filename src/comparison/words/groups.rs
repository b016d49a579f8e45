//! Which comments are compared with which, and how much they say in all.

use super::contrast::Spread;
use super::lexicon::Lexicon;

/// The groups each comment belongs to. A group is compared with all other comments that are compared at all.
#[derive(Debug)]
pub(super) struct Groups {
    count: usize,
    compared: Vec<bool>,
    /// Where the groups of each comment begin, and where the last one's end.
    starts: Vec<usize>,
    groups: Vec<usize>,
}

impl Groups {
    /// `members` has the groups of each comment, without repeats and below `count`; None for one that is not compared.
    pub fn new(count: usize, members: impl Iterator<Item = Option<Vec<usize>>>) -> Self {
        let mut new = Self {
            count,
            compared: Vec::new(),
            starts: vec![0],
            groups: Vec::new(),
        };
        for groups in members {
            new.compared.push(groups.is_some());
            new.groups.extend(groups.unwrap_or_default());
            new.starts.push(new.groups.len());
        }
        new
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn is_compared(&self, comment: usize) -> bool {
        self.compared.get(comment).is_some_and(|compared| *compared)
    }

    pub fn of(&self, comment: usize) -> &[usize] {
        let ends = self.starts.get(comment).zip(self.starts.get(comment + 1));
        ends.and_then(|(start, end)| self.groups.get(*start..*end))
            .unwrap_or_default()
    }
}

/// How many words there are, each once a comment, and how they lie in the posts.
#[derive(Debug)]
pub(super) struct Totals {
    /// The comments that are compared.
    pub all_comments: u64,
    /// Their words.
    pub all_words: u64,
    by_post: Vec<u64>,
    groups: Vec<GroupTotals>,
}

#[derive(Debug, Clone, Default)]
struct GroupTotals {
    comments: u64,
    words: u64,
    by_post: Vec<u64>,
    spread: Spread,
}

impl Totals {
    pub fn new(lexicon: &Lexicon, groups: &Groups) -> Self {
        let posts = lexicon.posts.last().map_or(0, |last| last + 1);
        let empty = GroupTotals {
            by_post: vec![0; posts],
            ..GroupTotals::default()
        };
        let mut totals = Self {
            all_comments: 0,
            all_words: 0,
            by_post: vec![0; posts],
            groups: vec![empty; groups.count()],
        };
        for (comment, (post, words)) in lexicon.posts.iter().zip(&lexicon.lengths).enumerate() {
            if !groups.is_compared(comment) {
                continue;
            }
            totals.all_comments += 1;
            totals.all_words += words;
            if let Some(of_post) = totals.by_post.get_mut(*post) {
                *of_post += words;
            }
            for group in groups.of(comment) {
                if let Some(group) = totals.groups.get_mut(*group) {
                    group.comments += 1;
                    group.words += words;
                    if let Some(of_post) = group.by_post.get_mut(*post) {
                        *of_post += words;
                    }
                }
            }
        }
        for group in &mut totals.groups {
            group.spread = spread(&group.by_post, &totals.by_post);
        }
        totals
    }

    pub fn comments(&self, group: usize) -> u64 {
        self.groups.get(group).map_or(0, |group| group.comments)
    }

    pub fn words(&self, group: usize) -> u64 {
        self.groups.get(group).map_or(0, |group| group.words)
    }

    pub fn words_of_post(&self, group: usize, post: usize) -> u64 {
        let group = self.groups.get(group);
        let words = group.and_then(|group| group.by_post.get(post));
        words.copied().unwrap_or(0)
    }

    pub fn all_words_of_post(&self, post: usize) -> u64 {
        self.by_post.get(post).copied().unwrap_or(0)
    }

    pub fn spread(&self, group: usize) -> Spread {
        self.groups
            .get(group)
            .map_or_else(Spread::default, |group| group.spread)
    }
}

/// How the words of a group and of the rest lie in the posts.
fn spread(group: &[u64], all: &[u64]) -> Spread {
    let mut sums = [0.0; 3];
    let mut posts = (0, 0);
    for (one, all) in group.iter().zip(all) {
        let other = all - one;
        posts.0 += u64::from(*one > 0);
        posts.1 += u64::from(other > 0);
        let (one, other) = (*one as f64, other as f64);
        sums[0] += one * one;
        sums[1] += one * other;
        sums[2] += other * other;
    }
    Spread {
        sums,
        posts: posts.0.min(posts.1),
    }
}
