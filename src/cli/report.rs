//! `undertone report`: a set of results as a page.

use std::fs;
use std::path::Path;

use super::Outcome;
use super::args::ReportArgs;
use super::failure::Failure;
use crate::output::PublishedError;
use crate::progress::say;
use crate::report::report_of_set;

pub(super) fn report(args: &ReportArgs) -> Result<Outcome, Failure> {
    // The link is followed once: a run that ends in between must not mix two sets.
    let latest = args.results.join("latest").canonicalize();
    let set = latest.map_err(|source| PublishedError::NoSet {
        folder: args.results.display().to_string(),
        source,
    })?;
    let page = report_of_set(&set)?;
    let file = args
        .out
        .clone()
        .unwrap_or_else(|| set.join("report").join("index.html"));
    write(&file, &page).map_err(|source| Failure::Unwritable {
        file: file.display().to_string(),
        source,
    })?;
    say(&format!("wrote {}", file.display()));
    Ok(Outcome::Complete)
}

/// Writes the page beside its place and puts it there whole: nobody opens half a page.
fn write(file: &Path, page: &str) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
    // One folder and no more: a set that was removed in the meantime must not come back.
    if !folder.as_os_str().is_empty() && !folder.is_dir() {
        fs::create_dir(&folder)?;
    }
    let mut name = std::ffi::OsString::from(format!(".part-{}-", std::process::id()));
    name.push(file.file_name().unwrap_or_default());
    let part = folder.join(name);
    let written = fs::write(&part, page).and_then(|()| fs::rename(&part, file));
    if written.is_err() {
        // A half-written file helps nobody.
        let _ = fs::remove_file(&part);
    }
    written
}
