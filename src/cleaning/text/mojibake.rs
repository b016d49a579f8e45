//! UTF-8 that was read as Windows-1252 (or Latin-1), as far as that is certain.
//!
//! Certain are sequences that no language writes:
//!
//! - `Â` before a sign of Latin-1 (`Â£`, `Â©`, `Â` and a no-break space): no word ends in `Â`.
//! - `Ã` before a sign of Latin-1 or a Windows-1252 character that never follows a word (`Ã©`, `Ã‰`, `Ãƒ`). Words in
//!   capitals do end in `Ã` (Portuguese `AMANHÃ`), so what may follow a word is left alone there (`AMANHÃ»`, a no-break
//!   space), and quotation marks, dashes and dots after `Ã` are left alone everywhere.
//! - `â` and two more for punctuation, arrows, signs and `€`, `™` (`â€™`, `â‚¬`, `âœ“`): nothing writes `â€`, and of the
//!   other second characters only those count that never follow a word, because Welsh words do end in `â`.
//! - `ï»¿`, `ï¿½` and the variation selector of emoji; `ðŸ` and two more, the emoji.
//!
//! What was garbled twice is made of sequences like these, some of which are certain only where the outer layer needs
//! them (`Å“` within `â€Å“`).

/// What Windows-1252 has at 0x80 to 0x9F; five places are empty.
const HIGH: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// How many layers of garbling are looked through at one place.
const LAYERS: usize = 3;

/// The character that Windows-1252 has for a byte from 0x80 to 0x9F; none for other bytes and empty places.
pub(super) fn windows_1252(byte: u8) -> Option<char> {
    let place = byte.checked_sub(0x80)?;
    HIGH.get(usize::from(place)).copied().flatten()
}

/// The byte that was read as this character; control characters stand for themselves, as in Latin-1.
fn byte(c: char) -> Option<u8> {
    match c {
        '\u{80}'..='\u{ff}' => u8::try_from(u32::from(c)).ok(),
        '\u{152}'..='\u{2122}' => {
            let place = HIGH.iter().position(|known| *known == Some(c))?;
            Some(0x80 + u8::try_from(place).ok()?)
        }
        _ => None,
    }
}

/// Whether a garbled character may begin here.
pub(super) fn is_lead(c: char) -> bool {
    matches!(c, 'Â' | 'Ã' | 'Å' | 'Æ' | 'Ë' | 'â' | 'ï' | 'ð')
}

/// What a character does to the sequence before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It is no part of a garbled character.
    Outside,
    /// It goes on with one, so it must not be touched yet.
    Within,
    /// It ends one: so many characters before it and itself stand for the character given.
    Ends { before: usize, means: char },
}

/// Tells what `next` does after the characters that `nth_last` gives (0 is the one right before it).
pub(super) fn step(nth_last: impl Fn(usize) -> Option<char> + Copy, next: char) -> Step {
    match byte(next) {
        Some(byte @ 0x80..=0xbf) => advance(nth_last, 0, byte, is_control(next), LAYERS),
        _ => Step::Outside,
    }
}

fn is_control(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}')
}

/// The same, with the `skipped` last characters taken away.
fn advance(
    nth_last: impl Fn(usize) -> Option<char> + Copy,
    skipped: usize,
    last: u8,
    control: bool,
    layers: usize,
) -> Step {
    let before = |n: usize| nth_last(skipped + n);
    // The bytes from the lead to the last one, filled from the back.
    let mut bytes = [0, 0, 0, last];
    let mut length = 1;
    loop {
        let Some(c) = before(length - 1) else {
            return Step::Outside;
        };
        let Some(byte) = byte(c) else {
            return Step::Outside;
        };
        length += 1;
        bytes[4 - length] = byte;
        if is_lead(c) {
            break;
        }
        if !(0x80..=0xbf).contains(&byte) || length == 4 {
            return Step::Outside;
        }
    }
    let sequence = &bytes[4 - length..];
    let certain = match *sequence {
        [0xc2, 0xa0..=0xbf] => after_a_circumflex(before(1), last),
        [0xc3, _] => after_a_tilde(before(1), last, control),
        [0xe2, b] => return within(is_certain_second(b) || matches!(b, 0x82 | 0x84)),
        [0xe2, 0x82, b] => b == 0xac,
        [0xe2, 0x84, b] => b == 0xa2,
        [0xe2, second, _] => is_certain_second(second),
        [0xef, b] => return within(matches!(b, 0xbb | 0xbf | 0xb8)),
        [0xef, 0xbb, b] => b == 0xbf,
        [0xef, 0xbf, b] => b == 0xbd,
        [0xef, 0xb8, b] => b == 0x8f,
        [0xf0, b] => return within(b == 0x9f),
        [0xf0, 0x9f, _] => return Step::Within,
        [0xf0, 0x9f, _, _] => true,
        [_, _] => {
            layers > 0 && {
                // Certain only if the layer around it needs what this stands for.
                let needed = decoded(sequence).and_then(|c| Some((byte(c)?, is_control(c))));
                needed.is_some_and(|(byte, control)| {
                    (0x80..=0xbf).contains(&byte)
                        && advance(nth_last, skipped + 1, byte, control, layers - 1)
                            != Step::Outside
                })
            }
        }
        _ => false,
    };
    match decoded(sequence) {
        Some(means) if certain => Step::Ends {
            before: length - 1,
            means,
        },
        _ => Step::Outside,
    }
}

fn within(is: bool) -> Step {
    if is { Step::Within } else { Step::Outside }
}

fn decoded(bytes: &[u8]) -> Option<char> {
    std::str::from_utf8(bytes).ok()?.chars().next()
}

/// `Â` and a sign. A soft hyphen may stand in the middle of a word in capitals.
fn after_a_circumflex(before: Option<char>, last: u8) -> bool {
    last != 0xad || !before.is_some_and(char::is_uppercase)
}

/// `Ã` and anything.
fn after_a_tilde(before: Option<char>, last: u8, control: bool) -> bool {
    let in_capitals = before.is_some_and(char::is_uppercase);
    match last {
        // Places that Windows-1252 leaves empty.
        0x81 | 0x8d | 0x8f | 0x90 | 0x9d => true,
        // … † ‡ ‹ ‘ ’ “ ” • – — ™ ›
        0x85..=0x87 | 0x8b | 0x91..=0x97 | 0x99 | 0x9b => control && !in_capitals,
        // Guillemets: nothing but a lower-case word goes on with ë or û.
        0xab | 0xbb => before.is_some_and(char::is_lowercase),
        // What may follow or hyphenate a word: no-break space, soft hyphen, ® ² ³ · ¹
        0xa0 | 0xad | 0xae | 0xb2 | 0xb3 | 0xb7 | 0xb9 => !in_capitals,
        _ => true,
    }
}

/// Whether a second byte after 0xE2 stands for a character that never follows a word.
fn is_certain_second(byte: u8) -> bool {
    // € (control) † ‡ ˆ ‰ ˜ œ (control)
    matches!(byte, 0x80 | 0x81 | 0x86..=0x89 | 0x98 | 0x9c | 0x9d)
}
