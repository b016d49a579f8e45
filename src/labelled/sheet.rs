//! Labelled texts as a table, filled in with a spreadsheet.

use std::collections::BTreeMap;

use csv::{Reader, ReaderBuilder, StringRecord};

use super::cells::{armed, sentiment, verdict};
use super::checks::Broken;
use super::quotes::{self, separator};
use super::{Form, Found, Labelled, LabelledError, Split};
use crate::reading::line_of;

/// What a column of one theme's judgements is called, before the theme's id.
pub(crate) const THEME_COLUMN: &str = "theme:";

/// Characters of a cell that a message shows.
const SHOWN: usize = 40;

/// The columns that have a meaning; others are the user's own.
const COLUMNS: [&str; 12] = [
    "id",
    "post",
    "thread",
    "answers",
    "text",
    "sentiment",
    "themes",
    "source",
    "split",
    "weight",
    "stratum",
    "published",
];

/// Reads a table; `file` names the source in messages. Columns are separated by commas, semicolons or tabs, whichever is
/// the most frequent in the first row.
pub(super) fn read(file: &str, text: &str) -> Result<Found, LabelledError> {
    let text = with_plain_ends(text);
    let row = |line: u64, (problem, remedy): Broken| LabelledError::Row {
        file: file.to_owned(),
        place: format!("line {line}"),
        problem,
        remedy,
    };
    let delimiter = separator(&text);
    quotes::check(&text, delimiter).map_err(|(line, broken)| row(line, broken))?;
    let mut reader = reader(&text, delimiter);
    let unreadable = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        row(line, (error.to_string(), "correct the row"))
    };
    let header = reader.headers().map_err(unreadable)?.clone();
    let header_line = 1 + text.bytes().take_while(|byte| *byte == b'\n').count() as u64;
    let columns = Columns::find(&header).map_err(|broken| row(header_line, broken))?;
    let mut texts = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = line_of(&record, &text);
        let labelled = columns.labelled(&record, line);
        texts.push(labelled.map_err(|broken| row(line, broken))?);
    }
    Ok(Found {
        form: Form::Table,
        theme_columns: columns.themes.into_iter().map(|(id, _)| id).collect(),
        other_columns: columns.others,
        texts,
    })
}

/// Whether a text is a table of labelled texts, by the columns that its first row names.
pub(super) fn is_table(text: &str) -> bool {
    let text = with_plain_ends(text);
    let mut reader = reader(&text, separator(&text));
    let header = reader.headers();
    header.is_ok_and(|header| header.iter().any(|name| column_of(name) == Some("text")))
}

/// The text with LF alone at the ends of lines: the reader counts no others when it tells the line of a row.
fn with_plain_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes())
}

/// The column that a heading means, if any.
fn column_of(heading: &str) -> Option<&'static str> {
    let name = heading.trim().to_lowercase();
    // Texts in JSON may call it so too.
    let name = if name == "label" { "sentiment" } else { &name };
    COLUMNS.into_iter().find(|column| *column == name)
}

/// Where the columns are.
struct Columns {
    known: BTreeMap<&'static str, usize>,
    /// Themes judged one by one.
    themes: Vec<(String, usize)>,
    /// Names that mean nothing here.
    others: Vec<String>,
    /// Up to the last one that has a name.
    count: usize,
}

/// How many cells there are up to the last one with something in it.
fn up_to_last(record: &StringRecord) -> usize {
    let cells: Vec<&str> = record.iter().collect();
    let last = cells.iter().rposition(|cell| !cell.trim().is_empty());
    last.map_or(0, |last| last + 1)
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self, Broken> {
        let mut known = BTreeMap::new();
        let mut themes: Vec<(String, usize)> = Vec::new();
        let mut others = Vec::new();
        for (place, heading) in header.iter().enumerate() {
            let name = heading.trim().to_lowercase();
            let again = if let Some(id) = name.strip_prefix(THEME_COLUMN) {
                let id = id.trim().to_owned();
                if id.is_empty() {
                    let problem = format!("the column {name:?} names no theme");
                    return Err((problem, "write the theme's id after the colon"));
                }
                let again = themes.iter().any(|(known, _)| *known == id);
                themes.push((id, place));
                again
            } else if let Some(column) = column_of(heading) {
                known.insert(column, place).is_some()
            } else {
                others.extend((!name.is_empty()).then(|| heading.trim().to_owned()));
                false
            };
            if again {
                let problem = format!("there are two columns {name:?}");
                return Err((problem, "keep one of them"));
            }
        }
        if !known.contains_key("text") {
            let names: Vec<&str> = header.iter().collect();
            let problem = format!(
                "no column is called text; the columns are {}",
                names.join(", ")
            );
            return Err((
                problem,
                "name the columns in the first line, as `undertone sample` writes them",
            ));
        }
        Ok(Self {
            known,
            themes,
            others,
            count: up_to_last(header),
        })
    }

    fn labelled(&self, record: &StringRecord, line: u64) -> Result<Labelled, Broken> {
        let cells = up_to_last(record);
        if cells > self.count {
            let begin: String = record[cells - 1].trim().chars().take(SHOWN).collect();
            let problem = format!("cell {cells} ({begin:?}) stands under no heading");
            return Err((
                problem,
                "give the column a name or remove it; if a text holds the separator, put it in double quotes",
            ));
        }
        let cell = |name: &str| {
            let place = *self.known.get(name)?;
            let cell = armed(record.get(place)?);
            (!cell.trim().is_empty()).then(|| cell.to_owned())
        };
        let trimmed = |name: &str| cell(name).map(|cell| cell.trim().to_owned());
        let text = cell("text").ok_or_else(|| {
            (
                "the row has no text".to_owned(),
                "fill it in, or remove the row",
            )
        })?;
        let sentiment = match trimmed("sentiment") {
            None => None,
            Some(word) => Some(sentiment(&word).ok_or_else(|| {
                (
                    format!("the sentiment is {word:?}"),
                    "write negative, neutral or positive, or leave it empty",
                )
            })?),
        };
        let split = match trimmed("split").map(|word| word.to_lowercase()).as_deref() {
            None => None,
            Some("train") => Some(Split::Train),
            Some("development") => Some(Split::Development),
            Some("heldout") => Some(Split::Heldout),
            Some(word) => {
                let problem = format!("the split is {word:?}");
                return Err((
                    problem,
                    "write train, development or heldout, or leave it empty",
                ));
            }
        };
        let weight = match trimmed("weight") {
            None => 1.0,
            // Spreadsheets of many countries write a comma.
            Some(number) => match number.replace(',', ".").parse::<f64>() {
                Ok(weight) if weight.is_finite() && weight > 0.0 => weight,
                _ => {
                    let problem = format!("the weight is {number:?}");
                    return Err((problem, "leave the weights as the sample has them"));
                }
            },
        };
        let mut labelled = Labelled {
            line,
            id: trimmed("id"),
            post: trimmed("post"),
            text,
            answers: None,
            answered: cell("answers"),
            thread: trimmed("thread"),
            source: trimmed("source"),
            sentiment,
            themes: None,
            judged: BTreeMap::new(),
            attitudes: BTreeMap::new(),
            topics: None,
            either_way: Vec::new(),
            split,
            weight,
            stratum: trimmed("stratum"),
        };
        if let Some(list) = trimmed("themes") {
            labelled.list(&list)?;
        }
        for (id, place) in &self.themes {
            let cell = armed(record.get(*place).unwrap_or_default());
            let cell = cell.trim().to_lowercase();
            if !cell.is_empty() {
                let verdict = verdict(&cell).ok_or_else(|| {
                    (
                        format!("{THEME_COLUMN}{id} is {cell:?}"),
                        "write yes, no or ?, or leave it empty",
                    )
                })?;
                labelled.judge(id, &verdict)?;
            }
        }
        Ok(labelled)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::is_table;
    use crate::labelled::{Labelled, LabelledError};
    use crate::model::Sentiment;

    /// By way of a file, because some checks are the same for all forms.
    fn read(text: &str) -> Result<Vec<Labelled>, LabelledError> {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let path = folder.path().join("mine.csv");
        let mut file = std::fs::File::create(&path).expect("it can be made");
        file.write_all(text.as_bytes()).expect("it can be written");
        crate::labelled::read(&path).map(|file| file.texts)
    }

    fn refused(text: &str) -> String {
        read(text)
            .expect_err("the table should be refused")
            .to_string()
    }

    #[test]
    fn a_table_is_read_as_it_was_filled_in() {
        let table = "id;text;Sentiment;themes;theme:pay_conditions;note;weight\n\
            a;\"one\nof two lines\";neg;workload:negative, unions?;no;mine;2,5\n\
            b;'=SUM(A1);;none;;;;;\n;;;;;;\nc;'10/10;NEU;;x;;\n";
        let texts = read(table).expect("valid");
        assert_eq!(texts.len(), 3);
        let [a, b, c] = [&texts[0], &texts[1], &texts[2]];
        assert_eq!((a.text.as_str(), a.weight), ("one\nof two lines", 2.5));
        assert_eq!(a.sentiment, Some(Sentiment::Negative));
        assert_eq!(a.has_theme("workload"), Some(true));
        assert_eq!(a.attitudes["workload"], Sentiment::Negative);
        assert_eq!(
            (a.has_theme("unions"), a.has_theme("pay_conditions")),
            (None, Some(false))
        );
        assert_eq!(a.has_theme("off_topic"), Some(false));
        assert_eq!((b.text.as_str(), b.sentiment), ("=SUM(A1)", None));
        assert_eq!(b.has_theme("workload"), Some(false));
        assert_eq!((c.text.as_str(), c.line), ("10/10", 6));
        assert_eq!(c.sentiment, Some(Sentiment::Neutral));
        assert_eq!(
            (c.has_theme("pay_conditions"), c.has_theme("workload")),
            (Some(true), None)
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (table, expected) in [
            ("a,b\n1,2\n", "line 1: no column is called text"),
            ("text,text\n1,2\n", "line 1: there are two columns \"text\""),
            (
                "text,sentiment\nx,cross\n",
                "line 2: the sentiment is \"cross\"",
            ),
            ("text,sentiment\nx,ne\n", "line 2: the sentiment is \"ne\""),
            (
                "text,weight\n\"x\ny\",1\nz,0\n",
                "line 4: the weight is \"0\"",
            ),
            (
                "id,text\na,x\n\na,y\n",
                "line 4: the comment \"a\" stands on line 2 already",
            ),
            (
                "text,theme:unions\nx,maybe\n",
                "line 2: theme:unions is \"maybe\"",
            ),
            (
                "text,themes,theme:unions\nx,none,yes\n",
                "two labels for one comment",
            ),
            (
                "text,themes\nx,\"pay, pay\"\n",
                "the theme pay is named twice",
            ),
            (
                "text,themes\nx,pay:cross\n",
                "the attitude to pay is \"cross\"",
            ),
            (
                "text,sentiment\nx,neutral,1\n",
                "line 2: cell 3 (\"1\") stands under no heading",
            ),
            (
                "text,themes\nx,\"pay?, pay\"\n",
                "the theme pay is named twice",
            ),
            (
                "text,themes\nx,\"none, pay\"\n",
                "none stands among other themes",
            ),
            ("text,themes\nx,: negative\n", "a theme is named by nothing"),
            ("text,themes\nx,pay:negative?\n", "is no theme"),
            (
                "text,themes,theme:pay\nx,pay,?\n",
                "the theme pay is named twice",
            ),
            (
                "text,themes,theme:pay\nx,pay:negative,positive\n",
                "there are two attitudes to pay",
            ),
            ("text,theme:\nx,\n", "the column \"theme:\" names no theme"),
            (
                "text,sentiment,label\nx,,\n",
                "there are two columns \"label\"",
            ),
            (
                "text,sentiment\nx,neutral\n\"y,neutral\nz,neutral\n",
                "line 3: a quotation mark opens a cell of this row",
            ),
            (
                "text,stratum,weight\nx,2019,3.375\n\ny,2019,3375\n",
                "line 4: the weight is 3375, but 3.375 on line 2",
            ),
            ("text,split\nx,dev\n", "the split is \"dev\""),
            ("id,text\na,\n", "line 2: the row has no text"),
        ] {
            let message = refused(table);
            assert!(message.contains(expected), "{message}");
            assert!(message.contains("mine.csv, line "), "{message}");
        }
    }

    #[test]
    fn spaces_and_empty_cells_do_no_harm() {
        let table = "text,\"one, two; three; four; five\",themes,label,,\n\
            x,,\"workload : negative, unions ?, pay_conditions\",pos,,,,\n";
        let texts = read(table).expect("valid");
        let text = &texts[0];
        assert_eq!(text.sentiment, Some(Sentiment::Positive));
        assert_eq!(text.attitudes["workload"], Sentiment::Negative);
        assert_eq!(
            ["workload", "unions", "pay_conditions", "off_topic"].map(|id| text.has_theme(id)),
            [Some(true), None, Some(true), Some(false)]
        );
    }

    #[test]
    fn a_table_is_known_by_its_first_line() {
        assert!(is_table("id\tText\tsentiment\r\na\tb\t\r\n"));
        assert!(!is_table("Sixty cases each, and no admin.\n"));
    }
}
