//! `undertone score` as a user pipes into it.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::time::{Duration, Instant};

use common::{run_with_input, start, stderr, stdout, undertone};
use serde_json::Value;

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect()
}

#[test]
fn lines_come_back_in_order_with_their_fields_and_scores() {
    let input = concat!(
        "{\"n\": 1.50, \"text\": \"Sixty cases each and no admin. It is unbearable.\", \"extra\": {\"b\": 1, \"a\": [2]}}\n",
        "{\"text\": \"\", \"n\": 12345678901234567890}\n",
        "{\"themes\": [\"old\"], \"text\": \"The strike ballot opens on Monday.\", \"sentiment\": \"old\"}",
    );
    let output = run_with_input(undertone().arg("score"), input.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.starts_with("{\"n\":1.50,\"text\":\"Sixty"), "{text}");
    assert!(text.contains("\"extra\":{\"b\": 1, \"a\": [2]}"), "{text}");
    assert!(text.contains("\"n\":12345678901234567890"), "{text}");
    let lines = lines(&text);
    assert_eq!(lines.len(), 3);
    for line in &lines {
        let sentiment = &line["sentiment"];
        let of = |name: &str| sentiment[name].as_f64().expect("a probability");
        assert!((of("negative") + of("neutral") + of("positive") - 1.0).abs() < 1e-5);
        let greatest = ["negative", "neutral", "positive"]
            .into_iter()
            .max_by(|a, b| of(a).total_cmp(&of(b)));
        assert_eq!(sentiment["label"].as_str(), greatest);
        let themes = line["themes"].as_object().expect("themes");
        assert_eq!(themes.len(), 17);
        assert!(
            themes
                .values()
                .all(|p| (0.0..=1.0).contains(&p.as_f64().expect("a probability")))
        );
        assert!(
            line["themes_assigned"]
                .as_array()
                .expect("a list")
                .iter()
                .all(|id| themes.contains_key(id.as_str().expect("an id")))
        );
    }
    assert_eq!(lines[0]["sentiment"]["label"], "negative");
    assert!(
        lines[0]["themes_assigned"]
            .as_array()
            .expect("a list")
            .contains(&"workload".into())
    );
    assert_eq!(lines[1]["sentiment"]["neutral"], 1.0);
    assert!(
        lines[2]["themes_assigned"]
            .as_array()
            .expect("a list")
            .contains(&"unions".into())
    );
}

#[test]
fn a_text_is_scored_beside_what_it_answers() {
    let input = concat!(
        "{\"text\":\"Same here.\"}\n",
        "{\"text\":\"Same here.\",\"answers\":null}\n",
        "{\"text\":\"Same here.\",\"answers\":\"Sixty cases each and no admin. It is unbearable.\"}\n",
        "{\"text\":\"Same here.\",\"answers\":7}\n",
    );
    let output = run_with_input(undertone().arg("score"), input.as_bytes());
    let lines = lines(&stdout(&output));
    let workload = |line: usize| {
        lines[line]["themes"]["workload"]
            .as_f64()
            .expect("a probability")
    };
    assert_eq!(workload(0), workload(1));
    assert!(workload(2) > workload(0) + 0.1, "{}", stdout(&output));
    let error = lines[3]["error"].as_str().expect("an error");
    assert!(error.contains("\"answers\" is not a string"), "{error}");
}

#[test]
fn a_bad_line_is_answered_in_its_place_and_the_rest_goes_on() {
    let input = b"\xef\xbb\xbf{\"text\":\"one\"}\nnot json\n{\"words\":\"two\"}\n\n{\"text\":\"\xff\"}\n{\"text\":\"six\"}\n";
    let output = run_with_input(undertone().arg("score"), input);
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&stdout(&output));
    assert_eq!(lines.len(), 6);
    assert_eq!(
        (&lines[0]["text"], &lines[5]["text"]),
        (&"one".into(), &"six".into())
    );
    for number in 2..=5 {
        let line = &lines[number - 1];
        assert_eq!(line["line"], number);
        assert_eq!(line.as_object().expect("an object").len(), 2);
        let reason = line["error"].as_str().expect("a reason");
        assert!(stderr(&output).contains(&format!("skipped line {number}: {reason}")));
    }
}

#[test]
fn the_same_text_gets_the_same_answer_alone_in_company_and_on_any_number_of_threads() {
    let texts: Vec<String> = (0..120)
        .map(|n| {
            format!(
                "{{\"text\":\"Comment number {n}. {}\"}}\n",
                "Nobody asked us about it. ".repeat(n % 23)
            )
        })
        .collect();
    let score = |input: &str, threads: &str| {
        stdout(&run_with_input(
            undertone().args(["score", "--threads", threads]),
            input.as_bytes(),
        ))
    };
    let together = score(&texts.concat(), "2");
    assert_eq!(together.lines().count(), 120);
    let backwards: String = texts.iter().rev().map(String::as_str).collect();
    let reversed: Vec<String> = score(&backwards, "3")
        .lines()
        .rev()
        .map(str::to_owned)
        .collect();
    assert_eq!(together.lines().collect::<Vec<_>>(), reversed);
    for number in [0, 7, 22, 119] {
        assert_eq!(
            score(&texts[number], "1").trim_end(),
            together.lines().nth(number).expect("a line")
        );
    }
}

#[test]
fn a_lone_line_is_answered_while_stdin_stays_open() {
    let mut child = start(undertone().arg("score"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let mut answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut answer = String::new();
    let mut slowest = Duration::ZERO;
    for number in 0..4 {
        let asked = Instant::now();
        writeln!(stdin, "{{\"n\":{number},\"text\":\"Is anybody there?\"}}").expect("it listens");
        answer.clear();
        answers.read_line(&mut answer).expect("it answers");
        assert!(
            answer.starts_with(&format!("{{\"n\":{number},")),
            "{answer}"
        );
        // The first answer also waits for the model to load.
        if number > 0 {
            slowest = slowest.max(asked.elapsed());
        }
    }
    // A quarter of a second for company and the time of one batch, with much room for a busy machine.
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = start(undertone().arg("score"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let mut answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
    writeln!(stdin, "{{\"text\":\"first\"}}").expect("it listens");
    answers.read_line(&mut String::new()).expect("it answers");
    drop(answers);
    // stdin stays open: the program must end because nobody reads its answers.
    writeln!(stdin, "{{\"text\":\"second\"}}").expect("it listens");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_comment_of_twenty_thousand_words_is_scored() {
    let text = "The new contract makes no sense to anybody in our office. ".repeat(1900);
    let output = run_with_input(
        undertone().arg("score"),
        format!("{{\"text\":\"{text}\"}}\n").as_bytes(),
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(lines(&stdout(&output)).len(), 1);
}

#[test]
fn a_theme_of_the_users_own_is_matched_by_its_description() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("mine.toml");
    let themes = "[[theme]]\nid = \"rebranding\"\ntitle = \"New logos and lanyards\"\ndescription = \"Another name, logo, badge, lanyard or sign for the same service, and what that costs.\"\nphrases = [\"third logo, same building\", \"handed out new lanyards\", \"a new sign over the door\", \"rebranded again\", \"new badge, same job\"]\n\n[[theme]]\nid = \"workload\"\ntitle = \"Workload\"\ndescription = \"Caseloads.\"\nthreshold = 0.99\n";
    std::fs::write(&file, themes).expect("writable");
    let input = "{\"text\":\"They handed out lanyards with another new logo on them, and the sign over the door has been changed for the third time.\"}\n{\"text\":\"Happy birthday to the blog!\"}\n";
    let output = run_with_input(
        undertone().arg("score").arg("--themes").arg(&file),
        input.as_bytes(),
    );
    let lines = lines(&stdout(&output));
    let rebranding = |line: usize| {
        lines[line]["themes"]["rebranding"]
            .as_f64()
            .expect("a probability")
    };
    assert_eq!(lines[0]["themes"].as_object().expect("themes").len(), 2);
    assert!(
        rebranding(0) > 0.5 && rebranding(1) < 0.2,
        "{} and {}",
        rebranding(0),
        rebranding(1)
    );
    assert_eq!(
        lines[0]["themes_assigned"],
        serde_json::json!(["rebranding"])
    );

    let shown = run_with_input(
        undertone()
            .args(["themes", "--json", "--themes"])
            .arg(&file),
        b"",
    );
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(
        (&shown[0]["trained"], &shown[1]["trained"]),
        (&false.into(), &true.into())
    );
    assert_eq!(shown[1]["threshold"], 0.99);
    assert_eq!(shown[1]["threshold_from"], "themes file");
}
