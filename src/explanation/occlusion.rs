//! Explanation by occlusion: a part counts for what is lost without it (Zeiler and Fergus 2014; for words Li, Monroe and
//! Jurafsky 2016, "Understanding neural networks through representation erasure").

use std::collections::BTreeSet;
use std::ops::Range;

use super::parts::{pieces, sentences, words};
use crate::inference::{Scorer, Scores};
use crate::model::{ModelError, Sentiment};
use crate::passage::{Own, Passage};

/// Characters of a text at most: each part of it costs a score of nearly all of it.
pub const MOST_CHARACTERS: usize = 30_000;

/// A text of more words is explained by its parts, and by words of those that matter most: no more of them than this.
const WORDS: usize = 200;

/// Parts of a long text at most.
const PARTS: usize = 100;

/// Of a long text, the parts whose words are looked at, for each thing that is explained.
const MATTER: usize = 2;

/// Texts without one of their parts that are in memory at the same time.
const TOGETHER: usize = 64;

/// Probabilities closer to 0 or 1 than this say no more than it does.
const CERTAIN: f64 = 1e-6;

/// What is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// That the sentiment is this one.
    Sentiment(Sentiment),
    /// That the text has this theme, by its place in the taxonomy.
    Theme(usize),
}

impl Target {
    /// The words that it is judged by.
    fn words<'w>(self, passage: &Passage, words: &'w [Range<usize>]) -> Vec<&'w Range<usize>> {
        let is_judged = |word: &&Range<usize>| match self {
            Self::Sentiment(_) => passage.own.contains(word.start),
            Self::Theme(_) => true,
        };
        words.iter().filter(is_judged).collect()
    }

    fn log_odds(self, scores: &Scores) -> f64 {
        let probability = match self {
            Self::Sentiment(sentiment) => scores.sentiment[sentiment as usize],
            Self::Theme(place) => scores.themes[place],
        };
        let probability = probability.clamp(CERTAIN, 1.0 - CERTAIN);
        (probability / (1.0 - probability)).ln()
    }
}

/// A part of the text and what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The log odds with the part less those without it: above 0 for what speaks for it, below 0 for what speaks against.
    /// None if there are no other words to judge by: without the part there are no odds to compare.
    pub effect: Option<f64>,
}

/// One thing explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// What.
    pub target: Target,
    /// Its log odds for the whole text.
    pub log_odds: f64,
    /// Sentences in the order of the text; none for a text of one sentence. Of a long text also pieces of a sentence, or
    /// several sentences as one.
    pub sentences: Vec<Part>,
    /// Words in the order of the text: all of them, or those of the parts that matter most to anything explained.
    pub words: Vec<Part>,
}

/// The scores of a text and what moved them.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The scores.
    pub scores: Scores,
    /// The sentiment, then themes.
    pub subjects: Vec<Subject>,
}

/// Explains the sentiment that a text was given, each theme that it was given, and the themes that are `asked` about, by
/// their places in the taxonomy.
///
/// Costs a score for every word, and of a long text for at most `PARTS` parts and `WORDS` words. The text should have
/// no more than [`MOST_CHARACTERS`].
///
/// # Errors
/// The encoder fails.
pub fn explain(
    scorer: &Scorer,
    passage: &Passage,
    asked: &BTreeSet<usize>,
) -> Result<Explanation, ModelError> {
    let words = words(&passage.text);
    let is_long = words.len() > WORDS;
    let parts = if is_long {
        pieces(&passage.text, PARTS)
    } else {
        sentences(&passage.text)
    };
    let parts = if parts.len() < 2 { Vec::new() } else { parts };
    let whole = score(scorer, std::iter::once(passage.clone()))?;
    let Some(whole) = whole.into_iter().next() else {
        return Err(ModelError::Encoder("a text has no scores".to_owned()));
    };
    let assigned = whole.assigned.iter().enumerate();
    let assigned = assigned.filter(|(_, assigned)| **assigned);
    let mut themes: BTreeSet<usize> = assigned.map(|(place, _)| place).collect();
    themes.extend(asked);
    let targets: Vec<Target> = std::iter::once(Target::Sentiment(whole.label()))
        .chain(themes.into_iter().map(Target::Theme))
        .collect();
    let effects = |ranges: &[Range<usize>]| -> Result<Vec<Vec<Part>>, ModelError> {
        let variants = ranges.iter().map(|range| without(passage, range));
        let scored = score(scorer, variants)?;
        let of_target = |target: &Target| -> Vec<Part> {
            let judged_by = target.words(passage, &words);
            let log_odds = target.log_odds(&whole);
            let parts = ranges.iter().zip(&scored);
            parts
                .map(|(range, without)| Part {
                    range: range.clone(),
                    effect: (!is_all_of(&judged_by, range))
                        .then(|| log_odds - target.log_odds(without)),
                })
                .collect()
        };
        Ok(targets.iter().map(of_target).collect())
    };
    let of_parts = effects(&parts)?;
    let looked_at = if is_long {
        words_that_matter(&of_parts, &words)
    } else {
        words.clone()
    };
    let of_words = effects(&looked_at)?;
    let subjects = targets
        .iter()
        .zip(of_parts)
        .zip(of_words)
        .map(|((target, sentences), words)| Subject {
            target: *target,
            log_odds: target.log_odds(&whole),
            sentences,
            words,
        })
        .collect();
    Ok(Explanation {
        scores: whole,
        subjects,
    })
}

/// Whether a range has all of these words, of which there are some.
fn is_all_of(words: &[&Range<usize>], range: &Range<usize>) -> bool {
    let is_in = |word: &&Range<usize>| range.start <= word.start && word.end <= range.end;
    !words.is_empty() && words.iter().all(is_in)
}

/// The words of the parts that matter most to each target, its strongest part first, then the second of each; in the order
/// of the text.
fn words_that_matter(of_targets: &[Vec<Part>], words: &[Range<usize>]) -> Vec<Range<usize>> {
    let strongest: Vec<Vec<&Part>> = of_targets
        .iter()
        .map(|parts| {
            let strength = |part: &Part| part.effect.map_or(f64::INFINITY, f64::abs);
            let mut sorted: Vec<&Part> = parts.iter().collect();
            sorted.sort_by(|a, b| strength(b).total_cmp(&strength(a)));
            sorted
        })
        .collect();
    let mut places: BTreeSet<usize> = BTreeSet::new();
    for rank in 0..MATTER {
        for part in strongest.iter().filter_map(|parts| parts.get(rank)) {
            let first = words.partition_point(|word| word.start < part.range.start);
            let end = words.partition_point(|word| word.start < part.range.end);
            for place in first..end {
                if places.len() < WORDS {
                    places.insert(place);
                }
            }
        }
    }
    places
        .into_iter()
        .map(|place| words[place].clone())
        .collect()
}

/// The scores of some passages, of which few are in memory at the same time.
fn score(
    scorer: &Scorer,
    mut passages: impl Iterator<Item = Passage>,
) -> Result<Vec<Scores>, ModelError> {
    let mut scores = Vec::new();
    loop {
        let together: Vec<Passage> = passages.by_ref().take(TOGETHER).collect();
        if together.is_empty() {
            return Ok(scores);
        }
        scores.extend(scorer.score_all(together.iter(), || {})?);
    }
}

/// The passage without some bytes of its text.
fn without(passage: &Passage, range: &Range<usize>) -> Passage {
    let mut text = passage.text.clone();
    text.replace_range(range.clone(), "");
    let moved = |at: usize| {
        if at <= range.start {
            at
        } else {
            at.max(range.end) - range.len()
        }
    };
    let own = match &passage.own {
        Own::Whole => Own::Whole,
        Own::Parts(parts) => {
            let parts = parts.iter().map(|part| moved(part.start)..moved(part.end));
            Own::Parts(parts.filter(|part| !part.is_empty()).collect())
        }
    };
    Passage {
        text,
        own,
        answers: passage.answers.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Target, WORDS, is_all_of, without, words_that_matter};
    use crate::explanation::parts::words;
    use crate::model::Sentiment;
    use crate::passage::{Own, Passage};

    #[test]
    fn the_only_words_are_those_that_a_thing_is_judged_by() {
        let passage = Passage {
            own: Own::Parts(std::iter::once(8..12).collect()),
            ..Passage::whole("aaa bbb cccc ddd".to_owned())
        };
        let words = words(&passage.text);
        let only = |target: Target, range| is_all_of(&target.words(&passage, &words), &range);
        let sentiment = Target::Sentiment(Sentiment::Negative);
        assert!(only(sentiment, 8..12) && only(sentiment, 4..16));
        assert!(!only(sentiment, 4..7));
        assert!(!only(Target::Theme(0), 8..12) && only(Target::Theme(0), 0..16));
        assert!(!is_all_of(&[], &(0..16)));
    }

    #[test]
    fn of_a_long_text_the_words_of_the_strongest_parts_are_looked_at() {
        let text = ["word"; 900].join(" ");
        let words = words(&text);
        let part = |number: usize, effect| Part {
            range: 500 * number..500 * (number + 1),
            effect,
        };
        // A part has a hundred words.
        let one = vec![part(0, Some(0.1)), part(1, Some(-2.0)), part(2, Some(1.0))];
        let other = vec![part(0, Some(0.1)), part(1, Some(0.0)), part(2, None)];
        let found = words_that_matter(&[one, other], &words);
        assert_eq!(found.len(), WORDS);
        assert_eq!(found, words[100..300]);
    }

    #[test]
    fn what_is_the_writers_own_moves_with_the_text() {
        let passage = Passage {
            own: Own::Parts(vec![0..3, 8..12, 14..16]),
            ..Passage::whole("aaa bbb cccc ddd".to_owned())
        };
        let cut = |range| {
            let cut = without(&passage, &range);
            (cut.text, cut.own)
        };
        assert_eq!(
            cut(4..7),
            (
                "aaa  cccc ddd".to_owned(),
                Own::Parts(vec![0..3, 5..9, 11..13])
            )
        );
        assert_eq!(
            cut(8..12),
            ("aaa bbb  ddd".to_owned(), Own::Parts(vec![0..3, 10..12]))
        );
        assert_eq!(
            cut(13..16),
            ("aaa bbb cccc ".to_owned(), Own::Parts(vec![0..3, 8..12]))
        );
    }
}
