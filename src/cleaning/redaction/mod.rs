//! Takes personal data out of what is published.
//!
//! Scores see a text as it was written; only what is shown passes through here. Each find is replaced by a label:
//! `[e-mail]`, `[phone]`, `[postcode]`, `[NI number]`, `[prison number]`, `[name]`. Redacting twice changes nothing.
//!
//! # Numbers and addresses
//! E-mail addresses, also spelt out (`name (at) example (dot) org`); phone numbers of the United Kingdom in any
//! grouping, and any number with `+` and a country code; postcodes with both halves, of an area that exists; national
//! insurance numbers; prison numbers of the present form (`A1234BC`), and of the old one (`AB1234`) after words that
//! announce a prison number.
//!
//! # Names
//! No model is asked; these rules decide, in this order. A word *may be a surname* if it is capitalised and not among
//! `common-words.txt`. The rules were written for this program; where the lists are from, they say themselves.
//!
//! 1. Names of `office-holders.toml` and phrases of `not-persons.txt` stand.
//! 2. What follows a prefix of places, saints, kings and storms stands (`HMP`, `St`, `King`), and what precedes the
//!    generic word of a street, an organisation or a law (`Charlotte Street`, `Howard League`), or `&`.
//! 3. After a title (`Mr`, `PC`, `Judge`), words that may be surnames are replaced, not the title. After `mr`, `mrs`,
//!    `ms` and `dr` small letters will do.
//! 4. Initials with full stops and a surname are replaced; a single initial only within a sentence.
//! 5. A given name of `given-names.txt` is replaced with the initials, particles and up to three surnames that follow
//!    it. Alone it is replaced too, unless the list marks it as also being a word; such a name needs a surname, and at
//!    the beginning of a sentence, where it may be a verb (`Will`, `Mark`), the deed of a person behind it; or a
//!    greeting before it and a mark behind it (`Thanks Mark.`).
//! 6. After a role (`my manager`, `our ACO,`) and `called` or `named`, a capitalised word is replaced though no list
//!    has it.
//! 7. Two or three capitalised words that no list has are replaced, unless an article, a preposition of place or a
//!    further capitalised word stands beside them. Without this rule only people whose names a list has would be
//!    protected, and lists are best for names of English origin.
//! 8. Unambiguous given names of four letters or more are replaced in small letters too, with one surname; shorter
//!    ones where they are addressed or called (`ask jo`).
//! 9. A word of a replaced name is replaced wherever it stands again further on.
//!
//! In a line that capitalises nearly all its words, rules 6, 7 and 9 rest. A surname of `office-holders.toml` lets
//! nobody else of that surname stand: another given name before it makes it a private name. Words in web addresses,
//! handles and hashtags are left alone.
//!
//! What the rules miss: a given name alone, or a surname alone, that no list has and no title or role precedes; most
//! names in small letters that no list has. What they take by mistake: names of organisations, places and works that
//! consist of rare words. `not_persons` in `office-holders.toml` mends the latter. `tests/cleaning/redaction.rs`
//! measures both.

mod lexicon;
mod names;
mod office_holders;
mod patterns;
mod redacted;
mod tokens;

use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use super::text::normalise;
use names::Names;
pub use office_holders::{OfficeHolders, OfficeHoldersError};
use patterns::Patterns;
pub use redacted::Redacted;

/// What is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A postcode, both halves.
    Postcode,
    /// A national insurance number.
    NationalInsurance,
    /// A prison number, of the present or the old form.
    PrisonNumber,
    /// The name of a person who holds no office.
    Name,
}

impl Personal {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Email,
        Self::Phone,
        Self::Postcode,
        Self::NationalInsurance,
        Self::PrisonNumber,
        Self::Name,
    ];

    /// What stands in its place.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "[e-mail]",
            Self::Phone => "[phone]",
            Self::Postcode => "[postcode]",
            Self::NationalInsurance => "[NI number]",
            Self::PrisonNumber => "[prison number]",
            Self::Name => "[name]",
        }
    }
}

/// One stretch to take out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// Bytes of the text; never empty, and never splits a character.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Personal,
}

/// Finds and replaces personal data.
#[derive(Debug)]
pub struct Redactor {
    patterns: Patterns,
    names: Names,
}

impl Redactor {
    /// Compiles the patterns and the lists; do it once a run.
    ///
    /// # Errors
    /// None in practice: the patterns are constants, and tests compile them.
    pub fn new(holders: OfficeHolders) -> Result<Self, regex::Error> {
        Ok(Self {
            patterns: Patterns::new()?,
            names: Names::new(holders),
        })
    }

    /// What has to be taken out of a text, sorted and disjoint.
    ///
    /// The rules are asked again about the text with its labels, until they find nothing more: what is left of a text
    /// may read differently without what was taken out.
    pub fn find(&self, text: &str) -> Vec<Redaction> {
        self.settle(text).into_redactions()
    }

    /// The text with labels in the place of personal data.
    pub fn redact(&self, text: &str) -> Redacted {
        self.settle(text)
    }

    fn settle(&self, text: &str) -> Redacted {
        let mut redacted = Redacted::new(text, self.once(text));
        loop {
            let more = redacted.originals(&self.once(redacted.text()));
            if more.is_empty() {
                return redacted;
            }
            let mut all = redacted.into_redactions();
            all.extend(more);
            all.sort_by_key(|redaction| redaction.range.start);
            redacted = Redacted::new(text, all);
        }
    }

    /// One round of the rules, on the text in normal form: an address written with entities is an address.
    fn once(&self, text: &str) -> Vec<Redaction> {
        let normal = normalise(text);
        let mut end = 0;
        let found = self.in_normal_form(&normal.text).into_iter();
        found
            .filter_map(|redaction| {
                let range = normal.map.to_original(redaction.range);
                // Two finds that share a character of the original are parted before it.
                let range = range.start.max(end)..range.end;
                end = end.max(range.end);
                (!range.is_empty()).then_some(Redaction {
                    range,
                    kind: redaction.kind,
                })
            })
            .collect()
    }

    fn in_normal_form(&self, text: &str) -> Vec<Redaction> {
        let mut found = self.patterns.find(text);
        let taken: Vec<Range<usize>> = found
            .iter()
            .map(|redaction| redaction.range.clone())
            .collect();
        let names = self.names.find(text, &taken);
        found.extend(names.into_iter().map(|range| Redaction {
            range,
            kind: Personal::Name,
        }));
        found.sort_by_key(|redaction| redaction.range.start);
        found
    }
}
