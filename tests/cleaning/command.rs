//! `undertone clean`.

use serde_json::Value;

use crate::common::{corpus, run_with_input, stderr, stdout, undertone};

const PAGE: &str = "Monday, 4 March 2019\n\nMonday again\n\nThe office is cold and the targets are back for everybody who is left.\n\n2 comments:\n\n  1. \"the targets are back for everybody who is left\"\n\nAnd who is that&#63; Ring Karen Oddie on 01632 960123.\n\n    ReplyDelete\n  2. Mae'r gwasanaeth wedi bod dan bwysau mawr ers blynyddoedd ac nid oes neb yn gwrando.\n\n    ReplyDelete\n";

#[test]
fn it_shows_a_person_what_was_found() {
    let folder = corpus(&[("monday.txt", PAGE.as_bytes())]);
    let output = run_with_input(
        undertone()
            .arg("clean")
            .arg(folder.path().join("monday.txt")),
        b"",
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stdout(&output).replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(shown);
}

#[test]
fn it_shows_a_program_the_same() {
    let folder = corpus(&[("monday.txt", PAGE.as_bytes())]);
    let output = run_with_input(
        undertone().args(["clean", "--json"]).arg(folder.path()),
        b"",
    );
    let post: Value = serde_json::from_str(&stdout(&output)).expect("one object a post");
    let comment = &post["comments"][0];
    let text: Vec<char> = comment["text"].as_str().expect("a text").chars().collect();
    let cut = |found: &Value| -> String {
        let place = |end: &str| found[end].as_u64().expect("a place") as usize;
        text[place("start")..place("end")].iter().collect()
    };
    let findings = comment["findings"].as_array().expect("findings");
    let found: Vec<(&str, String)> = findings
        .iter()
        .map(|found| (found["kind"].as_str().expect("a kind"), cut(found)))
        .collect();
    assert_eq!(
        found,
        [
            (
                "repeats_post",
                "\"the targets are back for everybody who is left\"".to_owned()
            ),
            ("entity", "&#63;".to_owned())
        ]
    );
    let redacted: Vec<String> = comment["redactions"]
        .as_array()
        .expect("redactions")
        .iter()
        .map(cut)
        .collect();
    assert_eq!(redacted, ["Karen Oddie", "01632 960123"]);
    assert_eq!(post["comments"][1]["language"], "cy");
    assert_eq!(post["comments"][1]["counted"], false);
}

#[test]
fn an_unknown_step_is_answered_with_their_names() {
    let output = run_with_input(
        undertone().args(["clean", "--without", "quotes", "x.txt"]),
        b"",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("repeats") && stderr(&output).contains("quotation"),
        "{}",
        stderr(&output)
    );
}
