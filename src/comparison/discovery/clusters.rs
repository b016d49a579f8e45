//! Dense places among points.

use std::collections::BTreeMap;

use hdbscan::{Hdbscan, HdbscanError, HdbscanHyperParams, NnAlgorithm};

/// Of fewer different comments there is no cluster: with less a few people's exchange looks like a theme. Our choice, as
/// are the other limits here.
const LEAST: usize = 10;

/// Within the distance to how many neighbours, itself included, density is measured. Small, because comments about one
/// thing lie thinly; with as many as a cluster must have, next to no cluster of our own comments was found.
const NEIGHBOURS: usize = 5;

/// How many different comments a cluster may have at most: a twentieth of all, or three times as many as it must have where
/// that is more. Without a limit the densest middle of everything is often taken for one cluster.
pub(super) fn most_size(points: usize, least_size: usize) -> usize {
    (points / 20).max(least_size * 3)
}

/// How many different comments make a cluster, of `points` in all: 10, or one in two hundred where that is more, so that a
/// large corpus does not fall into hundreds of clusters.
pub fn least_size(points: usize) -> usize {
    LEAST.max(points / 200)
}

/// The clusters of HDBSCAN with the excess of mass (Campello, Moulavi and Sander 2013, sections 3 and 4), by place of their
/// points, ascending, in the order of their first ones. A cluster of more than `most_size` is given up for
/// those within it, as scikit-learn's `max_cluster_size` has it. Points in no cluster are noise. All points may be, but never
/// all one cluster.
pub(super) fn clusters(
    points: &[Vec<f64>],
    least_size: usize,
    most_size: usize,
) -> Result<Vec<Vec<usize>>, HdbscanError> {
    // Where less than two clusters fit, the root would have to be one.
    if points.len() < least_size.max(NEIGHBOURS) * 2 {
        return Ok(Vec::new());
    }
    let parameters = HdbscanHyperParams::builder()
        .min_cluster_size(least_size)
        .max_cluster_size(most_size)
        .min_samples(NEIGHBOURS)
        // All distances at once, the other way, take gigabytes.
        .nn_algorithm(NnAlgorithm::KdTree)
        .build();
    let labels = Hdbscan::new(points, parameters).cluster()?;
    let mut clusters: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (place, label) in labels.into_iter().enumerate() {
        if label >= 0 {
            clusters.entry(label).or_default().push(place);
        }
    }
    let mut clusters: Vec<Vec<usize>> = clusters.into_values().collect();
    clusters.sort_unstable();
    Ok(clusters)
}
