//! What is to be forgotten, and what was deleted at its source, is nowhere any more.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::{NUMBERED, corpus, run_with_input, stderr, stdout, undertone};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// What somebody wants to have forgotten, and who wrote it.
const SECRET: &str = "My daughter Wilhelmina was moved to the Ambridge office against her will.";
const WRITER: &str = "Getafix of Ambridge";

/// A page with the secret, a reply to it, a comment by somebody else, and a second one by its writer.
fn page() -> String {
    serde_json::json!({
        "title": "Moves", "published": "2020-05-06", "body": "The moves are on, and nobody was asked about them.",
        "comments": [
            {"id": "1", "author": WRITER, "text": SECRET},
            {"id": "2", "parent": "1", "author": "Asterix", "text": "That is a disgrace and I hope she appeals."},
            {"id": "3", "author": "Obelix", "text": "My manager was kind about the whole thing, to be fair."},
            {"id": "4", "author": WRITER, "text": "Nobody answers the telephone at head office any more."}
        ]
    })
    .to_string()
}

fn secret_corpus() -> TempDir {
    corpus(&[
        ("moves.json", page().as_bytes()),
        ("monday.txt", NUMBERED.as_bytes()),
    ])
}

fn command(name: &str, corpus: &Path, out: &Path, more: &[&str]) -> Output {
    run_with_input(
        undertone()
            .args(name.split(' '))
            .arg("--corpus")
            .arg(corpus)
            .arg("--out")
            .arg(out)
            .args(more),
        b"",
    )
}

/// A command that must end well; its stdout.
fn done(name: &str, corpus: &Path, out: &Path, more: &[&str]) -> String {
    let output = command(name, corpus, out, more);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

/// Every file below a folder that holds some bytes, links not followed.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("readable") {
            let entry = entry.expect("readable");
            let kind = entry.file_type().expect("a kind");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let content = fs::read(entry.path()).expect("readable");
                if content.windows(bytes.len()).any(|window| window == bytes) {
                    found.push(entry.path());
                }
            }
        }
    }
    found.sort();
    found
}

fn record(out: &Path) -> Value {
    let text = fs::read(out.join("latest/run.json")).expect("a record");
    serde_json::from_slice(&text).expect("JSON")
}

/// The lines of the latest set.
fn lines(out: &Path) -> Vec<Value> {
    let text = fs::read_to_string(out.join("latest/comments.jsonl")).expect("readable");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn ids(out: &Path) -> Vec<String> {
    lines(out)
        .iter()
        .map(|line| line["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn sets(out: &Path) -> usize {
    fs::read_dir(out.join("runs")).expect("readable").count()
}

/// The beginnings of the vectors in a store, by text.
fn vectors(out: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let store = Connection::open(out.join("store.sqlite")).expect("a store");
    let mut query = store
        .prepare("SELECT text, means FROM vectors")
        .expect("a query");
    let rows = query.query_map([], |row| {
        let (text, means): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        Ok((text, means))
    });
    rows.expect("rows")
        .map(|row| row.expect("a row"))
        // The first byte says what follows; 64 are too many to be the same by chance.
        .filter_map(|(text, means)| Some((text, means.get(1..65)?.to_vec())))
        .collect()
}

#[test]
fn forget_shows_what_it_would_do_and_does_nothing_until_told() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    done("run", corpus.path(), out.path(), &["--quiet"]);
    let kept = vectors(out.path());
    let shown = done(
        "forget",
        corpus.path(),
        out.path(),
        &["--author", WRITER, "--text-matching", "(?i)wilhelmina"],
    );
    assert!(
        shown.starts_with("1 comment would be forgotten:"),
        "{shown}"
    );
    let line = shown
        .lines()
        .find(|line| line.contains("moves#1"))
        .expect("it is shown");
    assert!(
        line.contains(WRITER) && line.contains(&SECRET[..50]),
        "{line}"
    );
    assert!(
        shown.contains("(the latest)") && shown.contains("--apply"),
        "{shown}"
    );
    assert!(!out.path().join("forgotten.txt").exists());
    assert_eq!(vectors(out.path()), kept);
    assert_eq!(ids(out.path()).len(), 7);

    // Options narrow each other down.
    let all = done("forget", corpus.path(), out.path(), &["--author", WRITER]);
    assert!(all.starts_with("2 comments would be forgotten:"), "{all}");
    let none = command(
        "forget",
        corpus.path(),
        out.path(),
        &["--author", "Asterix", "--text-matching", "Wilhelmina"],
    );
    assert_eq!(none.status.code(), Some(1), "{}", stderr(&none));
    assert!(stdout(&none).contains("no comment in"), "{}", stdout(&none));
}

#[test]
fn a_forgotten_comment_is_in_no_file_and_no_page_brings_it_back() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    done("run", corpus.path(), out.path(), &["--quiet"]);
    assert!(!files_with(out.path(), b"Wilhelmina").is_empty());
    let told = done(
        "forget",
        corpus.path(),
        out.path(),
        &["--id", "moves/moves#1", "--apply", "--remove-sets"],
    );
    assert!(told.starts_with("1 comment is forgotten:"), "{told}");
    assert!(told.contains("the next run makes a new one"), "{told}");
    assert!(fs::symlink_metadata(out.path().join("latest")).is_err());
    assert_eq!(sets(out.path()), 0);
    assert_eq!(files_with(out.path(), b"Wilhelmina"), Vec::<PathBuf>::new());

    let stones = fs::read_to_string(out.path().join("forgotten.txt")).expect("tombstones");
    assert_eq!(stones.lines().count(), 2, "{stones}");
    assert!(!stones.contains("Getafix"), "{stones}");

    done("run", corpus.path(), out.path(), &["--quiet"]);
    let left = [
        "monday#1", "monday#2", "monday#3", "moves#2", "moves#3", "moves#4",
    ];
    assert_eq!(ids(out.path()), left);
    let reply = lines(out.path());
    let reply = reply.iter().find(|line| line["id"] == "moves#2");
    assert_eq!(reply.expect("the reply")["parent"], Value::Null);
    assert_eq!(record(out.path())["forgotten"], 1);

    // On another page, under another id, in other white space, and after the store was pruned.
    let copy = serde_json::json!({
        "body": "A copy of the thread, as it was in June.",
        "comments": [
            {"id": "7", "author": "Idefix", "text": "Somebody should tell the union about it."},
            {"id": "8", "author": WRITER, "text": SECRET.replace(' ', "  \n")}
        ]
    });
    fs::write(corpus.path().join("copy.json"), copy.to_string()).expect("writable");
    done("cache prune", corpus.path(), out.path(), &["--quiet"]);
    done("run", corpus.path(), out.path(), &["--quiet"]);
    let now = ids(out.path());
    assert!(
        now.contains(&"copy#1".to_owned()) && !now.contains(&"copy#2".to_owned()),
        "{now:?}"
    );
    assert_eq!(record(out.path())["forgotten"], 2);
    assert_eq!(files_with(out.path(), b"Wilhelmina"), Vec::<PathBuf>::new());
    assert_eq!(
        fs::read_to_string(out.path().join("forgotten.txt")).expect("tombstones"),
        stones
    );
}

#[test]
fn vectors_of_a_forgotten_comment_are_erased_and_the_next_run_needs_no_other() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    done("run", corpus.path(), out.path(), &["--quiet"]);
    let before = vectors(out.path());
    done(
        "forget",
        corpus.path(),
        out.path(),
        &["--id", "moves#1", "moves#4", "--apply", "--quiet"],
    );
    let after = vectors(out.path());
    let erased: Vec<&Vec<u8>> = before
        .iter()
        .filter(|(text, _)| !after.contains_key(*text))
        .map(|(_, means)| means)
        .collect();
    // The two comments, and the reply beside the comment that it answered.
    assert_eq!(erased.len(), 3);
    for means in erased {
        assert_eq!(files_with(out.path(), means), Vec::<PathBuf>::new());
    }
    // The search can find vectors.
    let kept = after.values().next().expect("a text that stays");
    assert_eq!(
        files_with(out.path(), kept),
        [out.path().join("store.sqlite")]
    );
    // Nobody else's vectors are gone: only the reply is read anew, because it answers nothing now.
    done("run", corpus.path(), out.path(), &["--quiet"]);
    assert_eq!(record(out.path())["texts"]["encoded"], 1);
}

#[test]
fn a_comment_deleted_at_the_source_is_gone_from_the_output_and_by_pruning_from_the_store() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    done("run", corpus.path(), out.path(), &["--quiet"]);
    let before = vectors(out.path());
    let mut page: Value = serde_json::from_str(&page()).expect("JSON");
    page["comments"].as_array_mut().expect("a list").remove(0);
    fs::write(corpus.path().join("moves.json"), page.to_string()).expect("writable");
    done(
        "run",
        corpus.path(),
        out.path(),
        &["--quiet", "--keep", "1"],
    );
    assert_eq!(files_with(out.path(), b"Wilhelmina"), Vec::<PathBuf>::new());
    assert_eq!(record(out.path())["forgotten"], 0);
    done("cache prune", corpus.path(), out.path(), &["--quiet"]);
    let after = vectors(out.path());
    let fresh = TempDir::new().expect("a temporary folder");
    done("run", corpus.path(), fresh.path(), &["--quiet"]);
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        vectors(fresh.path()).keys().collect::<Vec<_>>()
    );
    let gone = before.iter().filter(|(text, _)| !after.contains_key(*text));
    let gone: Vec<&Vec<u8>> = gone.map(|(_, means)| means).collect();
    assert!(!gone.is_empty());
    for means in gone {
        assert_eq!(files_with(out.path(), means), Vec::<PathBuf>::new());
    }
}

#[test]
fn sets_that_hold_the_comment_are_named_even_where_they_are_redacted() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    done(
        "run",
        corpus.path(),
        out.path(),
        &["--quiet", "--redact", "all"],
    );
    let redacted = fs::read_link(out.path().join("latest")).expect("a link");
    let other = lines(out.path())
        .into_iter()
        .find(|line| line["id"] == "moves#1")
        .expect("its line");
    assert_ne!(other["text"], SECRET, "a set that tests nothing");
    // A set without the comment stays.
    fs::write(corpus.path().join("moves.json"), "{\"body\": \"Nothing.\"}").expect("writable");
    done("run", corpus.path(), out.path(), &["--quiet"]);
    let innocent = fs::read_link(out.path().join("latest")).expect("a link");
    fs::write(corpus.path().join("moves.json"), page()).expect("writable");

    let args = ["--text-matching", "Wilhelmina", "--apply"];
    let told = done("forget", corpus.path(), out.path(), &args);
    assert!(
        told.contains(&redacted.display().to_string()) && told.contains("--remove-sets"),
        "{told}"
    );
    assert!(!told.contains(&innocent.display().to_string()), "{told}");
    assert!(out.path().join(&redacted).is_dir());
    // What is forgotten already is found again without being named.
    let told = done(
        "forget",
        corpus.path(),
        out.path(),
        &["--apply", "--remove-sets"],
    );
    assert!(told.contains(&redacted.display().to_string()), "{told}");
    assert!(!out.path().join(&redacted).exists());
    assert_eq!(
        fs::read_link(out.path().join("latest")).expect("the other set stays in force"),
        innocent
    );
    assert!(out.path().join("latest/summary.json").is_file());
}

#[test]
fn a_list_of_forgotten_comments_is_news_and_a_spoilt_one_stops_the_run() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    done("run", corpus.path(), out.path(), &["--quiet"]);
    done(
        "forget",
        corpus.path(),
        out.path(),
        &["--id", "moves#1", "--apply", "--quiet"],
    );
    for _ in 0..2 {
        done("run", corpus.path(), out.path(), &["--quiet"]);
    }
    assert_eq!(sets(out.path()), 2);
    assert_eq!(ids(out.path()).len(), 6);

    let file = out.path().join("forgotten.txt");
    let mut text = fs::read_to_string(&file).expect("readable");
    text.push_str("Mr Smith\n");
    fs::write(&file, text).expect("writable");
    let refused = command("run", corpus.path(), out.path(), &["--anew"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("forgotten.txt, line 3"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(sets(out.path()), 2);

    // Without the list they come back, but not unnoticed.
    fs::remove_file(&file).expect("it is there");
    let output = command("run", corpus.path(), out.path(), &["--quiet"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        stderr(&output).contains("the latest set left out 1 of them"),
        "{}",
        stderr(&output)
    );
    assert_eq!(ids(out.path()).len(), 7);
}

#[test]
fn samples_and_corpora_of_labels_leave_forgotten_comments_out() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    done(
        "forget",
        corpus.path(),
        out.path(),
        &["--id", "moves#1", "--apply", "--quiet"],
    );
    let list = out.path().join("forgotten.txt");
    let list = list.to_str().expect("a plain path");
    let drawn = |name: &str, more: &[&str]| {
        let sample = out.path().join(name);
        done("sample", corpus.path(), &sample, more);
        fs::read_to_string(sample).expect("a sample")
    };
    let gold = drawn("all.jsonl", &[]);
    assert!(gold.contains("Wilhelmina"), "a sample that tests nothing");
    let left = drawn("left.jsonl", &["--forgotten", list]);
    assert!(!left.contains("Wilhelmina"), "{left}");
    assert_eq!(left.lines().count() + 1, gold.lines().count());

    // A label for it finds no comment.
    let labelled: String = gold
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).expect("JSON");
            line["sentiment"] = "negative".into();
            format!("{line}\n")
        })
        .collect();
    let file = out.path().join("labels.jsonl");
    fs::write(&file, labelled).expect("writable");
    let eval = run_with_input(
        undertone()
            .arg("eval")
            .arg("--gold")
            .arg(&file)
            .arg("--corpus")
            .arg(corpus.path())
            .args(["--forgotten", list]),
        b"",
    );
    assert_eq!(eval.status.code(), Some(2));
    assert!(stderr(&eval).contains("moves#1"), "{}", stderr(&eval));

    let missing = command(
        "run",
        corpus.path(),
        out.path(),
        &["--forgotten", "nowhere"],
    );
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        stderr(&missing).contains("nowhere: there is no such list"),
        "{}",
        stderr(&missing)
    );
}

#[test]
fn what_cannot_be_forgotten_is_said_and_nothing_is_written() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    let refused = |more: &[&str], code: i32, told: &str| {
        let output = command("forget", corpus.path(), out.path(), more);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
        assert!(!out.path().join("forgotten.txt").exists());
    };
    refused(&["--apply"], 2, "name comments with --id");
    refused(
        &["--id", "moves#1", "moves#9", "--apply"],
        2,
        "no comment \"moves#9\"",
    );
    refused(&["--text-matching", "(", "--apply"], 2, "--text-matching");
    let lock = fs::File::create(out.path().join(".lock")).expect("writable");
    lock.try_lock().expect("nobody else holds it");
    refused(&["--id", "moves#1", "--apply"], 3, "at work here");
}

#[test]
fn a_set_that_cannot_be_looked_through_is_named_and_left() {
    let (corpus, out) = (secret_corpus(), TempDir::new().expect("a temporary folder"));
    done("run", corpus.path(), out.path(), &["--quiet"]);
    fs::remove_file(out.path().join("latest/comments.jsonl")).expect("writable");
    let more = ["--id", "moves#1", "--apply", "--remove-sets", "--quiet"];
    let output = command("forget", corpus.path(), out.path(), &more);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = stderr(&output);
    assert!(told.contains("look yourself whether it holds"), "{told}");
    assert_eq!(sets(out.path()), 1);
}

#[test]
fn results_within_the_corpus_are_no_pages() {
    let corpus = secret_corpus();
    let out = corpus.path().join("results");
    done("run", corpus.path(), &out, &["--quiet"]);
    done(
        "forget",
        corpus.path(),
        &out,
        &["--id", "moves#1", "--apply", "--quiet"],
    );
    done("run", corpus.path(), &out, &["--quiet"]);
    let inputs = record(&out)["inputs"].clone();
    let files: Vec<&str> = inputs
        .as_array()
        .expect("a list")
        .iter()
        .map(|input| input["file"].as_str().expect("a name"))
        .collect();
    assert_eq!(files, ["monday.txt", "moves.json"]);
    // A page of that name is a page.
    fs::write(corpus.path().join("forgotten.txt"), "A page of this name.").expect("writable");
    done("run", corpus.path(), &out, &["--quiet"]);
    assert_eq!(record(&out)["inputs"].as_array().map(Vec::len), Some(3));
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_the_corpus_are_refused_and_others_followed() {
    use std::os::unix::fs::symlink;

    let outside = corpus(&[
        ("private.txt", b"Wilhelmina was moved.\n"),
        ("private.json", b"{\"body\": \"Wilhelmina was moved.\"}"),
        ("posts.csv", b"file,title\nmonday.txt,Wilhelmina\n"),
    ]);
    let folder = corpus(&[("monday.txt", NUMBERED.as_bytes()), ("attic/.hidden", b"x")]);
    let leads_out = ["letter.txt", "attic/letter.json", "posts.csv"];
    for (name, target) in leads_out
        .iter()
        .zip(["private.txt", "private.json", "posts.csv"])
    {
        symlink(outside.path().join(target), folder.path().join(name)).expect("a link");
    }
    // Within the folder, by a way that leads out and in again.
    let name = folder.path().file_name().expect("a name");
    symlink(
        Path::new("../..").join(name).join("monday.txt"),
        folder.path().join("attic/again.txt"),
    )
    .expect("a link");

    let out = TempDir::new().expect("a temporary folder");
    let output = command("run", folder.path(), out.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let record = record(out.path());
    let skipped = record["skipped"].as_array().expect("a list");
    assert_eq!(skipped.len(), leads_out.len(), "{skipped:?}");
    for name in leads_out {
        let one = skipped
            .iter()
            .find(|one| {
                one["source"]
                    .as_str()
                    .is_some_and(|path| path.ends_with(name))
            })
            .expect("it is named");
        let reason = one["reason"].as_str().expect("a reason");
        assert!(
            reason.contains("outside the folder") && reason.contains("name that file"),
            "{reason}"
        );
    }
    let files: Vec<&str> = record["inputs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|input| input["file"].as_str().expect("a name"))
        .collect();
    assert_eq!(files, ["attic/again.txt", "monday.txt"]);
    assert_eq!(
        files_with(&out.path().join("runs"), b"Wilhelmina"),
        Vec::<PathBuf>::new()
    );

    // A corpus that is a link itself, and a link that is named itself, are what the user asked for.
    let pages = out.path().join("pages");
    symlink(outside.path(), &pages).expect("a link");
    for (named, times) in [(pages, 2), (folder.path().join("letter.txt"), 1)] {
        let output = run_with_input(undertone().arg("ingest").arg(&named), b"");
        let found = stdout(&output).matches("Wilhelmina").count();
        assert_eq!(found, times, "{}", stderr(&output));
    }
}
