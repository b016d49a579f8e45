//! How often intervals hold the truth: a simulation of comments that cluster in posts.
//!
//! `cargo run --release --example coverage [CORPORA] [ROWS]` makes up 1,000 corpora, or as many as are asked for, of
//! two periods each and prints a table in Markdown. Sizes of posts are log-normal: about 25 comments on average, the
//! largest several hundred. How many of a post's comments have a theme is beta-binomial, with the intra-cluster
//! correlation of the table; the prevalence of the table is the one that posts are drawn from, in the later period half
//! as much again. A corpus has a theme for each prevalence and correlation; the median of their design effects is the
//! usual one. The same number of corpora and of rows gives the same table.
//!
//! The columns say how many intervals of 100 hold the truth; 95 are meant to. First without errors of the classifier:
//! the naive interval of the earlier period's share, the clustered one, and that of the difference between the periods.
//! Then with a classifier that finds four of five comments with the theme and takes three of a hundred others for such:
//! the clustered interval as one of the share that the classifier calls so, and as one of the true prevalence, which
//! only a correction can hold.
//!
//! The next columns are of the same classifier, corrected by labelled rows: the interval of the earlier period's
//! corrected share as one of the true prevalence, and that of the difference between the corrected shares as one of the
//! true difference. The rows are a simple random sample of 400 comments of both periods, or of as many as are asked
//! for, at most all. The same comments are labelled for all themes. Labels are right, and the classifier errs as often
//! in both periods and under all posts.
//!
//! A sample with too few rows of a kind, or that does not show the classifier to be better than chance, gives no
//! corrected figure. Nor does a corpus with too little for a figure at all. The last column says of how many corpora in
//! a hundred this is so. No column counts a corpus that lacks its figure: a refusal holds nothing. A dash says that no
//! corpus has the figure.

use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use undertone::comparison::{
    Cell, Corrected, Estimate, Figure, JudgedRow, RawShare, Resampling, change, correct,
    design_effect, usual_design_effect,
};
use undertone::statistics::Interval;

const POSTS: [usize; 3] = [30, 60, 200];
const CORRELATIONS: [f64; 3] = [0.05, 0.1, 0.2];
const PREVALENCES: [f64; 3] = [0.03, 0.1, 0.3];

/// Of the logarithms of posts' sizes.
const SPREAD: f64 = 1.2;

/// Comments under a post, on average.
const MEAN: f64 = 25.0;

/// How much more prevalent all is in the later period.
const GROWTH: f64 = 1.5;

/// How a classifier errs.
#[derive(Clone, Copy)]
struct Classifier {
    sensitivity: f64,
    specificity: f64,
}

impl Classifier {
    /// The share of comments that it calls so, of which `prevalence` are so.
    fn called(self, prevalence: f64) -> f64 {
        prevalence * self.sensitivity + (1.0 - prevalence) * (1.0 - self.specificity)
    }

    /// A comment under a post of which `prevalence` are so. One `chance` between 0 and 1 decides on both: in this order
    /// lie those found, those called so that are not, those missed, and the others.
    fn judge(self, prevalence: f64, chance: f64) -> Comment {
        let called = self.called(prevalence);
        let found = prevalence * self.sensitivity;
        let missed = prevalence - found;
        Comment {
            is_called: chance < called,
            is_so: chance < found || (called..called + missed).contains(&chance),
        }
    }
}

const PERFECT: Classifier = Classifier {
    sensitivity: 1.0,
    specificity: 1.0,
};
const ERRING: Classifier = Classifier {
    sensitivity: 0.8,
    specificity: 0.97,
};

/// What is known of a comment and a theme.
#[derive(Clone, Copy)]
struct Comment {
    /// Whether the classifier says that it has the theme.
    is_called: bool,
    /// Whether it has.
    is_so: bool,
}

/// A theme of a corpus: its prevalence and correlation.
type Theme = (f64, f64);

const UNCORRECTED: [&str; 5] = [
    "naive",
    "clustered",
    "difference",
    "clustered, of what is called so",
    "clustered, of the truth",
];
const CORRECTED: [&str; 2] = ["corrected, of the truth", "corrected difference"];

/// Which intervals of one theme in one corpus held the truth, in the order of the table's columns; None where there is
/// no figure.
struct Held {
    uncorrected: Option<[bool; UNCORRECTED.len()]>,
    corrected: Option<[bool; CORRECTED.len()]>,
}

fn main() {
    let corpora: u64 = argument(1, 1000);
    let rows: usize = argument(2, 400);
    let themes: Vec<Theme> = CORRELATIONS
        .iter()
        .flat_map(|correlation| PREVALENCES.map(|prevalence| (prevalence, *correlation)))
        .collect();
    let columns: Vec<&str> = UNCORRECTED.iter().chain(&CORRECTED).copied().collect();
    println!(
        "| posts | correlation | prevalence | {} | % without a corrected figure |",
        columns.join(" | ")
    );
    println!("|{}", "--:|".repeat(3 + columns.len() + 1));
    for posts in POSTS {
        let resampling = Resampling::new(2 * posts);
        let held: Vec<Vec<Held>> = (0..corpora)
            .into_par_iter()
            .map(|seed| corpus(seed, posts, rows, &themes, &resampling))
            .collect();
        for (place, (prevalence, correlation)) in themes.iter().enumerate() {
            let uncorrected = shares(held.iter().map(|held| held[place].uncorrected));
            let corrected = shares(held.iter().map(|held| held[place].corrected));
            let refused = held.iter().filter(|held| held[place].corrected.is_none());
            let refused = percent(refused.count(), held.len());
            println!(
                "| {posts} | {correlation} | {prevalence} |{uncorrected}{corrected} {refused} |"
            );
        }
    }
}

/// An argument of the command line, or what is usual.
fn argument<T: FromStr>(place: usize, usual: T) -> T {
    std::env::args()
        .nth(place)
        .and_then(|given| given.parse().ok())
        .unwrap_or(usual)
}

/// The cells of the table that say how many of 100 held the truth, over the corpora that have a figure.
fn shares<const COLUMNS: usize>(held: impl Iterator<Item = Option<[bool; COLUMNS]>>) -> String {
    let known: Vec<[bool; COLUMNS]> = held.flatten().collect();
    (0..COLUMNS)
        .map(|column| {
            let times = known.iter().filter(|held| held[column]).count();
            format!(" {} |", percent(times, known.len()))
        })
        .collect()
}

fn percent(times: usize, of: usize) -> String {
    if of == 0 {
        return "–".to_owned();
    }
    format!("{:.1}", 100.0 * times as f64 / of as f64)
}

/// What the intervals of each theme held in one corpus, of which so many rows are labelled.
fn corpus(
    seed: u64,
    posts: usize,
    rows: usize,
    themes: &[Theme],
    resampling: &Resampling,
) -> Vec<Held> {
    let mut chance = Chance(ChaCha8Rng::seed_from_u64(seed));
    let sizes = chance.sizes(2 * posts);
    let (first, second) = sizes.split_at(posts);
    let earlier = Posts {
        first: 0,
        sizes: first,
        growth: 1.0,
    };
    let later = Posts {
        first: posts,
        sizes: second,
        growth: GROWTH,
    };
    let before = earlier.sides(&mut chance, themes, resampling, PERFECT);
    let after = later.sides(&mut chance, themes, resampling, PERFECT);
    let called_before = earlier.sides(&mut chance, themes, resampling, ERRING);
    let called_after = later.sides(&mut chance, themes, resampling, ERRING);
    let comments: u64 = sizes.iter().sum();
    // Drawn last, so that the other columns are the same for any number of rows.
    let sample = chance.places(comments as usize, rows);
    let perfect = before.iter().zip(&after);
    let erring = called_before.iter().zip(&called_after);
    themes
        .iter()
        .zip(perfect.zip(erring))
        .map(|((prevalence, _), (perfect, erring))| Held {
            uncorrected: uncorrected(*prevalence, perfect, erring.0),
            corrected: corrected(*prevalence, erring, &sample),
        })
        .collect()
}

/// The posts of a period.
struct Posts<'a> {
    /// The place of the first.
    first: usize,
    /// How many comments each has.
    sizes: &'a [u64],
    /// How much more prevalent all is than a theme says.
    growth: f64,
}

impl Posts<'_> {
    /// What is known of each theme by a classifier.
    fn sides(
        &self,
        chance: &mut Chance,
        themes: &[Theme],
        resampling: &Resampling,
        classifier: Classifier,
    ) -> Vec<Side> {
        let drawn: Vec<_> = themes
            .iter()
            .map(|(prevalence, correlation)| {
                let theme = (prevalence * self.growth, *correlation);
                let comments = chance.comments(self.sizes, theme, classifier);
                let cells = self.cells(&comments);
                let ratios = resampling.ratios(&cells);
                (comments, cells, ratios)
            })
            .collect();
        let effects = drawn
            .iter()
            .filter_map(|(_, cells, ratios)| design_effect(cells, ratios));
        let usual = usual_design_effect(effects);
        drawn
            .into_iter()
            .map(|(comments, cells, ratios)| Side {
                comments,
                estimate: Estimate::share(&cells, &ratios, usual).ok(),
                ratios,
            })
            .collect()
    }

    /// How many of each post's comments are called so.
    fn cells(&self, comments: &[Comment]) -> Vec<Cell> {
        let mut comments = comments.iter();
        self.sizes
            .iter()
            .enumerate()
            .map(|(place, of)| {
                let own = comments.by_ref().take(*of as usize);
                Cell {
                    post: self.first + place,
                    of: *of,
                    sum: own.filter(|comment| comment.is_called).count() as f64,
                }
            })
            .collect()
    }
}

/// A theme in a period, as a classifier sees it.
struct Side {
    /// Post by post.
    comments: Vec<Comment>,
    /// None where there is too little for a figure.
    estimate: Option<Estimate>,
    ratios: Vec<Option<f64>>,
}

impl Side {
    /// What a change is computed from.
    fn figure(&self) -> Option<Figure<'_>> {
        let estimate = self.estimate?;
        Some(Figure {
            value: estimate.value,
            interval: estimate.interval,
            replicates: &self.ratios,
            freedom: estimate.freedom,
        })
    }
}

/// What the intervals hold that are not corrected; None where there is too little for one of them.
fn uncorrected(
    prevalence: f64,
    (before, after): (&Side, &Side),
    called: &Side,
) -> Option<[bool; UNCORRECTED.len()]> {
    let earlier = before.estimate?;
    let difference = change(&after.figure()?, &before.figure()?)?;
    let called = called.estimate?;
    Some([
        holds(earlier.naive, prevalence),
        holds(earlier.interval, prevalence),
        holds(difference.interval, prevalence * (GROWTH - 1.0)),
        holds(called.interval, ERRING.called(prevalence)),
        holds(called.interval, prevalence),
    ])
}

/// What the corrected intervals hold; None where there is too little for a figure, or the sample cannot correct it.
fn corrected(
    prevalence: f64,
    (before, after): (&Side, &Side),
    sample: &[usize],
) -> Option<[bool; CORRECTED.len()]> {
    let (earlier, later) = (before.figure()?, after.figure()?);
    let rows = labelled(sample, &before.comments, &after.comments);
    let correction = correct(&rows, &[Some(raw(earlier)), Some(raw(later))]).ok()?;
    let [Some(first), Some(second)] = correction.periods.as_slice() else {
        return None;
    };
    let (drawn_first, drawn_second) = (replicates(first), replicates(second));
    let difference = change(
        &corrected_figure(second, &drawn_second, later.freedom),
        &corrected_figure(first, &drawn_first, earlier.freedom),
    )?;
    Some([
        holds(first.interval, prevalence),
        holds(difference.interval, prevalence * (GROWTH - 1.0)),
    ])
}

/// The rows of a sample, whose places are those of the earlier comments and, from there on, of the later ones.
fn labelled(sample: &[usize], earlier: &[Comment], later: &[Comment]) -> Vec<JudgedRow> {
    let row = |place: usize| {
        let (period, comment) = match place.checked_sub(earlier.len()) {
            None => (0, earlier.get(place)?),
            Some(place) => (1, later.get(place)?),
        };
        Some(JudgedRow {
            period: Some(period),
            weight: 1.0,
            predicted: comment.is_called,
            labelled: comment.is_so,
        })
    };
    sample.iter().filter_map(|place| row(*place)).collect()
}

/// What a correction starts from.
fn raw(figure: Figure<'_>) -> RawShare<'_> {
    RawShare {
        share: figure.value,
        interval: figure.interval,
        replicates: figure.replicates,
    }
}

fn replicates(corrected: &Corrected) -> Vec<Option<f64>> {
    corrected.replicates.iter().copied().map(Some).collect()
}

/// What a change of corrected shares is computed from, with the degrees of freedom of the raw one.
fn corrected_figure<'a>(
    corrected: &Corrected,
    replicates: &'a [Option<f64>],
    freedom: f64,
) -> Figure<'a> {
    Figure {
        value: corrected.share,
        interval: corrected.interval,
        replicates,
        freedom,
    }
}

fn holds(interval: Interval, truth: f64) -> bool {
    interval.low <= truth && truth <= interval.high
}

/// Random numbers of the distributions needed.
struct Chance(ChaCha8Rng);

impl Chance {
    /// Above 0, below 1.
    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Box and Muller (1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// The logarithm of a gamma variable of scale 1 (Marsaglia and Tsang 2000): those of small shapes are too small to
    /// be told from 0 otherwise.
    fn log_gamma(&mut self, shape: f64) -> f64 {
        // Of a shape below 1: that of a shape greater by 1, times a power of a uniform variable.
        let power = if shape < 1.0 {
            self.uniform().ln() / shape
        } else {
            0.0
        };
        let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        loop {
            let x = self.normal();
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && self.uniform().ln() < x * x / 2.0 + d - d * v + d * v.ln() {
                return (d * v).ln() + power;
            }
        }
    }

    /// A beta variable of a mean and an intra-cluster correlation.
    fn beta(&mut self, mean: f64, correlation: f64) -> f64 {
        let total = (1.0 - correlation) / correlation;
        let yes = self.log_gamma(mean * total);
        let no = self.log_gamma((1.0 - mean) * total);
        1.0 / (1.0 + (no - yes).exp())
    }

    /// Sizes of posts.
    fn sizes(&mut self, posts: usize) -> Vec<u64> {
        (0..posts)
            .map(|_| {
                let log = MEAN.ln() - SPREAD * SPREAD / 2.0 + SPREAD * self.normal();
                log.exp().round().max(1.0) as u64
            })
            .collect()
    }

    /// The comments of a period, post by post.
    fn comments(
        &mut self,
        sizes: &[u64],
        (prevalence, correlation): Theme,
        classifier: Classifier,
    ) -> Vec<Comment> {
        let mut comments = Vec::new();
        for of in sizes {
            let so = self.beta(prevalence, correlation);
            comments.extend((0..*of).map(|_| classifier.judge(so, self.uniform())));
        }
        comments
    }

    /// So many places of `of`, without replacement, or all where there are fewer: the shuffle of Fisher and Yates
    /// (1938), left off as soon as there are enough.
    fn places(&mut self, of: usize, wanted: usize) -> Vec<usize> {
        let mut places: Vec<usize> = (0..of).collect();
        let wanted = wanted.min(of);
        for drawn in 0..wanted {
            // The upper half of the product is below the number of places left.
            let left = (of - drawn) as u128;
            let further = (u128::from(self.0.next_u64()) * left) >> 64;
            places.swap(drawn, drawn + further as usize);
        }
        places.truncate(wanted);
        places
    }
}
