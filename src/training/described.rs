//! Themes as texts: what the describer learns to make heads from.

use std::collections::BTreeSet;
use std::path::Path;

use rand_chacha::rand_core::RngCore;
use serde::Deserialize;
use tokenizers::Tokenizer;

use super::config::{DescribedConfig, TrainingError};
use super::data::unlearnable;
use super::examples::Example;
use super::lots::{is_drawn, shuffle};
use crate::inference::Windower;
use crate::labelled::Labelled;
use crate::passage::Passage;
use crate::themes::{Taxonomy, Theme};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicsFile {
    topic: Vec<Topic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topic {
    id: String,
    title: String,
    description: String,
    phrases: Vec<String>,
    within: Vec<String>,
}

/// One theme or topic.
struct Described {
    /// Whether it is a topic, and not a theme of the taxonomy.
    is_topic: bool,
    theme: Theme,
    /// Whether it is learnt; the others are calibrated on, beside the themes.
    is_learnt: bool,
    /// Its text, put in several ways.
    variants: Vec<Example>,
}

/// All themes and topics, in the order of an example's labels.
pub(super) struct DescribedThemes {
    all: Vec<Described>,
    /// The ids of all topics of the file.
    topics: BTreeSet<String>,
    at_once: usize,
}

impl DescribedThemes {
    /// Reads the topics and puts them beside the themes of the taxonomy, without those that are left out. Topics within a
    /// theme that is left out are left out too.
    ///
    /// # Errors
    /// The file is unreadable or malformed, names a topic twice or a theme that the taxonomy does not have, or leaves no
    /// topic to calibrate on.
    pub fn read(
        config: &DescribedConfig,
        path: &Path,
        taxonomy: &Taxonomy,
        without: &[String],
        seed: u64,
        tokenizer: &Tokenizer,
    ) -> Result<Self, TrainingError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| unlearnable(path, &format!("cannot be read ({error})")))?;
        let file: TopicsFile =
            toml::from_str(&text).map_err(|error| unlearnable(path, &error.to_string()))?;
        let mut ids = BTreeSet::new();
        for topic in &file.topic {
            if !ids.insert(topic.id.clone()) {
                let problem = format!("the topic {:?} is there twice; rename one", topic.id);
                return Err(unlearnable(path, &problem));
            }
            let mut within = topic.within.iter();
            if let Some(unknown) = within.find(|id| !taxonomy.has(id)) {
                let problem = format!(
                    "the topic {:?} lies within {unknown:?}, which is no theme of themes.toml; correct it",
                    topic.id
                );
                return Err(unlearnable(path, &problem));
            }
        }
        let windower = Windower::new(tokenizer.clone())?;
        let kept = taxonomy.clone().without(without);
        let themes = kept.themes().iter();
        let themes = themes.map(|theme| (theme.clone(), false, true));
        let topics = file
            .topic
            .into_iter()
            .filter(|topic| !topic.within.iter().any(|theme| without.contains(theme)))
            .map(|topic| {
                let is_learnt = !is_drawn(seed, &topic.id, config.held);
                let theme = Theme {
                    id: topic.id,
                    title: topic.title,
                    description: topic.description,
                    phrases: topic.phrases,
                    threshold: None,
                };
                (theme, true, is_learnt)
            });
        let all = themes
            .chain(topics)
            .map(|(theme, is_topic, is_learnt)| {
                let variants = variants(&theme)
                    .iter()
                    .map(|text| {
                        let windows = windower.windows(&Passage::whole(text.as_str()))?;
                        Ok(Example::of_text(windows, text))
                    })
                    .collect::<Result<Vec<_>, TrainingError>>()?;
                Ok(Described {
                    is_topic,
                    theme,
                    is_learnt,
                    variants,
                })
            })
            .collect::<Result<Vec<_>, TrainingError>>()?;
        if !all.iter().any(|one| one.is_topic && !one.is_learnt) {
            let problem = "described.held leaves no topic to calibrate on; give more";
            return Err(unlearnable(path, problem));
        }
        Ok(Self {
            all,
            topics: ids,
            at_once: config.at_once,
        })
    }

    /// Whether a comment has each of them by its labels; None where that counts neither way.
    pub fn labels(&self, text: &Labelled) -> Vec<Option<bool>> {
        let has = |one: &Described| {
            if one.is_topic {
                let topics = text.topics.as_ref()?;
                Some(topics.contains(&one.theme.id))
            } else {
                text.has_theme(&one.theme.id)
            }
        };
        self.all.iter().map(has).collect()
    }

    /// Whether the file has a topic, left out or not.
    pub fn has_topic(&self, id: &str) -> bool {
        self.topics.contains(id)
    }

    /// Places of the topics that are not learnt.
    pub fn held(&self) -> Vec<usize> {
        let places = 0..self.all.len();
        places.filter(|place| !self.all[*place].is_learnt).collect()
    }

    /// The text of one, as scoring puts it.
    pub fn text(&self, place: usize) -> String {
        self.all[place].theme.as_text()
    }

    /// Which to compare examples with, and in which words: half of them such as an example has, the others drawn from all
    /// that are learnt.
    pub fn choose(
        &self,
        examples: &[&Example],
        generator: &mut impl RngCore,
    ) -> Vec<(usize, &Example)> {
        let learnt = |place: &usize| self.all[*place].is_learnt;
        let is_had = |place: &usize| {
            let mut labels = examples
                .iter()
                .filter_map(|example| example.described.get(*place));
            labels.any(|label| *label == Some(true))
        };
        let (mut had, mut others): (Vec<usize>, Vec<usize>) =
            (0..self.all.len()).filter(learnt).partition(is_had);
        shuffle(&mut had, generator);
        let left = had.split_off(had.len().min(self.at_once.div_ceil(2)));
        others.extend(left);
        others.sort_unstable();
        shuffle(&mut others, generator);
        others.truncate(self.at_once.saturating_sub(had.len()));
        had.extend(others);
        had.into_iter()
            .map(|place| {
                let variants = &self.all[place].variants;
                let variant = generator.next_u64() % variants.len() as u64;
                (place, &variants[variant as usize])
            })
            .collect()
    }
}

/// A theme's text in full, as scoring has it, and with parts left out: users write much or little.
fn variants(theme: &Theme) -> Vec<String> {
    let with = |phrases: &[String]| {
        let shorter = Theme {
            phrases: phrases.to_vec(),
            ..theme.clone()
        };
        shorter.as_text()
    };
    let (first, second) = theme.phrases.split_at(theme.phrases.len() / 2);
    let title_alone = Theme {
        description: theme.phrases.join(", "),
        phrases: Vec::new(),
        ..theme.clone()
    };
    vec![
        theme.as_text(),
        with(&[]),
        with(first),
        with(second),
        title_alone.as_text(),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::DescribedThemes;
    use crate::labelled;
    use crate::model::load_tokenizer;
    use crate::themes::Taxonomy;
    use crate::training::config::{DescribedConfig, TrainingError};

    const TOPICS: &str = "\
[[topic]]
id = \"alder\"
title = \"Alders\"
description = \"Trees by the water.\"
phrases = []
within = []

[[topic]]
id = \"ballots\"
title = \"Ballots\"
description = \"Votes of a union.\"
phrases = []
within = [\"unions\"]
";

    fn read(topics: &str, without: &[&str]) -> Result<DescribedThemes, TrainingError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tokenizer = load_tokenizer(&folder.join("models/standard/tokenizer.json"));
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), topics).expect("writable");
        let config = DescribedConfig {
            topics: String::new(),
            held: 1.0,
            at_once: 1,
        };
        let without: Vec<String> = without.iter().map(|id| (*id).to_owned()).collect();
        DescribedThemes::read(
            &config,
            file.path(),
            &Taxonomy::shipped().expect("the shipped taxonomy"),
            &without,
            1,
            &tokenizer.expect("a tokenizer"),
        )
    }

    #[test]
    fn a_theme_that_is_left_out_takes_its_topics_with_it() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let line = r#"{"text":"They vote.","themes":["unions"],"topics":["ballots","alder"]}"#;
        std::fs::write(file.path(), line).expect("writable");
        let text = &labelled::read(file.path()).expect("valid").texts[0];
        let had = |described: &DescribedThemes| {
            let labels = described.labels(text);
            let had = labels.iter().filter(|label| **label == Some(true)).count();
            (labels.len(), had)
        };
        let all = read(TOPICS, &[]).expect("valid");
        assert_eq!(had(&all), (17 + 2, 3));
        let some = read(TOPICS, &["unions"]).expect("valid");
        assert_eq!(had(&some), (16 + 1, 1));
        // Comments may go on naming it.
        assert!(some.has_topic("ballots"));
        assert_eq!(some.held(), [16]);
        assert!(some.text(16).starts_with("Alders."));
    }

    #[test]
    fn topics_that_are_mistaken_are_named() {
        let refused = |topics: &str| {
            let error = read(topics, &[]).map(|_| ());
            error.expect_err("it should be refused").to_string()
        };
        let unknown = refused(&TOPICS.replace("\"unions\"", "\"unoins\""));
        assert!(
            unknown.contains("\"ballots\" lies within \"unoins\""),
            "{unknown}"
        );
        let twice = refused(&TOPICS.replace("\"ballots\"", "\"alder\""));
        assert!(twice.contains("\"alder\" is there twice"), "{twice}");
    }
}
