//! Texts with labels, for training and for measuring.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::model::Sentiment;

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
    /// Test material.
    Heldout,
}

/// One labelled text.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The text.
    pub text: String,
    /// Its sentiment; None where the annotators differ, and then it counts neither way.
    pub sentiment: Option<Sentiment>,
    /// Its themes; None where the file says nothing of them, and then they count neither way.
    pub themes: Option<Vec<String>>,
    /// Themes that count neither way.
    pub either_way: Vec<String>,
    /// What it is meant for, where the file says so.
    pub split: Option<Split>,
}

#[derive(Deserialize)]
struct Record {
    text: String,
    #[serde(default)]
    sentiment: Option<Sentiment>,
    #[serde(default)]
    themes: Option<Themes>,
    #[serde(default)]
    either_way: Option<Vec<String>>,
    #[serde(default)]
    split: Option<Split>,
}

/// A list of themes, or an object with themes as keys, whatever it says of each.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "\"themes\" is neither a list of theme ids nor an object with theme ids as keys"
)]
enum Themes {
    List(Vec<String>),
    Keys(BTreeMap<String, IgnoredAny>),
}

impl From<Record> for Labelled {
    fn from(record: Record) -> Self {
        Self {
            text: record.text,
            sentiment: record.sentiment,
            themes: record.themes.map(|themes| match themes {
                Themes::List(list) => list,
                Themes::Keys(map) => map.into_keys().collect(),
            }),
            either_way: record.either_way.unwrap_or_default(),
            split: record.split,
        }
    }
}

/// The texts of a labelled file.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledFile {
    /// In the order of the file.
    pub texts: Vec<Labelled>,
    /// Whether they are the comments of one thread, each after those it may answer.
    pub is_thread: bool,
}

/// Reads a labelled file: one JSON object with a list `comments`, which is a thread, or JSON Lines with an object a line.
///
/// # Errors
/// The file cannot be read, is empty, or a record is malformed; the message names file, place and remedy.
pub fn read(path: &Path) -> Result<LabelledFile, LabelledError> {
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
    let is_thread = whole.is_some();
    let texts = if let Some(entries) = whole {
        entries
            .into_iter()
            .enumerate()
            .map(|(number, entry)| {
                serde_json::from_value::<Record>(entry)
                    .map(Labelled::from)
                    .map_err(|error| malformed(format!("comment {}", number + 1), error))
            })
            .collect::<Result<Vec<_>, _>>()?
    } else {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(number, line)| {
                serde_json::from_str::<Record>(line)
                    .map(Labelled::from)
                    .map_err(|error| malformed(format!("line {}", number + 1), error))
            })
            .collect::<Result<Vec<_>, _>>()?
    };
    if texts.is_empty() {
        return Err(LabelledError::Empty { file });
    }
    Ok(LabelledFile { texts, is_thread })
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
        let read_lines = read(lines.path()).expect("valid").texts;
        assert_eq!(read_lines[0].sentiment, Some(Sentiment::Positive));
        assert_eq!(
            read_lines[0].themes,
            Some(vec!["pay".to_owned(), "unions".to_owned()])
        );
        assert_eq!(read_lines[0].split, Some(Split::Train));
        assert_eq!(
            (read_lines[1].sentiment, &read_lines[1].either_way[..]),
            (None, &["pay".to_owned()][..])
        );

        let whole = file(
            "{\"file\":\"x\",\"comments\":[{\"id\":\"1\",\"text\":\"a\",\"sentiment\":\"neutral\",\"themes\":[\"pay\"]}]}",
        );
        let read_whole = read(whole.path()).expect("valid");
        assert!(read_whole.is_thread);
        assert_eq!(read_whole.texts[0].themes, Some(vec!["pay".to_owned()]));
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
    fn what_is_not_labelled_counts_neither_way() {
        let lines = "\u{feff}{\"text\":\"a\"}\n{\"text\":\"b\",\"themes\":null,\"either_way\":null}\n{\"text\":\"c\",\"themes\":{\"pay\":1}}";
        let read = read(file(lines).path()).expect("valid").texts;
        assert_eq!((&read[0].themes, &read[1].themes), (&None, &None));
        assert_eq!(read[2].themes, Some(vec!["pay".to_owned()]));
    }
}
