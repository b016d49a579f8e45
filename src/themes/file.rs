//! Reads `themes.toml` and refuses what cannot be right, with line and remedy.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Theme;

/// Why a taxonomy was refused.
#[derive(Debug, thiserror::Error)]
pub enum ThemesError {
    /// The file cannot be read.
    #[error("{file}: cannot be read ({source}); give another file with --themes")]
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
    /// A rule of the taxonomy is broken.
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
    /// The file holds no theme.
    #[error(
        "{file}: no theme in it; add at least one [[theme]] block with id, title and description"
    )]
    Empty {
        /// The file's path.
        file: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    theme: Vec<RawTheme>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTheme {
    id: Spanned<String>,
    title: Spanned<String>,
    description: Spanned<String>,
    #[serde(default)]
    phrases: Vec<Spanned<String>>,
    threshold: Option<Spanned<f64>>,
}

/// Parses and checks; `file` names the source in messages.
pub(super) fn parse(file: &str, text: &str) -> Result<Vec<Theme>, ThemesError> {
    let raw: RawFile = toml::from_str(text).map_err(|error| ThemesError::Syntax {
        file: file.to_owned(),
        message: error.to_string(),
    })?;
    if raw.theme.is_empty() {
        return Err(ThemesError::Empty {
            file: file.to_owned(),
        });
    }
    let line_of = |offset: usize| 1 + text[..offset].bytes().filter(|byte| *byte == b'\n').count();
    let broken = |offset: usize, problem: String, remedy: &'static str| ThemesError::Rule {
        file: file.to_owned(),
        line: line_of(offset),
        problem,
        remedy,
    };

    let mut first_line: BTreeMap<String, usize> = BTreeMap::new();
    let mut themes = Vec::with_capacity(raw.theme.len());
    for theme in raw.theme {
        let at = theme.id.span().start;
        let id = theme.id.into_inner();
        let well_formed = !id.is_empty()
            && id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !well_formed {
            return Err(broken(
                at,
                format!("the id {id:?} has characters that ids may not have"),
                "use lower-case letters, digits and underscores only",
            ));
        }
        if let Some(earlier) = first_line.insert(id.clone(), line_of(at)) {
            return Err(broken(
                at,
                format!("the id {id:?} was used before, on line {earlier}"),
                "give each theme an id of its own, or remove one of the two blocks",
            ));
        }
        for (field, value) in [("title", &theme.title), ("description", &theme.description)] {
            if value.get_ref().trim().is_empty() {
                return Err(broken(
                    value.span().start,
                    format!("the {field} of {id:?} is empty"),
                    "write what belongs to the theme: people read it, and comments are compared with it",
                ));
            }
        }
        for phrase in &theme.phrases {
            if phrase.get_ref().trim().is_empty() {
                return Err(broken(
                    phrase.span().start,
                    format!("{id:?} has an empty phrase"),
                    "write the phrase or remove the empty quotation marks",
                ));
            }
        }
        let threshold = match theme.threshold {
            None => None,
            Some(value) if *value.get_ref() > 0.0 && *value.get_ref() < 1.0 => {
                Some(value.into_inner())
            }
            Some(value) => {
                return Err(broken(
                    value.span().start,
                    format!("the threshold of {id:?} is {}", value.get_ref()),
                    "give a probability above 0 and below 1, or leave the line out to use the model's own",
                ));
            }
        };
        themes.push(Theme {
            id,
            title: theme.title.into_inner().trim().to_owned(),
            description: theme.description.into_inner().trim().to_owned(),
            phrases: theme
                .phrases
                .into_iter()
                .map(|phrase| phrase.into_inner().trim().to_owned())
                .collect(),
            threshold,
        });
    }
    Ok(themes)
}

#[cfg(test)]
mod tests {
    use super::super::Taxonomy;

    fn refused(text: &str) -> String {
        Taxonomy::parse("mine.toml", text)
            .expect_err("the file should be refused")
            .to_string()
    }

    const GOOD: &str = "[[theme]]\nid = \"pay\"\ntitle = \"Pay\"\ndescription = \"Money.\"\n";

    #[test]
    fn the_shipped_taxonomy_has_the_seventeen_themes() {
        let taxonomy = Taxonomy::shipped().expect("the shipped file is valid");
        assert_eq!(taxonomy.themes().len(), 17);
        assert_eq!(taxonomy.themes()[0].id, "workload");
        assert_eq!(taxonomy.themes()[16].id, "off_topic");
    }

    #[test]
    fn a_second_use_of_an_id_names_both_lines() {
        let message = refused(&format!("{GOOD}\n{GOOD}"));
        assert!(
            message.starts_with("mine.toml, line 7: the id \"pay\" was used before, on line 2"),
            "{message}"
        );
        assert!(message.contains("remove one of the two"), "{message}");
    }

    #[test]
    fn an_empty_description_is_refused_with_its_line() {
        let message = refused("[[theme]]\nid = \"pay\"\ntitle = \"Pay\"\n\ndescription = \"  \"\n");
        assert!(
            message.starts_with("mine.toml, line 5: the description of \"pay\" is empty"),
            "{message}"
        );
    }

    #[test]
    fn thresholds_outside_zero_to_one_are_refused() {
        for value in ["0.0", "1.0", "-0.2", "1.5", "nan", "inf"] {
            let message = refused(&format!("{GOOD}threshold = {value}\n"));
            assert!(
                message.starts_with("mine.toml, line 5: the threshold"),
                "{message}"
            );
            assert!(message.contains("above 0 and below 1"), "{message}");
        }
        let kept =
            Taxonomy::parse("mine.toml", &format!("{GOOD}threshold = 0.4\n")).expect("valid");
        assert_eq!(kept.themes()[0].threshold, Some(0.4));
    }

    #[test]
    fn a_misspelt_field_is_shown_with_its_line() {
        let message = refused(&format!("{GOOD}treshold = 0.4\n"));
        assert!(
            message.contains("line 5") && message.contains("treshold"),
            "{message}"
        );
    }

    #[test]
    fn a_file_without_themes_is_refused() {
        assert!(refused("# nothing here\n").contains("no theme in it"));
    }
}
