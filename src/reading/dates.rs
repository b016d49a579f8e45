//! Dates as pages and tables write them.

use jiff::civil::{Date, Time, Weekday};

use crate::calendar::MONTHS;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// A line with the shape of a written-out date.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrittenDate {
    /// The date, or none where the calendar has no such day.
    pub(super) date: Option<Date>,
    /// Whether the weekday, if one is written, is that of the date.
    pub(super) weekday_agrees: bool,
}

/// Reads `Saturday, 26 August 2023` or `Thursday, September 16, 2010`, the weekday optional.
///
/// Gives none where the line is anything but a date.
pub(super) fn written(line: &str) -> Option<WrittenDate> {
    let mut words = line
        .split([' ', ',', '\u{a0}', '\t'])
        .filter(|word| !word.is_empty());
    let mut first = words.next()?;
    let weekday = WEEKDAYS
        .iter()
        .find(|(name, _)| abbreviates(first, name))
        .map(|(_, weekday)| *weekday);
    if weekday.is_some() {
        first = words.next()?;
    }
    let (second, year) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let (day, month) = match (month(first), month(second)) {
        (None, Some(month)) => (day(first)?, month),
        (Some(month), None) => (day(second)?, month),
        _ => return None,
    };
    let date = Date::new(four_digits(year)?, month, day).ok();
    Some(WrittenDate {
        date,
        weekday_agrees: weekday
            .is_none_or(|weekday| date.is_none_or(|date| date.weekday() == weekday)),
    })
}

/// Reads a date of the corpus table: `2023-08-26`, `26/08/2023` or written out.
pub(super) fn tabular(cell: &str) -> Option<Date> {
    if let Some([year, month, day]) = three(cell, '-') {
        return Date::new(four_digits(year)?, small(month)?, small(day)?).ok();
    }
    if let Some([day, month, year]) = three(cell, '/') {
        return Date::new(four_digits(year)?, small(month)?, small(day)?).ok();
    }
    written(cell)?.date
}

/// Reads a date of a JSON page: `2023-08-26`.
pub(super) fn iso(text: &str) -> Option<Date> {
    let [year, month, day] = three(text, '-')?;
    Date::new(four_digits(year)?, two_digits(month)?, two_digits(day)?).ok()
}

/// Reads a time of day of a JSON page: `21:05` or `21:05:30`.
pub(super) fn time(text: &str) -> Option<Time> {
    let (hour, rest) = text.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
    Time::new(
        two_digits(hour)?,
        two_digits(minute)?,
        two_digits(second)?,
        0,
    )
    .ok()
}

fn three(text: &str, separator: char) -> Option<[&str; 3]> {
    let mut parts = text.split(separator);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

fn month(word: &str) -> Option<i8> {
    let place = MONTHS.iter().position(|name| abbreviates(word, name))?;
    i8::try_from(place + 1).ok()
}

fn day(word: &str) -> Option<i8> {
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|suffix| word.strip_suffix(suffix))
        .unwrap_or(word);
    small(digits)
}

fn small(digits: &str) -> Option<i8> {
    let numeric = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if numeric { digits.parse().ok() } else { None }
}

fn two_digits(digits: &str) -> Option<i8> {
    if digits.len() == 2 {
        small(digits)
    } else {
        None
    }
}

fn four_digits(year: &str) -> Option<i16> {
    let numeric = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    if numeric { year.parse().ok() } else { None }
}

/// Whether a word is a name in full or cut to its first three letters, in any case.
fn abbreviates(word: &str, name: &str) -> bool {
    word.eq_ignore_ascii_case(name) || word.eq_ignore_ascii_case(&name[..3])
}
