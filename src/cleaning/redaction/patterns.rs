//! E-mail addresses, phone numbers, postcodes, national insurance numbers and prison numbers.

use std::ops::Range;

use regex::Regex;

use super::tokens::is_invisible;
use super::{Personal, Redaction};

/// The areas of the United Kingdom's postcodes (Royal Mail, Postcode Address File); `zz` is the pseudo-area of the
/// Office for National Statistics.
const AREAS: [&str; 125] = [
    "ab", "al", "b", "ba", "bb", "bd", "bh", "bl", "bn", "br", "bs", "bt", "ca", "cb", "cf", "ch",
    "cm", "co", "cr", "ct", "cv", "cw", "da", "dd", "de", "dg", "dh", "dl", "dn", "dt", "dy", "e",
    "ec", "eh", "en", "ex", "fk", "fy", "g", "gl", "gu", "gy", "ha", "hd", "hg", "hp", "hr", "hs",
    "hu", "hx", "ig", "im", "ip", "iv", "je", "ka", "kt", "kw", "ky", "l", "la", "ld", "le", "ll",
    "ln", "ls", "lu", "m", "me", "mk", "ml", "n", "ne", "ng", "nn", "np", "nr", "nw", "ol", "ox",
    "pa", "pe", "ph", "pl", "po", "pr", "rg", "rh", "rm", "s", "sa", "se", "sg", "sk", "sl", "sm",
    "sn", "so", "sp", "sr", "ss", "st", "sw", "sy", "ta", "td", "tf", "tn", "tq", "tr", "ts", "tw",
    "ub", "w", "wa", "wc", "wd", "wf", "wn", "wr", "ws", "wv", "yo", "ze", "zz",
];

/// What may stand between the digits of a phone number.
const BETWEEN: &str =
    r"[ \t\u{a0}\u{ad}\u{2009}\u{200b}-\u{200d}\u{202f}\u{2060}.()\-\u{2010}\u{2011}\u{2013}]{0,3}";

/// Longest part of an e-mail address before the `@` (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// How far a digit of a number, or what stands around its digits, may be from the next digit, in bytes: three
/// characters between digits, of up to three bytes each, and a sign or two letters.
const FARTHEST: usize = 14;

/// How far before an old prison number the words stand that announce it, in characters.
const ANNOUNCED_WITHIN: usize = 80;

/// Looks at what a pattern matched, in its text; what of it is a find, if any.
type Check = fn(&str, Range<usize>) -> Option<Range<usize>>;

/// The compiled patterns.
#[derive(Debug)]
pub(super) struct Patterns {
    spelt_email: Regex,
    phone: Regex,
    postcode: Regex,
    insurance: Regex,
    prison: Regex,
}

impl Patterns {
    /// # Errors
    /// None in practice: the patterns are constants, and a test compiles them.
    pub(super) fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            spelt_email: Regex::new(
                r"(?i-u:[a-z0-9._%+\-]{1,64}[ ]?(?:[\(\[\{][ ]?at[ ]?[\)\]\}]|[ ]at[ ])[ ]?[a-z0-9\-]+(?:(?:[ ]?[\(\[\{][ ]?dot[ ]?[\)\]\}][ ]?|[ ]dot[ ]|\.)[a-z0-9\-]+)*[ ]?(?:[\(\[\{][ ]?dot[ ]?[\)\]\}]|[ ]dot[ ])[ ]?[a-z]{2,12})",
            )?,
            phone: Regex::new(&format!(
                r"(?:(?:\+|00){BETWEEN}44{BETWEEN}(?:\(0\))?{BETWEEN}[1-9](?:{BETWEEN}[0-9]){{8,9}}|\(?0[1-9](?:{BETWEEN}[0-9]){{8,9}}|\+[1-9](?:{BETWEEN}[0-9]){{8,13}})"
            ))?,
            postcode: Regex::new(
                r"(?i-u:[a-z]{1,2}[0-9][0-9a-z]?)(?:[ \t]|\u{a0}){0,2}(?i-u:[0-9][abd-hjlnp-uw-z]{2})",
            )?,
            insurance: Regex::new(
                r"(?i-u:[a-z]{2})[ \-]?[0-9]{2}[ \-]?[0-9]{2}[ \-]?[0-9]{2}[ \-]?(?i-u:[a-d])",
            )?,
            prison: Regex::new(r"(?i-u:[a-z][0-9]{4}[a-z]{2}|[a-z]{2}[0-9]{4})")?,
        })
    }

    /// All finds, sorted and disjoint; where two overlap, the one that begins first stands.
    pub(super) fn find(&self, text: &str) -> Vec<Redaction> {
        let mut found = Vec::new();
        if text.contains('@') {
            emails(text, &mut found);
        }
        let mut collect = |kind, pattern: &Regex, part: &Range<usize>, check: Check| {
            let finds = pattern.find_iter(&text[part.clone()]);
            let ranges = finds.map(|m| part.start + m.start()..part.start + m.end());
            let checked = ranges.filter_map(|range| check(text, range));
            found.extend(checked.map(|range| Redaction { range, kind }));
        };
        if ["dot", "Dot", "DOT"].iter().any(|dot| text.contains(dot)) {
            collect(
                Personal::Email,
                &self.spelt_email,
                &(0..text.len()),
                |_, range| Some(range),
            );
        }
        for part in around_digits(text) {
            collect(Personal::Phone, &self.phone, &part, phone);
            collect(Personal::Postcode, &self.postcode, &part, postcode);
            collect(
                Personal::NationalInsurance,
                &self.insurance,
                &part,
                insurance,
            );
            collect(Personal::PrisonNumber, &self.prison, &part, prison);
        }
        found.sort_by_key(|redaction| (redaction.range.start, redaction.range.end));
        let mut end = 0;
        found.retain(|redaction| {
            let keeps = redaction.range.start >= end;
            if keeps {
                end = redaction.range.end;
            }
            keeps
        });
        found
    }
}

/// The parts of a text with two digits or more close together, and a little around them: every number is in one.
fn around_digits(text: &str) -> Vec<Range<usize>> {
    let mut parts: Vec<(Range<usize>, usize)> = Vec::new();
    for (at, _) in text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| byte.is_ascii_digit())
    {
        match parts.last_mut() {
            Some((part, digits)) if at - part.end <= FARTHEST => {
                part.end = at + 1;
                *digits += 1;
            }
            _ => parts.push((at..at + 1, 1)),
        }
    }
    let widened = parts
        .into_iter()
        .filter(|(_, digits)| *digits > 1)
        .map(|(part, _)| {
            let (mut start, mut end) = (part.start.saturating_sub(FARTHEST), part.end + FARTHEST);
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            end = end.min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            start..end
        });
    widened.collect()
}

/// Addresses with `@`: grown to both sides from the sign, so that letters of any language belong to the first part.
fn emails(text: &str, found: &mut Vec<Redaction>) {
    let mut free = 0;
    for (at, _) in text.match_indices('@') {
        if at < free {
            continue;
        }
        let start = text[free..at]
            .char_indices()
            .rev()
            .take(LONGEST_LOCAL)
            .take_while(|(_, c)| c.is_alphanumeric() || is_invisible(*c) || "._%+-'&".contains(*c))
            .last()
            .map_or(at, |(offset, _)| free + offset);
        let start = at
            - text[start..at]
                .trim_start_matches(['.', '\'', '-', '&'])
                .len();
        let domain: usize = text[at + 1..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || is_invisible(*c) || matches!(c, '.' | '-'))
            .map(char::len_utf8)
            .sum();
        let domain = text[at + 1..at + 1 + domain].trim_end_matches(['.', '-']);
        let suffix = domain.rsplit_once('.').map(|(_, suffix)| suffix);
        let is_domain = suffix.is_some_and(|suffix| {
            suffix.chars().count() >= 2 && suffix.chars().all(|c| !c.is_numeric())
        });
        if start < at && is_domain {
            free = at + 1 + domain.len();
            found.push(Redaction {
                range: start..free,
                kind: Personal::Email,
            });
        }
    }
}

/// Whether nothing that would make a longer word or number of it stands on either side.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    !before.is_some_and(joins) && !after.is_some_and(joins)
}

/// Whether a number goes on: `.5`, `,000`, `-12`, `/3` after it, or the like before it.
fn goes_on(text: &str, range: &Range<usize>) -> bool {
    let mut after = text[range.end..].chars();
    let mut before = text[..range.start].chars().rev();
    let joins = |c: Option<char>| c.is_some_and(|c| ".,-/:=\u{2013}".contains(c));
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    (joins(after.next()) && digit(after.next())) || (joins(before.next()) && digit(before.next()))
}

/// All letters large, or all small.
fn one_case(word: &str) -> bool {
    let upper = word.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = word.bytes().any(|byte| byte.is_ascii_lowercase());
    upper != lower
}

/// Ten or eleven digits from 0 on, in groups as people write them; with a country code, its usual length.
fn phone(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let mut range = range;
    let written = &text[range.clone()];
    // A bracket around the whole number is no part of it.
    if written.starts_with('(') && !written.contains(')') {
        range.start += 1;
    }
    let written = &text[range.clone()];
    let joined = text[..range.start]
        .chars()
        .next_back()
        .is_some_and(|c| "/@#&=.,£$€".contains(c));
    if joined || !stands_alone(text, &range) || goes_on(text, &range) {
        return None;
    }
    if written.starts_with('+') || written.starts_with("00") {
        return Some(range);
    }
    let groups: Vec<usize> = written
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .map(str::len)
        .collect();
    let digits: usize = groups.iter().sum();
    let area = groups.first().copied().unwrap_or(0);
    let grouped = area >= 3 && groups.iter().all(|group| *group >= 2) && groups.len() <= 5;
    // Ten digits are as likely a reference number, unless they are grouped or free to call.
    (grouped && (digits == 11 || groups.len() > 1 || written.starts_with("08"))).then_some(range)
}

/// Outward and inward part of an area that exists.
fn postcode(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let written = text[range.clone()].to_ascii_lowercase();
    let area: String = written
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    // "e3 1st", "m6 4th": a small-letter code and an ordinal.
    let ordinal = ["1st", "2nd", "3rd"]
        .iter()
        .any(|end| written.ends_with(end))
        || (written.ends_with("th") && written.contains(' '));
    let small = text[range.clone()]
        .bytes()
        .any(|byte| byte.is_ascii_lowercase());
    let plausible = AREAS.binary_search(&area.as_str()).is_ok()
        && one_case(&text[range.clone()])
        && !(small && ordinal);
    (plausible && stands_alone(text, &range)).then_some(range)
}

/// Two letters, six digits and a letter from A to D.
fn insurance(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let written = &text[range.clone()];
    // In small letters "by 12 34 56 a" reads as words.
    let word = [
        "am", "an", "as", "at", "by", "he", "in", "is", "it", "me", "my", "no", "of", "on", "or",
        "to", "we",
    ]
    .iter()
    .any(|word| written.starts_with(word));
    (one_case(written) && !word && stands_alone(text, &range)).then_some(range)
}

/// The modern form (a letter, four digits, two letters) always; the old one (two letters, four digits) only after
/// words that say what it is.
fn prison(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let written = &text[range.clone()];
    if !one_case(written) || !stands_alone(text, &range) || goes_on(text, &range) {
        return None;
    }
    let modern = written.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    (modern || announced(&text[..range.start])).then_some(range)
}

/// Whether the last words before an old prison number announce one.
fn announced(before: &str) -> bool {
    let near = before.char_indices().rev().nth(ANNOUNCED_WITHIN);
    let near = near.map_or(before, |(at, _)| &before[at..]);
    let sentence = near.rfind(['\n', '!', '?']).map_or(near, |at| &near[at..]);
    let words: Vec<String> = sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .rev()
        .take(6)
        .map(str::to_lowercase)
        .collect();
    let has = |options: &[&str], within: usize| {
        words
            .iter()
            .take(within)
            .any(|word| options.contains(&word.as_str()))
    };
    let other = [
        "form",
        "ref",
        "reference",
        "case",
        "order",
        "version",
        "psi",
        "pi",
        "page",
        "flight",
        "room",
    ];
    let number = ["number", "no", "num", "nos", "numbers"];
    !has(&other, 6)
        && (has(
            &["prison", "prisoner", "inmate", "noms", "nomis", "convict"],
            3,
        ) || (has(&number, 2))
            || (has(&number, 6) && has(&["prison", "prisoner", "inmate", "noms", "nomis"], 6)))
}

#[cfg(test)]
mod tests {
    use super::{AREAS, Patterns, Personal};

    fn found(text: &str) -> Vec<(&str, Personal)> {
        Patterns::new()
            .expect("the patterns compile")
            .find(text)
            .into_iter()
            .map(|redaction| (&text[redaction.range], redaction.kind))
            .collect()
    }

    #[test]
    fn the_postcode_areas_are_in_the_order_that_the_search_needs() {
        assert!(AREAS.is_sorted());
    }

    #[test]
    fn phone_numbers_are_found_however_they_are_grouped() {
        for number in [
            "01632 960123",
            "(01632) 960 123",
            "020 7946 0018",
            "+44 (0)20 7946 0018",
            "+447700900461",
            "0044 7700 900 461",
            "07700\u{a0}900\u{ad}461",
            "0161-496-0345",
        ] {
            assert_eq!(
                found(&format!("Ring {number}, please.")),
                [(number, Personal::Phone)]
            );
        }
    }

    #[test]
    fn figures_dates_and_references_are_no_phone_numbers() {
        for text in [
            "2,149,018 crimes",
            "01 04 2019",
            "£0,700,900,461",
            "from 820 000 000 to 700 000 000",
            "0098123456",
            "https://example.org/07700900461",
            "012345678901234",
            "07/12 and 08:00",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn half_a_postcode_is_none_and_an_area_has_to_exist() {
        assert_eq!(
            found("at SW1A 2AA, ec1a1bb"),
            [
                ("SW1A 2AA", Personal::Postcode),
                ("ec1a1bb", Personal::Postcode)
            ]
        );
        assert_eq!(found("PO1, E3 and OA1 2BB, e3 1st"), []);
    }

    #[test]
    fn an_old_prison_number_needs_words_that_announce_it() {
        assert_eq!(
            found("my prison number was XK4821"),
            [("XK4821", Personal::PrisonNumber)]
        );
        assert_eq!(found("form number EF5034, or AB1234"), []);
        assert_eq!(found("A1234BC"), [("A1234BC", Personal::PrisonNumber)]);
    }

    #[test]
    fn an_address_keeps_the_full_stop_of_its_sentence_out() {
        assert_eq!(
            found("to a.b+c@mail.example.org."),
            [("a.b+c@mail.example.org", Personal::Email)]
        );
        assert_eq!(found("@handle and a@b and 5 @ 3.50"), []);
    }

    #[test]
    fn addresses_in_words_are_found() {
        for address in [
            "mick (at) example (dot) org",
            "a.b[at]example.co[dot]uk",
            "old at example dot com",
        ] {
            assert_eq!(found(address), [(address, Personal::Email)]);
        }
        assert_eq!(found("we met at work. dot your i"), []);
    }
}
