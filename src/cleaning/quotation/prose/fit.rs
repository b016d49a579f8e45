//! Fits the weights to the marked comments under `corpus/quotations` and, as examples of writers' own words, to those of
//! `corpus/themes`, by the likelihood of their marks.
//!
//! `UNDERTONE_FIT=1 cargo test --release fitted` writes `weights.tsv` anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::super::cleaned::normal;
use super::super::super::words::words;
use super::super::super::{furniture, links};
use super::super::{Thread, prepare};
use super::chain::{Scores, best};
use super::signs::{Reader, SIGNS, STEPS, Sign, Signs};
use super::weights::Weights;
use crate::cleaning::Rules;
use marked::{MarkedThread, threads};

#[path = "../../../../tests/cleaning/marked.rs"]
mod marked;

/// A comment as a chain: the signs of each unit, whether it is somebody else's, and how many words it has.
struct Example {
    thread: String,
    units: Vec<(Signs, bool, usize)>,
    /// Whether the weights are asked at all.
    has_cue: bool,
}

/// Pulls weights towards 0, those of words more than the others.
const L2: f64 = 1.0;
const L2_OF_WORDS: f64 = 2.0;

/// A word must occur in so many comments to have a weight.
const COMMENTS_OF_A_WORD: usize = 5;

const STEPS_OF_DESCENT: usize = 300;

/// Taken off the fitted score of every unit: taking the writer's own words for somebody else's does more harm than the
/// reverse.
const CAUTION: f64 = 0.25;

fn marked_threads() -> Vec<MarkedThread> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/quotations");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the marked comments")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let marked = files
        .iter()
        .flat_map(|file| threads(&std::fs::read_to_string(file).expect("readable")));
    marked.chain(own_threads()).collect()
}

/// Comments of the theme set that nobody pasted: threads of one comment, without a mark.
fn own_threads() -> Vec<MarkedThread> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/themes/comments.jsonl");
    let text = std::fs::read_to_string(file).expect("the comments");
    let comments = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .filter(|comment| comment["split"] == "train")
        .filter(|comment| {
            let register = comment["register"]
                .as_str()
                .unwrap_or_default()
                .to_lowercase();
            !NOT_OWN.iter().any(|kind| register.contains(kind))
        });
    let comments: Vec<(String, String)> = comments
        .map(|comment| {
            let field = |name: &str| comment[name].as_str().expect("a text").to_owned();
            (field("id"), field("text"))
        })
        .collect();
    comments
        .iter()
        .enumerate()
        .map(|(place, (id, text))| {
            let (_, other) = &comments[(place + 1) % comments.len()];
            let page = format!(
                "=== thread {id}\n--- post\n\n--- comment 1\n{}\n",
                in_company(place, text, other)
            );
            threads(&page).remove(0)
        })
        .collect()
}

/// Own words as they mostly stand in threads: many give a source for what they say, answer a quotation, or break lines
/// behind every sentence, and the written comments do so too rarely.
fn in_company(place: usize, text: &str, other: &str) -> String {
    let link = format!("https://www.example.org/news/{place}/what-the-story-is-about");
    let sentence = other
        .split_inclusive(['.', '!', '?'])
        .next()
        .unwrap_or(other)
        .trim();
    let quotation = format!("⟦marks:\u{201c}{sentence}\u{201d}⟧");
    let in_lines = |between: &str| {
        let sentences: Vec<&str> = text
            .split_inclusive(['.', '!', '?'])
            .map(str::trim)
            .collect();
        sentences.join(between)
    };
    match place % 16 {
        1 | 7 => format!("{text}\n\n{link}"),
        3 => format!("{text}\n\n{link}\n\n'Sam"),
        5 => format!("{link}\n\n{text}"),
        9 => format!("{quotation}\n\n{text}"),
        11 => format!("{text}\n\n{quotation}\n\n{link}"),
        // Copies of pages break lines where the writer did, and some writers do so behind every sentence.
        2 => in_lines("\n"),
        6 => format!("{}\n\n{link}\n\n'Sam", in_lines("\n")),
        10 => in_lines("\n\n"),
        14 => format!("{}\n\n{link}", in_lines("\n\n")),
        15 => format!("{}\n\n{quotation}", in_lines("\n\n")),
        _ => text.to_owned(),
    }
}

/// What the registers of comments are called that hold or list somebody else's words.
const NOT_OWN: [&str; 16] = [
    "past",
    "news",
    "notice",
    "quot",
    "extract",
    "announce",
    "hansard",
    "statement",
    "report",
    "bulletin",
    "summary",
    "link",
    "information",
    "figures",
    "statistic",
    "caps",
];

fn examples(threads: &[MarkedThread]) -> (Vec<Example>, BTreeMap<u64, String>) {
    let rules = Rules::default();
    let mut examples = Vec::new();
    // Words by the comments they occur in, so that they can be named.
    let mut spelt: BTreeMap<u64, (String, usize)> = BTreeMap::new();
    for marked in threads {
        let mut thread = Thread::new(&marked.post.id, &marked.post.body);
        for (comment, marks) in marked.post.comments.iter().zip(&marked.marks) {
            let normal = normal(&comment.text, &rules);
            let found = links::find(&normal.text);
            let link_ranges: Vec<_> = found.iter().map(|link| link.range.clone()).collect();
            let furniture: Vec<_> = furniture::find(&normal.text, &found, None)
                .into_iter()
                .map(|finding| finding.range)
                .collect();
            let prepared = prepare(
                &normal.text,
                &rules,
                Some(&thread),
                &link_ranges,
                &furniture,
            );
            let layout = prepared.layout();
            let units = layout.units();
            let reader = Reader::new(&layout);
            let units = units.iter().map(|unit| {
                let words = &layout.words[unit.words.clone()];
                let others = words.iter().filter(|word| {
                    let place = normal.map.to_original(word.range.clone()).start;
                    let covers =
                        |mark: &marked::Mark| mark.is_quotation() && mark.range.contains(&place);
                    marks.iter().any(covers)
                });
                let is_others = others.count() * 2 > words.len();
                (reader.signs(unit), is_others, words.len())
            });
            examples.push(Example {
                thread: marked.post.id.clone(),
                units: units.collect(),
                has_cue: reader.has_cue(),
            });
            let different: BTreeSet<(u64, String)> = words(&normal.text)
                .map(|word| {
                    let spelling = normal.text[word.range].to_lowercase().replace('’', "'");
                    (word.folded, spelling)
                })
                .collect();
            for (folded, word) in different {
                spelt.entry(folded).or_insert((word, 0)).1 += 1;
            }
            thread.add(&comment.id, &normal.text);
        }
    }
    let known = spelt
        .into_iter()
        .filter(|(_, (_, comments))| *comments >= COMMENTS_OF_A_WORD)
        .map(|(folded, (word, _))| (folded, word));
    (examples, known.collect())
}

fn log_sum(a: f64, b: f64) -> f64 {
    let greatest = a.max(b);
    if greatest == f64::NEG_INFINITY {
        return greatest;
    }
    greatest + ((a - greatest).exp() + (b - greatest).exp()).ln()
}

/// For each unit the probability of being somebody else's, of beginning and of ending there (forward-backward).
fn expected(chain: &[Scores]) -> Vec<[f64; 3]> {
    let length = chain.len();
    let mut forward = vec![[0.0, f64::NEG_INFINITY]; length];
    for place in 0..length {
        let unit = chain[place];
        forward[place] = match place.checked_sub(1).map(|last| forward[last]) {
            None => [0.0, unit.others],
            Some([own, others]) => [
                log_sum(own, others + unit.ends),
                unit.others + log_sum(others, own + unit.begins),
            ],
        };
    }
    let mut backward = vec![[0.0, 0.0]; length];
    for place in (0..length.saturating_sub(1)).rev() {
        let next = chain[place + 1];
        let [own, others] = backward[place + 1];
        backward[place] = [
            log_sum(own, next.begins + next.others + others),
            log_sum(next.others + others, next.ends + own),
        ];
    }
    let Some(last) = forward.last() else {
        return Vec::new();
    };
    let total = log_sum(last[0], last[1]);
    (0..length)
        .map(|place| {
            let others = (forward[place][1] + backward[place][1] - total).exp();
            let (begins, ends) = match place.checked_sub(1).map(|last| forward[last]) {
                None => (0.0, 0.0),
                Some([own, before]) => (
                    (own + chain[place].begins + chain[place].others + backward[place][1] - total)
                        .exp(),
                    (before + chain[place].ends + backward[place][0] - total).exp(),
                ),
            };
            [others, begins, ends]
        })
        .collect()
}

/// All weights in one list: signs, words, begins, ends.
struct Parameters {
    words: BTreeMap<u64, usize>,
    values: Vec<f64>,
}

impl Parameters {
    fn new(known: &BTreeMap<u64, String>) -> Self {
        let words: BTreeMap<u64, usize> = known.keys().copied().zip(SIGNS.len()..).collect();
        let count = SIGNS.len() + words.len() + 2 * STEPS.len();
        Self {
            words,
            values: vec![0.0; count],
        }
    }

    fn begins(&self) -> usize {
        SIGNS.len() + self.words.len()
    }

    fn place(&self, sign: &Sign) -> Option<usize> {
        match sign {
            Sign::Named(place) => Some(*place),
            Sign::Word(folded) => self.words.get(folded).copied(),
        }
    }

    fn weights(&self) -> Weights {
        let begins = self.begins();
        Weights {
            signs: self.values[..SIGNS.len()].to_vec(),
            words: self
                .words
                .iter()
                .map(|(folded, place)| (*folded, self.values[*place]))
                .collect(),
            begins: self.values[begins..begins + STEPS.len()].to_vec(),
            ends: self.values[begins + STEPS.len()..].to_vec(),
        }
    }
}

/// Maximises the likelihood of the marks, less the squares of the weights, by Adam (Kingma and Ba 2015) over all
/// examples at once.
fn fit(examples: &[&Example], known: &BTreeMap<u64, String>) -> Parameters {
    let mut parameters = Parameters::new(known);
    let (begins, count) = (parameters.begins(), parameters.values.len());
    let mut first = vec![0.0; count];
    let mut second = vec![0.0; count];
    for round in 1..=STEPS_OF_DESCENT {
        let weights = parameters.weights();
        let mut gradient: Vec<f64> = (0..count)
            .map(|place| {
                let of_word = place >= SIGNS.len() && place < begins;
                -parameters.values[place] * if of_word { L2_OF_WORDS } else { L2 }
            })
            .collect();
        for example in examples.iter().filter(|example| example.has_cue) {
            let chain: Vec<Scores> = example
                .units
                .iter()
                .map(|(signs, _, _)| weights.scores(signs))
                .collect();
            let mut before: Option<bool> = None;
            for ((signs, others, _), [likely, likely_begin, likely_end]) in
                example.units.iter().zip(expected(&chain))
            {
                let surprise = f64::from(u8::from(*others)) - likely;
                for place in signs
                    .of_unit
                    .iter()
                    .filter_map(|sign| parameters.place(sign))
                {
                    gradient[place] += surprise;
                }
                if let Some(before) = before {
                    let begin = f64::from(u8::from(!before && *others)) - likely_begin;
                    let end = f64::from(u8::from(before && !*others)) - likely_end;
                    for step in &signs.of_step {
                        gradient[begins + step] += begin;
                        gradient[begins + STEPS.len() + step] += end;
                    }
                }
                before = Some(*others);
            }
        }
        for place in 0..count {
            first[place] = 0.9 * first[place] + 0.1 * gradient[place];
            second[place] = 0.999 * second[place] + 0.001 * gradient[place] * gradient[place];
            let mean = first[place] / (1.0 - 0.9_f64.powi(round as i32));
            let spread: f64 = second[place] / (1.0 - 0.999_f64.powi(round as i32));
            parameters.values[place] += 0.05 * mean / (spread.sqrt() + 1e-8);
        }
    }
    parameters.values[0] -= CAUTION;
    parameters
}

fn written(parameters: &Parameters, known: &BTreeMap<u64, String>) -> String {
    let weights = parameters.weights();
    let mut lines = Vec::new();
    let mut line = |kind: &str, name: &str, weight: f64| {
        let rounded = format!("{weight:.3}");
        if !matches!(rounded.as_str(), "0.000" | "-0.000") {
            lines.push(format!("{kind}\t{name}\t{rounded}\n"));
        }
    };
    SIGNS
        .iter()
        .zip(&weights.signs)
        .for_each(|(name, weight)| line("sign", name, *weight));
    STEPS
        .iter()
        .zip(&weights.begins)
        .for_each(|(name, weight)| line("begins", name, *weight));
    STEPS
        .iter()
        .zip(&weights.ends)
        .for_each(|(name, weight)| line("ends", name, *weight));
    let mut by_name: Vec<(&String, f64)> = known
        .iter()
        .map(|(folded, name)| (name, weights.words[folded]))
        .collect();
    by_name.sort_by(|a, b| a.0.cmp(b.0));
    // Words that weigh next to nothing are left out: the file is read at every start.
    for (name, weight) in by_name
        .into_iter()
        .filter(|(_, weight)| weight.abs() >= 0.05)
    {
        line("word", name, weight);
    }
    lines.concat()
}

/// Words of the units that are somebody else's: found, missed, and taken wrongly.
fn measure(examples: &[&Example], weights: &Weights) -> [usize; 3] {
    let mut counts = [0; 3];
    for example in examples {
        let chain: Vec<Scores> = example
            .units
            .iter()
            .map(|(signs, _, _)| weights.scores(signs))
            .collect();
        for ((_, others, words), found) in example.units.iter().zip(best(&chain)) {
            match (*others, found && example.has_cue) {
                (true, true) => counts[0] += words,
                (true, false) => counts[1] += words,
                (false, true) => counts[2] += words,
                (false, false) => {}
            }
        }
    }
    counts
}

#[test]
fn threads_left_out_of_fitting_are_told_apart() {
    let threads = marked_threads();
    let (examples, known) = examples(&threads);
    let names: Vec<&String> = examples
        .iter()
        .map(|example| &example.thread)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut sums = [0; 3];
    const FOLDS: usize = 5;
    for fold in 0..FOLDS {
        let held_out = |example: &&Example| {
            names
                .iter()
                .position(|name| **name == example.thread)
                .unwrap_or(0)
                % FOLDS
                == fold
        };
        let (test, train): (Vec<&Example>, Vec<&Example>) = examples.iter().partition(held_out);
        let weights = fit(&train, &known).weights();
        for (sum, count) in sums.iter_mut().zip(measure(&test, &weights)) {
            *sum += count;
        }
    }
    let [found, missed, wrong] = sums.map(|count| count as f64);
    let (precision, recall) = (found / (found + wrong), found / (found + missed));
    eprintln!(
        "{} comments, cross-validated by thread: precision {precision:.3}, recall {recall:.3}",
        examples.len()
    );
    // A little below what was measured: 0.838 and 0.596, on comments that are hard on purpose.
    assert!(precision > 0.8 && recall > 0.55, "{precision} {recall}");
}

#[test]
fn the_weights_are_those_fitted_to_the_marked_comments() {
    let threads = marked_threads();
    let (examples, known) = examples(&threads);
    let parameters = fit(&examples.iter().collect::<Vec<_>>(), &known);
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cleaning/quotation/prose/weights.tsv");
    let fitted = written(&parameters, &known);
    if std::env::var_os("UNDERTONE_FIT").is_some() {
        std::fs::write(&file, &fitted).expect("the file can be written");
        return;
    }
    let (fitted, shipped) = (Weights::parse(&fitted), Weights::shipped());
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.05);
    assert!(
        near(&fitted.signs, &shipped.signs),
        "the weights are not those of the comments; fit them again"
    );
    assert!(near(&fitted.begins, &shipped.begins) && near(&fitted.ends, &shipped.ends));
}
