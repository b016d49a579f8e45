//! Settings by file, environment and option; `undertone config`, `init` and `doctor`.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::{NUMBERED, corpus, repository, run_with_input, stderr, stdout, undertone};
use serde_json::Value;
use tempfile::TempDir;

/// The program in a folder, with nothing set in the environment.
fn undertone_in(folder: &Path) -> Command {
    let mut command = undertone();
    command.current_dir(folder).env_remove("HF_HUB_OFFLINE");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("UNDERTONE_") {
            command.env_remove(name);
        }
    }
    command
}

/// A setting as `undertone config --json` shows it.
fn setting(command: &mut Command, name: &str) -> Value {
    let output = run_with_input(command.arg("--json"), b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let config: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let settings = config["settings"].as_array().expect("a list");
    let found = settings.iter().find(|setting| setting["name"] == name);
    found.expect("the setting").clone()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}", stdout(output));
    stderr(output)
}

#[test]
fn options_go_before_the_environment_that_before_the_file_that_before_defaults() {
    let folder = corpus(&[(
        "undertone.toml",
        b"# what I keep\nkeep = 5\nmax-page-mb = 7\nwithout = [\"text\", \"links\"]\nquiet = true\n",
    )]);
    let empty = TempDir::new().expect("a temporary folder");
    let place = |setting: &Value| {
        let at = |key: &str| setting.get(key).cloned().unwrap_or_default();
        (at("value"), at("from"), at("place"), at("line"))
    };
    let keep = |folder: &Path, environment: Option<&str>, options: &[&str]| {
        let mut command = undertone_in(folder);
        command.arg("config").args(options);
        if let Some(value) = environment {
            command.env("UNDERTONE_KEEP", value);
        }
        place(&setting(&mut command, "keep"))
    };
    let file = folder.path().join("undertone.toml");
    let of_file = |value: Value, line: u32| {
        (
            value,
            "file".into(),
            "undertone.toml".into(),
            Value::from(line),
        )
    };
    assert_eq!(
        keep(empty.path(), None, &[]),
        (30.into(), "default".into(), Value::Null, Value::Null)
    );
    assert_eq!(keep(folder.path(), None, &[]), of_file(5.into(), 2));
    let of_environment = (
        Value::from(6),
        Value::from("environment"),
        Value::from("UNDERTONE_KEEP"),
        Value::Null,
    );
    assert_eq!(keep(folder.path(), Some("6"), &[]), of_environment);
    // An empty variable is as good as none.
    assert_eq!(keep(folder.path(), Some(""), &[]), of_file(5.into(), 2));
    assert_eq!(
        keep(folder.path(), Some("6"), &["--keep", "8"]),
        (8.into(), "option".into(), "--keep".into(), Value::Null)
    );

    let config = |name: &str| {
        setting(
            undertone_in(empty.path())
                .arg("config")
                .arg("--settings")
                .arg(&file),
            name,
        )
    };
    assert_eq!(
        config("max_page_mb")["place"],
        file.display().to_string().as_str()
    );
    assert_eq!(
        config("without")["value"],
        serde_json::json!(["text", "links"])
    );
    assert_eq!(config("quiet")["value"], true);
    assert_eq!(config("threads")["value"], Value::Null);
    assert_eq!(config("threads")["otherwise"], "one per core");

    // A switch of the file is turned off by the environment, and another's variable counts less than the program's own.
    let mut command = undertone_in(folder.path());
    command.arg("config").env("UNDERTONE_QUIET", "no");
    assert_eq!(setting(&mut command, "quiet")["value"], false);
    let mut command = undertone_in(folder.path());
    command.arg("config").env("HF_HUB_OFFLINE", "1");
    let offline = setting(&mut command, "offline");
    assert_eq!(
        (&offline["value"], &offline["place"]),
        (&true.into(), &"HF_HUB_OFFLINE".into())
    );
    let mut command = undertone_in(folder.path());
    command
        .arg("config")
        .env("HF_HUB_OFFLINE", "1")
        .env("UNDERTONE_OFFLINE", "0");
    assert_eq!(setting(&mut command, "offline")["value"], false);

    let table = stdout(&run_with_input(
        undertone_in(folder.path()).arg("config"),
        b"",
    ));
    let row = table.lines().find(|line| line.starts_with("keep"));
    let cells: Vec<&str> = row.expect("a row").split_whitespace().collect();
    assert_eq!(cells, ["keep", "5", "undertone.toml,", "line", "2"]);
}

#[test]
fn paths_of_the_file_are_seen_from_its_folder_and_others_from_where_one_is() {
    let there = corpus(&[(
        "undertone.toml",
        b"corpus = \"pages\"\nmodel = \"models/mine\"\nout = \"/elsewhere\"\n",
    )]);
    let here = TempDir::new().expect("a temporary folder");
    let config = |name: &str| {
        let mut command = undertone_in(here.path());
        command
            .arg("config")
            .env("UNDERTONE_SETTINGS", there.path().join("undertone.toml"))
            .env("UNDERTONE_STORE", "kept/store.sqlite");
        setting(&mut command, name)["value"].clone()
    };
    let below = |path: &str| Value::from(there.path().join(path).display().to_string());
    assert_eq!(config("corpus"), below("pages"));
    assert_eq!(config("model"), below("models/mine"));
    assert_eq!(config("out"), "/elsewhere");
    assert_eq!(config("store"), "kept/store.sqlite");

    fs::write(
        there.path().join("undertone.toml"),
        "model = \"hf:org/name@0123\"\n",
    )
    .expect("writable");
    assert_eq!(config("model"), "hf:org/name@0123");
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_nothing_begins() {
    let folder = corpus(&[(
        "undertone.toml",
        b"keep = 3\n\nofice_holders = \"a.toml\"\n",
    )]);
    let start = |command: &[&str]| run_with_input(undertone_in(folder.path()).args(command), b"");
    for command in [["run"].as_slice(), &["config"], &["cache", "status"]] {
        let told = refused(&start(command));
        assert!(
            told.contains("undertone.toml, line 3: there is no setting \"ofice_holders\"")
                && told.contains("office_holders"),
            "{told}"
        );
    }
    assert!(!folder.path().join("output").exists());
    // Help is there whatever the file says, and so is what takes no settings.
    assert_eq!(start(&["run", "--help"]).status.code(), Some(0));
    assert_eq!(start(&["schema"]).status.code(), Some(0));

    let output = run_with_input(
        undertone_in(&repository("tests"))
            .arg("config")
            .env("UNDERTONE_KEEP", "many"),
        b"",
    );
    let told = refused(&output);
    assert!(
        told.contains("UNDERTONE_KEEP: invalid value 'many'"),
        "{told}"
    );
    let output = run_with_input(
        undertone_in(&repository("tests")).args(["config", "--settings", "nowhere.toml"]),
        b"",
    );
    assert!(refused(&output).contains("nowhere.toml: cannot be read"));
}

#[test]
fn other_commands_take_what_they_have_of_it() {
    let folder = corpus(&[
        ("undertone.toml", b"max_page_mb = 1\nkeep = 2\n"),
        ("small.txt", NUMBERED.as_bytes()),
        ("large.txt", &[b'a'; 1_100_000]),
    ]);
    let ingest = |options: &[&str]| {
        let mut command = undertone_in(folder.path());
        command
            .args(["ingest", "small.txt", "large.txt"])
            .args(options);
        run_with_input(&mut command, b"").status.code()
    };
    assert_eq!(ingest(&[]), Some(1));
    assert_eq!(ingest(&["--max-page-mb", "2"]), Some(0));
}

#[test]
fn a_folder_that_init_has_begun_can_be_run_every_night() {
    let place = TempDir::new().expect("a temporary folder");
    let init = || run_with_input(undertone_in(place.path()).args(["init", "blog"]), b"");
    let output = init();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("blog/pages"),
        "{}",
        stdout(&output)
    );
    let blog = place.path().join("blog");
    let text = |name: &str| fs::read_to_string(blog.join(name)).expect("a text");
    assert_eq!(
        text("themes.toml"),
        fs::read_to_string(repository("themes.toml")).expect("a text")
    );
    assert!(text("pages/README.md").contains("ReplyDelete"));
    assert!(text("nightly/undertone.service").contains("ExecStart=/"));
    let script = run_with_input(&mut Command::new(blog.join("nightly/fetch-posts.sh")), b"");
    // It fetches nothing before somebody has said from where.
    assert_eq!(script.status.code(), Some(2));
    assert!(stderr(&script).contains("feed="), "{}", stderr(&script));

    fs::write(blog.join("pages/monday.txt"), NUMBERED).expect("writable");
    let run = |folder: &Path, options: &[&str]| {
        let mut command = undertone_in(folder);
        command
            .arg("run")
            .args(options)
            .arg("--model")
            .arg(repository("models/standard"));
        run_with_input(&mut command, b"")
    };
    let output = run(&blog, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).starts_with("1 posts, 3 comments"),
        "{}",
        stdout(&output)
    );
    assert!(blog.join("output/latest/summary.json").is_file());
    // From elsewhere it is the same folder.
    let output = run(
        place.path(),
        &["--settings", "blog/undertone.toml", "--anew"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        fs::read_dir(blog.join("output/runs"))
            .expect("a folder")
            .count(),
        2
    );
    assert!(!place.path().join("output").exists());

    let told = refused(&init());
    assert!(told.contains("blog: is not empty"), "{told}");
    assert!(blog.join("output/latest/summary.json").is_file());
}

/// What `undertone doctor --json` says of one thing, and how it ends.
fn doctor(folder: &Path, options: &[&str], about: &str) -> (Option<i32>, String, String) {
    let mut command = undertone_in(folder);
    command.args(["doctor", "--json"]).args(options);
    let output = run_with_input(&mut command, b"");
    let findings: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = findings.as_array().expect("a list");
    let found = findings.iter().find(|finding| finding["about"] == about);
    let found = found.expect("the thing");
    let text = |key: &str| found[key].as_str().expect("a text").to_owned();
    (output.status.code(), text("state"), text("found"))
}

#[test]
fn doctor_says_what_is_wrong_and_what_to_do() {
    let folder = corpus(&[("pages/monday.txt", NUMBERED.as_bytes())]);
    let standard = repository("models/standard").display().to_string();
    let broken = folder.path().join("broken");
    fs::create_dir(&broken).expect("writable");
    for file in [
        "manifest.json",
        "config.json",
        "tokenizer.json",
        "heads.json",
    ] {
        fs::copy(repository("models/standard").join(file), broken.join(file)).expect("copied");
    }
    fs::copy(
        repository("models/standard/MODEL_CARD.md"),
        broken.join("MODEL_CARD.md"),
    )
    .expect("copied");
    fs::write(broken.join("model.safetensors"), "half of it").expect("writable");
    let well = ["--corpus", "pages", "--out", "out", "--model", &standard];
    let look = |about: &str| doctor(folder.path(), &well, about);

    let (code, state, found) = look("model");
    assert_eq!((code, state.as_str()), (Some(0), "ok"), "{found}");
    assert!(look("pages").2.ends_with(": 1 pages"));
    assert!(look("libtorch").2.contains("2.4.0"));
    assert!(look("processor").2.contains("precision auto is "));
    assert!(look("disk").2.contains("GB free"));
    assert!(look("results").2.contains("is not there yet"));
    assert!(look("store").2.contains("is not there yet"));
    // It only looks.
    assert!(!folder.path().join("out").exists());

    let options = ["--corpus", "pages", "--out", "out", "--model", "broken"];
    let (code, state, found) = doctor(folder.path(), &options, "model");
    assert_eq!((code, state.as_str()), (Some(1), "problem"));
    assert!(
        found.contains("model.safetensors") && found.contains("restore the model folder"),
        "{found}"
    );
    let mut plain = undertone_in(folder.path());
    let plain = stdout(&run_with_input(plain.arg("doctor").args(options), b""));
    let line = plain
        .lines()
        .find(|line| line.contains("model.safetensors"));
    assert!(line.expect("a line").starts_with("problem"), "{plain}");
    assert!(plain.contains("\n1 problems, "), "{plain}");

    let options = [
        "--corpus",
        "nowhere",
        "--out",
        "pages/monday.txt",
        "--model",
        &standard,
    ];
    let (code, state, found) = doctor(folder.path(), &options, "pages");
    assert_eq!((code, state.as_str()), (Some(1), "problem"), "{found}");
    let (_, state, found) = doctor(folder.path(), &options, "results");
    assert_eq!(state, "problem");
    assert!(found.contains("--out"), "{found}");
    let options = [
        "--corpus",
        "pages",
        "--store",
        "pages/monday.txt",
        "--model",
        &standard,
    ];
    let (code, state, _) = doctor(folder.path(), &options, "store");
    // A run goes on without a store.
    assert_eq!((code, state.as_str()), (Some(0), "warning"));
    assert_eq!(
        fs::read_to_string(folder.path().join("pages/monday.txt")).expect("a text"),
        NUMBERED
    );

    // So is a list of forgotten comments that a run would refuse.
    assert_eq!(look("forgotten").1, "ok");
    fs::create_dir(folder.path().join("out")).expect("writable");
    fs::write(folder.path().join("out/forgotten.txt"), "Mr Smith\n").expect("writable");
    let (code, state, found) = look("forgotten");
    assert_eq!((code, state.as_str()), (Some(1), "problem"));
    assert!(found.contains("forgotten.txt, line 1"), "{found}");
    fs::remove_dir_all(folder.path().join("out")).expect("writable");

    // Settings that stop every other command are a finding here.
    fs::write(folder.path().join("undertone.toml"), "\nkep = 3\n").expect("writable");
    let (code, state, found) = look("settings");
    assert_eq!((code, state.as_str()), (Some(1), "problem"));
    assert!(
        found.contains("line 2") && found.contains("the nearest is keep"),
        "{found}"
    );
    fs::remove_file(folder.path().join("undertone.toml")).expect("writable");
    let mut command = undertone_in(folder.path());
    command
        .arg("doctor")
        .args(well)
        .env("UNDERTONE_CORPSE", "x");
    let output = run_with_input(&mut command, b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output)
            .contains("UNDERTONE_CORPSE sets nothing; the nearest that does is UNDERTONE_CORPUS"),
        "{}",
        stdout(&output)
    );
}
