//! What the report reads of `comparison.json`, `summary.json` and `run.json`: the published figures, and nothing else.
//!
//! A run and `undertone report` both come by way of these, so that the page of a set does not depend on when it was made.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::html::cut;

/// Why there is no figure.
#[derive(Debug, Clone, Deserialize)]
pub struct Reason {
    pub reason: String,
}

/// A share or a mean of a period, counted; without a value, `too_little` says why.
#[derive(Debug, Clone, Deserialize)]
pub struct Figure {
    #[serde(alias = "mean")]
    pub share: Option<f64>,
    pub interval: Option<[f64; 2]>,
    pub count: Option<u64>,
    pub of: u64,
    pub posts: u64,
    pub too_little: Option<Reason>,
}

/// A share corrected for the model's errors.
#[derive(Debug, Clone, Deserialize)]
pub struct Corrected {
    pub share: f64,
    pub interval: [f64; 2],
}

#[derive(Debug, Clone, Deserialize)]
pub struct CoursePeriod {
    pub raw: Figure,
    pub corrected: Option<Corrected>,
}

/// A difference between two periods.
#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    pub from: String,
    pub to: String,
    pub kind: String,
    pub difference: f64,
    pub interval: [f64; 2],
    pub p_adjusted: f64,
    pub certain: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Trend {
    pub slope: Option<f64>,
    pub interval: Option<[f64; 2]>,
    pub tau: Option<f64>,
    pub periods: Option<u64>,
    #[serde(default)]
    pub certain: bool,
    pub no_trend: Option<Reason>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    pub changes: Vec<Change>,
    pub trend: Trend,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Rate {
    pub rate: f64,
    pub interval: [f64; 2],
}

/// What a sample makes of a share: rates and a line, or why not.
#[derive(Debug, Clone, Deserialize)]
pub struct CorrectedLine {
    pub sensitivity: Option<Rate>,
    pub specificity: Option<Rate>,
    #[serde(default)]
    pub changes: Vec<Change>,
    pub trend: Option<Trend>,
    pub uncorrected: Option<Reason>,
}

/// A share or a mean over the periods.
#[derive(Debug, Clone, Deserialize)]
pub struct Course {
    pub periods: Vec<CoursePeriod>,
    pub raw: Line,
    pub corrected: Option<CorrectedLine>,
}

/// A figure as the report shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The value and its 95% interval, or why there is none.
    pub value: Result<(f64, [f64; 2]), String>,
    /// Of how many comments.
    pub of: u64,
    /// Under how many posts.
    pub posts: u64,
    /// How many comments were counted, for shares.
    pub count: Option<u64>,
}

impl Course {
    /// Whether the figures shown are the corrected ones: where there are any, one page shows no others of this course.
    pub fn is_corrected(&self) -> bool {
        self.corrected
            .as_ref()
            .is_some_and(|line| line.uncorrected.is_none() && line.trend.is_some())
    }

    /// The figures, by period in order.
    pub fn points(&self) -> Vec<Point> {
        let corrected = self.is_corrected();
        let point = |period: &CoursePeriod| {
            let raw = &period.raw;
            let value = match (&raw.too_little, &period.corrected) {
                (Some(why), _) => Err(cut(&why.reason, 300)),
                (None, Some(found)) if corrected => Ok((found.share, found.interval)),
                (None, None) if corrected => {
                    Err("nothing to correct the counted figure by".to_owned())
                }
                (None, _) => raw
                    .share
                    .zip(raw.interval)
                    .ok_or_else(|| "no figure".to_owned()),
            };
            Point {
                value,
                of: raw.of,
                posts: raw.posts,
                count: raw.count,
            }
        };
        self.periods.iter().map(point).collect()
    }

    /// Whether any period has a figure.
    pub fn has_figures(&self) -> bool {
        self.points().iter().any(|point| point.value.is_ok())
    }

    /// The change from the first to the last finished period with a figure; None where there are no two.
    pub fn whole_change(&self, periods: &[Period]) -> Option<&Change> {
        let finished =
            |(period, point): &(&Period, Point)| period.unfinished.is_none() && point.value.is_ok();
        let mut known = periods.iter().zip(self.points()).filter(finished);
        let (first, _) = known.next()?;
        let (last, _) = known.next_back()?;
        let mut changes = self.changes().iter();
        changes.find(|change| {
            change.from == first.id && change.to == last.id && change.kind != "same_part"
        })
    }

    /// The changes of the figures shown.
    pub fn changes(&self) -> &[Change] {
        match &self.corrected {
            Some(line) if self.is_corrected() => &line.changes,
            _ => &self.raw.changes,
        }
    }

    /// The trend of the figures shown.
    pub fn trend(&self) -> &Trend {
        match &self.corrected {
            Some(CorrectedLine {
                trend: Some(trend), ..
            }) if self.is_corrected() => trend,
            _ => &self.raw.trend,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Word {
    pub word: String,
    pub comments: u64,
    pub elsewhere: u64,
    pub posts: u64,
    pub beyond_chance: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Words {
    pub comments: u64,
    pub others: u64,
    pub words: Vec<Word>,
}

/// A comment in its writer's words.
#[derive(Debug, Clone, Deserialize)]
pub struct Quote {
    pub post: String,
    pub title: Option<String>,
    pub url: Option<String>,
    pub author: Option<String>,
    pub quote: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct PeriodQuotes {
    pub period: String,
    pub quotes: Vec<Quote>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Theme {
    pub title: String,
    pub trained: bool,
    pub share: Course,
    pub mean_sentiment: Course,
    pub words: Words,
    pub quotes: Vec<PeriodQuotes>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Sentiment {
    pub shares: BTreeMap<String, Course>,
    pub mean: Option<Course>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Unfinished {
    pub until: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct BusiestPost {
    pub title: Option<String>,
    pub post: String,
    pub share: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Period {
    pub id: String,
    pub from: String,
    pub to: String,
    pub unfinished: Option<Unfinished>,
    pub begins_late: Option<String>,
    pub comments: u64,
    pub threads: u64,
    pub posts: u64,
    pub authors: u64,
    pub anonymous: u64,
    pub busiest_post: Option<BusiestPost>,
    pub words: Words,
}

impl Period {
    /// Why the period is not a whole one, if so.
    pub fn cut_short(&self) -> Option<String> {
        let late = self
            .begins_late
            .as_ref()
            .map(|day| format!("the data begin on {day}"));
        let early = self
            .unfinished
            .as_ref()
            .map(|unfinished| format!("not over: the data end on {}", unfinished.until));
        match (late, early) {
            (Some(late), Some(early)) => Some(format!("{late}; {early}")),
            (late, early) => late.or(early),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Count {
    pub period: String,
    pub comments: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Cluster {
    pub size: u64,
    pub by_period: Vec<Count>,
    pub words: Vec<Word>,
    pub examples: Vec<Quote>,
    pub block: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Discovered {
    pub looked_at: u64,
    pub unclustered: u64,
    pub clusters: Vec<Cluster>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Apart {
    pub posts: u64,
    pub comments: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Days {
    pub from: Date,
    pub to: Date,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Sample {
    pub file: String,
    pub rows: u64,
    pub used: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Scoring {
    pub model: String,
    pub sentiment_model: Option<String>,
    pub precision: serde_json::Value,
}

/// `comparison.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Comparison {
    pub schema_version: u32,
    pub scoring: Scoring,
    pub division: String,
    pub as_of: Option<String>,
    pub sample: Option<Sample>,
    pub tests: u64,
    pub periods: Vec<Period>,
    pub undated: Apart,
    pub outside: Apart,
    pub gaps: Vec<Days>,
    pub themes: BTreeMap<String, Theme>,
    pub sentiment: Sentiment,
    pub discovered: Option<Discovered>,
    pub methods: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Comments {
    pub total: u64,
    pub replies: u64,
    pub quoted_only: u64,
    pub duplicates: u64,
    pub other_languages: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Mean {
    pub mean: Option<f64>,
    pub interval: Option<[f64; 2]>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Post {
    pub id: String,
    pub title: Option<String>,
    pub published: Option<String>,
    pub url: Option<String>,
    pub comments: Comments,
    pub sentiment: Mean,
    pub themes: BTreeMap<String, u64>,
}

/// `summary.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Summary {
    pub posts: u64,
    pub comments: Comments,
    pub by_post: Vec<Post>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Skipped {
    pub source: String,
    pub reason: String,
}

/// Of `run.json`: what was not read.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Run {
    pub skipped: Vec<Skipped>,
    pub warnings: u64,
    pub forgotten: u64,
}
