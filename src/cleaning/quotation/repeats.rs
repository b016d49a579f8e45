//! Words that stand in the post or in an earlier comment.
//!
//! Three words in a row that occur in an earlier text are a seed, and a seed grows word by word for as long as the two
//! texts agree, over single slips (a word changed, left out or added) and over an ellipsis, as in the seed-and-extend
//! search for similar sequences of Altschul et al. 1990 (BLAST). Time is linear in the length of the thread, because a
//! seed is looked up in at most `KEPT` places.

use std::collections::HashMap;
use std::ops::Range;

use super::super::words::{Word, mix, words};

/// Words in a seed.
const SEED: usize = 3;

/// Places remembered for a seed, the first ones of the thread.
const KEPT: usize = 8;

/// Words that a slip may cost on either side: in the text and in the earlier one. The least first.
const SLIPS: [(usize, usize); 15] = [
    (1, 1),
    (0, 1),
    (1, 0),
    (2, 2),
    (1, 2),
    (2, 1),
    (0, 2),
    (2, 0),
    (3, 3),
    (2, 3),
    (3, 2),
    (1, 3),
    (3, 1),
    (0, 3),
    (3, 0),
];

/// One slip in so many words is still nearly the same text.
const WORDS_PER_SLIP: usize = 6;

/// Words that an ellipsis may stand for.
const ELLIPSIS: usize = 400;

/// Marks the end of a list of places.
const NONE: u32 = u32::MAX;

/// The texts of a thread so far.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// The words of each text.
    texts: Vec<Vec<u64>>,
    /// For each seed the first of its places.
    first: HashMap<u64, u32>,
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    text: u32,
    word: u32,
    /// The next place of the same seed.
    next: u32,
}

/// Words that stand in an earlier text too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// Which words of the text they are, first and last included.
    pub words: Range<usize>,
    /// How many of them agree.
    pub agreeing: usize,
    /// Which earlier text, in the order they were added.
    pub text: usize,
}

impl Earlier {
    /// Adds the next text of the thread.
    pub(super) fn add(&mut self, text: &str) {
        let folded: Vec<u64> = words(text).map(|word| word.folded).collect();
        // No thread has four thousand million words; one that had would go without what comes last.
        let Ok(number) = u32::try_from(self.texts.len()) else {
            return;
        };
        for (word, seed) in folded.windows(SEED).enumerate() {
            let (Ok(word), Ok(new)) = (u32::try_from(word), u32::try_from(self.places.len()))
            else {
                return;
            };
            let place = Place {
                text: number,
                word,
                next: NONE,
            };
            match self.first.get(&key(seed)) {
                None => {
                    self.first.insert(key(seed), new);
                    self.places.push(place);
                }
                Some(first) => {
                    let mut last = *first as usize;
                    let mut kept = 1;
                    while self.places[last].next != NONE {
                        last = self.places[last].next as usize;
                        kept += 1;
                    }
                    if kept < KEPT {
                        self.places[last].next = new;
                        self.places.push(place);
                    }
                }
            }
        }
        self.texts.push(folded);
    }

    /// The runs of words that stand in an earlier text, in order and apart from one another; of any length from
    /// a seed's on. Of several earlier texts the one that agrees longest counts, and of equals the first.
    pub(super) fn runs(&self, text: &str, words: &[Word]) -> Vec<Run> {
        let mut found: Vec<Run> = Vec::new();
        let mut at = 0;
        let mut free = 0;
        while at + SEED <= words.len() {
            let mut best: Option<Run> = None;
            for place in self.places_of(&words[at..at + SEED]) {
                let run = self.grow(text, words, free, at, place);
                if best
                    .as_ref()
                    .is_none_or(|best| run.agreeing > best.agreeing)
                {
                    best = Some(run);
                }
            }
            match best {
                Some(run) => {
                    at = run.words.end;
                    free = at;
                    found.push(run);
                }
                None => at += 1,
            }
        }
        found
    }

    fn places_of(&self, seed: &[Word]) -> impl Iterator<Item = Place> + '_ {
        let folded = [seed[0].folded, seed[1].folded, seed[2].folded];
        let mut next = self.first.get(&key(&folded)).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let place = self.places.get(next as usize).copied()?;
            next = place.next;
            Some(place)
        })
        // Different seeds may share a key.
        .filter(move |place| {
            let text = &self.texts[place.text as usize];
            text[place.word as usize..].starts_with(&folded)
        })
    }

    /// The longest run around the word `at`, which agrees with the word at `place`, without words before `free`.
    fn grow(&self, text: &str, words: &[Word], free: usize, at: usize, place: Place) -> Run {
        let source = &self.texts[place.text as usize];
        let origin = place.word as usize;
        let mut slips = 0;
        let (mut here, mut there, mut agreeing) = (at, origin, 0);
        loop {
            while here < words.len() && there < source.len() && words[here].folded == source[there]
            {
                here += 1;
                there += 1;
                agreeing += 1;
            }
            let (ahead, source) = (&words[here..], &source[there..]);
            let gap = words[here - 1].range.end
                ..ahead.first().map_or(text.len(), |word| word.range.start);
            let skipped = if has_ellipsis(&text[gap]) {
                after_ellipsis(ahead, source)
            } else if slips * WORDS_PER_SLIP < agreeing {
                slips += 1;
                SLIPS
                    .into_iter()
                    .find(|skipped| agree_behind(ahead, source, *skipped))
            } else {
                None
            };
            let Some((skipped_here, skipped_there)) = skipped else {
                break;
            };
            here += skipped_here;
            there += skipped_there;
        }
        let end = here;
        (here, there) = (at, origin);
        loop {
            while here > free && there > 0 && words[here - 1].folded == source[there - 1] {
                here -= 1;
                there -= 1;
                agreeing += 1;
            }
            if slips * WORDS_PER_SLIP >= agreeing {
                break;
            }
            slips += 1;
            let skipped = SLIPS.into_iter().find(|(i, j)| {
                let (Some(begin), Some(source_begin)) =
                    (here.checked_sub(i + SEED), there.checked_sub(j + SEED))
                else {
                    return false;
                };
                begin >= free
                    && words[begin..begin + SEED]
                        .iter()
                        .zip(&source[source_begin..source_begin + SEED])
                        .all(|(word, folded)| word.folded == *folded)
            });
            let Some((skipped_here, skipped_there)) = skipped else {
                break;
            };
            here -= skipped_here;
            there -= skipped_there;
        }
        Run {
            words: here..end,
            agreeing,
            text: place.text as usize,
        }
    }
}

fn key(seed: &[u64]) -> u64 {
    seed.iter()
        .fold(0, |key, word| mix(key.rotate_left(21) ^ word))
}

fn has_ellipsis(gap: &str) -> bool {
    gap.contains('…') || gap.contains("...") || gap.contains(". . .") || gap.contains("[.")
}

/// Whether two texts agree for a seed's length once so many words are skipped on either side.
fn agree_behind(here: &[Word], there: &[u64], skipped: (usize, usize)) -> bool {
    let (Some(here), Some(there)) = (here.get(skipped.0..), there.get(skipped.1..)) else {
        return false;
    };
    here.len() >= SEED
        && there.len() >= SEED
        && here
            .iter()
            .zip(there)
            .take(SEED)
            .all(|(word, folded)| word.folded == *folded)
}

fn after_ellipsis(here: &[Word], there: &[u64]) -> Option<(usize, usize)> {
    let seed = here.get(..SEED)?;
    there
        .windows(SEED)
        .take(ELLIPSIS)
        .position(|window| {
            window
                .iter()
                .zip(seed)
                .all(|(folded, word)| *folded == word.folded)
        })
        .map(|skipped| (0, skipped))
}

#[cfg(test)]
mod tests {
    use super::super::super::words::words;
    use super::Earlier;

    fn runs(earlier: &[&str], text: &str) -> Vec<(String, usize)> {
        let mut texts = Earlier::default();
        earlier.iter().for_each(|text| texts.add(text));
        let words: Vec<_> = words(text).collect();
        let runs = texts.runs(text, &words).into_iter();
        runs.map(|run| {
            let (first, last) = (&words[run.words.start], &words[run.words.end - 1]);
            (text[first.range.start..last.range.end].to_owned(), run.text)
        })
        .collect()
    }

    const POST: &str = "The Service will publish an action plan within twenty working days, and every region shall report on progress to the programme board. Nobody was available for comment.";

    #[test]
    fn exact_words_are_found_whatever_case_and_punctuation() {
        let found = runs(
            &[POST],
            "So \"AN ACTION PLAN within twenty working days\" it is.",
        );
        assert_eq!(
            found,
            [("AN ACTION PLAN within twenty working days".to_owned(), 0)]
        );
    }

    #[test]
    fn a_slip_and_an_ellipsis_do_not_end_a_run() {
        let found = runs(
            &[POST],
            "will publish a action plan within 20 working days and every region",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        let found = runs(
            &[POST],
            "The Service will publish … to the programme board, ha.",
        );
        assert_eq!(
            found,
            [(
                "The Service will publish … to the programme board".to_owned(),
                0
            )]
        );
    }

    #[test]
    fn the_text_that_agrees_longest_is_named() {
        let found = runs(
            &[POST, "every region shall report on progress to me"],
            "Every region shall report on progress to me!",
        );
        assert_eq!(
            found,
            [("Every region shall report on progress to me".to_owned(), 1)]
        );
    }
}
