//! Dates and times as pages show them.
//!
//! A stamp is a time of the day (`10:27`, `10.27 pm`), a full date (`26 August 2023`, `26/08/2023`, `2023-08-26`), both
//! in either order, or how long ago (`2 hours ago`). It may begin with a weekday, `today`, `yesterday` or `Posted at`.
//! A day without a year, or a month alone, is no stamp.

use super::lines::Lines;
use crate::calendar::MONTHS;
use crate::cleaning::span::Kind;

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

const INTRODUCTIONS: [&str; 6] = [
    "posted",
    "published",
    "updated",
    "last updated",
    "last modified",
    "submitted",
];

/// Finds lines that are nothing but a stamp, unless a time is all that the text says.
pub(super) fn find(lines: &mut Lines) {
    if lines.is_single() {
        return;
    }
    for place in 0..lines.len() {
        if is_stamp(lines.get(place)) {
            lines.take(place, Kind::TimeStamp);
        }
    }
}

fn is_stamp(line: &str) -> bool {
    if line.len() > 60 {
        return false;
    }
    let bare = line.trim_end_matches([':', '-', '–', '.', ',', ' ']);
    let lower = bare.to_ascii_lowercase();
    let introduction = INTRODUCTIONS
        .iter()
        .find_map(|words| lower.strip_prefix(words));
    let rest = introduction.unwrap_or(&lower);
    if introduction.is_some() && !rest.starts_with([' ', ':']) {
        return false;
    }
    let rest = rest.trim_start_matches([':', ' ']);
    let rest = rest
        .strip_prefix("on ")
        .or_else(|| rest.strip_prefix("at "))
        .unwrap_or(rest);
    is_time_ago(rest) || prefix(rest, false) == Some(rest.len())
}

fn is_time_ago(lower: &str) -> bool {
    const UNITS: [&str; 8] = [
        "second", "minute", "min", "hour", "day", "week", "month", "year",
    ];
    let Some(span) = lower.strip_suffix(" ago") else {
        return false;
    };
    let Some((count, unit)) = span.split_once(' ') else {
        return false;
    };
    number(count, 3).is_some() && UNITS.contains(&unit.strip_suffix('s').unwrap_or(unit))
}

/// What a word can be within a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Weekday,
    Day,
    Month,
    Year,
    Date,
    Time,
    /// A time that needs `am` or `pm` behind it unless dotted times are taken.
    Dotted,
    Half,
    Zone,
    Link,
}

/// How many bytes of the text the stamp has that it begins with; `dotted` takes `10.27` for a time.
pub(super) fn prefix(text: &str, dotted: bool) -> Option<usize> {
    let mut seen: Vec<Part> = Vec::new();
    let mut valid = None;
    let mut at = 0;
    loop {
        let gap = text[at..].len() - text[at..].trim_start_matches([' ', ',', '\t']).len();
        let rest = &text[at + gap..];
        let length = rest
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '!' | '?' | ')' | '@'))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        // A colon or full stop behind the last part belongs to the sentence.
        let bare = word.trim_end_matches([':', '.', '-', '–', '—']);
        let Some(part) = classify(bare, &seen, dotted) else {
            return valid;
        };
        if part != Part::Link && seen.contains(&part) {
            return valid;
        }
        seen.push(part);
        at += gap + bare.len();
        if is_complete(&seen, dotted) {
            valid = Some(at);
        }
        if bare.len() < word.len() || seen.len() > 9 {
            return valid;
        }
    }
}

fn is_complete(seen: &[Part], dotted: bool) -> bool {
    let has = |part| seen.contains(&part);
    let time = has(Part::Time) || (has(Part::Dotted) && (dotted || has(Part::Half)));
    let started = has(Part::Day) || has(Part::Month) || has(Part::Year);
    let written = has(Part::Day) && has(Part::Month) && (has(Part::Year) || time);
    let dangling = seen.last() == Some(&Part::Link);
    let pending = has(Part::Dotted) && !time;
    !dangling
        && !pending
        && if started {
            written
        } else {
            has(Part::Date) || time
        }
}

fn classify(word: &str, seen: &[Part], dotted: bool) -> Option<Part> {
    let last = seen.last().copied();
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "" => return None,
        "at" | "on" | "-" | "–" | "|" => {
            return last.filter(|last| *last != Part::Link).map(|_| Part::Link);
        }
        "am" | "pm" | "a.m" | "p.m" => {
            return matches!(last, Some(Part::Time | Part::Dotted)).then_some(Part::Half);
        }
        "gmt" | "bst" | "utc" => {
            let after = matches!(last, Some(Part::Time | Part::Dotted | Part::Half));
            return after.then_some(Part::Zone);
        }
        "today" | "yesterday" => return seen.is_empty().then_some(Part::Weekday),
        _ => {}
    }
    if seen.is_empty() && WEEKDAYS.iter().any(|name| abbreviates(&lower, name)) {
        return Some(Part::Weekday);
    }
    if MONTHS.iter().any(|name| abbreviates(&lower, name)) {
        return Some(Part::Month);
    }
    if number(&lower, 4).is_some_and(|year| (1990..2100).contains(&year)) {
        return Some(Part::Year);
    }
    let ordinal = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|suffix| lower.strip_suffix(suffix))
        .unwrap_or(&lower);
    if number(ordinal, 2).is_some_and(|day| (1..=31).contains(&day)) {
        return Some(Part::Day);
    }
    if is_numeric_date(&lower) {
        return Some(Part::Date);
    }
    let (clock, half) = ["am", "pm"]
        .iter()
        .find_map(|half| lower.strip_suffix(half))
        .map_or((lower.as_str(), false), |clock| (clock, true));
    if is_clock(clock, ':') {
        return Some(Part::Time);
    }
    if is_clock(clock, '.') {
        return Some(if half || dotted {
            Part::Time
        } else {
            Part::Dotted
        });
    }
    None
}

fn number(digits: &str, most: usize) -> Option<u16> {
    let numeric = (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if numeric { digits.parse().ok() } else { None }
}

fn is_clock(word: &str, separator: char) -> bool {
    let mut parts = word.split(separator);
    let hour = parts.next().and_then(|hour| number(hour, 2));
    let mut sixtieths = 0;
    for part in parts {
        if part.len() != 2 || number(part, 2).is_none_or(|value| value >= 60) {
            return false;
        }
        sixtieths += 1;
    }
    hour.is_some_and(|hour| hour < 24) && (1..=2).contains(&sixtieths)
}

fn is_numeric_date(word: &str) -> bool {
    ['/', '-', '.'].into_iter().any(|separator| {
        let parts: Vec<&str> = word.split(separator).collect();
        let small = |part: &str, most: u16| number(part, 2).is_some_and(|n| n > 0 && n <= most);
        match parts.as_slice() {
            [day, month, year] if matches!(year.len(), 2 | 4) => {
                number(year, 4).is_some()
                    && ((small(day, 31) && small(month, 12))
                        || (small(day, 12) && small(month, 31)))
            }
            [year, month, day] => {
                year.len() == 4 && number(year, 4).is_some() && small(month, 12) && small(day, 31)
            }
            _ => false,
        }
    })
}

/// Whether a lower-case word is a name in full or cut to its first three letters.
fn abbreviates(word: &str, name: &str) -> bool {
    word == name || name.get(..3) == Some(word)
}

/// Whether a word is the name of a weekday or month.
pub(super) fn is_calendar_word(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let mut names = MONTHS.iter().chain(&WEEKDAYS);
    names.any(|name| abbreviates(&lower, name))
}
