//! Which of the two forms a page has.

use super::lines::{Line, Marker, item, pager, stated_count};
use super::{dates, thread};

/// The form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Date, title, body and a numbered thread, each of which may be missing.
    Numbered(ThreadStart),
    /// Paragraphs, one a line, with glued markers.
    Flattened,
}

/// Where the thread of a numbered page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ThreadStart {
    /// At a header line: the places of the header and of the first item, and the stated count.
    Header(Header),
    /// At an item without a header above it.
    Item(usize),
    /// Nowhere: the page is a post alone.
    None,
}

/// A line like `40 comments:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The place of the header among the lines.
    pub(super) at: usize,
    /// The place of the first item, or the number of lines where there is none.
    pub(super) first: usize,
    /// How many comments, replies included, the header states.
    pub(super) stated: usize,
}

/// How many header-like lines are tried before the first is taken.
const MAX_HEADERS: usize = 8;

/// Tells the form of a page.
pub(super) fn detect(lines: &[Line]) -> Form {
    let is_alone = |line: &Line| Marker::alone(line.text) == Some(Marker::Top);
    let alone = lines.iter().filter(|line| is_alone(line)).count();
    let glued = lines
        .iter()
        .filter(|line| line.text.starts_with("ReplyDelete"))
        .count()
        - alone;
    if glued > alone {
        return Form::Flattened;
    }
    // The first comments may be missing from a page that has others.
    let later = || {
        if alone > 0 {
            header(lines, |_| true)
        } else {
            None
        }
    };
    if let Some(header) = header(lines, |number| number == 1).or_else(later) {
        return Form::Numbered(ThreadStart::Header(header));
    }
    let dated = lines
        .iter()
        .find(|line| !line.is_blank())
        .is_some_and(|line| dates::written(line.text).is_some());
    match lines.iter().find(|line| is_alone(line)) {
        Some(marker) if glued == 0 && (dated || marker.indent > 0) => {
            match first_item(lines, marker) {
                Some(first) => Form::Numbered(ThreadStart::Item(first)),
                None => Form::Flattened,
            }
        }
        None if dated => Form::Numbered(ThreadStart::None),
        _ => Form::Flattened,
    }
}

/// Finds the header of the thread: the first header-like line whose count is that of the thread behind
/// it, because a body can quote such a line with a list under it; failing that, the first of all.
fn header(lines: &[Line], starts: fn(usize) -> bool) -> Option<Header> {
    let tail = thread::tail(lines);
    let mut candidates = lines.iter().enumerate().filter_map(|(at, line)| {
        let stated = stated_count(line.text)?;
        let is_skippable = |line: &&Line| line.is_blank() || pager(line.text).is_some();
        let skipped = lines[at + 1..].iter().take_while(is_skippable);
        let paged = skipped.clone().any(|line| !line.is_blank());
        let first = at + 1 + skipped.count();
        let fits = match lines.get(first).and_then(|line| item(line.text)) {
            Some((number, _)) => stated > 0 && (starts(number) || paged),
            None => tail <= first,
        };
        fits.then_some(Header { at, first, stated })
    });
    let first = candidates.next()?;
    if thread::count(lines, &first) == first.stated {
        return Some(first);
    }
    let other = candidates
        .take(MAX_HEADERS)
        .find(|header| thread::count(lines, header) == header.stated);
    other.or(Some(first))
}

/// Finds the first item of a thread without a header, given its first marker.
fn first_item(lines: &[Line], marker: &Line) -> Option<usize> {
    let before = &lines[..marker.number - 1];
    let outdented = |line: &Line| marker.indent == 0 || line.indent < marker.indent;
    before
        .iter()
        .rposition(|line| outdented(line) && item(line.text).is_some_and(|(number, _)| number == 1))
}
