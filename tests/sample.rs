//! `undertone sample`, filled in and measured by `undertone eval`.

mod common;

use std::fs;

use common::{corpus, run_with_input, stderr, stdout, undertone};
use serde_json::Value;

/// Two years: three comments in one, twenty in the other.
fn pages() -> tempfile::TempDir {
    let page = |date: &str, subject: &str, count: usize| {
        let mut text = format!(
            "{date}\n\n{subject}\n\nWhat people say about {subject}.\n\n{count} comments:\n\n"
        );
        for number in 1..=count {
            text.push_str(&format!(
                "  {number}. =Caseload {subject}, \"quoted\", of comment {number}; sixty cases and no admin to be had.\n\n    ReplyDelete\n"
            ));
        }
        text
    };
    let few = page("Monday, 5 March 2018", "autumn", 3);
    let many = page("Monday, 4 March 2019", "spring", 20);
    corpus(&[("few.txt", few.as_bytes()), ("many.txt", many.as_bytes())])
}

#[test]
fn a_sample_is_drawn_filled_in_and_measured() {
    let pages = pages();
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let draw = |name: &str, more: &[&str]| {
        let path = folder.path().join(name);
        let mut program = undertone();
        program
            .args(["sample", "--quiet", "--corpus"])
            .arg(pages.path());
        program.arg("--out").arg(&path).args(more);
        let output = run_with_input(&mut program, b"");
        (path, output)
    };
    let (path, output) = draw("a.csv", &["-n", "8", "--by", "year"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let table = fs::read_to_string(&path).expect("readable");
    assert!(
        table.starts_with(
            "\u{feff}id,post,published,answers,text,sentiment,themes,weight,stratum\n"
        )
    );
    let mut reader = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    // All three of the small year, five of the large one, which stand for four each.
    let of_year = |year: &str| {
        rows.iter()
            .filter(|row| &row[8] == year)
            .collect::<Vec<_>>()
    };
    assert_eq!((of_year("2018").len(), of_year("2019").len()), (3, 5));
    assert!(of_year("2018").iter().all(|row| &row[7] == "1"));
    assert!(of_year("2019").iter().all(|row| &row[7] == "4"));
    // No spreadsheet takes a comment for a formula, and reading it back takes the apostrophe away.
    assert!(rows.iter().all(|row| row[4].starts_with("'=Caseload ")));

    // The same again; others with another seed; nothing is overwritten.
    let (again, _) = draw("b.csv", &["-n", "8", "--by", "year"]);
    assert_eq!(fs::read_to_string(again).expect("readable"), table);
    let (other, _) = draw("c.csv", &["-n", "8", "--by", "year", "--seed", "2"]);
    assert_ne!(fs::read_to_string(other).expect("readable"), table);
    let (_, refused) = draw("a.csv", &["-n", "8"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&path).expect("readable"), table);

    let missing = folder.path().join("no pages");
    let mut program = undertone();
    program
        .args(["sample", "--quiet", "--theme", "workload", "--corpus"])
        .arg(&missing);
    program.arg("--out").arg(&path);
    let refused = run_with_input(&mut program, b"");
    // What is there already is refused before any work, and what could not be filled in is not left behind.
    assert!(
        stderr(&refused).contains("a.csv: cannot be written"),
        "{}",
        stderr(&refused)
    );
    let mut program = undertone();
    program
        .args(["sample", "--quiet", "--corpus"])
        .arg(&missing);
    program.arg("--out").arg(folder.path().join("d.csv"));
    let refused = run_with_input(&mut program, b"");
    assert_eq!(refused.status.code(), Some(2));
    assert!(!folder.path().join("d.csv").exists());
    let (few, refused) = draw("e.csv", &["-n", "1", "--by", "year"]);
    assert!(
        stderr(&refused).contains("n must be at least 2 to have one of each year"),
        "{}",
        stderr(&refused)
    );
    assert!(!few.exists());

    // Filled in by a spreadsheet that writes semicolons, Windows-1252 and another order of rows.
    let filled: Vec<u8> = rows
        .iter()
        .rev()
        .enumerate()
        .map(|(number, row)| {
            let sentiment = ["negative", "neutral"][usize::from(number == 0)];
            let text = row[4].replace('"', "\"\"");
            let mut line = format!("{};{};\"{text} caf", &row[0], &row[1]).into_bytes();
            line.push(0xe9);
            line.extend(
                format!("\";{sentiment};workload;{}\r\n", row[7].replace('.', ",")).bytes(),
            );
            line
        })
        .fold(
            b"id;post;text;sentiment;themes;weight\r\n".to_vec(),
            |mut all, line| {
                all.extend(line);
                all
            },
        );
    let labels = folder.path().join("filled.csv");
    fs::write(&labels, filled).expect("writable");
    let mut program = undertone();
    program.args(["eval", "--json", "--gold"]).arg(&labels);
    let output = run_with_input(&mut program, b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("Windows-1252"),
        "{}",
        stderr(&output)
    );
    let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&record["texts"], &record["weighted"]),
        (&8.into(), &true.into())
    );
    assert_eq!(record["sentiment"]["judgements"], 8);
    assert_eq!(record["themes"]["micro"]["labelled"], 8);
    let wrong = record["misjudged"].as_array().expect("a list");
    assert!(!wrong.is_empty());
    for one in wrong {
        let text = one["text"].as_str().expect("a text");
        assert!(text.starts_with("=Caseload "), "{text}");
    }
}

#[test]
fn a_sample_for_a_theme_asks_for_that_theme() {
    let mut page =
        "Monday, 5 March 2018\n\nautumn\n\nWhat people say.\n\n12 comments:\n\n".to_owned();
    for number in 1..=12 {
        let text = if number <= 6 {
            "Sixty cases each and no admin to be had"
        } else {
            "The tea urn by the window has been repaired"
        };
        page.push_str(&format!(
            "  {number}. ={text}, number {number}.\n\n    ReplyDelete\n"
        ));
    }
    let pages = corpus(&[("page.txt", page.as_bytes())]);
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("a.jsonl");
    let mut program = undertone();
    program.args([
        "sample", "--quiet", "--theme", "workload", "-n", "4", "--corpus",
    ]);
    program.arg(pages.path()).arg("--out").arg(&path);
    let output = run_with_input(&mut program, b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines = fs::read_to_string(&path).expect("readable");
    let first: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["judged"], serde_json::json!({"workload": null}));
    assert!(first["text"].as_str().expect("a text").starts_with('='));
    let strata: Vec<String> = lines
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).expect("JSON");
            row["stratum"].as_str().expect("a stratum").to_owned()
        })
        .collect();
    let of = |stratum: &str| strata.iter().filter(|one| *one == stratum).count();
    assert_eq!(
        (of("with workload"), of("without workload")),
        (2, 2),
        "{strata:?}"
    );

    // Nothing is filled in yet.
    let output = run_with_input(undertone().args(["eval", "--gold"]).arg(&path), b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("nothing in it is labelled"),
        "{}",
        stderr(&output)
    );
    let filled = lines.replace("{\"workload\":null}", "{\"workload\":true}");
    fs::write(&path, filled).expect("writable");
    let output = run_with_input(undertone().args(["eval", "--gold"]).arg(&path), b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let table = stdout(&output);
    let row = table
        .lines()
        .find(|line| line.starts_with("workload "))
        .expect("a row");
    assert_eq!(row.split_whitespace().nth(1), Some("4"), "{table}");
    let row = table
        .lines()
        .find(|line| line.starts_with("unions "))
        .expect("a row");
    assert_eq!(row.split_whitespace().nth(1), Some("0"), "{table}");

    let mut program = undertone();
    program
        .args(["sample", "--theme", "wrkload", "--out"])
        .arg(folder.path().join("b.csv"));
    let output = run_with_input(&mut program, b"");
    assert!(
        stderr(&output).contains("there is no theme \"wrkload\""),
        "{}",
        stderr(&output)
    );
}

/// A comment that repeats the post, and two that do not.
const PAGE: &str = "Monday, 5 March 2018

autumn

The managers lied to all of us and the caseloads are a dangerous disgrace that has made good people ill.

3 comments:

  1. The managers lied to all of us and the caseloads are a dangerous disgrace that has made good people ill.

    ReplyDelete
  2. =Sixty cases each and no admin, comment 2, it is unbearable.

    ReplyDelete
  3. The tea urn by the window has been repaired, thank you, number 3.

    ReplyDelete
";

#[test]
fn with_the_corpus_eval_measures_what_run_scores() {
    let pages = corpus(&[("page.txt", PAGE.as_bytes())]);
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let mut program = undertone();
    program
        .args(["run", "--quiet", "--corpus"])
        .arg(pages.path());
    program.arg("--out").arg(folder.path().join("out"));
    let output = run_with_input(&mut program, b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines = fs::read_to_string(folder.path().join("out/latest/comments.jsonl"));
    // Labels that agree with the run, and texts that a spreadsheet has been at.
    let mut table = "id,post,text,sentiment,stratum,weight\n".to_owned();
    for line in lines.expect("readable").lines() {
        let comment: Value = serde_json::from_str(line).expect("JSON");
        table.push_str(&format!(
            "{},page,\"{} â€™\",{},all,1\n",
            comment["id"].as_str().expect("an id"),
            comment["text"].as_str().expect("a text").to_uppercase(),
            comment["sentiment"]["label"].as_str().expect("a label"),
        ));
    }
    table.push_str("page#3x,page,nobody judged this,,all,1\n");
    let gold = folder.path().join("gold.csv");
    fs::write(&gold, &table).expect("writable");
    let eval = |with_corpus: bool| {
        let mut program = undertone();
        program.args(["eval", "--json", "--gold"]).arg(&gold);
        if with_corpus {
            program.arg("--corpus").arg(pages.path());
        }
        run_with_input(&mut program, b"")
    };
    let record = |output: &std::process::Output| -> Value {
        assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let output = eval(true);
    let with = record(&output);
    assert_eq!(with["sentiment"]["correct"], 3, "{with}");
    assert_eq!(
        (&with["texts"], &with["left_out"], &with["unlabelled"]),
        (&3.into(), &0.into(), &1.into())
    );
    assert!(!stderr(&output).contains("judged by itself"));
    // By itself, the comment that repeats the post is as negative as the post.
    let output = eval(false);
    let without = record(&output);
    assert!(
        stderr(&output).contains("judged by itself"),
        "{}",
        stderr(&output)
    );
    let wrong = without["misjudged"].as_array().expect("a list");
    let first = wrong.iter().find(|one| one["id"] == "page#1");
    let first = first.expect("the comment that repeats the post");
    assert_eq!(
        (&first["line"], &first["predicted"]),
        (&2.into(), &"negative".into())
    );

    for (old, new, expected) in [
        (
            "page#2,page",
            "page#9,page",
            "line 3: there is no comment \"page#9\" of a post \"page\"",
        ),
        (
            "page#2,page",
            "page#2,",
            "line 3: the text has no post or no id",
        ),
        (
            "page#2,page",
            "page#3,page",
            "line 3: the comment \"page#3\" has another text",
        ),
    ] {
        let table = table
            .replace("page#3,page", "page#4,page")
            .replace(old, new);
        fs::write(&gold, table).expect("writable");
        let output = eval(true);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}
