//! Sums over comments that merge in any order.

use std::collections::{BTreeMap, BTreeSet};

use super::scored::{ScoredComment, millionths, on_one_scale};
use crate::cleaning::Kind;
use crate::inference::most_probable;
use crate::statistics::Moments;

/// Telling comments kept per theme.
const TELLING: usize = 3;

/// Count, sum and sum of squares of attitudes, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeanSum {
    count: u64,
    sum: i128,
    squares: i128,
}

impl MeanSum {
    pub(crate) fn add(&mut self, attitude: i64) {
        self.count += 1;
        self.sum += i128::from(attitude);
        self.squares += i128::from(attitude) * i128::from(attitude);
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// Count, mean and variance on the scale from -1 to 1; None for no values.
    pub fn moments(&self) -> Option<Moments> {
        if self.count == 0 {
            return None;
        }
        let n = i128::from(self.count);
        // n·Σx² - (Σx)² in whole numbers: no cancellation, and exactly 0 for equal values.
        let spread = (n * self.squares - self.sum * self.sum) as f64 / 1e12;
        let count = self.count as f64;
        Some(Moments {
            count: self.count,
            mean: self.sum as f64 / 1e6 / count,
            variance: if self.count < 2 {
                0.0
            } else {
                spread / (count * (count - 1.0))
            },
        })
    }
}

/// A comment that speaks for a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// The theme's probability in millionths.
    pub probability: i64,
    /// The comment's id.
    pub id: String,
    /// A short quotation.
    pub quote: String,
}

impl Telling {
    /// The better first: the more probable, then the smaller id.
    fn rank(&self, other: &Self) -> std::cmp::Ordering {
        other
            .probability
            .cmp(&self.probability)
            .then_with(|| self.id.cmp(&other.id))
    }
}

/// What is known of one theme.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThemeSum {
    /// Comments that have the theme.
    pub count: u64,
    /// Their sentiment.
    pub sentiment: MeanSum,
    /// The same comments by their attitude to the theme, in the order of [`crate::model::Sentiment::ALL`].
    pub attitudes: [u64; 3],
    /// Their attitudes to the theme.
    pub attitude: MeanSum,
    telling: Vec<Telling>,
}

impl ThemeSum {
    /// Up to three telling comments: of those with the theme and at least eight words of their writer's own, the ones
    /// with the greatest probability of it, the smaller id first among equals; of several with the same quotation, the first.
    pub fn telling(&self) -> &[Telling] {
        &self.telling
    }

    fn offer(&mut self, candidate: Telling) {
        if let Some(same) = self
            .telling
            .iter_mut()
            .find(|kept| kept.quote == candidate.quote)
        {
            if candidate.rank(same).is_lt() {
                *same = candidate;
            }
        } else {
            self.telling.push(candidate);
        }
        self.telling.sort_by(Telling::rank);
        self.telling.truncate(TELLING);
    }
}

/// How often cleaning found something of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// Comments that have at least one stretch of the kind.
    pub comments: u64,
    /// Stretches of the kind.
    pub stretches: u64,
}

/// The sums over a set of comments. Adding comments one by one, or merging collectors of any partition of them in
/// any order, gives equal collectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    /// Comments that count, replies included. All that follows is about these.
    pub comments: u64,
    /// Comments that answer another one.
    pub replies: u64,
    /// Comments without words of their own; their sentiment is neutral.
    pub quoted_only: u64,
    /// Comments by sentiment, in the order of [`crate::model::Sentiment::ALL`].
    pub sentiment: [u64; 3],
    /// Attitudes of all comments.
    pub attitude: MeanSum,
    /// One entry per theme of the taxonomy, in its order.
    pub themes: Vec<ThemeSum>,
    /// What cleaning found.
    pub found: BTreeMap<Kind, Found>,
    /// Comments that do not count because they are counted elsewhere.
    pub duplicates: u64,
    /// Comments that do not count because of their language.
    pub other_languages: u64,
}

impl Collector {
    /// An empty collector for a taxonomy of `themes` themes.
    pub fn new(themes: usize) -> Self {
        Self {
            comments: 0,
            replies: 0,
            quoted_only: 0,
            sentiment: [0; 3],
            attitude: MeanSum::default(),
            themes: vec![ThemeSum::default(); themes],
            found: BTreeMap::new(),
            duplicates: 0,
            other_languages: 0,
        }
    }

    /// Adds one comment, scored under the same taxonomy.
    pub fn add(&mut self, scored: &ScoredComment) {
        let cleaning = &scored.cleaning;
        if cleaning.duplicate_of.is_some() {
            self.duplicates += 1;
            return;
        }
        if !cleaning.counted {
            self.other_languages += 1;
            return;
        }
        self.comments += 1;
        self.quoted_only += u64::from(cleaning.cleaned.is_quoted_only());
        let mut kinds = BTreeSet::new();
        for finding in &cleaning.cleaned.findings {
            let found = self.found.entry(finding.kind).or_default();
            found.stretches += 1;
            found.comments += u64::from(kinds.insert(finding.kind));
        }
        self.replies += u64::from(scored.comment.parent.is_some());
        self.sentiment[scored.scores.label() as usize] += 1;
        let attitude = scored.attitude();
        self.attitude.add(attitude);
        let scores = &scored.scores;
        for (((sum, probability), assigned), to_theme) in self
            .themes
            .iter_mut()
            .zip(&scores.themes)
            .zip(&scores.assigned)
            .zip(&scores.attitudes)
        {
            if !assigned {
                continue;
            }
            sum.count += 1;
            sum.sentiment.add(attitude);
            sum.attitudes[most_probable(to_theme) as usize] += 1;
            sum.attitude.add(on_one_scale(to_theme));
            if let Some(quote) = &scored.quote {
                sum.offer(Telling {
                    probability: millionths(*probability),
                    id: scored.comment.id.clone(),
                    quote: quote.clone(),
                });
            }
        }
    }

    /// Takes in what another collector of the same taxonomy has seen; the two must not have seen the same comment.
    pub fn merge(&mut self, other: &Self) {
        self.comments += other.comments;
        self.replies += other.replies;
        self.quoted_only += other.quoted_only;
        self.duplicates += other.duplicates;
        self.other_languages += other.other_languages;
        for (kind, theirs) in &other.found {
            let mine = self.found.entry(*kind).or_default();
            mine.comments += theirs.comments;
            mine.stretches += theirs.stretches;
        }
        for (mine, theirs) in self.sentiment.iter_mut().zip(other.sentiment) {
            *mine += theirs;
        }
        self.attitude.merge(&other.attitude);
        for (mine, theirs) in self.themes.iter_mut().zip(&other.themes) {
            mine.count += theirs.count;
            mine.sentiment.merge(&theirs.sentiment);
            for (mine, theirs) in mine.attitudes.iter_mut().zip(theirs.attitudes) {
                *mine += theirs;
            }
            mine.attitude.merge(&theirs.attitude);
            for candidate in &theirs.telling {
                mine.offer(candidate.clone());
            }
        }
    }
}
