//! Themes nobody asked for: what the comments that no theme claims talk about.
//!
//! Their vectors are reduced to a few dimensions and clustered by density; what lies in no dense place stays
//! unclustered. The clusters are proposals for a reader, not measurements: with other comments around, the borders of a
//! cluster move.

mod block;
mod choice;
mod clusters;
mod phrases;
mod reduction;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use choice::Choice;
pub use clusters::least_size;

use super::observation::{Observation, Observations};
use super::words::{Distinctive, DistinctiveWord};
use crate::cleaning::folded_words;
use clusters::{clusters, most_size};
use phrases::phrases;
use reduction::reduced;

/// How many comments are shown of a cluster.
const EXAMPLES: usize = 3;

/// Why nothing could be clustered.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// There is not one answer for each comment.
    #[error("{found} vectors or periods for {expected} comments")]
    Count {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Vectors of two models.
    #[error("vectors of {one} and of {other} numbers: they come from different models")]
    Dimensions {
        /// The length of the first.
        one: usize,
        /// Another length.
        other: usize,
    },
    /// What clusters refused its points.
    #[error("the comments cannot be clustered: {0}")]
    Clustering(#[from] hdbscan::HdbscanError),
}

/// Comments that talk about one thing which no theme covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// How many of the comments looked at belong to it, copies of each other included.
    pub size: u64,
    /// How many of them lie in each period. Those outside all periods are in none.
    pub periods: Vec<u64>,
    /// The words that set it apart from all other comments, the most distinctive first.
    pub words: Vec<DistinctiveWord>,
    /// The places of at most three comments: those closest to its centre of which no two are of one named author, of one
    /// post, or quoted alike.
    pub examples: Vec<usize>,
    /// A block for `themes.toml`; None where no word sets it apart.
    pub block: Option<String>,
}

/// What was found among the comments looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovery {
    /// The clusters, the largest first.
    pub clusters: Vec<Cluster>,
    /// The comments looked at that are in no cluster.
    pub unclustered: u64,
    /// The comments that were chosen but have no usable vector: none is stored, or it has no direction. They count as
    /// unclustered too.
    pub without_vector: u64,
    /// How many of the comments looked at lie in each period, clustered or not.
    pub periods: Vec<u64>,
    /// Of how many different comments a cluster had to be made; copies count once.
    pub least_size: usize,
}

impl Discovery {
    /// The share of the comments looked at that no cluster took, from 0 to 1; None where there were none.
    pub fn unclustered_share(&self) -> Option<f64> {
        let clustered: u64 = self.clusters.iter().map(|cluster| cluster.size).sum();
        let all = clustered + self.unclustered;
        (all > 0).then(|| self.unclustered as f64 / all as f64)
    }
}

/// Clusters the comments of `choice`.
///
/// `vectors` has the stored vector of each chosen comment, in their order, None where there is none; all of one length, of
/// any scale. `period` has the place of the period of each comment of `observations`, below `periods`, None outside all.
/// `words` tells groups of comments apart: it is given how many groups there are and the group of each comment, and
/// answers with the distinctive words of each group in order. The last group is what is in no cluster.
///
/// The vectors are scaled to length 1, reduced to twenty principal components (Jolliffe 2002, sections 2.1 and 6.1), scaled
/// to length 1 again, so that distances are between directions, and clustered by HDBSCAN (Campello, Moulavi and Sander
/// 2013; McInnes, Healy and Astels 2017). Reducing first and clustering by density afterwards is what Grootendorst 2022
/// (BERTopic, section 3) does for texts. Comments of the same words are one point, so that a text pasted often is no
/// dense place.
///
/// # Errors
/// As many vectors as chosen comments, or periods as comments, are not given; vectors differ in length.
pub fn discover(
    observations: &Observations<'_>,
    choice: &Choice,
    vectors: &[Option<Vec<f32>>],
    (periods, period): (usize, &[Option<usize>]),
    words: impl FnOnce(usize, &[Option<usize>]) -> Vec<Distinctive>,
) -> Result<Discovery, DiscoveryError> {
    same_count(choice.places.len(), vectors.len())?;
    same_count(observations.comments.len(), period.len())?;
    let looked_at: Vec<Looked<'_>> = choice
        .places
        .iter()
        .zip(vectors)
        .filter_map(|(place, vector)| {
            Some(Looked {
                place: *place,
                comment: observations.comments.get(*place)?,
                vector: unit(vector.as_deref()?)?,
            })
        })
        .collect();
    let distinct = distinct(&looked_at);
    let points: Vec<&[f64]> = distinct
        .iter()
        .filter_map(|copies| Some(looked_at.get(*copies.first()?)?.vector.as_slice()))
        .collect();
    let least_size = least_size(points.len());
    let most_size = most_size(points.len(), least_size);
    let found = clusters(&reduced(&points)?, least_size, most_size)?;

    let mut groups: Vec<Members> = found
        .iter()
        .map(|points| Members::new(points, &distinct))
        .collect();
    // Sorting keeps the order of equals, which is that of the clusters' first comments.
    groups.sort_by_key(|members| std::cmp::Reverse(members.all.len()));

    let mut group_of = vec![Some(groups.len()); observations.comments.len()];
    for (group, members) in groups.iter().enumerate() {
        for place in members.all.iter().filter_map(|at| looked_at.get(*at)) {
            if let Some(of) = group_of.get_mut(place.place) {
                *of = Some(group);
            }
        }
    }
    let mut words = words(groups.len() + 1, &group_of).into_iter();
    let mut taken: BTreeSet<String> = observations.themes.iter().cloned().collect();
    let clusters: Vec<Cluster> = groups
        .iter()
        .map(|members| {
            let words = words.next().map_or_else(Vec::new, |found| found.words);
            let firsts = at(&members.firsts, &looked_at);
            let all = at(&members.all, &looked_at);
            let names: Vec<&str> = words.iter().map(|word| word.word.as_str()).collect();
            let comments: Vec<&Observation<'_>> = firsts.iter().map(|at| at.comment).collect();
            let size = all.len() as u64;
            Cluster {
                size,
                periods: by_period(periods, period, all.iter().map(|at| at.place)),
                block: block::block(&names, &phrases(&names, &comments), size, &mut taken),
                examples: examples(&firsts),
                words,
            }
        })
        .collect();
    let clustered: u64 = clusters.iter().map(|cluster| cluster.size).sum();
    Ok(Discovery {
        unclustered: choice.places.len() as u64 - clustered,
        without_vector: (choice.places.len() - looked_at.len()) as u64,
        periods: by_period(periods, period, choice.places.iter().copied()),
        clusters,
        least_size,
    })
}

/// A comment that is looked at.
struct Looked<'a> {
    place: usize,
    comment: &'a Observation<'a>,
    /// Of length 1.
    vector: Vec<f64>,
}

/// A cluster, by place among the comments looked at.
struct Members {
    /// One of each set of copies.
    firsts: Vec<usize>,
    all: Vec<usize>,
}

impl Members {
    fn new(points: &[usize], distinct: &[Vec<usize>]) -> Self {
        let copies = || points.iter().filter_map(|point| distinct.get(*point));
        Self {
            firsts: copies()
                .filter_map(|copies| copies.first().copied())
                .collect(),
            all: copies().flatten().copied().collect(),
        }
    }
}

/// The comments at some places among those looked at.
fn at<'a, 'b>(places: &[usize], looked_at: &'b [Looked<'a>]) -> Vec<&'b Looked<'a>> {
    places.iter().filter_map(|at| looked_at.get(*at)).collect()
}

fn same_count(expected: usize, found: usize) -> Result<(), DiscoveryError> {
    if expected == found {
        Ok(())
    } else {
        Err(DiscoveryError::Count { expected, found })
    }
}

/// A vector at length 1; None where it has no direction.
fn unit(vector: &[f32]) -> Option<Vec<f64>> {
    let vector: Vec<f64> = vector.iter().copied().map(f64::from).collect();
    scaled(vector)
}

fn scaled(mut vector: Vec<f64>) -> Option<Vec<f64>> {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    if !(length.is_finite() && length > 0.0) {
        return None;
    }
    vector.iter_mut().for_each(|x| *x /= length);
    Some(vector)
}

/// The comments by their words, in the order of the first of each: a text and its copies together.
fn distinct(looked_at: &[Looked<'_>]) -> Vec<Vec<usize>> {
    let mut order: Vec<(String, usize)> = looked_at
        .iter()
        .enumerate()
        .map(|(at, looked)| (folded_words(looked.comment.text), at))
        .collect();
    order.sort_unstable();
    let mut distinct: Vec<Vec<usize>> = order
        .chunk_by(|one, other| one.0 == other.0)
        .map(|copies| copies.iter().map(|(_, at)| *at).collect())
        .collect();
    distinct.sort_unstable();
    distinct
}

fn by_period(
    periods: usize,
    period: &[Option<usize>],
    places: impl Iterator<Item = usize>,
) -> Vec<u64> {
    let mut counts = vec![0; periods];
    for place in places {
        let count = period
            .get(place)
            .copied()
            .flatten()
            .and_then(|period| counts.get_mut(period));
        if let Some(count) = count {
            *count += 1;
        }
    }
    counts
}

/// The places of those closest in direction to the mean of all that may stand beside each other.
fn examples(members: &[&Looked<'_>]) -> Vec<usize> {
    let Some(first) = members.first() else {
        return Vec::new();
    };
    let mut centre = vec![0.0; first.vector.len()];
    for member in members {
        for (sum, x) in centre.iter_mut().zip(&member.vector) {
            *sum += x;
        }
    }
    let closeness = |looked: &Looked<'_>| -> f64 {
        looked.vector.iter().zip(&centre).map(|(x, c)| x * c).sum()
    };
    let mut nearest: Vec<(f64, &Looked<'_>)> = members
        .iter()
        .map(|looked| (closeness(looked), *looked))
        .collect();
    nearest.sort_by(|one, other| {
        let by_place = || one.1.place.cmp(&other.1.place);
        other.0.total_cmp(&one.0).then_with(by_place)
    });
    let (mut posts, mut authors, mut quotes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut examples = Vec::new();
    for (_, looked) in nearest {
        if examples.len() == EXAMPLES {
            break;
        }
        let Some(quote) = looked.comment.quote.map(folded_words) else {
            continue;
        };
        let author = looked.comment.author_key();
        let is_taken = posts.contains(&looked.comment.post)
            || author
                .as_ref()
                .is_some_and(|author| authors.contains(author))
            || quotes.contains(&quote);
        if !is_taken {
            posts.insert(looked.comment.post);
            authors.extend(author);
            quotes.insert(quote);
            examples.push(looked.place);
        }
    }
    examples
}
