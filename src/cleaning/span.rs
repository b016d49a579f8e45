//! What a step found, as stretches of the untouched text.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a stretch of a text is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Words that stand in the post's body, exactly or nearly.
    RepeatsPost,
    /// Words that stand in an earlier comment of the thread, exactly or nearly.
    RepeatsComment,
    /// A block quote: lines that begin with `>`.
    BlockQuote,
    /// What follows a line that says whose words come next ("X wrote:", "From the Guardian:").
    Introduced,
    /// Text in quotation marks.
    QuotationMarks,
    /// A press release or a piece of news, pasted beside its link.
    Pasted,
    /// Figures copied from a table.
    Table,
    /// An address of a web page.
    Link,
    /// A name set under the text ("'Getafix").
    Signature,
    /// Whom the text answers, by time or name ("Anon at 10:27").
    AddressLine,
    /// When the text was written, as the page shows it.
    TimeStamp,
    /// Buttons and labels of the page ("Share to Facebook", "Reply").
    ShareButtons,
    /// Numbers and bullets that the copy left at the start of a line.
    Numbering,
    /// A character written as an entity (`&amp;`).
    Entity,
    /// A character nobody sees, or one that changes the direction of writing.
    Invisible,
    /// Characters that stem from reading UTF-8 as Windows-1252.
    Mojibake,
    /// Characters put together to one (Unicode NFC).
    Composition,
    /// A paragraph that the page has twice in its body.
    RepeatedParagraph,
}

impl Kind {
    /// Whether the words of the stretch are somebody else's.
    pub fn is_quotation(self) -> bool {
        matches!(
            self,
            Self::RepeatsPost
                | Self::RepeatsComment
                | Self::BlockQuote
                | Self::Introduced
                | Self::QuotationMarks
                | Self::Pasted
                | Self::Table
        )
    }

    /// Whether the stretch is nobody's words: it belongs to the page or to the form of a comment.
    pub fn is_furniture(self) -> bool {
        matches!(
            self,
            Self::Signature
                | Self::AddressLine
                | Self::TimeStamp
                | Self::ShareButtons
                | Self::Numbering
                | Self::RepeatedParagraph
        )
    }

    /// Whether the words of the stretch are not the writer's own. The other kinds are about single characters.
    pub fn takes_words(self) -> bool {
        self.is_quotation() || self.is_furniture() || self == Self::Link
    }
}

/// One stretch of a text and what it is.
///
/// Findings of quotation, furniture and links never overlap one another; those of single characters (entities,
/// invisible characters, mojibake, composition) do not overlap one another either, but may lie within the former.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Bytes of the text it was found in; never empty, and never splits a character.
    pub range: Range<usize>,
    /// The id of the post or comment whose words these are, where that is known; for a link, its readable words.
    pub of: Option<String>,
}
