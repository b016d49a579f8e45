//! Cuts a text of any length into windows that the encoder can take.

use std::ops::Range;

use sha2::{Digest, Sha256};
use tokenizers::Tokenizer;

use super::shapes::MAX_LENGTH;
use crate::model::ModelError;
use crate::passage::{Own, Passage};

/// Tokens of text in a full window: the two special tokens take the other places.
const CONTENT: usize = MAX_LENGTH - 2;

/// Tokens that neighbouring windows share, so that no token is judged without context on both sides.
const OVERLAP: usize = 48;

/// The longest text, in tokens, that is read beside what it answers. Longer ones name their subject themselves.
pub(crate) const ANSWER: usize = 120;

/// Tokens of the answered text that are read beside an answer: its beginning.
const ANSWERED: usize = 64;

/// Tokens of the shortest sentence that is looked at by itself; shorter ones belong to the next.
pub(crate) const SENTENCE: usize = 5;

/// More bytes than words and their white space have on the average, by far.
const LONGEST_WORD: usize = 64;

/// Texts are tokenized in pieces of about this many bytes, cut at white space, because the tokenizer keeps some
/// hundred bytes a token while it works. The tokenizer splits at white space itself, so the ids are the same, but for a
/// word longer than a piece, which it does not know anyway.
const PIECE_BYTES: usize = 64 * 1024;

/// One window: at most [`MAX_LENGTH`] tokens, and which of them count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    /// Token ids with the special tokens at both ends, and after these what the text answers, closed by another one.
    pub ids: Vec<i64>,
    /// How many of the ids belong to the text itself, special tokens included: the first ones.
    pub text: usize,
    /// The positions pooled from this window. Over all windows of a text every token is pooled exactly once: a shared
    /// one from the window in whose middle it lies deeper, the special ones from the first and the last window.
    pub pooled: Range<usize>,
    /// Those of the pooled positions that are the writer's own, in order; None where all of the text is. The special
    /// tokens, which stand for the whole text, are the writer's own only in that case.
    pub own: Option<Vec<usize>>,
    /// The positions of each sentence within `pooled`, at least [`SENTENCE`] each; none for a text of one sentence.
    pub sentences: Vec<Range<usize>>,
}

/// A text as the encoder reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokenized {
    pub(crate) windows: Vec<Window>,
}

impl Tokenized {
    pub(crate) fn new(windows: Vec<Window>) -> Self {
        Self { windows }
    }

    /// Whether the text has no token, and so no vectors.
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// SHA-256 of all that its vectors depend on besides the model: the ids, what they answer, and which of them each mean
    /// goes over.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        // Every list with its length before it, so that no two texts can be written the same.
        let mut number = |number: usize| hasher.update((number as u64).to_le_bytes());
        number(self.windows.len());
        for window in &self.windows {
            number(window.text);
            number(window.ids.len());
            // The vocabulary has no negative ids.
            window.ids.iter().for_each(|id| number(*id as usize));
            number(window.pooled.start);
            number(window.pooled.end);
            match &window.own {
                None => number(usize::MAX),
                Some(own) => {
                    number(own.len());
                    own.iter().for_each(|position| number(*position));
                }
            }
            number(window.sentences.len());
            for sentence in &window.sentences {
                number(sentence.start);
                number(sentence.end);
            }
        }
        hasher.finalize().into()
    }
}

/// What a token is to the ends of sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A full stop or another end.
    End,
    /// A number: a full stop between two is a decimal point.
    Digits,
    /// A letter: a full stop after it abbreviates.
    Letter,
    /// Anything else.
    Other,
}

impl Mark {
    fn of(token: &str) -> Self {
        // Some vocabularies mark the beginning of a word.
        let token = token.trim_start_matches(['Ġ', '▁']);
        if ["...", ".", "!", "?", "…"].contains(&token) {
            Self::End
        } else if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Digits
        } else if token.len() == 1 && token.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            Self::Letter
        } else {
            Self::Other
        }
    }
}

/// The sentences of a text, by the marks of its tokens: as many as there are of at least [`SENTENCE`] tokens.
fn sentences(marks: &[Mark]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut begin = 0;
    for (place, mark) in marks.iter().enumerate() {
        let (before, after) = (
            place.checked_sub(1).map(|at| marks[at]),
            marks.get(place + 1),
        );
        let ends = *mark == Mark::End
            && after != Some(&Mark::End)
            && before != Some(Mark::Letter)
            && !(before == Some(Mark::Digits) && after == Some(&Mark::Digits));
        if ends && place + 1 - begin >= SENTENCE {
            found.push(begin..place + 1);
            begin = place + 1;
        }
    }
    match found.last_mut() {
        // What is left belongs to the last one if it is short.
        Some(last) if marks.len() - begin < SENTENCE => last.end = marks.len(),
        _ if begin < marks.len() => found.push(begin..marks.len()),
        _ => {}
    }
    found
}

/// Tokenizes texts into windows.
pub struct Windower {
    tokenizer: Tokenizer,
    start: i64,
    end: i64,
    between: Option<i64>,
    /// By token id.
    marks: Vec<Mark>,
}

impl Windower {
    /// Wraps a tokenizer that knows the special tokens of BERT or of MPNet.
    ///
    /// # Errors
    /// Neither `[CLS]` and `[SEP]` nor `<s>` and `</s>` are in the vocabulary.
    pub fn new(tokenizer: Tokenizer) -> Result<Self, ModelError> {
        let special = |token: &str| tokenizer.token_to_id(token).map(i64::from);
        // MPNet's vocabulary holds that of BERT, special tokens and all.
        let of_mpnet = special("<s>").zip(special("</s>"));
        let of_bert = special("[CLS]").zip(special("[SEP]"));
        let (start, end) = of_mpnet.or(of_bert).ok_or_else(|| {
            ModelError::Encoder(
                "the tokenizer has no tokens [CLS] and [SEP], or <s> and </s>".to_owned(),
            )
        })?;
        let mark = |id: u32| {
            tokenizer
                .id_to_token(id)
                .map_or(Mark::Other, |token| Mark::of(&token))
        };
        let marks = (0..tokenizer.get_vocab_size(true) as u32)
            .map(mark)
            .collect();
        Ok(Self {
            start,
            end,
            marks,
            // Between two texts MPNet has two of them.
            between: of_mpnet.map(|(_, end)| end),
            tokenizer,
        })
    }

    /// The windows of a text; none if the text has no token.
    ///
    /// # Errors
    /// The tokenizer refuses the text.
    pub(crate) fn windows<S: AsRef<str>>(
        &self,
        passage: &Passage<S>,
    ) -> Result<Vec<Window>, ModelError> {
        let mut ids = Vec::new();
        let mut own = match passage.own {
            Own::Whole => None,
            Own::Parts(_) => Some(Vec::new()),
        };
        let mut begin = 0;
        for piece in pieces(passage.text.as_ref(), PIECE_BYTES) {
            // Where tokens stand is only asked where it matters; the ids are the same.
            let encoding = match own {
                None => self.tokenizer.encode_fast(piece, false),
                Some(_) => self.tokenizer.encode(piece, false),
            }
            .map_err(|error| ModelError::Encoder(format!("tokenizer: {error}")))?;
            ids.extend(encoding.get_ids().iter().map(|id| i64::from(*id)));
            if let Some(own) = &mut own {
                let starts = encoding
                    .get_offsets()
                    .iter()
                    .map(|(start, _)| begin + start);
                own.extend(starts.map(|start| passage.own.contains(start)));
            }
            begin += piece.len();
        }
        let mark = |id: &i64| {
            usize::try_from(*id)
                .ok()
                .and_then(|id| self.marks.get(id).copied())
        };
        let marks: Vec<Mark> = ids
            .iter()
            .map(|id| mark(id).unwrap_or(Mark::Other))
            .collect();
        let mut windows = cut(
            &ids,
            own.as_deref(),
            &sentences(&marks),
            self.start,
            self.end,
        );
        if let (Some(answered), [window], 0..=ANSWER) =
            (&passage.answers, windows.as_mut_slice(), ids.len())
        {
            // A piece is far longer than the tokens that are read.
            let beginning = pieces(answered.as_ref(), ANSWERED * LONGEST_WORD).next();
            let encoding = self
                .tokenizer
                .encode_fast(beginning.unwrap_or_default(), false)
                .map_err(|error| ModelError::Encoder(format!("tokenizer: {error}")))?;
            let answered = encoding.get_ids().iter().take(ANSWERED);
            if answered.len() > 0 {
                window.ids.extend(self.between);
                window.ids.extend(answered.map(|id| i64::from(*id)));
                window.ids.push(self.end);
            }
        }
        Ok(windows)
    }
}

/// Cuts a text into pieces of about `size` bytes, at white space where there is any.
fn pieces(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut limit = size.min(rest.len());
        while !rest.is_char_boundary(limit) {
            limit += 1;
        }
        let cut = if limit == rest.len() {
            limit
        } else {
            match rest[..limit].rfind(char::is_whitespace) {
                Some(0) | None => limit,
                Some(space) => space,
            }
        };
        let (piece, tail) = rest.split_at(cut);
        rest = tail;
        Some(piece)
    })
}

/// `own` says of each token whether it is the writer's own; None where all are.
fn cut(
    ids: &[i64],
    own: Option<&[bool]>,
    sentences: &[Range<usize>],
    start: i64,
    end: i64,
) -> Vec<Window> {
    if ids.is_empty() {
        return Vec::new();
    }
    let count = if ids.len() <= CONTENT {
        1
    } else {
        1 + (ids.len() - CONTENT).div_ceil(CONTENT - OVERLAP)
    };
    // The last window is moved back so that it is as long as the others and its tokens have context too.
    let begin_of =
        |window: usize| (window * (CONTENT - OVERLAP)).min(ids.len().saturating_sub(CONTENT));
    // Tokens up to here belong to the window, later ones to the next.
    let border_after = |window: usize| {
        let overlap_begins = begin_of(window + 1);
        let overlap_ends = begin_of(window) + CONTENT;
        overlap_begins + (overlap_ends - overlap_begins) / 2
    };
    (0..count)
        .map(|window| {
            let begin = begin_of(window);
            let range = begin..ids.len().min(begin + CONTENT);
            let content = &ids[range.clone()];
            let mut with_special = Vec::with_capacity(content.len() + 2);
            with_special.push(start);
            with_special.extend_from_slice(content);
            with_special.push(end);
            // Position p of the text stands at p - begin + 1 in the window.
            let pooled_begin = if window == 0 {
                0
            } else {
                border_after(window - 1) - begin + 1
            };
            let pooled_end = if window + 1 == count {
                with_special.len()
            } else {
                border_after(window) - begin + 1
            };
            let pooled = pooled_begin..pooled_end;
            Window {
                text: with_special.len(),
                ids: with_special,
                sentences: if sentences.len() < 2 {
                    Vec::new()
                } else {
                    // What of a sentence lies in the window's part, if it is enough for one.
                    let inside = sentences.iter().map(|sentence| {
                        let from = (sentence.start.max(begin) - begin + 1).max(pooled.start);
                        let to = (sentence.end.max(begin) - begin + 1).min(pooled.end);
                        from..to.max(from)
                    });
                    inside.filter(|part| part.len() >= SENTENCE).collect()
                },
                own: own.map(|own| {
                    let of_window = (1..).zip(&own[range]);
                    of_window
                        .filter(|(position, own)| **own && pooled.contains(position))
                        .map(|(position, _)| position)
                        .collect()
                }),
                pooled,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CONTENT, MAX_LENGTH, Mark, OVERLAP, SENTENCE, cut, pieces, sentences};

    proptest! {
        #[test]
        fn windows_pool_every_token_exactly_once_and_in_order(length in 1_usize..2000) {
            let ids: Vec<i64> = (1000..).take(length).collect();
            let windows = cut(&ids, None, &[], 1, 2);
            let pooled: Vec<i64> = windows.iter().flat_map(|w| w.ids[w.pooled.clone()].to_vec()).collect();
            let mut expected = vec![1];
            expected.extend(&ids);
            expected.push(2);
            prop_assert_eq!(pooled, expected);
            prop_assert!(windows.iter().all(|w| w.ids.len() <= MAX_LENGTH));
        }

        #[test]
        fn own_tokens_are_pooled_exactly_once_and_nothing_else_is(own in prop::collection::vec(any::<bool>(), 1..1000)) {
            let ids: Vec<i64> = (1000..).take(own.len()).collect();
            let windows = cut(&ids, Some(&own), &[], 1, 2);
            let pooled: Vec<i64> = windows.iter().flat_map(|w| w.own.iter().flatten().map(|at| w.ids[*at])).collect();
            let expected: Vec<i64> = ids.iter().zip(&own).filter(|(_, own)| **own).map(|(id, _)| *id).collect();
            prop_assert_eq!(pooled, expected);
        }

        #[test]
        fn inner_tokens_have_context_on_both_sides(length in (CONTENT + 1)..2000_usize) {
            let ids: Vec<i64> = (0..).take(length).collect();
            let windows = cut(&ids, None, &[], -1, -2);
            for pair in windows.windows(2) {
                prop_assert!(pair[0].ids.len() - 1 - pair[0].pooled.end >= OVERLAP / 2);
                prop_assert!(pair[1].pooled.start > OVERLAP / 2);
            }
        }

        #[test]
        fn sentences_lie_within_what_is_pooled_and_apart(
            marks in prop::collection::vec(prop_oneof![Just(Mark::End), Just(Mark::Digits), Just(Mark::Letter), Just(Mark::Other), Just(Mark::Other), Just(Mark::Other)], 1..900),
        ) {
            let ids: Vec<i64> = (1000..).take(marks.len()).collect();
            let sentences = sentences(&marks);
            let joined: Vec<usize> = sentences.iter().flat_map(Clone::clone).collect();
            prop_assert_eq!(joined, (0..marks.len()).collect::<Vec<_>>());
            let mut before = 0;
            for window in cut(&ids, None, &sentences, 1, 2) {
                prop_assert!(window.sentences.len() * SENTENCE <= window.pooled.len());
                for part in &window.sentences {
                    prop_assert!(part.start >= window.pooled.start && part.end <= window.pooled.end);
                    // Every id once, and no special one.
                    prop_assert!(window.ids[part.clone()].iter().all(|id| *id >= 1000 && *id > before));
                    before = window.ids[part.end - 1];
                }
            }
        }

        #[test]
        fn pieces_put_together_are_the_text(text in "[a-zé \n]{0,80}", size in 1_usize..20) {
            prop_assert_eq!(pieces(&text, size).collect::<String>(), text);
        }
    }

    #[test]
    fn sentences_end_where_a_reader_would_say_so() {
        let split = |text: &str| -> Vec<String> {
            let tokens: Vec<&str> = text.split(' ').collect();
            let marks: Vec<Mark> = tokens.iter().map(|token| Mark::of(token)).collect();
            let found = sentences(&marks).into_iter();
            found.map(|range| tokens[range].join(" ")).collect()
        };
        assert_eq!(
            split("we have sixty cases each . nobody asks why ! ! and the pay is 3 . 5 per cent"),
            [
                "we have sixty cases each .",
                "nobody asks why ! !",
                "and the pay is 3 . 5 per cent"
            ]
        );
        // Short ones go with the next, the last with the one before.
        assert_eq!(
            split("no . we have said so e . g . last year . never"),
            ["no . we have said so e . g . last year . never"]
        );
    }

    #[test]
    fn pieces_break_at_white_space() {
        let all: Vec<&str> = pieces("one two three", 6).collect();
        assert_eq!(all, ["one", " two", " three"]);
    }

    /// MPNet's vocabulary holds the special tokens of BERT too, and its pairs have two tokens between them.
    #[test]
    fn pairs_are_framed_as_the_family_frames_them() {
        let framed = |vocabulary: &str| {
            let tokenizer = format!(
                r#"{{"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":{{"type":"Whitespace"}},"post_processor":null,"decoder":null,"model":{{"type":"WordLevel","unk_token":"[UNK]","vocab":{{{vocabulary}"[CLS]":10,"[SEP]":11,"[UNK]":12,"yes":20,"no":21}}}}}}"#
            );
            let tokenizer = tokenizer.parse().expect("a tokenizer");
            let windower = super::Windower::new(tokenizer).expect("special tokens");
            let passage = crate::passage::Passage {
                answers: Some("no"),
                ..crate::passage::Passage::whole("yes")
            };
            let mut windows = windower.windows(&passage).expect("it tokenizes");
            let window = windows.remove(0);
            (window.ids, window.text)
        };
        assert_eq!(framed(""), (vec![10, 20, 11, 21, 11], 3));
        let of_mpnet = framed(r#""<s>":0,"</s>":2,"#);
        assert_eq!(of_mpnet, (vec![0, 20, 2, 2, 21, 2], 3));
    }

    #[test]
    fn a_text_without_tokens_has_no_window() {
        assert!(cut(&[], None, &[], 1, 2).is_empty());
    }
}
