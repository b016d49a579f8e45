//! `undertone config`: what is set, and where.

use std::io::Write;

use serde::Serialize;
use serde_json::{Value, json};

use super::failure::Failure;
use super::kind::Kind;
use super::layers::{Layers, Origin, Setting};
use super::table::Table;
use super::{Outcome, print_json};

/// A setting in JSON.
#[derive(Serialize)]
struct SettingRecord<'a> {
    name: &'a str,
    /// Null where nothing is set and the program itself decides.
    value: Value,
    /// What the program decides then, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    otherwise: Option<&'a str>,
    /// default, file, environment or option.
    from: &'static str,
    /// The file, variable or option; null for a default.
    place: Option<String>,
    /// The line of the file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

pub(super) fn config(in_json: bool, layers: &Layers) -> Result<Outcome, Failure> {
    let file = layers.file.as_ref().map(|file| file.display().to_string());
    if in_json {
        let settings: Vec<SettingRecord<'_>> = layers.settings.iter().map(record).collect();
        print_json(&json!({"file": file, "settings": settings}))?;
        return Ok(Outcome::Complete);
    }
    let mut table = Table::new(&["<setting", "<value", "<from"]);
    for setting in &layers.settings {
        table.row([
            setting.name.clone(),
            shown(setting),
            setting.origin.to_string(),
        ]);
    }
    let source = file.map_or_else(
        || "There is no file of settings; `undertone init` writes one.".to_owned(),
        |file| format!("The file of settings is {file}."),
    );
    writeln!(std::io::stdout().lock(), "{table}\n{source}").map_err(Failure::Stdout)?;
    Ok(Outcome::Complete)
}

/// A value for people; in brackets what the program decides by itself.
fn shown(setting: &Setting) -> String {
    match (setting.values.as_slice(), &setting.otherwise) {
        ([], Some(otherwise)) => format!("({otherwise})"),
        ([], None) => "(none)".to_owned(),
        (values, _) => values.join(", "),
    }
}

fn record(setting: &Setting) -> SettingRecord<'_> {
    let (from, place, line) = match &setting.origin {
        Origin::Default => ("default", None, None),
        Origin::File { path, line } => ("file", Some(path.display().to_string()), Some(*line)),
        Origin::Environment(name) => ("environment", Some(name.clone()), None),
        Origin::Flag(name) => ("option", Some(name.clone()), None),
    };
    let otherwise = setting.otherwise.as_deref();
    SettingRecord {
        name: &setting.name,
        value: typed(setting),
        otherwise: otherwise.filter(|_| setting.values.is_empty()),
        from,
        place,
        line,
    }
}

fn typed(setting: &Setting) -> Value {
    match (setting.kind, setting.values.as_slice()) {
        (Kind::List(_), values) => json!(values),
        (_, []) => Value::Null,
        (Kind::Switch, [value, ..]) => json!(value == "true"),
        (Kind::Number, [value, ..]) => value
            .parse::<u64>()
            .map_or_else(|_| json!(value), |number| json!(number)),
        (_, [value, ..]) => json!(value),
    }
}
