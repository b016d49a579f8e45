//! Bundles: what is missing, truncated or altered is noticed before anything is scored.

mod common;

use std::fs;
use std::path::Path;

use common::{repository, run_with_input, stderr, stdout, undertone};
use tempfile::TempDir;
use undertone::model::Bundle;

fn copy_of_the_bundle() -> TempDir {
    let copy = TempDir::new().expect("a temporary folder");
    for entry in fs::read_dir(repository("models/standard")).expect("the bundle is there") {
        let path = entry.expect("readable").path();
        fs::copy(&path, copy.path().join(path.file_name().expect("a name")))
            .expect("it can be copied");
    }
    copy
}

fn refusal(dir: &Path) -> String {
    Bundle::open(dir)
        .err()
        .expect("the bundle is refused")
        .to_string()
}

#[test]
fn a_damaged_file_is_named_with_what_differs() {
    let copy = copy_of_the_bundle();
    assert!(Bundle::open(copy.path()).is_ok());
    for file in [
        "config.json",
        "tokenizer.json",
        "heads.json",
        "model.safetensors",
    ] {
        let path = copy.path().join(file);
        let bytes = fs::read(&path).expect("readable");

        fs::write(&path, &bytes[..bytes.len() - 1]).expect("writable");
        let message = refusal(copy.path());
        assert!(
            message.contains(file) && message.contains("the manifest lists"),
            "{message}"
        );

        let mut altered = bytes.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        fs::write(&path, &altered).expect("writable");
        let message = refusal(copy.path());
        assert!(
            message.contains(file) && message.contains("was altered"),
            "{message}"
        );

        fs::remove_file(&path).expect("removable");
        let message = refusal(copy.path());
        assert!(
            message.contains(file) && message.contains("cannot be read"),
            "{message}"
        );
        assert!(message.contains("restore the model folder"), "{message}");

        fs::write(&path, &bytes).expect("writable");
    }
    assert!(Bundle::open(copy.path()).is_ok());
}

#[test]
fn a_folder_without_a_bundle_is_refused_by_every_command_that_scores() {
    let empty = TempDir::new().expect("a temporary folder");
    assert!(refusal(empty.path()).contains("no model here"));
    let gold = empty.path().join("gold.jsonl");
    fs::write(&gold, "{\"text\":\"a\",\"sentiment\":\"neutral\"}\n").expect("writable");
    let gold = gold.display().to_string();
    for command in [
        vec!["score"],
        vec!["run"],
        vec!["themes"],
        vec!["eval", "--gold", &gold],
    ] {
        let out = TempDir::new().expect("a temporary folder");
        let mut program = undertone();
        program.args(&command).arg("--model").arg(empty.path());
        if command[0] == "run" {
            program.arg("--out").arg(out.path());
        }
        let output = run_with_input(&mut program, b"{\"text\":\"a\"}\n");
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert_eq!(stdout(&output), "");
        assert!(!out.path().join("latest").exists());
        assert!(
            stderr(&output).contains("no model here"),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn a_manifest_of_another_format_is_refused() {
    let copy = copy_of_the_bundle();
    let path = copy.path().join("manifest.json");
    let manifest = fs::read_to_string(&path)
        .expect("readable")
        .replace("\"format\": 3", "\"format\": 9");
    fs::write(&path, manifest).expect("writable");
    assert!(refusal(copy.path()).contains("format 9"));
    fs::write(&path, "{").expect("writable");
    assert!(refusal(copy.path()).contains("manifest.json"));
}
