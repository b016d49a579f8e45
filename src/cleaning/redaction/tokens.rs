//! A text as words, with what the rules for names ask of each.

use std::ops::Range;

use super::Personal;

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Begins with a small letter.
    Lower,
    /// Begins with a capital; further capitals may follow (`McAllindon`).
    Capital,
    /// Capitals only, at least two.
    Upper,
    /// A single capital.
    Initial,
    /// Holds a digit.
    Code,
    /// A label of an earlier redaction; never part of a name.
    Label,
}

/// What lies between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Blanks only, on one line.
    Blank,
    /// A full stop and blanks, or a full stop alone: the end of a sentence, or of an abbreviation.
    Stop,
    /// A comma and blanks.
    Comma,
    /// An ampersand, blanks around it.
    Ampersand,
    /// The beginning of a text, a line, a quotation, or a sentence after anything but a full stop.
    Fresh,
    /// Anything else: brackets, dashes, semicolons, slashes.
    Other,
}

/// One word.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Bytes of the word, without a possessive ending.
    pub(super) range: Range<usize>,
    /// In small letters, without invisible characters, and with `'` for every apostrophe.
    pub(super) lower: String,
    pub(super) shape: Shape,
    /// Whether a capital follows a small letter as in `GitHub`; `McKay`, `O'Dowd` and `Smith-Jones` do not count.
    pub(super) camel: bool,
    pub(super) before: Gap,
    /// Whether `'s` follows.
    pub(super) possessive: bool,
    /// Whether it lies in a web address, or is a handle or hashtag.
    pub(super) address: bool,
}

/// Characters that readers do not see and that words may hold.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}')
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining(c)
}

pub(super) fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The length of the label that a text begins with.
fn label(text: &str) -> Option<usize> {
    Personal::ALL
        .iter()
        .map(|kind| kind.label())
        .find(|label| text.starts_with(label))
        .map(str::len)
}

/// Splits a text into words; apostrophes and hyphens inside a word belong to it.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5);
    // Where the last word ended, its possessive ending included.
    let mut last = 0;
    let mut at = 0;
    let mut address_until = 0;
    while let Some(c) = text[at..].chars().next() {
        if c == '['
            && let Some(length) = label(&text[at..])
        {
            tokens.push(Token {
                range: at..at + length,
                lower: String::new(),
                shape: Shape::Label,
                camel: false,
                before: gap(&text[last..at], tokens.is_empty()),
                possessive: false,
                address: false,
            });
            at += length;
            last = at;
        } else if c.is_alphanumeric() {
            let end = word_end(text, at);
            if at >= address_until
                && matches!(c, 'h' | 'H' | 'w' | 'W')
                && begins_address(&text[at..])
            {
                address_until = text[at..]
                    .find(char::is_whitespace)
                    .map_or(text.len(), |length| at + length);
            }
            let (core, possessive) = without_possessive(&text[at..end]);
            let handle = text[last..at].ends_with(['@', '#', '_', '\\']);
            tokens.push(Token {
                range: at..at + core.len(),
                lower: lower(core),
                shape: shape(core),
                camel: is_camel(core),
                before: gap(&text[last..at], tokens.is_empty()),
                possessive,
                address: handle || at < address_until,
            });
            at = end;
            last = end;
        } else {
            at += c.len_utf8();
        }
    }
    tokens
}

fn begins_address(rest: &str) -> bool {
    let head = &rest.as_bytes()[..rest.len().min(8)];
    [&b"http://"[..], b"https://", b"www."]
        .iter()
        .any(|scheme| {
            head.len() >= scheme.len() && head[..scheme.len()].eq_ignore_ascii_case(scheme)
        })
}

fn word_end(text: &str, start: usize) -> usize {
    let plain = text.as_bytes()[start..].iter();
    let start = start
        + plain
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
    let mut end = start;
    let mut characters = text[start..].char_indices().peekable();
    while let Some((offset, c)) = characters.next() {
        let next_is_letter = characters
            .peek()
            .is_some_and(|(_, next)| next.is_alphanumeric());
        let inside = is_letter(c)
            || ((is_apostrophe(c)
                || matches!(c, '-' | '\u{2010}' | '\u{2011}')
                || is_invisible(c))
                && next_is_letter);
        if !inside {
            break;
        }
        end = start + offset + c.len_utf8();
    }
    end
}

fn without_possessive(word: &str) -> (&str, bool) {
    let mut characters = word.char_indices().rev();
    if let (Some((_, 's' | 'S')), Some((at, mark))) = (characters.next(), characters.next())
        && is_apostrophe(mark)
        && at > 0
    {
        return (&word[..at], true);
    }
    (word, false)
}

fn lower(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.chars()
        .filter(|c| !is_invisible(*c))
        .flat_map(|c| if is_apostrophe(c) { '\'' } else { c }.to_lowercase())
        .collect()
}

fn shape(word: &str) -> Shape {
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Shape::Lower;
    }
    let (mut capitals, mut small) = (0, 0);
    for c in word.chars() {
        if c.is_numeric() {
            return Shape::Code;
        }
        capitals += usize::from(c.is_uppercase());
        small += usize::from(c.is_lowercase());
    }
    match (
        word.chars().next().is_some_and(char::is_uppercase),
        capitals,
        small,
    ) {
        (true, 1, 0) => Shape::Initial,
        (true, _, 0) => Shape::Upper,
        (true, ..) => Shape::Capital,
        (false, ..) => Shape::Lower,
    }
}

fn is_camel(word: &str) -> bool {
    if !word.chars().skip(1).any(char::is_uppercase) {
        return false;
    }
    let part_is_camel = |part: &str| {
        let rest = ["Mc", "Mac", "De", "Le", "Fitz", "Van"]
            .iter()
            .find_map(|prefix| part.strip_prefix(prefix))
            .unwrap_or(part);
        rest.chars().skip(1).any(char::is_uppercase)
    };
    word.split(|c| c == '-' || is_apostrophe(c))
        .any(part_is_camel)
}

fn gap(between: &str, first: bool) -> Gap {
    if first {
        return Gap::Fresh;
    }
    if between == " " {
        return Gap::Blank;
    }
    let mut marks = between
        .chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c));
    if between.contains(['\n', '\r']) {
        return Gap::Fresh;
    }
    match (marks.next(), marks.next()) {
        (None, _) if !between.is_empty() => Gap::Blank,
        (Some('.'), None) => Gap::Stop,
        (Some(','), None) => Gap::Comma,
        (Some('&'), None) => Gap::Ampersand,
        (Some(mark), second) => {
            let ends = |c: char| matches!(c, '.' | '!' | '?' | ':' | '\u{2026}');
            let opens = |c: char| matches!(c, '"' | '\u{201c}' | '\u{2018}');
            if ends(mark) || opens(mark) || second.is_some_and(|c| ends(c) || opens(c)) {
                Gap::Fresh
            } else {
                Gap::Other
            }
        }
        (None, _) => Gap::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Gap, Shape, tokens};

    #[test]
    fn a_possessive_ending_is_no_part_of_the_word_but_other_apostrophes_are() {
        let text = "O\u{2019}Dowd\u{2019}s Anne-Marie's dogs'";
        let words: Vec<_> = tokens(text)
            .into_iter()
            .map(|token| (text[token.range].to_owned(), token.lower, token.possessive))
            .collect();
        let word = |a: &str, b: &str, c| (a.to_owned(), b.to_owned(), c);
        assert_eq!(
            words,
            [
                word("O\u{2019}Dowd", "o'dowd", true),
                word("Anne-Marie", "anne-marie", true),
                word("dogs", "dogs", false)
            ]
        );
    }

    #[test]
    fn words_know_how_they_are_written_and_what_stands_before_them() {
        let found: Vec<_> = tokens("NAPO, mr McKay. J4 & A\nb [name]")
            .into_iter()
            .map(|token| (token.shape, token.before))
            .collect();
        assert_eq!(
            found,
            [
                (Shape::Upper, Gap::Fresh),
                (Shape::Lower, Gap::Comma),
                (Shape::Capital, Gap::Blank),
                (Shape::Code, Gap::Stop),
                (Shape::Initial, Gap::Ampersand),
                (Shape::Lower, Gap::Fresh),
                (Shape::Label, Gap::Blank),
            ]
        );
    }

    #[test]
    fn an_invisible_character_does_not_hide_a_word() {
        let found = tokens("Ka\u{ad}ren");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].lower, "karen");
    }

    #[test]
    fn words_of_web_addresses_and_handles_are_marked() {
        let marked: Vec<_> = tokens("see https://example.org/karen and @karen or Karen")
            .into_iter()
            .map(|token| token.address)
            .collect();
        assert_eq!(
            marked,
            [false, true, true, true, true, false, true, false, false]
        );
    }
}
