//! A text as words, for comparing texts: what differs only in case, punctuation or spacing is the same.

use std::ops::Range;

/// One word: a run of letters and digits, with apostrophes inside ("don't").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Bytes of the text it was found in; never empty, and never splits a character.
    pub range: Range<usize>,
    /// The word in lower case with straight apostrophes, as 64 bits that stand for it.
    ///
    /// Two different words share them once in 2^64; a million different words hold such a pair with a chance of
    /// 3 in 10^8.
    pub folded: u64,
}

/// The words of a text in order. The text is taken to be in Unicode NFC.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut characters = text.char_indices();
    std::iter::from_fn(move || {
        let (start, first) = characters.by_ref().find(|(_, c)| is_letter(*c))?;
        let mut end = start + first.len_utf8();
        let mut hash = with_folded(SEED, first);
        let mut apostrophe = false;
        for (at, c) in characters.by_ref() {
            if is_letter(c) {
                if apostrophe {
                    hash = with(hash, u64::from(b'\''));
                    apostrophe = false;
                }
                hash = with_folded(hash, c);
                end = at + c.len_utf8();
            } else if is_apostrophe(c) && !apostrophe {
                apostrophe = true;
            } else if !is_unseen(c) {
                break;
            }
        }
        Some(Word {
            range: start..end,
            folded: mix(hash),
        })
    })
}

/// The places of those of some words, in order, that begin within a range.
pub(crate) fn within(words: &[Word], range: &Range<usize>) -> Range<usize> {
    let first = words.partition_point(|word| word.range.start < range.start);
    let end = words.partition_point(|word| word.range.start < range.end);
    first..end.max(first)
}

/// Spreads a number over all 64 bits, one to one: the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

// FNV-1a (Fowler, Noll and Vo), over characters.
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn with(hash: u64, symbol: u64) -> u64 {
    (hash ^ symbol).wrapping_mul(0x0000_0100_0000_01b3)
}

fn with_folded(hash: u64, c: char) -> u64 {
    if c.is_ascii() {
        return with(hash, u64::from(u32::from(c.to_ascii_lowercase())));
    }
    c.to_lowercase()
        .fold(hash, |hash, c| with(hash, u64::from(u32::from(c))))
}

/// Letters and digits. To Unicode, the modifier apostrophe is a letter as well.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_apostrophe(c)
}

/// Straight, curly and modifier apostrophes, and the grave accent typed in their stead.
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`')
}

// Hyphens and spaces of no width, which pages put inside words.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

/// The words of a text as byte ranges, in order.
pub(crate) fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    words(text).map(|word| word.range)
}

/// The characters of one word as it is compared: in lower case, with straight apostrophes, without those that nobody sees.
pub(crate) fn folded_word(word: &str) -> impl Iterator<Item = char> + '_ {
    word.chars()
        .filter_map(|c| match c {
            c if is_apostrophe(c) => Some('\''),
            c => is_letter(c).then_some(c),
        })
        .flat_map(char::to_lowercase)
}

/// The words of a text as they are compared, with one space between; all of it where it has none.
pub(crate) fn folded_words(text: &str) -> String {
    let words: Vec<String> = word_ranges(text)
        .filter_map(|range| text.get(range))
        .map(|word| folded_word(word).collect())
        .collect();
    if words.is_empty() {
        return text.to_owned();
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        words(text).map(|word| &text[word.range]).collect()
    }

    fn folded(text: &str) -> Vec<u64> {
        words(text).map(|word| word.folded).collect()
    }

    #[test]
    fn words_keep_inner_apostrophes_and_drop_quotation_marks() {
        assert_eq!(
            found("'Don’t' they said, 'ask the officers' union'..."),
            ["Don’t", "they", "said", "ask", "the", "officers", "union"]
        );
        assert_eq!(
            found("40% of £1,200 (2016-17)"),
            ["40", "of", "1", "200", "2016", "17"]
        );
        assert_eq!(found("rock''n''roll"), ["rock", "n", "roll"]);
        assert!(found(" — ... ' 👍").is_empty());
    }

    #[test]
    fn case_apostrophes_and_unseen_characters_make_no_difference() {
        assert_eq!(folded("DON'T reöffend"), folded("don’t REÖFFEND"));
        assert_eq!(
            folded("pro\u{ad}bation \u{feff}office"),
            folded("probation office")
        );
        assert_ne!(folded("we're"), folded("were"));
        assert_ne!(folded("no one"), folded("noone"));
    }

    #[test]
    fn words_are_compared_as_their_hashes_are() {
        for text in [
            "DON'T pro\u{ad}bation!",
            "don’t, probation",
            "don\u{2bc}t PROBATION",
        ] {
            assert_eq!(folded_words(text), "don't probation");
            assert_eq!(folded(text), folded("don't probation"), "{text}");
        }
        assert_eq!(folded_words(" :-) "), " :-) ");
    }

    proptest! {
        #[test]
        fn ranges_are_ordered_disjoint_and_on_boundaries(text in "\\PC{0,60}|[a-z'’\u{200b} .]{0,60}") {
            let mut last = 0;
            for word in words(&text) {
                prop_assert!(last <= word.range.start && word.range.start < word.range.end);
                prop_assert!(text.get(word.range.clone()).is_some_and(|w| words(w).count() == 1));
                last = word.range.end;
            }
        }
    }
}
