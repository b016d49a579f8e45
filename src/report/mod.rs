//! The report: one page that shows a comparison, from the files of a set.
//!
//! It reads published figures and computes none of its own. The page needs no network, no script to be read, and cannot be
//! made to run anything by what commenters write: see [`html`] and [`page`].

mod changes;
mod charts;
mod data;
mod html;
mod notes;
mod overview;
mod page;
mod table;
#[cfg(test)]
mod tests;
mod themes;
mod words;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::output::SCHEMA_VERSION;
use data::{Comparison, Run, Summary};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file of the set cannot be read.
    #[error(
        "{file}: cannot be read ({source}); name the folder that `undertone run --out` wrote to with --results, or write it anew: undertone run --anew"
    )]
    Unread {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of the set is not what this version writes.
    #[error("{file}: {problem}; write the results anew: undertone run --anew")]
    Unknown {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// The page of records that were just made. `run` is what `run.json` is written from: of it, only what was skipped is shown,
/// so that the same corpus gives the same page.
///
/// # Errors
/// A record is not what `comparison.json`, `summary.json` or `run.json` hold.
pub fn report(
    comparison: &impl Serialize,
    summary: &impl Serialize,
    run: &impl Serialize,
) -> Result<String, ReportError> {
    Ok(made(
        &viewed("comparison.json", comparison)?,
        &viewed("summary.json", summary)?,
        &viewed("run.json", run)?,
    ))
}

/// The page of a set of results that lies in a folder.
///
/// # Errors
/// A file is missing, cannot be read, or was written by another version of the program.
pub fn report_of_set(set: &Path) -> Result<String, ReportError> {
    let comparison: Comparison = read(set.join("comparison.json"))?;
    if comparison.schema_version != SCHEMA_VERSION {
        return Err(ReportError::Unknown {
            file: set.join("comparison.json").display().to_string(),
            problem: format!(
                "another version of undertone wrote it (schema {}, here {SCHEMA_VERSION})",
                comparison.schema_version
            ),
        });
    }
    Ok(made(
        &comparison,
        &read(set.join("summary.json"))?,
        &read(set.join("run.json"))?,
    ))
}

fn viewed<T: DeserializeOwned>(name: &str, record: &impl Serialize) -> Result<T, ReportError> {
    let value = serde_json::to_value(record).and_then(serde_json::from_value);
    value.map_err(|error| unknown(name, &error))
}

fn read<T: DeserializeOwned>(path: PathBuf) -> Result<T, ReportError> {
    let file = path.display().to_string();
    let bytes = std::fs::read(&path).map_err(|source| ReportError::Unread {
        file: file.clone(),
        source,
    })?;
    serde_json::from_slice(&bytes).map_err(|error| unknown(&file, &error))
}

fn unknown(file: &str, error: &serde_json::Error) -> ReportError {
    ReportError::Unknown {
        file: file.to_owned(),
        problem: error.to_string(),
    }
}

fn made(comparison: &Comparison, summary: &Summary, run: &Run) -> String {
    page::page(comparison, summary, run).into_string()
}
