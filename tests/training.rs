//! `undertone train` from texts to a bundle that scores, on a tiny encoder of random weights.

mod common;

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use common::{repository, run_with_input, stderr, stdout, undertone};
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use serde_json::Value;
use tch::{Device, nn};
use tempfile::TempDir;

const CONFIG: &str = "name = \"tiny\"\nseed = 1\n\n[sentiment]\nfile = \"texts.jsonl\"\ndevelopment = \"texts.jsonl\"\nper_source = 40\ncomment_weight = 2.0\nl2 = 0.01\n\n[themes]\nfile = \"comments.jsonl\"\nl2 = 0.01\nfolds = 2\n";

/// A folder with an encoder of 32 numbers, settings and data that a linear layer can tell apart.
fn workshop() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let encoder = folder.path().join("encoder");
    fs::create_dir(&encoder).expect("writable");
    let config = r#"{"hidden_act":"gelu","attention_probs_dropout_prob":0.1,"hidden_dropout_prob":0.1,"hidden_size":32,"initializer_range":0.02,"intermediate_size":64,"max_position_embeddings":240,"num_attention_heads":2,"num_hidden_layers":1,"type_vocab_size":2,"vocab_size":30522}"#;
    fs::write(encoder.join("config.json"), config).expect("writable");
    fs::copy(
        repository("models/standard/tokenizer.json"),
        encoder.join("tokenizer.json"),
    )
    .expect("it can be copied");
    // The generator is one for the whole process, and tests run side by side.
    static GENERATOR: Mutex<()> = Mutex::new(());
    let _turn = GENERATOR.lock();
    tch::manual_seed(7);
    let store = nn::VarStore::new(Device::Cpu);
    let config: BertConfig = serde_json::from_str(config).expect("a configuration");
    let _model: BertModel<BertEmbeddings> = BertModel::new(store.root(), &config);
    store
        .save(encoder.join("model.safetensors"))
        .expect("writable");

    fs::write(folder.path().join("train.toml"), CONFIG).expect("writable");
    let (mut texts, mut comments) = (String::new(), String::new());
    for number in 0..60 {
        let (words, label, theme) = [
            ("awful caseload", "negative", "workload"),
            ("strike ballot", "neutral", "unions"),
            ("wonderful pension", "positive", "pay_conditions"),
        ][number % 3];
        let text = format!("{words} {words} {words} number {number}");
        texts.push_str(&format!(
            "{{\"text\":\"{text}\",\"label\":\"{label}\",\"source\":\"made up\"}}\n"
        ));
        let split = if number < 57 { "train" } else { "heldout" };
        comments.push_str(&format!(
            "{{\"text\":\"{text}\",\"sentiment\":\"{label}\",\"themes\":{{\"{theme}\":\"{label}\"}},\"split\":\"{split}\"}}\n"
        ));
    }
    fs::write(folder.path().join("texts.jsonl"), texts).expect("writable");
    fs::write(folder.path().join("comments.jsonl"), comments).expect("writable");
    folder
}

fn train(folder: &Path, encoder: &Path, out: &Path) -> std::process::Output {
    let mut program = undertone();
    program
        .args(["train", "--quiet", "--config"])
        .arg(folder.join("train.toml"))
        .arg("--data")
        .arg(folder)
        .arg("--encoder")
        .arg(encoder)
        .arg("--out")
        .arg(out);
    run_with_input(&mut program, b"")
}

#[test]
fn a_bundle_is_trained_scores_and_comes_out_the_same_again() {
    let folder = workshop();
    let out = folder.path().join("bundle");
    let output = train(folder.path(), &folder.path().join("encoder"), &out);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&report["sentiment_texts"], &report["comments"]),
        (&97.into(), &57.into())
    );
    assert!(
        report["development_accuracy"].as_f64().expect("a figure") > 0.95,
        "{report}"
    );
    assert!(
        fs::read_to_string(out.join("MODEL_CARD.md"))
            .expect("a card")
            .contains("# Model card: tiny")
    );

    let score = || {
        let mut program = undertone();
        program.arg("score").arg("--model").arg(&out);
        stdout(&run_with_input(
            &mut program,
            b"{\"text\":\"awful caseload awful caseload\"}\n",
        ))
    };
    let answer = score();
    let line: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(line["sentiment"]["label"], "negative", "{line}");
    assert!(
        line["themes_assigned"]
            .as_array()
            .expect("a list")
            .contains(&"workload".into()),
        "{line}"
    );

    // Again, from the bundle's own encoder and into the bundle's own place.
    let manifest = fs::read(out.join("manifest.json")).expect("readable");
    let output = train(folder.path(), &folder.path().join("encoder"), &out);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        fs::read(out.join("manifest.json")).expect("readable"),
        manifest
    );
    let output = train(folder.path(), &out, &out);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!folder.path().join("bundle.part").exists());
    let line: Value = serde_json::from_str(&score()).expect("JSON");
    assert_eq!(line["sentiment"]["label"], "negative");
}

#[test]
fn what_cannot_be_learnt_from_is_named() {
    let folder = workshop();
    let encoder = folder.path().join("encoder");
    let refused = |file: &str, text: &str, expected: &str| {
        let path = folder.path().join(file);
        let before = fs::read(&path).expect("readable");
        fs::write(&path, text).expect("writable");
        let output = train(folder.path(), &encoder, &folder.path().join("bundle"));
        fs::write(&path, before).expect("writable");
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert!(!folder.path().join("bundle").exists());
        assert!(!folder.path().join("bundle.part").exists());
    };
    refused(
        "comments.jsonl",
        "{\"text\":\"a\",\"sentiment\":\"neutral\"}\n",
        "mark those that training may use",
    );
    refused(
        "comments.jsonl",
        "{\"text\":\"a\",\"sentiment\":\"neutral\",\"themes\":[\"wrkload\"],\"split\":\"train\"}\n",
        "the theme \"wrkload\" is not in themes.toml",
    );
    refused("texts.jsonl", "\n", "texts.jsonl: no text in it");
    refused(
        "texts.jsonl",
        "{\"text\":\"a\",\"label\":\"cross\",\"source\":\"b\"}\n",
        "texts.jsonl, line 1",
    );
    refused(
        "train.toml",
        &CONFIG.replace("folds = 2", "folds = 1"),
        "folds must be at least 2",
    );
    refused(
        "train.toml",
        &CONFIG.replace("folds = 2", "flods = 2"),
        "flods",
    );
    refused("encoder/config.json", "{}", "config.json");
    refused("encoder/model.safetensors", "", "model.safetensors");
}
