//! The thread of a numbered page: items that end in marker lines.
//!
//! Readers write numbered lists and the marker words themselves, so a marker line ends a comment only
//! if what follows it can follow a comment: the end of the page, `Replies`, or an item. A well-indented
//! page decides the rest: an item stands further left than the marker line before it, a line of a
//! comment does not.

use super::Draft;
use super::form::Header;
use super::lines::{Line, Marker, is_furniture, item, paragraphs};

/// How many comments the thread behind a header has.
pub(super) fn count(lines: &[Line], header: &Header) -> usize {
    Walk::new(lines, header.first, Some(header.stated))
        .run()
        .comments
        .len()
}

/// Where the blank lines and the furniture at the end of the page start.
pub(super) fn tail(lines: &[Line]) -> usize {
    lines
        .iter()
        .rposition(|line| !line.is_blank() && !is_furniture(line.text))
        .map_or(0, |last| last + 1)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Reply,
}

/// What comes after a marker line, blank lines and `Reply` buttons aside.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// Nothing but furniture.
    End,
    /// Something unknown, with no further marker on the page.
    Unknown(usize),
    /// The line `Replies` at the first place, and its first item, unless the page ends before one.
    Replies(usize, Option<Item>),
    Item(Item),
    /// Anything else: the marker line is a line of a comment.
    Text,
}

#[derive(Debug, Clone, Copy)]
struct Item {
    at: usize,
    number: usize,
    /// Where known from what precedes the item; otherwise its marker tells.
    level: Option<Level>,
}

/// The state of reading a thread from its first line to its last.
pub(super) struct Walk<'a> {
    lines: &'a [Line<'a>],
    first: usize,
    /// Where the furniture at the end of the page starts.
    tail: usize,
    last_marker: Option<usize>,
    stated: Option<usize>,
    /// The indentation of replies where the page kept its indentation.
    inner: Option<usize>,
    /// Whether `Delete` ends top-level comments too, as on pages closed to new comments.
    closed: bool,
    /// The numbers of the last top-level comment and of the last reply to it.
    top_number: usize,
    reply_number: usize,
    parent: Option<usize>,
    pub(super) comments: Vec<Draft>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(lines: &'a [Line<'a>], first: usize, stated: Option<usize>) -> Self {
        let thread = &lines[first..];
        let top_marker = thread
            .iter()
            .find(|line| Marker::alone(line.text) == Some(Marker::Top));
        let marker = top_marker.or_else(|| {
            thread
                .iter()
                .find(|line| Marker::alone(line.text).is_some())
        });
        let indents = thread
            .first()
            .zip(marker)
            .map(|(item, marker)| (item.indent, marker.indent));
        Walk {
            lines,
            first,
            tail: tail(lines).max(first),
            last_marker: lines
                .iter()
                .rposition(|line| Marker::alone(line.text).is_some()),
            stated,
            inner: indents.and_then(|(outer, inner)| (outer < inner).then_some(inner)),
            closed: top_marker.is_none(),
            top_number: 0,
            reply_number: 0,
            parent: None,
            comments: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Self {
        let first = self.lines.get(self.first).and_then(|line| item(line.text));
        let mut open = first.map(|(number, _)| Item {
            at: self.first,
            number,
            level: Some(Level::Top),
        });
        // A page of a longer thread starts at a higher number, and that is no gap.
        self.top_number = first.map_or(0, |(number, _)| number.saturating_sub(1));
        while let Some(current) = open {
            open = self.close(current);
        }
        self
    }

    /// Reads one comment and gives the item that follows it.
    fn close(&mut self, current: Item) -> Option<Item> {
        for at in current.at + 1..self.tail {
            let Some(marker) = Marker::alone(self.lines[at].text) else {
                continue;
            };
            let told = match marker {
                Marker::Top => Level::Top,
                Marker::Reply => Level::Reply,
            };
            let level = current.level.unwrap_or(told);
            let kind_fits = level == told || (self.closed && marker == Marker::Reply);
            let next = self.next(at);
            if !self.ends_comment(at, &current, level, kind_fits, next) {
                continue;
            }
            self.push(&current, level, at);
            return self.open(level, at, next);
        }
        self.push_cut(&current);
        None
    }

    /// Whether a marker line is the end of the current comment rather than a line of it.
    fn ends_comment(
        &self,
        at: usize,
        current: &Item,
        level: Level,
        kind_fits: bool,
        next: Next,
    ) -> bool {
        // A line that lost its indentation says nothing about those around it.
        let is_indented = |at: usize| {
            self.inner
                .is_some_and(|inner| self.lines[at].indent >= inner)
        };
        let indented = is_indented(at);
        let left_of_marker = |item: Item| self.lines[item.at].indent < self.lines[at].indent;
        match next {
            Next::Text => false,
            Next::End | Next::Unknown(_) => kind_fits || indented,
            Next::Replies(replies, first) => {
                let not_deeper =
                    |item: Item| self.lines[item.at].indent <= self.lines[replies].indent;
                let fits = |first: Item| !is_indented(replies) || not_deeper(first);
                kind_fits && level == Level::Top && first.is_none_or(fits)
            }
            // Indentation vouches for a marker of the wrong kind, as it does for a jump of numbers.
            Next::Item(item) if indented => left_of_marker(item),
            Next::Item(item) => {
                kind_fits && self.number_can_follow(current.number, level, item.number)
            }
        }
    }

    /// Whether an item with the number can come next on a page that lost its indentation.
    fn number_can_follow(&self, current: usize, level: Level, next: usize) -> bool {
        let expected = match level {
            Level::Top => next == current + 1 || next == 1,
            Level::Reply => next == current + 1 || next == self.top_number + 1,
        };
        let behind = match level {
            Level::Top => current,
            Level::Reply => current.min(self.top_number),
        };
        expected || (next > behind && self.stated.is_none_or(|stated| next <= stated))
    }

    fn next(&self, marker: usize) -> Next {
        let significant = |from: usize| (from..self.tail).find(|&at| !self.lines[at].is_blank());
        let item_at = |at: usize| {
            let (number, _) = item(self.lines[at].text)?;
            Some(Item {
                at,
                number,
                level: None,
            })
        };
        let after =
            (marker + 1..self.tail).find(|&at| !matches!(self.lines[at].text, "" | "Reply"));
        let Some(at) = after else { return Next::End };
        if let Some(item) = item_at(at) {
            return Next::Item(item);
        }
        if self.lines[at].text == "Replies" {
            match significant(at + 1).map(item_at) {
                None => return Next::Replies(at, None),
                Some(Some(first)) => return Next::Replies(at, Some(first)),
                Some(None) => {}
            }
        }
        if self.last_marker == Some(marker) {
            Next::Unknown(at)
        } else {
            Next::Text
        }
    }

    /// The item after a comment of the level, with its own level where it can be told.
    fn open(&mut self, closed: Level, marker: usize, next: Next) -> Option<Item> {
        match next {
            Next::Replies(_, first) => first.map(|item| Item {
                level: Some(Level::Reply),
                ..item
            }),
            Next::Item(item) => {
                let level = self.level_of(closed, &item);
                Some(Item { level, ..item })
            }
            Next::Unknown(at) => {
                let last = self.lines[..self.tail]
                    .iter()
                    .rev()
                    .find(|line| !line.is_blank());
                self.warnings.push(format!(
                    "line {}: what follows the last comment up to line {} was left out, \
                     because it is no comment; check that nothing is missing",
                    self.lines[at].number,
                    last.map_or(self.lines[marker].number, |line| line.number),
                ));
                None
            }
            Next::End | Next::Text => None,
        }
    }

    /// The level of an item that no `Replies` precedes, where its number tells and nothing disagrees.
    fn level_of(&self, closed: Level, item: &Item) -> Option<Level> {
        let by_number = match closed {
            Level::Top if item.number == 1 => Some(Level::Reply),
            Level::Top => Some(Level::Top),
            Level::Reply => self.level_by_number(item),
        };
        let by_indent = self.level_by_indent(item);
        match by_number {
            Some(level) => by_indent
                .is_none_or(|other| other == level)
                .then_some(level),
            // Its marker tells more surely than its indentation, unless all markers are the same.
            None if self.closed => by_indent,
            None => None,
        }
    }

    fn level_by_number(&self, item: &Item) -> Option<Level> {
        let continues_top = item.number == self.top_number + 1;
        let continues_replies = item.number == self.reply_number + 1;
        match (continues_top, continues_replies) {
            (true, false) => Some(Level::Top),
            (false, true) => Some(Level::Reply),
            _ => None,
        }
    }

    fn level_by_indent(&self, item: &Item) -> Option<Level> {
        let is_outer = self.lines[item.at].indent < self.inner?;
        Some(if is_outer { Level::Top } else { Level::Reply })
    }

    fn push(&mut self, item: &Item, level: Level, end: usize) {
        let text = self.text(item, end);
        let line = self.lines[item.at].number;
        if text.is_empty() {
            self.warnings
                .push(format!("line {line}: this comment has no text"));
        }
        let expected = match level {
            Level::Top => self.top_number + 1,
            Level::Reply => self.reply_number + 1,
        };
        if item.number != expected {
            self.warnings.push(format!(
                "line {line}: a comment numbered {} stands where {expected} is next; \
                 compare the page with the original",
                item.number
            ));
        }
        match level {
            Level::Top => {
                self.top_number = item.number;
                self.reply_number = 0;
                self.parent = Some(self.comments.len());
                self.comments.push(Draft {
                    text,
                    ..Draft::default()
                });
            }
            Level::Reply => {
                self.reply_number = item.number;
                self.comments.push(Draft {
                    parent: self.parent,
                    text,
                    ..Draft::default()
                });
            }
        }
    }

    /// Keeps what is there of a comment whose marker never comes.
    fn push_cut(&mut self, item: &Item) {
        let mut end = self.tail.max(item.at + 1);
        let last = &self.lines[end - 1];
        // The cut may have gone through the marker.
        let is_stub = |marker: &&str| last.text.len() > 2 && marker.starts_with(last.text);
        if end > item.at + 1 && ["ReplyDelete", "Delete"].iter().any(is_stub) {
            end -= 1;
        }
        let line = self.lines[end - 1].number;
        if self.text(item, end).is_empty() {
            self.warnings.push(format!(
                "line {line}: the page breaks off here, at the start of a comment"
            ));
            return;
        }
        let level = item.level.or_else(|| self.level_by_indent(item));
        let level = level.or_else(|| self.level_by_number(item));
        self.push(item, level.unwrap_or(Level::Reply), end);
        self.warnings.push(format!(
            "line {line}: the page breaks off here, inside comment {}, which was kept as far as it goes; \
             copy the page again to have the rest",
            self.comments.len()
        ));
    }

    fn text(&self, item: &Item, end: usize) -> String {
        let first = super::lines::item(self.lines[item.at].text).map_or("", |(_, text)| text);
        let rest = self.lines[item.at + 1..end].iter().map(|line| line.text);
        paragraphs(std::iter::once(first).chain(rest))
    }
}
