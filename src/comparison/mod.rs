//! What changed from one period to the next.

mod news;

pub use news::{Counted, JudgedComment, Movement, News, movements, news};

use crate::aggregation::Collector;
use crate::statistics::{Interval, newcombe, welch};

/// A difference with its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Later less earlier.
    pub value: f64,
    /// None where a side is too small for one.
    pub interval: Option<Interval>,
}

/// The change from an earlier period to a later one, both of the same taxonomy.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Change of each sentiment's share, in the order of [`crate::model::Sentiment::ALL`].
    pub sentiment: [Difference; 3],
    /// Change of the mean sentiment.
    pub mean: Difference,
    /// Change of each theme's share of the comments, in the order of the taxonomy.
    pub themes: Vec<Difference>,
}

/// Compares two periods; None where either has no comments.
///
/// Shares are compared by Newcombe's interval, means by Welch's. Both take comments for independent of each other;
/// people who write often and threads that run on make real intervals wider.
pub fn compare(later: &Collector, earlier: &Collector) -> Option<Comparison> {
    let (now, before) = (later.attitude.moments()?, earlier.attitude.moments()?);
    let share = |now: u64, before: u64| Difference {
        value: now as f64 / later.comments as f64 - before as f64 / earlier.comments as f64,
        interval: newcombe((now, later.comments), (before, earlier.comments)),
    };
    Some(Comparison {
        sentiment: std::array::from_fn(|label| {
            share(later.sentiment[label], earlier.sentiment[label])
        }),
        mean: Difference {
            value: now.mean - before.mean,
            interval: welch(&now, &before),
        },
        themes: later
            .themes
            .iter()
            .zip(&earlier.themes)
            .map(|(now, before)| share(now.count, before.count))
            .collect(),
    })
}
