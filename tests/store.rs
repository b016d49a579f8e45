//! The store: what is recalled is what was computed, and whatever happens to the file only costs time.

mod common;
#[path = "common/sets.rs"]
mod sets;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{NUMBERED, corpus, repository, run_with_input, stderr, stdout, undertone};
use rusqlite::Connection;
use sets::{files, page, record, run, run_command, set_without, with_little_space};
use tch::{Device, Kind, Tensor};
use tempfile::TempDir;
use undertone::inference::{Engine, Vectors};
use undertone::model::{Bundle, Encoder, ModelError, Precision, TokenBatch};
use undertone::passage::{Own, Passage};
use undertone::store::{Identity, Recalled, Store, recall};

/// Numbers in a vector of the encoder below.
const HIDDEN: usize = 8;

/// A small encoder whose vectors depend on the tokens alone, and that counts how often it is loaded.
struct Small {
    loaded: Arc<AtomicUsize>,
}

impl Encoder for Small {
    fn token_vectors(&self, batch: &TokenBatch) -> Result<Tensor, ModelError> {
        let steps = Tensor::arange(HIDDEN as i64, (Kind::Float, Device::Cpu)) + 1.0;
        let ids = batch.ids.to_kind(Kind::Float).unsqueeze(-1);
        Ok((ids * steps * 0.37).sin())
    }

    fn share(&self) -> Result<Box<dyn Encoder>, ModelError> {
        self.loaded.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Self {
            loaded: Arc::clone(&self.loaded),
        }))
    }
}

/// An engine around the small encoder, and how often that was loaded.
fn engine() -> (Engine, Arc<AtomicUsize>) {
    let bundle = Bundle::open(&repository("models/standard")).expect("the bundle is intact");
    let loaded = Arc::new(AtomicUsize::new(0));
    let encoder = Small {
        loaded: Arc::clone(&loaded),
    };
    let tokenizer = bundle.tokenizer().expect("it has a tokenizer");
    let engine = Engine::from_parts(tokenizer, Box::new(encoder), HIDDEN, 2);
    (engine.expect("a tokenizer that is known"), loaded)
}

fn identity() -> Identity {
    Identity {
        bundle: "ab".repeat(32),
        precision: Precision::F32,
        processor: "this".to_owned(),
    }
}

fn place(folder: &TempDir) -> PathBuf {
    folder.path().join("store.sqlite")
}

/// Texts of every kind that is kept in its own way.
fn passages() -> Vec<Passage<&'static str>> {
    let text =
        "Sixty cases each and no admin at all. They ask for more every week! My manager was kind.";
    let long = "The caseload went up again and nobody answers. ".repeat(80);
    let quoting = |own| Passage {
        own,
        ..Passage::whole(text)
    };
    vec![
        Passage::whole("One sentence without an end"),
        Passage::whole(text),
        quoting(Own::Parts(std::iter::once(0..37).collect())),
        quoting(Own::Parts(Vec::new())),
        Passage::whole(""),
        Passage {
            answers: Some("Do you have an admin?"),
            ..Passage::whole("Same here.")
        },
        Passage::whole("Same here."),
        Passage::whole(Box::leak(long.into_boxed_str())),
    ]
}

type Found = Vec<Option<Vectors>>;

fn recalled(
    engine: &Engine,
    identity: &Identity,
    store: &mut Store,
    passages: &[Passage<&str>],
    sentences: bool,
) -> (Found, Recalled) {
    let mut found = vec![None; passages.len()];
    let mut handed = 0;
    let counts = recall(
        engine,
        identity,
        store,
        passages,
        sentences,
        |place, vectors| {
            found[place] = vectors;
            handed += 1;
        },
    );
    assert_eq!(handed, passages.len());
    (found, counts.expect("it encodes"))
}

/// Vectors as bits, so that nothing that differs compares as equal.
fn bits(found: &Found) -> Vec<Option<[Vec<u64>; 3]>> {
    let one = |vectors: &Vectors| {
        let bits = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(f64::to_bits).collect();
        let own = vectors.own.iter().flatten().copied();
        // Without words of the writer's own there is no vector, which differs from any.
        let none = vectors.own.is_none().then_some(f64::NAN);
        let sentences = vectors.sentences.iter().copied().map(f64::from);
        [
            bits(&mut vectors.whole.iter().copied()),
            bits(&mut own.chain(none)),
            bits(&mut sentences.chain([vectors.sentences.nrows() as f64])),
        ]
    };
    found
        .iter()
        .map(|vectors| vectors.as_ref().map(one))
        .collect()
}

fn counts(known: u64, alike: u64, encoded: u64) -> Recalled {
    Recalled {
        known,
        alike,
        encoded,
    }
}

#[test]
fn what_is_recalled_is_what_was_computed_to_the_last_bit() {
    let (engine, loaded) = engine();
    let passages = passages();
    let all = passages.len() as u64;
    for sentences in [false, true] {
        let mut none = Store::none();
        let (computed, by) = recalled(&engine, &identity(), &mut none, &passages, sentences);
        assert_eq!(by, counts(0, 0, all));
        // Every kind is among them.
        let some = |place: usize| computed[place].as_ref().expect("it has words");
        assert_eq!(some(1).own.as_ref(), Some(&some(1).whole));
        assert!(
            some(2)
                .own
                .as_ref()
                .is_some_and(|own| *own != some(2).whole)
        );
        assert_eq!(some(3).own, None);
        assert_eq!(computed[4], None);
        assert_eq!(some(1).sentences.nrows() > 1, sentences);

        let folder = TempDir::new().expect("a temporary folder");
        for expected in [counts(0, 0, all), counts(all, 0, 0)] {
            let mut store = Store::open(&place(&folder));
            let before = loaded.load(Ordering::SeqCst);
            let (found, by) = recalled(&engine, &identity(), &mut store, &passages, sentences);
            assert_eq!(bits(&found), bits(&computed));
            assert_eq!(by, expected);
            assert_eq!(store.notices(), [""; 0]);
            // No encoder where there is nothing to encode.
            let encodes = loaded.load(Ordering::SeqCst) > before;
            assert_eq!(encodes, expected.encoded > 0);
        }
        // Sentences are kept whether they are asked for or not.
        let mut store = Store::open(&place(&folder));
        let (found, by) = recalled(&engine, &identity(), &mut store, &passages, true);
        assert_eq!(by, counts(all, 0, 0));
        let found = found[1].as_ref().expect("it has words");
        assert!(found.sentences.nrows() > 1);
    }
}

#[test]
fn only_what_the_encoder_would_read_otherwise_is_computed() {
    let (engine, _) = engine();
    let folder = TempDir::new().expect("a temporary folder");
    let mut store = Store::open(&place(&folder));
    let mut by = |identity: &Identity, texts: &[Passage<&str>]| {
        recalled(&engine, identity, &mut store, texts, false).1
    };
    let whole = |text| Passage::whole(text);
    let first = [
        whole("It stays."),
        whole("It is edited."),
        whole("It is spaced."),
    ];
    assert_eq!(by(&identity(), &first), counts(0, 0, 3));
    let second = [
        whole("It stays."),
        whole("It was edited."),
        whole("It  is \n spaced."),
    ];
    assert_eq!(by(&identity(), &second), counts(1, 1, 1));
    assert_eq!(by(&identity(), &second), counts(3, 0, 0));
    // The same words are another text where they answer something, or are not all the writer's own.
    let answering = Passage {
        answers: Some("It stays."),
        ..whole("It was edited.")
    };
    let quoting = Passage {
        own: Own::Parts(std::iter::once(0..2).collect()),
        ..whole("It stays.")
    };
    assert_eq!(by(&identity(), &[answering, quoting]), counts(0, 0, 2));

    let other = Identity {
        bundle: "cd".repeat(32),
        ..identity()
    };
    assert_eq!(by(&other, &first), counts(0, 0, 3));
    let other = Identity {
        precision: Precision::Bf16,
        ..identity()
    };
    assert_eq!(by(&other, &first), counts(0, 0, 3));
    let other = Identity {
        processor: "another".to_owned(),
        ..identity()
    };
    assert_eq!(by(&other, &first), counts(0, 0, 3));
    assert_eq!(by(&identity(), &first), counts(3, 0, 0));
}

/// Changes one bit in every value of a column.
fn spoil(file: &Path, table: &str, key: &str, column: &str) -> u64 {
    let database = Connection::open(file).expect("a database");
    let mut rows = database
        .prepare(&format!("SELECT {key}, {column} FROM {table}"))
        .expect("a table");
    let rows: Vec<(Vec<u8>, Vec<u8>)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("readable")
        .collect::<Result<_, _>>()
        .expect("readable");
    for (number, (key_of, mut value)) in rows.iter().cloned().enumerate() {
        let place = number * 7 % value.len();
        value[place] ^= 1 << (number % 8);
        database
            .execute(
                &format!("UPDATE {table} SET {column} = ? WHERE {key} = ?"),
                (value, key_of),
            )
            .expect("writable");
    }
    rows.len() as u64
}

#[test]
fn a_damaged_value_is_noticed_computed_anew_and_right() {
    let (engine, _) = engine();
    let passages = passages();
    let all = passages.len() as u64;
    let damages = [
        ("vectors", "text", "means", counts(0, 0, all)),
        ("vectors", "text", "sentences", counts(0, 0, all)),
        ("passages", "passage", "text", counts(0, all, 0)),
    ];
    for (table, key, column, expected) in damages {
        let folder = TempDir::new().expect("a temporary folder");
        let file = place(&folder);
        let mut store = Store::open(&file);
        let (computed, _) = recalled(&engine, &identity(), &mut store, &passages, true);
        drop(store);
        let spoilt = spoil(&file, table, key, column);
        assert_eq!(spoilt, all);

        let mut store = Store::open(&file);
        let found = store.verify().expect("it is open");
        assert_eq!((found.rows, found.damaged), (3 * all, spoilt));
        let (found, by) = recalled(&engine, &identity(), &mut store, &passages, true);
        assert_eq!((bits(&found), by), (bits(&computed), expected), "{column}");
        let (found, by) = recalled(&engine, &identity(), &mut store, &passages, true);
        assert_eq!((bits(&found), by), (bits(&computed), counts(all, 0, 0)));
        assert_eq!(store.verify().expect("it is open").damaged, 0);
    }
}

#[test]
fn a_store_may_be_newer_foreign_broken_or_out_of_reach_and_the_set_is_the_same() {
    let pages = corpus(&[("monday.txt", NUMBERED.as_bytes())]);
    let out = TempDir::new().expect("a temporary folder");
    let output = run(pages.path(), out.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let undisturbed = set_without(out.path(), &["run.json"]);
    let kept = fs::read(out.path().join("store.sqlite")).expect("a store");

    // How a store is spoilt, what is said of it, and whether it is left as it was.
    let truncated = kept[..kept.len() / 2 + 100].to_vec();
    let mut overwritten = kept.clone();
    overwritten[kept.len() / 4..3 * kept.len() / 4].fill(0x55);
    let mut newer = kept.clone();
    newer[60..64].copy_from_slice(&1000_i32.to_be_bytes());
    let mut foreign = kept.clone();
    foreign[68..72].copy_from_slice(&7_i32.to_be_bytes());
    let cases = [
        (
            b"This is no database, but a letter to a friend.".repeat(40),
            "it was set aside",
            false,
        ),
        (truncated, "it was set aside", false),
        (overwritten, "it was set aside", false),
        (newer, "written by a newer version", true),
        (foreign, "a database of another program", true),
    ];
    for (bytes, expected, left_alone) in cases {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("store.sqlite");
        fs::write(&file, &bytes).expect("writable");
        let again = |more: &[&str]| {
            let output = run(pages.path(), folder.path(), more);
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            output
        };
        let output = again(&[]);
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert_eq!(set_without(folder.path(), &["run.json"]), undisturbed);
        if left_alone {
            assert_eq!(fs::read(&file).expect("readable"), bytes);
            continue;
        }
        // Nothing is lost, and the new one serves the next night.
        assert!(folder.path().join("store.damaged-1").is_file());
        let output = again(&["--anew"]);
        assert!(!stderr(&output).contains("store"), "{}", stderr(&output));
        assert_eq!(record(folder.path())["texts"]["encoded"], 0);
    }

    let folder = TempDir::new().expect("a temporary folder");
    let below_a_file = pages.path().join("monday.txt/store.sqlite");
    let mut command = run_command(pages.path(), folder.path());
    let output = run_with_input(command.arg("--store").arg(below_a_file), b"");
    assert_eq!(output.status.code(), Some(0));
    let errors = stderr(&output);
    assert!(errors.contains("the run goes on without it"), "{errors}");
    assert_eq!(set_without(folder.path(), &["run.json"]), undisturbed);
}

#[test]
fn a_disk_that_is_full_for_the_store_only_costs_time() {
    // Vectors of many short sentences take more room than any file of a set.
    let words = [
        "office", "court", "prison", "team", "region", "hostel", "county",
    ];
    let comments: Vec<String> = (0..10)
        .map(|comment| {
            let sentence = |number: usize| {
                let word = words[(comment + number) % words.len()];
                format!(
                    "Our {word} has {} cases for everybody there.",
                    number + 20 * comment
                )
            };
            (0..60).map(sentence).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let comments: Vec<&str> = comments.iter().map(String::as_str).collect();
    let text = page("Monday, 4 March 2019", "Monday again", &comments);
    let pages = corpus(&[("monday.txt", text.as_bytes())]);
    let out = TempDir::new().expect("a temporary folder");
    run(pages.path(), out.path(), &["--quiet"]);
    let undisturbed = set_without(out.path(), &["run.json"]);
    let sizes = files(&out.path().join("latest"));
    let largest = sizes.values().map(Vec::len).max().expect("files") as u64;
    let store = fs::metadata(out.path().join("store.sqlite")).expect("a store");
    assert!(
        store.len() > 2 * largest + 16_384,
        "{} {largest}",
        store.len()
    );

    let full = TempDir::new().expect("a temporary folder");
    let command = run_command(pages.path(), full.path());
    let limited = &mut with_little_space(&command, largest + 4096);
    let output = run_with_input(limited, b"");
    let errors = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(errors.contains("the run goes on without it"), "{errors}");
    assert_eq!(set_without(full.path(), &["run.json"]), undisturbed);
    assert!(!full.path().join("store.damaged-1").exists());

    // With space again, it is used as if nothing had been.
    let output = run(pages.path(), full.path(), &["--anew"]);
    assert!(!stderr(&output).contains("store"), "{}", stderr(&output));
    run(pages.path(), full.path(), &["--anew", "--quiet"]);
    assert_eq!(record(full.path())["texts"]["encoded"], 0);
}

#[test]
fn the_cache_commands_say_what_is_there_and_prune_what_is_gone() {
    let stays = page(
        "Monday, 4 March 2019",
        "Monday again",
        &["Sixty cases each and still they ask for more of us every week."],
    );
    let goes = page(
        "Tuesday, 5 March 2019",
        "Tuesday",
        &["My manager was kind about it, to be fair to her, and I thank her."],
    );
    let pages = corpus(&[
        ("stays.txt", stays.as_bytes()),
        ("goes.txt", goes.as_bytes()),
    ]);
    let out = TempDir::new().expect("a temporary folder");
    let file = out.path().join("store.sqlite");
    let cache = |command: &str, more: &[&str]| {
        let mut program = undertone();
        program.args(["cache", command, "--out"]).arg(out.path());
        run_with_input(program.args(more), b"")
    };
    let output = cache("status", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no store is there"));
    assert!(!file.exists());

    run(pages.path(), out.path(), &["--quiet"]);
    let all = Store::open(&file).count();
    assert_eq!(all.len(), 1);
    let row = |output: &str| -> Vec<String> {
        let line = output
            .lines()
            .find(|line| line.starts_with(&all[0].bundle[..8]));
        let line = line.expect("a row of the model");
        line.split_whitespace().map(str::to_owned).collect()
    };
    let output = cache("status", &[]);
    assert_eq!(output.status.code(), Some(0));
    // The number format, and on what kind of processor.
    assert!(
        all[0].precision.starts_with("f32 on "),
        "{}",
        all[0].precision
    );
    let expected = format!(
        "{} {} {} {} {}",
        &all[0].bundle[..8],
        all[0].precision,
        all[0].forward,
        all[0].passages,
        all[0].texts
    );
    assert_eq!(row(&stdout(&output)).join(" "), expected);

    let output = cache("verify", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let values = all[0].passages + 2 * all[0].texts;
    let expected = format!("{values} values, 0 of them damaged");
    assert!(stdout(&output).contains(&expected), "{}", stdout(&output));

    // A post and its one comment go.
    fs::remove_file(pages.path().join("goes.txt")).expect("writable");
    let prune = ["--precision", "f32", "--corpus"];
    let folder = pages.path().display().to_string();
    let prune = [&prune[..], &[folder.as_str()][..]].concat();
    // Not while another program has the store open.
    let other = Store::open(&file);
    let output = cache("prune", &prune);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("another run uses it"),
        "{}",
        stderr(&output)
    );
    drop(other);
    assert_eq!(Store::open(&file).count(), all);
    let output = cache("prune", &prune);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("2 texts removed"), "{told}");
    let left = Store::open(&file).count();
    assert_eq!(left[0].passages, all[0].passages - 2);
    run(pages.path(), out.path(), &["--quiet"]);
    assert_eq!(record(out.path())["texts"]["encoded"], 0);

    spoil(&file, "vectors", "text", "means");
    let output = cache("verify", &[]);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!("{} of them damaged", left[0].texts);
    assert!(stdout(&output).contains(&expected), "{}", stdout(&output));

    // What cannot be counted is not taken for nothing.
    let database = Connection::open(&file).expect("a database");
    database
        .execute_batch("DROP TABLE passages")
        .expect("writable");
    drop(database);
    let output = cache("status", &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("it was set aside as"),
        "{}",
        stderr(&output)
    );
}
