//! Comments as a run published them: what comparisons are made of, whether the run is under way or lies on the disk.
//!
//! Both ways go through the published, rounded figures, so that a comparison within a run and one of its files, made later,
//! are the same.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rayon::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::records::{CommentRecord, RunRecord, Scoring, ThemeSetting};
use crate::comparison::{Observation, Observations, ObservedPost};
use crate::hash::hex;
use crate::model::Sentiment;
use crate::post::Post;

/// The least that two published probabilities differ by.
const LEAST: f64 = 1e-6;

/// Lines that are parsed together, on all cores.
const TOGETHER: usize = 8192;

/// Why a set of results cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// There is no set.
    #[error(
        "{folder}: no results are there to compare ({source}); name the folder that `undertone run --out` wrote to with --results"
    )]
    NoSet {
        /// The folder of results.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The set was written by another version of the program.
    #[error(
        "{set}: another version of undertone wrote these results (schema {found}, here {expected}); write them anew: undertone run --anew"
    )]
    OtherVersion {
        /// The set's folder.
        set: String,
        /// The version of its schema.
        found: u64,
        /// The version that is known here.
        expected: u32,
    },
    /// A file of the set is missing, or is not what was written.
    #[error(
        "{file}: {problem}, so the results are not whole; write them anew: undertone run --anew"
    )]
    NotWhole {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// A comment that counts, as it was published.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedComment<'a> {
    post: usize,
    id: Cow<'a, str>,
    author: Option<Cow<'a, str>>,
    day: Option<Date>,
    text: Cow<'a, str>,
    quote: Option<Cow<'a, str>>,
    sentiment: Sentiment,
    attitude: i64,
    themes: Vec<(usize, f64)>,
    margin: f64,
}

impl<'a> PublishedComment<'a> {
    /// A comment of a run that is under way; None for one that does not count. `post` is the place of its post, which was
    /// published on `day`, and `taxonomy` what it was scored under.
    pub fn of_record(
        record: CommentRecord<'a>,
        (post, day): (usize, Option<Date>),
        taxonomy: &[ThemeSetting],
    ) -> Option<Self> {
        if !record.cleaning.counted {
            return None;
        }
        let own_day = record.published.as_deref().and_then(|day| day.parse().ok());
        let sentiment = &record.scores.sentiment;
        let assigned = &record.scores.themes_assigned;
        let judged = themes_of(taxonomy, assigned, |id| {
            Some(record.scores.themes.get(id)?.value())
        })?;
        Some(Self {
            post,
            id: Cow::Borrowed(record.id),
            author: record.author,
            day: own_day.or(day),
            text: record.text,
            quote: record.quote.map(Cow::Borrowed),
            sentiment: sentiment.label,
            attitude: attitude(sentiment.negative.value(), sentiment.positive.value()),
            themes: judged.0,
            margin: judged.1,
        })
    }

    fn observation(&'a self) -> Observation<'a> {
        Observation {
            post: self.post,
            id: &self.id,
            author: self.author.as_deref(),
            day: self.day,
            text: &self.text,
            quote: self.quote.as_deref(),
            sentiment: self.sentiment,
            attitude: self.attitude,
            themes: self.themes.clone(),
            margin: self.margin,
        }
    }
}

/// A post as comparisons see it.
pub fn observed_post(post: &Post) -> ObservedPost {
    ObservedPost {
        id: post.id.clone(),
        title: post.title.clone(),
        url: post.url.clone(),
        day: post.published,
    }
}

/// What is compared: `comments` are those of `posts`, in their order.
pub fn observations<'a>(
    taxonomy: &[ThemeSetting],
    posts: Vec<ObservedPost>,
    comments: &'a [PublishedComment<'_>],
) -> Observations<'a> {
    Observations {
        themes: taxonomy.iter().map(|theme| theme.id.clone()).collect(),
        posts,
        comments: comments.iter().map(PublishedComment::observation).collect(),
    }
}

/// The themes of a comment with their probabilities, and its margin; None where a theme has no probability.
///
/// Of probability and threshold both are rounded: the margin of a comment without a theme can come out as 0, and is then
/// taken for as little below as there can be.
fn themes_of(
    taxonomy: &[ThemeSetting],
    assigned: &[impl AsRef<str>],
    probability: impl Fn(&str) -> Option<f64>,
) -> Option<(Vec<(usize, f64)>, f64)> {
    let mut themes = Vec::new();
    let mut margin = f64::NEG_INFINITY;
    for (place, theme) in taxonomy.iter().enumerate() {
        let probability = probability(&theme.id)?;
        margin = margin.max(probability - theme.threshold.value());
        if assigned.iter().any(|id| id.as_ref() == theme.id) {
            themes.push((place, probability));
        }
    }
    let margin = if themes.is_empty() {
        margin.min(-LEAST)
    } else {
        margin
    };
    Some((themes, margin))
}

/// The attitude on one scale, in millionths, by the published probabilities.
fn attitude(negative: f64, positive: f64) -> i64 {
    ((positive - negative) * 1e6).round() as i64
}

/// A finished run, read back.
#[derive(Debug, Clone)]
pub struct PublishedSet {
    /// The set's folder, links followed.
    pub folder: PathBuf,
    /// Its name: the time the run began, in UTC, such as `2023-08-26T03-00-00Z`.
    pub name: String,
    /// The version of the program that wrote it.
    pub undertone: String,
    /// What its scores were made with.
    pub scoring: Scoring,
    /// The file of themes it was scored under, as it was named; None for those built into the program.
    pub themes_file: Option<PathBuf>,
    /// The taxonomy.
    pub taxonomy: Vec<ThemeSetting>,
    /// Its posts.
    pub posts: Vec<ObservedPost>,
    /// Its comments that count, in the order of the posts.
    pub comments: Vec<PublishedComment<'static>>,
}

/// What is read of `run.json`.
#[derive(Deserialize)]
struct Run {
    undertone: String,
    settings: BTreeMap<String, serde_json::Value>,
    outputs: BTreeMap<String, String>,
}

/// What is read of `summary.json`.
#[derive(Deserialize)]
struct Summary {
    scoring: Scoring,
    by_post: Vec<Entry>,
    taxonomy: Vec<ThemeSetting>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    title: Option<String>,
    published: Option<Date>,
    url: Option<String>,
}

/// What is read of a line of `comments.jsonl`.
#[derive(Deserialize)]
struct Line<'l> {
    id: String,
    #[serde(borrow)]
    post: Cow<'l, str>,
    author: Option<String>,
    published: Option<Date>,
    text: String,
    quote: Option<String>,
    counted: bool,
    sentiment: SentimentOfLine,
    #[serde(borrow)]
    themes: BTreeMap<Cow<'l, str>, f64>,
    themes_assigned: Vec<String>,
}

#[derive(Deserialize)]
struct SentimentOfLine {
    label: Sentiment,
    negative: f64,
    positive: f64,
}

impl PublishedSet {
    /// Reads the latest set of a folder of results and checks that its files are those that the run wrote. Lines of comments
    /// are read as they are needed: only what is compared stays in memory.
    ///
    /// # Errors
    /// There is no set, another version wrote it, or a file of it is not what was written.
    pub fn latest(results: &Path) -> Result<Self, PublishedError> {
        // The link is followed once: a run that ends in between must not mix two sets.
        let folder =
            results
                .join("latest")
                .canonicalize()
                .map_err(|source| PublishedError::NoSet {
                    folder: results.display().to_string(),
                    source,
                })?;
        let record = folder.join("run.json");
        let text = std::fs::read(&record).map_err(|error| not_whole(&record, &error))?;
        let run: serde_json::Value =
            serde_json::from_slice(&text).map_err(|error| not_whole(&record, &error))?;
        let (_, expected) = RunRecord::schema();
        let found = run
            .get("schema_version")
            .and_then(|version| version.as_u64());
        if found != Some(expected.into()) {
            return Err(PublishedError::OtherVersion {
                set: folder.display().to_string(),
                found: found.unwrap_or_default(),
                expected,
            });
        }
        let run: Run = serde_json::from_value(run).map_err(|error| not_whole(&record, &error))?;
        let path = folder.join("summary.json");
        let text = std::fs::read(&path).map_err(|error| not_whole(&path, &error))?;
        check(&path, &run, &Sha256::digest(&text))?;
        let summary: Summary =
            serde_json::from_slice(&text).map_err(|error| not_whole(&path, &error))?;
        let posts: Vec<ObservedPost> = summary
            .by_post
            .into_iter()
            .map(|entry| ObservedPost {
                id: entry.id,
                title: entry.title,
                url: entry.url,
                day: entry.published,
            })
            .collect();
        let comments = comments(
            &folder.join("comments.jsonl"),
            &run,
            &posts,
            &summary.taxonomy,
        )?;
        let name = folder.file_name().unwrap_or_default();
        let themes_file = run.settings.get("themes").and_then(|file| file.as_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            folder,
            undertone: run.undertone,
            scoring: summary.scoring,
            themes_file: themes_file
                .filter(|file| *file != "built in")
                .map(PathBuf::from),
            taxonomy: summary.taxonomy,
            posts,
            comments,
        })
    }
}

fn not_whole(path: &Path, problem: &impl ToString) -> PublishedError {
    PublishedError::NotWhole {
        file: path.display().to_string(),
        problem: problem.to_string(),
    }
}

/// Refuses a file that is not the one that the run wrote.
fn check(path: &Path, run: &Run, found: &[u8]) -> Result<(), PublishedError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if run.outputs.get(name.as_ref()) == Some(&hex(found)) {
        Ok(())
    } else {
        Err(not_whole(path, &"it was changed after it was written"))
    }
}

/// A file whose hash is taken on the way.
struct Hashed {
    file: File,
    hasher: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

fn comments(
    path: &Path,
    run: &Run,
    posts: &[ObservedPost],
    taxonomy: &[ThemeSetting],
) -> Result<Vec<PublishedComment<'static>>, PublishedError> {
    let file = File::open(path).map_err(|error| not_whole(path, &error))?;
    let hasher = Sha256::new();
    let mut reader = BufReader::with_capacity(1 << 20, Hashed { file, hasher });
    let places: BTreeMap<&str, usize> = (0..)
        .zip(posts)
        .map(|(place, post)| (post.id.as_str(), place))
        .collect();
    let mut comments = Vec::new();
    let mut read = 0;
    loop {
        let mut lines = Vec::with_capacity(TOGETHER);
        while lines.len() < TOGETHER {
            let mut line = String::new();
            let length = reader.read_line(&mut line);
            if length.map_err(|error| not_whole(path, &error))? == 0 {
                break;
            }
            lines.push(line);
        }
        if lines.is_empty() {
            break;
        }
        let parsed: Vec<Result<Option<PublishedComment<'static>>, String>> = lines
            .par_iter()
            .map(|line| comment(line, posts, &places, taxonomy))
            .collect();
        for (number, comment) in (read + 1..).zip(parsed) {
            let comment =
                comment.map_err(|problem| not_whole(path, &format!("line {number}: {problem}")))?;
            comments.extend(comment);
        }
        read += lines.len();
    }
    check(path, run, &reader.into_inner().hasher.finalize())?;
    Ok(comments)
}

/// The comment of a line; None for one that does not count.
fn comment(
    line: &str,
    posts: &[ObservedPost],
    places: &BTreeMap<&str, usize>,
    taxonomy: &[ThemeSetting],
) -> Result<Option<PublishedComment<'static>>, String> {
    let line: Line<'_> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if !line.counted {
        return Ok(None);
    }
    let post = places.get(line.post.as_ref()).copied();
    let post = post.ok_or_else(|| format!("there is no post {:?}", line.post))?;
    let probability = |id: &str| line.themes.get(id).copied();
    let (themes, margin) = themes_of(taxonomy, &line.themes_assigned, probability)
        .ok_or("a theme has no probability")?;
    Ok(Some(PublishedComment {
        post,
        id: Cow::Owned(line.id),
        author: line.author.map(Cow::Owned),
        day: line.published.or_else(|| posts.get(post)?.day),
        text: Cow::Owned(line.text),
        quote: line.quote.map(Cow::Owned),
        sentiment: line.sentiment.label,
        attitude: attitude(line.sentiment.negative, line.sentiment.positive),
        themes,
        margin,
    }))
}
