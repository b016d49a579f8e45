//! Vectors from the store where it has them, from the encoder where it has not.

use ndarray::Array2;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::database::{Kept, Key, Prune, Store};
use crate::inference::{CLASSIFIED, Engine, FORWARD, Scorer, Scores, Tokenized, Vectors};
use crate::model::{ModelError, Precision, SentimentClassifier};
use crate::passage::{Own, Passage};

/// Passages that are looked up together: their vectors are in memory at once.
const SLAB: usize = 4096;

/// Encoded texts that are kept in one transaction: what a kill can cost.
const TRANSACTION: usize = 256;

/// Whose vectors they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// SHA-256 of the bundle.
    pub bundle: String,
    /// The number format of its passes.
    pub precision: Precision,
    /// The kind of processor they are computed on, as [`crate::model::processor_kind`] names it: the last bits depend on it.
    pub processor: String,
}

impl Identity {
    /// What the store tells passes of one bundle apart by.
    fn passes(&self) -> String {
        format!("{} on {}", self.precision, self.processor)
    }
}

/// Where vectors came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recalled {
    /// From the store, without a look at the tokens.
    pub known: u64,
    /// From the store: other passages, which the encoder reads alike.
    pub alike: u64,
    /// From the encoder.
    pub encoded: u64,
}

/// Hands the vectors of every passage to `each`, with the passage's place, in no particular order; None stands for a
/// passage without words. Vectors of sentences are empty unless they are asked for.
///
/// # Errors
/// The encoder fails. Whatever happens to the store only costs time.
pub fn recall(
    engine: &Engine,
    identity: &Identity,
    store: &mut Store,
    passages: &[Passage<&str>],
    sentences: bool,
    mut each: impl FnMut(usize, Option<Vectors>),
) -> Result<Recalled, ModelError> {
    let mut recalled = Recalled::default();
    let precision = identity.passes();
    let model_in = |store: &mut Store| {
        store.model(&identity.bundle, &precision, FORWARD, engine.hidden_size())
    };
    for (slab, begin) in passages.chunks(SLAB).zip((0..).step_by(SLAB)) {
        let keys: Vec<Key> = slab.par_iter().map(key_of).collect();
        let model = model_in(store);
        let mut unknown = Vec::new();
        for (place, key) in keys.iter().enumerate() {
            let found = model.and_then(|model| {
                let text = store.text_of(model, key)?;
                store.vectors_of(model, &text, sentences)
            });
            match found {
                Some(vectors) => {
                    recalled.known += 1;
                    each(begin + place, vectors);
                }
                None => unknown.push(place),
            }
        }
        let texts = unknown.iter().map(|place| slab[*place].clone()).collect();
        let read: Vec<(usize, Key, Tokenized)> = unknown
            .into_iter()
            .zip(engine.tokenized(texts)?)
            .map(|(place, tokenized)| (place, half(tokenized.fingerprint()), tokenized))
            .collect();
        // Looked up again: a database whose damage showed in between was begun anew.
        let model = model_in(store);
        let mut entries = Vec::new();
        let mut to_encode = Vec::new();
        for (place, text, tokenized) in read {
            let found = model.and_then(|model| store.vectors_of(model, &text, sentences));
            match found {
                Some(vectors) => {
                    recalled.alike += 1;
                    entries.push(Kept {
                        passage: keys[place],
                        text,
                        vectors: None,
                    });
                    each(begin + place, vectors);
                }
                None => to_encode.push((place, text, tokenized)),
            }
        }
        recalled.encoded += to_encode.len() as u64;
        let names: Vec<(usize, Key)> = to_encode
            .iter()
            .map(|(place, text, _)| (*place, *text))
            .collect();
        if !to_encode.is_empty() {
            let texts = to_encode.into_iter().map(|(_, _, tokenized)| tokenized);
            engine.embed_each(texts, |number, vectors| {
                let (place, text) = names[number];
                let mut handed = vectors.clone();
                if let Some(vectors) = handed.as_mut().filter(|_| !sentences) {
                    vectors.sentences = Array2::zeros((0, vectors.whole.len()));
                }
                each(begin + place, handed);
                entries.push(Kept {
                    passage: keys[place],
                    text,
                    vectors: Some(vectors),
                });
                if entries.len() >= TRANSACTION
                    && let Some(model) = model
                {
                    store.keep(model, &entries);
                    entries.clear();
                }
            })?;
        }
        if let Some(model) = model {
            store.keep(model, &entries);
        }
    }
    Ok(recalled)
}

/// The scores of every passage, in the order of the passages: by the scorer's heads from vectors that are recalled, and where
/// another model judges the sentiment, by that, whose judgements are kept too. `done` is called once for each, on any thread.
///
/// # Errors
/// A model fails.
pub fn recall_scores(
    scorer: &Scorer,
    identity: &Identity,
    store: &mut Store,
    passages: &[Passage<&str>],
    done: impl Fn() + Sync,
) -> Result<(Vec<Scores>, Recalled), ModelError> {
    let judge = scorer.judge();
    let mut scores: Vec<Option<Scores>> = vec![None; passages.len()];
    let sentences = judge.looks_at_sentences();
    let recalled = recall(
        scorer.engine(),
        identity,
        store,
        passages,
        sentences,
        |place, vectors| {
            scores[place] = Some(judge.scores(vectors.as_ref()));
            if scorer.classifier().is_none() {
                done();
            }
        },
    )?;
    // Every passage has been handed over once.
    let mut scores: Vec<Scores> = scores.into_iter().flatten().collect();
    if let Some(classifier) = scorer.classifier() {
        let name = name_of(classifier);
        for (slab, scores) in passages.chunks(SLAB).zip(scores.chunks_mut(SLAB)) {
            let words: Vec<Key> = slab.par_iter().map(words_of).collect();
            let mut known: Vec<Option<[f64; 3]>> = words
                .iter()
                .map(|words| store.sentiment_of(&name, words))
                .collect();
            let found: Vec<(usize, [f64; 3])> = slab
                .par_iter()
                .enumerate()
                .filter(|(place, _)| known[*place].is_none())
                .map(|(place, passage)| {
                    let judged = Scorer::other_sentiment(classifier, passage)?;
                    Ok((place, judged))
                })
                .collect::<Result<_, ModelError>>()?;
            let entries: Vec<(Key, [f64; 3])> = found
                .iter()
                .map(|(place, sentiment)| (words[*place], *sentiment))
                .collect();
            store.keep_sentiments(&name, &entries);
            for (place, sentiment) in found {
                known[place] = Some(sentiment);
            }
            for (scores, sentiment) in scores.iter_mut().zip(known) {
                if let Some(sentiment) = sentiment {
                    judge.replace_sentiment(scores, sentiment);
                }
                done();
            }
        }
    }
    Ok((scores, recalled))
}

impl Store {
    /// Removes everything but what these passages need under this model; None if that failed, which is noted.
    pub fn prune(
        &mut self,
        scorer: &Scorer,
        identity: &Identity,
        passages: &[Passage<&str>],
    ) -> Option<Prune> {
        let model = self.model(
            &identity.bundle,
            &identity.passes(),
            FORWARD,
            scorer.engine().hidden_size(),
        )?;
        let keys: Vec<Key> = passages.par_iter().map(key_of).collect();
        let (name, words) = match scorer.classifier() {
            None => (String::new(), Vec::new()),
            Some(classifier) => (
                name_of(classifier),
                passages.par_iter().map(words_of).collect(),
            ),
        };
        self.retain(model, &keys, &name, &words)
    }
}

/// What sentiments are kept by besides the words: the classifier's files, and the version of what is done with them.
fn name_of(classifier: &SentimentClassifier) -> String {
    format!("{} {CLASSIFIED}", classifier.fingerprint())
}

/// What tells the writer's own words of a passage from others.
pub(super) fn words_of(passage: &Passage<&str>) -> Key {
    let own = passage.own_text().unwrap_or_default();
    half(Sha256::digest(own.as_bytes()).into())
}

/// What tells a passage from every other.
pub(super) fn key_of<S: AsRef<str>>(passage: &Passage<S>) -> Key {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // With its length before it no two passages can be written the same.
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(passage.text.as_ref().as_bytes());
    match &passage.own {
        Own::Whole => part(b"whole"),
        Own::Parts(parts) => {
            let ends = parts.iter().flat_map(|part| [part.start, part.end]);
            let bytes: Vec<u8> = ends.flat_map(|end| (end as u64).to_le_bytes()).collect();
            part(b"parts");
            part(&bytes);
        }
    }
    match &passage.answers {
        None => part(b"nothing"),
        Some(answered) => {
            part(b"answers");
            part(answered.as_ref().as_bytes());
        }
    }
    half(hasher.finalize().into())
}

fn half(hash: [u8; 32]) -> Key {
    std::array::from_fn(|place| hash[place])
}
