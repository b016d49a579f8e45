//! What `undertone explain` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::number::{Figure, Probability};
use super::records::{Header, ThemeSetting};
use crate::explanation::{Explanation, Part, Target};
use crate::model::Sentiment;
use crate::passage::Passage;

/// A part of a text and what it does.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PartRecord {
    /// The part.
    pub text: String,
    /// Its bytes in the text as the model reads it: the first, and the one after the last.
    pub range: [usize; 2],
    /// The log odds with the part less those without it: above 0 for what speaks for it, below 0 for what speaks against.
    /// null if there are no other words to judge by.
    pub effect: Option<Figure>,
    /// Whether these are the only words that it is judged by, so that nothing can be compared.
    pub only_words: bool,
}

/// One thing explained: the sentiment, or a theme.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SubjectRecord {
    /// The sentiment, where that is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<Sentiment>,
    /// The theme's id, where one is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// The probability for the whole text.
    pub probability: Probability,
    /// Whether the text is given it.
    pub given: bool,
    /// Sentences in the order of the text; none for a text of one sentence. Of a long text also pieces of a sentence, or
    /// several sentences as one.
    pub sentences: Vec<PartRecord>,
    /// Words in the order of the text; of a long text, those of the parts that matter most.
    pub words: Vec<PartRecord>,
}

/// What `undertone explain --json` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ExplanationRecord {
    /// What this is.
    #[serde(flatten)]
    pub header: Header,
    /// The text as the model reads it, after cleaning.
    pub text: String,
    /// The sentiment first, then themes in the order of the taxonomy.
    pub subjects: Vec<SubjectRecord>,
}

/// The record of an explanation.
pub fn explanation_record(
    header: Header,
    passage: &Passage,
    explanation: &Explanation,
    themes: &[ThemeSetting],
) -> ExplanationRecord {
    let parts = |parts: &[Part]| -> Vec<PartRecord> {
        let parts = parts.iter();
        parts
            .map(|part| PartRecord {
                text: passage.text[part.range.clone()].to_owned(),
                range: [part.range.start, part.range.end],
                effect: part.effect.map(Figure::new),
                only_words: part.effect.is_none(),
            })
            .collect()
    };
    let scores = &explanation.scores;
    ExplanationRecord {
        header,
        text: passage.text.clone(),
        subjects: explanation
            .subjects
            .iter()
            .map(|subject| {
                let (sentiment, theme, probability, given) = match subject.target {
                    Target::Sentiment(sentiment) => {
                        let probability = scores.sentiment[sentiment as usize];
                        (Some(sentiment), None, probability, true)
                    }
                    Target::Theme(place) => (
                        None,
                        Some(themes[place].id.clone()),
                        scores.themes[place],
                        scores.assigned[place],
                    ),
                };
                SubjectRecord {
                    sentiment,
                    theme,
                    probability: Probability::new(probability),
                    given,
                    sentences: parts(&subject.sentences),
                    words: parts(&subject.words),
                }
            })
            .collect(),
    }
}
