//! Whose words are they? Finds what a comment quotes.
//!
//! Several signs are looked for side by side: words that stand in the post or in an earlier comment (`repeats`),
//! quotation marks (`marks`), block quotes and tables (`blocks`), and lines that introduce somebody's words or the link
//! beside which a text was pasted (`pasted`). Where they overlap, the surer sign keeps the stretch.

mod blocks;
mod marks;
mod pasted;
mod repeats;
mod voice;

use std::ops::Range;

use super::lines::{Line, lines};
use super::rules::{Rules, Step};
use super::span::{Finding, Kind};
use super::words::{Word, words};
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
    let lines: Vec<Line<'_>> = lines(text).collect();
    let words: Vec<Word> = words(text).collect();
    let quoted = marks::quoted(text, &lines);
    let layout = pasted::Layout::new(text, &lines, &quoted, links);
    let runs = match thread {
        Some(thread) if rules.has(Step::Repeats) => thread.earlier.runs(text, &words),
        _ => Vec::new(),
    };
    let source = |run: &Run| thread.map(|thread| thread.sources[run.text].clone());

    let mut taken = Taken::new(text, &words, links.iter().chain(furniture));
    let (blocks, tables): (Vec<_>, Vec<_>) = blocks::blocks(&lines)
        .into_iter()
        .partition(|(kind, _)| *kind == Kind::BlockQuote);
    if rules.has(Step::Blocks) {
        blocks
            .into_iter()
            .for_each(|(kind, range)| taken.claim(kind, range, None));
    }
    if rules.has(Step::Introduced) {
        layout
            .introduced()
            .into_iter()
            .for_each(|range| taken.claim(Kind::Introduced, range, None));
    }
    for run in &runs {
        let Some((id, kind)) = source(run) else {
            continue;
        };
        if let Some(range) = repeated(text, rules, kind, run, &words, &lines, &quoted) {
            taken.claim(kind, range, Some(id));
        }
    }
    if rules.has(Step::Marks) {
        for range in &quoted {
            if count(&words, range) >= rules.marked_words {
                taken.claim(Kind::QuotationMarks, range.clone(), None);
            }
        }
    }
    if rules.has(Step::Tables) {
        tables
            .into_iter()
            .for_each(|(kind, range)| taken.claim(kind, range, None));
    }
    if rules.has(Step::Pasted) {
        let pasted = layout.pasted(|at| taken.covers(at));
        pasted
            .into_iter()
            .for_each(|range| taken.claim(Kind::Pasted, range, None));
    }
    let mut findings = taken.findings;
    // Whoever repeats what was introduced or set as a block is quoting a known text too.
    for finding in findings.iter_mut().filter(|finding| finding.of.is_none()) {
        let of_finding = count(&words, &finding.range);
        let repeated = runs.iter().find(|run| {
            run.agreeing >= rules.marked_words
                && overlap(&words, run, &finding.range) * 100 >= of_finding * MOSTLY
        });
        finding.of = repeated.and_then(source).map(|(id, _)| id);
    }
    findings.sort_by_key(|finding| finding.range.start);
    findings
}

/// The stretch that a run of agreeing words makes a quotation, if it does.
fn repeated(
    text: &str,
    rules: &Rules,
    kind: Kind,
    run: &Run,
    words: &[Word],
    lines: &[Line<'_>],
    quoted: &[Range<usize>],
) -> Option<Range<usize>> {
    let bytes = words[run.words.start].range.start..words[run.words.end - 1].range.end;
    let covers = |range: &Range<usize>| {
        let inside = count(words, range);
        inside > 0 && overlap(words, run, range) * 100 >= inside * MOSTLY
    };
    let around = |ranges: &mut dyn Iterator<Item = Range<usize>>| -> Option<Range<usize>> {
        ranges
            .filter(|range| range.start < bytes.end && bytes.start < range.end)
            .filter(|range| covers(range))
            .reduce(|first, last| first.start..last.end)
    };
    let marked = around(&mut quoted.iter().cloned());
    let filled = around(&mut lines.iter().flat_map(sentences));
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

/// The sentences of a line, as far as punctuation shows them.
fn sentences(line: &Line<'_>) -> impl Iterator<Item = Range<usize>> {
    let (text, offset) = (line.text, line.range.start);
    let mut begin = 0;
    std::iter::from_fn(move || {
        if begin >= text.len() {
            return None;
        }
        let rest = &text[begin..];
        // The end of a sentence is a stop with white space behind it, closing marks aside.
        let end = rest
            .match_indices(['.', '!', '?', '…'])
            .map(|(at, stop)| {
                let behind = &rest[at + stop.len()..];
                rest.len()
                    - behind
                        .trim_start_matches(['.', '!', '?', '…', '"', '”', '’', '\'', ')'])
                        .len()
            })
            .find(|end| rest[*end..].starts_with(char::is_whitespace))
            .unwrap_or(rest.len());
        let sentence = offset + begin..offset + begin + end;
        begin += end + (rest[end..].len() - rest[end..].trim_start().len());
        Some(sentence)
    })
}

fn is_telling(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        || (word.chars().count() > 3 && !COMMON.contains(&word.to_lowercase().as_str()))
}

/// How many words lie within a range.
fn count(words: &[Word], range: &Range<usize>) -> usize {
    let first = words.partition_point(|word| word.range.start < range.start);
    let end = words.partition_point(|word| word.range.start < range.end);
    end.saturating_sub(first)
}

/// How many words of a run lie within a range.
fn overlap(words: &[Word], run: &Run, range: &Range<usize>) -> usize {
    count(&words[run.words.clone()], range)
}

/// The stretches that have been given to a finding, to a link or to furniture.
struct Taken<'t> {
    text: &'t str,
    words: &'t [Word],
    /// Sorted and apart from one another.
    ranges: Vec<Range<usize>>,
    findings: Vec<Finding>,
}

impl<'t> Taken<'t> {
    fn new<'r>(
        text: &'t str,
        words: &'t [Word],
        ranges: impl Iterator<Item = &'r Range<usize>>,
    ) -> Self {
        let mut ranges: Vec<Range<usize>> = ranges.cloned().collect();
        ranges.sort_by_key(|range| range.start);
        Self {
            text,
            words,
            ranges,
            findings: Vec::new(),
        }
    }

    fn covers(&self, at: usize) -> bool {
        let after = self.ranges.partition_point(|range| range.start <= at);
        after > 0 && at < self.ranges[after - 1].end
    }

    /// Gives what is still free of a stretch to a finding; pieces without a word stay free.
    fn claim(&mut self, kind: Kind, range: Range<usize>, of: Option<String>) {
        let first = self
            .ranges
            .partition_point(|taken| taken.end <= range.start);
        let end = self.ranges.partition_point(|taken| taken.start < range.end);
        let mut free = Vec::new();
        let mut at = range.start;
        for taken in &self.ranges[first..end.max(first)] {
            free.push(at..taken.start.max(at));
            at = at.max(taken.end);
        }
        free.push(at..range.end.max(at));
        for piece in free {
            let inner = &self.text[piece.clone()];
            let start = piece.start + (inner.len() - inner.trim_start().len());
            let trimmed = start..start + inner.trim().len();
            if count(self.words, &trimmed) == 0 {
                continue;
            }
            let place = self
                .ranges
                .partition_point(|taken| taken.start < trimmed.start);
            self.ranges.insert(place, trimmed.clone());
            self.findings.push(Finding {
                kind,
                range: trimmed,
                of: of.clone(),
            });
        }
    }
}
