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
mod introduction;
mod lexicon;
mod signs;
mod units;
mod weights;

use std::ops::Range;

use super::super::span::Kind;
use chain::{Scores, best};
use signs::Reader;
use units::Unit;
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
    let labels = best(&chain);
    let labelled: Vec<_> = units.iter().zip(labels).collect();
    labelled
        .chunk_by(|(_, one), (_, next)| one == next)
        .filter(|run| run.iter().all(|(_, others)| *others))
        .filter_map(|run| {
            // A line that introduces with words of the writer's own is no part of what it introduces.
            let own =
                |(unit, _): &&(&Unit, bool)| introduction::introduces_in_own_words(layout, unit);
            let run = &run[run.iter().take_while(own).count()..];
            let (first, last) = (run.first()?.0, run.last()?.0);
            let kind = if introduction::is_introduced(layout, first) {
                Kind::Introduced
            } else if may_be_pasted(layout, first, last) {
                Kind::Pasted
            } else {
                return None;
            };
            Some((kind, first.range.start..last.range.end))
        })
        .collect()
}

/// Whether a run that no line introduces stands where people paste: beside a link, or under a heading. Not in a text that
/// repeats the post or an earlier comment, and beside a link not in one that quotes in lines of their own: there the writer
/// argues with what is quoted, in the same tone.
fn may_be_pasted(layout: &Layout<'_>, first: &Unit, last: &Unit) -> bool {
    let beside_link = first.before.link || last.behind.link;
    !layout.repeats
        && (introduction::is_heading(layout, first) || (beside_link && !layout.quotes_in_lines))
}
