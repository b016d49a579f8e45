//! `changes.json` and `digest.txt`: what is new since the set before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::records::{CommentRecord, Header, RunRecord};
use crate::comparison::{Counted, JudgedComment, Movement, movements, news};
use crate::hash::sha256_of_file;
use crate::model::Sentiment;
use crate::progress::visible;

/// Posts and movements that the digest names at most.
const NAMED: usize = 10;

/// The set that changes are told against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierSet {
    /// Its folder's name, which is the time it was begun.
    pub name: String,
    /// `run.json` as it is there.
    pub run: serde_json::Value,
    /// Its comments.
    pub comments: Vec<JudgedComment>,
}

/// `changes.json`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ChangesFile {
    /// What the file is.
    #[serde(flatten)]
    pub header: Header,
    /// The set that this one is compared with; null where there is none that is whole, and then there are no changes to tell.
    pub since: Option<String>,
    /// Why unchanged comments can be judged otherwise; empty if nothing but the comments can have changed.
    pub causes: Vec<Cause>,
    /// Comments by what became of them.
    pub comments: CommentNews,
    /// Posts with comments that came, went or were edited, in the order of the summary.
    pub posts: Vec<PostNews>,
    /// The new comments that count, by sentiment.
    pub new_by_sentiment: BTreeMap<String, u64>,
    /// The new comments that count, by theme; themes without any are left out.
    pub new_by_theme: BTreeMap<String, u64>,
    /// Counts of a year that moved, and why: `before + by_comments + by_judgement = after`.
    pub movements: Vec<MovementRecord>,
}

/// Why unchanged comments can be judged otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cause {
    /// `model`, `sentiment model`, `precision`, `themes`, `labels`, `cleaning`, `redaction`, `office-holders`, `libtorch` or
    /// `program`.
    pub what: String,
    /// What it was, in short.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// Comments by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommentNews {
    /// New ones.
    pub added: u64,
    /// Gone.
    pub removed: u64,
    /// With another text, author or year.
    pub edited: u64,
    /// What they were, but judged otherwise.
    pub rejudged: u64,
    /// As they were, and judged as they were.
    pub unchanged: u64,
}

/// A post with news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PostNews {
    /// Its id.
    pub post: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Whether the set before had no comment of it.
    pub is_new: bool,
    /// Comments that came.
    pub added: u64,
    /// Comments that went.
    pub removed: u64,
    /// Comments that were edited.
    pub edited: u64,
}

/// A count that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MovementRecord {
    /// The year; null for comments without one.
    pub year: Option<i16>,
    /// `comments`, a sentiment, or a theme's id.
    pub what: String,
    /// In the set before.
    pub before: i64,
    /// What comments that came, went or were edited brought or took.
    pub by_comments: i64,
    /// What other judgements of unchanged comments brought or took.
    pub by_judgement: i64,
    /// Now.
    pub after: i64,
}

/// What is read of a line of `comments.jsonl`.
#[derive(Deserialize)]
struct Line {
    id: String,
    post: String,
    author: Option<String>,
    year: Option<i16>,
    text: String,
    counted: bool,
    sentiment: SentimentOfLine,
    themes_assigned: BTreeSet<String>,
}

#[derive(Deserialize)]
struct SentimentOfLine {
    label: Sentiment,
}

impl EarlierSet {
    /// Reads a set; None if it is not whole, and then there is nothing to compare with.
    pub fn read(folder: &Path) -> Option<Self> {
        let name = folder.file_name()?.to_string_lossy().into_owned();
        let run = std::fs::read(folder.join("run.json")).ok()?;
        let run: serde_json::Value = serde_json::from_slice(&run).ok()?;
        let lines = folder.join("comments.jsonl");
        // Lines that were lost or spoilt would be told as news.
        let (_, found) = sha256_of_file(&lines).ok()?;
        if run.get("outputs")?.get("comments.jsonl")?.as_str() != Some(found.as_str()) {
            return None;
        }
        let comments = Self::of_lines(&lines)?;
        Some(Self {
            name,
            run,
            comments,
        })
    }

    /// The comments of a `comments.jsonl`; None if it is not whole.
    fn of_lines(path: &Path) -> Option<Vec<JudgedComment>> {
        BufReader::new(std::fs::File::open(path).ok()?)
            .lines()
            .map(|line| {
                let line: Line = serde_json::from_str(&line.ok()?).ok()?;
                Some(JudgedComment {
                    counts: line.counted,
                    post: line.post,
                    id: line.id,
                    author: line.author,
                    text: line.text,
                    year: line.year,
                    sentiment: line.sentiment.label,
                    themes: line.themes_assigned,
                })
            })
            .collect()
    }
}

/// A comment as it is published.
pub fn judged_comment(record: &CommentRecord<'_>) -> JudgedComment {
    JudgedComment {
        post: record.post.to_owned(),
        id: record.id.to_owned(),
        author: record.author.as_deref().map(str::to_owned),
        text: record.text.to_string(),
        year: record.year,
        counts: record.cleaning.counted,
        sentiment: record.scores.sentiment.label,
        themes: record.scores.themes_assigned.iter().cloned().collect(),
    }
}

/// Why comments that stayed what they were can be judged otherwise than in an earlier run.
pub fn causes(earlier: &serde_json::Value, now: &RunRecord) -> Vec<Cause> {
    let was = |path: &str| earlier.pointer(path).cloned().unwrap_or_default();
    // What JSON makes of the record, so that both are compared in one form.
    let now = serde_json::to_value(now).unwrap_or_default();
    let is = |path: &str| now.pointer(path).cloned().unwrap_or_default();
    let short = |value: &serde_json::Value| match value {
        serde_json::Value::Null => "none".to_owned(),
        serde_json::Value::String(text) if text.len() == 64 => text.chars().take(8).collect(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    [
        ("program", "/undertone"),
        ("model", "/scoring/model_sha256"),
        ("sentiment model", "/scoring/sentiment_model_sha256"),
        ("precision", "/scoring/precision"),
        ("themes", "/scoring/themes_sha256"),
        ("labels", "/scoring/overlay_sha256"),
        ("cleaning", "/scoring/cleaning"),
        ("redaction", "/settings/redact"),
        ("office-holders", "/settings/office_holders_sha256"),
        ("libtorch", "/libtorch"),
    ]
    .into_iter()
    .filter(|(_, path)| was(path) != is(path))
    .map(|(what, path)| Cause {
        what: what.to_owned(),
        before: short(&was(path)),
        after: short(&is(path)),
    })
    .collect()
}

/// What is new. `posts` are the ids and titles of all posts, in the order in which they are told.
pub fn changes_file(
    header: Header,
    earlier: Option<&EarlierSet>,
    now: &[JudgedComment],
    causes: Vec<Cause>,
    posts: &[(&str, Option<&str>)],
) -> ChangesFile {
    let nothing = Vec::new();
    let before = earlier.map_or(&nothing, |earlier| &earlier.comments);
    let found = news(before, now);
    let mut by_post: BTreeMap<&str, PostNews> = BTreeMap::new();
    let known: BTreeSet<&str> = before.iter().map(|comment| comment.post.as_str()).collect();
    let titles: BTreeMap<&str, Option<&str>> = posts.iter().copied().collect();
    let mut note = |post: &'_ str, change: &dyn Fn(&mut PostNews)| {
        // Only posts of one of the two runs are noted, whose names live as long as they do.
        let key = known.get(post).copied().or_else(|| {
            let of_now = titles.get_key_value(post);
            of_now.map(|(id, _)| *id)
        });
        if let Some(key) = key {
            change(by_post.entry(key).or_insert_with(|| PostNews {
                post: key.to_owned(),
                title: titles.get(key).copied().flatten().map(str::to_owned),
                is_new: !known.contains(key),
                added: 0,
                removed: 0,
                edited: 0,
            }));
        }
    };
    for place in &found.added {
        note(&now[*place].post, &|post| post.added += 1);
    }
    for place in &found.removed {
        note(&before[*place].post, &|post| post.removed += 1);
    }
    for (_, place) in &found.edited {
        note(&now[*place].post, &|post| post.edited += 1);
    }
    let order = posts.iter().map(|(id, _)| *id);
    let gone = known.iter().copied().filter(|id| !titles.contains_key(id));
    let posts = order.chain(gone).filter_map(|id| by_post.get(id).cloned());

    let mut new_by_sentiment: BTreeMap<String, u64> = BTreeMap::new();
    let mut new_by_theme: BTreeMap<String, u64> = BTreeMap::new();
    for comment in found.added.iter().map(|place| &now[*place]) {
        if comment.counts {
            let sentiment = comment.sentiment.name().to_owned();
            *new_by_sentiment.entry(sentiment).or_default() += 1;
            for theme in &comment.themes {
                *new_by_theme.entry(theme.clone()).or_default() += 1;
            }
        }
    }
    let moved = if earlier.is_some() {
        movements(before, now, &found)
    } else {
        BTreeMap::new()
    };
    ChangesFile {
        header,
        since: earlier.map(|earlier| earlier.name.clone()),
        causes,
        comments: CommentNews {
            added: found.added.len() as u64,
            removed: found.removed.len() as u64,
            edited: found.edited.len() as u64,
            rejudged: found.rejudged.len() as u64,
            unchanged: found.unchanged as u64,
        },
        posts: posts.collect(),
        new_by_sentiment,
        new_by_theme,
        movements: moved.into_iter().map(movement_record).collect(),
    }
}

fn movement_record(((year, what), movement): ((Option<i16>, Counted), Movement)) -> MovementRecord {
    MovementRecord {
        year,
        what: match what {
            Counted::Comments => "comments".to_owned(),
            Counted::Sentiment(place) => Sentiment::ALL[place].name().to_owned(),
            Counted::Theme(id) => id,
        },
        before: movement.before,
        by_comments: movement.by_comments,
        by_judgement: movement.by_judgement,
        after: movement.after,
    }
}

/// The same for a person to read in the morning.
pub fn digest(changes: &ChangesFile) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_digest(&mut text, changes);
    text
}

fn write_digest(text: &mut String, changes: &ChangesFile) -> std::fmt::Result {
    let counts = &changes.comments;
    let Some(since) = &changes.since else {
        writeln!(
            text,
            "No earlier set to compare with: {} comments.",
            counts.added
        )?;
        return Ok(());
    };
    writeln!(text, "Since {since}\n")?;
    let all = [
        (counts.added, "new"),
        (counts.edited, "edited"),
        (counts.removed, "gone"),
    ];
    if all.iter().all(|(count, _)| *count == 0) {
        writeln!(text, "No comment is new, edited or gone.")?;
    } else {
        let parts = all.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        writeln!(text, "Comments: {}.", parts.join(", "))?;
    }
    let listed = |counts: &BTreeMap<String, u64>| {
        let mut sorted: Vec<(&String, &u64)> = counts.iter().collect();
        // Stable: equal counts stay in alphabetical order.
        sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let parts = sorted
            .into_iter()
            .map(|(name, count)| format!("{name} {count}"));
        parts.collect::<Vec<_>>().join(", ")
    };
    if !changes.new_by_sentiment.is_empty() {
        writeln!(text, "The new ones: {}.", listed(&changes.new_by_sentiment))?;
    }
    if !changes.new_by_theme.is_empty() {
        writeln!(
            text,
            "What they are about: {}.",
            listed(&changes.new_by_theme)
        )?;
    }
    for (number, post) in changes.posts.iter().enumerate() {
        if number == 0 {
            writeln!(text, "\nPosts:")?;
        }
        if number == NAMED {
            let more = changes.posts.len() - NAMED;
            writeln!(text, "  and {more} more, in changes.json")?;
            break;
        }
        let parts = [
            (post.added, "new"),
            (post.edited, "edited"),
            (post.removed, "gone"),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let is_new = if post.is_new { " (a new post)" } else { "" };
        let name = post.title.as_ref().unwrap_or(&post.post);
        // A title must not look like a line of ours, nor move the cursor of who reads it.
        let name: Vec<&str> = name.split_whitespace().collect();
        let name = visible(&name.join(" "));
        writeln!(text, "  {name}{is_new}: {}", parts.join(", "))?;
    }
    writeln!(text)?;
    if changes.causes.is_empty() && counts.rejudged == 0 {
        writeln!(
            text,
            "Model, themes and settings are what they were: every other figure stands."
        )?;
        return Ok(());
    }
    if changes.causes.is_empty() {
        return writeln!(
            text,
            "{} comments that stayed what they were are judged otherwise, because what they answer or repeat changed.",
            counts.rejudged
        );
    }
    for cause in &changes.causes {
        writeln!(
            text,
            "Changed: {} ({} before, {} now).",
            cause.what, cause.before, cause.after
        )?;
    }
    let of_redaction = ["redaction", "office-holders"];
    if changes
        .causes
        .iter()
        .any(|cause| of_redaction.contains(&cause.what.as_str()))
    {
        writeln!(
            text,
            "Texts are redacted otherwise: comments can look edited for that alone."
        )?;
        if changes
            .causes
            .iter()
            .all(|cause| of_redaction.contains(&cause.what.as_str()))
        {
            return Ok(());
        }
    }
    writeln!(
        text,
        "{} of the {} comments that stayed what they were are judged otherwise. That is no news about what people write: do not compare figures of before with figures of now.",
        counts.rejudged,
        counts.rejudged + counts.unchanged
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ChangesFile, CommentNews, Header, PostNews, digest};
    use crate::cleaning::Rules;
    use crate::model::Precision;
    use crate::output::Scoring;

    #[test]
    fn a_title_writes_no_lines_of_its_own() {
        let scoring = Scoring {
            model: "test".to_owned(),
            model_sha256: "00".repeat(32),
            precision: Precision::F32,
            overlay_sha256: None,
            sentiment_model: None,
            sentiment_model_sha256: None,
            themes_sha256: "11".repeat(32),
            cleaning: Rules::default(),
        };
        let changes = ChangesFile {
            header: Header::new("changes", &scoring),
            since: Some("2023-08-26T03-00-00Z".to_owned()),
            causes: Vec::new(),
            comments: CommentNews {
                added: 1,
                ..CommentNews::default()
            },
            posts: vec![PostNews {
                post: "monday".to_owned(),
                title: Some("Monday\n\nComments: 9 gone.\u{1b}[2J\u{202e}".to_owned()),
                is_new: true,
                added: 1,
                removed: 0,
                edited: 0,
            }],
            new_by_sentiment: BTreeMap::new(),
            new_by_theme: BTreeMap::new(),
            movements: Vec::new(),
        };
        let text = digest(&changes);
        let line = "  Monday Comments: 9 gone.\\u{1b}[2J\\u{202e} (a new post): 1 new";
        assert!(text.lines().any(|one| one == line), "{text}");
    }
}
