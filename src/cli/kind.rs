//! What values a setting takes, by what clap knows of its option, and how a file or a variable says them.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction};
use toml::de::DeValue;

use crate::model::ModelName;

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Switch,
    Number,
    /// Several values, with this character between them.
    List(char),
    Path,
    /// A folder, or a name in a hub.
    Model,
    Text,
}

impl Kind {
    pub(super) fn of(option: &Arg) -> Self {
        if matches!(option.get_action(), ArgAction::SetTrue) {
            return Self::Switch;
        }
        if let Some(delimiter) = option.get_value_delimiter() {
            return Self::List(delimiter);
        }
        let found = option.get_value_parser().type_id();
        let numbers = [
            TypeId::of::<u16>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<usize>(),
        ];
        if numbers.iter().any(|number| found == *number) {
            Self::Number
        } else if found == TypeId::of::<PathBuf>() {
            Self::Path
        } else if found == TypeId::of::<ModelName>() {
            Self::Model
        } else {
            Self::Text
        }
    }

    /// What is written in a file of settings.
    pub(super) fn wanted(self, name: &str) -> String {
        match self {
            Self::Switch => format!("true or false, without quotation marks: {name} = true"),
            Self::Number => format!("a whole number, without quotation marks: {name} = 2"),
            Self::List(_) => {
                format!("a list of texts in quotation marks: {name} = [\"one\", \"another\"]")
            }
            Self::Path | Self::Model | Self::Text => {
                format!("a text in quotation marks: {name} = \"...\"")
            }
        }
    }

    /// The values as the command line would have them; None if they are of another kind.
    pub(super) fn in_file(self, value: &DeValue<'_>) -> Option<Vec<OsString>> {
        let one = |value: String| Some(vec![OsString::from(value)]);
        match (self, value) {
            (Self::Switch, DeValue::Boolean(value)) => one(value.to_string()),
            (Self::Number, DeValue::Integer(value)) => {
                let number = i64::from_str_radix(value.as_str(), value.radix());
                one(number.map_or_else(|_| value.to_string(), |number| number.to_string()))
            }
            (Self::List(delimiter), DeValue::Array(values)) => {
                let texts = values.iter().map(|value| value.get_ref().as_str());
                let texts: Vec<&str> = texts.collect::<Option<_>>()?;
                Some(
                    texts
                        .into_iter()
                        .flat_map(|text| parts(text, delimiter))
                        .collect(),
                )
            }
            (Self::List(delimiter), DeValue::String(value)) => Some(parts(value, delimiter)),
            (Self::Path | Self::Model | Self::Text, DeValue::String(value)) => {
                one(value.clone().into_owned())
            }
            _ => None,
        }
    }

    /// The values as the command line would have them; None for what cannot be told to be on or off.
    pub(super) fn in_environment(self, value: OsString) -> Option<Vec<OsString>> {
        let text = value.to_str();
        match (self, text) {
            (Self::Switch, _) => {
                let on = match text?.to_ascii_lowercase().as_str() {
                    "1" | "true" | "yes" | "on" => "true",
                    "0" | "false" | "no" | "off" => "false",
                    _ => return None,
                };
                Some(vec![on.into()])
            }
            (Self::List(delimiter), Some(text)) => Some(parts(text, delimiter)),
            _ => Some(vec![value]),
        }
    }

    /// What a value of a file means whose folder is given.
    pub(super) fn seen_from(self, folder: &Path, value: OsString) -> OsString {
        let is_path = match self {
            Self::Path => true,
            Self::Model => value
                .to_str()
                .is_none_or(|text| matches!(text.parse(), Ok(ModelName::Folder(_)))),
            _ => false,
        };
        if is_path {
            folder.join(value).into_os_string()
        } else {
            value
        }
    }
}

fn parts(text: &str, delimiter: char) -> Vec<OsString> {
    let parts = text.split(delimiter).map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(OsString::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::layers::{name_of, options};
    use super::Kind;

    #[test]
    fn kinds_come_from_what_clap_knows() {
        let kind_of = |name: &str| {
            let options = options();
            let option = options.iter().find(|option| name_of(option) == name);
            option.map(Kind::of)
        };
        for (name, kind) in [
            ("anew", Kind::Switch),
            ("keep", Kind::Number),
            ("max_page_mb", Kind::Number),
            ("without", Kind::List(',')),
            ("corpus", Kind::Path),
            ("office_holders", Kind::Path),
            ("model", Kind::Model),
            ("precision", Kind::Text),
            ("redact", Kind::Text),
        ] {
            assert_eq!(kind_of(name), Some(kind), "{name}");
        }
    }
}
