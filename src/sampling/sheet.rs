//! A sample as a file to fill in: what [`crate::labelled::read`] reads back.

use std::io::Write;

use serde::Serialize;

use crate::labelled::{THEME_COLUMN, defused};

/// A comment to be labelled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleRow {
    /// The comment's id.
    pub id: String,
    /// Its post's id.
    pub post: String,
    /// The day that it counts on, year-month-day, or that of its post; None where neither is known.
    pub published: Option<String>,
    /// The text that it answers.
    pub answers: Option<String>,
    /// Its text.
    pub text: String,
    /// How many comments it stands for.
    pub weight: f64,
    /// The stratum it was drawn from.
    pub stratum: String,
}

/// Writes a table, with a column for one theme's verdicts or, without a theme, columns for sentiment and themes. It begins
/// with a byte order mark, by which spreadsheets know UTF-8; no text in it is one that they would change.
///
/// # Errors
/// It cannot be written.
pub fn write_csv(out: impl Write, rows: &[SampleRow], theme: Option<&str>) -> std::io::Result<()> {
    let mut out = out;
    out.write_all("\u{feff}".as_bytes())?;
    let mut table = csv::Writer::from_writer(out);
    let mut columns = vec!["id", "post", "published", "answers", "text"];
    let of_theme = theme.map(|theme| format!("{THEME_COLUMN}{theme}"));
    match &of_theme {
        Some(column) => columns.push(column),
        None => columns.extend(["sentiment", "themes"]),
    }
    columns.extend(["weight", "stratum"]);
    table.write_record(&columns)?;
    for row in rows {
        let mut cells = vec![
            defused(&row.id),
            defused(&row.post),
            row.published.clone().unwrap_or_default(),
            defused(row.answers.as_deref().unwrap_or_default()),
            defused(&row.text),
        ];
        cells.extend(vec![String::new(); if theme.is_some() { 1 } else { 2 }]);
        // A year is the same as a number.
        cells.extend([row.weight.to_string(), row.stratum.clone()]);
        table.write_record(&cells)?;
    }
    table.flush()
}

/// Writes JSON Lines, with null where something is to be filled in.
///
/// # Errors
/// It cannot be written.
pub fn write_json_lines(
    mut out: impl Write,
    rows: &[SampleRow],
    theme: Option<&str>,
) -> std::io::Result<()> {
    for row in rows {
        let mut line = serde_json::to_value(row)?;
        let empty = match theme {
            Some(theme) => serde_json::json!({ "judged": { theme: null } }),
            None => serde_json::json!({ "sentiment": null, "themes": null }),
        };
        if let (Some(line), serde_json::Value::Object(empty)) = (line.as_object_mut(), empty) {
            line.extend(empty);
        }
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
