//! `comparison.json`: everything that is compared between periods, with how uncertain it is and how it was made.
//!
//! No figure stands alone: where there is one there is its interval, and where there is none there is the reason.

mod contents;
mod counted;
mod courses;
mod methods;
mod periods;
mod reasons;
mod rows;

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

pub use contents::{
    ClusterRecord, CommentQuote, DiscoveryRecord, LiftPeriod, LiftRecord, PairRecord, PeriodCount,
    PeriodQuotes, ShiftRecord, ThemeQuote, WordRecord, WordsRecord,
};
pub use courses::{
    BasisRecord, ChangeKind, ChangePointRecord, ChangeRecord, CorrectedLineRecord,
    CorrectedShareRecord, Direction, LevelsRecord, LineRecord, MeanCourse, MeanPeriod, MeanRecord,
    RateRecord, RowsRecord, SamePart, ShareCourse, SharePeriod, ShareRecord, TrendRecord,
};
pub use methods::MethodsRecord;
pub use periods::{
    ApartRecord, BusiestAuthor, BusiestPost, DaysRecord, PeriodRecord, RangeRecord,
    UnfinishedRecord,
};
pub use reasons::{Reason, ReasonCode};
pub use rows::tidy_rows;

use counted::Counts;

use super::records::{Header, ThemeSetting};
use crate::comparison::{Choice, Course, Discovery, Measure, Observations, Periods, Whole};
use crate::model::Sentiment;

/// The labelled sample that shares are corrected by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SampleNote {
    /// The file's name, without its folder.
    pub file: String,
    /// How many labelled rows it has.
    pub rows: u64,
    /// How many of them were used. The comments of the others are gone, do not count any more or have another text.
    pub used: u64,
}

/// A comparison with all that its outputs need. The parts belong together: `whole` and `discovery` were made from these
/// observations and periods, and `taxonomy` is what the comments were scored under, in the order of their themes.
#[derive(Debug, Clone)]
pub struct Compared<'a> {
    /// The comments.
    pub observations: &'a Observations<'a>,
    /// The periods.
    pub periods: &'a Periods,
    /// How time is divided: `year`, `quarter`, `month` or `eras`.
    pub division: &'a str,
    /// The comparison.
    pub whole: &'a Whole,
    /// The themes.
    pub taxonomy: &'a [ThemeSetting],
    /// The sample, if one was given.
    pub sample: Option<SampleNote>,
    /// What was looked at for new themes, and what was found, if that was done.
    pub discovery: Option<(&'a Choice, &'a Discovery)>,
}

impl Compared<'_> {
    fn course(&self, measure: Measure) -> Option<&Course> {
        let mut courses = self.whole.courses.iter();
        courses.find(|course| course.measure == measure)
    }
}

/// A theme over the periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ThemeComparison {
    /// How people name it.
    pub title: String,
    /// False where the model was not trained on the theme and matched its description instead.
    pub trained: bool,
    /// The share of the comments that have it.
    pub share: ShareCourse,
    /// The mean sentiment of the comments that have it, whatever that sentiment is about.
    pub mean_sentiment: MeanCourse,
    /// The words that set the comments that have it apart from those without it, over all periods and beyond. They show by
    /// what the theme was recognised as much as what people say about it.
    pub words: WordsRecord,
    /// Comments that speak for it, by period in order.
    pub quotes: Vec<PeriodQuotes>,
}

/// The sentiment over the periods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SentimentComparison {
    /// The share of the comments whose most probable sentiment is `negative`, `neutral` and `positive`.
    pub shares: BTreeMap<String, ShareCourse>,
    /// The mean sentiment of all comments; null where nothing is compared.
    pub mean: Option<MeanCourse>,
}

/// `comparison.json`: what changed over the periods, and what did not.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ComparisonFile {
    /// What this file is.
    #[serde(flatten)]
    pub header: Header,
    /// How time is divided: `year`, `quarter`, `month` or `eras`.
    pub division: String,
    /// From which period to which; null where nothing is dated.
    pub range: Option<RangeRecord>,
    /// The day the data are complete to; null where nothing is dated.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Date>,
    /// The labelled sample that shares are corrected by; null: nothing is corrected.
    pub sample: Option<SampleNote>,
    /// How many p values were adjusted together: changes and trends of shares and means, raw and corrected, and shifts of
    /// pairs of themes.
    pub tests: u64,
    /// The periods, in order.
    pub periods: Vec<PeriodRecord>,
    /// What has no date.
    pub undated: ApartRecord,
    /// What has a date outside all periods.
    pub outside: ApartRecord,
    /// Stretches of at least 28 days without any post or comment.
    pub gaps: Vec<DaysRecord>,
    /// The themes, by id.
    pub themes: BTreeMap<String, ThemeComparison>,
    /// The sentiment.
    pub sentiment: SentimentComparison,
    /// Pairs of themes that some period has enough comments of.
    pub together: Vec<PairRecord>,
    /// Themes nobody asked for; null where they were not looked for.
    pub discovered: Option<DiscoveryRecord>,
    /// How the figures were made, and how to read them.
    pub methods: MethodsRecord,
}

/// The comparison as `comparison.json` has it.
pub fn comparison_file(header: Header, of: &Compared<'_>) -> ComparisonFile {
    let (whole, observations) = (of.whole, of.observations);
    let periods = of.periods.all();
    let coverage = &whole.coverage;
    let counts = Counts::new(of);
    let means = |measure| Some(MeanCourse::new(of.course(measure)?, periods, &counts));
    let shares = |measure| Some(ShareCourse::new(of.course(measure)?, periods, &counts));
    let themes = of.taxonomy.iter().enumerate();
    let themes = themes.filter_map(|(place, theme)| {
        let quotes = periods.iter().zip(&whole.quotes);
        let compared = ThemeComparison {
            title: theme.title.clone(),
            trained: theme.trained,
            share: shares(Measure::Theme(place))?,
            mean_sentiment: means(Measure::MeanOf(place))?,
            words: WordsRecord::new(whole.words_of_themes.get(place)?),
            quotes: quotes
                .map(|(period, quotes)| PeriodQuotes::new(observations, period, quotes, place))
                .collect(),
        };
        Some((theme.id.clone(), compared))
    });
    let sentiments = Sentiment::ALL.into_iter().filter_map(|sentiment| {
        let shares = shares(Measure::Sentiment(sentiment))?;
        Some((sentiment.name().to_owned(), shares))
    });
    let covered = coverage.periods.iter().zip(&whole.words_of_periods);
    let pairs = whole.companions.iter();
    ComparisonFile {
        header,
        division: of.division.to_owned(),
        range: RangeRecord::new(periods),
        as_of: of.periods.as_of(),
        sample: of.sample.clone(),
        tests: whole.tests as u64,
        periods: periods
            .iter()
            .zip(covered)
            .map(|(period, (coverage, words))| {
                PeriodRecord::new(period, coverage, words, observations)
            })
            .collect(),
        undated: ApartRecord::new(coverage.undated),
        outside: ApartRecord::new(coverage.outside),
        gaps: coverage.gaps.iter().copied().map(DaysRecord::new).collect(),
        themes: themes.collect(),
        sentiment: SentimentComparison {
            shares: sentiments.collect(),
            mean: means(Measure::Mean),
        },
        together: pairs
            .filter_map(|pair| PairRecord::new(pair, whole, observations, periods))
            .collect(),
        discovered: of
            .discovery
            .map(|(choice, found)| DiscoveryRecord::new(choice, found, observations, periods)),
        methods: MethodsRecord::new(),
    }
}
