//! Texts with labels, for training and for measuring.

mod cells;
mod checks;
mod known;
mod quotes;
mod records;
mod sheet;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::cleaning::{Cleaned, Rules, clean_comments};
use crate::hash::sha256;
use crate::model::Sentiment;
use crate::passage::Passage;
use crate::reading::{Problem, decode};

pub(crate) use cells::defused;
pub use known::check_themes;
pub(crate) use records::json_problem;
pub(crate) use sheet::THEME_COLUMN;

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
    /// The file is not text.
    #[error("{file}: {problem}")]
    NotText {
        /// The file's path.
        file: String,
        /// What is wrong and what to do.
        problem: Problem,
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
    /// A row of a table, or what a record says, cannot be used.
    #[error("{file}, {place}: {problem}; {remedy}")]
    Row {
        /// The file's path.
        file: String,
        /// The line or the entry.
        place: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A file of a spreadsheet program in its own format.
    #[error("{file}: this is a workbook; save it as CSV (.csv) and name that file")]
    Workbook {
        /// The file's path.
        file: String,
    },
    /// Neither JSON nor a table.
    #[error(
        "{file}: this is neither JSON nor a table whose first line names a column \"text\"; if it comes from a spreadsheet, save it as CSV (.csv) with the headings that `undertone sample` writes"
    )]
    UnknownForm {
        /// The file's path.
        file: String,
    },
    /// A label names a theme that nobody knows.
    #[error(
        "{file}, {place}: {field} names the theme {theme:?}, which is not among the themes in force; {remedy}"
    )]
    UnknownTheme {
        /// The file's path.
        file: String,
        /// The line or the entry.
        place: String,
        /// The column or the field.
        field: String,
        /// What it names.
        theme: String,
        /// What to do.
        remedy: String,
    },
    /// There is nothing in the file.
    #[error(
        "{file}: no labelled text in it; expected JSON Lines, one JSON object with a list \"comments\", or a table (.csv) with a column \"text\""
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
    /// The line of the file where it begins; of a list, its number in it. Counted from 1.
    pub line: u64,
    /// Its id, where the file gives it one: no other text of the post has the same.
    pub id: Option<String>,
    /// The post it stands under, where the file says so.
    pub post: Option<String>,
    /// The text.
    pub text: String,
    /// The place in the file of the text that it answers.
    pub answers: Option<usize>,
    /// The text that it answers, where the file has that beside it.
    pub answered: Option<String>,
    /// The thread it belongs to, if any; all texts of a file that is a thread have the same.
    pub thread: Option<String>,
    /// Where it comes from, where the file says so.
    pub source: Option<String>,
    /// Its sentiment; None where the annotators differ, and then it counts neither way.
    pub sentiment: Option<Sentiment>,
    /// Its themes, all of them; None where the file does not say that, and then themes count neither way but for `judged`.
    pub themes: Option<Vec<String>>,
    /// Themes that were judged one by one: whether the text has them.
    pub judged: BTreeMap<String, bool>,
    /// The attitude it takes to its themes, where the annotators agree on one.
    pub attitudes: BTreeMap<String, Sentiment>,
    /// Fine topics of a list of its own, all of them; None where the file does not say.
    pub topics: Option<Vec<String>>,
    /// Themes that count neither way.
    pub either_way: Vec<String>,
    /// What it is meant for, where the file says so.
    pub split: Option<Split>,
    /// How many texts it stands for in a sample; 1 where the file says nothing.
    pub weight: f64,
    /// The stratum of a sample that it was drawn from, if any.
    pub stratum: Option<String>,
}

impl Labelled {
    /// Whether the text has a theme by its label; None where it counts neither way.
    pub fn has_theme(&self, id: &str) -> Option<bool> {
        let has = |list: &[String]| list.iter().any(|theme| theme == id);
        if has(&self.either_way) {
            return None;
        }
        let judged = self.judged.get(id).copied();
        judged.or_else(|| self.themes.as_ref().map(|themes| has(themes)))
    }

    /// Every theme that the labels name.
    pub fn named_themes(&self) -> impl Iterator<Item = &String> {
        let all = self.themes.iter().flatten().chain(&self.either_way);
        all.chain(self.judged.keys())
    }

    /// What stays together where some texts are judged by what others teach: its thread, else its post, else its text,
    /// so that copies of a text do. No name of one of these is ever that of another.
    pub fn group(&self) -> String {
        let filled = |name: &Option<String>| name.clone().filter(|name| !name.trim().is_empty());
        let thread = filled(&self.thread).map(|thread| format!("thread {thread}"));
        let post = || filled(&self.post).map(|post| format!("post {post}"));
        let text = || sha256(self.text.trim().to_lowercase().as_bytes());
        thread
            .or_else(post)
            .unwrap_or_else(|| format!("text {}", text()))
    }

    /// Whether anything in it is labelled.
    pub fn is_labelled(&self) -> bool {
        self.sentiment.is_some() || self.themes.is_some() || !self.judged.is_empty()
    }
}

/// How a labelled file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A table, as spreadsheets save it.
    Table,
    /// JSON Lines.
    Lines,
    /// One JSON object with a list, whose entries have numbers and no lines.
    List,
}

/// What was read of a labelled file.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledFile {
    /// Its path, as it was named.
    pub path: String,
    /// SHA-256 of its bytes, as 64 hexadecimal digits.
    pub sha256: String,
    /// How it is written.
    pub form: Form,
    /// Themes that have a column of their own.
    pub theme_columns: Vec<String>,
    /// Columns of a name that means nothing here.
    pub other_columns: Vec<String>,
    /// In the order of the file.
    pub texts: Vec<Labelled>,
    /// What a person should know about how it was read.
    pub notes: Vec<String>,
}

impl Form {
    /// What the place of a text is called, by its [`Labelled::line`].
    pub fn place(self, line: u64) -> String {
        let name = match self {
            Self::List => "comment",
            Self::Table | Self::Lines => "line",
        };
        format!("{name} {line}")
    }
}

impl LabelledFile {
    /// Where in the file a text of it stands.
    pub fn place(&self, text: &Labelled) -> String {
        self.form.place(text.line)
    }
}

/// What a reader of one form found.
struct Found {
    form: Form,
    theme_columns: Vec<String>,
    other_columns: Vec<String>,
    texts: Vec<Labelled>,
}

/// A labelled text as the model is given it.
#[derive(Debug, Clone, PartialEq)]
pub struct CleanLabelled {
    /// What cleaning made of it.
    pub cleaned: Cleaned,
    /// What cleaning made of the text that it answers, where the file has that beside it.
    pub answered: Option<Passage>,
}

/// Cleans labelled texts: those of one thread, which follow each other, in the light of each other, and a text that has
/// the one that it answers beside it in the light of that.
pub fn clean(texts: &[Labelled], rules: &Rules) -> Vec<CleanLabelled> {
    texts
        .chunk_by(|one, next| one.thread.is_some() && one.thread == next.thread)
        .flat_map(|thread| clean_thread(thread, rules))
        .collect()
}

/// Cleans texts that follow each other; what one answers comes before it, if it has not come before.
fn clean_thread(thread: &[Labelled], rules: &Rules) -> Vec<CleanLabelled> {
    let mut all: Vec<&str> = Vec::new();
    let mut places = Vec::new();
    for text in thread {
        let answered = text.answered.as_deref().map(|answered| {
            let before = all.iter().position(|one| one.trim() == answered.trim());
            before.unwrap_or_else(|| {
                all.push(answered);
                all.len() - 1
            })
        });
        all.push(&text.text);
        places.push((all.len() - 1, answered));
    }
    let cleaned = clean_comments(all.into_iter(), rules);
    let places = places.into_iter();
    let of_thread = places.map(|(text, answered)| CleanLabelled {
        cleaned: cleaned[text].clone(),
        answered: answered.map(|place| cleaned[place].passage.clone()),
    });
    of_thread.collect()
}

/// Labelled texts as the model is given them, each beside what it answers; `cleaned` is what [`clean`] made of them.
pub fn passages<'t>(
    texts: &'t [Labelled],
    cleaned: &'t [CleanLabelled],
) -> impl Iterator<Item = Passage<&'t str>> + Send {
    texts.iter().zip(cleaned).map(|(text, clean)| {
        let in_file = text.answers.map(|place| &cleaned[place].cleaned.passage);
        let answered = in_file.or(clean.answered.as_ref());
        clean.cleaned.passage.answering(answered)
    })
}

/// The bytes that files of spreadsheet programs begin with: those of today, which are archives, and old ones.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// Reads a labelled file: a table, one JSON object with a list `comments`, which is a thread, or JSON Lines with an object
/// a line. A file whose name ends in `.csv` or `.tsv` is a table, and so is any other that begins like one.
///
/// # Errors
/// The file cannot be read, is empty, a record is malformed, or labels contradict each other; the message names file,
/// place and remedy.
pub fn read(path: &Path) -> Result<LabelledFile, LabelledError> {
    let file = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| LabelledError::Unreadable {
        file: file.clone(),
        source,
    })?;
    if WORKBOOKS.iter().any(|begin| bytes.starts_with(begin)) {
        return Err(LabelledError::Workbook { file });
    }
    let sha256 = sha256(&bytes);
    let decoded = decode(bytes).map_err(|problem| LabelledError::NotText {
        file: file.clone(),
        problem,
    })?;
    let text = &decoded.text;
    if text.trim().is_empty() {
        return Err(LabelledError::Empty { file });
    }
    let is_named_table = path.extension().is_some_and(|ending| {
        ending.eq_ignore_ascii_case("csv") || ending.eq_ignore_ascii_case("tsv")
    });
    let found = if is_named_table {
        sheet::read(&file, text)?
    } else if text.trim_start().starts_with(['{', '[']) {
        records::read(&file, text)?
    } else if sheet::is_table(text) {
        sheet::read(&file, text)?
    } else {
        return Err(LabelledError::UnknownForm { file });
    };
    if found.texts.is_empty() {
        return Err(LabelledError::Empty { file });
    }
    checks::check(&found.texts, found.form).map_err(|(line, (problem, remedy))| {
        LabelledError::Row {
            file: file.clone(),
            place: found.form.place(line),
            problem,
            remedy,
        }
    })?;
    let notes = decoded.warnings.into_iter();
    Ok(LabelledFile {
        notes: notes.map(|note| format!("{file}, {note}")).collect(),
        path: file,
        sha256,
        form: found.form,
        theme_columns: found.theme_columns,
        other_columns: found.other_columns,
        texts: found.texts,
    })
}

#[cfg(test)]
mod tests {
    use super::{Rules, Sentiment, Split, check_themes, clean, passages, read};

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
        let read_whole = read(whole.path()).expect("valid").texts;
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
        let read = read(file(lines).path()).expect("valid").texts;
        assert_eq!(read[0].sentiment, Some(Sentiment::Neutral));
        let answers: Vec<Option<usize>> = read.iter().map(|text| text.answers).collect();
        assert_eq!(answers, [None, Some(0), None]);
    }

    #[test]
    fn what_is_not_labelled_counts_neither_way() {
        let lines = "\u{feff}{\"text\":\"a\"}\n{\"text\":\"b\",\"themes\":null,\"either_way\":null}\n{\"text\":\"c\",\"themes\":{\"pay\":\"neutral\"}}";
        let read = read(file(lines).path()).expect("valid").texts;
        assert_eq!((&read[0].themes, &read[1].themes), (&None, &None));
        assert_eq!(read[2].themes, Some(vec!["pay".to_owned()]));
    }

    fn refused(file: &tempfile::NamedTempFile) -> String {
        read(file.path())
            .expect_err("it should be refused")
            .to_string()
    }

    #[test]
    fn labels_that_contradict_each_other_are_refused_in_json_too() {
        for (line, expected) in [
            (
                "\"themes\":[\"pay\"],\"judged\":{\"pay\":false}",
                "the verdict on pay do not agree",
            ),
            (
                "\"themes\":[],\"judged\":{\"pay\":true}",
                "the verdict on pay do not agree",
            ),
            (
                "\"themes\":[\"pay\"],\"either_way\":[\"pay\"]",
                "the theme pay is named twice",
            ),
            (
                "\"either_way\":[\"pay\"],\"judged\":{\"pay\":true}",
                "the theme pay has a verdict",
            ),
            ("\"themes\":[\"\"]", "a theme is named by nothing"),
            ("\"weight\":-1", "the weight is -1"),
            ("\"id\":\"1\"", "the comment \"1\" stands on line 1 already"),
        ] {
            let lines = format!("{{\"id\":\"1\",\"text\":\"a\"}}\n\n{{\"text\":\"b\",{line}}}\n");
            let message = refused(&file(&lines));
            assert!(message.contains(expected), "{message}");
            assert!(message.contains(", line 3: "), "{message}");
        }
    }

    #[test]
    fn a_theme_that_nobody_knows_is_named_with_its_place() {
        let unknown = |text: &str| {
            let read = read(file(text).path()).expect("valid");
            let checked = check_themes(&read, &["workload", "unions"]);
            checked.expect_err("it should be refused").to_string()
        };
        let message = unknown("text,theme:worklod\na,\n");
        assert!(
            message.contains(", line 1: the column theme:worklod"),
            "{message}"
        );
        assert!(message.contains("did you mean \"workload\"?"), "{message}");
        let message = unknown("text,themes\na,unions\nb,parking?\n");
        assert!(message.contains(", line 3: the column themes"), "{message}");
        assert!(!message.contains("did you mean"), "{message}");
        let message = unknown(
            "{\"comments\":[{\"text\":\"a\"},{\"text\":\"b\",\"judged\":{\"union\":true}}]}",
        );
        assert!(
            message.contains(", comment 2: \"judged\" names the theme \"union\""),
            "{message}"
        );
        let known = read(file("{\"text\":\"a\",\"themes\":[\"unions\"]}").path()).expect("valid");
        assert!(check_themes(&known, &["unions"]).is_ok());
    }

    #[test]
    fn what_is_no_text_form_is_refused_with_what_to_do() {
        assert!(refused(&file("PK\u{3}\u{4}\u{0}")).contains("this is a workbook; save it as CSV"));
        assert!(refused(&file("Dear all,\nsixty cases.\n")).contains("save it as CSV"));
        // What Excel calls Unicode Text.
        let table = "text\tsentiment\r\nSixty cases\tnegative\r\n";
        let bytes: Vec<u8> = std::iter::once(0xfeff)
            .chain(table.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let path = folder.path().join("mine.txt");
        std::fs::write(&path, bytes).expect("it can be written");
        let texts = read(&path).expect("a table").texts;
        assert_eq!(
            (texts[0].text.as_str(), texts[0].sentiment),
            ("Sixty cases", Some(Sentiment::Negative))
        );
    }

    #[test]
    fn ids_are_those_of_a_post() {
        let lines = "{\"post\":\"p\",\"id\":\"1\",\"text\":\"a\"}\n{\"post\":\"q\",\"id\":\"1\",\"text\":\"b\"}\n{\"post\":\"p\",\"id\":\"2\",\"parent\":\"1\",\"text\":\"c\"}";
        let read = read(file(lines).path()).expect("valid").texts;
        assert_eq!(read[2].answers, Some(0));
    }

    #[test]
    fn what_stays_together_is_named_by_thread_post_or_text() {
        let lines = "{\"text\":\"A \",\"thread\":\"x\"}\n{\"text\":\"b\",\"post\":\"x\",\"thread\":\"\"}\n{\"text\":\" a\"}\n{\"text\":\"A\"}\n{\"text\":\"x\"}";
        let read = read(file(lines).path()).expect("valid").texts;
        let groups: Vec<String> = read.iter().map(super::Labelled::group).collect();
        assert_eq!(groups[2], groups[3]);
        let different: std::collections::BTreeSet<&String> = groups.iter().collect();
        assert_eq!(different.len(), 4, "{groups:?}");
    }

    #[test]
    fn what_a_text_of_a_thread_answers_counts_if_it_stands_beside_it() {
        let table = "{\"thread\":\"t\",\"text\":\"We were told on a Monday.\"}\n{\"thread\":\"t\",\"text\":\"Same here.\",\"answers\":\"Sixty cases each and no admin.\"}\n{\"thread\":\"t\",\"text\":\"Me too.\",\"answers\":\"We were told on a Monday.\"}";
        let texts = read(file(table).path()).expect("valid").texts;
        let cleaned = clean(&texts, &Rules::default());
        let answered: Vec<Option<&str>> =
            passages(&texts, &cleaned).map(|one| one.answers).collect();
        assert_eq!(
            answered,
            [
                None,
                Some("Sixty cases each and no admin."),
                Some("We were told on a Monday.")
            ]
        );
    }
}
