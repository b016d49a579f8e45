//! One text, cleaned: what was found in it, and what the model reads of it.

use std::ops::Range;

use super::furniture::{self, SignatureBook};
use super::quotation::{self, Thread};
use super::rules::{Rules, Step};
use super::span::{Finding, Kind};
use super::text::{Normal, normalise};
use super::words::words;
use super::{links, paragraphs};
use crate::passage::{Own, Passage};
use crate::ranges;

/// What cleaning found in a text. The text itself stays untouched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// In the order of where they begin; ranges are bytes of the text.
    pub findings: Vec<Finding>,
    /// What the model reads: without furniture, links as their words, and which part is the writer's own.
    pub passage: Passage,
    /// Words of the text, those of quotations and furniture included.
    pub words: usize,
    /// Words that are the writer's own.
    pub own_words: usize,
}

impl Cleaned {
    /// Whether a text that has something to say says nothing of its writer's own: it consists of quotations, links and
    /// furniture.
    pub fn is_quoted_only(&self) -> bool {
        self.passage.own.is_nothing()
    }

    /// The bytes of the text that are neither quotation nor link nor furniture, in order and apart; `length` is the
    /// text's.
    pub fn own_ranges(&self, length: usize) -> Vec<Range<usize>> {
        let others = self
            .findings
            .iter()
            .filter(|finding| finding.kind.takes_words());
        rest(others.map(|finding| finding.range.clone()), 0..length)
    }
}

/// Cleans a text that stands alone; what would need its thread is not looked for.
pub fn clean_text(text: &str, rules: &Rules) -> Cleaned {
    clean(&normal(text, rules), rules, &Surroundings::default())
}

/// What is around a text.
#[derive(Debug, Default)]
pub(super) struct Surroundings<'s> {
    /// What came before it in its thread.
    pub thread: Option<&'s Thread>,
    /// The names its thread is signed with.
    pub signatures: Option<&'s SignatureBook>,
    /// Whether it is the body of a page.
    pub is_body: bool,
}

/// A text in the form in which all other steps look at it.
pub(super) fn normal(text: &str, rules: &Rules) -> Normal {
    if rules.has(Step::Text) {
        normalise(text)
    } else {
        Normal::untouched(text)
    }
}

/// Cleans a text in normal form.
pub(super) fn clean(normal: &Normal, rules: &Rules, around: &Surroundings<'_>) -> Cleaned {
    let read = &normal.text;
    let links = if rules.has(Step::Links) {
        links::find(read)
    } else {
        Vec::new()
    };
    let mut cut = if rules.has(Step::Furniture) {
        furniture::find(read, &links, around.signatures)
    } else {
        Vec::new()
    };
    if around.is_body && rules.has(Step::Paragraphs) {
        let repeated = paragraphs::repeated(read);
        let paragraphs: Vec<Range<usize>> =
            repeated.iter().map(|found| found.range.clone()).collect();
        cut.retain(|finding| ranges::overlapping(&paragraphs, &finding.range).is_empty());
        cut.extend(repeated);
        cut.sort_by_key(|finding| finding.range.start);
    }
    let cut_ranges: Vec<Range<usize>> = cut.iter().map(|finding| finding.range.clone()).collect();
    // A link in a paragraph that is left out is left out with it.
    let mut links: Vec<Finding> = links
        .into_iter()
        .filter(|link| ranges::overlapping(&cut_ranges, &link.range).is_empty())
        .map(|link| Finding {
            kind: Kind::Link,
            range: link.range,
            of: Some(link.words),
        })
        .collect();
    let link_ranges: Vec<Range<usize>> = links.iter().map(|link| link.range.clone()).collect();
    let quotes = quotation::find(read, rules, around.thread, &link_ranges, &cut_ranges);

    let mut found = quotes;
    found.append(&mut cut);
    found.append(&mut links);
    found.sort_by_key(|finding| finding.range.start);
    let (passage, own_words) = passage(read, &found);
    let mut end = 0;
    let mut findings = normal.findings.clone();
    findings.extend(found.into_iter().filter_map(|finding| {
        // Two stretches that share a character of the original are parted before it.
        let range = normal.map.to_original(finding.range);
        let range = range.start.max(end)..range.end;
        end = end.max(range.end);
        (!range.is_empty()).then_some(Finding { range, ..finding })
    }));
    findings.sort_by_key(|finding| (finding.range.start, std::cmp::Reverse(finding.range.end)));
    Cleaned {
        findings,
        passage,
        words: words(read).count(),
        own_words,
    }
}

/// What the model reads of a text, and how many words of it are the writer's own. `found` is in order and apart.
fn passage(text: &str, found: &[Finding]) -> (Passage, usize) {
    let mut draft = Draft::default();
    let mut at = 0;
    for finding in found {
        draft.own(&text[at..finding.range.start]);
        at = finding.range.end;
        match (finding.kind, &finding.of) {
            (Kind::Link, Some(words)) => draft.link(words),
            (kind, _) if kind.is_furniture() => {
                draft.cut = true;
                draft.has_furniture = true;
            }
            _ => draft.others(&text[finding.range.clone()]),
        }
    }
    draft.own(&text[at..]);
    draft.finish()
}

/// A passage under construction.
#[derive(Default)]
struct Draft {
    text: String,
    own: Vec<Range<usize>>,
    own_words: usize,
    /// Whether the writer says anything at all, be it with a picture.
    own_says: bool,
    /// Whether there are stretches that are not the writer's own.
    has_others: bool,
    /// Whether furniture was left out.
    has_furniture: bool,
    /// Whether something was left out or replaced since the last stretch.
    cut: bool,
}

impl Draft {
    fn own(&mut self, stretch: &str) {
        if let Some(range) = self.push(stretch) {
            self.own.push(range);
            self.own_words += words(stretch).count();
            self.own_says |= stretch.chars().any(says);
        }
    }

    fn others(&mut self, stretch: &str) {
        self.has_others = true;
        self.push(stretch);
    }

    /// The words of a link stand apart from what surrounds them.
    fn link(&mut self, words: &str) {
        self.cut = true;
        self.others(words);
        self.cut = true;
    }

    /// Adds a stretch, after a space where something left out would otherwise have parted two words.
    fn push(&mut self, stretch: &str) -> Option<Range<usize>> {
        let next = stretch.chars().next()?;
        let last = self.text.chars().next_back();
        if self.cut && !next.is_whitespace() && last.is_some_and(|last| !last.is_whitespace()) {
            self.text.push(' ');
        }
        self.cut = false;
        let start = self.text.len();
        self.text.push_str(stretch);
        Some(start..self.text.len())
    }

    fn finish(self) -> (Passage, usize) {
        let own = if !self.own_says && (self.has_others || self.has_furniture) {
            Own::Parts(Vec::new())
        } else if self.has_others {
            Own::Parts(self.own)
        } else {
            Own::Whole
        };
        (
            Passage {
                text: self.text,
                own,
                answers: None,
            },
            self.own_words,
        )
    }
}

/// Whether a character says something by itself: a letter, a digit, or a picture.
fn says(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}')
}

/// What sorted ranges leave of a whole.
fn rest(ranges: impl Iterator<Item = Range<usize>>, whole: Range<usize>) -> Vec<Range<usize>> {
    let mut at = whole.start;
    let mut left = Vec::new();
    for range in ranges {
        if at < range.start {
            left.push(at..range.start);
        }
        at = at.max(range.end);
    }
    if at < whole.end {
        left.push(at..whole.end);
    }
    left
}
