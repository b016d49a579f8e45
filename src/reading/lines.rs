//! A page as lines, and what single lines of it can mean in either form.

/// One line of a page without its line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Counted from 1, as an editor shows it.
    pub(super) number: usize,
    /// How many white characters, no-break spaces included, stood before the text.
    pub(super) indent: usize,
    /// The line without white space at either end.
    pub(super) text: &'a str,
}

impl Line<'_> {
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

/// Splits a page at LF, CRLF and lone CR.
pub(super) fn split(page: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut rest = page;
    loop {
        let end = rest.find(['\n', '\r']);
        let raw = end.map_or(rest, |end| &rest[..end]);
        let unindented = raw.trim_start();
        lines.push(Line {
            number: lines.len() + 1,
            indent: raw[..raw.len() - unindented.len()].chars().count(),
            text: unindented.trim_end(),
        });
        let Some(end) = end else { return lines };
        let width = if rest[end..].starts_with("\r\n") {
            2
        } else {
            1
        };
        rest = &rest[end + width..];
    }
}

/// Joins lines to one text: blank lines part paragraphs, other line breaks stay.
pub(super) fn paragraphs<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    let mut gap = false;
    for line in lines {
        if line.is_empty() {
            gap = true;
            continue;
        }
        if !text.is_empty() {
            text.push_str(if gap { "\n\n" } else { "\n" });
        }
        gap = false;
        text.push_str(line);
    }
    text
}

/// The line that ends (numbered form) or splits (flattened form) a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// `ReplyDelete`, of a top-level comment: it can be replied to.
    Top,
    /// `Delete`, of a reply.
    Reply,
}

impl Marker {
    /// The marker that the whole line consists of.
    pub(super) fn alone(line: &str) -> Option<Marker> {
        match line {
            "ReplyDelete" => Some(Marker::Top),
            "Delete" => Some(Marker::Reply),
            _ => None,
        }
    }
}

/// Reads `3. text` as the number and the text behind it.
pub(super) fn item(line: &str) -> Option<(usize, &str)> {
    let (digits, rest) = line.split_once('.')?;
    let numeric = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !numeric || !(rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        return None;
    }
    Some((digits.parse().ok()?, rest.trim_start()))
}

/// Reads `40 comments:`, `1 comment:` or `No comments:` as the count it states.
pub(super) fn stated_count(line: &str) -> Option<usize> {
    let (count, word) = line
        .strip_suffix(':')?
        .trim_end()
        .rsplit_once(char::is_whitespace)?;
    if !word.eq_ignore_ascii_case("comments") && !word.eq_ignore_ascii_case("comment") {
        return None;
    }
    let count = count.trim_end();
    if count.eq_ignore_ascii_case("no") {
        return Some(0);
    }
    let digits = count.replace(',', "");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Links and buttons that Blogger sets around a thread; several may share a line.
const FURNITURE: [&str; 24] = [
    "Add comment",
    "Add a comment",
    "Post a Comment",
    "Enter comment",
    "Enter Comment",
    "Load more...",
    "Load more…",
    "Loading...",
    "Loading…",
    "Newer Posts",
    "Older Posts",
    "Newer Post",
    "Older Post",
    "Home",
    "Reply",
    "Newer›",
    "Newest»",
    "‹Older",
    "«Oldest",
    "View mobile version",
    "View web version",
    "Links to this post",
    "Create a Link",
    "Powered by Blogger.",
];

/// Whether a line is page furniture, which never belongs to a comment when it follows the last one.
pub(super) fn is_furniture(line: &str) -> bool {
    !line.is_empty()
        && (after_links(line).is_empty()
            || line.starts_with("Subscribe to:")
            || pager(line).is_some())
}

/// Reads `1 – 200 of 213 Newer› Newest»` as (1, 200, 213).
pub(super) fn pager(line: &str) -> Option<(usize, usize, usize)> {
    let (first, rest) = leading_number(after_links(line))?;
    let (last, rest) = leading_number(rest.strip_prefix(['–', '-', '—'])?)?;
    let (all, rest) = leading_number(rest.strip_prefix("of")?)?;
    after_links(rest).is_empty().then_some((first, last, all))
}

fn leading_number(text: &str) -> Option<(usize, &str)> {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

fn after_links(mut line: &str) -> &str {
    while let Some(rest) = FURNITURE.iter().find_map(|link| line.strip_prefix(link)) {
        line = rest.trim_start();
    }
    line
}
