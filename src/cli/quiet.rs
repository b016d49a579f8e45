//! A night without news: whether the latest set is what a new one would be.

use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

use crate::hash::sha256_of_file;
use crate::output::RunRecord;

/// What the files of a set depend on, by its place in `run.json`.
const BASIS: [&str; 6] = [
    "schema_version",
    "undertone",
    "libtorch",
    "settings",
    "scoring",
    "inputs_sha256",
];

/// Settings that bear on no file of a set. Of what is named by its place the content counts, whose hashes stand elsewhere in
/// the record: a path may be written in more than one way.
const IDLE: [&str; 11] = [
    "corpus",
    "out",
    "keep",
    "threads",
    "store",
    "forgotten",
    "offline",
    "model",
    "bundle",
    "themes",
    "office_holders",
];

/// A set that nothing has changed since.
pub(super) struct Unchanged {
    /// Its name.
    pub set: String,
    /// The inputs that it left out, and that are as they were.
    pub skipped: Vec<(String, String)>,
}

/// The latest set, if a run with this record would write the same files, and those of the set are all there and as they were
/// written.
pub(super) fn unchanged_since(latest: &Path, record: &RunRecord) -> Option<Unchanged> {
    let text = std::fs::read(latest.join("run.json")).ok()?;
    let before: Value = serde_json::from_slice(&text).ok()?;
    let now = serde_json::to_value(record).ok()?;
    let same = BASIS
        .iter()
        .all(|key| basis(&before, key) == basis(&now, key));
    if !same || basis(&now, "inputs_sha256").is_none() {
        return None;
    }
    let outputs = before.get("outputs")?.as_object()?;
    let outputs: Vec<(&String, &Value)> = outputs.iter().collect();
    let whole = outputs
        .par_iter()
        .all(|(file, hash)| match sha256_of_file(&latest.join(file)) {
            Ok((_, found)) => hash.as_str() == Some(&found),
            Err(_) => false,
        });
    let set = std::fs::read_link(latest).ok()?;
    let name = set.file_name()?.to_string_lossy().into_owned();
    let text = |skipped: &Value, key: &str| Some(skipped.get(key)?.as_str()?.to_owned());
    let skipped = before.get("skipped")?.as_array()?.iter();
    let skipped = skipped.map(|one| Some((text(one, "source")?, text(one, "reason")?)));
    let skipped: Vec<(String, String)> = skipped.collect::<Option<_>>()?;
    (whole && !outputs.is_empty()).then_some(Unchanged { set: name, skipped })
}

fn basis(run: &Value, key: &str) -> Option<Value> {
    let mut value = run.get(key)?.clone();
    if let Some(settings) = value.as_object_mut() {
        for idle in IDLE {
            settings.remove(idle);
        }
    }
    Some(value)
}
