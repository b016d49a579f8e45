//! The bootstrap over posts: how often each post counts in each replicate.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;

use super::sums::Cell;

/// Replicates: the spread of so many is known to 2% (Efron and Tibshirani 1993, section 6.4, for its order).
pub const REPLICATES: usize = 2000;

/// Replicates that lie together in memory: a block of 20,000 posts fits into a processor's cache.
const BLOCK: usize = 80;

const SEED: u64 = 1965;

/// How often each post was drawn in each of the [`REPLICATES`] samples of posts.
///
/// The cluster bootstrap (Davison and Hinkley 1997, section 3.8; Cameron, Gelbach and Miller 2008): comments
/// under one post go together, so posts are drawn, all their comments with them. All posts are one stratum; as many are
/// drawn as there are, with replacement. It is drawn once and serves every period and every quantity: the n-th replicate is
/// the same sample of posts in all of them. A difference between two periods, taken replicate by replicate, therefore keeps
/// the correlation that threads running through both give it, and so does one between two themes.
///
/// Of 20,000 posts it takes 40 MB. The draws depend on the number of posts drawn from and on nothing else.
#[derive(Debug, Clone)]
pub struct Resampling {
    /// The row of each post, by its place; None for posts that are not drawn from.
    rows: Vec<Option<usize>>,
    /// One a block of replicates: the counts of each row in them. Of up to 255 posts none can be drawn more often than a
    /// count holds; of more, the chance that any ever is lies below 1e-490.
    blocks: Vec<Vec<[u8; BLOCK]>>,
}

impl Resampling {
    /// Draws from `posts` posts, by their places `0..posts`.
    pub fn new(posts: usize) -> Resampling {
        Resampling::among(&vec![true; posts])
    }

    /// Draws from the posts that have comments: `commented` says of each place whether it has.
    ///
    /// Posts without comments add nothing to any sum, so that a ratio has the same distribution with and without them; left
    /// out, they take no memory, and figures do not move when a page without comments is added.
    pub fn among(commented: &[bool]) -> Resampling {
        let mut drawn = 0;
        let rows: Vec<Option<usize>> = commented
            .iter()
            .map(|commented| {
                let row = commented.then_some(drawn);
                drawn += usize::from(*commented);
                row
            })
            .collect();
        let blocks = (0..REPLICATES / BLOCK)
            .into_par_iter()
            .map(|block| counts(drawn, block))
            .collect();
        Resampling { rows, blocks }
    }

    /// `sum / of` over the cells of each replicate, in its order; None where no post of the cells was drawn.
    ///
    /// A cell whose post is not drawn from has no replicates: all are None then.
    pub fn ratios(&self, cells: &[Cell]) -> Vec<Option<f64>> {
        let values = cells
            .iter()
            .map(|cell| (cell.post, [cell.sum, cell.of as f64]));
        self.weighted(values)
            .into_iter()
            .map(|[sum, of]| (of > 0.0).then(|| sum / of))
            .collect()
    }

    /// The sum of each replicate, in its order, of values by the place of their post, each counted as often as its post was
    /// drawn.
    ///
    /// A value whose post is not drawn from has no replicates: all are NaN then.
    pub fn sums(&self, values: &[(usize, f64)]) -> Vec<f64> {
        let values = values.iter().map(|(post, value)| (*post, [*value]));
        self.weighted(values).into_iter().map(|[sum]| sum).collect()
    }

    /// Several sums at once.
    fn weighted<const SUMS: usize>(
        &self,
        values: impl Iterator<Item = (usize, [f64; SUMS])>,
    ) -> Vec<[f64; SUMS]> {
        let values: Option<Vec<(usize, [f64; SUMS])>> = values
            .map(|(post, values)| Some(((*self.rows.get(post)?)?, values)))
            .collect();
        let Some(values) = values else {
            return vec![[f64::NAN; SUMS]; REPLICATES];
        };
        self.blocks
            .iter()
            .flat_map(|counts| {
                let mut sums = [[0.0; BLOCK]; SUMS];
                for (row, values) in &values {
                    for (sums, value) in sums.iter_mut().zip(values) {
                        for (sum, count) in sums.iter_mut().zip(&counts[*row]) {
                            *sum += f64::from(*count) * value;
                        }
                    }
                }
                (0..BLOCK).map(move |replicate| sums.map(|sums| sums[replicate]))
            })
            .collect()
    }
}

/// The counts of each of `posts` rows in the replicates of a block.
fn counts(posts: usize, block: usize) -> Vec<[u8; BLOCK]> {
    let mut counts = vec![[0_u8; BLOCK]; posts];
    let streams = block * BLOCK..(block + 1) * BLOCK;
    for (replicate, stream) in streams.enumerate() {
        let mut generator = ChaCha8Rng::seed_from_u64(SEED);
        // A stream of its own, so that blocks can be drawn in any order.
        generator.set_stream(stream as u64);
        for _ in 0..posts {
            // The upper half of the product is uniform to 1e-14 (Lemire 2019): quicker than a remainder.
            let drawn = (u128::from(generator.next_u64()) * posts as u128) >> 64;
            counts[drawn as usize][replicate] += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{REPLICATES, Resampling};
    use crate::comparison::sums::{Cell, ratio};

    fn cell(post: usize, of: u64, sum: f64) -> Cell {
        Cell { post, of, sum }
    }

    #[test]
    fn every_replicate_draws_as_many_posts_as_there_are() {
        for posts in [1, 7, 300] {
            let ones: Vec<(usize, f64)> = (0..posts).map(|post| (post, 1.0)).collect();
            let sums = Resampling::new(posts).sums(&ones);
            assert_eq!(sums, vec![posts as f64; REPLICATES]);
        }
    }

    /// Drawn with replacement, a post's count is binomial: of mean 1 and variance 1 - 1/posts, and two posts' counts have
    /// the covariance -1/posts.
    #[test]
    fn counts_are_multinomial() {
        let posts = 20;
        let resampling = Resampling::new(posts);
        let of = |post| resampling.sums(&[(post, 1.0)]);
        let moment = |one: &[f64], other: &[f64]| {
            let products = one.iter().zip(other).map(|(a, b)| (a - 1.0) * (b - 1.0));
            products.sum::<f64>() / REPLICATES as f64
        };
        let (mut variance, mut covariance) = (0.0, 0.0);
        for post in 0..posts {
            let counts = of(post);
            let mean = counts.iter().sum::<f64>() / REPLICATES as f64;
            // Its standard error is 0.022.
            assert!((mean - 1.0).abs() < 0.1, "{mean}");
            variance += moment(&counts, &counts) / posts as f64;
            covariance += moment(&counts, &of((post + 1) % posts)) / posts as f64;
        }
        assert!((variance - 0.95).abs() < 0.04, "{variance}");
        assert!((covariance + 0.05).abs() < 0.02, "{covariance}");
    }

    #[test]
    fn replicates_differ() {
        let mut counts = Resampling::new(1000).sums(&[(3, 1.0), (5, 100.0), (8, 10_000.0)]);
        counts.sort_by(f64::total_cmp);
        counts.dedup();
        assert!(counts.len() > 50, "{}", counts.len());
    }

    #[test]
    fn posts_without_comments_move_nothing() {
        let sparse = Resampling::among(&[false, true, false, true, true, false]);
        let dense = Resampling::new(3);
        let apart = [cell(1, 4, 1.0), cell(3, 9, 3.0), cell(4, 2, 2.0)];
        let together = [cell(0, 4, 1.0), cell(1, 9, 3.0), cell(2, 2, 2.0)];
        assert_eq!(sparse.ratios(&apart), dense.ratios(&together));
    }

    #[test]
    fn a_period_none_of_whose_posts_was_drawn_has_no_ratio() {
        let resampling = Resampling::new(4);
        let ratios = resampling.ratios(&[cell(2, 5, 1.0)]);
        let drawn = resampling.sums(&[(2, 1.0)]);
        for (ratio, drawn) in ratios.iter().zip(&drawn) {
            assert_eq!(*ratio, (*drawn > 0.0).then_some(0.2));
        }
        // The chance of not being drawn is (3/4)^4 = 0.316.
        let never = ratios.iter().filter(|ratio| ratio.is_none()).count();
        assert!((560..710).contains(&never), "{never}");
        assert_eq!(resampling.ratios(&[]), vec![None; REPLICATES]);
    }

    #[test]
    fn posts_that_are_not_drawn_from_have_no_replicates() {
        let resampling = Resampling::among(&[true, false]);
        for post in [1, 2] {
            let cells = [cell(0, 5, 1.0), cell(post, 5, 1.0)];
            assert_eq!(resampling.ratios(&cells), vec![None; REPLICATES]);
            let sums = resampling.sums(&[(0, 1.0), (post, 1.0)]);
            assert!(sums.iter().all(|sum| sum.is_nan()));
        }
        assert_eq!(
            Resampling::new(0).ratios(&[cell(0, 1, 1.0)]),
            vec![None; REPLICATES]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// Draws are the same each time; a ratio never leaves the range of its posts; one that is the same under every post
        /// is the same in every replicate.
        #[test]
        fn ratios_lie_between_the_lowest_and_the_highest_post(
            comments in prop::collection::vec((1_u64..60, 0_u64..60), 1..40)
        ) {
            let cells: Vec<Cell> = comments
                .iter()
                .enumerate()
                .map(|(post, (of, sum))| cell(post, *of, (*sum).min(*of) as f64))
                .collect();
            let resampling = Resampling::new(cells.len());
            let ratios = resampling.ratios(&cells);
            prop_assert_eq!(&ratios, &Resampling::new(cells.len()).ratios(&cells));
            let shares = cells.iter().map(|cell| cell.sum / cell.of as f64);
            let low = shares.clone().fold(f64::INFINITY, f64::min);
            let high = shares.fold(0.0, f64::max);
            for ratio in ratios {
                let ratio = ratio.expect("all posts lie in the period");
                prop_assert!(low - 1e-12 <= ratio && ratio <= high + 1e-12);
            }
            let halves: Vec<Cell> = cells.iter().map(|c| cell(c.post, c.of, c.of as f64 / 2.0)).collect();
            prop_assert_eq!(ratio(&halves), Some(0.5));
            prop_assert!(resampling.ratios(&halves).iter().all(|ratio| *ratio == Some(0.5)));
        }
    }
}
