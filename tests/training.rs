//! `undertone train` from texts to a bundle that scores, on a tiny encoder of random weights.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use common::{repository, run_with_input, stderr, stdout, undertone};
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use serde_json::{Value, json};
use tch::{Device, nn};
use tempfile::TempDir;

const CONFIG: &str = r#"
name = "tiny"
seed = 1

[data]
texts = "texts.jsonl"
development = "texts.jsonl"
comments = ["comments.jsonl"]
share = 1.0

[steps]
batch = 8
parts = 2
dropout = 0.1
alone = 0.2
words = true
weight_decay = 0.01
layer_decay = 0.9
clip = 1.0

[loss]
text_sentiment = 1.0
comment_sentiment = 1.0
themes = 1.0
attitudes = 1.0
smoothing = 0.0
balance = 0.5

[[phase]]
texts = 2.0
comments = 0.0
together = 8
rate = 1e-3
head_rate = 1e-2
warmup = 0.1
looks = 1

[[phase]]
texts = 1.0
comments = 12.0
together = 3
rate = 1e-3
head_rate = 1e-2
warmup = 0.1
looks = 2

[[test]]
name = "what was held out"
file = "comments.jsonl"
"#;

/// A folder with an encoder of 32 numbers, settings and data that it can learn.
fn workshop() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let encoder = folder.path().join("encoder");
    fs::create_dir(&encoder).expect("writable");
    let config = r#"{"hidden_act":"gelu","attention_probs_dropout_prob":0.1,"hidden_dropout_prob":0.1,"hidden_size":32,"initializer_range":0.02,"intermediate_size":64,"max_position_embeddings":240,"num_attention_heads":2,"num_hidden_layers":2,"type_vocab_size":2,"vocab_size":30522}"#;
    fs::write(encoder.join("config.json"), config).expect("writable");
    fs::copy(
        repository("models/standard/tokenizer.json"),
        encoder.join("tokenizer.json"),
    )
    .expect("it can be copied");
    // The generator is one for the whole process, and tests run side by side.
    static GENERATOR: Mutex<()> = Mutex::new(());
    let turn = GENERATOR.lock();
    tch::manual_seed(7);
    let store = nn::VarStore::new(Device::Cpu);
    let config: BertConfig = serde_json::from_str(config).expect("a configuration");
    let _model: BertModel<BertEmbeddings> = BertModel::new(store.root(), &config);
    store
        .save(encoder.join("model.safetensors"))
        .expect("writable");
    drop(turn);

    fs::write(folder.path().join("train.toml"), CONFIG).expect("writable");
    let (mut texts, mut comments) = (String::new(), String::new());
    for number in 0..90 {
        let (words, label, theme) = [
            ("awful caseload", "negative", "workload"),
            ("strike ballot", "neutral", "unions"),
            ("wonderful pension", "positive", "pay_conditions"),
        ][number % 3];
        let text = format!("{words} {words} {words} number {number}");
        let rated = json!({"text": text, "label": label, "source": "made up"});
        texts.push_str(&format!("{rated}\n"));
        let split = match number / 3 % 10 {
            0 => "heldout",
            1 => "development",
            _ => "train",
        };
        let comment = json!({
            "id": format!("c{number}"), "thread": format!("t{}", number / 3),
            "parent": (number % 3 > 0).then(|| format!("c{}", number - 1)),
            "text": text, "sentiment": label, "themes": {theme: label}, "split": split,
        });
        comments.push_str(&format!("{comment}\n"));
    }
    fs::write(folder.path().join("texts.jsonl"), texts).expect("writable");
    fs::write(folder.path().join("comments.jsonl"), comments).expect("writable");
    folder
}

fn training(folder: &Path, checkpoints: &str, out: &str) -> Command {
    let mut program = undertone();
    program.args(["train", "--quiet"]);
    for (option, place) in [
        ("--config", "train.toml"),
        ("--data", "."),
        ("--comments", "."),
        ("--encoder", "encoder"),
        ("--checkpoints", checkpoints),
        ("--out", out),
    ] {
        program.arg(option).arg(folder.join(place));
    }
    program
}

fn train(folder: &Path, threads: &str, checkpoints: &str, out: &str) -> Output {
    let mut program = training(folder, checkpoints, out);
    program.args(["--precision", "f32", "--threads", threads]);
    run_with_input(&mut program, b"")
}

fn manifest(folder: &Path, bundle: &str) -> String {
    fs::read_to_string(folder.join(bundle).join("manifest.json")).expect("readable")
}

#[test]
fn a_bundle_is_trained_scores_and_comes_out_the_same_again() {
    let folder = workshop();
    let folder = folder.path();
    let output = train(folder, "2", "checkpoints", "bundle");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (
            &report["texts"],
            &report["comments"],
            &report["development_comments"]
        ),
        (&90.into(), &72.into(), &9.into())
    );
    for figure in ["comments_accuracy", "themes_micro_f1", "attitudes_accuracy"] {
        assert!(
            report[figure].as_f64().expect("a figure") > 0.95,
            "{report}"
        );
    }
    let card = fs::read_to_string(folder.join("bundle/MODEL_CARD.md")).expect("a card");
    assert!(card.contains("# Model card: tiny"), "{card}");
    assert!(card.contains("| what was held out | 9 | 1.000 |"), "{card}");

    let mut program = undertone();
    program
        .arg("score")
        .arg("--model")
        .arg(folder.join("bundle"));
    let answer = stdout(&run_with_input(
        &mut program,
        b"{\"text\":\"awful caseload awful caseload awful caseload\"}\n",
    ));
    let line: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(line["sentiment"]["label"], "negative", "{line}");
    assert_eq!(line["themes_assigned"], json!(["workload"]), "{line}");
    assert_eq!(line["attitudes"]["workload"]["label"], "negative", "{line}");

    // From nothing on one core, and from what was left behind.
    let whole = manifest(folder, "bundle");
    for (threads, checkpoints) in [("1", "others"), ("2", "checkpoints")] {
        let output = train(folder, threads, checkpoints, "again");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(manifest(folder, "again"), whole);
        assert!(!folder.join("again.part").exists());
    }
}

#[test]
fn a_run_that_is_killed_goes_on_where_it_was() {
    let folder = workshop();
    let folder = folder.path();
    // Themes as texts too, with so few comments that many steps have nothing to compare them with.
    let topic = "[[topic]]\nid = \"ballot\"\ntitle = \"Ballot\"\ndescription = \"A vote.\"\nphrases = []\nwithin = [\"unions\"]\n";
    fs::write(folder.join("topics.toml"), topic).expect("writable");
    let comments = fs::read_to_string(folder.join("comments.jsonl")).expect("readable");
    let with_topics = |line: &str| {
        let mut comment: Value = serde_json::from_str(line).expect("JSON");
        let has_topic = comment["themes"]["unions"].is_string();
        comment["topics"] = if has_topic {
            json!(["ballot"])
        } else {
            json!([])
        };
        format!("{comment}\n")
    };
    let comments: String = comments.lines().map(with_topics).collect();
    fs::write(folder.join("comments.jsonl"), comments).expect("writable");
    let settings = CONFIG
        .replace("texts = 1.0\ncomments = 12.0", "texts = 12.0\ncomments = 1.0")
        .replace(
            "[[phase]]\ntexts = 2.0",
            "[described]\ntopics = \"topics.toml\"\nheld = 1.0\nat_once = 4\n\n[[phase]]\ntexts = 2.0",
        )
        .replace("looks = 2\n", "looks = 2\ndescribed = 1.0\n");
    fs::write(folder.join("train.toml"), settings).expect("writable");
    let output = train(folder, "2", "whole", "whole-bundle");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    let checkpoints = |ending: &str| {
        let entries = fs::read_dir(folder.join("broken")).into_iter().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter(|name| name.ends_with(ending)).count()
    };
    let under_way = || checkpoints(".under-way.safetensors");
    // Once in each phase.
    for finished in 0..2 {
        let mut program = training(folder, "broken", "broken-bundle");
        program
            .args(["--precision", "f32", "--checkpoint-every", "0"])
            .stderr(Stdio::null());
        let mut child = program.spawn().expect("it starts");
        while checkpoints(".safetensors") - under_way() < finished || under_way() == 0 {
            assert!(
                child.try_wait().expect("it can be asked").is_none(),
                "it ended too early"
            );
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        assert!(!folder.join("broken-bundle").exists());
    }

    let mut program = training(folder, "broken", "broken-bundle");
    program.args(["--precision", "f32"]);
    let output = run_with_input(&mut program, b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        manifest(folder, "broken-bundle"),
        manifest(folder, "whole-bundle")
    );
    assert_eq!(under_way(), 0);
}

/// Everything labelled wrongly for the pupil, who listens to the teacher alone.
#[test]
fn a_pupil_follows_its_teacher_where_labels_are_wrong() {
    let folder = workshop();
    let folder = folder.path();
    let output = train(folder, "2", "checkpoints", "teacher");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    let wrong = |line: &str| {
        let mut record: Value = serde_json::from_str(line).expect("JSON");
        if record["split"] != "development" && record["split"] != "heldout" {
            let field = if record["label"].is_string() {
                "label"
            } else {
                "sentiment"
            };
            record[field] = match record[field].as_str() {
                Some("negative") => "neutral",
                Some("neutral") => "positive",
                _ => "negative",
            }
            .into();
            if record["themes"].is_object() {
                record["themes"] = json!({"off_topic": "neutral"});
            }
        }
        format!("{record}\n")
    };
    for file in ["texts.jsonl", "comments.jsonl"] {
        let text = fs::read_to_string(folder.join(file)).expect("readable");
        let text: String = text.lines().map(wrong).collect();
        fs::write(folder.join(file), text).expect("writable");
    }
    let settings = CONFIG
        .replace("warmup = 0.1", "warmup = 0.1\nteacher = 1.0")
        .replace("words = true", "words = false\nlayers = 1");
    fs::write(folder.join("train.toml"), &settings).expect("writable");
    let pupil = |threads: &str, checkpoints: &str, out: &str| {
        let mut program = training(folder, checkpoints, out);
        program.args(["--precision", "f32", "--threads", threads, "--teacher"]);
        program.arg(folder.join("teacher"));
        let output = run_with_input(&mut program, b"");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let report = pupil("2", "pupil", "bundle");
    for figure in ["comments_accuracy", "themes_micro_f1"] {
        assert!(
            report[figure].as_f64().expect("a figure") > 0.95,
            "{report}"
        );
    }
    let whole: Value = serde_json::from_str(&manifest(folder, "bundle")).expect("JSON");
    let fingerprint = whole["training"]["sha256"]["teacher"].as_str();
    assert_eq!(fingerprint.map(str::len), Some(64), "{whole}");

    // Opinions are kept, and the same whoever asks.
    let of_kind = |opinions: bool| {
        let entries = fs::read_dir(folder.join("pupil")).expect("readable");
        let paths = entries.map(|entry| entry.expect("readable").path());
        paths
            .filter(|path| path.display().to_string().contains("opinions-") == opinions)
            .collect::<Vec<_>>()
    };
    assert_eq!((of_kind(true).len(), of_kind(false).len()), (2, 2));
    for path in of_kind(false) {
        fs::remove_file(path).expect("it can be removed");
    }
    for checkpoints in ["pupil", "another"] {
        pupil("1", checkpoints, "again");
        assert_eq!(manifest(folder, "again"), manifest(folder, "bundle"));
    }

    // Layers that are not trained stay as they were.
    let weights = |of: &str| {
        let file = folder.join(of).join("model.safetensors");
        let tensors = tch::Tensor::read_safetensors(file).expect("readable");
        let rounded = |tensor: tch::Tensor| tensor.to_kind(tch::Kind::BFloat16);
        let named = tensors
            .into_iter()
            .map(|(name, tensor)| (name.trim_start_matches("bert.").to_owned(), rounded(tensor)));
        named.collect::<std::collections::BTreeMap<_, _>>()
    };
    let (before, after) = (weights("encoder"), weights("bundle"));
    let same = |name: &str| before[name] == after[name];
    assert!(same("embeddings.LayerNorm.bias") && same("encoder.layer.0.output.dense.weight"));
    assert!(!same("encoder.layer.1.output.dense.weight"));

    // The settings and the command have to agree.
    let refused = |settings: &str, teacher: Option<&str>, expected: &str| {
        fs::write(folder.join("train.toml"), settings).expect("writable");
        let mut program = training(folder, "pupil", "refused");
        if let Some(teacher) = teacher {
            program.arg("--teacher").arg(folder.join(teacher));
        }
        let output = run_with_input(&mut program, b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    };
    refused(&settings, None, "give its bundle with --teacher");
    refused(CONFIG, Some("teacher"), "leave --teacher out");
    refused(&settings, Some("encoder"), "encoder");
}

/// A theme that training has never seen is found by its text: topics teach how texts of themes and comments go together.
#[test]
fn a_theme_that_was_left_out_is_found_by_its_text() {
    let folder = workshop();
    let folder = folder.path();
    // Every comment is about two of twelve things, one of them a theme that is left out.
    let words = [
        "alder", "beech", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel", "ivy", "juniper",
        "larch",
    ];
    let mut topics = String::new();
    for word in words {
        topics.push_str(&format!(
            "[[topic]]\nid = \"{word}\"\ntitle = \"{word}\"\ndescription = \"All about {word}.\"\nphrases = [\"{word} tree\", \"the {word}\"]\nwithin = []\n"
        ));
    }
    topics.push_str("[[topic]]\nid = \"oak\"\ntitle = \"oak\"\ndescription = \"Oak.\"\nphrases = []\nwithin = [\"unions\"]\n");
    fs::write(folder.join("topics.toml"), topics).expect("writable");
    let mut comments = String::new();
    for number in 0..240 {
        let (first, second) = (words[number % 11], words[(number / 11 + number) % 11]);
        let has_theme = number % 5 == 0;
        let about = if has_theme {
            "strike ballot and union"
        } else {
            "nothing at all of note"
        };
        let split = ["train", "train", "train", "development"][number / 3 % 4];
        let (theme, label) = [("workload", "negative"), ("pay_conditions", "positive")][number % 2];
        let mut themes = vec![theme];
        if has_theme {
            themes.push("unions");
        }
        let mut of_comment = vec![first, second];
        of_comment.dedup();
        // Within the theme that is left out: nobody learns it, but comments go on naming it.
        if has_theme {
            of_comment.push("oak");
        }
        let subject = ["caseload", "pension"][number % 2];
        let comment = json!({
            "text": format!("we saw the {first} and the {second} here. there was {about} in it. our {subject} is as ever so."),
            "sentiment": label, "themes": themes, "topics": of_comment, "split": split,
        });
        comments.push_str(&format!("{comment}\n"));
    }
    fs::write(folder.join("comments.jsonl"), comments).expect("writable");
    let settings = CONFIG
        .replace("share = 1.0", "share = 1.0\nwithout_themes = [\"unions\"]")
        .replace(
            "[[phase]]\ntexts = 2.0",
            "[described]\ntopics = \"topics.toml\"\nheld = 0.3\nat_once = 4\n\n[[phase]]\ntexts = 2.0",
        )
        .replace("looks = 2\n", "looks = 2\ndescribed = 1.0\n")
        .replace("[[test]]\nname = \"what was held out\"\nfile = \"comments.jsonl\"\n", "");
    fs::write(folder.join("train.toml"), &settings).expect("writable");
    let output = train(folder, "2", "checkpoints", "bundle");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = report["described_micro_f1"].as_f64().expect("a figure");
    assert!(found > 0.5, "{report}");

    // The theme that was left out has no head, and is found all the same.
    let mut program = undertone();
    program
        .arg("eval")
        .arg("--model")
        .arg(folder.join("bundle"));
    program.args(["--json", "--split", "development", "--gold"]);
    program.arg(folder.join("comments.jsonl"));
    let output = run_with_input(&mut program, b"");
    let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let themes = record["themes"]["themes"].as_array().expect("themes");
    let unions = themes
        .iter()
        .find(|theme| theme["name"] == "unions")
        .expect("the theme");
    let precision = unions["average_precision"].as_f64().expect("a figure");
    assert!(precision > 0.6, "{unions}");

    for (setting, wrong, expected) in [
        ("held = 0.3", "held = 0.0", "described.held leaves no topic"),
        ("held = 0.3", "held = 1.5", "described.held is 1.5"),
        ("at_once = 4", "at_once = 0", "described.at_once must be"),
        (
            "described = 1.0",
            "described = 0.0",
            "[described] is never learnt",
        ),
        (
            "[steps]",
            "[new_themes]\nslope = 1.0\nintercept = 0.0\nthreshold = 1.0\n\n[steps]",
            "new_themes needs a slope above 0",
        ),
        ("\"topics.toml\"", "\"nothing.toml\"", "nothing.toml"),
        (
            "[\"unions\"]",
            "[\"unoins\"]",
            "data.without_themes has \"unoins\"",
        ),
    ] {
        fs::write(folder.join("train.toml"), settings.replace(setting, wrong)).expect("writable");
        let output = train(folder, "2", "checkpoints", "refused");
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

/// bf16 is slow where the processor has no instructions for it, so little of it.
#[test]
fn passes_in_bf16_train_too() {
    let folder = workshop();
    let folder = folder.path();
    let mut program = training(folder, "checkpoints", "bundle");
    program.args(["--precision", "bf16"]);
    let output = run_with_input(&mut program, b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(
        report["comments_accuracy"].as_f64().expect("a figure") > 0.95,
        "{report}"
    );
}

#[test]
fn what_cannot_be_learnt_from_is_named() {
    let folder = workshop();
    let folder = folder.path();
    let refused = |file: &str, text: &str, expected: &str| {
        let path = folder.join(file);
        let before = fs::read(&path).expect("readable");
        fs::write(&path, text).expect("writable");
        let output = train(folder, "2", "checkpoints", "bundle");
        fs::write(&path, before).expect("writable");
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert!(!folder.join("bundle").exists());
        assert!(!folder.join("bundle.part").exists());
    };
    let comment = |theme: &str, split: &str| {
        let themes = [theme];
        json!({"text": "a", "sentiment": "neutral", "themes": themes, "split": split}).to_string()
    };
    refused(
        "comments.jsonl",
        "{\"text\":\"a\",\"sentiment\":\"neutral\"}\n",
        "mark those that training may use",
    );
    refused(
        "comments.jsonl",
        &comment("workload", "train"),
        "mark some threads, a tenth of all",
    );
    refused(
        "comments.jsonl",
        &comment("wrkload", "train"),
        "the theme \"wrkload\" is not in themes.toml",
    );
    refused("texts.jsonl", "\n", "texts.jsonl: no labelled text in it");
    refused(
        "texts.jsonl",
        "{\"text\":\"a\",\"label\":\"cross\",\"source\":\"b\"}\n",
        "texts.jsonl, line 1",
    );
    refused(
        "comments.jsonl",
        &format!(
            "{}\n{{\"text\":\"b\",\"sentiment\":\"neutral\",\"split\":\"development\"}}",
            comment("workload", "train")
        ),
        "or none with a theme",
    );
    for (setting, wrong, expected) in [
        ("clip = 1.0", "clip = 0.0", "steps.clip is 0"),
        ("texts = 2.0", "texts = 0.0", "goes over nothing"),
        ("parts = 2", "parts = 0", "steps.parts must be at least 1"),
        ("together = 3", "together = 0", "phase.together must be"),
        ("dropout = 0.1", "dropout = 1.0", "steps.dropout is 1"),
        ("warmup = 0.1", "warmup = 2", "phase.warmup is 2"),
        ("clip = 1.0", "clap = 1.0", "clap"),
    ] {
        refused("train.toml", &CONFIG.replace(setting, wrong), expected);
    }
    refused("encoder/config.json", "{}", "config.json");
    refused("encoder/model.safetensors", "", "model.safetensors");
}
