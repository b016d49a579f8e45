//! Why a figure is not there: a code for programs and a sentence for people.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::number::Figure;
use crate::comparison::{
    FEWEST_COMMENTS, FEWEST_FOR_LEVELS, FEWEST_FOR_TREND, FEWEST_POSTS, FEWEST_POSTS_TOGETHER,
    FEWEST_TOGETHER, NoLevels, NoTrend, TooFewTogether, TooLittle, Uncorrected,
};

/// Why something is not there, in a word that stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// Too few posts with such comments.
    TooFewPosts,
    /// Too few comments.
    TooFewComments,
    /// One post holds most of the comments.
    OnePost,
    /// Nothing varies, so that nothing says how far the figure is off.
    NoSpread,
    /// Too few finished periods have a figure.
    TooFewPeriods,
    /// In too many resamplings of the posts a period has no comment.
    TooFewResamplings,
    /// No labelled sample was given.
    NoSample,
    /// Too few rows of the sample are labelled with it.
    TooFewLabelledWith,
    /// Too few rows of the sample are labelled without it.
    TooFewLabelledWithout,
    /// By the sample, the model may be guessing.
    NoBetterThanChance,
    /// No comment of the period has both themes.
    NoneTogether,
}

/// Why something is not there.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Reason {
    /// The reason in a word that stays the same from version to version.
    pub code: ReasonCode,
    /// The reason in a sentence.
    pub reason: String,
    /// How many there are of what there is too little of; null where the reason is none of number.
    pub found: Option<u64>,
    /// How many it takes; null where the reason is none of number.
    pub needed: Option<u64>,
    /// The share of the comments that the busiest post holds; null where that is not the reason.
    pub share: Option<Figure>,
}

impl Reason {
    fn new(code: ReasonCode, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
            found: None,
            needed: None,
            share: None,
        }
    }

    fn too_few(code: ReasonCode, found: u64, needed: u64, reason: impl Into<String>) -> Self {
        Self {
            found: Some(found),
            needed: Some(needed),
            ..Self::new(code, reason)
        }
    }

    fn too_few_posts(found: usize, needed: usize, reason: impl Into<String>) -> Self {
        Self::too_few(ReasonCode::TooFewPosts, found as u64, needed as u64, reason)
    }

    /// Why a share or a mean of a period is not given.
    pub(super) fn of_figure(why: TooLittle) -> Self {
        match why {
            TooLittle::Posts { posts } => {
                let sentence = format!(
                    "comments under {}; it takes {FEWEST_POSTS} posts to tell how much posts differ",
                    counted(posts as u64, "post")
                );
                Self::too_few_posts(posts, FEWEST_POSTS, sentence)
            }
            TooLittle::Comments { of } => {
                let sentence = format!("{}; it takes {FEWEST_COMMENTS}", counted(of, "comment"));
                Self::too_few(ReasonCode::TooFewComments, of, FEWEST_COMMENTS, sentence)
            }
            TooLittle::OnePost { share } => Self {
                share: Some(Figure::new(share)),
                ..Self::new(
                    ReasonCode::OnePost,
                    format!(
                        "one post holds {:.0}% of the comments, and there is too little to compare it with",
                        share * 100.0
                    ),
                )
            },
            TooLittle::NoSpread => Self::new(
                ReasonCode::NoSpread,
                "all comments are alike in this, so that nothing says how far the figure is off",
            ),
        }
    }

    /// Why there is no trend.
    pub(super) fn of_trend(why: NoTrend) -> Self {
        match why {
            NoTrend::TooFewPeriods(periods) => Self::too_few_periods(periods, FEWEST_FOR_TREND),
        }
    }

    /// Why there are no levels.
    pub(super) fn of_levels(why: NoLevels) -> Self {
        match why {
            NoLevels::TooFewPeriods(periods) => Self::too_few_periods(periods, FEWEST_FOR_LEVELS),
            NoLevels::NoVariation => Self::new(
                ReasonCode::NoSpread,
                "the figures do not vary, so that nothing says how far they are off",
            ),
            NoLevels::TooFewResamplings => Self::new(
                ReasonCode::TooFewResamplings,
                "some period has so few posts that in too many resamplings of the posts none of them is drawn",
            ),
        }
    }

    fn too_few_periods(periods: usize, needed: usize) -> Self {
        let (periods, needed) = (periods as u64, needed as u64);
        let sentence = format!(
            "{} with a figure; it takes {needed}",
            counted(periods, "finished period")
        );
        Self::too_few(ReasonCode::TooFewPeriods, periods, needed, sentence)
    }

    /// Why nothing is corrected where there is no sample.
    pub(super) fn no_sample() -> Self {
        Self::new(
            ReasonCode::NoSample,
            "no labelled sample was given: label one, as `undertone sample` draws it, and name it with --sample",
        )
    }

    /// Why a sample corrects nothing.
    pub(super) fn of_sample(why: Uncorrected) -> Self {
        match why {
            Uncorrected::FewWith { rows, needed } => Self::too_few(
                ReasonCode::TooFewLabelledWith,
                rows as u64,
                needed as u64,
                format!(
                    "{} of the sample labelled with it; it takes {needed}: label more",
                    counted(rows as u64, "row")
                ),
            ),
            Uncorrected::FewWithout { rows, needed } => Self::too_few(
                ReasonCode::TooFewLabelledWithout,
                rows as u64,
                needed as u64,
                format!(
                    "{} of the sample labelled without it; it takes {needed}: label more",
                    counted(rows as u64, "row")
                ),
            ),
            Uncorrected::NoBetterThanChance => Self::new(
                ReasonCode::NoBetterThanChance,
                "by this sample the model may be guessing: label more rows, and do not rely on the counted shares",
            ),
        }
    }

    /// Why a pair of themes has no lift in a period; None: no comment has both.
    pub(super) fn of_pair(why: Option<TooFewTogether>) -> Self {
        let both = |both: u64| format!("{} with both themes", counted(both, "comment"));
        match why {
            None => Self::too_few(
                ReasonCode::NoneTogether,
                0,
                FEWEST_TOGETHER,
                "no comment has both themes",
            ),
            Some(TooFewTogether::Comments { both: found }) => Self::too_few(
                ReasonCode::TooFewComments,
                found,
                FEWEST_TOGETHER,
                format!("{}; it takes {FEWEST_TOGETHER}", both(found)),
            ),
            Some(TooFewTogether::Posts { both: found, posts }) => Self::too_few_posts(
                posts,
                FEWEST_POSTS_TOGETHER,
                format!(
                    "{} stand under {}; it takes {FEWEST_POSTS_TOGETHER} posts",
                    both(found),
                    counted(posts as u64, "post")
                ),
            ),
            Some(TooFewTogether::OnePost { both: found }) => Self::new(
                ReasonCode::OnePost,
                format!("one post holds most of the {}", both(found)),
            ),
            Some(TooFewTogether::NoSpread) => Self::new(
                ReasonCode::NoSpread,
                "it is the same whichever posts are drawn, so that nothing says how far it is off",
            ),
        }
    }
}

/// A number of things: "no posts", "1 post", "7 posts".
fn counted(number: u64, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::{Cell, Estimate, Resampling, trend};

    fn of_posts(posts: usize, comments: u64) -> Result<Estimate, TooLittle> {
        let cells: Vec<Cell> = (0..posts)
            .map(|post| Cell {
                post,
                of: comments,
                sum: (post % 2) as f64,
            })
            .collect();
        Estimate::share(&cells, &Resampling::new(posts).ratios(&cells), 1.0)
    }

    /// The sentences name the limits that the figures go by.
    #[test]
    fn limits_are_those_of_the_figures() {
        let posts = FEWEST_POSTS - 1;
        assert!(of_posts(FEWEST_POSTS, FEWEST_COMMENTS).is_ok());
        let why = of_posts(posts, FEWEST_COMMENTS).expect_err("a post is wanting");
        assert_eq!(why, TooLittle::Posts { posts });
        assert_eq!(
            Reason::of_figure(why).reason,
            "comments under 7 posts; it takes 8 posts to tell how much posts differ"
        );
        assert!(of_posts(10, FEWEST_COMMENTS / 10).is_ok());
        let why = of_posts(10, FEWEST_COMMENTS / 10 - 1).expect_err("comments are wanting");
        assert_eq!(Reason::of_figure(why).reason, "40 comments; it takes 50");
        let values = [Some(0.1), Some(0.2), Some(0.4), Some(0.3)];
        assert_eq!(values.len(), FEWEST_FOR_TREND);
        assert!(trend(&values).is_ok());
        let why = trend(&values[1..]).expect_err("a period is wanting");
        let reason = Reason::of_trend(why);
        assert_eq!(
            reason.reason,
            "3 finished periods with a figure; it takes 4"
        );
        assert_eq!((reason.found, reason.needed), (Some(3), Some(4)));
    }

    #[test]
    fn numbers_are_said_as_people_say_them() {
        assert_eq!(counted(0, "post"), "no posts");
        assert_eq!(counted(1, "comment"), "1 comment");
        let why = TooLittle::OnePost { share: 0.834 };
        assert!(
            Reason::of_figure(why)
                .reason
                .starts_with("one post holds 83% ")
        );
    }
}
