//! The types every stage shares: a post, its comments, and the text of both.

use jiff::civil::{Date, Time};
use schemars::JsonSchema;
use serde::Serialize;

/// A blog post with its comment thread, as read from one source.
///
/// This is what `undertone ingest` prints, one JSON object a post. Pages in JSON have this form too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Post {
    /// Names the post within a corpus; comment ids start with it.
    pub id: String,
    /// The path the post was read from, as it was given.
    pub source: String,
    /// The title, or null where the page does not state one.
    pub title: Option<String>,
    /// The day of publication as `YYYY-MM-DD`, or null where the page does not state one.
    #[schemars(with = "Option<String>")]
    pub published: Option<Date>,
    /// The address of the page, present only where the page (as JSON) or the corpus table gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The post's own text; paragraphs are joined by a blank line.
    pub body: String,
    /// The comments in the order of the page, each reply after the comment it answers.
    pub comments: Vec<Comment>,
    /// What looked wrong while reading, in sentences for a person.
    pub warnings: Vec<String>,
}

impl Post {
    /// The order in which posts are listed and counted: by date, those without one last, then by id.
    pub fn in_order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |post: &Self| (post.published.is_none(), post.published);
        key(self)
            .cmp(&key(other))
            .then_with(|| self.id.cmp(&other.id))
    }
}

/// One comment, or a reply to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Comment {
    /// `<post id>#<number>`, numbered from 1 in the order of the page.
    pub id: String,
    /// The id of the comment this one answers; null for a top-level comment.
    pub parent: Option<String>,
    /// The author's name, or null where the page does not state one.
    pub author: Option<String>,
    /// The day it was written as `YYYY-MM-DD`, or null where the page does not state one.
    #[schemars(with = "Option<String>")]
    pub published: Option<Date>,
    /// The time of day it was written, `HH:MM:SS` in the page's time zone, present only where the source states it.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// The id the source gives it, present only where it gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// The comment's text; paragraphs are joined by a blank line.
    pub text: String,
}
