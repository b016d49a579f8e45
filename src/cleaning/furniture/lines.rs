//! A text as lines that shrink as furniture is found.

use std::ops::Range;

use crate::cleaning::links::Link;
use crate::cleaning::span::{Finding, Kind};

/// One line, as far as it is not furniture.
#[derive(Debug, Clone)]
struct Line {
    /// Bytes of the text, without white space at either end; empty for a blank line.
    range: Range<usize>,
    /// Whether it holds links and no other words.
    links_only: bool,
}

/// The lines of a text and what was found in them.
pub(super) struct Lines<'a> {
    text: &'a str,
    links: Vec<Range<usize>>,
    lines: Vec<Line>,
    findings: Vec<Finding>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str, links: &[Link]) -> Self {
        let links: Vec<Range<usize>> = links.iter().map(|link| link.range.clone()).collect();
        let mut lines = Vec::new();
        let mut start = 0;
        for raw in text.split('\n') {
            let range = trimmed(text, start..start + raw.len());
            lines.push(Line {
                links_only: holds_links_only(text, &range, &links),
                range,
            });
            start += raw.len() + 1;
        }
        Lines {
            text,
            links,
            lines,
            findings: Vec::new(),
        }
    }

    /// How many lines there are, blank ones included.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// What is left of a line; empty where nothing is, or no such line.
    pub(super) fn get(&self, place: usize) -> &'a str {
        self.lines
            .get(place)
            .map_or("", |line| &self.text[line.range.clone()])
    }

    /// Whether a line holds links and no other words.
    pub(super) fn holds_links_only(&self, place: usize) -> bool {
        self.lines.get(place).is_some_and(|line| line.links_only)
    }

    /// The places of lines that are not blank.
    pub(super) fn filled(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(|&place| !self.get(place).is_empty())
    }

    /// The places, from the last one before `end` upwards, of lines that are neither blank nor nothing but links.
    pub(super) fn worded_before(&self, end: usize) -> impl Iterator<Item = usize> + '_ {
        let worded = |place: &usize| {
            let line = &self.lines[*place];
            !line.range.is_empty() && !line.links_only
        };
        (0..end.min(self.len())).rev().filter(worded)
    }

    /// Whether not more than one line is left that is not blank.
    pub(super) fn is_single(&self) -> bool {
        self.filled().nth(1).is_none()
    }

    pub(super) fn count_found(&self) -> usize {
        self.findings.len()
    }

    /// Takes so many bytes, and the white space after them, off the start of a line.
    pub(super) fn take_start(&mut self, place: usize, length: usize, kind: Kind) {
        let Some(line) = self.lines.get_mut(place) else {
            return;
        };
        let start = line.range.start;
        let rest = trimmed(self.text, start + length..line.range.end);
        let end = rest.start;
        // Links are in order and apart, so their ends are in order too.
        let next = self.links.partition_point(|link| link.end <= start);
        let overlaps = self.links.get(next).is_some_and(|link| link.start < end);
        if start == end || overlaps {
            return;
        }
        line.links_only = holds_links_only(self.text, &rest, &self.links);
        line.range = rest;
        self.findings.push(Finding {
            kind,
            range: start..end,
            of: None,
        });
    }

    /// Takes all that is left of a line.
    pub(super) fn take(&mut self, place: usize, kind: Kind) {
        self.take_start(place, self.get(place).len(), kind);
    }

    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| finding.range.start);
        self.findings.dedup_by(|next, last| {
            let continues = last.kind == next.kind && last.range.end == next.range.start;
            if continues {
                last.range.end = next.range.end;
            }
            continues
        });
        self.findings
    }
}

/// A range without white space at either end; an empty one lies at the end.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let whole = &text[range.clone()];
    let start = range.end - whole.trim_start().len();
    start..start + text[start..range.end].trim_end().len()
}

fn holds_links_only(text: &str, range: &Range<usize>, links: &[Range<usize>]) -> bool {
    let first = links.partition_point(|link| link.end <= range.start);
    let mut at = range.start;
    let mut any = false;
    let is_wordless = |part: &str| !part.contains(char::is_alphanumeric);
    for link in links[first..]
        .iter()
        .take_while(|link| link.end <= range.end)
    {
        if !is_wordless(&text[at..link.start.max(at)]) {
            return false;
        }
        at = link.end;
        any = true;
    }
    any && is_wordless(&text[at..range.end])
}
