//! What the comments of a cluster say, as people write it.

use std::collections::{BTreeMap, BTreeSet};

use crate::cleaning::redaction::Personal;
use crate::cleaning::{folded_word, word_ranges};
use crate::comparison::observation::Observation;

/// How many phrases are given.
const MOST: usize = 6;

/// The words of the longest phrase.
const LONGEST: usize = 4;

/// A phrase of fewer comments is somebody's.
const FEWEST_COMMENTS: usize = 3;

/// A phrase of fewer posts is the talk of a thread.
const FEWEST_POSTS: usize = 3;

/// Who uses a phrase.
#[derive(Default)]
struct Use<'a> {
    comments: usize,
    posts: BTreeSet<usize>,
    /// How often it is written in each way.
    ways: BTreeMap<&'a str, usize>,
}

/// Up to six phrases of a cluster: first runs of two to four words that begin and end with a distinctive word and have
/// nothing but spaces between, those of most comments first, then single distinctive words. Each is of at least three
/// comments and three posts, holds no label of redaction, is no part of another, and is written as most comments write it.
pub(super) fn phrases(distinctive: &[&str], comments: &[&Observation<'_>]) -> Vec<String> {
    let telling: BTreeSet<&str> = distinctive.iter().copied().collect();
    let mut uses: BTreeMap<Vec<String>, Use<'_>> = BTreeMap::new();
    for comment in comments {
        let mut own = BTreeSet::new();
        for piece in pieces(comment.text) {
            for (words, written) in runs(piece, &telling) {
                let used = uses.entry(words.clone()).or_default();
                if own.insert(words) {
                    used.comments += 1;
                    used.posts.insert(comment.post);
                    *used.ways.entry(written).or_default() += 1;
                }
            }
        }
    }
    uses.retain(|_, used| used.comments >= FEWEST_COMMENTS && used.posts.len() >= FEWEST_POSTS);
    let rank = |words: &[String]| match words {
        [word] => distinctive.iter().position(|one| one == word),
        _ => None,
    };
    let mut uses: Vec<(Vec<String>, Use<'_>)> = uses.into_iter().collect();
    // Runs have no rank and stand before words, which go by theirs. Among runs of as many comments the longer one says more.
    uses.sort_by_key(|(words, used)| {
        let run = (words.len() > 1).then_some((used.comments, words.len()));
        (rank(words), std::cmp::Reverse(run))
    });
    let mut chosen: Vec<(&[String], String)> = Vec::new();
    for (words, used) in &uses {
        let overlaps = |other: &[String]| holds(other, words) || holds(words, other);
        if chosen.len() == MOST || chosen.iter().any(|(other, _)| overlaps(other)) {
            continue;
        }
        let mut ways: Vec<(&str, usize)> = used.ways.iter().map(|(way, n)| (*way, *n)).collect();
        ways.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if let Some((way, _)) = ways.first() {
            // A line may end within a phrase.
            let written = way.split_whitespace().collect::<Vec<_>>().join(" ");
            chosen.push((words.as_slice(), written));
        }
    }
    chosen.into_iter().map(|(_, written)| written).collect()
}

fn holds(long: &[String], short: &[String]) -> bool {
    long.windows(short.len()).any(|part| part == short)
}

/// A text without its labels of redaction.
fn pieces(text: &str) -> Vec<&str> {
    Personal::ALL.into_iter().fold(vec![text], |pieces, kind| {
        pieces
            .into_iter()
            .flat_map(|piece| piece.split(kind.label()))
            .collect()
    })
}

/// The runs of a piece of text that begin and end with a telling word, folded and as written.
fn runs<'a>(piece: &'a str, telling: &BTreeSet<&str>) -> Vec<(Vec<String>, &'a str)> {
    let ranges: Vec<_> = word_ranges(piece).collect();
    let mut runs = Vec::new();
    for (at, first) in ranges.iter().enumerate() {
        let mut words = Vec::new();
        let mut end = first.start;
        for range in ranges.iter().skip(at).take(LONGEST) {
            let gap = piece.get(end..range.start).unwrap_or_default();
            if !words.is_empty() && !gap.chars().all(char::is_whitespace) {
                break;
            }
            // As lists of distinctive words have it.
            let own = piece.get(range.clone()).unwrap_or_default();
            let word: String = folded_word(own).collect();
            let is_telling = telling.contains(word.as_str());
            if words.is_empty() && !is_telling {
                break;
            }
            end = range.end;
            words.push(word);
            if is_telling && let Some(written) = piece.get(first.start..end) {
                runs.push((words.clone(), written));
            }
        }
    }
    runs
}
