//! `undertone train --theme` and `undertone check-labels`.

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{repository, run_with_input, stderr, stdout, undertone};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::Value;

/// Comments on parking, and others.
const PARKING: [&str; 10] = [
    "They have taken away half of our parking spaces and gave the rest to visitors.",
    "I paid forty pounds in fines last month because the permit never came.",
    "The car park is full by eight and the nearest one costs nine pounds a day.",
    "Permits go by lottery now, with the managers' bays left empty of course.",
    "Parking is free at our place, always has been, I did not know that others pay.",
    "Who decides who gets a bay? There was never a list.",
    "I move my car every two hours or get a ticket, between interviews.",
    "New office, no parking, and we carry files across town.",
    "A pass for the multi-storey would cost them less than the taxis do.",
    "My appeal against the parking charge was refused, home visits are no excuse.",
];
const OTHERS: [&str; 10] = [
    "Sixty cases each and no admin, I am on my knees.",
    "The union wants a ballot in the autumn over the pay offer.",
    "Our new senior is kind and knows what she is doing.",
    "Inspectors called the region inadequate for the third time.",
    "He was recalled on a Friday for missing one appointment.",
    "The contract went to the same company that failed before.",
    "I retired in 2009 and they still had a typing pool then.",
    "Training is two days online and then you are given a caseload.",
    "Nobody has told us when the laptops will come.",
    "The minister said that there would be no more cuts, in May.",
];

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let mut themes = fs::read_to_string(repository("themes.toml")).expect("readable");
        themes.push_str("\n[[theme]]\nid = \"cars\"\ntitle = \"Cars\"\ndescription = \"Where staff leave their vehicles.\"\n");
        fs::write(folder.path().join("themes.toml"), themes).expect("writable");
        let mut table = "id,text,theme:cars,weight\n".to_owned();
        for (number, (yes, no)) in PARKING.iter().zip(OTHERS).enumerate() {
            table.push_str(&format!(
                "y{number},\"{yes}\",yes,2\nn{number},\"{no}\",no,2\n"
            ));
        }
        fs::write(folder.path().join("labels.csv"), table).expect("writable");
        Self { folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, command: &str, more: &[&str], input: &[u8]) -> Output {
        let mut program = undertone();
        program
            .arg(command)
            .args(more)
            .arg("--themes")
            .arg(self.path("themes.toml"));
        run_with_input(&mut program, input)
    }

    fn train(&self, more: &[&str]) -> Output {
        let labels = self.path("labels.csv");
        let labels = labels.to_string_lossy();
        let mut all = vec!["--quiet", "--theme", "cars", "--labels", &labels];
        all.extend(more);
        self.run("train", &all, b"")
    }

    /// The probability of the theme for a comment on it that is not among the labels.
    fn probability(&self, more: &[&str]) -> f64 {
        let line = "{\"text\": \"They want us to pay for a parking permit at our own office from April on.\"}\n";
        let output = self.run("score", more, line.as_bytes());
        let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        answer["themes"]["cars"].as_f64().expect("a probability")
    }
}

#[test]
fn twenty_labels_improve_a_theme_and_can_be_taken_back() {
    let desk = Desk::new();
    let before = desk.probability(&[]);
    let output = desk.train(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    assert!(
        shown.contains("cars: 20 judged texts, 10 have it"),
        "{shown}"
    );
    assert!(shown.contains("Nothing was changed"), "{shown}");
    let figure = |name: &str, column: usize| -> f64 {
        let row = shown
            .lines()
            .find(|line| line.starts_with(name))
            .expect("a row");
        let cells: Vec<&str> = row
            .split("  ")
            .map(str::trim)
            .filter(|c| !c.is_empty())
            .collect();
        cells[column]
            .trim_end_matches('%')
            .parse()
            .expect("a number")
    };
    // The mean loss falls, cross-validated.
    assert!(
        figure("with your labels", 5) < figure("as it is", 5),
        "{shown}"
    );
    // How many are given the theme is shown before anything is put in force.
    for row in ["as it is", "with your labels"] {
        assert!((0.0..=100.0).contains(&figure(row, 2)), "{shown}");
    }
    assert!(!shown.contains("Texts chosen by hand"), "{shown}");
    assert!(!desk.path("themes.overlay.json").exists());
    assert_eq!(desk.probability(&[]), before);

    let output = desk.train(&["--apply"]);
    assert!(stdout(&output).contains("In force"), "{}", stdout(&output));
    let after = desk.probability(&[]);
    assert!(after > before + 0.05, "{before} and {after}");
    assert_eq!(desk.probability(&["--without-labels"]), before);
    let themes = desk.run("themes", &["--json"], b"");
    let themes: Value = serde_json::from_slice(&themes.stdout).expect("JSON");
    let of_cars = themes.as_array().expect("a list").last().expect("a theme");
    assert_eq!(
        (&of_cars["id"], &of_cars["labels"]),
        (&"cars".into(), &20.into())
    );

    // With another text of the theme, what was learnt about the old one is left aside, and said so.
    let file = desk.path("themes.toml");
    let themes = fs::read_to_string(&file).expect("readable");
    fs::write(&file, themes.replace("leave their vehicles", "park")).expect("writable");
    let output = desk.run("themes", &[], b"");
    assert!(
        stderr(&output).contains("what was learnt about cars"),
        "{}",
        stderr(&output)
    );
    fs::write(&file, &themes).expect("writable");

    // The theme may be gone, and the model: taking back needs neither.
    let without_cars = themes.split("\n[[theme]]\nid = \"cars\"").next();
    fs::write(&file, without_cars.expect("a part")).expect("writable");
    let undo = |desk: &Desk| {
        let more = ["--theme", "cars", "--undo", "--model", "no/such/folder"];
        desk.run("train", &more, b"")
    };
    let output = undo(&desk);
    fs::write(&file, &themes).expect("writable");
    assert!(
        stdout(&output).contains("taken back"),
        "{}",
        stdout(&output)
    );
    assert!(!desk.path("themes.overlay.json").exists());
    assert_eq!(desk.probability(&[]), before);
    let output = undo(&desk);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("nothing to take back"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn labels_that_cannot_teach_are_refused() {
    let desk = Desk::new();
    let refused = |table: &str, expected: &str| {
        fs::write(desk.path("labels.csv"), table).expect("writable");
        let output = desk.train(&["--apply"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert!(!desk.path("themes.overlay.json").exists());
    };
    refused(
        "text,theme:cars\na,yes\nb,no\n",
        "2 texts are judged for cars, 1 of them have it; it takes 12",
    );
    refused("text,theme:unions\na,yes\n", "0 texts are judged for cars");
    refused("text,theme:unoins\na,yes\n", "unoins");
    // Test material is not learnt from.
    let mut table = "text,split,theme:cars\n".to_owned();
    for (yes, no) in PARKING.iter().zip(OTHERS) {
        table.push_str(&format!("\"{yes}\",heldout,yes\n\"{no}\",,no\n"));
    }
    refused(&table, "10 texts are test material");
    refused(&table, "10 texts are judged for cars, 0 of them have it");
    refused(
        "id,text,theme:cars\na,x,yes\na,x,no\n",
        "line 3: the comment \"a\" stands on line 2 already",
    );
}

/// Labels drawn from the model's own probabilities teach nothing that it does not know.
#[test]
fn labels_at_random_change_nothing() {
    let desk = Desk::new();
    let texts: Vec<&str> = PARKING.into_iter().chain(OTHERS).collect();
    let lines: String = texts
        .iter()
        .map(|text| format!("{}\n", serde_json::json!({ "text": text })))
        .collect();
    let output = desk.run("score", &[], lines.as_bytes());
    let probabilities: Vec<f64> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .map(|answer: Value| answer["themes"]["cars"].as_f64().expect("a probability"))
        .collect();
    let mut generator = ChaCha8Rng::seed_from_u64(7);
    let mut draw = || -> Vec<bool> {
        let mut lot = || (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        probabilities.iter().map(|p| lot() < *p).collect()
    };
    let mut unchanged = 0;
    for _ in 0..3 {
        let drawn = std::iter::repeat_with(&mut draw)
            .take(100_000)
            .find(|labels| (3..=17).contains(&labels.iter().filter(|label| **label).count()))
            .expect("labels of both kinds");
        let mut table = "text,theme:cars\n".to_owned();
        for (text, label) in texts.iter().zip(drawn) {
            table.push_str(&format!(
                "\"{text}\",{}\n",
                if label { "yes" } else { "no" }
            ));
        }
        fs::write(desk.path("labels.csv"), table).expect("writable");
        let output = desk.train(&["--apply"]);
        if stdout(&output).contains("These labels do not help") {
            unchanged += 1;
            // A script that puts labels in force learns that they are not.
            assert_eq!(output.status.code(), Some(1));
            assert!(!desk.path("themes.overlay.json").exists());
        }
        let _ = fs::remove_file(desk.path("themes.overlay.json"));
    }
    // One of three may look better by chance.
    assert!(unchanged >= 2, "{unchanged} of 3");
}

#[test]
fn texts_picked_by_hand_do_not_make_a_theme_frequent() {
    let desk = Desk::new();
    // All that have the theme, and few others, without weights.
    let mut table = "text,post,theme:cars\n".to_owned();
    for text in PARKING {
        table.push_str(&format!("\"{text}\",one,yes\n"));
    }
    for text in &OTHERS[..3] {
        table.push_str(&format!("\"{text}\",one,no\n"));
    }
    fs::write(desk.path("labels.csv"), table).expect("writable");
    let output = desk.train(&[]);
    let shown = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(shown.contains("say nothing about how frequent"), "{shown}");
    // All are of one post, and are judged all the same.
    assert!(shown.contains("too few threads or posts"), "{shown}");
}

#[test]
fn the_hash_of_an_overlay_is_that_of_what_is_in_force() {
    let desk = Desk::new();
    assert!(stdout(&desk.train(&["--apply"])).contains("In force"));
    let hash = || -> Value {
        let output = desk.run("explain", &["--json", "They took my bay."], b"");
        let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        find(&record, "overlay_sha256")
            .expect("the header has it")
            .clone()
    };
    let before = hash();
    assert!(before.is_string());
    // Where the labels lay does not matter, nor what is for another model; what is added does.
    let file = desk.path("themes.overlay.json");
    let mut overlay: Value =
        serde_json::from_slice(&fs::read(&file).expect("readable")).expect("JSON");
    let mut other = overlay["themes"]["cars"].clone();
    other[0]["model_sha256"] = "another".into();
    overlay["themes"]["unions"] = other;
    overlay["themes"]["cars"][0]["labels_file"] = "moved.csv".into();
    fs::write(&file, overlay.to_string()).expect("writable");
    assert_eq!(hash(), before);
    overlay["themes"]["cars"][0]["bias"] = 9.into();
    fs::write(&file, overlay.to_string()).expect("writable");
    assert_ne!(hash(), before);
}

/// The value of a key, wherever it stands.
fn find<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields
            .get(key)
            .or_else(|| fields.values().find_map(|field| find(field, key))),
        _ => None,
    }
}

#[test]
fn a_wrong_label_is_found() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("labels.csv");
    // One parking comment among the others' labels, one of the others among those on parking.
    let mut table = "id,post,text,theme:workload,theme:unions\n".to_owned();
    for (number, (parking, other)) in PARKING.iter().zip(OTHERS).enumerate() {
        let (one, two) = if number == 4 {
            ("no", "yes")
        } else {
            ("yes", "no")
        };
        table.push_str(&format!(
            "p{number},one,\"{parking}\",{one},no\no{number},one,\"{other}\",{two},{}\n",
            if number < 4 { "yes" } else { "" }
        ));
    }
    fs::write(&file, table).expect("writable");
    let check = |file: &Path, more: &[&str]| {
        let mut program = undertone();
        program
            .args(["check-labels", "--quiet"])
            .args(more)
            .arg(file);
        run_with_input(&mut program, b"")
    };
    let output = check(&file, &["--json", "--top", "4"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let ids: Vec<&str> = found
        .iter()
        .filter_map(|doubt| doubt["id"].as_str())
        .collect();
    assert!(ids.contains(&"p4") && ids.contains(&"o4"), "{ids:?}");
    assert!(found.iter().all(|doubt| doubt["label"] == "workload"));
    // Suspects come with the line that they stand on, and are not called suspects if the model finds them likely.
    let p4 = found.iter().find(|doubt| doubt["id"] == "p4");
    assert_eq!(p4.expect("found")["line"], 10);
    assert!(
        found
            .iter()
            .all(|doubt| doubt["margin"].as_f64() > Some(0.0))
    );
    let shown = stdout(&check(&file, &[]));
    assert!(shown.contains("workload: 20 labels"), "{shown}");
    assert!(shown.contains("  line 10 p4  no → yes"), "{shown}");
    // All are of one post, and what there are too few of is named.
    assert!(shown.contains("too few threads or posts"), "{shown}");
    assert!(
        shown.contains("unions: 4 yes, 10 no; it takes 5 of each"),
        "{shown}"
    );
    // How many there are is said, however many are shown.
    let shown = stdout(&check(&file, &["--top", "1"]));
    assert!(shown.contains(" hard to believe, the first 1"), "{shown}");
    assert!(!shown.contains(" 1 hard to believe"), "{shown}");

    fs::write(&file, "id,text,sentiment\na,x,neutral\n").expect("writable");
    let output = check(&file, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output)
            .contains("sentiment: 0 positive, 1 neutral, 0 negative; it takes 5 of each"),
        "{}",
        stderr(&output)
    );
    fs::write(&file, "id,text,theme:workloda\na,x,yes\n").expect("writable");
    let output = check(&file, &[]);
    assert!(stderr(&output).contains("workloda"), "{}", stderr(&output));
}

/// Copies of a text that are labelled wrongly do not vouch for each other.
#[test]
fn copies_of_a_text_are_judged_together_whatever_the_order() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("labels.csv");
    let mut rows: Vec<String> = Vec::new();
    for (parking, other) in PARKING.iter().zip(OTHERS) {
        rows.push(format!("\"{parking}\",yes"));
        rows.push(format!("\"{other}\",no"));
    }
    for _ in 0..3 {
        rows.push("\"The car park is full by eight, and permits go by lottery.\",no".to_owned());
    }
    let check = |rows: &[String]| -> Vec<(String, String)> {
        let table = format!("text,theme:workload\n{}\n", rows.join("\n"));
        fs::write(&file, table).expect("writable");
        let mut program = undertone();
        program
            .args(["check-labels", "--quiet", "--json"])
            .arg(&file);
        let output = run_with_input(&mut program, b"");
        let mut found: Vec<(String, String)> = stdout(&output)
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .map(|doubt: Value| (doubt["text"].to_string(), doubt["margin"].to_string()))
            .collect();
        found.sort();
        found
    };
    let found = check(&rows);
    let copies = found
        .iter()
        .filter(|(text, _)| text.contains("full by eight, and permits"));
    assert_eq!(copies.count(), 3, "{found:?}");
    rows.reverse();
    assert_eq!(check(&rows), found);
}
