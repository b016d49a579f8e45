//! Reads the file of named eras and refuses what cannot be right, with the era and the remedy.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

/// A stretch of time with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Era {
    /// Its name, unique in its file.
    pub name: String,
    /// Its first day.
    pub from: Date,
    /// Its last day, which belongs to it; None only for the last era, which then goes on.
    pub to: Option<Date>,
}

/// Why a file of eras was refused.
#[derive(Debug, thiserror::Error)]
pub enum ErasError {
    /// The file is no valid TOML, or a field is missing, misspelt or of the wrong type.
    #[error(
        "{file}: {message}; each [[era]] has a line such as name = \"before the split\", one such as from = 2014-06-01 \
         and one such as to = 2021-06-25, the days without quotation marks"
    )]
    Syntax {
        /// The file's path.
        file: String,
        /// The parser's message, which shows the line.
        message: String,
    },
    /// The eras cannot be as they are written.
    #[error("{file}, line {line}: era {era:?}: {problem}; {remedy}")]
    Rule {
        /// The file's path.
        file: String,
        /// Counted from 1.
        line: usize,
        /// The name of the era.
        era: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The file holds no era.
    #[error("{file}: no era in it; add at least one [[era]] block with name and from")]
    Empty {
        /// The file's path.
        file: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    era: Vec<RawEra>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEra {
    name: Spanned<String>,
    from: Spanned<Datetime>,
    to: Option<Spanned<Datetime>>,
}

/// Parses and checks; `file` names the source in messages. The eras are returned in the order of time; they may stand in
/// the file in any order, and days may lie between them.
///
/// # Errors
/// Where the text is not TOML of this form, an era has no name or one that was used before, a day is not in the
/// calendar, an era ends before it begins, two eras overlap, or an era other than the last has no end.
pub fn read_eras(file: &str, text: &str) -> Result<Vec<Era>, ErasError> {
    let raw: RawFile = toml::from_str(text).map_err(|error| ErasError::Syntax {
        file: file.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })?;
    let broken = |offset: usize, era: &str, problem: String, remedy| ErasError::Rule {
        file: file.to_owned(),
        line: 1 + text.bytes().take(offset).filter(|b| *b == b'\n').count(),
        era: era.to_owned(),
        problem,
        remedy,
    };
    let mut names = BTreeSet::new();
    let mut eras: Vec<(usize, Era)> = Vec::with_capacity(raw.era.len());
    for raw in raw.era {
        let at = raw.name.span().start;
        let name = raw.name.get_ref().trim().to_owned();
        if name.is_empty() || name.contains(char::is_control) {
            return Err(broken(
                at,
                &name,
                "the name is empty or has line breaks in it".to_owned(),
                "write the name as people are to read it, in one line",
            ));
        }
        if !names.insert(name.clone()) {
            return Err(broken(
                at,
                &name,
                "the name was used before".to_owned(),
                "give each era a name of its own, or remove one of the two blocks",
            ));
        }
        let day = |value: &Spanned<Datetime>| {
            civil(value.get_ref()).ok_or_else(|| {
                broken(
                    value.span().start,
                    &name,
                    format!("{} is not a day of the calendar", value.get_ref()),
                    "write year, month and day and nothing else, such as 2014-06-01",
                )
            })
        };
        let from = day(&raw.from)?;
        let to = raw.to.as_ref().map(day).transpose()?;
        if to.is_some_and(|to| to < from) {
            return Err(broken(
                at,
                &name,
                "it ends before it begins".to_owned(),
                "exchange the days of from and to, or correct them",
            ));
        }
        eras.push((at, Era { name, from, to }));
    }
    if eras.is_empty() {
        return Err(ErasError::Empty {
            file: file.to_owned(),
        });
    }
    eras.sort_by_key(|(_, era)| era.from);
    for ((at, era), (_, next)) in eras.iter().zip(eras.iter().skip(1)) {
        match era.to {
            None => {
                return Err(broken(
                    *at,
                    &era.name,
                    format!("it has no end, but {:?} begins after it", next.name),
                    "give its last day as to; only the last era may go without",
                ));
            }
            Some(to) if to >= next.from => {
                return Err(broken(
                    *at,
                    &era.name,
                    format!(
                        "it ends on {to}, and {:?} begins on {}",
                        next.name, next.from
                    ),
                    "let it end the day before the next one begins, or earlier: to is the last day that belongs to it",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(eras.into_iter().map(|(_, era)| era).collect())
}

/// The day, if the value is one and has no time with it.
fn civil(value: &Datetime) -> Option<Date> {
    if value.time.is_some() || value.offset.is_some() {
        return None;
    }
    let day = value.date?;
    let year = i16::try_from(day.year).ok()?;
    Date::new(
        year,
        i8::try_from(day.month).ok()?,
        i8::try_from(day.day).ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::read_eras;

    /// The file that people copy.
    #[test]
    fn the_example_can_be_read() {
        let text = include_str!("../../../examples/eras.toml");
        let eras = read_eras("examples/eras.toml", text).expect("it is right");
        let names: Vec<&str> = eras.iter().map(|era| era.name.as_str()).collect();
        assert_eq!(
            names,
            ["before the split", "split in two", "after unification"]
        );
        assert_eq!(eras[1].from, date(2014, 6, 1));
        assert_eq!(eras[1].to, Some(date(2021, 6, 25)));
        assert_eq!(eras[2].to, None);
    }

    #[test]
    fn eras_come_in_the_order_of_time() {
        let text = "[[era]]\nname = \"late\"\nfrom = 2020-01-01\n\
                    [[era]]\nname = \" early \"\nfrom = 2010-01-01\nto = 2010-01-01\n";
        let eras = read_eras("e", text).expect("it is right");
        assert_eq!(eras[0].name, "early");
        assert_eq!(eras[0].to, Some(date(2010, 1, 1)));
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_era_and_remedy() {
        let era = |name: &str, days: &str| format!("[[era]]\nname = \"{name}\"\n{days}\n");
        let two = |first: &str, second: &str| era("one", first) + &era("two", second);
        for (text, parts) in [
            (String::new(), vec!["e.toml: no era", "add at least one"]),
            (
                era("one", "from = \"2014-06-01\""),
                vec!["e.toml: ", "without quotation marks"],
            ),
            (
                era("one", "from = 2014-06-01\nuntil = 2015-01-01"),
                vec!["until", "to = "],
            ),
            (
                era("one", "from = 2014-06-01T10:00:00"),
                vec!["line 3: era \"one\": 2014-06-01T10:00:00 is not a day"],
            ),
            (
                era("one", "from = 2015-06-01\nto = 2014-06-01"),
                vec!["line 2: era \"one\": it ends before it begins", "exchange"],
            ),
            (
                era("  ", "from = 2015-06-01"),
                vec!["line 2", "the name is empty"],
            ),
            (
                era("one", "from = 2010-01-01\nto = 2010-05-01")
                    + &era("one ", "from = 2012-01-01"),
                vec!["line 6: era \"one\": the name was used before"],
            ),
            (
                two("from = 2010-01-01", "from = 2012-01-01"),
                vec!["line 2: era \"one\": it has no end, but \"two\" begins after it"],
            ),
            (
                two("from = 2010-01-01\nto = 2012-01-01", "from = 2012-01-01"),
                vec![
                    "line 2: era \"one\": it ends on 2012-01-01, and \"two\" begins on 2012-01-01",
                    "the day before the next one begins",
                ],
            ),
        ] {
            let error = read_eras("e.toml", &text).expect_err("it is wrong");
            let message = error.to_string();
            for part in parts {
                assert!(message.contains(part), "{part:?} is not in {message:?}");
            }
        }
        let no_such_day = read_eras("e.toml", &era("one", "from = 2015-02-29"));
        assert!(no_such_day.is_err());
    }
}
