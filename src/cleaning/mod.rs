//! Between reading and scoring: whose words are they, what is no words at all, and what is there twice.
//!
//! Every step records what it found as stretches ([`Finding`]) of the text as it was read, which stays untouched, and can
//! be left out ([`Step`]). From the findings follows what the model reads ([`Cleaned::passage`]): sentiment is judged on
//! the writer's own words, themes on the whole text. [`redaction`] is about what gets published.

mod cleaned;
mod corpus;
pub mod duplicates;
mod folded;
mod furniture;
pub mod language;
mod lines;
mod links;
mod paragraphs;
mod quotation;
pub mod redaction;
mod rules;
mod span;
mod text;
mod words;

pub use cleaned::{Cleaned, clean_text};
pub use corpus::{CleanComment, CleanPost, clean_comments, clean_corpus};
pub use rules::{Rules, Step};
pub use span::{Finding, Kind};
pub(crate) use words::{folded_word, folded_words, word_ranges};
