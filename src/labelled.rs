//! Texts with labels, for training and for measuring.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::cleaning::{Cleaned, Rules, clean_comments};
use crate::model::Sentiment;
use crate::passage::Passage;

/// Why a labelled file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabelledError {
    /// The file cannot be read.
    #[error("{file}: cannot be read ({source}); check the path")]
    Unreadable {
        /// The file's path.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A record has not the form of a labelled text.
    #[error(
        "{file}, {place}: {problem}; a labelled text looks like {{\"text\": \"…\", \"sentiment\": \"negative\", \"themes\": [\"workload\"]}}"
    )]
    Record {
        /// The file's path.
        file: String,
        /// The line or the entry.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// There is nothing in the file.
    #[error(
        "{file}: no labelled text in it; expected JSON Lines, or one JSON object with a list \"comments\""
    )]
    Empty {
        /// The file's path.
        file: String,
    },
}

/// What labelled texts are meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// A model may learn from it.
    Train,
    /// For choices made after training: calibration and thresholds.
    Development,
    /// Test material.
    Heldout,
}

/// One labelled text.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The text.
    pub text: String,
    /// The place in the file of the text that it answers.
    pub answers: Option<usize>,
    /// The thread it belongs to, if any; all texts of a file that is a thread have the same.
    pub thread: Option<String>,
    /// Where it comes from, where the file says so.
    pub source: Option<String>,
    /// Its sentiment; None where the annotators differ, and then it counts neither way.
    pub sentiment: Option<Sentiment>,
    /// Its themes; None where the file says nothing of them, and then they count neither way.
    pub themes: Option<Vec<String>>,
    /// The attitude it takes to its themes, where the annotators agree on one.
    pub attitudes: BTreeMap<String, Sentiment>,
    /// Themes that count neither way.
    pub either_way: Vec<String>,
    /// What it is meant for, where the file says so.
    pub split: Option<Split>,
}

impl Labelled {
    /// Whether the text has a theme by its label; None where it counts neither way.
    pub fn has_theme(&self, id: &str) -> Option<bool> {
        let has = |list: &[String]| list.iter().any(|theme| theme == id);
        let themes = self.themes.as_ref().filter(|_| !has(&self.either_way));
        themes.map(|themes| has(themes))
    }
}

#[derive(Deserialize)]
struct Record {
    text: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    thread: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default, alias = "label")]
    sentiment: Option<Sentiment>,
    #[serde(default)]
    themes: Option<Themes>,
    #[serde(default)]
    either_way: Option<Vec<String>>,
    #[serde(default)]
    split: Option<Split>,
}

/// A list of themes, or an object with themes as keys and the attitude to each, where there is one.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "\"themes\" is neither a list of theme ids nor an object with theme ids as keys and negative, neutral, positive or null as values"
)]
enum Themes {
    List(Vec<String>),
    Attitudes(BTreeMap<String, Option<Sentiment>>),
}

/// Texts from records: what they answer is found by id.
fn resolve(records: Vec<Record>) -> Vec<Labelled> {
    let places: BTreeMap<String, usize> = records
        .iter()
        .enumerate()
        .filter_map(|(place, record)| Some((record.id.clone()?, place)))
        .collect();
    records
        .into_iter()
        .map(|record| {
            let (themes, attitudes) = match record.themes {
                None => (None, BTreeMap::new()),
                Some(Themes::List(list)) => (Some(list), BTreeMap::new()),
                Some(Themes::Attitudes(map)) => {
                    let known = map
                        .iter()
                        .filter_map(|(id, attitude)| Some((id.clone(), (*attitude)?)));
                    let known = known.collect();
                    (Some(map.into_keys().collect()), known)
                }
            };
            Labelled {
                answers: record
                    .parent
                    .and_then(|parent| places.get(&parent).copied()),
                text: record.text,
                thread: record.thread,
                source: record.source,
                sentiment: record.sentiment,
                themes,
                attitudes,
                either_way: record.either_way.unwrap_or_default(),
                split: record.split,
            }
        })
        .collect()
}

/// Cleans labelled texts: those of one thread, which follow each other, in the light of each other.
pub fn clean(texts: &[Labelled], rules: &Rules) -> Vec<Cleaned> {
    texts
        .chunk_by(|one, next| one.thread.is_some() && one.thread == next.thread)
        .flat_map(|thread| clean_comments(thread.iter().map(|text| text.text.as_str()), rules))
        .collect()
}

/// Labelled texts as the model is given them, each beside what it answers; `cleaned` is what [`clean`] made of them.
pub fn passages<'t>(
    texts: &'t [Labelled],
    cleaned: &'t [Cleaned],
) -> impl Iterator<Item = Passage<&'t str>> + Send {
    texts.iter().zip(cleaned).map(|(text, clean)| {
        let answered = text.answers.map(|place| &cleaned[place].passage);
        clean.passage.answering(answered)
    })
}

/// Reads a labelled file: one JSON object with a list `comments`, which is a thread, or JSON Lines with an object a line.
/// The texts come in the order of the file.
///
/// # Errors
/// The file cannot be read, is empty, or a record is malformed; the message names file, place and remedy.
pub fn read(path: &Path) -> Result<Vec<Labelled>, LabelledError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| LabelledError::Unreadable {
        file: file.clone(),
        source,
    })?;
    let malformed = |place: String, error: serde_json::Error| LabelledError::Record {
        file: file.clone(),
        place,
        problem: json_problem(&error),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // JSON Lines have a whole value on their first line; one object over several lines has not.
    let first_line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let whole: Option<Vec<Value>> = match serde_json::from_str::<Value>(text) {
        Ok(mut value) => value
            .get_mut("comments")
            .and_then(|entries| serde_json::from_value(entries.take()).ok()),
        Err(error)
            if serde_json::from_str::<Value>(first_line).is_err() && !first_line.is_empty() =>
        {
            let place = format!("line {}", error.line());
            return Err(malformed(place, error));
        }
        Err(_) => None,
    };
    let records = if let Some(entries) = whole {
        entries
            .into_iter()
            .enumerate()
            .map(|(number, entry)| {
                serde_json::from_value::<Record>(entry)
                    .map(|record| Record {
                        thread: Some(String::new()),
                        ..record
                    })
                    .map_err(|error| malformed(format!("comment {}", number + 1), error))
            })
            .collect::<Result<Vec<_>, _>>()?
    } else {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(number, line)| {
                serde_json::from_str::<Record>(line)
                    .map_err(|error| malformed(format!("line {}", number + 1), error))
            })
            .collect::<Result<Vec<_>, _>>()?
    };
    if records.is_empty() {
        return Err(LabelledError::Empty { file });
    }
    Ok(resolve(records))
}

/// What a JSON error says without its position, which is that in a line or value and not in the file.
pub(crate) fn json_problem(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::{Sentiment, Split, read};

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), text).expect("it can be written");
        file
    }

    #[test]
    fn both_forms_are_read() {
        let lines = file(
            "{\"text\":\"a\",\"sentiment\":\"positive\",\"themes\":{\"pay\":\"negative\",\"unions\":null},\"split\":\"train\"}\n\n{\"text\":\"b\",\"sentiment\":null,\"themes\":{},\"either_way\":[\"pay\"]}\n",
        );
        let read_lines = read(lines.path()).expect("valid");
        assert_eq!(read_lines[0].sentiment, Some(Sentiment::Positive));
        assert_eq!(
            read_lines[0].themes,
            Some(vec!["pay".to_owned(), "unions".to_owned()])
        );
        assert_eq!(read_lines[0].split, Some(Split::Train));
        assert_eq!(
            read_lines[0].attitudes.iter().collect::<Vec<_>>(),
            [(&"pay".to_owned(), &Sentiment::Negative)]
        );
        assert_eq!(
            (read_lines[1].sentiment, &read_lines[1].either_way[..]),
            (None, &["pay".to_owned()][..])
        );

        let whole = file(
            "{\"file\":\"x\",\"comments\":[{\"id\":\"1\",\"text\":\"a\",\"sentiment\":\"neutral\",\"themes\":[\"pay\"]}]}",
        );
        let read_whole = read(whole.path()).expect("valid");
        assert!(read_whole[0].thread.is_some());
        assert_eq!(read_whole[0].themes, Some(vec!["pay".to_owned()]));
    }

    #[test]
    fn a_malformed_record_is_named() {
        let message = read(file("{\"text\":\"a\"}\n{\"text\":3}\n").path())
            .expect_err("malformed")
            .to_string();
        assert!(
            message.contains(", line 2: ") && message.contains("looks like"),
            "{message}"
        );
        let message = read(file("{\"text\":\"a\",\"sentiment\":\"cross\"}").path())
            .expect_err("malformed")
            .to_string();
        assert!(message.contains("cross"), "{message}");
        assert!(read(file(" \n").path()).is_err());
        let cut = read(file("{\n \"comments\": [\n  {\"text\": \"a\"},\n").path());
        let message = cut.expect_err("malformed").to_string();
        assert!(message.contains(", line 4: "), "{message}");
    }

    #[test]
    fn an_answer_knows_what_it_answers() {
        let lines = "{\"id\":\"a\",\"text\":\"a\",\"label\":\"neutral\"}\n{\"id\":\"b\",\"parent\":\"a\",\"text\":\"b\"}\n{\"parent\":\"x\",\"text\":\"c\"}";
        let read = read(file(lines).path()).expect("valid");
        assert_eq!(read[0].sentiment, Some(Sentiment::Neutral));
        let answers: Vec<Option<usize>> = read.iter().map(|text| text.answers).collect();
        assert_eq!(answers, [None, Some(0), None]);
    }

    #[test]
    fn what_is_not_labelled_counts_neither_way() {
        let lines = "\u{feff}{\"text\":\"a\"}\n{\"text\":\"b\",\"themes\":null,\"either_way\":null}\n{\"text\":\"c\",\"themes\":{\"pay\":\"neutral\"}}";
        let read = read(file(lines).path()).expect("valid");
        assert_eq!((&read[0].themes, &read[1].themes), (&None, &None));
        assert_eq!(read[2].themes, Some(vec!["pay".to_owned()]));
    }
}
