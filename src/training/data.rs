//! The labelled files of the settings: what is learnt from, what choices are made on, what is tested on.

use std::collections::BTreeMap;
use std::path::Path;

use tokenizers::Tokenizer;

use super::config::{TestConfig, TrainingConfig, TrainingError};
use super::described::DescribedThemes;
use super::examples::{Example, examples};
use super::lots::is_drawn;
use super::train::TrainingPlaces;
use crate::cleaning::Rules;
use crate::hash::{lot, sha256_of_file};
use crate::labelled::{self, Labelled, LabelledError, Split};
use crate::passage::Passage;

/// SHA-256 of the files, by what they are for and their names in the settings: the names belong to different folders.
pub(super) type Hashes = BTreeMap<String, String>;

/// Labelled texts with what the model is given of each.
#[derive(Debug, Clone, Default)]
pub(super) struct LabelledSet {
    pub texts: Vec<Labelled>,
    pub passages: Vec<Passage>,
}

impl LabelledSet {
    /// Those texts of a file that are to be kept; cleaning and answers take account of the others too.
    fn of(file: Vec<Labelled>, keep: impl Fn(&Labelled) -> bool) -> Self {
        let cleaned = labelled::clean(&file, &Rules::default());
        let passages: Vec<Passage> = labelled::passages(&file, &cleaned)
            .map(Passage::into_owned)
            .collect();
        let (texts, passages) = file
            .into_iter()
            .zip(passages)
            .filter(|(text, _)| keep(text))
            .unzip();
        Self { texts, passages }
    }

    fn extend(&mut self, other: Self) {
        self.texts.extend(other.texts);
        self.passages.extend(other.passages);
    }

    /// At most so many: those of the lowest lots.
    pub fn sample(&self, count: usize, seed: u64) -> Self {
        let mut places: Vec<usize> = (0..self.texts.len()).collect();
        places.sort_by_cached_key(|place| lot(seed, &self.texts[*place].text));
        places.truncate(count);
        Self {
            texts: places
                .iter()
                .map(|place| self.texts[*place].clone())
                .collect(),
            passages: places
                .iter()
                .map(|place| self.passages[*place].clone())
                .collect(),
        }
    }
}

/// The texts of one kind, to learn from and to make choices on.
pub(super) struct Texts {
    pub learn: Vec<Example>,
    pub development: LabelledSet,
}

/// SHA-256 of a file, for the manifest.
pub(super) fn hash_of(path: &Path) -> Result<String, TrainingError> {
    let (_, hash) = sha256_of_file(path).map_err(|source| LabelledError::Unreadable {
        file: path.display().to_string(),
        source,
    })?;
    Ok(hash)
}

pub(super) fn unlearnable(path: &Path, problem: &str) -> TrainingError {
    TrainingError::Unlearnable {
        file: path.display().to_string(),
        problem: problem.to_owned(),
    }
}

/// Texts of a file to learn from; None for a text without any token.
fn learnable(
    texts: &[Labelled],
    themes: &[&str],
    described: Option<&DescribedThemes>,
    tokenizer: &Tokenizer,
) -> Result<Vec<Option<Example>>, TrainingError> {
    let cleaned = labelled::clean(texts, &Rules::default());
    let passages: Vec<Passage<&str>> = labelled::passages(texts, &cleaned).collect();
    examples(texts, &passages, themes, described, tokenizer)
}

/// General texts: only their sentiment is learnt, and they answer nothing.
pub(super) fn read_texts(
    config: &TrainingConfig,
    places: &TrainingPlaces,
    tokenizer: &Tokenizer,
    hashes: &mut Hashes,
) -> Result<Texts, TrainingError> {
    let mut read = |file: &str| {
        let path = places.data.join(file);
        hashes.insert(format!("texts/{file}"), hash_of(&path)?);
        let texts: Vec<Labelled> = labelled::read(&path)?
            .texts
            .into_iter()
            .filter(|text| {
                let source = text.source.as_deref().unwrap_or_default();
                text.sentiment.is_some() && !config.data.without.iter().any(|one| one == source)
            })
            .map(|text| Labelled {
                answers: None,
                thread: None,
                ..text
            })
            .collect();
        if texts.is_empty() {
            let problem =
                "no text with a sentiment in it; expected JSON Lines with text, label and source";
            return Err(unlearnable(&path, problem));
        }
        Ok(texts)
    };
    let learn = read(&config.data.texts)?;
    let development = read(&config.data.development)?;
    Ok(Texts {
        learn: learnable(&learn, &[], None, tokenizer)?
            .into_iter()
            .flatten()
            .collect(),
        development: LabelledSet::of(development, |_| true),
    })
}

/// Comments: sentiment, themes and attitudes are learnt.
pub(super) fn read_comments(
    config: &TrainingConfig,
    places: &TrainingPlaces,
    ids: &[&str],
    described: Option<&DescribedThemes>,
    tokenizer: &Tokenizer,
    hashes: &mut Hashes,
) -> Result<Texts, TrainingError> {
    let mut learn = Vec::new();
    let mut development = LabelledSet::default();
    for file in &config.data.comments {
        let path = places.comments.join(file);
        hashes.insert(format!("comments/{file}"), hash_of(&path)?);
        let texts = labelled::read(&path)?.texts;
        let is_known =
            |id: &String| ids.contains(&id.as_str()) || config.data.without_themes.contains(id);
        let unknown = |text: &Labelled| {
            let mut named = text.named_themes();
            named.find(|id| !is_known(id)).cloned()
        };
        if let Some(unknown) = texts.iter().find_map(unknown) {
            let problem = format!(
                "the theme {unknown:?} is not in themes.toml; correct it, or add it there and rebuild"
            );
            return Err(unlearnable(&path, &problem));
        }
        if let Some(described) = described {
            let mut topics = texts.iter().flat_map(|text| text.topics.iter().flatten());
            if let Some(unknown) = topics.find(|id| !described.has_topic(id)) {
                let problem = format!(
                    "the topic {unknown:?} is not in the file of topics; correct it, or add it there"
                );
                return Err(unlearnable(&path, &problem));
            }
        }
        let all = learnable(&texts, ids, described, tokenizer)?;
        for (place, (text, example)) in texts.iter().zip(all).enumerate() {
            let name = text.thread.as_deref().unwrap_or(&text.text);
            if text.split == Some(Split::Train) && is_drawn(config.seed, name, config.data.share) {
                learn.push(example.ok_or_else(|| {
                    let problem = format!("comment {} has no words; remove it", place + 1);
                    unlearnable(&path, &problem)
                })?);
            }
        }
        let of_file = LabelledSet::of(texts, |text| text.split == Some(Split::Development));
        development.extend(of_file);
    }
    let folder = &places.comments;
    if learn.iter().all(|example| example.sentiment.is_none()) {
        let problem = "no comment with \"split\": \"train\" and a sentiment among those of data.share; mark those that training may use";
        return Err(unlearnable(folder, problem));
    }
    let texts = &development.texts;
    if texts.iter().all(|text| text.sentiment.is_none())
        || texts
            .iter()
            .all(|text| text.themes.iter().all(Vec::is_empty))
    {
        let problem = "no comment with \"split\": \"development\" and a sentiment, or none with a theme; mark some threads, a tenth of all, to choose thresholds on";
        return Err(unlearnable(folder, problem));
    }
    Ok(Texts { learn, development })
}

/// The labelled texts that the bundle is measured on at the end.
pub(super) fn read_tests(
    config: &TrainingConfig,
    places: &TrainingPlaces,
    hashes: &mut Hashes,
) -> Result<Vec<(TestConfig, LabelledSet)>, TrainingError> {
    config
        .test
        .iter()
        .map(|test| {
            let among_texts = places.data.join(&test.file);
            let path = if among_texts.exists() {
                among_texts
            } else {
                places.comments.join(&test.file)
            };
            hashes.insert(format!("test/{}", test.file), hash_of(&path)?);
            let set = LabelledSet::of(labelled::read(&path)?.texts, |text| {
                matches!(text.split, None | Some(Split::Heldout))
            });
            if set.texts.is_empty() {
                let problem = "nothing to test on: every entry is marked for training; hold some out, or remove the [[test]]";
                return Err(unlearnable(&path, problem));
            }
            Ok((test.clone(), set))
        })
        .collect()
}
