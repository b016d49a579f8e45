//! Records of what was said: distinctive words, quotes, themes that travel together, and themes nobody asked for.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::number::{Figure, Probability};
use super::reasons::Reason;
use crate::comparison::{
    Choice, Cluster, Companions, Discovery, Distinctive, DistinctiveWord, Lift, Observations,
    Period, Quoted, Whole, is_certain,
};

/// A word that a group of comments uses more often than the rest.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WordRecord {
    /// The word, in lower case.
    pub word: String,
    /// The comments of the group that use it.
    pub comments: u64,
    /// The other comments that use it.
    pub elsewhere: u64,
    /// The posts whose comments of the group use it.
    pub posts: u64,
    /// The log of the ratio of its odds in the group to those elsewhere, drawn towards 0 by the prior.
    pub log_odds: Figure,
    /// The log odds ratio by its standard deviation, all comments taken for independent.
    pub z: Figure,
    /// By how much comments of one post talking alike multiplies the variance.
    pub design_effect: Figure,
    /// `z` by the root of the design effect. Words are ranked by it.
    pub corrected_z: Figure,
    /// Whether chance alone would leave no word of the group this distinctive 95 times of 100.
    pub beyond_chance: bool,
}

impl WordRecord {
    fn new(found: &DistinctiveWord) -> Self {
        Self {
            word: found.word.clone(),
            comments: found.comments,
            elsewhere: found.elsewhere,
            posts: found.posts,
            log_odds: Figure::new(found.log_odds),
            z: Figure::new(found.z),
            design_effect: Figure::new(found.design_effect),
            corrected_z: Figure::new(found.corrected_z),
            beyond_chance: found.beyond_chance,
        }
    }
}

/// The words that set a group of comments apart.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WordsRecord {
    /// The comments of the group.
    pub comments: u64,
    /// The comments they are compared with.
    pub others: u64,
    /// How many words were in enough comments and posts of the group to be judged.
    pub judged: u64,
    /// At most 20 words, the most distinctive first.
    pub words: Vec<WordRecord>,
}

impl WordsRecord {
    /// The record of what sets a group apart.
    pub(super) fn new(found: &Distinctive) -> Self {
        Self {
            comments: found.comments,
            others: found.others,
            judged: found.judged,
            words: found.words.iter().map(WordRecord::new).collect(),
        }
    }
}

/// A comment in its writer's own words, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CommentQuote {
    /// The id of its post.
    pub post: String,
    /// The post's title, or null.
    pub title: Option<String>,
    /// The post's address, or null.
    pub url: Option<String>,
    /// The comment's id.
    pub comment: String,
    /// Its author as published, or null.
    pub author: Option<String>,
    /// At most 200 characters of its writer's own words, as published.
    pub quote: String,
}

impl CommentQuote {
    /// Quotes the comment of a place; None where it is not there or may not be quoted.
    fn new(observations: &Observations<'_>, place: usize) -> Option<Self> {
        let comment = observations.comments.get(place)?;
        let post = observations.posts.get(comment.post)?;
        Some(Self {
            post: post.id.clone(),
            title: post.title.clone(),
            url: post.url.clone(),
            comment: comment.id.to_owned(),
            author: comment.author.map(str::to_owned),
            quote: comment.quote?.to_owned(),
        })
    }
}

/// A comment quoted for a theme.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ThemeQuote {
    /// The comment.
    #[serde(flatten)]
    pub quoted: CommentQuote,
    /// How probable the theme is in it.
    pub probability: Probability,
}

/// The comments of a period that are quoted for a theme.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PeriodQuotes {
    /// The period's id.
    pub period: String,
    /// At most three, the most probable first: the plainest cases, not the typical ones.
    pub quotes: Vec<ThemeQuote>,
}

impl PeriodQuotes {
    /// The quotes of a theme, by its place, in a period.
    pub(super) fn new(
        observations: &Observations<'_>,
        period: &Period,
        themes: &[Vec<Quoted>],
        theme: usize,
    ) -> Self {
        let quoted = themes.get(theme).into_iter().flatten();
        let quotes = quoted.filter_map(|quoted| {
            Some(ThemeQuote {
                quoted: CommentQuote::new(observations, quoted.comment)?,
                probability: Probability::new(quoted.probability),
            })
        });
        Self {
            period: period.id.clone(),
            quotes: quotes.collect(),
        }
    }
}

/// How much more often than by chance comments have both of two themes, or why that is not told.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum LiftRecord {
    /// There is enough to tell.
    Known {
        /// Comments of the period.
        of: u64,
        /// Those with the first theme.
        first: u64,
        /// Those with the second theme.
        second: u64,
        /// Those with both.
        both: u64,
        /// Posts that comments with both stand under.
        posts: u64,
        /// `both · of / (first · second)`: 1 is chance, 2 is twice as often as chance.
        lift: Figure,
        /// Its 95% interval, which allows for comments of one post being alike.
        interval: [Figure; 2],
    },
    /// There is too little.
    TooLittle {
        /// Why there is no figure.
        too_little: Reason,
    },
}

/// How two themes travel together in a period.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LiftPeriod {
    /// The period's id.
    pub period: String,
    /// How much more often than by chance comments have both.
    #[serde(flatten)]
    pub lift: LiftRecord,
}

/// How the lift of two themes differs between two periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ShiftRecord {
    /// The earlier period's id: the first finished one with such figures.
    pub from: String,
    /// The later period's id: the last finished one.
    pub to: String,
    /// Later over earlier: 1 where nothing shifted.
    pub ratio: Figure,
    /// Its 95% interval.
    pub interval: [Figure; 2],
    /// The two-sided p value of "nothing shifted", for this pair alone.
    pub p: Probability,
    /// The p value adjusted for all tests of the file.
    pub p_adjusted: Probability,
    /// Whether the shift is certain: `p_adjusted` is below 0.05.
    pub certain: bool,
}

/// Two themes, and how they travel together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PairRecord {
    /// The id of the one theme.
    pub first: String,
    /// The id of the other.
    pub second: String,
    /// By period, in order.
    pub periods: Vec<LiftPeriod>,
    /// How it shifted; null where one of the two periods has no figure.
    pub shift: Option<ShiftRecord>,
}

impl PairRecord {
    /// The record of a pair; None where it is not one of the observations' themes.
    pub(super) fn new(
        found: &Companions,
        whole: &Whole,
        observations: &Observations<'_>,
        periods: &[Period],
    ) -> Option<Self> {
        let theme = |place: usize| observations.themes.get(place).cloned();
        let shift = || {
            let (from, to) = whole.shifted?;
            let (shift, adjusted) = found.shift?;
            let interval = [shift.interval.low, shift.interval.high];
            Some(ShiftRecord {
                from: periods.get(from)?.id.clone(),
                to: periods.get(to)?.id.clone(),
                ratio: Figure::new(shift.ratio),
                interval: interval.map(Figure::new),
                p: Probability::new(shift.p_value),
                p_adjusted: Probability::new(adjusted),
                certain: is_certain(adjusted),
            })
        };
        Some(Self {
            first: theme(found.pair.0)?,
            second: theme(found.pair.1)?,
            periods: periods
                .iter()
                .zip(&found.lifts)
                .map(|(period, found)| LiftPeriod {
                    period: period.id.clone(),
                    lift: match found {
                        Some(Ok(found)) => lift(found),
                        Some(Err(why)) => LiftRecord::TooLittle {
                            too_little: Reason::of_pair(Some(*why)),
                        },
                        None => LiftRecord::TooLittle {
                            too_little: Reason::of_pair(None),
                        },
                    },
                })
                .collect(),
            shift: shift(),
        })
    }
}

fn lift(found: &Lift) -> LiftRecord {
    LiftRecord::Known {
        of: found.comments,
        first: found.first,
        second: found.second,
        both: found.both,
        posts: found.posts as u64,
        lift: Figure::new(found.value),
        interval: [found.interval.low, found.interval.high].map(Figure::new),
    }
}

/// How many comments lie in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PeriodCount {
    /// The period's id.
    pub period: String,
    /// How many comments.
    pub comments: u64,
}

/// Comments that talk about one thing which no theme covers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClusterRecord {
    /// How many of the comments looked at belong to it.
    pub size: u64,
    /// By period, in order; those outside all periods are in none.
    pub by_period: Vec<PeriodCount>,
    /// The words that set it apart from all other comments, the most distinctive first.
    pub words: Vec<WordRecord>,
    /// At most three comments from its middle.
    pub examples: Vec<CommentQuote>,
    /// A block for `themes.toml`, to be put into words by a person; null where no word sets it apart.
    pub block: Option<String>,
}

/// Themes nobody asked for: proposals for a reader, not measurements.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DiscoveryRecord {
    /// Comments of at least eight words that no theme claims.
    pub unclaimed: u64,
    /// Comments of at least eight words that a theme claims weakly.
    pub weak: u64,
    /// Comments that no theme claims, or only weakly, left out because they have fewer than eight words.
    pub short: u64,
    /// How many comments were looked at: all of the first two kinds or, of many, as many drawn by lot.
    pub looked_at: u64,
    /// Their share of the first two kinds; null where there are none.
    pub share_looked_at: Option<Figure>,
    /// The comments looked at that are in no cluster.
    pub unclustered: u64,
    /// Their share of those looked at; null where there are none.
    pub share_unclustered: Option<Figure>,
    /// Of `unclustered`, those without a usable vector.
    pub without_vector: u64,
    /// Of how many different comments a cluster had to be made.
    pub least_size: u64,
    /// The comments looked at, by period in order.
    pub by_period: Vec<PeriodCount>,
    /// The clusters, the largest first.
    pub clusters: Vec<ClusterRecord>,
}

impl DiscoveryRecord {
    /// The record of what was discovered.
    pub(super) fn new(
        choice: &Choice,
        found: &Discovery,
        observations: &Observations<'_>,
        periods: &[Period],
    ) -> Self {
        let cluster = |cluster: &Cluster| {
            let examples = cluster.examples.iter();
            ClusterRecord {
                size: cluster.size,
                by_period: by_period(periods, &cluster.periods),
                words: cluster.words.iter().map(WordRecord::new).collect(),
                examples: examples
                    .filter_map(|place| CommentQuote::new(observations, *place))
                    .collect(),
                block: cluster.block.clone(),
            }
        };
        Self {
            unclaimed: choice.unclaimed,
            weak: choice.weak,
            short: choice.short,
            looked_at: choice.places.len() as u64,
            share_looked_at: choice.share().map(Figure::new),
            unclustered: found.unclustered,
            share_unclustered: found.unclustered_share().map(Figure::new),
            without_vector: found.without_vector,
            least_size: found.least_size as u64,
            by_period: by_period(periods, &found.periods),
            clusters: found.clusters.iter().map(cluster).collect(),
        }
    }
}

fn by_period(periods: &[Period], counts: &[u64]) -> Vec<PeriodCount> {
    let counted = periods.iter().zip(counts);
    counted
        .map(|(period, comments)| PeriodCount {
            period: period.id.clone(),
            comments: *comments,
        })
        .collect()
}
