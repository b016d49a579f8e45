//! Records of the periods: their days, and what there is of each.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::number::Figure;
use super::contents::WordsRecord;
use crate::comparison::{
    Apart, Days, Distinctive, Observations, ObservedPost, Period, PeriodCoverage,
};

/// The periods of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RangeRecord {
    /// The id of the first period.
    pub first: String,
    /// The id of the last period.
    pub last: String,
    /// The first day of the first period.
    #[schemars(with = "String")]
    pub from: Date,
    /// The last day of the last period.
    #[schemars(with = "String")]
    pub to: Date,
}

impl RangeRecord {
    /// From the first period to the last; None without periods.
    pub(super) fn new(periods: &[Period]) -> Option<Self> {
        let (first, last) = (periods.first()?, periods.last()?);
        Some(Self {
            first: first.id.clone(),
            last: last.id.clone(),
            from: first.days.first,
            to: last.days.last,
        })
    }
}

/// A stretch of days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DaysRecord {
    /// The first day.
    #[schemars(with = "String")]
    pub from: Date,
    /// The last day.
    #[schemars(with = "String")]
    pub to: Date,
}

impl DaysRecord {
    /// The record of days.
    pub(super) fn new(days: Days) -> Self {
        Self {
            from: days.first,
            to: days.last,
        }
    }
}

/// How far an unfinished period has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnfinishedRecord {
    /// The day its data are complete to.
    #[schemars(with = "String")]
    pub until: Date,
    /// The days of the period before that it is compared with; null where there are none.
    pub same_part: Option<DaysRecord>,
}

/// What stands apart from the periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApartRecord {
    /// How many posts.
    pub posts: u64,
    /// How many comments.
    pub comments: u64,
}

impl ApartRecord {
    /// The record of what stands apart.
    pub(super) fn new(apart: Apart) -> Self {
        Self {
            posts: apart.posts,
            comments: apart.comments,
        }
    }
}

/// Who wrote most comments of a period.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BusiestAuthor {
    /// The name, as published; of several ways to write it, the most common.
    pub author: String,
    /// How many of the comments.
    pub comments: u64,
    /// Their share of all comments of the period.
    pub share: Figure,
}

/// The post under which most comments of a period stand.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BusiestPost {
    /// The post's id.
    pub post: String,
    /// Its title, or null.
    pub title: Option<String>,
    /// Its address, or null.
    pub url: Option<String>,
    /// How many of the comments.
    pub comments: u64,
    /// Their share of all comments of the period.
    pub share: Figure,
}

/// A period, and what there is of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PeriodRecord {
    /// `2014`, `2014-Q3`, `2014-07` or the name of the era.
    pub id: String,
    /// Its first day.
    #[schemars(with = "String")]
    pub from: Date,
    /// Its last day, which belongs to it.
    #[schemars(with = "String")]
    pub to: Date,
    /// Where the data end before the period does; null where they do not.
    pub unfinished: Option<UnfinishedRecord>,
    /// Where the data begin after its first day: the first day of the data; null where they do not.
    #[schemars(with = "Option<String>")]
    pub begins_late: Option<Date>,
    /// Comments that count in it, under posts of whatever day: what its shares are of.
    pub comments: u64,
    /// Posts, of whatever day, under which these comments stand: what its intervals go by.
    pub threads: u64,
    /// Posts published in it.
    pub posts: u64,
    /// Those of them that have comments, of whatever day.
    pub posts_with_comments: u64,
    /// Comments under the posts published in it, of whatever day.
    pub comments_in_threads: u64,
    /// Names its comments are signed with, in whatever case. Two people may use one name, and one person two.
    pub authors: u64,
    /// Its comments whose author cannot be told.
    pub anonymous: u64,
    /// The name most of its comments are signed with; null where all are anonymous.
    pub busiest_author: Option<BusiestAuthor>,
    /// The post under which most of its comments stand; null where it has none.
    pub busiest_post: Option<BusiestPost>,
    /// The share of its comments that stand under the ten busiest posts; null where it has none.
    pub top_ten_posts: Option<Figure>,
    /// The words that set it apart from the other periods.
    pub words: WordsRecord,
}

impl PeriodRecord {
    /// The record of a period.
    pub(super) fn new(
        period: &Period,
        coverage: &PeriodCoverage,
        words: &Distinctive,
        observations: &Observations<'_>,
    ) -> Self {
        let busiest_post = coverage.busiest_post.as_ref();
        Self {
            id: period.id.clone(),
            from: period.days.first,
            to: period.days.last,
            unfinished: period.unfinished.map(|unfinished| UnfinishedRecord {
                until: unfinished.until,
                same_part: unfinished.same_part.map(DaysRecord::new),
            }),
            begins_late: period.begins_late,
            comments: coverage.comments,
            threads: coverage.threads,
            posts: coverage.posts,
            posts_with_comments: coverage.posts_with_comments,
            comments_in_threads: coverage.comments_in_threads,
            authors: coverage.authors,
            anonymous: coverage.anonymous,
            busiest_author: coverage
                .busiest_author
                .as_ref()
                .map(|busiest| BusiestAuthor {
                    author: busiest.which.clone(),
                    comments: busiest.comments,
                    share: Figure::new(busiest.share),
                }),
            busiest_post: busiest_post.and_then(|busiest| {
                let ObservedPost { id, title, url, .. } =
                    observations.posts.get(busiest.which)?.clone();
                Some(BusiestPost {
                    post: id,
                    title,
                    url,
                    comments: busiest.comments,
                    share: Figure::new(busiest.share),
                })
            }),
            top_ten_posts: coverage.top_posts.map(Figure::new),
            words: WordsRecord::new(words),
        }
    }
}
