//! Names of persons, by rules over the words of a text; the module above states the rules.

mod rules;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::lexicon::{Class, Given, Lexicon, not_persons};
use super::office_holders::{OfficeHolders, Phrases};
use super::tokens::{Gap, Shape, Token, tokens};

/// Most surnames in a row that are taken for one person's.
const MOST_SURNAMES: usize = 3;

/// Most words of one name, initials and particles included.
const MOST_WORDS: usize = 8;

/// The rules, the lists they go by, and whose names may stand.
#[derive(Debug)]
pub(super) struct Names {
    lexicon: Lexicon,
    phrases: Phrases,
    /// Office-holders by the words that may name them.
    by_word: HashMap<String, Vec<Naming>>,
}

/// How a word may name an office-holder; holders are told by their index into the list.
#[derive(Debug, Clone, Copy)]
enum Naming {
    /// Anywhere: a telling surname.
    Surname(usize),
    /// Anywhere: a further form of one word.
    ByName,
    /// In a text that has the full name, or the telling surname.
    IfNamed(usize),
}

/// What is settled about a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Open,
    /// Part of a name that may stand, or of a phrase that is no person's name.
    Stands,
    /// Part of a name to be replaced.
    Private,
}

/// One text on its way through the rules.
struct Scan<'a> {
    names: &'a Names,
    tokens: &'a [Token],
    marks: Vec<Mark>,
    /// Holders whose full name, or telling surname, the text has; by index into the list.
    named: HashSet<usize>,
    /// First and last word of each private name so far.
    spans: Vec<Range<usize>>,
    /// Whether the word stands in a line that capitalises nearly all its words.
    headline: Vec<bool>,
}

impl Names {
    pub(super) fn new(holders: OfficeHolders) -> Self {
        let mut phrases = Phrases::default();
        for phrase in not_persons() {
            phrases.insert(
                tokens(phrase)
                    .into_iter()
                    .map(|token| token.lower)
                    .collect(),
                None,
            );
        }
        for phrase in &holders.not_persons {
            phrases.insert(phrase.clone(), None);
        }
        let mut by_word: HashMap<String, Vec<Naming>> = HashMap::new();
        for (index, holder) in holders.holders.into_iter().enumerate() {
            for form in holder.forms {
                phrases.insert(form, Some(index));
            }
            let surname = if holder.surname_alone {
                Naming::Surname(index)
            } else {
                Naming::IfNamed(index)
            };
            by_word.entry(holder.surname).or_default().push(surname);
            by_word
                .entry(holder.given)
                .or_default()
                .push(Naming::IfNamed(index));
            for name in holder.by_names {
                by_word.entry(name).or_default().push(Naming::ByName);
            }
        }
        Self {
            lexicon: Lexicon::new(),
            phrases,
            by_word,
        }
    }

    /// The names to replace, sorted and disjoint. Words within `taken` are left alone.
    pub(super) fn find(&self, text: &str, taken: &[Range<usize>]) -> Vec<Range<usize>> {
        let tokens = tokens(text);
        let mut scan = Scan::new(self, &tokens, taken);
        scan.let_phrases_stand();
        scan.note_telling_surnames();
        let mut at = 0;
        while at < tokens.len() {
            at = scan.rules(at).max(at + 1);
        }
        scan.repeat();
        scan.spans.sort_by_key(|span| span.start);
        let range =
            |span: &Range<usize>| tokens[span.start].range.start..tokens[span.end - 1].range.end;
        scan.spans.iter().map(range).collect()
    }
}

impl<'a> Scan<'a> {
    fn new(names: &'a Names, tokens: &'a [Token], taken: &[Range<usize>]) -> Self {
        let mut taken = taken.iter().peekable();
        let mut marks = Vec::with_capacity(tokens.len());
        for token in tokens {
            while taken
                .next_if(|range| range.end <= token.range.start)
                .is_some()
            {}
            let inside = taken
                .peek()
                .is_some_and(|range| range.start < token.range.end);
            let closed = inside || token.address || token.shape == Shape::Label;
            marks.push(if closed { Mark::Stands } else { Mark::Open });
        }
        Self {
            names,
            tokens,
            marks,
            named: HashSet::new(),
            spans: Vec::new(),
            headline: headlines(tokens),
        }
    }

    fn is(&self, class: Class, word: &str) -> bool {
        self.names.lexicon.is(class, word)
    }

    fn lower(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| &token.lower)
    }

    /// Whether the word follows the one before it with nothing but blanks between, or the full stop of an
    /// abbreviation.
    fn joined(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else {
            return false;
        };
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        let last = &self.tokens[before];
        match token.before {
            Gap::Blank => !last.possessive,
            Gap::Stop => {
                last.shape == Shape::Initial
                    || matches!(
                        last.lower.as_str(),
                        "mr" | "mrs" | "ms" | "dr" | "prof" | "rev" | "st" | "cllr"
                    )
            }
            _ => false,
        }
    }

    fn capital(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| matches!(token.shape, Shape::Capital | Shape::Upper))
    }

    fn open(&self, at: usize) -> bool {
        self.marks.get(at) == Some(&Mark::Open)
    }

    fn begins_sentence(&self, at: usize) -> bool {
        self.tokens.get(at).is_none_or(|token| match token.before {
            Gap::Fresh => true,
            Gap::Stop => !self.joined(at),
            _ => false,
        })
    }

    fn private(&mut self, span: Range<usize>) -> usize {
        self.marks[span.clone()].fill(Mark::Private);
        let end = span.end;
        self.spans.push(span);
        end
    }

    /// Lets the full names of office-holders stand, and phrases that are no person's name.
    fn let_phrases_stand(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let word = |offset: usize| {
                let token = self.tokens.get(at + offset)?;
                let follows = offset == 0
                    || self.joined(at + offset)
                    || matches!(token.before, Gap::Blank | Gap::Comma | Gap::Ampersand);
                (follows && self.open(at + offset)).then_some(token.lower.as_str())
            };
            match self.names.phrases.longest(word) {
                Some((length, holder)) if self.phrase_stands(at, length, holder) => {
                    self.marks[at..at + length].fill(Mark::Stands);
                    self.named.extend(holder);
                    at += length;
                }
                _ => at += 1,
            }
        }
    }

    /// An office-holder's name that goes on ("John Thomas Oddie") is somebody else's.
    fn phrase_stands(&self, at: usize, length: usize, holder: Option<usize>) -> bool {
        let end = at + length;
        let goes_on = holder.is_some()
            && self.tokens[at].shape == Shape::Capital
            && self.joined(end)
            && self.capital(end)
            && self.open(end)
            && self.tokens[end].shape == Shape::Capital
            && !self.names.lexicon.is_common(self.lower(end))
            && !self.headline[at];
        !goes_on
    }

    fn note_telling_surnames(&mut self) {
        for at in 0..self.tokens.len() {
            if !(self.capital(at) && self.open(at)) {
                continue;
            }
            for naming in self.namings(at) {
                if let Naming::Surname(index) = naming {
                    self.named.insert(*index);
                }
            }
        }
    }

    fn namings(&self, at: usize) -> &'a [Naming] {
        let namings = self.names.by_word.get(self.lower(at));
        namings.map_or(&[], Vec::as_slice)
    }

    /// Whether a word alone is an office-holder's name in this text.
    fn is_holder(&self, at: usize) -> bool {
        self.capital(at)
            && self.namings(at).iter().any(|naming| match naming {
                Naming::Surname(_) | Naming::ByName => true,
                Naming::IfNamed(index) => self.named.contains(index),
            })
    }

    /// Whether a word may be a surname: written as one, and no frequent word.
    fn surname(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else {
            return false;
        };
        self.capital(at)
            && self.open(at)
            && token.lower.chars().count() > 1
            && !self.names.lexicon.is_common(&token.lower)
            && !(token.shape == Shape::Upper && token.lower.chars().count() < 4)
    }

    /// Where a name ends whose first word is at `at`: initials, particles and surnames that follow are taken in.
    fn name_end(&self, at: usize) -> usize {
        let shape = self.tokens[at].shape;
        let most = if shape == Shape::Upper {
            1
        } else {
            MOST_SURNAMES
        };
        let limit = at + MOST_WORDS;
        let mut end = at + 1;
        let certain = shape == Shape::Capital && !self.headline[at] && self.is_certain(at);
        let mut surnames = 0;
        while end < limit && surnames < most && self.joined(end) && self.open(end) {
            // One surname is enough where every word has a capital.
            if surnames > 0 && self.headline[at] {
                break;
            }
            let particle = self.is(Class::Particle, self.lower(end))
                || matches!(self.lower(end), "st" | "n\u{ed}" | "mac");
            let doubtful = certain
                && surnames == 0
                && self.tokens[end].shape == Shape::Capital
                && self.open(end)
                && self.is(Class::SurnameToo, self.lower(end));
            if (self.surname(end) || doubtful) && !particle {
                if shape == Shape::Upper && self.tokens[end].shape != Shape::Upper {
                    break;
                }
                surnames += 1;
                end += 1;
            } else if particle {
                // "van der Meulen": as many particles as there are, if a surname follows.
                let mut next = end + 1;
                while next < limit
                    && self.joined(next)
                    && self.is(Class::Particle, self.lower(next))
                {
                    next += 1;
                }
                if !(self.joined(next) && self.surname(next)) {
                    break;
                }
                end = next;
            } else if self.tokens[end].shape == Shape::Initial && self.lower(end) != "i" {
                end += 1;
            } else {
                break;
            }
        }
        end
    }

    fn is_certain(&self, at: usize) -> bool {
        self.names.lexicon.given(self.lower(at)) == Some(Given::Certain)
    }

    /// Whether what follows a name makes it that of a street, an organisation or a law.
    fn names_a_thing(&self, end: usize) -> bool {
        let Some(next) = self.tokens.get(end) else {
            return false;
        };
        let thing = self.capital(end)
            && self.is(Class::Thing, self.lower(end))
            && matches!(next.before, Gap::Blank);
        let firm = next.before == Gap::Ampersand && self.capital(end) && !self.is_certain(end);
        let numeral = next.shape == Shape::Upper && next.lower.chars().all(|c| "ivx".contains(c));
        thing || firm || numeral && next.before == Gap::Blank
    }

    /// Whether what precedes a name makes it that of a place, a saint or a storm.
    fn has_prefix(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        let firm = self.tokens[at].before == Gap::Ampersand;
        (firm && !self.is_certain(at) && !self.is_title(at))
            || (self.joined(at)
                && self.is(Class::Prefix, self.lower(before))
                && self.tokens[before].shape != Shape::Lower)
            || (self.joined(at) && matches!(self.lower(before), "st" | "hmp"))
    }

    /// Whether no rule can begin at a word: in small letters, no given name, and without a title before it. So are
    /// nine words of ten.
    fn is_plain(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        let titled = || {
            at.checked_sub(1)
                .is_some_and(|before| self.is(Class::SmallTitle, self.lower(before)))
        };
        token.shape == Shape::Code
            || token.shape == Shape::Lower
                && self.names.lexicon.given(&token.lower).is_none()
                && !titled()
    }

    /// Takes words that were part of a private name earlier in the text wherever they stand again.
    fn repeat(&mut self) {
        let mut known: HashSet<&str> = HashSet::new();
        let mut first = self.tokens.len();
        for span in &self.spans {
            first = first.min(span.end);
            for at in span.clone() {
                let token = &self.tokens[at];
                let telling = token.lower.chars().count() > 2
                    && self.capital(at)
                    && !self.is(Class::Particle, &token.lower)
                    && !self.names.lexicon.is_common(&token.lower);
                if telling {
                    known.insert(&token.lower);
                }
            }
        }
        for at in first..self.tokens.len() {
            let repeated = self.open(at)
                && self.capital(at)
                && !self.headline[at]
                && known.contains(self.lower(at))
                && !self.names_a_thing(at + 1);
            let ambiguous = self.names.lexicon.given(self.lower(at)) == Some(Given::Ambiguous);
            let part = self.joined(at) && self.capital(at - 1) && !self.is_title(at - 1);
            if repeated && !(ambiguous && (self.begins_sentence(at) || part)) {
                self.private(at..at + 1);
            }
        }
    }
}

/// Which words stand in a line that capitalises at least four of its longer words, and nearly all of them.
fn headlines(tokens: &[Token]) -> Vec<bool> {
    let mut headline = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at + 1..];
        let length = 1 + rest
            .iter()
            .position(|token| matches!(token.before, Gap::Fresh | Gap::Stop))
            .unwrap_or(rest.len());
        let (mut long, mut capitals) = (0_usize, 0_usize);
        for token in &tokens[at..at + length] {
            if token.lower.len() > 3 {
                long += 1;
                capitals += usize::from(token.shape == Shape::Capital);
            }
        }
        let is_headline = capitals >= 4 && capitals * 4 >= long * 3;
        headline.resize(at + length, is_headline);
        at += length;
    }
    headline
}
