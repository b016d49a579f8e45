//! Which sentences of a comment somebody else wrote, where neither quotation marks nor an earlier text say so: pasted
//! articles, letters, adverts, and what a line introduces.
//!
//! Sentence by sentence, signs are looked for (`signs.rs`): the first person, short forms, words of reported speech and
//! of announcements, datelines, a link or an introducing line beside it. Each sign has a weight, and a chain (`chain.rs`)
//! decides for the sentences together. The weights in `weights.tsv` are fitted to comments written and marked for the
//! purpose (`corpus/quotations`); a test fits them again (`fit.rs`).

mod chain;
#[cfg(test)]
mod fit;
mod lexicon;
mod signs;
mod units;
mod weights;

use std::ops::Range;

use super::super::span::Kind;
use chain::{Scores, best};
use signs::Reader;
pub(super) use units::{Layout, sentences};
use weights::Weights;

/// The stretches that somebody else wrote, in order and apart.
pub(super) fn others(layout: &Layout<'_>) -> Vec<(Kind, Range<usize>)> {
    let reader = Reader::new(layout);
    if !reader.has_cue() {
        return Vec::new();
    }
    let units = layout.units();
    let weights = Weights::shipped();
    let chain: Vec<Scores> = units
        .iter()
        .map(|unit| weights.scores(&reader.signs(unit)))
        .collect();
    let labelled: Vec<_> = units.iter().zip(best(&chain)).collect();
    labelled
        .chunk_by(|(_, one), (_, next)| one == next)
        .filter_map(|run| match (run.first(), run.last()) {
            (Some((first, true)), Some((last, _))) => {
                let kind = if signs::is_introduced(layout, first) {
                    Kind::Introduced
                } else {
                    Kind::Pasted
                };
                Some((kind, first.range.start..last.range.end))
            }
            _ => None,
        })
        .collect()
}
