//! A text as sentences and words.

use std::ops::Range;

use crate::cleaning::word_ranges;

/// Words of a sentence from which on it is cut into pieces, where the text is long.
const LONG: usize = 50;

/// Words of such a piece.
const PIECE: usize = 25;

/// The parts of a long text, at most `most`: its sentences, pieces of sentences that are long, and sentences that follow
/// each other as one if there are too many.
pub(super) fn pieces(text: &str, most: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for sentence in sentences(text) {
        let words: Vec<Range<usize>> = word_ranges(&text[sentence.clone()]).collect();
        if words.len() <= LONG {
            found.push(sentence);
            continue;
        }
        // A piece reaches from its first word to the first one of the next.
        let begins = words.iter().step_by(PIECE).skip(1);
        let mut begin = sentence.start;
        for next in begins.map(|word| sentence.start + word.start) {
            found.push(begin..begin + text[begin..next].trim_end().len());
            begin = next;
        }
        found.push(begin..sentence.end);
    }
    let together = found.len().div_ceil(most).max(1);
    found
        .chunks(together)
        .filter_map(|parts| Some(parts.first()?.start..parts.last()?.end))
        .collect()
}

/// The sentences of a text, as byte ranges without the white space around them: what ends in a full stop, an exclamation
/// or a question mark with white space after it, or with its line.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut begin = 0;
    let mut characters = text.char_indices().peekable();
    let mut ended = false;
    while let Some((at, c)) = characters.next() {
        let after = at + c.len_utf8();
        let next = characters.peek().map(|(_, next)| *next);
        ended = matches!(c, '.' | '!' | '?' | '…')
            || ended && matches!(c, '"' | '\'' | ')' | '”' | '’');
        if c == '\n' || next.is_none() || ended && next.is_some_and(char::is_whitespace) {
            let piece = &text[begin..after];
            let start = begin + (piece.len() - piece.trim_start().len());
            let end = begin + piece.trim_end().len();
            if word_ranges(piece).next().is_some() {
                found.push(start..end);
            }
            begin = after;
            ended = false;
        }
    }
    found
}

/// The words of a text, as byte ranges.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    word_ranges(text).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};

    use super::{pieces, sentences, words};

    #[test]
    fn sentences_end_with_their_marks_or_lines() {
        let text = "  Sixty cases. \"Why?\" he said... 3.5 per cent\n— —\nNo full stop";
        let found: Vec<&str> = sentences(text)
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(
            found,
            [
                "Sixty cases.",
                "\"Why?\"",
                "he said...",
                "3.5 per cent",
                "No full stop"
            ]
        );
    }

    #[test]
    fn a_long_text_has_pieces_with_or_without_full_stops() {
        let endless = ["wörd"; 260].join(" ");
        let found = pieces(&endless, 100);
        let counts: Vec<usize> = found
            .iter()
            .map(|range| words(&endless[range.clone()]).len())
            .collect();
        assert_eq!(counts, [25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 10]);

        let short = ["One two."; 450].join(" ");
        let found = pieces(&short, 100);
        assert_eq!(found.len(), 90);
        assert!(
            found
                .iter()
                .all(|range| words(&short[range.clone()]).len() == 10)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn sentences_are_apart_and_hold_every_word(text in "[aé.!? \n\"]{0,60}") {
            for found in [sentences(&text), pieces(&text, 3)] {
                prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
                for word in words(&text) {
                    prop_assert!(found.iter().any(|range| range.start <= word.start && word.end <= range.end));
                }
            }
        }
    }
}
