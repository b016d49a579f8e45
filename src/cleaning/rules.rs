//! Which steps of cleaning are done, and by what measure.

use std::collections::BTreeSet;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One step of cleaning. Each can be left out.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Characters: entities, invisible characters, mojibake, composition
    Text,
    /// Addresses of web pages are read as their words
    Links,
    /// Signatures, address lines, time stamps, buttons and list numbers
    Furniture,
    /// Words that stand in the post or in an earlier comment
    Repeats,
    /// Text in quotation marks
    Marks,
    /// Text behind a line that says whose words come next
    Introduced,
    /// Lines that begin with >
    Blocks,
    /// Press releases and news beside their link
    Pasted,
    /// Figures copied from tables
    Tables,
    /// Paragraphs that a page has twice in its body
    Paragraphs,
    /// Comments that are there more than once
    Duplicates,
    /// Comments that are not in English
    Language,
}

impl Step {
    /// Whether the step looks for quotations.
    pub fn is_quotation(self) -> bool {
        matches!(
            self,
            Self::Repeats
                | Self::Marks
                | Self::Introduced
                | Self::Blocks
                | Self::Pasted
                | Self::Tables
        )
    }
}

/// The steps that are done, and their measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rules {
    /// The steps that are done.
    pub steps: BTreeSet<Step>,
    /// Words that must agree for a stretch within a sentence to repeat an earlier text. One that fills its sentence or
    /// stands in quotation marks needs no more than `marked_words`.
    pub repeated_words: usize,
    /// Words that must stand in quotation marks for them to hold a quotation rather than a name, a title or irony.
    pub marked_words: usize,
    /// Whether comments that are not in English count in the figures.
    pub count_other_languages: bool,
}

impl Default for Rules {
    /// Every step; 8 words and 5 words; other languages do not count.
    fn default() -> Self {
        Self {
            steps: Step::value_variants().iter().copied().collect(),
            repeated_words: 8,
            marked_words: 5,
            count_other_languages: false,
        }
    }
}

impl Rules {
    /// No step at all: every text stays as it is, and all of it is the writer's own.
    pub fn none() -> Self {
        Self {
            steps: BTreeSet::new(),
            ..Self::default()
        }
    }

    /// Whether a step is done.
    pub fn has(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }
}
