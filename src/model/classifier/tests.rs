use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::SentimentClassifier;
use super::settings::classes;
use crate::model::Sentiment;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/classifiers")
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
    logits.iter().map(|logit| logit.exp() / sum).collect()
}

/// Texts that are longer than a model can read included, whose pieces count by their tokens; and tokenizers that are made
/// from a vocabulary, with and without lower case.
#[test]
fn every_architecture_gives_what_transformers_gives() {
    let text = std::fs::read_to_string(fixtures().join("expected.json")).expect("readable");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    let families = expected.as_object().expect("an object");
    assert_eq!(families.len(), 9);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(3)
        .build()
        .expect("threads");
    for (family, cases) in families {
        let model =
            SentimentClassifier::load(&fixtures().join(family), family, 2).expect("it loads");
        for case in cases.as_array().expect("cases") {
            let (mut expected, mut tokens) = ([0.0; 3], 0.0);
            for piece in case["pieces"].as_array().expect("pieces") {
                let logits = piece["logits"].as_array().expect("logits").iter();
                let logits: Vec<f64> = logits
                    .map(|logit| logit.as_f64().expect("a number"))
                    .collect();
                // But for the first and the last.
                let own = piece["ids"].as_array().expect("ids").len() as f64 - 2.0;
                let of_piece = match softmax(&logits)[..] {
                    [negative, positive] => [negative, 0.0, positive],
                    [negative, neutral, positive] => [negative, neutral, positive],
                    [one, two, three, four, five] => [one + two, three, four + five],
                    _ => unreachable!("{family} has {} classes", logits.len()),
                };
                for (sum, probability) in expected.iter_mut().zip(of_piece) {
                    *sum += own * probability;
                }
                tokens += own;
            }
            let text = case["text"].as_str().expect("a text");
            let found = model.judge(text).expect("it computes").expect("words");
            for (found, expected) in found.iter().zip(expected) {
                let expected = expected / tokens;
                assert!(
                    (found - expected).abs() < 1e-4,
                    "{family}, {text}: {found} {expected}"
                );
            }
            // The same from every replica.
            let there = pool.broadcast(|_| model.judge(text).expect("it computes"));
            assert!(there.iter().all(|there| *there == Some(found)), "{family}");
        }
        assert_eq!(model.judge("").expect("it computes"), None);
    }
}

#[test]
fn labels_that_say_nothing_are_refused() {
    let of = |labels: Value| {
        classes(&serde_json::Map::from_iter([(
            "id2label".to_owned(),
            labels,
        )]))
    };
    let refused = of(serde_json::json!({"0": "LABEL_0", "1": "LABEL_1"})).expect_err("refused");
    assert!(refused.contains("LABEL_0, LABEL_1") && refused.contains("1 to 5 stars"));
    assert!(of(serde_json::json!({"0": "joy", "1": "anger"})).is_err());
    assert!(of(serde_json::json!({"0": "negative", "2": "positive"})).is_err());
    assert!(of(serde_json::json!({"0": "negative", "1": "neutral"})).is_err());
    assert!(classes(&serde_json::Map::new()).is_err());
    assert_eq!(
        of(serde_json::json!({"1": "POS", "0": "NEG"})),
        Ok(vec![Sentiment::Negative, Sentiment::Positive])
    );
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let copy = |file: &str| {
        std::fs::copy(fixtures().join("bert").join(file), folder.path().join(file))
            .expect("it copies");
    };
    let refused = || refused(folder.path());
    assert!(refused().contains("config.json"));
    copy("config.json");
    assert!(refused().contains("model.safetensors") && refused().contains("save_pretrained"));
    copy("model.safetensors");
    assert!(refused().contains("tokenizer.json"));
    std::fs::write(
        folder.path().join("vocab.txt"),
        "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthank\nyou\n",
    )
    .expect("writable");
    let model =
        SentimentClassifier::load(folder.path(), "mine", 1).expect("a vocabulary is enough");
    assert!(model.judge("Thank you").expect("it computes").is_some());
    let config = std::fs::read_to_string(folder.path().join("config.json")).expect("readable");
    std::fs::write(
        folder.path().join("config.json"),
        config.replace("\"bert\"", "\"gpt2\""),
    )
    .expect("writable");
    assert!(refused().contains("gpt2"));
}

/// A fixture with some fields of its configuration changed; null takes a field away.
fn changed(family: &str, fields: &Value) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    for file in std::fs::read_dir(fixtures().join(family)).expect("readable") {
        let file = file.expect("readable");
        std::fs::copy(file.path(), folder.path().join(file.file_name())).expect("it copies");
    }
    let path = folder.path().join("config.json");
    let text = std::fs::read(&path).expect("readable");
    let mut config: Value = serde_json::from_slice(&text).expect("JSON");
    for (name, value) in fields.as_object().expect("an object") {
        config[name] = value.clone();
    }
    if let Some(fields) = config.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    std::fs::write(&path, config.to_string()).expect("writable");
    folder
}

#[track_caller]
fn refused(folder: &Path) -> String {
    let loaded = SentimentClassifier::load(folder, "mine", 1);
    let error = loaded.map(|_| ()).expect_err("it should be refused");
    error.to_string()
}

/// What rust-bert would pass over, and compute something else.
#[test]
fn settings_that_would_be_computed_wrongly_are_refused() {
    for (family, fields, expected) in [
        (
            "bert",
            json!({"position_embedding_type": "relative_key"}),
            "relative_key",
        ),
        (
            "xlm-roberta",
            json!({"pad_token_id": 0}),
            "pad_token_id is 0",
        ),
        (
            "roberta",
            json!({"layer_norm_eps": 1e-3}),
            "layer_norm_eps is 0.001",
        ),
        (
            "bert",
            json!({"problem_type": "multi_label_classification"}),
            "chooses one",
        ),
        (
            "bert",
            json!({"num_attention_heads": 3}),
            "a multiple of num_attention_heads",
        ),
        ("distilbert", json!({"n_heads": 0}), "a multiple of n_heads"),
        ("deberta", json!({"pos_att_type": ["c2c"]}), "c2c"),
        ("deberta", json!({"talking_head": true}), "talking_head"),
        (
            "deberta-v2",
            json!({"norm_rel_ebd": "batch_norm"}),
            "batch_norm",
        ),
        // Copying would stretch the one row over both.
        (
            "xlm-roberta",
            json!({"type_vocab_size": 2}),
            "token_type_embeddings",
        ),
        (
            "bert",
            json!({"vocab_size": 20}),
            "the tokenizer has a word of the id",
        ),
    ] {
        let folder = changed(family, &fields);
        let problem = refused(folder.path());
        assert!(problem.contains(expected), "{family}: {problem}");
    }
}

#[test]
fn what_a_configuration_leaves_out_is_what_transformers_takes() {
    let judged = |folder: &Path| {
        let model = SentimentClassifier::load(folder, "mine", 1).expect("it loads");
        model.judge("Thank you all!").expect("it computes")
    };
    for (family, fields) in [
        (
            "distilbert",
            json!({"sinusoidal_pos_embds": null, "qa_dropout": null}),
        ),
        (
            "distilbert",
            json!({"sinusoidal_pos_embds": true, "tie_weights_": true}),
        ),
        (
            "bert",
            json!({"initializer_range": null, "type_vocab_size": null, "pad_token_id": null}),
        ),
        (
            "bert",
            json!({"label2id": {"negative": "0"}, "output_attentions": true}),
        ),
        (
            "deberta",
            json!({"pos_att_type": "c2p|P2C", "max_relative_positions": null, "layer_norm_eps": null}),
        ),
        (
            "deberta-v2",
            json!({"norm_rel_ebd": "Layer_Norm", "pooler_hidden_size": null, "pooler_hidden_act": null}),
        ),
    ] {
        let folder = changed(family, &fields);
        assert_eq!(
            judged(folder.path()),
            judged(&fixtures().join(family)),
            "{fields}"
        );
    }
}

#[test]
fn a_tokenizer_that_is_damaged_is_not_taken_for_a_bundles() {
    let folder = changed("bert", &json!({}));
    std::fs::write(folder.path().join("tokenizer.json"), "{").expect("writable");
    let problem = refused(folder.path());
    assert!(
        problem.contains("tokenizer.json") && problem.contains("AutoTokenizer"),
        "{problem}"
    );
    assert!(!problem.contains("undertone train"), "{problem}");
}

/// Lower case or not changes what is read, so it belongs to the model's identity.
#[test]
fn the_settings_of_a_vocabulary_belong_to_the_fingerprint() {
    let folder = changed("bert-cased", &json!({}));
    let load = || SentimentClassifier::load(folder.path(), "mine", 1).expect("it loads");
    let cased = load();
    std::fs::remove_file(folder.path().join("tokenizer_config.json")).expect("it was there");
    let lower = load();
    assert_ne!(
        cased.judge("Thank you").expect("it computes"),
        lower.judge("Thank you").expect("it computes")
    );
    assert_ne!(cased.fingerprint(), lower.fingerprint());
}
