//! Which comments are looked at for new themes.

use crate::comparison::observation::{Observation, Observations};
use crate::hash::lot;

/// A theme claims a comment weakly if the comment's probability is less than this above the theme's threshold. Such a claim
/// could as well have gone the other way, and a comment about something new often lands there.
const WEAK: f64 = 0.05;

/// Of more comments a sample is looked at: the time to cluster grows with the square of their number.
const MOST: usize = 20_000;

/// The comments that are looked at for new themes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// How many comments of at least eight words no theme claims.
    pub unclaimed: u64,
    /// How many comments of at least eight words are claimed, but with a probability less than 0.05 above the threshold.
    pub weak: u64,
    /// How many comments that no theme claims, or only so, are left out because they have fewer than eight words.
    pub short: u64,
    /// The places of the comments looked at: all of the first two kinds or, where those are more than 20,000, as many of
    /// them, drawn without replacement. In the order of the draw, which depends on the ids and the seed alone, not on what
    /// else there is.
    pub places: Vec<usize>,
}

impl Choice {
    /// Chooses by the lots that a hash of seed, post and comment draws.
    pub fn new(observations: &Observations<'_>, seed: u64) -> Self {
        Self::at_most(MOST, observations, seed)
    }

    pub(super) fn at_most(most: usize, observations: &Observations<'_>, seed: u64) -> Self {
        let mut choice = Self {
            unclaimed: 0,
            weak: 0,
            short: 0,
            places: Vec::new(),
        };
        let mut lots: Vec<(u64, &str, &str, usize)> = Vec::new();
        for (place, comment) in observations.comments.iter().enumerate() {
            // A margin that is no number claims nothing.
            if comment.margin >= WEAK {
                continue;
            }
            if comment.quote.is_none() {
                choice.short += 1;
                continue;
            }
            if comment.margin >= 0.0 {
                choice.weak += 1;
            } else {
                choice.unclaimed += 1;
            }
            let post = post_of(observations, comment);
            // Neither id holds a line feed, so that no two comments share a name.
            let drawn = lot(seed, &format!("{post}\n{}", comment.id));
            lots.push((drawn, post, comment.id, place));
        }
        lots.sort_unstable();
        lots.truncate(most);
        choice.places = lots.into_iter().map(|(.., place)| place).collect();
        choice
    }

    /// The share of the comments of both kinds that is looked at, above 0 and at most 1; None where there are none.
    pub fn share(&self) -> Option<f64> {
        let all = self.unclaimed + self.weak;
        (all > 0).then(|| self.places.len() as f64 / all as f64)
    }
}

fn post_of<'a>(observations: &'a Observations<'_>, comment: &Observation<'_>) -> &'a str {
    let post = observations.posts.get(comment.post);
    post.map_or("", |post| post.id.as_str())
}
