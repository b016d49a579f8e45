//! `undertone compare`, and the comparison that `undertone run` writes.

mod common;
#[path = "common/generated.rs"]
mod generated;
#[path = "common/sets.rs"]
mod sets;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{corpus, repository, run_with_input, stderr, stdout, undertone};
use serde_json::{Value, json};
use sets::{files, json, page, run, sets};
use tempfile::TempDir;

/// The theme that rises in made-up results: the first of the taxonomy.
fn planted() -> String {
    let taxonomy = undertone::themes::Taxonomy::shipped().expect("the taxonomy is valid");
    taxonomy.themes()[0].id.clone()
}

fn compare(results: &Path, more: &[&str]) -> Output {
    let mut command = undertone();
    command
        .args(["compare", "--quiet", "--results"])
        .arg(results);
    run_with_input(command.args(more), b"")
}

/// What a comparison says, which must go well.
fn told(results: &Path, more: &[&str]) -> String {
    let output = compare(results, more);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn made_up(comments: u64) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    generated::write_results(folder.path(), comments).expect("it can be written");
    folder
}

/// The change of a share over the whole range.
fn whole_range<'v>(comparison: &'v Value, theme: &str, kind: &str) -> &'v Value {
    let changes = &comparison["themes"][theme]["share"][kind]["changes"];
    let mut changes = changes.as_array().expect("changes").iter();
    changes
        .find(|change| change["kind"] == "whole_range")
        .expect("there is one")
}

#[test]
fn a_planted_rise_is_found_and_what_is_not_certain_is_never_called_one() {
    let (results, theme) = (made_up(12_000), planted());
    let comparison = parsed(&told(results.path(), &["--json"]));
    let change = whole_range(&comparison, &theme, "raw");
    assert_eq!(change["certain"], true, "{change}");
    let [first, last] = generated::PLANTED;
    let difference = change["difference"].as_f64().expect("a number");
    assert!((difference - (last - first)).abs() < 0.08, "{difference}");

    let answer = told(results.path(), &["--theme", &theme]);
    let quote = answer.split("To quote:\n").nth(1).expect("a sentence");
    for part in [
        " comments under ",
        " posts in 2023, ",
        "% (95% interval ",
        ": a rise of ",
        "Measured by undertone 0.1.0 with model made up (sha256 abababab), run 2024-01-01T03-00-00Z",
        "not corrected for the model's errors",
    ] {
        assert!(quote.contains(part), "{part:?} in {quote}");
    }

    let table = told(results.path(), &[]);
    assert!(table.contains("Certain from 2012 to 2023: "), "{table}");
    for (id, _) in comparison["themes"].as_object().expect("themes") {
        let change = whole_range(&comparison, id, "raw");
        let answer = told(results.path(), &["--theme", id]);
        let moved = ["a rise of", "a fall of"].map(|word| answer.contains(word));
        let is_certain = change["certain"].as_bool().expect("true or false");
        assert_eq!(moved.contains(&true), is_certain, "{id}: {answer}");
        assert_eq!(
            table.contains(&format!("{id} rose")),
            is_certain && moved[0]
        );
        assert_eq!(
            table.contains(&format!("{id} fell")),
            is_certain && moved[1]
        );
    }
}

#[test]
fn a_range_of_periods_is_compared_and_no_other() {
    let (results, theme) = (made_up(12_000), planted());
    // A period has the same figure and interval whatever else is asked for.
    let periods = |more: &[&str]| {
        let comparison = parsed(&told(results.path(), &[&["--json"], more].concat()));
        let course = comparison["themes"][&theme]["share"]["periods"].clone();
        course.as_array().expect("periods").clone()
    };
    let (all, some) = (periods(&[]), periods(&["--from", "2014", "--to", "2016"]));
    assert_eq!(some, all[2..5]);
    let range = ["--theme", &theme, "--from", "2014", "--to", "2019"];
    let answer = told(results.path(), &range);
    assert!(answer.contains("by year"), "{answer}");
    let quote = answer.split("To quote:\n").nth(1).expect("a sentence");
    assert!(
        quote.contains(" in 2019, ") && quote.contains(" in 2014, "),
        "{quote}"
    );
    assert!(!answer.contains("2013"), "{answer}");

    // Data up to the end of June: the year is compared with its like.
    let until = ["--theme", &theme, "--as-of", "2023-06-30", "--from", "2021"];
    let answer = told(results.path(), &until);
    assert!(
        answer.contains("2023 is not over in these data, which go to 2023-06-30"),
        "{answer}"
    );
    assert!(
        answer.contains("2023 so far, against the same part of 2022"),
        "{answer}"
    );
    assert!(answer.contains(" posts in 2022, "), "{answer}");

    let eras = repository("examples/eras.toml");
    let eras = ["--eras", eras.to_str().expect("a path")];
    let table = told(results.path(), &eras);
    for era in ["before the split", "after unification", "by era"] {
        assert!(table.contains(era), "{table}");
    }
    let quarters = parsed(&told(results.path(), &["--by", "quarter", "--json"]));
    assert_eq!(quarters["division"], "quarter");
    assert_eq!(quarters["periods"].as_array().expect("periods").len(), 48);
}

#[test]
fn what_cannot_be_answered_is_refused_with_a_remedy() {
    let results = made_up(3000);
    let refused = |folder: &Path, more: &[&str], expected: &[&str]| {
        let output = compare(folder, more);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        assert_eq!(stdout(&output), "");
        for part in expected {
            assert!(stderr(&output).contains(part), "{}", stderr(&output));
        }
    };
    let folder = results.path();
    refused(
        folder,
        &["--theme", "wrkload"],
        &["no theme \"wrkload\"", &planted()],
    );
    refused(
        folder,
        &["--from", "2014-Q1"],
        &["no period \"2014-Q1\"", "write a year, such as 2014"],
    );
    refused(
        folder,
        &["--from", "2020", "--to", "2014"],
        &["exchange --from and --to"],
    );
    refused(
        folder,
        &["--from", "1990", "--to", "1999"],
        &["the dates go from 2012-01-01"],
    );
    refused(folder, &["--as-of", "yesterday"], &["2023-12-31"]);
    refused(
        folder,
        &["--eras", "Cargo.toml"],
        &["Cargo.toml", "[[era]]"],
    );
    refused(
        folder,
        &["--eras", "nowhere.toml"],
        &["nowhere.toml", "examples/eras.toml"],
    );
    let empty = TempDir::new().expect("a temporary folder");
    refused(empty.path(), &[], &["--results"]);

    // Files that are not what the run wrote are not compared.
    let lines = folder.join("latest/comments.jsonl");
    let text = fs::read_to_string(&lines).expect("readable");
    let without_last = text.trim_end().rsplit_once('\n').expect("two lines").0;
    fs::write(&lines, format!("{without_last}\n")).expect("writable");
    refused(
        folder,
        &[],
        &["comments.jsonl", "changed after it was written", "--anew"],
    );
}

#[test]
fn shares_are_corrected_by_a_sample_whose_lost_rows_are_left_out() {
    let (results, theme) = (made_up(12_000), planted());
    let lines = fs::read_to_string(results.path().join("latest/comments.jsonl")).expect("readable");
    let mut sample = String::new();
    // Where the model finds the theme it is wrong one time of ten, and one of twenty others has it all the same.
    let (mut with, mut without) = (0, 0);
    for line in lines.lines().step_by(31) {
        let line: Value = parsed(line);
        let assigned = line["themes_assigned"].as_array().expect("a list");
        let has = if assigned.contains(&json!(theme)) {
            with += 1;
            with % 10 != 0
        } else {
            without += 1;
            without % 20 == 0
        };
        let row = json!({
            "post": line["post"], "id": line["id"], "text": line["text"], "judged": {&theme: has},
        });
        sample.push_str(&format!("{row}\n"));
    }
    let rows = with + without;
    let gone = json!({
        "post": "post-000000", "id": "gone", "text": "It is gone.", "judged": {&theme: true},
    });
    sample.push_str(&format!("{gone}\n"));
    let file = results.path().join("my-sample.jsonl");
    fs::write(&file, &sample).expect("writable");
    let file = file.to_str().expect("a path");

    let output = compare(results.path(), &["--sample", file, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let left_out = format!(
        "1 of {} labelled rows are left out, the first on line {}",
        rows + 1,
        rows + 1
    );
    assert!(stderr(&output).contains(&left_out), "{}", stderr(&output));
    let comparison = parsed(&stdout(&output));
    assert_eq!(
        comparison["sample"],
        json!({"file": "my-sample.jsonl", "rows": rows + 1, "used": rows})
    );
    let period = &comparison["themes"][&theme]["share"]["periods"][11];
    // More is missed than invented.
    assert!(
        period["corrected"]["share"].as_f64() > period["raw"]["share"].as_f64(),
        "{period}"
    );
    let answer = told(results.path(), &["--sample", file, "--theme", &theme]);
    let quote = answer.split("To quote:\n").nth(1).expect("a sentence");
    assert!(quote.contains("an estimated "), "{quote}");
    let by = format!("corrected for the model's errors by {rows} labelled comments");
    assert!(quote.contains(&by), "{quote}");

    // A row that names no comment is a slip to mend.
    fs::write(file, "{\"text\": \"Whose?\", \"themes\": []}\n").expect("writable");
    let output = compare(results.path(), &["--sample", file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("line 1: the text has no post or no id"),
        "{}",
        stderr(&output)
    );
}

/// Pages of three months, a comment or two each.
fn small_corpus() -> TempDir {
    let monday = [
        "Sixty cases each and still they ask for more. I have never been so tired of it.",
        "My manager was kind about it, to be fair to her. Thank you, you know who you are.",
    ];
    let tuesday = ["The new computer system loses half of what we write into it in the afternoon."];
    let friday = ["I left after twenty years, and nobody at headquarters asked me for a reason."];
    let pages = [
        page("Monday, 4 March 2019", "Monday again", &monday),
        page("Tuesday, 9 April 2019", "Tuesday", &tuesday),
        page("Friday, 1 May 2020", "Friday", &friday),
    ];
    corpus(&[
        ("one.txt", pages[0].as_bytes()),
        ("two.txt", pages[1].as_bytes()),
        ("three.txt", pages[2].as_bytes()),
    ])
}

#[test]
fn a_run_writes_the_comparison_that_compare_makes_of_its_files() {
    let (pages, out) = (small_corpus(), TempDir::new().expect("a temporary folder"));
    let output = run(pages.path(), out.path(), &["--by", "month"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let latest = out.path().join("latest");
    let mut of_run = json(&latest.join("comparison.json"));
    let mut of_compare = parsed(&told(out.path(), &["--by", "month", "--json"]));
    // Themes that nobody asked for take the vectors of texts.
    let discovered = |of: &mut Value| of.as_object_mut().expect("an object").remove("discovered");
    assert!(discovered(&mut of_run).is_some_and(|found| found.is_object()));
    assert_eq!(discovered(&mut of_compare), Some(Value::Null));
    assert_eq!(of_run, of_compare);
    assert_eq!(of_run["division"], "month");

    let folder = out.path().join("tables");
    told(
        out.path(),
        &["--by", "month", "--out", folder.to_str().expect("a path")],
    );
    let tables = files(&folder);
    assert_eq!(tables.len(), 3);
    for name in ["comparison.csv", "comparison.parquet"] {
        let of_run = fs::read(latest.join(name)).expect("it is there");
        assert_eq!(tables[Path::new(name)], of_run, "{name}");
    }
    assert!(tables[Path::new("comparison.csv")].starts_with("\u{feff}theme,period,".as_bytes()));
    let comments = fs::read(latest.join("comments.parquet")).expect("it is there");
    assert!(comments.starts_with(b"PAR1") && comments.ends_with(b"PAR1"));
}

#[test]
fn too_little_is_said_and_no_figure_with_it() {
    let (pages, out) = (small_corpus(), TempDir::new().expect("a temporary folder"));
    let output = run(pages.path(), out.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for more in [&[][..], &["--theme", &planted()]] {
        let answer = told(out.path(), more);
        assert!(answer.contains("too little"), "{answer}");
        assert!(!answer.contains("% ("), "{answer}");
        assert!(!answer.contains("To quote:"), "{answer}");
    }
}

#[test]
fn other_periods_are_news_and_the_same_ones_are_not() {
    let (pages, out) = (small_corpus(), TempDir::new().expect("a temporary folder"));
    let elsewhere = TempDir::new().expect("a temporary folder");
    let eras = elsewhere.path().join("eras.toml");
    let era = |name: &str| format!("[[era]]\nname = {name:?}\nfrom = 2019-01-01\n");
    fs::write(&eras, era("one")).expect("writable");
    let by_eras = ["--eras", eras.to_str().expect("a path")];
    let nights = |more: &[&str]| {
        let output = run(pages.path(), out.path(), more);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        sets(out.path()).len()
    };
    assert_eq!(nights(&[]), 1);
    assert_eq!(nights(&[]), 1);
    assert_eq!(nights(&["--by", "quarter"]), 2);
    assert_eq!(nights(&by_eras), 3);
    assert_eq!(nights(&by_eras), 3);
    // The file is as long as it was, and another one.
    fs::write(&eras, era("two")).expect("writable");
    assert_eq!(nights(&by_eras), 4);

    // Eras in which nothing lies cost the set its comparison, and nothing else.
    fs::write(
        &eras,
        "[[era]]\nname = \"old\"\nfrom = 1990-01-01\nto = 1999-12-31\n",
    )
    .expect("writable");
    let output = run(pages.path(), out.path(), &by_eras);
    assert_eq!(output.status.code(), Some(0));
    let said = "nothing is compared, and no page made: no post or comment is dated within";
    assert!(stderr(&output).contains(said), "{}", stderr(&output));
    assert!(!out.path().join("latest/comparison.json").exists());
    assert!(!out.path().join("latest/report").exists());
    assert!(out.path().join("latest/summary.json").is_file());
}

#[test]
fn settings_name_results_and_periods_and_options_go_before() {
    let results = made_up(3000);
    let settings = results.path().join("undertone.toml");
    fs::write(&settings, "out = \".\"\nby = \"month\"\n").expect("writable");
    let division = |more: &[&str]| {
        let mut command = undertone();
        command
            .args(["compare", "--quiet", "--json", "--settings"])
            .arg(&settings);
        let output = run_with_input(command.args(more), b"");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        parsed(&stdout(&output))["division"].clone()
    };
    assert_eq!(division(&[]), "month");
    assert_eq!(division(&["--by", "quarter"]), "quarter");
    let eras = repository("examples/eras.toml");
    assert_eq!(
        division(&["--eras", eras.to_str().expect("a path")]),
        "eras"
    );
    fs::write(
        &settings,
        "out = \".\"\nby = \"month\"\neras = \"eras.toml\"\n",
    )
    .expect("writable");
    let mut command = undertone();
    command.args(["compare", "--settings"]).arg(&settings);
    let output = run_with_input(&mut command, b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("cannot be set together"),
        "{}",
        stderr(&output)
    );
}
