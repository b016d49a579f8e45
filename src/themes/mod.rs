//! The taxonomy: which themes exist, what they mean, and where that is read from.

mod file;
mod overlay;

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

pub use file::ThemesError;
pub use overlay::{Adjustment, Overlay, OverlayError};

/// The taxonomy that ships with the program, the text of `themes.toml` at the root of the repository.
const SHIPPED: &str = include_str!("../../themes.toml");

/// One theme, as `themes.toml` defines it. Every field has been checked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Theme {
    /// Lower-case letters, digits and underscores; unique in its taxonomy.
    pub id: String,
    /// How people name it.
    pub title: String,
    /// What belongs to it; never empty.
    pub description: String,
    /// Typical words and turns of phrase.
    pub phrases: Vec<String>,
    /// Overrides the model's threshold; above 0 and below 1.
    pub threshold: Option<f64>,
}

impl Theme {
    /// SHA-256 of the theme's text.
    pub fn fingerprint(&self) -> String {
        crate::hash::sha256(self.as_text().as_bytes())
    }

    /// The theme as one text: what a comment is compared with when the model has no head for the theme.
    pub fn as_text(&self) -> String {
        let mut text = format!("{}. {}", self.title, self.description);
        if !self.phrases.is_empty() {
            text.push(' ');
            text.push_str(&self.phrases.join("; "));
            text.push('.');
        }
        text
    }
}

/// A list of themes with distinct ids, in the order of the file; at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Taxonomy {
    themes: Vec<Theme>,
}

impl Taxonomy {
    /// The taxonomy without some of its themes.
    pub(crate) fn without(self, ids: &[String]) -> Self {
        let themes = self.themes.into_iter();
        Self {
            themes: themes.filter(|theme| !ids.contains(&theme.id)).collect(),
        }
    }

    /// Whether it has a theme of this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.themes.iter().any(|theme| theme.id == id)
    }

    /// Reads a taxonomy from a file of the form of `themes.toml`.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, or breaks a rule; the message names file, line and remedy.
    pub fn from_file(path: &Path) -> Result<Self, ThemesError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ThemesError::Unreadable {
            file: name.clone(),
            source,
        })?;
        Self::parse(&name, &text)
    }

    /// The taxonomy built into the program.
    ///
    /// # Errors
    /// None in practice: a test reads the shipped file.
    pub fn shipped() -> Result<Self, ThemesError> {
        Self::parse("themes.toml (built in)", SHIPPED)
    }

    /// Reads a taxonomy from text; `file` names it in messages.
    ///
    /// # Errors
    /// As [`Taxonomy::from_file`].
    pub fn parse(file: &str, text: &str) -> Result<Self, ThemesError> {
        file::parse(file, text).map(|themes| Self { themes })
    }

    /// The themes in the order of the file.
    pub fn themes(&self) -> &[Theme] {
        &self.themes
    }
}
