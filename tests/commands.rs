//! `undertone ingest` and `undertone eval`.

mod common;

use common::{NUMBERED, corpus, repository, run_with_input, stderr, stdout, undertone};
use serde_json::Value;

#[test]
fn ingest_prints_posts_and_names_what_it_skips() {
    let folder = corpus(&[("monday.txt", NUMBERED.as_bytes()), ("empty.txt", b"")]);
    let page = folder.path().join("monday.txt");
    let output = run_with_input(undertone().arg("ingest").arg(&page), b"");
    assert_eq!(output.status.code(), Some(0));
    let post: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(
        post,
        serde_json::json!({
            "id": "monday",
            "source": page.display().to_string(),
            "title": "Monday again",
            "published": "2019-03-04",
            "body": "The office is cold and the targets are back.",
            "comments": [
                {"id": "monday#1", "parent": null, "author": null, "published": null,
                 "text": "Sixty cases each and still they ask for more. I have never been so tired of it."},
                {"id": "monday#2", "parent": "monday#1", "author": null, "published": null, "text": "Same here."},
                {"id": "monday#3", "parent": null, "author": null, "published": null,
                 "text": "My manager was kind about it, to be fair to her. Thank you, you know who you are."}
            ],
            "warnings": []
        })
    );
    let output = run_with_input(undertone().arg("ingest").arg(folder.path()), b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output).lines().count(), 1);
    assert!(stderr(&output).contains("empty.txt"), "{}", stderr(&output));
    let output = run_with_input(undertone().args(["ingest", "/nonexistent"]), b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("/nonexistent"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_sample_corpus_is_read_without_a_warning() {
    let output = run_with_input(undertone().args(["ingest", "corpus/sample"]), b"");
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(0), "")
    );
    let posts: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(posts.len() >= 12);
    let comments: usize = posts
        .iter()
        .map(|post| post["comments"].as_array().expect("a list").len())
        .sum();
    assert!(comments >= 150, "{comments}");
    assert!(
        posts
            .iter()
            .all(|post| post["warnings"].as_array().expect("a list").is_empty())
    );
    let undated = posts
        .iter()
        .filter(|post| post["published"].is_null())
        .count();
    assert_eq!(undated, 1);
    assert!(repository("corpus/README.md").is_file());
}

#[test]
fn eval_counts_what_it_says() {
    let folder = corpus(&[(
        "gold.jsonl",
        concat!(
            "{\"text\":\"Sixty cases each and no admin. It is unbearable.\",\"sentiment\":\"negative\",\"themes\":[\"workload\"]}\n",
            "{\"text\":\"The strike ballot of our union opens on Monday.\",\"sentiment\":null,\"themes\":{\"unions\":\"neutral\"}}\n",
            "{\"text\":\"Sixty cases each and no admin. It is unbearable.\",\"sentiment\":\"positive\",\"themes\":[],\"either_way\":[\"workload\"]}\n",
            "{\"text\":\"The next meeting is on Tuesday at ten in room four.\",\"sentiment\":\"neutral\",\"themes\":[],\"split\":\"train\"}\n",
        )
        .as_bytes(),
    )]);
    let gold = folder.path().join("gold.jsonl");
    let eval = |more: &[&str]| {
        run_with_input(
            undertone().arg("eval").arg("--gold").arg(&gold).args(more),
            b"",
        )
    };
    let output = eval(&["--json", "--quiet"]);
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(0), "")
    );
    let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&record["texts"], &record["left_out"]),
        (&3.into(), &1.into())
    );
    assert_eq!(
        (
            &record["sentiment"]["judgements"],
            &record["sentiment"]["correct"]
        ),
        (&2.into(), &1.into())
    );
    assert_eq!(
        record["sentiment"]["confusion"],
        serde_json::json!([[1, 0, 0], [0, 0, 0], [1, 0, 0]])
    );
    let theme = |id: &str| {
        let all = record["themes"]["themes"].as_array().expect("themes");
        all.iter()
            .find(|theme| theme["name"] == id)
            .expect("the theme")
            .clone()
    };
    // The third text counts neither way for workload, although the model says so.
    assert_eq!(
        (
            &theme("workload")["labelled"],
            &theme("workload")["predicted"]
        ),
        (&1.into(), &1.into())
    );
    assert_eq!(theme("unions")["both"], 1);
    // Of the two that say something about workload, the one with the theme is not less probable.
    assert_eq!(theme("workload")["average_precision"], 1.0);
    assert_eq!(record["attitudes"]["judgements"], 1);
    let bins = record["sentiment"]["calibration"]["reliability"].as_array();
    assert_eq!(bins.expect("a table").len(), 2);
    let accuracy = &record["sentiment"]["accuracy"];
    assert_eq!(
        (&accuracy["value"], &accuracy["interval"]),
        (&0.5.into(), &Value::Null)
    );
    let wrong = &record["misjudged"][0];
    assert_eq!(
        (&wrong["number"], &wrong["labelled"], &wrong["predicted"]),
        (&3.into(), &"positive".into(), &"negative".into())
    );

    let shown = stdout(&eval(&["--quiet", "--split", "all"]));
    assert!(shown.contains("4 texts, 0 left out"), "{shown}");
    assert!(shown.contains("accuracy 0.667 (2 of 3)"), "{shown}");
    assert!(!shown.contains("taken for"), "{shown}");
    let shown = stdout(&eval(&["--quiet", "--errors"]));
    assert!(
        shown.contains("line 3: positive taken for negative\n    Sixty cases"),
        "{shown}"
    );
    let missing = run_with_input(undertone().args(["eval", "--gold", "/nonexistent"]), b"");
    assert_eq!(missing.status.code(), Some(2));
}
