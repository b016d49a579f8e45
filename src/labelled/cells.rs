//! What cells of a table say, and how they are kept from saying something else to a spreadsheet.

use super::Labelled;
use super::checks::Broken;
use crate::calendar::MONTHS;
use crate::model::Sentiment;

/// Cells that begin with one of these are formulas to a spreadsheet.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Characters that numbers, amounts, dates and times are written with, beside digits.
const OF_NUMBERS: &str = " .,:/-%()£$€";

/// What dates, times and numbers have of letters, but for names of months.
const OF_DATES: [&str; 4] = ["am", "pm", "e", "t"];

/// A text that no spreadsheet takes for a formula, a number, a date or a truth value: an apostrophe before it, as
/// spreadsheets write it themselves. Reading a table takes it away again.
pub(crate) fn defused(text: &str) -> String {
    if is_changed(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The text without the apostrophe of [`defused`].
pub(super) fn armed(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_changed(rest) => rest,
        _ => text,
    }
}

/// Whether a spreadsheet would make something else of a text, whatever apostrophes it has already.
fn is_changed(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    text.starts_with(FORMULA) || is_value(text.trim())
}

/// Whether a text is a truth value, a number or a date: it has digits, and no letters but those of such.
fn is_value(text: &str) -> bool {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return true;
    }
    let known = |c: char| c.is_ascii_alphanumeric() || OF_NUMBERS.contains(c);
    // Spreadsheets know months by three letters too.
    let is_month =
        |word: &str| word.len() >= 3 && MONTHS.iter().any(|month| month.starts_with(word));
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
    text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(known)
        && words.all(|word| {
            let word = word.to_ascii_lowercase();
            word.is_empty() || OF_DATES.contains(&word.as_str()) || is_month(&word)
        })
}

/// A sentiment by its name or the beginning of it, of three letters at least: with fewer, two would fit.
pub(super) fn sentiment(word: &str) -> Option<Sentiment> {
    let word = word.trim().to_lowercase();
    let found = Sentiment::ALL
        .into_iter()
        .find(|sentiment| sentiment.name().starts_with(&word));
    found.filter(|_| word.len() >= 3)
}

/// What a cell says of one theme.
pub(super) enum Verdict {
    Has(Option<Sentiment>),
    Lacks,
    EitherWay,
}

pub(super) fn verdict(cell: &str) -> Option<Verdict> {
    match cell {
        "yes" | "y" | "x" | "1" | "true" => Some(Verdict::Has(None)),
        "no" | "n" | "0" | "false" => Some(Verdict::Lacks),
        "?" => Some(Verdict::EitherWay),
        _ => sentiment(cell).map(|attitude| Verdict::Has(Some(attitude))),
    }
}

impl Labelled {
    /// A list of themes: ids with commas, semicolons or spaces between, each with an attitude after a colon or a question
    /// mark if need be; `none` for none.
    pub(super) fn list(&mut self, list: &str) -> Result<(), Broken> {
        // Spaces around a colon and before a question mark part nothing.
        let list = list.to_lowercase();
        let list: Vec<&str> = list.split(':').map(str::trim).collect();
        let list = list.join(":");
        let list: Vec<&str> = list.split('?').map(str::trim_end).collect();
        let list = list.join("?");
        let mut themes = Vec::new();
        let mut entries: Vec<&str> = list
            .split(|c: char| c == ',' || c == ';' || c.is_whitespace())
            .filter(|entry| !entry.is_empty())
            .collect();
        if entries == ["none"] || entries == ["-"] {
            entries.clear();
        }
        for entry in entries {
            if entry == "none" {
                let problem = "none stands among other themes".to_owned();
                return Err((problem, "write either the themes, or none"));
            }
            if let Some(id) = entry.strip_suffix('?') {
                if id.contains([':', '?']) {
                    let problem = format!("{entry:?} is no theme");
                    return Err((
                        problem,
                        "put either an attitude or one question mark after a theme",
                    ));
                }
                self.either_way.push(id.to_owned());
                continue;
            }
            let (id, attitude) = match entry.split_once(':') {
                None => (entry, None),
                Some((id, word)) => {
                    let attitude = sentiment(word).ok_or_else(|| {
                        (
                            format!("the attitude to {id} is {word:?}"),
                            "write negative, neutral or positive after the colon",
                        )
                    })?;
                    (id, Some(attitude))
                }
            };
            self.attitudes
                .extend(attitude.map(|attitude| (id.to_owned(), attitude)));
            themes.push(id.to_owned());
        }
        self.themes = Some(themes);
        Ok(())
    }

    /// The verdict of a theme's own column.
    pub(super) fn judge(&mut self, id: &str, verdict: &Verdict) -> Result<(), Broken> {
        let has = match verdict {
            Verdict::EitherWay => {
                self.either_way.push(id.to_owned());
                return Ok(());
            }
            Verdict::Lacks => false,
            Verdict::Has(None) => true,
            Verdict::Has(Some(attitude)) => {
                let earlier = self.attitudes.insert(id.to_owned(), *attitude);
                if earlier.is_some_and(|earlier| earlier != *attitude) {
                    let problem = format!("there are two attitudes to {id}");
                    return Err((problem, "keep one of them"));
                }
                true
            }
        };
        self.judged.insert(id.to_owned(), has);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, proptest};

    use super::{armed, defused, sentiment};
    use crate::model::Sentiment;

    #[test]
    fn what_a_spreadsheet_would_change_is_defused() {
        for text in [
            "=1+1",
            "-",
            "@all",
            "10/10",
            "007",
            "true",
            "False",
            "3.375",
            "1e5",
            "5 March",
            "may 2019",
            "1-Jan",
            "10:30 am",
            "£5",
            "50%",
            " 2020 ",
            "2019-03-05",
            "SEPT2",
            "''=x",
        ] {
            assert_eq!(defused(text), format!("'{text}"));
            assert_eq!(armed(&format!("'{text}")), text);
        }
        for text in [
            "May",
            "true story",
            "10 out of 10",
            "Sixty cases",
            "'tis",
            "2 weeks",
            "",
            "...",
            "a1",
        ] {
            assert_eq!(defused(text), text);
            assert_eq!(armed(text), text);
        }
    }

    #[test]
    fn sentiments_are_known_by_three_letters() {
        assert_eq!(sentiment(" Neu"), Some(Sentiment::Neutral));
        assert_eq!(sentiment("POSITIVE"), Some(Sentiment::Positive));
        for word in ["ne", "n", "u", "p", "", "negatives", "none"] {
            assert_eq!(sentiment(word), None, "{word}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn what_is_defused_comes_back(text in "['=+@\\-\t]{0,3}[a-y0-9 /.]{0,4}(may|true|e)?") {
            let safe = defused(&text);
            assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '\r']));
            assert_eq!(armed(&safe), text);
        }
    }
}
