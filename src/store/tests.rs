//! What only the inside of a store can be asked for; tests/store.rs asks the rest from outside.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2, array};
use rusqlite::Connection;
use tempfile::TempDir;

use super::database::{Kept, Key, Store};
use super::recall::{key_of, words_of};
use crate::inference::Vectors;
use crate::passage::Passage;

const HIDDEN: usize = 4;

fn some_vectors(number: f64) -> Vectors {
    Vectors {
        whole: Array1::from_elem(HIDDEN, number),
        own: None,
        sentences: Array2::zeros((0, HIDDEN)),
    }
}

fn kept(key: u8, number: f64) -> Kept {
    Kept {
        passage: [key; 16],
        text: [key; 16],
        vectors: Some(Some(some_vectors(number))),
    }
}

fn place(folder: &TempDir) -> PathBuf {
    folder.path().join("store.sqlite")
}

/// The files of a folder, but for the lock.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("readable")
        .map(|entry| {
            let name = entry.expect("readable").file_name();
            name.to_string_lossy().into_owned()
        })
        .filter(|name| name != "store.sqlite.lock")
        .collect();
    names.sort();
    names
}

#[test]
fn a_store_that_was_kept_by_layout_1_is_used() {
    let folder = TempDir::new().expect("a temporary folder");
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store/layout-1.sqlite");
    fs::copy(frozen, place(&folder)).expect("writable");
    let mut store = Store::open(&place(&folder));
    assert_eq!(store.notices(), [""; 0]);
    let counts = store.count();
    assert_eq!(counts.len(), 1);
    assert_eq!((counts[0].passages, counts[0].texts), (2, 2));

    let bundle = "ab".repeat(32);
    let model = store.model(&bundle, "f32", 1, HIDDEN).expect("it is open");
    let mut found = |text: &str| {
        let text = store.text_of(model, &key_of(&Passage::whole(text)))?;
        store.vectors_of(model, &text, true)
    };
    let whole = array![0.5, -0.5, 0.5, 0.5];
    let vectors = Vectors {
        own: Some(whole.clone()),
        whole,
        sentences: array![[1.0, 0.0, 0.0, 0.0], [0.0, 0.25, 0.0, -0.75]],
    };
    assert_eq!(found("Sixty cases each. No admin."), Some(Some(vectors)));
    assert_eq!(found(""), Some(None));
    assert_eq!(found("Sixty cases each."), None);
    let words = words_of(&Passage::whole("Same here."));
    assert_eq!(
        store.sentiment_of("classifier", &words),
        Some([0.125, 0.25, 0.625])
    );
    let verified = store.verify().expect("it is open");
    assert_eq!((verified.rows, verified.damaged), (7, 0));
    assert_eq!(verified.problems, [""; 0]);
}

#[test]
fn another_bundle_precision_or_forward_pass_has_vectors_of_its_own() {
    let folder = TempDir::new().expect("a temporary folder");
    let mut store = Store::open(&place(&folder));
    let models = [
        ("one", "f32", 1),
        ("other", "f32", 1),
        ("one", "bf16", 1),
        ("one", "f32", 2),
    ];
    for (number, (bundle, precision, forward)) in (1_u8..).zip(models) {
        let model = store.model(bundle, precision, forward, HIDDEN);
        let model = model.expect("it is open");
        assert_eq!(store.text_of(model, &[7; 16]), None);
        assert_eq!(store.vectors_of(model, &[7; 16], false), None);
        store.keep(model, &[kept(7, f64::from(number))]);
    }
    for (number, (bundle, precision, forward)) in (1_u8..).zip(models) {
        let model = store.model(bundle, precision, forward, HIDDEN);
        let found = store.vectors_of(model.expect("it is open"), &[7; 16], true);
        assert_eq!(found, Some(Some(some_vectors(f64::from(number)))));
    }
}

/// Spoils what finds vectors by their text, so that none can be read any more.
fn break_vectors(file: &Path) {
    let database = Connection::open(file).expect("a database");
    let root: i64 = database
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'vectors_by_text'",
            [],
            |row| row.get(0),
        )
        .expect("an index");
    let size: i64 = database
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .expect("a size");
    let end = usize::try_from(root * size).expect("small");
    let begin = usize::try_from((root - 1) * size).expect("small");
    drop(database);
    let mut bytes = fs::read(file).expect("readable");
    bytes[begin..end].fill(0x55);
    fs::write(file, bytes).expect("writable");
}

#[test]
fn a_database_that_is_begun_anew_knows_no_place_of_the_old_one() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = place(&folder);
    let mut store = Store::open(&file);
    let model = store.model("one", "f32", 1, HIDDEN).expect("it is open");
    store.keep(model, &[kept(1, 1.0)]);
    drop(store);
    break_vectors(&file);

    let mut store = Store::open(&file);
    let old = store.model("one", "f32", 1, HIDDEN).expect("it is open");
    assert_eq!(store.text_of(old, &[1; 16]), Some([1; 16]));
    assert_eq!(store.vectors_of(old, &[1; 16], false), None);
    let notices = store.notices().join("\n");
    assert!(notices.contains("set aside as"), "{notices}");
    assert!(store.is_open());

    // The id of the old model would be that of another one now.
    let other = store.model("other", "f32", 1, HIDDEN);
    store.keep(old, &[kept(2, 2.0)]);
    let other = other.expect("it was begun anew");
    assert_eq!(store.text_of(other, &[2; 16]), None);
    let new = store.model("one", "f32", 1, HIDDEN).expect("it is open");
    assert_eq!(store.text_of(new, &[2; 16]), None);
    store.keep(new, &[kept(3, 3.0)]);
    assert_eq!(store.notices(), [""; 0]);
    drop(store);
    assert_eq!(
        names(folder.path()),
        ["store.damaged-1", "store.sqlite"],
        "the new one has its own log, and it is put in order"
    );
    let mut store = Store::open(&file);
    let new = store.model("one", "f32", 1, HIDDEN).expect("it is open");
    let found = store.vectors_of(new, &[3; 16], true);
    assert_eq!(found, Some(Some(some_vectors(3.0))));
}

#[test]
fn a_damaged_store_that_others_use_stays_in_its_place() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = place(&folder);
    drop(Store::open(&file));
    let other = Store::open(&file);
    let broken = [0x55; 4096];
    fs::write(&file, broken).expect("writable");

    let mut store = Store::open(&file);
    let notices = store.notices().join("\n");
    assert!(notices.contains("in use by another program"), "{notices}");
    assert!(!store.is_open() && !store.claim());
    assert_eq!(fs::read(&file).expect("readable"), broken);
    assert!(!names(folder.path()).contains(&"store.damaged-1".to_owned()));
    drop((store, other));

    let mut store = Store::open(&file);
    let notices = store.notices().join("\n");
    assert!(notices.contains("set aside as"), "{notices}");
    // Whoever set it aside shares the new one.
    assert!(Store::open(&file).is_open() && store.claim());
}

#[test]
fn what_is_not_ours_or_newer_is_left_alone_to_the_byte() {
    let newer = format!(
        "PRAGMA application_id = {}; PRAGMA user_version = 1000; CREATE TABLE later (a);",
        i32::from_be_bytes(*b"undt")
    );
    let cases = [
        (newer.as_str(), "written by a newer version"),
        ("CREATE TABLE places (a);", "of another program"),
        (
            "PRAGMA application_id = 7; PRAGMA user_version = 1; CREATE TABLE a (a);",
            "of another program",
        ),
    ];
    for (content, expected) in cases {
        let folder = TempDir::new().expect("a temporary folder");
        let file = place(&folder);
        let database = Connection::open(&file).expect("writable");
        database.execute_batch(content).expect("SQL");
        drop(database);
        let before = fs::read(&file).expect("readable");

        let mut store = Store::open(&file);
        assert!(!store.is_open());
        let notices = store.notices();
        assert_eq!(notices.len(), 1);
        assert!(notices[0].contains(expected), "{notices:?}");
        assert_eq!(store.model("one", "f32", 1, HIDDEN), None);
        drop(store);
        assert_eq!(fs::read(&file).expect("readable"), before);
        assert_eq!(names(folder.path()), ["store.sqlite"]);
    }
}

#[test]
fn a_store_whose_layout_never_was_is_set_aside() {
    for layout in [0, -1] {
        let folder = TempDir::new().expect("a temporary folder");
        let file = place(&folder);
        drop(Store::open(&file));
        let database = Connection::open(&file).expect("a database");
        database
            .pragma_update(None, "user_version", layout)
            .expect("writable");
        drop(database);
        let mut store = Store::open(&file);
        let notices = store.notices().join("\n");
        assert!(notices.contains("is damaged"), "{notices}");
        let model = store.model("one", "f32", 1, HIDDEN).expect("begun anew");
        store.keep(model, &[kept(1, 1.0)]);
        let key: Key = [1; 16];
        assert_eq!(store.text_of(model, &key), Some(key));
        drop(store);
        assert_eq!(names(folder.path()), ["store.damaged-1", "store.sqlite"]);
    }
}
