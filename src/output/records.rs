//! The types of every output file, field by field. `undertone schema` prints JSON Schema made from them.
//!
//! Fields appear in the order given here, maps in the order of their keys. A change that readers could trip over
//! raises [`SCHEMA_VERSION`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::changes::ChangesFile;
use super::comparison::ComparisonFile;
use super::evaluation::EvaluationRecord;
use super::explanation::ExplanationRecord;
use super::findings::{CleanPostRecord, CleaningRecord, FindingRecord};
use super::number::{Figure, Probability};
use crate::cleaning::{Kind, Rules};
use crate::model::{Precision, Sentiment};
use crate::post::Post;
use crate::reading::Skipped;

/// The version of the output schemas.
pub const SCHEMA_VERSION: u32 = 5;

/// What a file is, and what its scores were made with.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Header {
    /// What file this is: `undertone.summary`, `undertone.post`, `undertone.year` and so on.
    pub schema: String,
    /// Raised when a change could break a reader.
    pub schema_version: u32,
    /// What the scores were made with. Files that differ here should not be compared.
    pub scoring: Scoring,
}

impl Header {
    /// The header of a file of one kind.
    pub fn new(kind: &str, scoring: &Scoring) -> Self {
        Self {
            schema: format!("undertone.{kind}"),
            schema_version: SCHEMA_VERSION,
            scoring: scoring.clone(),
        }
    }
}

/// What scores were made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scoring {
    /// The model's name.
    pub model: String,
    /// SHA-256 of the model's manifest, and so of all its files.
    pub model_sha256: String,
    /// The model of the user's own that judged the sentiment: its folder's name, or `hf:ORG/NAME@COMMIT`; null where the
    /// bundle did.
    pub sentiment_model: Option<String>,
    /// SHA-256 of that model's files.
    pub sentiment_model_sha256: Option<String>,
    /// The number format the encoder computed in.
    pub precision: Precision,
    /// SHA-256 of the taxonomy in force.
    pub themes_sha256: String,
    /// SHA-256 of the adjustments to themes in force; null without any.
    pub overlay_sha256: Option<String>,
    /// How texts were cleaned.
    pub cleaning: Rules,
}

/// A share of comments, with its denominator and uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Share {
    /// How many comments.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// `count / of`, from 0 to 1; null where there are none.
    pub share: Option<Figure>,
    /// The 95% Wilson interval of the share; null where there are none. It takes comments for independent, and is too narrow
    /// where those of a post are alike: `comparison.json` has intervals that know of posts.
    pub interval: Option<[Figure; 2]>,
}

/// A mean sentiment, with its denominator and uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Mean {
    /// From -1 (all negative) to 1 (all positive): the mean over comments of the probability of positive less that
    /// of negative; null where there are no comments.
    pub mean: Option<Figure>,
    /// The 95% interval of the mean by Student's t, cut to -1 to 1; null for fewer than two comments.
    pub interval: Option<[Figure; 2]>,
    /// Over how many comments.
    pub of: u64,
}

/// How many comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommentCounts {
    /// Those that count, replies included: the denominator of every share.
    pub total: u64,
    /// Of `total`, those that answer another comment.
    pub replies: u64,
    /// Of `total`, those without words of their own: nothing but quotations, links and furniture of the page. They are
    /// counted as neutral.
    pub quoted_only: u64,
    /// Not in `total`: those that are there more than once and counted elsewhere.
    pub duplicates: u64,
    /// Not in `total`: those that are not in English, unless other languages are to count.
    pub other_languages: u64,
}

/// How often cleaning found something of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FoundFigures {
    /// Comments with at least one stretch of the kind.
    pub comments: u64,
    /// Stretches of the kind.
    pub stretches: u64,
}

/// The sentiment of a set of comments.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SentimentFigures {
    /// Comments whose most probable sentiment is negative.
    pub negative: Share,
    /// Comments whose most probable sentiment is neutral.
    pub neutral: Share,
    /// Comments whose most probable sentiment is positive.
    pub positive: Share,
    /// Comments without words of their own. They are among the neutral ones, and their sentiment is 0 in the mean.
    pub quoted_only: Share,
    /// The mean sentiment.
    pub mean: Mean,
}

/// A comment quoted for a theme: of the comments that have it and at least eight words of their writer's own, one of the
/// three with the greatest probability of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TellingComment {
    /// The comment's id.
    pub id: String,
    /// At most 200 characters of its writer's own words, personal data redacted unless that was switched off.
    pub quote: String,
    /// The probability that the comment has the theme.
    pub score: Probability,
}

/// What comments that have a theme think of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct AttitudeFigures {
    /// Comments whose attitude to the theme is negative, of those that have it.
    pub negative: Share,
    /// Comments whose attitude to the theme is neutral or balanced.
    pub neutral: Share,
    /// Comments whose attitude to the theme is positive.
    pub positive: Share,
    /// The mean attitude.
    pub mean: Mean,
}

/// One theme over a set of comments.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ThemeFigures {
    /// The comments that have the theme.
    pub comments: Share,
    /// The mean sentiment of those comments, whatever it is about.
    pub sentiment: Mean,
    /// Their attitude to the theme itself: a comment that calls colleagues wonderful and leaders a disgrace is positive on
    /// one theme and negative on the other. Where `trained` is false, the comment's sentiment stands in.
    pub attitude: AttitudeFigures,
    /// False where the model was not trained on the theme and matched its description instead.
    pub trained: bool,
    /// Up to three comments that speak for the theme.
    pub telling: Vec<TellingComment>,
}

/// Everything counted over a set of comments.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FigureSet {
    /// How many comments.
    pub comments: CommentCounts,
    /// Their sentiment.
    pub sentiment: SentimentFigures,
    /// Their themes, by theme id.
    pub themes: BTreeMap<String, ThemeFigures>,
    /// What cleaning found in them, by kind.
    pub found: BTreeMap<Kind, FoundFigures>,
}

/// `years/<year>.json`: all comments of a calendar year, by their own date or else their post's. What changed from one year
/// to another stands in `comparison.json`: two of these intervals do not say whether years differ.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct YearFile {
    /// What this file is.
    #[serde(flatten)]
    pub header: Header,
    /// The year; null in `years/undated.json`.
    pub year: Option<i16>,
    /// Posts dated in the year, with or without comments.
    pub posts: u64,
    /// The figures.
    #[serde(flatten)]
    pub figures: FigureSet,
}

/// What a post is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PostIdentity {
    /// The post's id.
    pub id: String,
    /// Its file, relative to the corpus folder.
    pub file: String,
    /// Its title, or null.
    pub title: Option<String>,
    /// The day of publication, or null.
    pub published: Option<String>,
    /// Its address, or null.
    pub url: Option<String>,
}

/// `posts/<date>-<slug>-<short id>.json`: one post and the figures of its thread.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PostFile {
    /// What this file is.
    #[serde(flatten)]
    pub header: Header,
    /// The post.
    pub post: PostIdentity,
    /// The id of the post of which this is another copy; what is in both is counted there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// The post's own text.
    pub body: ScoreRecord,
    /// What cleaning found in the post's own text, as `undertone ingest` prints it.
    pub body_findings: Vec<FindingRecord>,
    /// The figures of its comments.
    #[serde(flatten)]
    pub figures: FigureSet,
    /// What looked wrong while reading the page.
    pub warnings: Vec<String>,
}

/// A theme as it was scored.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ThemeSetting {
    /// The theme's id.
    pub id: String,
    /// How people name it.
    pub title: String,
    /// What belongs to it.
    pub description: String,
    /// A comment has the theme from this probability on.
    pub threshold: Probability,
    /// Where the threshold comes from: `model` or `themes file`.
    pub threshold_from: String,
    /// False where the model was not trained on the theme and finds it by its title, description and phrases instead.
    pub trained: bool,
    /// How many labels of the user's own the theme was improved with; 0 without any.
    pub labels: u64,
}

/// A post in the summary.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PostEntry {
    /// The post's id.
    pub id: String,
    /// Its title, or null.
    pub title: Option<String>,
    /// The day of publication, or null.
    pub published: Option<String>,
    /// Its address, or null.
    pub url: Option<String>,
    /// Its file in this set.
    pub file: String,
    /// The id of the post of which this is another copy; what is in both is counted there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// How many comments it has.
    pub comments: CommentCounts,
    /// Their mean sentiment.
    pub sentiment: Mean,
    /// How many of them have each theme, by theme id; themes that none has are left out.
    pub themes: BTreeMap<String, u64>,
}

/// A year in the summary: one row of a comparison across years.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct YearEntry {
    /// The year; null for posts and comments without a date.
    pub year: Option<i16>,
    /// Its file in this set.
    pub file: String,
    /// Posts dated in the year, with or without comments.
    pub posts: u64,
    /// How many comments.
    pub comments: CommentCounts,
    /// Comments whose most probable sentiment is negative.
    pub negative: Share,
    /// The mean sentiment.
    pub sentiment: Mean,
    /// The share of comments that have each theme, by theme id.
    pub themes: BTreeMap<String, Share>,
}

/// `summary.json`: the whole corpus.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SummaryFile {
    /// What this file is.
    #[serde(flatten)]
    pub header: Header,
    /// How many posts were read.
    pub posts: u64,
    /// The figures over all comments.
    #[serde(flatten)]
    pub figures: FigureSet,
    /// A row per year, in order; those without a date last.
    pub by_year: Vec<YearEntry>,
    /// A row per post, by date and id; those without a date last.
    pub by_post: Vec<PostEntry>,
    /// The taxonomy in force.
    pub taxonomy: Vec<ThemeSetting>,
}

/// The sentiment of one text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct SentimentRecord {
    /// The most probable of the three.
    pub label: Sentiment,
    /// Probability of negative.
    pub negative: Probability,
    /// Probability of neutral.
    pub neutral: Probability,
    /// Probability of positive.
    pub positive: Probability,
}

/// What `undertone score` adds to each line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AnswerRecord {
    /// The scores of the text.
    #[serde(flatten)]
    pub scores: ScoreRecord,
    /// Whether nothing in the text is its writer's own; its sentiment is then neutral.
    pub quoted_only: bool,
}

/// The scores of one text.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScoreRecord {
    /// Its sentiment.
    pub sentiment: SentimentRecord,
    /// A probability per theme, by theme id.
    pub themes: BTreeMap<String, Probability>,
    /// The themes whose probability reaches their threshold, in the order of the taxonomy.
    pub themes_assigned: Vec<String>,
    /// The attitude to each assigned theme, by theme id.
    pub attitudes: BTreeMap<String, SentimentRecord>,
}

/// A line of `comments.jsonl`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CommentRecord<'a> {
    /// The comment's id.
    pub id: &'a str,
    /// The id of its post.
    pub post: &'a str,
    /// The id of the comment it answers, or null.
    pub parent: Option<&'a str>,
    /// Its author, or null; redacted like the text.
    pub author: Option<Cow<'a, str>>,
    /// The day it was written, or null.
    pub published: Option<String>,
    /// The year it counts in, or null.
    pub year: Option<i16>,
    /// Its text as it was read; personal data redacted where that was asked for.
    pub text: Cow<'a, str>,
    /// How it is quoted: at most 200 characters of its writer's own words, personal data redacted unless that was switched
    /// off; null where it has fewer than eight such words.
    pub quote: Option<&'a str>,
    /// What cleaning found.
    #[serde(flatten)]
    pub cleaning: CleaningRecord,
    /// Its scores.
    #[serde(flatten)]
    pub scores: ScoreRecord,
}

/// What `undertone score` writes in place of a line it cannot score.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ErrorRecord {
    /// What is wrong with the line.
    pub error: String,
    /// The line's number in the input, counted from 1.
    pub line: u64,
}

/// A page or table that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InputRecord {
    /// The file, relative to the corpus folder.
    pub file: String,
    /// The id of the post it became; null for a table.
    pub post: Option<String>,
    /// SHA-256 of the bytes that were read.
    pub sha256: String,
}

/// Where the vectors of texts came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TextsRecord {
    /// From the store.
    pub known: u64,
    /// From the store too: other texts, which the encoder reads alike.
    pub alike: u64,
    /// From the encoder.
    pub encoded: u64,
}

/// `run.json`: the only file of a set that speaks of the run itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RunRecord {
    /// `undertone.run`.
    pub schema: String,
    /// Raised when a change could break a reader.
    pub schema_version: u32,
    /// The program's version.
    pub undertone: String,
    /// The version of libtorch it was built for.
    pub libtorch: String,
    /// When the run began, in UTC.
    pub started: String,
    /// When it ended, in UTC.
    pub finished: String,
    /// Seconds by stage.
    pub seconds: BTreeMap<String, Figure>,
    /// The settings, defaults filled in.
    pub settings: BTreeMap<String, Value>,
    /// What the scores were made with.
    pub scoring: Scoring,
    /// SHA-256 of everything that was there to be read: the names and bytes of all pages and tables.
    pub inputs_sha256: String,
    /// Where the vectors of texts came from.
    pub texts: TextsRecord,
    /// Inputs that were left out.
    pub skipped: Vec<Skipped>,
    /// Warnings over all posts; each stands in its post's file.
    pub warnings: u64,
    /// Comments that were read, but left out because they are forgotten.
    pub forgotten: u64,
    /// Every page and table that was read.
    pub inputs: Vec<InputRecord>,
    /// SHA-256 of every other file of this set.
    pub outputs: BTreeMap<String, String>,
}

impl RunRecord {
    /// The name and version that `run.json` states.
    pub fn schema() -> (String, u32) {
        ("undertone.run".to_owned(), SCHEMA_VERSION)
    }
}

/// The names [`schema_of`] knows.
pub const SECTIONS: [&str; 13] = [
    "summary",
    "post",
    "year",
    "comment",
    "changes",
    "comparison",
    "run",
    "ingest",
    "clean",
    "score",
    "evaluation",
    "explanation",
    "error",
];

/// The JSON Schema of one kind of output; None for an unknown name.
pub fn schema_of(section: &str) -> Option<Schema> {
    let mut schema = match section {
        "summary" => schema_for!(SummaryFile),
        "post" => schema_for!(PostFile),
        "year" => schema_for!(YearFile),
        "comment" => schema_for!(CommentRecord<'_>),
        "changes" => schema_for!(ChangesFile),
        "comparison" => schema_for!(ComparisonFile),
        "run" => schema_for!(RunRecord),
        "ingest" => schema_for!(Post),
        "clean" => schema_for!(CleanPostRecord<'_>),
        "score" => schema_for!(AnswerRecord),
        "evaluation" => schema_for!(EvaluationRecord),
        "explanation" => schema_for!(ExplanationRecord),
        "error" => schema_for!(ErrorRecord),
        _ => return None,
    };
    // A file that says what it is says this and nothing else: so that no file passes for one of another kind.
    if let Some(Value::Object(kind)) = schema.pointer_mut("/properties/schema") {
        kind.insert("const".to_owned(), format!("undertone.{section}").into());
    }
    Some(schema)
}
