//! A sentiment model of the user's own: from a folder, and from a hub that the test serves.
//!
//! What a hub answers: the head of a file with its commit and size, then ranges of it.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use common::{repository, run_with_input, stderr, stdout};
use serde_json::Value;

const LINE: &[u8] = b"{\"text\": \"Thank you all!\"}\n";

/// The program, whatever the environment of the tests says about hubs and proxies.
fn undertone() -> Command {
    let mut program = common::undertone();
    for name in ["HOME", "OFFLINE", "TOKEN", "ENDPOINT"] {
        program.env_remove(format!("HF_{name}"));
        program.env_remove(format!("HF_HUB_{name}"));
    }
    program.env_remove("HF_HUB_DOWNLOAD_TIMEOUT");
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        program.env_remove(name).env_remove(name.to_uppercase());
    }
    program
}

fn fixture(family: &str) -> PathBuf {
    repository("tests/fixtures/classifiers").join(family)
}

/// The probabilities that transformers gives for the line above.
fn expected(family: &str) -> Vec<f64> {
    let text = fs::read_to_string(repository("tests/fixtures/classifiers/expected.json"));
    let all: Value = serde_json::from_str(&text.expect("readable")).expect("JSON");
    let logits = all[family][1]["pieces"][0]["logits"]
        .as_array()
        .expect("logits")
        .iter();
    let powers: Vec<f64> = logits
        .map(|logit| logit.as_f64().expect("a number").exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[track_caller]
fn assert_judged(output: &std::process::Output, family: &str) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    let answer: Value = serde_json::from_str(&stdout(output)).expect("JSON");
    let names = ["negative", "neutral", "positive"];
    for (name, expected) in names.iter().zip(expected(family)) {
        let found = answer["sentiment"][name].as_f64().expect("a probability");
        assert!(
            (found - expected).abs() < 1e-4,
            "{name}: {found}, {expected}"
        );
    }
    assert_eq!(
        answer["themes"].as_object().map(serde_json::Map::len),
        Some(17)
    );
}

#[test]
fn a_classifier_in_a_folder_judges_the_sentiment() {
    let mut program = undertone();
    program.args(["score", "--model"]).arg(fixture("roberta"));
    assert_judged(&run_with_input(&mut program, LINE), "roberta");

    // Quotations are not the writer's.
    let quoting =
        "{\"text\": \"> Nobody helps and nobody helps and who asked?\\n\\nThank you all!\"}\n";
    assert_judged(&run_with_input(&mut program, quoting.as_bytes()), "roberta");

    // The outputs say who judged.
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let page = common::corpus(&[("monday.txt", common::NUMBERED.as_bytes())]);
    let mut program = undertone();
    program
        .args(["run", "--quiet", "--model"])
        .arg(fixture("bert"));
    program
        .arg("--corpus")
        .arg(page.path())
        .arg("--out")
        .arg(folder.path());
    let output = run_with_input(&mut program, b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let summary = fs::read_to_string(folder.path().join("latest/summary.json")).expect("readable");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    let scoring = &summary["scoring"];
    assert_eq!(scoring["model"], "standard");
    assert_eq!(scoring["sentiment_model"], "bert");
    assert_eq!(
        scoring["sentiment_model_sha256"].as_str().map(str::len),
        Some(64)
    );
    let run = fs::read_to_string(folder.path().join("latest/run.json")).expect("readable");
    let run: Value = serde_json::from_str(&run).expect("JSON");
    let settings = &run["settings"];
    assert_eq!(settings["model"], fixture("bert").display().to_string());
    let bundle = settings["bundle"].as_str().expect("a folder");
    assert!(bundle.ends_with("models/standard"), "{bundle}");
    assert_eq!(
        (&settings["offline"], &settings["without_labels"]),
        (&false.into(), &false.into())
    );
}

/// The model is to blame, so no line is: nothing is answered, and the command fails.
#[test]
fn a_classifier_that_fails_ends_the_command() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    for file in ["config.json", "tokenizer.json"] {
        fs::copy(fixture("bert").join(file), folder.path().join(file)).expect("it copies");
    }
    let weights = tch::Tensor::read_safetensors(fixture("bert").join("model.safetensors"));
    let damaged: Vec<(String, tch::Tensor)> = weights
        .expect("readable")
        .into_iter()
        .map(|(name, tensor)| (name, tensor * f64::NAN))
        .collect();
    let file = folder.path().join("model.safetensors");
    tch::Tensor::write_safetensors(&damaged, file).expect("writable");
    let mut program = undertone();
    program.args(["score", "--model"]).arg(folder.path());
    let output = run_with_input(&mut program, &LINE.repeat(40));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("its weights are damaged"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "");
}

/// Several at a time or one by one, lines come in their order, bad ones in their places.
#[test]
fn lines_are_judged_together_and_answered_in_order() {
    let texts = ["Thank you all!", "The cases are many.", "Who asked?"];
    let lines: Vec<String> = (0..100)
        .map(|n| match n % 10 {
            9 => "nothing\n".to_owned(),
            _ => format!("{{\"n\":{n},\"text\":\"{}\"}}\n", texts[n % 3]),
        })
        .collect();
    let score = |input: &str| {
        let mut program = undertone();
        program
            .args(["score", "--quiet", "--model"])
            .arg(fixture("bert"));
        stdout(&run_with_input(&mut program, input.as_bytes()))
    };
    let together = score(&lines.concat());
    let together: Vec<&str> = together.lines().collect();
    assert_eq!(together.len(), 100);
    for n in [0, 1, 2, 98] {
        assert_eq!(together[n], score(&lines[n]).trim_end());
    }
    assert!(together[99].contains("\"line\":100"), "{}", together[99]);
}

/// The commit of the model that the hub has.
const COMMIT: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";

/// What a hub does wrong, if anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// The first answer with weights is broken off in the middle.
    BreaksOff,
    /// It falls silent in the middle of the weights.
    FallsSilent,
    /// It names the weights by another hash.
    NamesAnotherHash,
    /// It gives nothing to anybody.
    Refuses,
}

/// A hub of one model, `org/three`: the files of a fixture, at one commit, which is also called `main`.
struct TestHub {
    address: String,
    requests: Arc<AtomicUsize>,
    home: tempfile::TempDir,
}

impl TestHub {
    fn new(family: &str, trouble: Trouble) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(AtomicUsize::new(0));
        let (counter, files) = (Arc::clone(&requests), fixture(family));
        let broken = Arc::new(AtomicBool::new(false));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                let (files, broken) = (files.clone(), Arc::clone(&broken));
                std::thread::spawn(move || answer(stream, &files, trouble, &broken));
            }
        });
        Self {
            address,
            requests,
            home: tempfile::TempDir::new().expect("a temporary folder"),
        }
    }

    fn score(&self, model: &str, options: &[&str]) -> std::process::Output {
        let mut program = undertone();
        program.args(["score", "--model", model]).args(options);
        program
            .env("HF_HOME", self.home.path())
            .env("HF_ENDPOINT", &self.address)
            .env("HF_HUB_DOWNLOAD_TIMEOUT", "2");
        run_with_input(&mut program, LINE)
    }

    /// What it says when it refuses.
    #[track_caller]
    fn refused(&self, model: &str, options: &[&str], expected: &str) {
        let output = self.score(model, options);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }

    fn asked(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Where the files of the commit are kept.
    fn snapshot(&self) -> PathBuf {
        let kept = self.home.path().join("hub/models--org--three/snapshots");
        kept.join(COMMIT)
    }
}

/// Serves requests of one connection.
fn answer(mut stream: TcpStream, files: &Path, trouble: Trouble, broken: &AtomicBool) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_owned());
        }
        let path = head[0].split(' ').nth(1).unwrap_or_default().to_owned();
        let of_model = path.strip_prefix("/org/three/resolve/");
        let of_commit = of_model.and_then(|rest| {
            let (revision, file) = rest.split_once('/')?;
            // A commit that it does not have, it answers with another.
            let known = [COMMIT, "main", &"f".repeat(40)].contains(&revision);
            known.then(|| file.to_owned())
        });
        let file = of_commit.unwrap_or_default();
        let is_weights = file == "model.safetensors";
        let response = match fs::read(files.join(&file)) {
            _ if trouble == Trouble::Refuses => {
                b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_vec()
            }
            Err(_) => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
            Ok(body) => {
                let range = head.iter().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    let (from, to) = value.strip_prefix("bytes=")?.split_once('-')?;
                    let ends = (from.parse::<usize>().ok()?, to.parse::<usize>().ok());
                    name.eq_ignore_ascii_case("range").then_some(ends)
                });
                let (from, to) = range.unwrap_or((0, None));
                let to = to.unwrap_or(usize::MAX).min(body.len().saturating_sub(1));
                let part = &body[from.min(body.len())..(to + 1).min(body.len())];
                let name = match trouble {
                    Trouble::NamesAnotherHash if is_weights => "0".repeat(64),
                    _ => format!("{:x}", body.len()),
                };
                let mut response = format!(
                    "HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {from}-{to}/{}\r\nETag: \"{name}\"\r\nX-Repo-Commit: {COMMIT}\r\nAccept-Ranges: bytes\r\n\r\n",
                    part.len(),
                    body.len(),
                )
                .into_bytes();
                response.extend_from_slice(part);
                let is_hit = is_weights && part.len() > 1;
                let hit = match trouble {
                    Trouble::BreaksOff => is_hit && !broken.swap(true, Ordering::SeqCst),
                    Trouble::FallsSilent => is_hit,
                    _ => false,
                };
                if hit {
                    let half = response.len() - part.len() / 2;
                    let _ = stream.write_all(&response[..half]);
                    if trouble == Trouble::FallsSilent {
                        std::thread::sleep(std::time::Duration::from_secs(60));
                    }
                    let _ = stream.shutdown(std::net::Shutdown::Both);
                    return;
                }
                response
            }
        };
        if stream.write_all(&response).is_err() {
            return;
        }
    }
}

#[test]
fn a_classifier_of_a_hub_is_fetched_once() {
    let hub = TestHub::new("deberta-v2", Trouble::None);
    let model = format!("hf:org/three@{COMMIT}");
    hub.refused(&model, &["--offline"], "has not been fetched before");
    assert_eq!(hub.asked(), 0, "offline means that nobody is asked");

    let output = hub.score(&model, &[]);
    assert_judged(&output, "deberta-v2");
    let said = stderr(&output);
    assert!(
        said.contains(&format!("fetching {model} from {}", hub.address)),
        "{said}"
    );
    assert!(!said.contains("warning"), "{said}");
    let first = hub.asked();
    assert!(first > 0);
    let again = hub.score(&model, &[]);
    assert_judged(&again, "deberta-v2");
    assert_eq!(stderr(&again), "");
    assert_judged(&hub.score(&model, &["--offline"]), "deberta-v2");
    assert_eq!(hub.asked(), first, "what is there is not fetched again");

    // As the hub's own program leaves it, which names no revisions after commits.
    let names = hub.home.path().join("hub/models--org--three/refs");
    fs::remove_dir_all(names).expect("hf-hub names them");
    assert_judged(&hub.score(&model, &["--offline"]), "deberta-v2");

    hub.refused(
        &format!("hf:org/four@{COMMIT}"),
        &[],
        "the hub has no config.json",
    );
    hub.refused("hf:org/three", &[], "hf:ORG/NAME@REVISION");
    let other = "f".repeat(40);
    hub.refused(
        &format!("hf:org/three@{other}"),
        &[],
        "which is not the one asked for",
    );
}

/// Outputs name the commit, because a branch may be another model tomorrow.
#[test]
fn a_branch_is_told_from_a_commit() {
    let hub = TestHub::new("bert", Trouble::None);
    let page = common::corpus(&[("monday.txt", common::NUMBERED.as_bytes())]);
    let out = tempfile::TempDir::new().expect("a temporary folder");
    let mut program = undertone();
    program.args(["run", "--quiet", "--model", "hf:org/three@main", "--corpus"]);
    program.arg(page.path()).arg("--out").arg(out.path());
    program
        .env("HF_HOME", hub.home.path())
        .env("HF_ENDPOINT", &hub.address);
    let output = run_with_input(&mut program, b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("warning: main is no commit"),
        "{}",
        stderr(&output)
    );
    let read = |file: &str| -> Value {
        let text = fs::read_to_string(out.path().join("latest").join(file)).expect("readable");
        serde_json::from_str(&text).expect("JSON")
    };
    let named = format!("hf:org/three@{COMMIT}");
    assert_eq!(read("summary.json")["scoring"]["sentiment_model"], named);
    assert_eq!(read("run.json")["settings"]["model"], "hf:org/three@main");

    // Half of a vocabulary is no tokenizer: the rest is fetched.
    fs::remove_file(hub.snapshot().join("tokenizer.json")).expect("it was fetched");
    fs::write(hub.snapshot().join("vocab.json"), "{}").expect("writable");
    assert_judged(&hub.score("hf:org/three@main", &[]), "bert");
}

#[test]
fn a_fetch_that_was_broken_off_goes_on() {
    let hub = TestHub::new("roberta", Trouble::BreaksOff);
    let model = format!("hf:org/three@{COMMIT}");
    hub.refused(&model, &[], "goes on where it was broken off");
    assert!(hub.snapshot().join("tokenizer.json").exists());
    assert!(!hub.snapshot().join("model.safetensors").exists());
    assert_judged(&hub.score(&model, &[]), "roberta");
}

#[test]
fn a_hub_that_falls_silent_is_given_up() {
    let hub = TestHub::new("bert", Trouble::FallsSilent);
    hub.refused(
        &format!("hf:org/three@{COMMIT}"),
        &[],
        "silent for 2 seconds",
    );
}

#[test]
fn a_hub_that_refuses_is_not_taken_for_a_broken_network() {
    let hub = TestHub::new("bert", Trouble::Refuses);
    let model = format!("hf:org/three@{COMMIT}");
    hub.refused(&model, &[], "the hub refuses to give config.json (401)");
}

#[test]
fn weights_that_are_not_those_of_the_hub_are_deleted() {
    let hub = TestHub::new("bert", Trouble::NamesAnotherHash);
    let model = format!("hf:org/three@{COMMIT}");
    hub.refused(&model, &[], "it has been deleted");
    assert!(!hub.snapshot().join("model.safetensors").exists());
}

/// Labels that say nothing are found out before the weights are fetched.
#[test]
fn a_model_that_cannot_be_used_is_refused_before_its_weights_are_fetched() {
    let files = tempfile::TempDir::new().expect("a temporary folder");
    for entry in fs::read_dir(fixture("bert")).expect("readable") {
        let entry = entry.expect("readable");
        fs::copy(entry.path(), files.path().join(entry.file_name())).expect("it copies");
    }
    let config = files.path().join("config.json");
    let text = fs::read_to_string(&config).expect("readable");
    fs::write(&config, text.replace("\"neutral\"", "\"LABEL_1\"")).expect("writable");
    // An absolute path stands for itself where it is joined to the folder of fixtures.
    let hub = TestHub::new(&files.path().display().to_string(), Trouble::None);
    hub.refused(&format!("hf:org/three@{COMMIT}"), &[], "LABEL_1");
    assert!(!hub.snapshot().join("model.safetensors").exists());
}

#[test]
fn a_hub_that_cannot_be_reached_is_named() {
    let home = tempfile::TempDir::new().expect("a temporary folder");
    let mut program = undertone();
    program.args(["score", "--model", "hf:org/three@main"]);
    program
        .env("HF_HOME", home.path())
        .env("HF_ENDPOINT", "http://127.0.0.1:9");
    let output = run_with_input(&mut program, LINE);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("check the network"),
        "{}",
        stderr(&output)
    );
}
