//! What the model is given: a text, and which parts of it are the writer's own.

use std::ops::Range;

use crate::ranges::contain;

/// Which bytes of a text are the writer's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Own {
    /// All of them.
    Whole,
    /// Those within these ranges, which are sorted, apart from one another, and do not split a character. Without any
    /// range, nothing in the text is the writer's own.
    Parts(Vec<Range<usize>>),
}

impl Own {
    /// Whether the character that starts at this byte is the writer's own.
    pub fn contains(&self, byte: usize) -> bool {
        match self {
            Self::Whole => true,
            Self::Parts(parts) => contain(parts, byte),
        }
    }

    /// Whether nothing in the text is the writer's own.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Parts(parts) if parts.is_empty())
    }
}

/// A text for the model: themes are judged on all of it, sentiment on what is the writer's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage<S = String> {
    /// What the encoder reads.
    pub text: S,
    /// Which bytes of it are the writer's own.
    pub own: Own,
    /// The text that it answers. The encoder reads the beginning of it beside a text that is short enough to need it;
    /// none of it is judged.
    pub answers: Option<S>,
}

impl<S> Passage<S> {
    /// A text that is the writer's own throughout and answers nothing.
    pub fn whole(text: S) -> Self {
        Self {
            text,
            own: Own::Whole,
            answers: None,
        }
    }
}

impl<S: AsRef<str>> Passage<S> {
    /// The writer's own words, one part after the other; None where there are none.
    pub fn own_text(&self) -> Option<String> {
        let text = self.text.as_ref();
        let own = match &self.own {
            Own::Whole => text.to_owned(),
            Own::Parts(parts) => {
                let parts: Vec<&str> = parts.iter().map(|part| text[part.clone()].trim()).collect();
                parts.join(" ")
            }
        };
        (!own.trim().is_empty()).then_some(own)
    }
}

impl Passage {
    /// The passage beside the one that it answers, if any.
    pub fn answering<'t>(&'t self, answered: Option<&'t Self>) -> Passage<&'t str> {
        Passage {
            text: &self.text,
            own: self.own.clone(),
            answers: answered.map(|answered| answered.text.as_str()),
        }
    }
}

impl Passage<&str> {
    /// The same, borrowing nothing.
    pub fn into_owned(self) -> Passage {
        Passage {
            text: self.text.to_owned(),
            own: self.own,
            answers: self.answers.map(str::to_owned),
        }
    }
}

impl<'t> From<&'t str> for Passage<&'t str> {
    fn from(text: &'t str) -> Self {
        Self::whole(text)
    }
}

impl<'t> From<&'t Passage> for Passage<&'t str> {
    fn from(passage: &'t Passage) -> Self {
        Self {
            text: &passage.text,
            own: passage.own.clone(),
            answers: passage.answers.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Own, Passage};

    #[test]
    fn the_writers_own_words_can_be_had_by_themselves() {
        let passage = |own| Passage {
            own,
            ..Passage::whole("one two three")
        };
        assert_eq!(
            passage(Own::Whole).own_text().as_deref(),
            Some("one two three")
        );
        let parts = Own::Parts(vec![0..4, 8..13]);
        assert_eq!(passage(parts).own_text().as_deref(), Some("one three"));
        let gap = Own::Parts(std::iter::once(3..4).collect());
        assert_eq!(passage(gap).own_text(), None);
    }

    #[test]
    fn a_byte_is_own_if_it_lies_in_a_part() {
        let own = Own::Parts(vec![2..4, 7..9]);
        let found: Vec<usize> = (0..10).filter(|byte| own.contains(*byte)).collect();
        assert_eq!(found, [2, 3, 7, 8]);
        assert!(Own::Whole.contains(5) && !Own::Parts(Vec::new()).contains(0));
    }
}
