//! Which themes travel together, and how that shifted.
//!
//! Two themes travel together where comments have both more often than they would if having one said nothing about having
//! the other. The measure is the lift: 1 is chance, 2 is twice as often as chance.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::observation::Observations;
use super::period::{Periods, Place};
use super::resampling::Resampling;
use crate::statistics::{Interval, t_quantile};

/// Of fewer comments with both themes there is no figure. The limits here are our choice.
pub const FEWEST_TOGETHER: u64 = 20;

/// Of fewer posts with such comments under them there is no figure.
pub const FEWEST_POSTS_TOGETHER: usize = 8;

/// Below this effective number of posts, one of them holds most of the comments with both themes.
const FEWEST_EFFECTIVE: f64 = 2.0;

/// A pair of themes by their places in the taxonomy, the smaller one first.
pub type Pair = (usize, usize);

/// Values by the place of their post, ascending.
type ByPost = Vec<(usize, f64)>;

/// How often themes were found in the comments of one period, alone and in pairs; only what occurs is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Occurrences {
    comments: ByPost,
    themes: BTreeMap<usize, ByPost>,
    pairs: BTreeMap<Pair, ByPost>,
}

/// How much more often than by chance comments of a period have both of two themes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lift {
    /// Comments of the period.
    pub comments: u64,
    /// Those with the first theme of the pair.
    pub first: u64,
    /// Those with the second theme.
    pub second: u64,
    /// Those with both.
    pub both: u64,
    /// Posts that comments with both stand under.
    pub posts: usize,
    /// The lift, above 0: `both · comments / (first · second)`; 1 where having one says nothing about having the other.
    pub value: f64,
    /// Its 95% interval, above 0.
    pub interval: Interval,
    /// The standard error of its natural logarithm.
    pub log_error: f64,
    /// Degrees of freedom of the interval, at least 1: the effective number of posts less 1.
    pub freedom: f64,
}

/// How the lift of a pair differs between two periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Lift of the later period over that of the earlier one, above 0; 1 where nothing shifted.
    pub ratio: f64,
    /// Its 95% interval, above 0.
    pub interval: Interval,
    /// Probability of a ratio at least as far from 1 if nothing had shifted, two-sided. Below 0.05 exactly where the
    /// interval leaves 1 out.
    pub p_value: f64,
    /// Degrees of freedom: the smaller of the two periods'.
    pub freedom: f64,
}

/// Why a pair has no lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooFewTogether {
    /// Fewer than [`FEWEST_TOGETHER`] comments have both.
    Comments {
        /// How many have.
        both: u64,
    },
    /// They stand under fewer than [`FEWEST_POSTS_TOGETHER`] posts.
    Posts {
        /// How many comments have both.
        both: u64,
        /// Under how many posts.
        posts: usize,
    },
    /// One post holds most of them (more than about seven in ten).
    OnePost {
        /// How many comments have both.
        both: u64,
    },
    /// The lift is the same whichever posts are drawn, as where every comment has one of the two themes: nothing can be
    /// said about how far it is off.
    NoSpread,
}

/// Counts the themes of each period, in the order of [`Periods::all`]. Comments may come in any order.
pub fn occurrences(observations: &Observations, periods: &Periods) -> Vec<Occurrences> {
    let mut all = vec![Occurrences::default(); periods.all().len()];
    for comment in &observations.comments {
        let Place::In(place) = periods.place(comment.day) else {
            continue;
        };
        let Some(found) = all.get_mut(place) else {
            continue;
        };
        add(&mut found.comments, comment.post);
        for (number, (theme, _)) in comment.themes.iter().enumerate() {
            add(found.themes.entry(*theme).or_default(), comment.post);
            for (earlier, _) in comment.themes.iter().take(number) {
                let pair = (*earlier.min(theme), *earlier.max(theme));
                add(found.pairs.entry(pair).or_default(), comment.post);
            }
        }
    }
    for found in &mut all {
        let themes = found.themes.values_mut();
        let lists = themes.chain(found.pairs.values_mut());
        lists.chain([&mut found.comments]).for_each(merge);
    }
    all
}

/// The lift of every pair of themes that occurs in a period, in the order of the pairs; of a pair that is not there, no
/// comment has both themes.
///
/// The lift is P(A and B) / (P(A) · P(B)), shares of all comments of the period (Brin, Motwani, Ullman and Tsur 1997,
/// section 2.1, who call it interest). Its interval is `exp(ln lift ± t · error)`: the error is the standard deviation of
/// the logarithm over the replicates of the bootstrap over posts, times `sqrt(G / (G - 1))` for G posts with comments in
/// the period (Rao and Wu 1988). On the scale of logarithms a lift of 2 is as far from chance as one of 1/2, and the
/// interval never reaches 0 (Efron and Tibshirani 1993, section 13.6, for the change of scale).
///
/// t has the effective number of posts less 1 degrees of freedom, `(Σ c)² / Σ c² - 1` over the comments c that each post
/// has with both themes: Kish's (1965, section 11.7) formula, used as Carter, Schnepel and Steigerwald (2017) use an
/// effective number of clusters. The error of the lift is that of the rare event, both together; where few posts hold most
/// of that, G - 1 makes intervals too narrow.
///
/// That holds for pairs that could be expected to reach [`FEWEST_TOGETHER`]. One that reaches it only by luck is shown
/// because it came out high, and its lift is then overstated: counts near the limit are to be read with that in mind.
///
/// The lift is that of the themes as they were found. A classifier that mistakes one theme for another moves it.
pub fn lifts(
    occurrences: &Occurrences,
    resampling: &Resampling,
) -> BTreeMap<Pair, Result<Lift, TooFewTogether>> {
    let sampled = Sampled::new(occurrences, resampling);
    let pairs: Vec<Pair> = occurrences.pairs.keys().copied().collect();
    let found: Vec<_> = pairs
        .into_par_iter()
        .filter_map(|pair| {
            let lift = sampled.pair(pair)?.and_then(|found| found.lift());
            Some((pair, lift))
        })
        .collect();
    found.into_iter().collect()
}

/// How lifts differ between two periods: of every pair that has a lift in both, in the order of the pairs.
///
/// Ratios are compared by the difference of their logarithms, as Altman and Bland (2003) have it: the ratio of the lifts
/// has the interval `exp(ln ratio ± t · error)`. The error is the standard deviation of the logarithm over the replicates,
/// taken replicate by replicate, so that threads that run through both periods are accounted for, times `sqrt(G / (G - 1))`
/// for the G of the period with fewer posts. t has the smaller one of the two periods' degrees of freedom, which errs on
/// the side of caution (Cameron and Miller 2015, section VI.D, on few clusters; Welch 1947 would lie between that and
/// their sum). The p value is that of `ln ratio / error` by the same t. Many pairs are tested at once: adjust it before it
/// is relied on.
pub fn shifts(
    earlier: &Occurrences,
    later: &Occurrences,
    resampling: &Resampling,
) -> BTreeMap<Pair, Shift> {
    let before = Sampled::new(earlier, resampling);
    let after = Sampled::new(later, resampling);
    let pairs: Vec<Pair> = earlier
        .pairs
        .keys()
        .copied()
        .filter(|pair| later.pairs.contains_key(pair))
        .collect();
    let found: Vec<_> = pairs
        .into_par_iter()
        .filter_map(|pair| {
            let before = before.pair(pair)?.ok()?;
            let after = after.pair(pair)?.ok()?;
            Some((pair, shift(&before, &after)?))
        })
        .collect();
    found.into_iter().collect()
}

/// One comment more under a post.
fn add(list: &mut ByPost, post: usize) {
    match list.last_mut() {
        Some((last, count)) if *last == post => *count += 1.0,
        _ => list.push((post, 1.0)),
    }
}

/// By post, each of them once.
fn merge(list: &mut ByPost) {
    // Counts are whole numbers: their sum does not depend on the order.
    list.sort_unstable_by_key(|(post, _)| *post);
    list.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}

fn total(list: &[(usize, f64)]) -> f64 {
    list.iter().map(|(_, count)| count).sum()
}

/// The effective number of posts (Kish 1965, section 11.7): as many equal ones would hold the comments as unevenly.
fn effective(list: &[(usize, f64)]) -> f64 {
    let squares: f64 = list.iter().map(|(_, count)| count * count).sum();
    total(list).powi(2) / squares
}

/// A period's occurrences with what they add up to in each replicate.
struct Sampled<'a> {
    occurrences: &'a Occurrences,
    resampling: &'a Resampling,
    comments: Vec<f64>,
    themes: BTreeMap<usize, Vec<f64>>,
}

impl<'a> Sampled<'a> {
    fn new(occurrences: &'a Occurrences, resampling: &'a Resampling) -> Self {
        let themes: Vec<_> = occurrences
            .themes
            .par_iter()
            .map(|(theme, list)| (*theme, resampling.sums(list)))
            .collect();
        Self {
            occurrences,
            resampling,
            comments: resampling.sums(&occurrences.comments),
            themes: themes.into_iter().collect(),
        }
    }

    /// What is known of a pair, or why it is too little; None where no comment has both themes.
    fn pair(&self, pair: Pair) -> Option<Result<PairSampled, TooFewTogether>> {
        let list = self.occurrences.pairs.get(&pair)?;
        let [first, second] = [pair.0, pair.1].map(|theme| self.occurrences.themes.get(&theme));
        let [firsts, seconds] = [pair.0, pair.1].map(|theme| self.themes.get(&theme));
        let (firsts, seconds) = (firsts?, seconds?);
        let together = total(list);
        let both = together as u64;
        let effective = effective(list);
        if both < FEWEST_TOGETHER {
            return Some(Err(TooFewTogether::Comments { both }));
        }
        if list.len() < FEWEST_POSTS_TOGETHER {
            let posts = list.len();
            return Some(Err(TooFewTogether::Posts { both, posts }));
        }
        if effective < FEWEST_EFFECTIVE {
            return Some(Err(TooFewTogether::OnePost { both }));
        }
        let (first, second) = (total(first?), total(second?));
        let comments = total(&self.occurrences.comments);
        let logs = self.resampling.sums(list);
        let logs = logs.into_iter().zip(&self.comments);
        let logs = logs.zip(firsts.iter().zip(seconds));
        let log = |both: f64, comments: f64, first: f64, second: f64| {
            (both * comments / (first * second)).ln()
        };
        Some(Ok(PairSampled {
            log: log(together, comments, first, second),
            logs: logs
                .map(|((both, comments), (first, second))| log(both, *comments, *first, *second))
                .collect(),
            counts: [comments as u64, first as u64, second as u64, both],
            posts_together: list.len(),
            posts: self.occurrences.comments.len(),
            freedom: effective - 1.0,
        }))
    }
}

/// A pair in one period.
struct PairSampled {
    log: f64,
    /// One a replicate; not finite where no post with both was drawn.
    logs: Vec<f64>,
    /// Comments, those with the first theme, with the second, with both.
    counts: [u64; 4],
    posts_together: usize,
    posts: usize,
    freedom: f64,
}

impl PairSampled {
    fn lift(&self) -> Result<Lift, TooFewTogether> {
        let [comments, first, second, both] = self.counts;
        let log_error = error(self.logs.iter().copied(), self.posts);
        let log_error = log_error.ok_or(TooFewTogether::NoSpread)?;
        let t = t_quantile(self.freedom).ok_or(TooFewTogether::NoSpread)?;
        Ok(Lift {
            comments,
            first,
            second,
            both,
            posts: self.posts_together,
            value: self.log.exp(),
            interval: around(self.log, t * log_error),
            log_error,
            freedom: self.freedom,
        })
    }
}

fn shift(before: &PairSampled, after: &PairSampled) -> Option<Shift> {
    // Both lifts must be fit to be shown.
    before.lift().ok()?;
    after.lift().ok()?;
    let difference = after.log - before.log;
    let differences = after.logs.iter().zip(&before.logs);
    let error = error(
        differences.map(|(after, before)| after - before),
        before.posts.min(after.posts),
    )?;
    let freedom = before.freedom.min(after.freedom);
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?;
    Some(Shift {
        ratio: difference.exp(),
        interval: around(difference, t_quantile(freedom)? * error),
        p_value: (2.0 * t.sf((difference / error).abs())).min(1.0),
        freedom,
    })
}

/// The interval of a value whose logarithm is known to `half`.
fn around(log: f64, half: f64) -> Interval {
    Interval {
        low: (log - half).exp(),
        high: (log + half).exp(),
    }
}

/// The standard error that replicates show; None where they do not vary, or where one of twenty or more is undefined.
fn error(replicates: impl Iterator<Item = f64> + Clone, posts: usize) -> Option<f64> {
    let all = replicates.clone().count();
    let defined = replicates.filter(|value| value.is_finite());
    let count = defined.clone().count();
    if posts < 2 || count * 20 <= all * 19 {
        return None;
    }
    let mean = defined.clone().sum::<f64>() / count as f64;
    let squares: f64 = defined.map(|value| (value - mean).powi(2)).sum();
    let posts = posts as f64;
    let error = (squares / (count as f64 - 1.0) * posts / (posts - 1.0)).sqrt();
    // Below that it is what rounding leaves of nothing.
    (error > 1e-12).then_some(error)
}
