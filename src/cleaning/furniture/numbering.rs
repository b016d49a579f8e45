//! Numbers and bullets that a copied list leaves at the start of lines.
//!
//! A number counts if the text has the one before it further up or the one after it further down in the same style, so
//! that a sentence beginning with a number stays. A hyphen, dash or asterisk counts if two lines begin with it; the
//! bullets that nobody types count by themselves.

use std::collections::BTreeSet;

use super::lines::Lines;
use crate::cleaning::span::Kind;

const TYPED_BULLETS: [char; 4] = ['-', '–', '—', '*'];
const BULLETS: [char; 8] = ['•', '·', '▪', '●', '◦', '‣', '■', '◾'];

/// How an item is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Count {
    Number,
    Letter,
    Roman,
}

/// What may be numbering at the start of a line.
#[derive(Debug)]
struct Marker {
    length: usize,
    /// How it can be read; none for a bullet. `(i)` can be read twice.
    readings: Vec<(Count, u16)>,
    bullet: Option<char>,
}

pub(super) fn find(lines: &mut Lines) {
    let markers: Vec<(usize, Marker)> = (0..lines.len())
        .filter_map(|place| Some((place, marker(lines.get(place))?)))
        .collect();
    let mut counted = vec![false; markers.len()];
    // Once downwards for the item before, once upwards for the item after.
    let mut above = BTreeSet::new();
    for (counted, (_, marker)) in counted.iter_mut().zip(&markers) {
        let mut readings = marker.readings.iter();
        *counted |= readings.any(|&(count, value)| above.contains(&(count, value.wrapping_sub(1))));
        above.extend(marker.readings.iter().copied());
    }
    let mut below = BTreeSet::new();
    for (counted, (_, marker)) in counted.iter_mut().zip(&markers).rev() {
        let mut readings = marker.readings.iter();
        *counted |= readings.any(|&(count, value)| below.contains(&(count, value + 1)));
        below.extend(marker.readings.iter().copied());
    }
    let repeated = |bullet: char| {
        let mut same = markers
            .iter()
            .filter(|(_, marker)| marker.bullet == Some(bullet));
        BULLETS.contains(&bullet) || same.nth(1).is_some()
    };
    let repeated: Vec<char> = BULLETS
        .into_iter()
        .chain(TYPED_BULLETS)
        .filter(|&bullet| repeated(bullet))
        .collect();
    for ((place, marker), counted) in markers.iter().zip(counted) {
        if counted
            || marker
                .bullet
                .is_some_and(|bullet| repeated.contains(&bullet))
        {
            lines.take_start(*place, marker.length, Kind::Numbering);
        }
    }
}

fn marker(line: &str) -> Option<Marker> {
    let first = line.chars().next()?;
    let after = &line[first.len_utf8()..];
    if TYPED_BULLETS.contains(&first) || BULLETS.contains(&first) {
        let spaced = after.starts_with(char::is_whitespace);
        let joined = BULLETS.contains(&first) && after.starts_with(char::is_alphanumeric);
        return (spaced || joined).then(|| Marker {
            length: first.len_utf8(),
            readings: Vec::new(),
            bullet: Some(first),
        });
    }
    let opened = first == '(';
    let rest = if opened { after } else { line };
    let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let item = &rest[..length];
    let behind = &rest[length..];
    let closed = behind.starts_with(')');
    let spaced = behind.trim_start_matches(' ');
    // `1 - Pay` and `1: Pay` need the room that `10:27` and `10-12` lack.
    let loose = !opened
        && (spaced.starts_with(['-', '–']) || behind.starts_with(':'))
        && spaced.chars().nth(1).is_some_and(char::is_whitespace);
    if !closed && !loose && (opened || !behind.starts_with('.')) {
        return None;
    }
    let (end, text) = if loose {
        let mark = spaced.chars().next().map_or(0, char::len_utf8);
        (behind.len() - spaced.len() + mark, &spaced[mark..])
    } else {
        (1, &behind[1..])
    };
    // `2.5` is a number, `1.Pay` an item; `a.` and `i.` are initials as often as items.
    let parted = text.is_empty()
        || text.starts_with(char::is_whitespace)
        || text.starts_with(char::is_alphabetic);
    let readings = readings(item, closed);
    (parted && !readings.is_empty()).then_some(Marker {
        length: usize::from(opened) + length + end,
        readings,
        bullet: None,
    })
}

/// How an item can be read; letters and Roman numbers need a bracket.
fn readings(item: &str, closed: bool) -> Vec<(Count, u16)> {
    if (1..=3).contains(&item.len()) && item.bytes().all(|b| b.is_ascii_digit()) {
        return item
            .parse()
            .map_or(Vec::new(), |value| vec![(Count::Number, value)]);
    }
    const ROMAN: [&str; 15] = [
        "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv",
        "xv",
    ];
    let mut readings = Vec::new();
    if !closed {
        return readings;
    }
    if let [letter] = item.as_bytes()
        && letter.is_ascii_alphabetic()
    {
        let place = letter.to_ascii_lowercase() - b'a';
        readings.push((Count::Letter, u16::from(place)));
    }
    let roman = ROMAN
        .iter()
        .position(|roman| item.eq_ignore_ascii_case(roman));
    if let Some(value) = roman.and_then(|place| u16::try_from(place + 1).ok()) {
        readings.push((Count::Roman, value));
    }
    readings
}
