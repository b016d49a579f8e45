//! What cleaning found, as outputs show it: with places in characters, because a program that reads JSON counts these.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cleaning::redaction::{Personal, Redaction};
use crate::cleaning::{CleanComment, Finding, Kind};

/// A stretch of a text and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingRecord {
    /// What it is.
    pub kind: Kind,
    /// Where it begins, in Unicode characters of the text as shown here, counted from 0.
    pub start: usize,
    /// Where it ends: the first character that is no longer part of it.
    pub end: usize,
    /// The id of the post or comment whose words these are, where that is known; of a link, its readable words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// What cleaning found in a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CleaningRecord {
    /// Whether it counts in the figures.
    pub counted: bool,
    /// The id of the comment that is counted in its stead, or null.
    pub duplicate_of: Option<String>,
    /// Its language by its ISO 639-1 code, or null where it is too short to tell, which counts as English.
    pub language: Option<String>,
    /// Whether it has no words of its own; its sentiment is then neutral.
    pub quoted_only: bool,
    /// Its words.
    pub words: usize,
    /// Those of them that are the writer's own; sentiment is judged on these.
    pub own_words: usize,
    /// What cleaning found in the text.
    pub findings: Vec<FindingRecord>,
}

/// A stretch of a text that redaction replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RedactionRecord {
    /// What it is.
    pub kind: Personal,
    /// Where it begins, in Unicode characters of the text, counted from 0.
    pub start: usize,
    /// Where it ends: the first character that is no longer part of it.
    pub end: usize,
}

/// A comment as `undertone clean --json` prints it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CleanCommentRecord<'a> {
    /// The comment's id.
    pub id: &'a str,
    /// The id of the comment it answers, or null.
    pub parent: Option<&'a str>,
    /// Its text as it was read.
    pub text: &'a str,
    /// What cleaning found.
    #[serde(flatten)]
    pub cleaning: CleaningRecord,
    /// The personal data that redaction would replace.
    pub redactions: Vec<RedactionRecord>,
    /// What the model reads.
    pub read: &'a str,
}

/// What `undertone clean --json` prints, an object a post.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CleanPostRecord<'a> {
    /// The post's id.
    pub id: &'a str,
    /// The path it was read from.
    pub source: &'a str,
    /// Its title, or null.
    pub title: Option<&'a str>,
    /// The id of the post of which this is another copy, or null.
    pub copy_of: Option<&'a str>,
    /// The post's own text as it was read.
    pub body: &'a str,
    /// What cleaning found in it.
    pub body_findings: Vec<FindingRecord>,
    /// The comments in the order of the page.
    pub comments: Vec<CleanCommentRecord<'a>>,
}

/// What cleaning found in a comment; `findings` are given, because their places depend on the text that is shown.
pub fn cleaning_record(cleaning: &CleanComment, findings: Vec<FindingRecord>) -> CleaningRecord {
    CleaningRecord {
        counted: cleaning.counted,
        duplicate_of: cleaning.duplicate_of.clone(),
        language: cleaning.language.code().map(str::to_owned),
        quoted_only: cleaning.cleaned.is_quoted_only(),
        words: cleaning.cleaned.words,
        own_words: cleaning.cleaned.own_words,
        findings,
    }
}

/// Findings with their places in characters of `text`; `place` says where bytes of the text they were found in lie in it.
/// What has no extent in it is left out.
pub fn finding_records(
    text: &str,
    findings: &[Finding],
    place: impl Fn(Range<usize>) -> Range<usize>,
) -> Vec<FindingRecord> {
    let ranges = findings.iter().map(|finding| place(finding.range.clone()));
    let places = in_characters(text, &ranges.collect::<Vec<_>>());
    findings
        .iter()
        .zip(places)
        .map(|(finding, place)| FindingRecord {
            kind: finding.kind,
            start: place.start,
            end: place.end,
            of: finding.of.clone(),
        })
        .filter(|record| record.start < record.end)
        .collect()
}

/// Redactions with their places in characters.
pub fn redaction_records(text: &str, redactions: &[Redaction]) -> Vec<RedactionRecord> {
    let ranges = redactions.iter().map(|redaction| redaction.range.clone());
    let places = in_characters(text, &ranges.collect::<Vec<_>>());
    redactions
        .iter()
        .zip(places)
        .map(|(redaction, place)| RedactionRecord {
            kind: redaction.kind,
            start: place.start,
            end: place.end,
        })
        .collect()
}

/// Ranges of bytes as ranges of characters, counted in one walk through the text.
fn in_characters(text: &str, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let ends: BTreeSet<usize> = ranges
        .iter()
        .flat_map(|range| [range.start, range.end])
        .collect();
    let mut characters = BTreeMap::new();
    let (mut at, mut count) = (0, 0);
    for end in ends {
        count += text[at..end].chars().count();
        at = end;
        characters.insert(end, count);
    }
    ranges
        .iter()
        .map(|range| characters[&range.start]..characters[&range.end])
        .collect()
}
