//! Texts that are nearly the same: how alike two are, and finding the earlier ones that a text is like.
//!
//! Two texts are compared by their pairs of neighbouring words (shingles of two; Broder 1997, "On the resemblance and
//! containment of documents"), each as often as it occurs. Their resemblance is the pairs they share over the pairs
//! they have (Jaccard). They are near from [`RESEMBLANCE`] on, and only where both deny equally often, so that a text
//! and its contradiction ("we did not") stay two.
//!
//! Candidates are not drawn by MinHash, which misses some by chance, but by prefix filtering (Chaudhuri, Ganti and
//! Kaushik 2006; Bayardo, Ma and Srikant 2007), which misses none: with the pairs of every text in one order, the
//! rarest first, two near texts share one of their first few. Pairs that occur in one text only lead nowhere and are
//! not kept, so the index stays small where few texts are alike.

use std::collections::HashMap;

use crate::cleaning::words::{mix, words};

/// From which resemblance on two texts are near, as a fraction.
///
/// At four fifths one word in eighteen may differ, or a quarter of the text may have been added at one end.
pub(super) const RESEMBLANCE: (usize, usize) = (4, 5);

/// How many texts are kept for one pair of words, and how many are compared with a text.
///
/// It bounds the work where thousands of texts are alike but not near; only there can a near text be missed.
const COMPARED: usize = 64;

const DENIALS: [&str; 9] = [
    "not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "cannot",
];

/// A text as its pairs of neighbouring words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shingles {
    // Sorted; a pair that the text has twice is there twice.
    pairs: Box<[u64]>,
    denials: usize,
}

impl Shingles {
    /// The pairs of a text given in parts, or none where the parts have fewer than `least` words together.
    pub(super) fn of<'a>(parts: impl Iterator<Item = &'a str>, least: usize) -> Option<Self> {
        let mut pairs = Vec::new();
        let (mut count, mut denials, mut last) = (0, 0, 0);
        for part in parts {
            for word in words(part) {
                if count > 0 {
                    pairs.push(mix(last ^ word.folded.rotate_left(32)));
                }
                denials += usize::from(part.get(word.range).is_some_and(denies));
                last = word.folded;
                count += 1;
            }
        }
        if count < least {
            return None;
        }
        pairs.sort_unstable();
        Some(Self {
            pairs: pairs.into(),
            denials,
        })
    }

    /// Whether two texts are nearly the same.
    pub(super) fn near(&self, other: &Self) -> bool {
        // shared / (here + there - shared) >= above / below, in whole numbers.
        self.may_be_near(other) && self.resemble(other, self.shared(other))
    }

    // Whether nothing that is known without comparing forbids it.
    fn may_be_near(&self, other: &Self) -> bool {
        self.denials == other.denials
            && self.resemble(other, self.pairs.len().min(other.pairs.len()))
    }

    fn resemble(&self, other: &Self, shared: usize) -> bool {
        // shared / (here + there - shared) >= above / below, in whole numbers.
        let (above, below) = RESEMBLANCE;
        (above + below) * shared >= above * (self.pairs.len() + other.pairs.len())
    }

    /// Whether at least half of the shorter text stands in the longer one (containment, Broder 1997).
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        2 * self.shared(other) >= self.pairs.len().min(other.pairs.len())
    }

    fn shared(&self, other: &Self) -> usize {
        let (mut here, mut there, mut shared) = (0, 0, 0);
        while let (Some(one), Some(two)) = (self.pairs.get(here), other.pairs.get(there)) {
            here += usize::from(one <= two);
            there += usize::from(two <= one);
            shared += usize::from(one == two);
        }
        shared
    }

    // How many of the rarest pairs two near texts must share one of.
    fn prefix(&self) -> usize {
        let (above, below) = RESEMBLANCE;
        let count = self.pairs.len();
        (count - (above * count).div_ceil(below) + 1).min(count)
    }
}

fn denies(word: &str) -> bool {
    DENIALS
        .iter()
        .any(|denial| word.eq_ignore_ascii_case(denial))
        || ["n't", "n’t"].iter().any(|ending| {
            let tail = word
                .len()
                .checked_sub(ending.len())
                .and_then(|start| word.get(start..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
        })
}

/// In how many texts of a corpus each pair of words occurs, at the least.
///
/// Counters are shared by pairs that fall together, and stop at 65,535: a pair is never held to be rarer than it is up
/// to there, and the order that the counts give stays one order for all texts, which is all that the filter asks.
#[derive(Debug)]
pub(super) struct Frequencies {
    counters: Vec<u16>,
}

impl Frequencies {
    /// Counters for texts of so many bytes together; two bytes of memory for every six, 32 MiB at most.
    pub(super) fn for_bytes(bytes: usize) -> Self {
        let size = (bytes / 6).clamp(1 << 10, 1 << 24).next_power_of_two();
        Self {
            counters: vec![0; size],
        }
    }

    /// Counts the pairs of one text.
    pub(super) fn add(&mut self, text: &Shingles) {
        for &pair in &text.pairs {
            let at = self.place(pair);
            if let Some(counter) = self.counters.get_mut(at) {
                *counter = counter.saturating_add(1);
            }
        }
    }

    fn of(&self, pair: u64) -> u16 {
        self.counters.get(self.place(pair)).copied().unwrap_or(0)
    }

    fn place(&self, pair: u64) -> usize {
        // The size is a power of two, so the remainder is the lowest bits.
        usize::try_from(pair % self.counters.len() as u64).unwrap_or(0)
    }
}

/// The texts that later ones are compared with, each under a key `T`.
#[derive(Debug)]
pub(super) struct Index<T> {
    frequencies: Frequencies,
    by_pair: HashMap<u64, Vec<usize>>,
    texts: Vec<(T, Shingles)>,
}

impl<T: Copy> Index<T> {
    /// An empty index; `frequencies` must have counted every text that will be put in or looked up.
    pub(super) fn new(frequencies: Frequencies) -> Self {
        Self {
            frequencies,
            by_pair: HashMap::new(),
            texts: Vec::new(),
        }
    }

    /// The keys of the texts that `text` is near to, the first put in first.
    pub(super) fn near<'s>(&'s self, text: &'s Shingles) -> impl Iterator<Item = T> + 's {
        let mut candidates: Vec<usize> = Vec::new();
        for pair in self.prefix(text) {
            candidates.extend(self.by_pair.get(&pair).into_iter().flatten());
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
            .into_iter()
            .filter_map(|at| self.texts.get(at))
            .filter(|(_, other)| text.may_be_near(other))
            .take(COMPARED)
            .filter(|(_, other)| text.near(other))
            .map(|(key, _)| *key)
    }

    /// Puts a text in.
    pub(super) fn insert(&mut self, key: T, text: Shingles) {
        let mut found_by = false;
        for pair in self.prefix(&text) {
            let texts = self.by_pair.entry(pair).or_default();
            if texts.len() < COMPARED {
                texts.push(self.texts.len());
                found_by = true;
            }
        }
        if found_by {
            self.texts.push((key, text));
        }
    }

    // The rarest pairs of the text, without those that no other text has.
    fn prefix(&self, text: &Shingles) -> Vec<u64> {
        let mut ordered: Vec<(u16, u64)> = text
            .pairs
            .iter()
            .map(|&pair| (self.frequencies.of(pair), pair))
            .collect();
        ordered.sort_unstable();
        ordered.truncate(text.prefix());
        ordered.retain(|&(count, _)| count > 1);
        ordered.dedup();

        ordered.into_iter().map(|(_, pair)| pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shingles(text: &str) -> Shingles {
        Shingles::of(std::iter::once(text), 1).expect("a word")
    }

    // The cases that RESEMBLANCE was chosen on.
    const BASE: &str = "My caseload went from thirty to fifty six after the split and the only thing that got shorter \
                        was the time I have with each of the people I am meant to be helping";

    fn near(other: &str) -> bool {
        shingles(BASE).near(&shingles(other))
    }

    #[test]
    fn a_text_with_slips_mended_or_a_few_words_added_is_near() {
        assert!(near(&BASE.replace("fifty six", "fifty-six").to_uppercase()));
        assert!(near(&BASE.replace("caseload", "case load")));
        assert!(near(&BASE.replace("thirty", "twenty")));
        assert!(near(&BASE.replace("meant", "supposed")));
        assert!(near(&format!("{BASE}. Sorry for the rant everyone")));
        assert!(near(&format!("Anon here again: {BASE}")));
    }

    #[test]
    fn a_text_of_twenty_words_may_differ_in_one() {
        let text = "we were promised that no jobs would go and then ninety of us had the letter on the same day";
        assert_eq!(words(text).count(), 20);
        let twenty = shingles(text);
        assert!(twenty.near(&shingles(&text.replace("ninety", "eighty"))));
        assert!(!twenty.near(&shingles(
            &text.replace("ninety", "eighty").replace("jobs", "posts")
        )));
    }

    #[test]
    fn a_text_with_an_opinion_added_or_another_ending_is_not() {
        assert!(!near(&format!(
            "{BASE}. And before anyone says that I should have joined the union, I did, in 1998"
        )));
        assert!(!near(&BASE.replace(
            "the people I am meant to be helping",
            "my children who barely see me at all"
        )));
        assert!(!near(
            "Mine went from thirty to fifty six as well and the only thing that got longer was the queue"
        ));
    }

    #[test]
    fn a_denial_more_or_less_makes_another_text() {
        assert!(!near(&BASE.replace("I am meant", "I am not meant")));
        assert!(!near(&BASE.replace("went from", "didn’t go from")));
        let text = format!(
            "{BASE}, and I do not think that the union did all it could for us when it came"
        );
        assert!(shingles(&text).near(&shingles(&text.replace("do not", "DON'T"))));
    }

    #[test]
    fn words_said_again_and_again_do_not_hide_how_long_a_text_is() {
        assert!(!shingles(&"no ".repeat(20)).near(&shingles(&"no ".repeat(200))));
        assert!(!shingles(&"why ".repeat(20)).near(&shingles(&"why ".repeat(200))));
        assert!(shingles(&"why ".repeat(99)).near(&shingles(&"why ".repeat(100))));
    }

    #[test]
    fn the_parts_of_a_text_are_one_text_and_too_few_words_are_none() {
        let parts = ["one two three ", "...", " four five"];
        assert_eq!(
            Shingles::of(parts.into_iter(), 5),
            Some(shingles("one two three four five"))
        );
        assert_eq!(Shingles::of(parts.into_iter(), 6), None);
    }

    fn index_of(texts: &[Shingles]) -> Index<usize> {
        let mut frequencies = Frequencies::for_bytes(1 << 20);
        texts.iter().for_each(|text| frequencies.add(text));
        Index::new(frequencies)
    }

    #[test]
    fn of_thousands_of_texts_that_are_alike_but_not_near_few_are_kept() {
        let texts: Vec<Shingles> = (0..1000)
            .map(|n| shingles(&format!("{BASE} a{n} b{n} c{n} d{n} e{n}")))
            .collect();
        let mut index = index_of(&texts);
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(index.near(text).next(), None);
            index.insert(at, text.clone());
        }
        // Some are kept because their own pairs share a counter.
        assert!(index.texts.len() < 4 * COMPARED, "{}", index.texts.len());
    }

    #[test]
    fn a_text_that_repeats_itself_takes_the_place_of_one() {
        let texts = [400, 200, 201].map(|times| shingles(&"why ".repeat(times)));
        let mut index = index_of(&texts);
        index.insert(0, texts[0].clone());
        index.insert(1, texts[1].clone());
        assert_eq!(index.near(&texts[2]).collect::<Vec<_>>(), [1]);
    }

    proptest! {
        #[test]
        fn the_index_finds_what_comparing_with_every_text_finds(
            texts in prop::collection::vec((0u32..4, 20u32..40, prop::collection::vec((0usize..40, 0u32..9), 0..5)), 1..30),
        ) {
            let texts: Vec<Shingles> = texts.into_iter().map(|(seed, length, changes)| {
                let mut words: Vec<String> = (0..length).map(|at| format!("w{}", (seed * 13 + at * 5) % if seed == 3 { 4 } else { 61 })).collect();
                for (at, word) in changes {
                    if let Some(old) = words.get_mut(at) {
                        *old = format!("x{word}");
                    }
                }
                shingles(&words.join(" "))
            }).collect();
            let mut index = index_of(&texts);
            for (at, text) in texts.iter().enumerate() {
                let all: Vec<usize> = (0..at).filter(|&before| text.near(&texts[before])).collect();
                prop_assert_eq!(index.near(text).collect::<Vec<_>>(), all);
                index.insert(at, text.clone());
            }
        }
    }
}
