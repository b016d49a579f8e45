//! How the figures of a comparison were made, in sentences that travel with them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::comparison::{
    FEWEST_COMMENTS, FEWEST_FOR_TREND, FEWEST_POSTS, FEWEST_POSTS_TOGETHER, FEWEST_TOGETHER,
    REPLICATES,
};

/// How each figure was made, from whom the method is, and what it does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MethodsRecord {
    /// What shares and means are of.
    pub shares_and_means: String,
    /// How `interval` was made.
    pub interval: String,
    /// How `naive_interval` was made.
    pub naive_interval: String,
    /// What `design_effect` is.
    pub design_effect: String,
    /// Where `too_little` stands.
    pub too_little: String,
    /// How shares are corrected.
    pub corrected: String,
    /// How unfinished periods are compared.
    pub unfinished: String,
    /// How `changes` were made.
    pub changes: String,
    /// What `certain` means.
    pub certain: String,
    /// How `trend` was made.
    pub trend: String,
    /// How `levels` were found.
    pub levels: String,
    /// How distinctive words were found.
    pub words: String,
    /// How quotes were chosen.
    pub quotes: String,
    /// How `together` was made.
    pub together: String,
    /// How `discovered` was made.
    pub discovered: String,
    /// How numbers are rounded.
    pub rounding: String,
}

impl MethodsRecord {
    /// The sentences.
    pub(super) fn new() -> Self {
        Self {
            shares_and_means: "A share is of all comments that count in the period, by their own day or else their \
                post's. A comment can have several themes, so shares of themes do not add up to 1. A mean sentiment is \
                the mean over comments of the probability of positive less that of negative. All of it is as the model \
                judged the comments of this blog; it says nothing about people who do not write there."
                .to_owned(),
            interval: format!(
                "95% intervals take posts, not comments, for independent, by a bootstrap over posts with {REPLICATES} \
                 resamplings (Davison and Hinkley 1997, section 3.8; Cameron, Gelbach and Miller 2008). That of a share \
                 is Wilson's (1927) for the effective number of comments (Kish 1965; Korn and Graubard 1998); that of a \
                 mean is Student's t (Cameron and Miller 2015, section VI.D), with the degrees of freedom of \
                 Satterthwaite (1946)."
            ),
            naive_interval: "The interval that takes every comment for independent: Wilson's (1927) for shares, \
                Student's (1908) for means. Comments under one post are alike, so it is too narrow and is there for \
                comparison only."
                .to_owned(),
            design_effect: "By how much the variance is greater than that of as many independent comments (Kish 1965, \
                section 8.2), at least 1 and at least what is usual for the shares of the period (Wolter 2007, chapter 7)."
                .to_owned(),
            too_little: format!(
                "There is no figure of fewer than {FEWEST_COMMENTS} comments, of comments under fewer than \
                 {FEWEST_POSTS} posts, or where one post holds more than about seven in ten of the comments."
            ),
            corrected: "Shares are corrected for the model's errors by a labelled sample of this corpus. A period with \
                enough labelled rows of its own rests on these (basis own_period: double sampling, Tenenbein 1970). The \
                others rest on sensitivity and specificity of the whole sample (basis whole_sample: Rogan and Gladen \
                1978), which takes the model's errors for the same in all periods. The interval holds the uncertainty \
                of the share and of the errors (Bayesian bootstrap, Rubin 1981). Means are not corrected."
                .to_owned(),
            unfinished: "A period that is not over is compared with the same part of the period before, whose figure \
                stands in same_part, and with nothing else; trend, levels and the change over the whole range leave it \
                out."
                .to_owned(),
            changes: "A change is the later figure less the earlier one. Its interval puts the two intervals together \
                (Zou and Donner 2008, with the correlation of the resamplings after Zou 2007), and its p value is \
                recovered from that interval (Altman and Bland 2011)."
                .to_owned(),
            certain: "A change, trend or shift is called certain where its p value is below 0.05 after adjustment for \
                all tests of this file (Benjamini and Hochberg 1995): of all that is called certain, about 5% is \
                expected to be chance. What is not certain has not been shown; that it did not change has not been \
                shown either."
                .to_owned(),
            trend: format!(
                "Mann's (1945) and Kendall's (1975) test whether the figures of the finished periods rise or fall, \
                 exact up to 60 periods; it takes {FEWEST_FOR_TREND}. The slope is Theil's (1950) and Sen's (1968): the \
                 median change per period. It does not know how uncertain each figure is, and a trend need not go on."
            ),
            levels: "Finished periods are divided into levels of at least two periods by least squares with a penalty \
                for each change (Jackson and others 2005), with the errors of the periods put together. How steady that \
                is, is told by doing it again with every resampling of the posts (as Felsenstein 1985): same and near \
                are shares of these, not probabilities. A slow rise comes out as steps."
                .to_owned(),
            words: "Words are ranked by the log odds ratio with an informative prior (Monroe, Colaresi and Quinn 2008), \
                corrected for comments of one post talking alike. Some word always leads: beyond_chance (Bonferroni \
                1936) says whether it stands out at all."
                .to_owned(),
            quotes: "Quotes are the comments in which the theme is most probable, no two of one post or one named \
                author. They are plain cases, not typical ones."
                .to_owned(),
            together: format!(
                "The lift is how much more often than by chance comments have both themes (Brin and others 1997), with \
                 an interval from the bootstrap over posts on the scale of logarithms. It takes {FEWEST_TOGETHER} \
                 comments with both, under {FEWEST_POSTS_TOGETHER} posts. A model that mistakes one theme for the other \
                 moves it."
            ),
            discovered: "Comments that no theme claims, or only weakly, are clustered by their vectors: twenty principal \
                components (Jolliffe 2002), then HDBSCAN (Campello, Moulavi and Sander 2013). The clusters are proposals \
                for new themes, not measurements."
                .to_owned(),
            rounding: "Figures are rounded to 4 decimals, p values, slopes and probabilities to 6, each by itself: a \
                difference of rounded figures can differ from the rounded difference by 0.0001."
                .to_owned(),
        }
    }
}
