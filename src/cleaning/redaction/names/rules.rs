//! The rules: what at a word of a text is a private name.

use std::ops::Range;

use super::super::lexicon::{Class, Given, is_derived};
use super::super::tokens::{Gap, Shape};
use super::{MOST_WORDS, Mark, Scan};

impl Scan<'_> {
    /// Tries the rules at a word; where the search goes on.
    pub(super) fn rules(&mut self, at: usize) -> usize {
        if !self.open(at) || self.is_plain(at) {
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
        let is_title = self.is(Class::Title, &title.lower);
        let small = title.shape == Shape::Lower && self.is(Class::SmallTitle, &title.lower);
        if small && self.tokens[at].shape == Shape::Lower {
            let plausible = word.chars().count() > 2 && !self.names.lexicon.is_common(word);
            return plausible.then(|| at..at + 1);
        }
        let written = small || title.shape != Shape::Lower;
        let is_office = self.is(Class::Office, &title.lower) && title.shape == Shape::Capital;
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

    /// "J. R. Hartlepool"; "K. Oddie" within a sentence only, and not after what has letters for names ("band B.").
    fn initials(&self, at: usize) -> Option<Range<usize>> {
        if self.tokens[at].shape != Shape::Initial {
            return None;
        }
        let mut end = at + 1;
        while end < at + MOST_WORDS && self.joined(end) && self.tokens[end].shape == Shape::Initial
        {
            end += 1;
        }
        let dotted = self
            .tokens
            .get(end)
            .is_some_and(|token| token.before == Gap::Stop);
        let surname = dotted && self.joined(end) && self.surname(end) && !self.is_holder(end);
        let within = at.checked_sub(1).is_some_and(|before| {
            self.tokens[at].before == Gap::Blank
                && self.tokens[before].shape == Shape::Lower
                && !self.is(Class::Lettered, self.lower(before))
        });
        let enough = end - at > 1 || within && !self.names.lexicon.is_place(self.lower(end));
        (surname && enough).then(|| at..end + 1)
    }

    /// Given name with surname, or a certain given name alone.
    fn given_name(&self, at: usize) -> Option<Range<usize>> {
        if !self.capital(at) {
            return None;
        }
        let given = self.names.lexicon.given(self.lower(at))?;
        let end = self.name_end(at);
        if self.names_a_thing(end) || self.continues_what_stands(at) {
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
            && self.is(Class::Thing, self.lower(at + 1))
    }

    /// Whether the word goes on a name or phrase that stands.
    fn continues_what_stands(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        self.joined(at)
            && self.tokens[before].shape == Shape::Capital
            && self.marks[before] == Mark::Stands
            && self.tokens[at].before == Gap::Blank
            && !self.is_title(before)
    }

    pub(super) fn is_title(&self, at: usize) -> bool {
        self.is(Class::Title, self.lower(at)) || self.is(Class::Office, self.lower(at))
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
        let verb = self.begins_sentence(at) && self.is(Class::Verb, self.lower(at));
        let deed = self.tokens.get(end).is_none_or(|next| {
            let goes_on = match next.before {
                Gap::Blank => self.names.lexicon.is_deed(&next.lower),
                Gap::Comma => true,
                _ => !self.begins_sentence(at),
            };
            self.tokens[end - 1].possessive || goes_on
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
            && self.is(Class::Greeting, self.lower(before))
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
            self.is(Class::Person, self.lower(index)) || self.is(Class::Role, self.lower(index))
        };
        if called {
            return (listed || back(5).any(person)).then_some(at..end);
        }
        if !self.is(Class::Role, self.lower(before)) {
            return None;
        }
        let owned = back(3)
            .take_while(|index| !self.begins_sentence(index + 1))
            .any(|index| {
                let owner = self.lower(index);
                let own = matches!(owner, "my" | "our" | "his" | "her" | "their" | "your");
                own || self.tokens[index].possessive || listed && self.is(Class::Owner, owner)
            });
        // A comma may as well end the clause: then the name has to be set in a second one.
        let set_in = self
            .tokens
            .get(end)
            .is_none_or(|next| next.before != Gap::Blank);
        let holder = end == at + 1 && self.is_holder(at) && !listed;
        (owned && !holder && (!comma || set_in)).then_some(at..end)
    }

    /// Two capitalised words that no list has, as a sentence has the name of a person: with neither article nor
    /// further capitals around.
    fn unknown_pair(&self, at: usize) -> Option<Range<usize>> {
        let lexicon = &self.names.lexicon;
        let known = |index: usize| {
            let word = self.lower(index);
            lexicon.is_place(word)
                || self.is(Class::Prefix, word)
                || self.is_title(index)
                || self.is_holder(index)
        };
        let written = |index: usize| {
            self.tokens[index].shape == Shape::Capital
                && self.surname(index)
                && self.lower(index).chars().count() > 2
                && !self.tokens[index].camel
                && !is_derived(self.lower(index), index == at)
                && !known(index)
        };
        if self.headline[at] || !written(at) || lexicon.given(self.lower(at)).is_some() {
            return None;
        }
        let before = at.checked_sub(1);
        let part = before.is_some_and(|before| {
            let article = matches!(
                self.lower(before),
                "the" | "a" | "an" | "this" | "that" | "at" | "in" | "of"
            );
            // "Ask Karen Oddie" begins with a capital, too.
            let opens = self.begins_sentence(before) && lexicon.is_common(self.lower(before));
            self.joined(at) && (self.capital(before) && !opens || article)
        });
        let end = self.name_end(at);
        let further = self.joined(end) && self.capital(end) || self.names_a_thing(end);
        let pair = end > at + 1 && written(end - 1);
        (pair && !part && !further).then_some(at..end)
    }

    /// "sharon pickersgill", "my officer karen".
    fn small_given_name(&self, at: usize) -> Option<Range<usize>> {
        let lexicon = &self.names.lexicon;
        let token = &self.tokens[at];
        if token.shape != Shape::Lower || self.is_title(at) {
            return None;
        }
        if !lexicon.is_given_in_small(&token.lower) {
            let before = at.checked_sub(1)?;
            let addressed =
                token.before == Gap::Blank && self.is(Class::Addressing, self.lower(before));
            return (addressed && self.is_certain(at) && token.lower.len() < 4).then(|| at..at + 1);
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
}
