//! `undertone run` on folders, good and bad.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::{NUMBERED, corpus, run_with_input, shared, stderr, stdout, undertone};
use serde_json::Value;
use tempfile::TempDir;

const FLATTENED: &str = "A body about the strike ballot.\nThe union should have balloted in spring.\nReplyDeleteAgreed, and the offer was an insult to all of us.\nDeleteI voted yes.\nReplyDelete";

fn good_corpus() -> TempDir {
    corpus(&[
        ("monday.txt", NUMBERED.as_bytes()),
        ("deep/er/strike.txt", FLATTENED.as_bytes()),
        ("posts.csv", b"file,title,published,url\ndeep/er/strike.txt,The ballot,2020-05-06,https://example.org/ballot\n"),
    ])
}

fn run(corpus: &Path, out: &Path, more: &[&str]) -> Output {
    run_with_input(
        undertone()
            .arg("run")
            .arg("--corpus")
            .arg(corpus)
            .arg("--out")
            .arg(out)
            .args(more),
        b"",
    )
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("below the folder")
                    .to_owned();
                found.insert(name, fs::read(&path).expect("readable"));
            }
        }
    }
    found
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("the file is there")).expect("JSON")
}

#[test]
fn a_run_writes_a_whole_set_and_points_to_it() {
    let (corpus, out) = (good_corpus(), TempDir::new().expect("a temporary folder"));
    let output = run(corpus.path(), out.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).starts_with("2 posts, 6 comments, 2 of them replies\n"),
        "{}",
        stdout(&output)
    );
    assert!(
        stderr(&output).contains("undertone: scoring: 8 in"),
        "{}",
        stderr(&output)
    );

    let latest = out.path().join("latest");
    assert!(fs::read_link(&latest).expect("a link").starts_with("runs"));
    let names: Vec<String> = files(&latest)
        .into_keys()
        .map(|name| name.display().to_string())
        .collect();
    assert_eq!(
        names,
        [
            "changes.json",
            "comments.jsonl",
            "comments.parquet",
            "comparison.csv",
            "comparison.json",
            "comparison.parquet",
            "digest.txt",
            &names[7],
            &names[8],
            "report/index.html",
            "run.json",
            "summary.json",
            "years/2019.json",
            "years/2020.json"
        ]
    );
    assert!(names[7].starts_with("posts/2019-03-04-monday-again-"));
    assert!(names[8].starts_with("posts/2020-05-06-the-ballot-"));

    let summary = json(&latest.join("summary.json"));
    assert_eq!(
        summary["comments"],
        serde_json::json!({"total": 6, "replies": 2, "quoted_only": 0, "duplicates": 0, "other_languages": 0})
    );
    assert_eq!(summary["by_post"][1]["file"], names[8].as_str());
    assert_eq!(summary["by_post"][1]["url"], "https://example.org/ballot");
    assert_eq!(summary["by_year"][0]["year"], 2019);
    assert_eq!(summary["by_year"][0]["comments"]["total"], 3);
    assert_eq!(summary["taxonomy"].as_array().expect("themes").len(), 17);

    let post = json(&latest.join(&names[8]));
    assert_eq!(post["post"]["url"], "https://example.org/ballot");
    assert_eq!(post["post"]["file"], "deep/er/strike.txt");

    // Nothing was kept before, and all that is there is new.
    let record = json(&latest.join("run.json"));
    assert_eq!(
        record["texts"],
        serde_json::json!({"known": 0, "alike": 0, "encoded": 8})
    );
    assert_eq!(record["forgotten"], 0);
    let changes = json(&latest.join("changes.json"));
    assert_eq!(
        (&changes["since"], &changes["comments"]["added"]),
        (&Value::Null, &6.into())
    );
    assert_eq!(
        fs::read_to_string(latest.join("digest.txt")).expect("readable"),
        "No earlier set to compare with: 6 comments.\n"
    );

    // The summary is the sum of its lines.
    let lines = fs::read_to_string(latest.join("comments.jsonl")).expect("readable");
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let negative = lines
        .iter()
        .filter(|line| line["sentiment"]["label"] == "negative")
        .count();
    assert_eq!(summary["sentiment"]["negative"]["count"], negative);
    for (theme, figures) in summary["themes"].as_object().expect("themes") {
        let with = lines.iter().filter(|line| {
            line["themes_assigned"]
                .as_array()
                .expect("a list")
                .contains(&theme.as_str().into())
        });
        assert_eq!(figures["comments"]["count"], with.count(), "{theme}");
    }
    let ids: Vec<&str> = lines
        .iter()
        .map(|line| line["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(
        ids,
        [
            "monday#1", "monday#2", "monday#3", "strike#1", "strike#2", "strike#3"
        ]
    );
    assert_eq!(lines[1]["parent"], "monday#1");
}

#[test]
fn the_same_corpus_gives_the_same_bytes_wherever_it_lies_and_on_any_number_of_threads() {
    let (one, two) = (good_corpus(), good_corpus());
    let sets = [(one.path(), "1"), (two.path(), "3")].map(|(corpus, threads)| {
        // Each of its own, so that neither has scores or news from the other.
        let out = TempDir::new().expect("a temporary folder");
        assert_eq!(
            run(corpus, out.path(), &["--threads", threads])
                .status
                .code(),
            Some(0)
        );
        let mut set = files(&out.path().join("latest"));
        let record: Value =
            serde_json::from_slice(&set.remove(Path::new("run.json")).expect("a record"))
                .expect("JSON");
        // run.json states the hash of every other file.
        let stated = record["outputs"].as_object().expect("hashes");
        assert_eq!(stated.len(), set.len());
        assert_eq!(record["inputs"].as_array().expect("hashes").len(), 3);
        set
    });
    assert_eq!(sets[0], sets[1]);
}

#[test]
fn every_output_fits_its_schema() {
    let (corpus, out) = (good_corpus(), TempDir::new().expect("a temporary folder"));
    assert_eq!(
        run(corpus.path(), out.path(), &["--quiet"]).status.code(),
        Some(0)
    );
    let schema = |name: &str| {
        let output = run_with_input(undertone().args(["schema", name]), b"");
        let schema: Value = serde_json::from_slice(&output.stdout).expect("a JSON schema");
        jsonschema::validator_for(&schema).expect("a valid schema")
    };
    let kinds = [
        "summary",
        "post",
        "year",
        "run",
        "comment",
        "changes",
        "comparison",
    ]
    .map(|name| (name, schema(name)));
    let fits = |kind: &str, value: &Value| {
        let validator = &kinds
            .iter()
            .find(|(name, _)| *name == kind)
            .expect("a kind")
            .1;
        let problems: Vec<String> = validator
            .iter_errors(value)
            .map(|error| error.to_string())
            .collect();
        assert!(problems.is_empty(), "{kind}: {problems:?}");
    };
    for (name, bytes) in files(&out.path().join("latest")) {
        let name = name.display().to_string();
        if name == "digest.txt" {
            continue;
        }
        if name == "comments.jsonl" {
            for line in bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
            {
                fits("comment", &serde_json::from_slice(line).expect("JSON"));
            }
            continue;
        }
        if !name.ends_with(".json") {
            continue;
        }
        let kind = match name.split('/').next() {
            Some("posts") => "post",
            Some("years") => "year",
            _ => name.trim_end_matches(".json"),
        };
        let value = serde_json::from_slice(&bytes).expect("JSON");
        fits(kind, &value);
        // The check can fail: no file is one of another kind.
        for (other, schema) in kinds.iter().filter(|(other, _)| *other != kind) {
            assert!(!schema.is_valid(&value), "{name} passes for {other}");
        }
    }
    let scored = run_with_input(undertone().arg("score"), b"{\"text\":\"a\"}\n");
    let score = schema("score");
    assert!(score.is_valid(&serde_json::from_slice(&scored.stdout).expect("JSON")));
    assert!(!score.is_valid(&serde_json::json!({"text": "a"})));
    let ingested = run_with_input(undertone().arg("ingest").arg(corpus.path()), b"");
    let ingest = schema("ingest");
    for line in stdout(&ingested).lines() {
        assert!(ingest.is_valid(&serde_json::from_str(line).expect("JSON")));
    }
}

#[test]
fn old_sets_are_removed_but_never_what_is_no_set() {
    let (corpus, out) = (good_corpus(), TempDir::new().expect("a temporary folder"));
    let runs = out.path().join("runs");
    for name in [
        "2001-01-01T00-00-00Z",
        "2001-01-01T00-00-00Z-10",
        "2001-01-01T00-00-00Z-9",
        "2001-01-01T00-00-00Z-baseline",
        "2012-archive",
    ] {
        fs::create_dir_all(runs.join(name)).expect("writable");
        fs::write(runs.join(name).join("run.json"), "{}").expect("writable");
    }
    fs::create_dir_all(runs.join("my notes")).expect("writable");
    fs::create_dir_all(runs.join(".part-2001-01-01T00-00-00Z")).expect("writable");
    let output = run(corpus.path(), out.path(), &["--keep", "2"]);
    assert_eq!(output.status.code(), Some(0));
    let mut left: Vec<String> = fs::read_dir(&runs)
        .expect("readable")
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    left.sort();
    assert_eq!(left.len(), 5, "{left:?}");
    assert_eq!(
        [&left[..3], &left[4..]].concat(),
        [
            "2001-01-01T00-00-00Z-10",
            "2001-01-01T00-00-00Z-baseline",
            "2012-archive",
            "my notes"
        ]
    );
    assert!(stderr(&output).contains("removed the old set 2001-01-01T00-00-00Z-9"));
}

#[test]
fn quiet_is_silent() {
    let (corpus, out) = (good_corpus(), TempDir::new().expect("a temporary folder"));
    let output = run(corpus.path(), out.path(), &["--quiet"]);
    assert_eq!(
        (output.status.code(), stdout(&output), stderr(&output)),
        (Some(0), String::new(), String::new())
    );
}

#[test]
fn a_reply_is_scored_beside_what_it_answers() {
    let (corpus, out) = (good_corpus(), TempDir::new().expect("a temporary folder"));
    run(corpus.path(), out.path(), &["--quiet"]);
    let lines = fs::read_to_string(out.path().join("latest/comments.jsonl")).expect("readable");
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let reply = lines
        .iter()
        .find(|line| line["text"] == "Same here.")
        .expect("the reply");
    let answered = lines
        .iter()
        .find(|line| line["id"] == reply["parent"])
        .expect("its parent");
    let line = serde_json::json!({"text": reply["text"], "answers": answered["text"]});
    let output = run_with_input(undertone().arg("score"), line.to_string().as_bytes());
    let scored: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    for field in ["sentiment", "themes", "themes_assigned", "attitudes"] {
        assert_eq!(scored[field], reply[field], "{field}");
    }
}

#[test]
fn bad_pages_are_skipped_with_a_reason_and_the_rest_is_done() {
    let folder = corpus(&[
        ("monday.txt", NUMBERED.as_bytes()),
        ("cut.txt", &NUMBERED.as_bytes()[..NUMBERED.len() - 60]),
        (
            "latin.txt",
            b"It\x92s a short post.\nA comment\x85\nReplyDelete",
        ),
        ("null.txt", b"A body with a \0 in it.\n"),
        (
            "picture.txt",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe\0\x80",
        ),
        ("empty.txt", b""),
    ]);
    let big = fs::File::create(folder.path().join("big.txt")).expect("writable");
    big.set_len(200 << 20).expect("a sparse file");
    // Whoever opens it waits for somebody to write into it.
    let pipe = std::process::Command::new("mkfifo")
        .arg(folder.path().join("pipe.txt"))
        .status();
    assert!(pipe.expect("there is such a program").success());
    let out = TempDir::new().expect("a temporary folder");
    let output = run(folder.path(), out.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let errors = stderr(&output);
    let record = json(&out.path().join("latest/run.json"));
    let skipped = record["skipped"].as_array().expect("a list");
    assert_eq!(skipped.len(), 4, "{skipped:?}");
    for (file, reason) in [
        ("pipe.txt", "not a regular file"),
        ("big.txt", "200 MB, more than the limit of 32 MB"),
        ("empty.txt", "no text"),
        ("picture.txt", "not"),
    ] {
        let entry = skipped
            .iter()
            .find(|s| s["source"].as_str().expect("a path").ends_with(file))
            .expect("it is listed");
        let stated = entry["reason"].as_str().expect("a reason");
        assert!(stated.contains(reason), "{stated}");
        assert!(
            errors.contains(&format!(
                "{}: {stated}",
                entry["source"].as_str().expect("a path")
            )),
            "{errors}"
        );
    }
    assert_eq!(json(&out.path().join("latest/summary.json"))["posts"], 4);
    for (file, warning) in [
        ("cut.txt", "breaks off"),
        ("latin.txt", "Windows-1252"),
        ("null.txt", "NUL"),
    ] {
        let line = errors
            .lines()
            .find(|line| line.contains(file) && line.contains(warning));
        assert!(line.is_some(), "{file}: {errors}");
    }
}

#[test]
fn what_cannot_be_done_ends_with_2_and_leaves_everything_as_it_was() {
    let corpus = good_corpus();
    let out = TempDir::new().expect("a temporary folder");
    assert_eq!(
        run(corpus.path(), out.path(), &["--quiet"]).status.code(),
        Some(0)
    );
    // The lock names whoever held it last.
    let kept = || {
        let mut all = files(out.path());
        all.remove(Path::new(".lock"));
        all
    };
    let before = kept();

    let refused = |output: Output, expected: &str| {
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    };
    refused(
        run(&corpus.path().join("nowhere"), out.path(), &[]),
        "nowhere",
    );
    let empty = TempDir::new().expect("a temporary folder");
    refused(
        run(empty.path(), out.path(), &[]),
        &empty.path().display().to_string(),
    );
    let unreadable = crate::corpus(&[("empty.txt", b" \n")]);
    refused(
        run(unreadable.path(), out.path(), &[]),
        "no page in it could be read",
    );
    refused(
        run(corpus.path(), out.path(), &["--themes", "Cargo.toml"]),
        "Cargo.toml",
    );
    refused(
        run(corpus.path(), out.path(), &["--precision", "f16"]),
        "auto, f32, bf16",
    );
    assert_eq!(kept(), before);

    for taken in ["file", "folder"] {
        let out = TempDir::new().expect("a temporary folder");
        let latest = out.path().join("latest");
        if taken == "file" {
            fs::write(&latest, "mine").expect("writable");
        } else {
            fs::create_dir(&latest).expect("writable");
        }
        refused(
            run(corpus.path(), out.path(), &["--model", "/nonexistent"]),
            "move it away",
        );
        assert!(!latest.is_symlink());
    }

    // The output folder is tried before the model is loaded.
    let file = corpus.path().join("monday.txt");
    refused(
        run(corpus.path(), &file, &["--model", "/nonexistent"]),
        "cannot be written",
    );
}

#[test]
fn a_log_that_cannot_be_written_does_not_stop_the_run() {
    let out = TempDir::new().expect("a temporary folder");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("there is such a device");
    let corpus = corpus(&[("monday.txt", NUMBERED.as_bytes()), ("empty.txt", b"")]);
    let status = undertone()
        .arg("run")
        .arg("--corpus")
        .arg(corpus.path())
        .arg("--out")
        .arg(out.path())
        .stdout(full.try_clone().expect("it can be shared"))
        .stderr(full)
        .status()
        .expect("the program starts");
    assert_eq!(status.code(), Some(1));
    assert!(out.path().join("latest/summary.json").is_file());
}

#[test]
fn an_output_folder_within_the_corpus_is_left_alone() {
    let corpus = good_corpus();
    let out = corpus.path().join("results");
    // Even where nothing has changed, the pages are read again.
    for _ in 0..2 {
        let output = run(corpus.path(), &out, &["--quiet", "--anew"]);
        assert_eq!(
            (output.status.code(), stderr(&output)),
            (Some(0), String::new())
        );
    }
    assert_eq!(json(&out.join("latest/summary.json"))["posts"], 2);
}

#[test]
fn two_runs_do_not_write_to_one_folder_at_the_same_time() {
    let (corpus, out) = (good_corpus(), TempDir::new().expect("a temporary folder"));
    let lock = fs::File::create(out.path().join(".lock")).expect("writable");
    lock.try_lock().expect("nobody else holds it");
    let output = run(corpus.path(), out.path(), &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("another run is at work here"),
        "{}",
        stderr(&output)
    );
    drop(lock);
    assert_eq!(
        run(corpus.path(), out.path(), &["--quiet"]).status.code(),
        Some(0)
    );
}

#[test]
fn reference_pages_are_read_and_scored() {
    let Some(shared) = shared() else { return };
    let out = TempDir::new().expect("a temporary folder");
    let output = run(&shared.join("seeds"), out.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let summary = json(&out.path().join("latest/summary.json"));
    assert_eq!(
        (&summary["posts"], &summary["comments"]["total"]),
        (&5.into(), &102.into())
    );
    assert_eq!(summary["by_year"].as_array().expect("years").len(), 3);
}
