//! Telling equal texts by number, so that they are neither compared nor held twice.

use std::collections::HashMap;

use super::words::{mix, words};

/// Numbers texts: the same number for texts of the same words in the same order, and for no others.
///
/// Texts without any word ("!!!", a smiley) are the same where all their characters but white space are.
#[derive(Debug, Default)]
pub(crate) struct FoldedTexts<'a> {
    by_hash: HashMap<u64, Vec<usize>>,
    first: Vec<&'a str>,
}

/// A text's number, and how many words it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Folded {
    /// The same for texts of the same words alone.
    pub number: usize,
    /// The number of words.
    pub words: usize,
}

impl<'a> FoldedTexts<'a> {
    /// The number of a text, new if no text before it was the same. Takes time linear in the text's length.
    pub(crate) fn number(&mut self, text: &'a str) -> Folded {
        let (mut hash, mut count) = (0, 0);
        for word in words(text) {
            hash = mix(hash ^ word.folded).wrapping_add(1);
            count += 1;
        }
        if count == 0 {
            hash = wordless(text).fold(hash, |hash, c| {
                mix(hash ^ u64::from(u32::from(c))).wrapping_add(1)
            });
        }
        let alike = self.by_hash.entry(hash).or_default();
        let known = alike.iter().copied().find(|&number| {
            self.first
                .get(number)
                .is_some_and(|first| same(first, text))
        });
        let number = known.unwrap_or_else(|| {
            alike.push(self.first.len());
            self.first.push(text);
            self.first.len() - 1
        });
        Folded {
            number,
            words: count,
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    let mut folded = words(one).map(|word| word.folded).peekable();
    if folded.peek().is_none() {
        return words(other).next().is_none() && wordless(one).eq(wordless(other));
    }
    folded.eq(words(other).map(|word| word.folded))
}

fn wordless(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbered_by_their_words_alone() {
        let mut texts = FoldedTexts::default();
        let first = texts.number("So true, don't you think?");
        assert_eq!(
            first,
            Folded {
                number: 0,
                words: 5
            }
        );
        assert_eq!(texts.number("SO TRUE – don’t you think...\n"), first);
        assert_eq!(texts.number("So true, you don't think?").number, 1);
    }

    #[test]
    fn texts_without_words_are_told_apart_by_their_characters() {
        let mut texts = FoldedTexts::default();
        let up = texts.number("👍");
        assert_ne!(texts.number("👎").number, up.number);
        assert_ne!(texts.number("").number, up.number);
        assert_eq!(texts.number(" 👍\n"), up);
    }
}
