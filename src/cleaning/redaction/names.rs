//! Names of persons, by rules over the words of a text; the module above states the rules.

use std::collections::HashSet;
use std::ops::Range;

use super::lexicon::{
    GREETINGS, Given, Lexicon, OFFICES, OWNERS, PERSONAL_DEEDS, PERSONS, ROLES, TITLES, VERBS,
    is_deed, is_named_thing, is_particle, is_prefix, is_surname_too, not_persons,
};
use super::office_holders::{OfficeHolders, Phrases};
use super::tokens::{Gap, Shape, Token, tokens};

/// Most surnames in a row that are taken for one person's.
const MOST_SURNAMES: usize = 3;

/// The rules, the lists they go by, and whose names may stand.
#[derive(Debug)]
pub(super) struct Names {
    lexicon: Lexicon,
    phrases: Phrases,
    holders: OfficeHolders,
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
        for (index, holder) in holders.holders.iter().enumerate() {
            for form in &holder.forms {
                phrases.insert(form.clone(), Some(index));
            }
        }
        Self {
            lexicon: Lexicon::new(),
            phrases,
            holders,
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

    /// "Ian Lawrence-Smith" is caught by its hyphen; "Mark Thomas Oddie" by the name that goes on.
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
        for (index, holder) in self.names.holders.holders.iter().enumerate() {
            let telling =
                |at: usize| self.capital(at) && self.lower(at) == holder.surname && self.open(at);
            if holder.surname_alone && (0..self.tokens.len()).any(telling) {
                self.named.insert(index);
            }
        }
    }

    /// Whether a word alone is an office-holder's name in this text.
    fn is_holder(&self, at: usize) -> bool {
        let word = self.lower(at);
        self.capital(at)
            && self
                .names
                .holders
                .holders
                .iter()
                .enumerate()
                .any(|(index, holder)| {
                    holder.surname == word && (holder.surname_alone || self.named.contains(&index))
                        || holder.given == word && self.named.contains(&index)
                        || holder.by_names.iter().any(|name| name == word)
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
        let mut end = at + 1;
        let certain = shape == Shape::Capital
            && !self.headline[at]
            && self.names.lexicon.given(self.lower(at)) == Some(Given::Certain);
        let mut surnames = 0;
        while surnames < most && self.joined(end) && self.open(end) {
            // One surname is enough where every word has a capital.
            if surnames > 0 && self.headline[at] {
                break;
            }
            let particle =
                is_particle(self.lower(end)) || matches!(self.lower(end), "st" | "n\u{ed}" | "mac");
            let doubtful = certain
                && surnames == 0
                && self.tokens[end].shape == Shape::Capital
                && self.open(end)
                && is_surname_too(self.lower(end));
            if (self.surname(end) || doubtful) && !particle {
                if shape == Shape::Upper && self.tokens[end].shape != Shape::Upper {
                    break;
                }
                surnames += 1;
                end += 1;
            } else if particle {
                // "van der Meulen": as many particles as there are, if a surname follows.
                let mut next = end + 1;
                while self.joined(next) && is_particle(self.lower(next)) {
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

    /// Whether what follows a name makes it that of a street, an organisation or a law.
    fn names_a_thing(&self, end: usize) -> bool {
        let Some(next) = self.tokens.get(end) else {
            return false;
        };
        let thing = self.capital(end)
            && is_named_thing(self.lower(end))
            && matches!(next.before, Gap::Blank);
        let firm = next.before == Gap::Ampersand && self.capital(end);
        let numeral = next.shape == Shape::Upper && next.lower.chars().all(|c| "ivx".contains(c));
        thing || firm || numeral && next.before == Gap::Blank
    }

    /// Whether what precedes a name makes it that of a place, a saint or a storm.
    fn has_prefix(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        self.tokens[at].before == Gap::Ampersand
            || (self.joined(at)
                && is_prefix(self.lower(before))
                && self.tokens[before].shape != Shape::Lower)
            || (self.joined(at) && matches!(self.lower(before), "st" | "hmp"))
    }

    /// Tries the rules at a word; where the search goes on.
    fn rules(&mut self, at: usize) -> usize {
        if !self.open(at) {
            return at + 1;
        }
        if self.has_prefix(at) {
            let mut end = at + 1;
            while self.joined(end)
                && self.capital(end)
                && !self.names.lexicon.is_common(self.lower(end))
            {
                end += 1;
            }
            self.marks[at..end].fill(Mark::Stands);
            return end;
        }
        self.after_title(at)
            .or_else(|| self.initials(at))
            .or_else(|| self.given_name(at))
            .or_else(|| self.after_role(at))
            .or_else(|| self.unknown_pair(at))
            .or_else(|| self.small_given_name(at))
            .map_or(at + 1, |span| self.private(span))
    }

    /// "Mr Oddie", "PC Danny Eastlake", "mrs oddie", "Officer Whitcombe".
    fn after_title(&self, at: usize) -> Option<Range<usize>> {
        let before = at.checked_sub(1)?;
        let title = &self.tokens[before];
        if !self.joined(at) {
            return None;
        }
        let word = self.tokens[at].lower.as_str();
        let is_title = TITLES.contains(&title.lower.as_str());
        let small = title.shape == Shape::Lower
            && matches!(title.lower.as_str(), "mr" | "mrs" | "ms" | "dr");
        if small && self.tokens[at].shape == Shape::Lower {
            let plausible = word.chars().count() > 2 && !self.names.lexicon.is_common(word);
            return plausible.then(|| at..at + 1);
        }
        let written = small || title.shape != Shape::Lower;
        let is_office = OFFICES.contains(&title.lower.as_str()) && title.shape == Shape::Capital;
        if !(is_title && written || is_office) {
            return None;
        }
        let initial = self.tokens[at].shape == Shape::Initial;
        if initial {
            let end = self.name_end(at);
            return (end > at + 1 && self.capital(end - 1)).then_some(at..end);
        }
        let place = is_office && self.names.lexicon.is_place(word);
        if !self.surname(at) || place || self.headline[at] && is_office {
            return None;
        }
        let end = self.name_end(at);
        if end == at + 1 && self.is_holder(at) || self.names_a_thing(end) && is_office {
            return None;
        }
        Some(at..end)
    }

    /// "J. R. Hartlepool"; one initial is too little, except for an office-holder's.
    fn initials(&self, at: usize) -> Option<Range<usize>> {
        if self.tokens[at].shape != Shape::Initial {
            return None;
        }
        let mut end = at + 1;
        while self.joined(end) && self.tokens[end].shape == Shape::Initial {
            end += 1;
        }
        let dotted = self
            .tokens
            .get(end)
            .is_some_and(|token| token.before == Gap::Stop);
        let named = end - at >= 2
            && dotted
            && self.joined(end)
            && self.surname(end)
            && !self.is_holder(end);
        named.then(|| at..end + 1)
    }

    /// Given name with surname, or a certain given name alone.
    fn given_name(&self, at: usize) -> Option<Range<usize>> {
        if !self.capital(at) {
            return None;
        }
        let given = self.names.lexicon.given(self.lower(at))?;
        let end = self.name_end(at);
        if self.names_a_thing(end) || self.after_unknown_capital(at) {
            return None;
        }
        let full = end > at + 1;
        match given {
            Given::Certain if full => Some(at..end),
            Given::Certain => {
                let short =
                    self.tokens[at].shape == Shape::Upper && self.lower(at).chars().count() < 4;
                (!short && !self.is_holder(at) && !self.names_a_law(at)).then_some(at..end)
            }
            Given::Ambiguous if full => self.is_person(at, end).then_some(at..end),
            Given::Ambiguous => (self.is_greeted(at) && !self.is_holder(at)).then_some(at..end),
        }
    }

    /// "Sarah's Law", "Asperger's Syndrome".
    fn names_a_law(&self, at: usize) -> bool {
        self.tokens[at].possessive
            && self.capital(at + 1)
            && self.tokens[at + 1].before == Gap::Blank
            && is_named_thing(self.lower(at + 1))
    }

    /// "Purple Kevin": the middle of some other name.
    fn after_unknown_capital(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        self.joined(at)
            && self.tokens[before].shape == Shape::Capital
            && self.marks[before] == Mark::Stands
            && self.tokens[at].before == Gap::Blank
            && !self.is_title(before)
    }

    fn is_title(&self, at: usize) -> bool {
        TITLES.contains(&self.lower(at)) || OFFICES.contains(&self.lower(at))
    }

    /// Whether an ambiguous given name and what follows it are a person: not in capitals throughout, not two places,
    /// and where it may be the verb that opens a sentence, only before what a person does.
    fn is_person(&self, at: usize, end: usize) -> bool {
        let last = self.lower(end - 1);
        let written = self.tokens[at].shape == Shape::Capital
            && self.tokens[end - 1].shape == Shape::Capital
            && !self.headline[at];
        if !written || self.names.lexicon.is_place(last) {
            return false;
        }
        let verb = self.begins_sentence(at) && VERBS.contains(&self.lower(at));
        let deed = self.tokens.get(end).is_none_or(|next| {
            self.tokens[end - 1].possessive || next.before != Gap::Blank || is_deed(&next.lower)
        });
        let place = self.names.lexicon.is_place(self.lower(at));
        // After a verb comes an office-holder as well: "Will Grayling resign".
        if verb && (!deed || self.is_holder(end - 1)) {
            return false;
        }
        !place || deed
    }

    /// "Thanks Mark.", "Good luck Mark,": a greeting before it, and nothing but a mark behind it.
    fn is_greeted(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        let closes = self
            .tokens
            .get(at + 1)
            .is_none_or(|next| next.before != Gap::Blank || next.lower == "for");
        let greeted = self.tokens[at].before == Gap::Blank || self.tokens[at].before == Gap::Comma;
        greeted
            && closes
            && self.tokens[at].shape == Shape::Capital
            && GREETINGS.contains(&self.lower(before))
            && !self.tokens[at].possessive
    }

    /// "my manager Karen", "our ACO, Fitzwilliam, has …", "a bloke called Piers".
    fn after_role(&self, at: usize) -> Option<Range<usize>> {
        let before = at.checked_sub(1)?;
        if self.tokens[at].shape != Shape::Capital || self.headline[at] {
            return None;
        }
        let listed = self.names.lexicon.given(self.lower(at)).is_some();
        if !self.surname(at) && !listed {
            return None;
        }
        let comma = self.tokens[at].before == Gap::Comma;
        if !(comma || self.joined(at)) {
            return None;
        }
        let end = self.name_end(at);
        if self.names_a_thing(end) || self.names.lexicon.is_place(self.lower(at)) && !listed {
            return None;
        }
        let back = |reach: usize| (before.saturating_sub(reach)..before).rev();
        let called = !comma && matches!(self.lower(before), "called" | "named");
        let person = |index: usize| {
            PERSONS.contains(&self.lower(index)) || ROLES.contains(&self.lower(index))
        };
        if called {
            return (listed || back(5).any(person)).then_some(at..end);
        }
        if !ROLES.contains(&self.lower(before)) {
            return None;
        }
        let owned = back(3)
            .take_while(|index| !self.begins_sentence(index + 1))
            .any(|index| {
                let owner = self.lower(index);
                let own = matches!(owner, "my" | "our" | "his" | "her" | "their" | "your");
                own || listed && OWNERS.contains(&owner)
            });
        // A comma may as well end the clause: then the name has to be set in a second one.
        let set_in = self
            .tokens
            .get(end)
            .is_none_or(|next| next.before != Gap::Blank);
        let holder = end == at + 1 && self.is_holder(at) && !listed;
        (owned && !holder && (!comma || set_in)).then_some(at..end)
    }

    /// Two capitalised words that no list has, before what only persons do.
    fn unknown_pair(&self, at: usize) -> Option<Range<usize>> {
        let lexicon = &self.names.lexicon;
        let first = self.tokens[at].shape == Shape::Capital
            && self.surname(at)
            && !lexicon.is_place(self.lower(at))
            && !self.headline[at]
            && !(self.joined(at) && at.checked_sub(1).is_some_and(|before| self.capital(before)));
        if !first || self.is_holder(at) {
            return None;
        }
        let end = self.name_end(at);
        let last = self.lower(end - 1);
        let pair = end > at + 1 && !lexicon.is_place(last) && !self.is_holder(end - 1);
        let next = self.tokens.get(end)?;
        let deed = matches!(next.before, Gap::Blank | Gap::Comma)
            && !self.tokens[end - 1].possessive
            && PERSONAL_DEEDS.contains(&next.lower.as_str());
        (pair && deed).then_some(at..end)
    }

    /// "sharon pickersgill", "my officer karen".
    fn small_given_name(&self, at: usize) -> Option<Range<usize>> {
        let lexicon = &self.names.lexicon;
        let token = &self.tokens[at];
        if token.shape != Shape::Lower || !lexicon.is_given_in_small(&token.lower) {
            return None;
        }
        let next = self.lower(at + 1);
        let inflected = ["ed", "ing", "ly", "s"]
            .iter()
            .any(|ending| next.ends_with(ending));
        let surname = self.joined(at + 1)
            && self.open(at + 1)
            && self.tokens[at + 1].shape == Shape::Lower
            && next.chars().count() > 3
            && !inflected
            && lexicon.given(next).is_none()
            && !lexicon.is_common(next)
            && !lexicon.is_place(next);
        Some(at..at + 1 + usize::from(surname))
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
                    && !is_particle(&token.lower)
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
            if repeated && !(ambiguous && self.begins_sentence(at)) {
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
            if token.lower.chars().count() > 3 {
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
