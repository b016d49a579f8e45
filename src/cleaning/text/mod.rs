//! Text in one form: characters instead of their spellings, and where each came from.
//!
//! What changes, and under which kind it is reported:
//!
//! - `Entity`: HTML entities that end in a semicolon, however often they were encoded (`&amp;amp;`).
//! - `Mojibake`: UTF-8 read as Windows-1252, where that is certain (see `mojibake.rs`), and C1 control characters, which
//!   mean characters of Windows-1252 in every browser.
//! - `Invisible`: removed are zero-width characters, soft hyphens, byte order marks, marks of writing direction, control
//!   characters, variation selectors and tags, except inside emoji, keycaps and flags, which stay whole. Changed are
//!   no-break spaces (to spaces), and CR, CRLF and the line and paragraph separators (to line feeds).
//! - `Composition`: Unicode NFC.
//!
//! Normalising twice gives what normalising once gives. Within a pass each character is put on a stack, and what the
//! top of the stack then spells is replaced and put through the same door, so nested spellings are undone in linear
//! time. Composition may spell something new, hence passes follow one another until one changes nothing; each change
//! leaves less to change, and composed letters spell at most one more garbled character, so few passes are needed.

mod entities;
mod map;
mod mojibake;

use std::ops::Range;

use unicode_normalization::char::{canonical_combining_class, decompose_canonical};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

pub use self::map::OffsetMap;
use self::mojibake::Step;
use super::span::{Finding, Kind};

/// A text in one form, with what was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    /// The text.
    pub text: String,
    /// What was changed or removed, in order; ranges are bytes of the original.
    pub findings: Vec<Finding>,
    /// Where the characters of the text come from.
    pub map: OffsetMap,
}

impl Normal {
    /// The text as it is.
    pub fn untouched(original: &str) -> Self {
        Normal {
            text: original.to_owned(),
            findings: Vec::new(),
            map: OffsetMap::identity(original.len()),
        }
    }
}

/// Brings a text into one form, as described at the top of this module.
pub fn normalise(original: &str) -> Normal {
    if is_plain(original) {
        return Normal::untouched(original);
    }
    let mut pass = Pass::default();
    let mut chars = original.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let windows_line_end = c == '\r' && chars.next_if(|(_, next)| *next == '\n').is_some();
        pass.admit(Unit {
            c,
            range: at..at + c.len_utf8() + usize::from(windows_line_end),
            kind: None,
        });
    }
    let (mut units, mut changed) = pass.finish();
    if !changed {
        return Normal::untouched(original);
    }
    while changed {
        let mut pass = Pass::default();
        units.into_iter().for_each(|unit| pass.admit(unit));
        (units, changed) = pass.finish();
    }
    join_overlaps(&mut units);
    report(original, &units)
}

/// Whether nothing of the text can change, as far as a glance tells.
fn is_plain(text: &str) -> bool {
    let has_entities = text.contains(';');
    let plain_byte =
        |b: u8| matches!(b, b'\t' | b'\n' | b' '..=b'~') && (b != b'&' || !has_entities);
    // Plain ASCII is the rule, and bytes are quicker to look at than characters.
    if text.bytes().all(plain_byte) {
        return true;
    }
    let mut garbled = false;
    text.chars().all(|c| {
        let plain = match c {
            '\0'..='\x7f' => u8::try_from(c).is_ok_and(plain_byte),
            '‐'..='‧' | '‰'..='⁞' | '€' | '™' => !garbled,
            '¡'..='\u{2ff}' => c != '\u{ad}' && !garbled,
            _ => false,
        };
        garbled = mojibake::is_lead(c);
        plain
    })
}

/// A character and the bytes of the original it stands for.
#[derive(Debug, Clone)]
struct Unit {
    c: char,
    range: Range<usize>,
    /// What made it; none if it is as it was.
    kind: Option<Kind>,
}

impl Unit {
    fn become_char(&mut self, c: char, kind: Kind) {
        self.c = c;
        self.kind = Some(kind);
    }
}

/// What becomes of a character that may be invisible.
enum Fate {
    Stays,
    Becomes(char, Kind),
    Goes,
}

/// One pass over a text.
#[derive(Default)]
struct Pass {
    /// The text so far, in the order of the original.
    done: Vec<Unit>,
    /// Still to come before the next character of the input, the next one last.
    pending: Vec<Unit>,
    /// How many of the last units may still turn out to be part of a garbled character, their fate put off.
    held: usize,
    changed: bool,
}

impl Pass {
    fn admit(&mut self, unit: Unit) {
        self.pending.push(unit);
        while let Some(unit) = self.pending.pop() {
            let nth_last = |n: usize| {
                let place = self.done.len().checked_sub(n + 1)?;
                Some(self.done[place].c)
            };
            match mojibake::step(nth_last, unit.c) {
                Step::Ends { before, means } => {
                    let start = self.done.len() - before;
                    self.replace_from(start, unit.range.end, means, Kind::Mojibake);
                }
                Step::Within => {
                    self.done.push(unit);
                    self.held += 1;
                }
                // What was garbled twice may go on with a garbled character.
                Step::Outside if self.held > 0 && mojibake::is_lead(unit.c) => {
                    self.done.push(unit);
                    self.held += 1;
                }
                Step::Outside => {
                    self.settle();
                    self.place(unit);
                }
            }
        }
    }

    /// Decides on the units whose fate was put off.
    fn settle(&mut self) {
        let held = std::mem::take(&mut self.held);
        if held == 0 {
            return;
        }
        let units = self.done.split_off(self.done.len() - held);
        units.into_iter().for_each(|unit| self.place(unit));
    }

    /// Takes units off the end of the text and sends the character they spell through the door.
    fn replace_from(&mut self, start: usize, end: usize, c: char, kind: Kind) {
        let first = self.done[start].range.start;
        self.held = self.held.saturating_sub(self.done.len() - start);
        self.done.truncate(start);
        self.changed = true;
        self.pending.push(Unit {
            c,
            range: first..end,
            kind: Some(kind),
        });
    }

    /// Adds a character that ends no garbled one.
    fn place(&mut self, mut unit: Unit) {
        if unit.c >= '\u{340}' && is_nfc_quick(std::iter::once(unit.c)) == IsNormalized::No {
            let first = self.pending.len();
            decompose_canonical(unit.c, |c| {
                self.pending.push(Unit {
                    c,
                    range: unit.range.clone(),
                    kind: Some(Kind::Composition),
                });
            });
            self.pending[first..].reverse();
            self.changed = true;
            return;
        }
        match self.fate(unit.c) {
            Fate::Goes => {
                self.changed = true;
                return;
            }
            Fate::Becomes(c, kind) => {
                self.changed = true;
                unit.become_char(c, kind);
            }
            Fate::Stays => {}
        }
        self.drop_idle_joiner(unit.c);
        if unit.c == ';'
            && let Some((start, c)) = self.entity()
        {
            self.replace_from(start, unit.range.end, c, Kind::Entity);
            return;
        }
        self.done.push(unit);
    }

    /// Takes away a joiner whose right side has turned out not to need it.
    fn drop_idle_joiner(&mut self, next: char) {
        let mut last = self.done.iter().rev().map(|unit| unit.c);
        let idle = match (last.next(), last.next()) {
            (Some(JOINER), _) => !is_emoji(next),
            (Some(EMOJI_STYLE), Some(base)) => is_keycap_base(base) && next != KEYCAP,
            _ => false,
        };
        if idle {
            self.done.pop();
            self.changed = true;
        }
    }

    fn fate(&self, c: char) -> Fate {
        let mut last = self.done.iter().rev().map(|unit| unit.c);
        match c {
            '\n' | '\t' | ' '..='~' => Fate::Stays,
            '\r' | '\u{2028}' | '\u{2029}' => Fate::Becomes('\n', Kind::Invisible),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => Fate::Becomes(' ', Kind::Invisible),
            '\u{80}'..='\u{9f}' => u8::try_from(c)
                .ok()
                .and_then(mojibake::windows_1252)
                .map_or(Fate::Goes, |meant| Fate::Becomes(meant, Kind::Mojibake)),
            JOINER => match (last.next(), last.next()) {
                (Some(emoji), _) if is_emoji(emoji) => Fate::Stays,
                (Some(EMOJI_STYLE), Some(emoji)) if is_emoji(emoji) => Fate::Stays,
                _ => Fate::Goes,
            },
            EMOJI_STYLE => match last.next() {
                Some(base) if is_emoji(base) || is_keycap_base(base) => Fate::Stays,
                _ => Fate::Goes,
            },
            // Flags of parts of a country are a black flag and letters nobody sees.
            '\u{e0020}'..='\u{e007f}' => match last.next() {
                Some('\u{1f3f4}' | '\u{e0020}'..='\u{e007e}') => Fate::Stays,
                _ => Fate::Goes,
            },
            '\0'..='\x1f'
            | '\x7f'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0e}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e001f}'
            | '\u{e0100}'..='\u{e01ef}' => Fate::Goes,
            _ => Fate::Stays,
        }
    }

    /// Where the entity starts that a semicolon would end here, and what it stands for.
    fn entity(&self) -> Option<(usize, char)> {
        let window = self.done.len().saturating_sub(entities::LONGEST + 1);
        let start = window + self.done[window..].iter().rposition(|unit| unit.c == '&')?;
        let name: String = self.done[start + 1..].iter().map(|unit| unit.c).collect();
        Some((start, entities::decode(&name)?))
    }

    /// The units of the text composed, and whether the pass changed any.
    fn finish(mut self) -> (Vec<Unit>, bool) {
        self.settle();
        self.drop_idle_joiner('\0');
        if is_nfc_quick(self.done.iter().map(|unit| unit.c)) == IsNormalized::Yes {
            return (self.done, self.changed);
        }
        let mut composed = Vec::with_capacity(self.done.len());
        let units = std::mem::take(&mut self.done);
        for segment in units.chunk_by(|_, next| !is_boundary(next.c)) {
            self.compose(segment, &mut composed);
        }
        (composed, self.changed)
    }

    /// Composes a stretch that nothing before or after it combines with.
    fn compose(&mut self, segment: &[Unit], composed: &mut Vec<Unit>) {
        let (Some(first), Some(last)) = (segment.first(), segment.last()) else {
            return;
        };
        let raw = || segment.iter().map(|unit| unit.c);
        if raw().nfc().eq(raw()) {
            composed.extend_from_slice(segment);
            return;
        }
        self.changed = true;
        composed.extend(raw().nfc().map(|c| Unit {
            c,
            range: first.range.start..last.range.end,
            kind: Some(Kind::Composition),
        }));
    }
}

const JOINER: char = '\u{200d}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

fn is_keycap_base(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

/// Whether a character may be drawn as an emoji, skin tones included (Unicode's `Extended_Pictographic`, roughly).
fn is_emoji(c: char) -> bool {
    matches!(c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{2190}'..='\u{21ff}'
        | '\u{2300}'..='\u{23ff}'
        | '\u{25a0}'..='\u{27bf}'
        | '\u{2934}'..='\u{2935}'
        | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}')
}

/// Whether no character before this one combines with it.
fn is_boundary(c: char) -> bool {
    c < '\u{300}'
        || (canonical_combining_class(c) == 0
            && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes)
}

/// Gives units that come from overlapping stretches the whole of these.
///
/// A stretch composed to several characters overlaps what the first of them was made part of later.
fn join_overlaps(units: &mut [Unit]) {
    let mut start = 0;
    while let Some(first) = units.get(start) {
        let (kind, mut range) = (first.kind, first.range.clone());
        let mut end = start + 1;
        while let Some(next) = units.get(end).filter(|next| next.range.start < range.end) {
            range = range.start.min(next.range.start)..range.end.max(next.range.end);
            end += 1;
        }
        if end > start + 1 {
            for unit in &mut units[start..end] {
                unit.kind = kind;
                unit.range = range.clone();
            }
        }
        start = end;
    }
}

/// Puts the units together and says what has become of the original.
fn report(original: &str, units: &[Unit]) -> Normal {
    let mut text = String::with_capacity(original.len());
    let mut map = OffsetMap::empty(original.len());
    let mut findings: Vec<Finding> = Vec::new();
    let mut find = |kind: Kind, range: Range<usize>| {
        let known = findings.last().is_some_and(|last| last.range == range);
        if !known && !range.is_empty() {
            findings.push(Finding {
                kind,
                range,
                of: None,
            });
        }
    };
    let mut covered = 0;
    for unit in units {
        // Nothing is left of what lies between two units.
        find(Kind::Invisible, covered..covered.max(unit.range.start));
        covered = unit.range.end;
        text.push(unit.c);
        map.push(unit.c.len_utf8(), unit.range.clone(), unit.kind.is_none());
        if let Some(kind) = unit.kind {
            find(kind, unit.range.clone());
        }
    }
    find(Kind::Invisible, covered..original.len());
    Normal {
        text,
        findings,
        map,
    }
}

#[cfg(test)]
mod tests;
