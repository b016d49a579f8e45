//! Names under a text.
//!
//! Looked at is the last line that is neither blank nor nothing but links, and only where text stands above it. It is a
//! signature if it is one of:
//!
//! - a name behind an apostrophe, dash, tilde or asterisk (`'Getafix`, `- Getafix`);
//! - a valediction, with a name or a description behind it (`Regards, Sam`, `Yours, a tired PO`) or alone where it
//!   says nothing else (`Best wishes`, but not `Thanks`); a name under a valediction takes the latter with it;
//! - a common first name, with or without a second, under a finished sentence; a name with a kiss; `Anon`;
//! - a name in the [`SignatureBook`];
//! - a line `--` with up to four short lines under it.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::Lines;
use super::names::{begins_with_first_name, is_anonymous, is_name};
use crate::cleaning::links;
use crate::cleaning::span::Kind;

/// How often a name has to close a comment to be taken for a signature.
const OFTEN: usize = 3;

/// Most lines below a line `--`, and most bytes of each.
const BLOCK_LINES: usize = 4;
const BLOCK_WIDTH: usize = 60;

/// Names that people of a corpus sign with.
///
/// A last line is taken up that looks like a name, closes at least three comments, and stands in lower case within
/// comments less often than it closes them: `Shambles` does not qualify where people write of shambles. What stands
/// above a signature is looked at as well, so a book of the cleaned comments adds no names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignatureBook {
    /// In lower case, without marks before them.
    names: BTreeSet<String>,
}

impl SignatureBook {
    /// Reads the normalised texts of all comments of a corpus, or of a thread.
    pub fn new<T: AsRef<str>>(texts: &[T]) -> Self {
        let mut book = SignatureBook::default();
        loop {
            let mut closing: BTreeMap<String, usize> = BTreeMap::new();
            let mut words: BTreeMap<&str, usize> = BTreeMap::new();
            let mut rests: Vec<Vec<&str>> = Vec::with_capacity(texts.len());
            for text in texts {
                let (rest, signatures) = rest(text.as_ref(), &book);
                let last = match rest.as_slice() {
                    [_, .., last] => Some(*last),
                    _ => None,
                };
                for name in signatures.into_iter().chain(last).filter_map(signed) {
                    *closing.entry(name).or_default() += 1;
                }
                rests.push(rest);
            }
            closing.retain(|_, count| *count >= OFTEN);
            for word in rests
                .iter()
                .flatten()
                .flat_map(|line| line.split(|c: char| !c.is_alphanumeric()))
            {
                if word.starts_with(char::is_lowercase) && !closing.is_empty() {
                    *words.entry(word).or_default() += 1;
                }
            }
            closing.retain(|name, count| {
                let first = name.split(' ').next().unwrap_or("");
                words.get(first).is_none_or(|written| written < count)
            });
            let known = book.names.len();
            book.names.extend(closing.into_keys());
            if book.names.len() == known {
                return book;
            }
        }
    }

    fn knows(&self, line: &str) -> bool {
        signed(line).is_some_and(|name| self.names.contains(&name))
    }
}

/// The lines of a text that are neither blank nor furniture nor nothing but links, and its signatures.
fn rest<'a>(text: &'a str, book: &SignatureBook) -> (Vec<&'a str>, Vec<&'a str>) {
    let links = links::find(text);
    let mut lines = Lines::of(text, &links);
    super::find_all(&mut lines, Some(book));
    let mut rest: Vec<&str> = lines
        .worded_before(lines.len())
        .map(|place| lines.get(place))
        .collect();
    rest.reverse();
    let findings = lines.into_findings().into_iter();
    let signatures = findings
        .filter(|finding| finding.kind == Kind::Signature)
        .map(|finding| &text[finding.range])
        .collect();
    (rest, signatures)
}

/// The name on a line that may be a signature, in lower case.
fn signed(line: &str) -> Option<String> {
    let bare = line.trim_matches(|c: char| is_mark(c) || c == ' ');
    is_name(bare).then(|| bare.to_lowercase())
}

pub(super) fn find(lines: &mut Lines, book: Option<&SignatureBook>) {
    let mut end = lines.len();
    while let Some(from) = signature(lines, end, book) {
        for place in from..end {
            if !lines.holds_links_only(place) {
                lines.take(place, Kind::Signature);
            }
        }
        end = from;
    }
}

/// The first line of the signature that the lines before `end` close with.
fn signature(lines: &Lines, end: usize, book: Option<&SignatureBook>) -> Option<usize> {
    let mut upwards = lines.worded_before(end);
    let last = upwards.next()?;
    let above = upwards.next();
    // A link is text enough for a name to stand under it.
    let stands_under = |place: usize| lines.filled().next().is_some_and(|first| first < place);
    if let Some(delimiter) = delimiter(lines, end)
        && stands_under(delimiter)
    {
        return Some(delimiter);
    }
    if !stands_under(last) {
        return None;
    }
    let line = lines.get(last);
    let above_line = above.map_or("", |place| lines.get(place));
    if is_name(line)
        && let (Some(above), Some(valediction)) = (above, Valediction::read(above_line))
        && valediction.rest.is_empty()
        && stands_under(above)
    {
        return Some(above);
    }
    let finished = above_line.ends_with(['.', '!', '?', '…', ')', '"', '”', '\'', '’', ':', ';']);
    let is_signature = behind_a_mark(line)
        || is_anonymous(line)
        || (is_name(line) && (ends_in_a_kiss(line) || (finished && begins_with_first_name(line))))
        || Valediction::read(line).is_some_and(|valediction| valediction.signs())
        || book.is_some_and(|book| book.knows(line));
    is_signature.then_some(last)
}

/// The line `--` of a signature block that ends before `end`.
fn delimiter(lines: &Lines, end: usize) -> Option<usize> {
    let block = lines.worded_before(end).take(BLOCK_LINES + 1);
    block
        .map(|place| (place, lines.get(place)))
        .take_while(|(_, line)| line.len() <= BLOCK_WIDTH)
        .find(|(_, line)| *line == "--")
        .map(|(place, _)| place)
}

fn ends_in_a_kiss(line: &str) -> bool {
    [" x", " xx", " xxx"]
        .iter()
        .any(|kiss| line.ends_with(kiss))
}

fn is_mark(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '-' | '–' | '—' | '~' | '*')
}

/// Whether a line is a name with a mark before it.
fn behind_a_mark(line: &str) -> bool {
    const DROPPED_LETTERS: [&str; 14] = [
        "nuff", "tis", "twas", "twere", "twill", "em", "cos", "cause", "coz", "bout", "til",
        "till", "ello", "appen",
    ];
    let Some(mark) = line.chars().next().filter(|c| is_mark(*c)) else {
        return false;
    };
    let name = line.trim_start_matches([mark, ' ']);
    let first = name
        .split([' ', '\'', '’'])
        .next()
        .unwrap_or("")
        .to_lowercase();
    // `'Rubbish'` is a word in quotation marks.
    is_name(name) && !name.ends_with(is_mark) && !DROPPED_LETTERS.contains(&first.as_str())
}

/// What a valediction needs before a name on its own line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Comma,
    /// It is said to somebody: `Thanks, Jim`.
    Never,
}

/// A closing phrase and what follows it on the line.
struct Valediction<'a> {
    stands_alone: bool,
    before_name: Before,
    /// Whether somebody may describe rather than name themselves.
    described: bool,
    comma: bool,
    rest: &'a str,
}

/// Phrases; longer ones before those they begin with.
const PHRASES: [(&str, bool, Before, bool); 33] = [
    ("kind regards", true, Before::Nothing, true),
    ("kindest regards", true, Before::Nothing, true),
    ("best regards", true, Before::Nothing, true),
    ("warm regards", true, Before::Nothing, true),
    ("warmest regards", true, Before::Nothing, true),
    ("with regards", true, Before::Nothing, true),
    ("regards", true, Before::Nothing, true),
    ("with best wishes", true, Before::Comma, false),
    ("best wishes", true, Before::Comma, false),
    ("yours sincerely", true, Before::Nothing, true),
    ("yours faithfully", true, Before::Nothing, true),
    ("yours truly", false, Before::Nothing, true),
    ("yours in solidarity", true, Before::Nothing, true),
    ("yours ever", true, Before::Nothing, true),
    ("yours", false, Before::Comma, true),
    ("sincerely", true, Before::Nothing, true),
    ("faithfully", true, Before::Nothing, true),
    ("in solidarity", true, Before::Nothing, true),
    ("in unity", true, Before::Nothing, true),
    ("cheers", true, Before::Comma, false),
    ("signed", false, Before::Comma, true),
    ("best", false, Before::Comma, false),
    ("love", false, Before::Comma, false),
    ("many thanks", false, Before::Never, false),
    ("with thanks", false, Before::Never, false),
    ("thanks", false, Before::Never, false),
    ("thank you", false, Before::Never, false),
    ("all the best", false, Before::Never, false),
    ("take care", false, Before::Never, false),
    ("keep well", false, Before::Never, false),
    ("solidarity", false, Before::Never, false),
    ("peace", false, Before::Never, false),
    ("ta", false, Before::Never, false),
];

impl<'a> Valediction<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (phrase, stands_alone, before_name, described) =
            PHRASES.into_iter().find(|(phrase, ..)| {
                let begins = line
                    .get(..phrase.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(phrase));
                begins
                    && !line[phrase.len()..]
                        .starts_with(|c: char| c.is_alphanumeric() || c == '\'' || c == '’')
            })?;
        let behind = &line[phrase.len()..];
        let rest = behind.trim_start_matches([' ', ',', ':', '-', '–', '—', '.', '!']);
        let comma = behind.trim_start().len() > rest.len();
        Some(Valediction {
            stands_alone,
            before_name,
            described,
            comma,
            rest,
        })
    }

    /// Whether the line is a signature by itself.
    fn signs(&self) -> bool {
        if self.rest.is_empty() {
            return self.stands_alone;
        }
        let may_name = match self.before_name {
            Before::Nothing => true,
            Before::Comma => self.comma,
            Before::Never => false,
        };
        let name = self.rest.trim_end_matches('.');
        may_name
            && (is_name(name)
                || is_anonymous(name)
                || (self.described && self.comma && is_description(name)))
    }
}

/// `a tired PO`, `the one who left`: up to six words that begin with an article.
fn is_description(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let article = words.first().is_some_and(|first| {
        ["a", "an", "the", "one", "another"].contains(&first.to_lowercase().as_str())
    });
    article && (2..=6).contains(&words.len()) && !text.contains(['.', '!', '?', ',', ':', ';'])
}
