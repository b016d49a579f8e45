//! Whom a comment answers, at the start of a line: `Anon at 10:27`, `@14:04`, `To Getafix:`, `Dear Minister,`.
//!
//! An address is a way in (`@`, `To`, `In reply to`, `Hi`; or none), whom it means (an anonymous, a name, the time of a
//! comment) and a way out. The less the first two say, the more the third must: where no way in stands before it, an
//! anonymous with a time needs punctuation, the end of the line or a capital behind it, and a name is never an address.
//! A line that is nothing but an address needs text below it.

use super::lines::Lines;
use super::names::{is_anonymous, is_capitalised, leading_name};
use super::stamp;
use crate::cleaning::span::Kind;

/// The way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    None,
    At,
    To,
    InReply,
    /// `Re: Anon 10:27`, `and @11:04`: what else follows is a topic or a sentence.
    Only,
    Greeting,
}

/// Whom it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Anonymous,
    Name,
    Time,
    /// An anonymous, or a name behind a way in, and a time.
    NameAndTime,
}

/// Words that go on with a sentence after a comma.
const CONTINUATIONS: [&str; 14] = [
    "who", "whose", "whom", "which", "that", "and", "or", "but", "is", "was", "are", "were", "has",
    "had",
];

/// Greetings that are exclamations.
const NOT_GREETED: [&str; 8] = ["God", "Lord", "Oh", "Me", "Ho", "Heavens", "Sweet", "Ya"];

pub(super) fn find(lines: &mut Lines) {
    let filled: Vec<usize> = lines.filled().collect();
    let timed = |place: &&usize| stamp::prefix(lines.get(**place), false).is_some();
    let many_times = filled.iter().filter(timed).nth(1).is_some();
    for (order, &place) in filled.iter().enumerate() {
        let line = lines.get(place);
        // A diary begins its lines with times too.
        let bare_time = order == 0 && !many_times;
        let Some(length) = address(line, bare_time) else {
            continue;
        };
        if length < line.len() || order + 1 < filled.len() {
            lines.take_start(place, length, Kind::AddressLine);
        }
    }
}

/// How many bytes of a line are the address it begins with.
fn address(line: &str, bare_time: bool) -> Option<usize> {
    let (opening, opened) = opening(line);
    let (target, length) = target(&line[opened..], opening)?;
    let end = opened + length;
    let rest = &line[end..];
    let behind = rest.trim_start();
    let marks = behind.len()
        - behind
            .trim_start_matches([':', ',', ';', '.', '!', '-', '–', '—'])
            .len();
    let punctuation = &behind[..marks];
    let text = behind[marks..].trim_start();
    let is_dash = punctuation.starts_with(['-', '–', '—']);
    // `Anon-style` and `10:27-11:00` go on; a dash needs room.
    let parted = marks == 0
        || behind[marks..].is_empty()
        || behind[marks..].starts_with(char::is_whitespace)
        // A link glued to the mark is read apart from it.
        || begins_link(&behind[marks..]);
    if !parted
        || (rest.len() == behind.len() && is_dash && !text.is_empty() && target == Target::Time)
    {
        return None;
    }
    let word = text
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or("");
    let goes_on = punctuation == "," && CONTINUATIONS.contains(&word);
    let ended = text.is_empty() && marks == 0;
    let marked = marks > 0 && !goes_on;
    let strongly_marked = is_dash || punctuation.starts_with(':');
    let capital = marks == 0 && rest.len() > behind.len() && text.starts_with(char::is_uppercase);
    let is_address = match (opening, target) {
        (Opening::At, Target::Time | Target::NameAndTime) => {
            ended || marked || rest.len() > behind.len()
        }
        (Opening::None, Target::Time) => {
            bare_time
                && !text.starts_with(|c: char| c.is_numeric())
                && !text.is_empty()
                && (strongly_marked || (marked && punctuation == ","))
        }
        (Opening::Greeting, Target::Time) => false,
        (_, Target::Time | Target::NameAndTime) => ended || marked || capital,
        (Opening::None, Target::Anonymous) => ended || strongly_marked,
        (Opening::To, Target::Name) => ended || strongly_marked,
        (Opening::None | Opening::Only, Target::Name) => false,
        (_, Target::Anonymous | Target::Name) => ended || marked,
    };
    is_address.then(|| line.len() - text.len())
}

fn opening(line: &str) -> (Opening, usize) {
    if let Some(rest) = line.strip_prefix('@') {
        return (Opening::At, line.len() - rest.trim_start().len());
    }
    const WORDS: [(&str, Opening); 12] = [
        ("in reply to", Opening::InReply),
        ("in response to", Opening::InReply),
        ("reply to", Opening::InReply),
        ("replying to", Opening::InReply),
        ("response to", Opening::InReply),
        ("to", Opening::To),
        ("re", Opening::Only),
        ("and", Opening::Only),
        ("dear", Opening::Greeting),
        ("hello", Opening::Greeting),
        ("hey", Opening::Greeting),
        ("hi", Opening::Greeting),
    ];
    for (words, opening) in WORDS {
        let begins = line
            .get(..words.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(words));
        if begins && line[words.len()..].starts_with([' ', ':', '@']) {
            let rest = line[words.len()..].trim_start_matches([' ', ':', '@']);
            return (opening, line.len() - rest.len());
        }
    }
    (Opening::None, 0)
}

fn target(text: &str, opening: Opening) -> Option<(Target, usize)> {
    let word = text
        .find(|c: char| !c.is_alphanumeric())
        .map_or(text, |end| &text[..end]);
    let (name, length) = if is_anonymous(word) {
        (Target::Anonymous, word.len())
    } else if let Some(length) = stamp::prefix(text, opening != Opening::None) {
        return Some((Target::Time, length));
    } else {
        let most = if opening == Opening::At { 1 } else { 3 };
        let length = leading_name(text, most)?;
        let first = text[..length].split(' ').next()?;
        if NOT_GREETED.contains(&first) || stamp::is_calendar_word(first) {
            return None;
        }
        (Target::Name, length)
    };
    let rest = &text[length..];
    let gap = rest.trim_start_matches([' ', ',', '@', '-', '–', '(']);
    let gap = gap.strip_prefix("at ").map_or(gap, str::trim_start);
    let Some(stamped) = stamp::prefix(gap, true).filter(|_| rest.len() > gap.len()) else {
        return Some((name, length));
    };
    let end = text.len() - gap.len() + stamped;
    let end = end + usize::from(text[end..].starts_with(')'));
    // `Meeting at 14:00` is no address; `Getafix 26 August 2023 at 10:27` is the head of a comment.
    let headed = text[length..end].split_whitespace().count() >= 4;
    if name == Target::Name && opening == Opening::None && !(headed && is_capitalised(text)) {
        return None;
    }
    Some((Target::NameAndTime, end))
}

fn begins_link(text: &str) -> bool {
    let begins = |start: &str| {
        text.get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    begins("http://") || begins("https://") || begins("www.")
}
