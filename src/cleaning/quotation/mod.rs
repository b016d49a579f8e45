//! Whose words are they? Finds what a comment quotes.
//!
//! Several signs are looked for side by side: words that stand in the post or in an earlier comment (`repeats`),
//! quotation marks (`marks`), block quotes and tables (`blocks`), and lines that introduce somebody's words or the link
//! beside which a text was pasted (`prose`). Where they overlap, the surer sign keeps the stretch.

mod blocks;
mod marks;
mod prose;
mod repeats;

use std::ops::Range;

use super::lines::{Line, lines};
use super::rules::{Rules, Step};
use super::span::{Finding, Kind};
use super::words::{Word, within, words};
use crate::ranges::overlapping;
use repeats::{Earlier, Run};

/// A run of words in quotation marks repeats an earlier text if so many in a hundred of its words do.
const MOSTLY: usize = 80;

/// Words that occur in every second comment and so say little about whether one repeats another.
const COMMON: [&str; 54] = [
    "about",
    "after",
    "again",
    "always",
    "another",
    "because",
    "been",
    "before",
    "being",
    "could",
    "does",
    "every",
    "everyone",
    "first",
    "from",
    "going",
    "have",
    "into",
    "just",
    "know",
    "like",
    "made",
    "make",
    "management",
    "many",
    "more",
    "most",
    "much",
    "never",
    "officer",
    "officers",
    "only",
    "other",
    "people",
    "prison",
    "probation",
    "service",
    "should",
    "some",
    "staff",
    "still",
    "than",
    "that",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "time",
    "what",
    "when",
    "with",
];

/// Words that are not common which a repeated stretch must have: within a sentence, and if it fills one. In quotation
/// marks it needs none.
const TELLING: usize = 3;
const TELLING_OF_A_SENTENCE: usize = 2;

/// A comment of fewer words that equals an earlier one is somebody who says the same, not a quotation.
const SAYS_THE_SAME: usize = 20;

/// The texts of one thread so far, for finding what a comment repeats.
#[derive(Debug, Default)]
pub(crate) struct Thread {
    earlier: Earlier,
    /// The id of each text and what repeating it is.
    sources: Vec<(String, Kind)>,
}

impl Thread {
    /// A thread under the body of a post.
    pub fn new(post: &str, body: &str) -> Self {
        let mut thread = Self::default();
        thread.push(post, body, Kind::RepeatsPost);
        thread
    }

    /// Adds the next comment.
    pub fn add(&mut self, id: &str, text: &str) {
        self.push(id, text, Kind::RepeatsComment);
    }

    fn push(&mut self, id: &str, text: &str, kind: Kind) {
        self.earlier.add(text);
        self.sources.push((id.to_owned(), kind));
    }
}

/// What a text quotes: findings of quotation, in order and apart from one another. `links` are the addresses in it and
/// `furniture` what else is nobody's words; both are left out of every finding.
pub(crate) fn find(
    text: &str,
    rules: &Rules,
    thread: Option<&Thread>,
    links: &[Range<usize>],
    furniture: &[Range<usize>],
) -> Vec<Finding> {
    let mut prepared = prepare(text, rules, thread, links, furniture);
    let (introduced, pasted) = (rules.has(Step::Introduced), rules.has(Step::Pasted));
    if introduced || pasted {
        for (kind, range) in prose::others(&prepared.layout()) {
            if if kind == Kind::Introduced {
                introduced
            } else {
                pasted
            } {
                prepared.claim(kind, range, None);
            }
        }
    }
    prepared.into_findings(rules, thread)
}

/// What the surer signs find: block quotes, words of earlier texts, quotation marks, tables.
fn prepare<'t>(
    text: &'t str,
    rules: &Rules,
    thread: Option<&Thread>,
    links: &'t [Range<usize>],
    furniture: &[Range<usize>],
) -> Prepared<'t> {
    let lines: Vec<Line<'t>> = lines(text).collect();
    let words: Vec<Word> = words(text).collect();
    let quoted = marks::quoted(text, &lines);
    let runs = match thread {
        Some(thread) if rules.has(Step::Repeats) => thread.earlier.runs(text, &words),
        _ => Vec::new(),
    };
    let mut taken: Vec<Range<usize>> = links.iter().chain(furniture).cloned().collect();
    taken.sort_by_key(|range| range.start);
    let mut prepared = Prepared {
        text,
        sentences: lines.iter().flat_map(prose::sentences).collect(),
        lines,
        words,
        quoted,
        links,
        runs,
        taken,
        findings: Vec::new(),
    };
    let (blocks, tables): (Vec<_>, Vec<_>) = blocks::blocks(&prepared.lines)
        .into_iter()
        .partition(|(kind, _)| *kind == Kind::BlockQuote);
    if rules.has(Step::Blocks) {
        for (kind, range) in blocks {
            prepared.claim(kind, range, None);
        }
    }
    for run in prepared.runs.clone() {
        let Some((id, kind)) = thread.map(|thread| thread.sources[run.text].clone()) else {
            continue;
        };
        if let Some(range) = prepared.repeated(rules, kind, &run) {
            prepared.claim(kind, range, Some(id));
        }
    }
    if rules.has(Step::Marks) {
        for range in prepared.quoted.clone() {
            if count(&prepared.words, &range) >= rules.marked_words {
                prepared.claim(Kind::QuotationMarks, range, None);
            }
        }
    }
    if rules.has(Step::Tables) {
        for (kind, range) in tables {
            prepared.claim(kind, range, None);
        }
    }
    prepared
}

/// A text with what was found in it so far.
struct Prepared<'t> {
    text: &'t str,
    lines: Vec<Line<'t>>,
    words: Vec<Word>,
    sentences: Vec<Range<usize>>,
    /// What stands in quotation marks, however short.
    quoted: Vec<Range<usize>>,
    links: &'t [Range<usize>],
    /// What stands in earlier texts, however short.
    runs: Vec<Run>,
    /// What belongs to a finding, to a link or to furniture; sorted and apart.
    taken: Vec<Range<usize>>,
    findings: Vec<Finding>,
}

impl Prepared<'_> {
    fn layout(&self) -> prose::Layout<'_> {
        prose::Layout {
            text: self.text,
            lines: &self.lines,
            words: &self.words,
            quoted: &self.quoted,
            links: self.links,
            taken: &self.taken,
            quotations: self.findings.len(),
            repeats: self
                .findings
                .iter()
                .any(|finding| matches!(finding.kind, Kind::RepeatsPost | Kind::RepeatsComment)),
            quotes_in_lines: self.findings.iter().any(|finding| {
                let line = self
                    .lines
                    .partition_point(|line| line.range.start < finding.range.start);
                finding.kind == Kind::QuotationMarks
                    && self
                        .lines
                        .get(line)
                        .is_some_and(|line| line.range == finding.range)
            }),
        }
    }

    /// Gives what is still free of a stretch to a finding; pieces without a word stay free.
    fn claim(&mut self, kind: Kind, range: Range<usize>, of: Option<String>) {
        let first = self.taken.partition_point(|taken| taken.end <= range.start);
        let end = self.taken.partition_point(|taken| taken.start < range.end);
        let mut free = Vec::new();
        let mut at = range.start;
        for taken in &self.taken[first..end.max(first)] {
            free.push(at..taken.start.max(at));
            at = at.max(taken.end);
        }
        free.push(at..range.end.max(at));
        for piece in free {
            let inner = &self.text[piece.clone()];
            let start = piece.start + (inner.len() - inner.trim_start().len());
            let trimmed = start..start + inner.trim().len();
            if count(&self.words, &trimmed) == 0 {
                continue;
            }
            let place = self
                .taken
                .partition_point(|taken| taken.start < trimmed.start);
            self.taken.insert(place, trimmed.clone());
            self.findings.push(Finding {
                kind,
                range: trimmed,
                of: of.clone(),
            });
        }
    }

    fn into_findings(self, rules: &Rules, thread: Option<&Thread>) -> Vec<Finding> {
        let mut findings = self.findings;
        // Whoever repeats what was introduced or set as a block is quoting a known text too.
        for finding in findings.iter_mut().filter(|finding| finding.of.is_none()) {
            let of_finding = count(&self.words, &finding.range);
            let repeated = self.runs.iter().find(|run| {
                run.agreeing >= rules.marked_words
                    && overlap(&self.words, run, &finding.range) * 100 >= of_finding * MOSTLY
            });
            finding.of = repeated
                .zip(thread)
                .map(|(run, thread)| thread.sources[run.text].0.clone());
        }
        findings.sort_by_key(|finding| finding.range.start);
        findings
    }

    /// The stretch that a run of agreeing words makes a quotation, if it does.
    fn repeated(&self, rules: &Rules, kind: Kind, run: &Run) -> Option<Range<usize>> {
        let (text, words, quoted) = (self.text, &self.words, &self.quoted);
        let bytes = words[run.words.start].range.start..words[run.words.end - 1].range.end;
        let covers = |range: &Range<usize>| {
            let inside = count(words, range);
            inside > 0 && overlap(words, run, range) * 100 >= inside * MOSTLY
        };
        let around = |ranges: &[Range<usize>]| -> Option<Range<usize>> {
            overlapping(ranges, &bytes)
                .iter()
                .filter(|range| covers(range))
                .cloned()
                .reduce(|first, last| first.start..last.end)
        };
        let marked = around(quoted);
        let filled = around(&self.sentences);
        let says_the_same = kind == Kind::RepeatsComment
            && words.len() < SAYS_THE_SAME
            && run.words.len() * 100 >= words.len() * MOSTLY
            && marked.is_none();
        if says_the_same {
            return None;
        }
        let (agreeing, telling) = match (&marked, &filled) {
            (Some(_), _) => (rules.marked_words, 0),
            (None, Some(_)) => (rules.marked_words, TELLING_OF_A_SENTENCE),
            (None, None) => (rules.repeated_words, TELLING),
        };
        let told = words[run.words.clone()]
            .iter()
            .filter(|word| is_telling(&text[word.range.clone()]));
        let counts = run.agreeing >= agreeing && told.take(telling).count() == telling;
        // Marks say where a quotation ends; without them a sentence that is mostly repeated is repeated whole.
        let frame = marked.or(filled).unwrap_or(bytes.clone());
        counts.then(|| frame.start.min(bytes.start)..frame.end.max(bytes.end))
    }
}

fn is_telling(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        || (word.chars().count() > 3 && !COMMON.contains(&word.to_lowercase().as_str()))
}

/// How many words lie within a range.
fn count(words: &[Word], range: &Range<usize>) -> usize {
    within(words, range).len()
}

/// How many words of a run lie within a range.
fn overlap(words: &[Word], run: &Run, range: &Range<usize>) -> usize {
    count(&words[run.words.clone()], range)
}
