//! Reads the training texts and makes the random choices, all from the seed.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::config::TrainingError;
use crate::hash::sha256_of_file;
use crate::labelled::LabelledError;
use crate::model::Sentiment;

/// A text of the general sentiment data.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RatedText {
    pub text: String,
    pub label: Sentiment,
    pub source: String,
}

/// Reads JSON Lines of rated texts.
pub(super) fn rated_texts(path: &Path) -> Result<Vec<RatedText>, TrainingError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| LabelledError::Unreadable {
        file: file.clone(),
        source,
    })?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|error| {
                LabelledError::Record {
                    file: file.clone(),
                    place: format!("line {}", number + 1),
                    problem: error.to_string(),
                }
                .into()
            })
        })
        .collect()
}

/// At most `limit` texts of each source, chosen by the seed, in the order of the file.
pub(super) fn draw(texts: Vec<RatedText>, limit: usize, seed: u64) -> Vec<RatedText> {
    let mut by_source: BTreeMap<String, Vec<(u64, usize)>> = BTreeMap::new();
    for (index, text) in texts.iter().enumerate() {
        by_source
            .entry(text.source.clone())
            .or_default()
            .push((lot(seed, index), index));
    }
    let mut chosen = vec![false; texts.len()];
    for lots in by_source.values_mut() {
        lots.sort_unstable();
        for (_, index) in lots.iter().take(limit) {
            chosen[*index] = true;
        }
    }
    texts
        .into_iter()
        .zip(chosen)
        .filter_map(|(text, chosen)| chosen.then_some(text))
        .collect()
}

/// The fold of each of `count` examples.
pub(super) fn folds(count: usize, folds: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<(u64, usize)> = (0..count).map(|index| (lot(seed, index), index)).collect();
    order.sort_unstable();
    let mut fold_of = vec![0; count];
    for (place, (_, index)) in order.into_iter().enumerate() {
        fold_of[index] = place % folds;
    }
    fold_of
}

/// A number that looks random and depends on seed and index alone: a hash, so that no generator's version matters.
fn lot(seed: u64, index: usize) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_le_bytes());
    hasher.update((index as u64).to_le_bytes());
    let digest = hasher.finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// SHA-256 of a file, for the manifest.
pub(super) fn hash_of(path: &Path) -> Result<String, TrainingError> {
    let (_, hash) = sha256_of_file(path).map_err(|source| LabelledError::Unreadable {
        file: path.display().to_string(),
        source,
    })?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::{RatedText, draw, folds};
    use crate::model::Sentiment;

    #[test]
    fn a_draw_takes_at_most_the_limit_of_each_source_and_repeats_itself() {
        let texts: Vec<RatedText> = (0..50)
            .map(|n| RatedText {
                text: n.to_string(),
                label: Sentiment::Neutral,
                source: if n < 5 { "few" } else { "many" }.to_owned(),
            })
            .collect();
        let names = |seed| {
            draw(texts.clone(), 10, seed)
                .into_iter()
                .map(|t| t.text)
                .collect::<Vec<_>>()
        };
        let drawn = names(1);
        assert_eq!(drawn.len(), 15);
        assert_eq!(drawn[..5], ["0", "1", "2", "3", "4"]);
        assert_eq!(drawn, names(1));
        assert_ne!(drawn, names(2));
    }

    #[test]
    fn folds_differ_in_size_by_one_at_most() {
        let fold_of = folds(103, 5, 7);
        let mut sizes: Vec<usize> = (0..5)
            .map(|f| fold_of.iter().filter(|g| **g == f).count())
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [20, 20, 21, 21, 21]);
    }
}
