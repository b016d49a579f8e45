//! What tests of whole runs need: running, and looking at what was written.

#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::common::{run_with_input, undertone};

/// `undertone run` in f32, so that results are the same on every processor.
pub fn run_command(corpus: &Path, out: &Path) -> Command {
    let mut command = undertone();
    command
        .args(["run", "--precision", "f32", "--corpus"])
        .arg(corpus)
        .arg("--out")
        .arg(out);
    command
}

/// The same, run to its end.
pub fn run(corpus: &Path, out: &Path, more: &[&str]) -> Output {
    run_with_input(run_command(corpus, out).args(more), b"")
}

/// A command whose program can write no file beyond `bytes`: a full disk, as far as a program can tell.
pub fn with_little_space(command: &Command, bytes: u64) -> Command {
    let mut shell = Command::new("sh");
    // Signal 25 is that of a file too large: ignored, so that the write fails instead. The unit is 512 bytes.
    shell
        .args(["-c", "trap '' 25; ulimit -f $0; exec \"$@\""])
        .arg((bytes / 512).to_string())
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}

/// Every file below a folder, by its path.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below the folder");
                found.insert(name.to_owned(), fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

/// The files of the latest set, without these.
pub fn set_without(out: &Path, without: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut set = files(&out.join("latest"));
    for name in without {
        assert!(set.remove(Path::new(name)).is_some(), "{name} is there");
    }
    set
}

/// The names of the sets there are, sorted; what is hidden is none.
pub fn sets(out: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(out.join("runs"))
        .expect("readable")
        .map(|entry| {
            let name = entry.expect("readable").file_name();
            name.to_string_lossy().into_owned()
        })
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// The name of the latest set.
pub fn latest(out: &Path) -> String {
    let place = fs::read_link(out.join("latest")).expect("a link");
    let name = place.file_name().expect("a name");
    name.to_string_lossy().into_owned()
}

/// A JSON file.
pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("the file is there")).expect("JSON")
}

/// `run.json` of the latest set.
pub fn record(out: &Path) -> Value {
    json(&out.join("latest/run.json"))
}

/// A page in the numbered form.
pub fn page(date: &str, title: &str, comments: &[&str]) -> String {
    let mut page = format!(
        "{date}\n\n{title}\n\nWhat is said under {title:?} about the service, in a sentence or two.\n\n{} comments:\n",
        comments.len()
    );
    for (number, text) in (1..).zip(comments) {
        page.push_str(&format!("\n  {number}. {text}\n\n    ReplyDelete\n"));
    }
    page
}
