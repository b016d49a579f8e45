//! Columns with a type, and what stands in their cells: what the tables for spreadsheets and for data programs share.

use jiff::civil::Date;

use crate::labelled::defused;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Whole,
    Truth,
    Day,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether cells may be empty.
    pub(super) nullable: bool,
}

impl Column {
    /// A column with something in every cell.
    pub(super) fn full(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            nullable: false,
        }
    }

    /// A column whose cells may be empty.
    pub(super) fn open(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            nullable: true,
            ..Self::full(name, kind)
        }
    }
}

/// What stands in a cell. Numbers are rounded already.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(f64),
    Whole(i64),
    Truth(bool),
    Day(Date),
}

impl Value<'_> {
    /// The value as a cell of a CSV table: numbers and days as the JSON outputs print them, and no text that a
    /// spreadsheet would change.
    ///
    /// # Errors
    /// A number cannot be printed.
    pub(super) fn printed(&self) -> std::io::Result<String> {
        Ok(match self {
            Self::Text(text) if is_plain_number(text) => (*text).to_owned(),
            Self::Text(text) => defused(text),
            Self::Number(number) => serde_json::to_string(number)?,
            Self::Whole(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Day(day) => day.to_string(),
        })
    }
}

/// Whether a text is a whole number that a spreadsheet shows as it is. A period `2019` should look like a year, without an
/// apostrophe. Spreadsheets keep 15 digits, and take zeros away from the front.
fn is_plain_number(text: &str) -> bool {
    (1..=15).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::Value;

    #[test]
    fn cells_are_what_a_spreadsheet_leaves_alone() {
        let printed = |value: Value<'_>| value.printed().expect("it can be printed");
        assert_eq!(printed(Value::Text("2019")), "2019");
        assert_eq!(printed(Value::Text("0")), "0");
        assert_eq!(printed(Value::Text("")), "");
        assert_eq!(
            printed(Value::Text("Naïve, \"quoted\"")),
            "Naïve, \"quoted\""
        );
        for changed in ["007", "2019-03", "=1+1", "-5", "1234567890123456"] {
            assert_eq!(printed(Value::Text(changed)), format!("'{changed}"));
        }
        assert_eq!(printed(Value::Number(1.0)), "1.0");
        assert_eq!(printed(Value::Number(-0.1235)), "-0.1235");
        assert_eq!(printed(Value::Whole(-3)), "-3");
        assert_eq!(printed(Value::Truth(true)), "true");
        assert_eq!(printed(Value::Day(date(1969, 7, 20))), "1969-07-20");
    }
}
