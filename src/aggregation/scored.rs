//! Posts and comments with their scores.

use jiff::civil::Date;

use super::quote::quote;
use crate::cleaning::redaction::Redactor;
use crate::cleaning::{CleanComment, Cleaned};
use crate::inference::Scores;
use crate::post::{Comment, Post};

/// A comment must have this many words of its writer's own to be quoted as telling.
const TELLING_WORDS: usize = 8;

/// A comment with what the model says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredComment {
    /// The comment as read.
    pub comment: Comment,
    /// What cleaning found in it.
    pub cleaning: CleanComment,
    /// Its scores.
    pub scores: Scores,
    /// How the comment is quoted, if it has at least eight words of its writer's own: the beginning of these as the model
    /// reads them, personal data redacted where the user wants that.
    pub quote: Option<String>,
}

impl ScoredComment {
    /// Puts a comment together with what is known of it; quotations of it are redacted by `redactor`, if any.
    pub fn new(
        comment: Comment,
        cleaning: CleanComment,
        scores: Scores,
        redactor: Option<&Redactor>,
    ) -> Self {
        let quote = (cleaning.cleaned.own_words >= TELLING_WORDS)
            .then(|| quote(&cleaning.cleaned.passage, redactor));
        Self {
            comment,
            cleaning,
            scores,
            quote,
        }
    }

    /// The attitude on one scale: probability of positive less probability of negative, in millionths, from
    /// -1,000,000 to 1,000,000. Millionths, so that sums are exact and do not depend on their order.
    pub fn attitude(&self) -> i64 {
        on_one_scale(&self.scores.sentiment)
    }
}

/// Three probabilities as one number: that of positive less that of negative, in millionths.
pub(super) fn on_one_scale([negative, _, positive]: &[f64; 3]) -> i64 {
    millionths(positive - negative)
}

/// A post with the scores of its body and of its comments.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredPost {
    /// The post as read; its comments have moved to `comments`.
    pub post: Post,
    /// What cleaning found in the post's own text.
    pub cleaning: Cleaned,
    /// The id of the post of which this is another copy.
    pub copy_of: Option<String>,
    /// The scores of the post's own text.
    pub body: Scores,
    /// The comments in the order of the page.
    pub comments: Vec<ScoredComment>,
}

impl ScoredPost {
    /// The year a comment counts in: that of its own date, else that of its post's, else none.
    pub fn year_of(&self, comment: &Comment) -> Option<i16> {
        comment.published.or(self.post.published).map(Date::year)
    }
}

/// A number between -1 and 1 as whole millionths.
pub(super) fn millionths(value: f64) -> i64 {
    (value * 1e6).round() as i64
}
