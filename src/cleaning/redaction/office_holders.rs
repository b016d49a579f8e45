//! Whose names may stand: `office-holders.toml`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::tokens::tokens;

/// The list that ships with the program, the text of `office-holders.toml` at the root of the repository.
const SHIPPED: &str = include_str!("../../../office-holders.toml");

/// Why a list of office-holders was refused.
#[derive(Debug, thiserror::Error)]
pub enum OfficeHoldersError {
    /// The file cannot be read.
    #[error(
        "{file}: cannot be read ({source}); give another file, or none to use the list built in"
    )]
    Unreadable {
        /// The file's path.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no valid TOML, or a field is missing, misspelt or of the wrong type.
    #[error("{file}: {message}")]
    Syntax {
        /// The file's path.
        file: String,
        /// The parser's message, which shows the line.
        message: String,
    },
    /// A rule of the list is broken.
    #[error("{file}, line {line}: {problem}; {remedy}")]
    Rule {
        /// The file's path.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    not_persons: Vec<Spanned<String>>,
    #[serde(default)]
    holder: Vec<RawHolder>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHolder {
    name: Spanned<String>,
    office: Spanned<String>,
    #[serde(default)]
    also: Vec<Spanned<String>>,
    #[serde(default = "yes")]
    surname_alone: bool,
}

fn yes() -> bool {
    true
}

/// One person of the list.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    /// First word of the name, in small letters.
    pub(super) given: String,
    /// Last word of the name, in small letters.
    pub(super) surname: String,
    pub(super) surname_alone: bool,
    /// The name and its further forms of at least two words, as words in small letters.
    pub(super) forms: Vec<Vec<String>>,
    /// Further forms of one word, in small letters.
    pub(super) by_names: Vec<String>,
}

/// The persons whose names may stand in what is published, and the phrases that are no person's name.
#[derive(Debug, Clone)]
pub struct OfficeHolders {
    pub(super) holders: Vec<Holder>,
    pub(super) not_persons: Vec<Vec<String>>,
}

impl OfficeHolders {
    /// Reads a list from a file of the form of `office-holders.toml`.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, or breaks a rule; the message names file, line and remedy.
    pub fn from_file(path: &Path) -> Result<Self, OfficeHoldersError> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| OfficeHoldersError::Unreadable {
                file: name.clone(),
                source,
            })?;
        Self::parse(&name, &text)
    }

    /// The list built into the program.
    ///
    /// # Errors
    /// None in practice: a test reads the shipped file.
    pub fn shipped() -> Result<Self, OfficeHoldersError> {
        Self::parse("office-holders.toml (built in)", SHIPPED)
    }

    /// Reads a list from text; `file` names it in messages. A list without persons is valid: every name is then
    /// replaced.
    ///
    /// # Errors
    /// As [`OfficeHolders::from_file`].
    pub fn parse(file: &str, text: &str) -> Result<Self, OfficeHoldersError> {
        let raw: RawFile = toml::from_str(text).map_err(|error| OfficeHoldersError::Syntax {
            file: file.to_owned(),
            message: error.to_string(),
        })?;
        let line_of = |at: usize| 1 + text[..at].bytes().filter(|byte| *byte == b'\n').count();
        let broken = |at: usize, problem: String, remedy: &'static str| OfficeHoldersError::Rule {
            file: file.to_owned(),
            line: line_of(at),
            problem,
            remedy,
        };

        let mut not_persons = Vec::with_capacity(raw.not_persons.len());
        for phrase in &raw.not_persons {
            let words = words(phrase.get_ref());
            if words.is_empty() {
                return Err(broken(
                    phrase.span().start,
                    "`not_persons` has an entry without words".to_owned(),
                    "write the phrase or remove the empty quotation marks",
                ));
            }
            not_persons.push(words);
        }

        let mut first_line: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut holders = Vec::with_capacity(raw.holder.len());
        for holder in raw.holder {
            let at = holder.name.span().start;
            let name = words(holder.name.get_ref());
            let (Some(given), Some(surname), true) = (name.first(), name.last(), name.len() > 1)
            else {
                return Err(broken(
                    at,
                    format!(
                        "the name {:?} has fewer than two words",
                        holder.name.get_ref()
                    ),
                    "write given name and surname; forms of one word go into `also`",
                ));
            };
            if holder.office.get_ref().trim().is_empty() {
                return Err(broken(
                    holder.office.span().start,
                    format!("the office of {:?} is empty", holder.name.get_ref()),
                    "write which office it is: the list is for holders of public office",
                ));
            }
            if let Some(earlier) = first_line.insert(name.clone(), line_of(at)) {
                return Err(broken(
                    at,
                    format!(
                        "{:?} stands on line {earlier} already",
                        holder.name.get_ref()
                    ),
                    "remove one of the two blocks",
                ));
            }
            let (given, surname) = (given.clone(), surname.clone());
            let mut forms = vec![name];
            let mut by_names = Vec::new();
            for form in &holder.also {
                let mut words = words(form.get_ref());
                match (words.len(), words.pop()) {
                    (1, Some(word)) => by_names.push(word),
                    (_, Some(word)) => {
                        words.push(word);
                        forms.push(words);
                    }
                    (_, None) => {
                        return Err(broken(
                            form.span().start,
                            format!("{:?} has an empty form in `also`", holder.name.get_ref()),
                            "write the form or remove the empty quotation marks",
                        ));
                    }
                }
            }
            holders.push(Holder {
                given,
                surname,
                surname_alone: holder.surname_alone,
                forms,
                by_names,
            });
        }
        Ok(Self {
            holders,
            not_persons,
        })
    }
}

/// The words of an entry, as texts are split.
fn words(entry: &str) -> Vec<String> {
    tokens(entry)
        .into_iter()
        .map(|token| token.lower)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Phrases of several words, found by their first word.
#[derive(Debug, Default)]
pub(super) struct Phrases {
    by_first: HashMap<String, Vec<Phrase>>,
}

#[derive(Debug)]
struct Phrase {
    words: Vec<String>,
    /// Whose name it is, as an index into the list; none for phrases that are no person's name.
    holder: Option<usize>,
}

impl Phrases {
    pub(super) fn insert(&mut self, words: Vec<String>, holder: Option<usize>) {
        if let Some(first) = words.first() {
            self.by_first
                .entry(first.clone())
                .or_default()
                .push(Phrase { words, holder });
        }
    }

    /// The longest phrase that `word(0)`, `word(1)` … begin with: its length in words, and whose name it is.
    pub(super) fn longest<'t>(
        &self,
        word: impl Fn(usize) -> Option<&'t str>,
    ) -> Option<(usize, Option<usize>)> {
        self.by_first
            .get(word(0)?)?
            .iter()
            .filter(|phrase| {
                phrase
                    .words
                    .iter()
                    .enumerate()
                    .all(|(index, expected)| word(index) == Some(expected.as_str()))
            })
            .max_by_key(|phrase| (phrase.words.len(), phrase.holder))
            .map(|phrase| (phrase.words.len(), phrase.holder))
    }
}

#[cfg(test)]
mod tests {
    use super::{OfficeHolders, OfficeHoldersError};

    fn refused(text: &str) -> String {
        OfficeHolders::parse("mine.toml", text)
            .expect_err("the file should be refused")
            .to_string()
    }

    const GOOD: &str = "[[holder]]\nname = \"Ada Ahrens\"\noffice = \"Mayor\"\n";

    #[test]
    fn the_shipped_list_is_valid_and_has_the_justice_secretaries() {
        let list = OfficeHolders::shipped().expect("the shipped file is valid");
        for surname in [
            "clarke",
            "grayling",
            "gove",
            "truss",
            "lidington",
            "gauke",
            "buckland",
            "raab",
            "lewis",
            "chalk",
            "mahmood",
            "lammy",
        ] {
            assert!(
                list.holders.iter().any(|holder| holder.surname == surname),
                "{surname}"
            );
        }
    }

    #[test]
    fn a_name_of_one_word_is_refused_with_its_line_and_a_remedy() {
        let message = refused("\n[[holder]]\nname = \"Ada\"\noffice = \"Mayor\"\n");
        assert!(
            message.starts_with("mine.toml, line 3: the name \"Ada\" has fewer than two words"),
            "{message}"
        );
        assert!(message.contains("go into `also`"), "{message}");
    }

    #[test]
    fn empty_entries_are_refused_with_their_line() {
        for (text, line) in [
            ("not_persons = [\"Acme\",\n\" \"]\n", 2),
            ("[[holder]]\nname = \"\"\noffice = \"Mayor\"\n", 2),
            ("[[holder]]\nname = \"Ada Ahrens\"\noffice = \"\"\n", 3),
            (
                "[[holder]]\nname = \"Ada Ahrens\"\noffice = \"Mayor\"\nalso = [\"\"]\n",
                4,
            ),
        ] {
            let message = refused(text);
            assert!(
                message.starts_with(&format!("mine.toml, line {line}: ")),
                "{message}"
            );
        }
    }

    #[test]
    fn a_second_block_for_a_person_names_both_lines() {
        let message = refused(&format!("{GOOD}\n{GOOD}"));
        assert!(
            message.starts_with("mine.toml, line 6: \"Ada Ahrens\" stands on line 2 already"),
            "{message}"
        );
    }

    #[test]
    fn malformed_files_are_shown_with_their_line() {
        let message = refused(&format!("{GOOD}surname_alnoe = true\n"));
        assert!(
            message.contains("line 4") && message.contains("surname_alnoe"),
            "{message}"
        );
        assert!(refused("[[holder]\n").contains("line 1"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named_with_a_remedy() {
        let error = OfficeHolders::from_file(std::path::Path::new("no/such.toml"))
            .expect_err("there is no such file");
        assert!(matches!(error, OfficeHoldersError::Unreadable { .. }));
        let message = error.to_string();
        assert!(
            message.starts_with("no/such.toml: cannot be read")
                && message.contains("give another file"),
            "{message}"
        );
    }

    #[test]
    fn a_list_without_persons_is_valid() {
        assert!(OfficeHolders::parse("mine.toml", "").is_ok());
    }
}
