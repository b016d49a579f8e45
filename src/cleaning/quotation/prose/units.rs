//! A comment as sentences, with what stands between them.

use std::ops::Range;

use super::super::super::lines::Line;
use super::super::super::words::{Word, within, words};
use crate::ranges::{contain, overlapping};

/// A text with what is known of it already.
pub(in super::super) struct Layout<'t> {
    pub text: &'t str,
    pub lines: &'t [Line<'t>],
    pub words: &'t [Word],
    /// What stands in quotation marks.
    pub quoted: &'t [Range<usize>],
    pub links: &'t [Range<usize>],
    /// What surer signs have found, links and furniture included; in order and apart.
    pub taken: &'t [Range<usize>],
    /// How many of these are quotations.
    pub quotations: usize,
    /// Whether one of them repeats the post or an earlier comment.
    pub repeats: bool,
    /// Whether one of them, in quotation marks, fills its line.
    pub quotes_in_lines: bool,
}

/// A sentence, or what is left of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// Its bytes.
    pub range: Range<usize>,
    /// Its words, by their places among those of the text.
    pub words: Range<usize>,
    /// Its line, by its place among those of the text.
    pub line: usize,
    /// Whether it begins its line, and whether it ends it.
    pub begins_line: bool,
    pub ends_line: bool,
    /// Whether it is the first and whether it is the last of the text.
    pub is_first: bool,
    pub is_last: bool,
    /// The sentence before it, taken or not; None for the first of the text.
    pub sentence_before: Option<(usize, Range<usize>)>,
    /// What lies before it and behind it.
    pub before: Gap,
    pub behind: Gap,
}

/// What lies between two units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gap {
    pub line_break: bool,
    pub blank_line: bool,
    pub link: bool,
    /// Words that a surer sign has found to be quoted.
    pub quotation: bool,
}

impl Unit {
    /// A sentence of a line, without regard to what lies around it.
    pub(super) fn alone(layout: &Layout<'_>, line: usize, range: Range<usize>) -> Self {
        let of_line = &layout.lines[line].range;
        Self {
            begins_line: range.start == of_line.start,
            ends_line: range.end == of_line.end,
            words: layout.words_in(&range),
            range,
            line,
            is_first: false,
            is_last: false,
            sentence_before: None,
            before: Gap::default(),
            behind: Gap::default(),
        }
    }
}

impl Layout<'_> {
    /// The words that begin within a range, by their places.
    pub(super) fn words_in(&self, range: &Range<usize>) -> Range<usize> {
        within(self.words, range)
    }

    /// The sentences of which most words are not taken, in order.
    pub(super) fn units(&self) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::new();
        let mut last: Option<(usize, Range<usize>)> = None;
        for (line, place) in self.lines.iter().zip(0..) {
            for range in sentences(line) {
                let mut unit = Unit::alone(self, place, range.clone());
                unit.sentence_before = last.replace((place, range));
                let free = self.words[unit.words.clone()]
                    .iter()
                    .filter(|word| !contain(self.taken, word.range.start))
                    .count();
                if free > 0 && free * 2 >= unit.words.len() {
                    units.push(unit);
                }
            }
        }
        for place in 0..units.len() {
            let before = match place.checked_sub(1) {
                Some(last) => self.gap(units[last].range.end, units[place].range.start),
                None => self.gap(0, units[place].range.start),
            };
            units[place].before = before;
            match place.checked_sub(1) {
                Some(last) => units[last].behind = before,
                None => units[place].is_first = true,
            }
        }
        if let Some(last) = units.last_mut() {
            last.behind = self.gap(last.range.end, self.text.len());
            last.is_last = true;
        }
        units
    }

    fn gap(&self, from: usize, to: usize) -> Gap {
        let between = &self.text[from..to];
        let inside = |range: &&Range<usize>| from <= range.start && range.end <= to;
        let links = overlapping(self.links, &(from..to));
        let taken = overlapping(self.taken, &(from..to));
        let lines = between.split('\n');
        Gap {
            line_break: between.contains('\n'),
            blank_line: lines.skip(1).any(|line| line.trim().is_empty())
                && between.matches('\n').count() > 1,
            link: links.iter().any(|link| inside(&link)),
            quotation: taken.iter().filter(inside).any(|taken| {
                overlapping(links, taken).is_empty()
                    && words(&self.text[taken.clone()]).nth(4).is_some()
            }),
        }
    }
}

/// The sentences of a line, as far as punctuation shows them: each ends at a stop with white space behind it, closing marks
/// aside.
pub(in super::super) fn sentences(line: &Line<'_>) -> impl Iterator<Item = Range<usize>> {
    let (text, offset) = (line.text, line.range.start);
    let mut begin = 0;
    std::iter::from_fn(move || {
        if begin >= text.len() {
            return None;
        }
        let rest = &text[begin..];
        let mut stopped = false;
        let end = rest
            .char_indices()
            .find(|(_, c)| {
                if c.is_whitespace() && stopped {
                    return true;
                }
                let stop = matches!(c, '.' | '!' | '?' | '…');
                stopped = stop || (stopped && matches!(c, '"' | '”' | '’' | '\'' | ')'));
                false
            })
            .map_or(rest.len(), |(at, _)| at);
        let sentence = offset + begin..offset + begin + end;
        begin += end + (rest[end..].len() - rest[end..].trim_start().len());
        Some(sentence)
    })
}
