//! `undertone explain`: what it names is what moves the scores.

mod common;

use common::{run_with_input, stderr, stdout, undertone};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::Value;

const TEXTS: [&str; 4] = [
    "We have sixty cases each in our office and there is no admin left since March. My manager says that she is sorry and looks away. I go home at eight most days.",
    "Credit where it is due, the new chief officer came to our office, listened for an hour and answered every question that we had. I was impressed and told her so.",
    "The union has agreed to the pay offer without asking the branches. Two per cent after ten years of nothing is an insult, and they call it a victory.",
    "They sold the contracts to a company which had never met an offender, paid them when they failed, and then bought the whole thing back at our expense.",
];

fn log_odds(answer: &Value, name: &str) -> f64 {
    let scores = &answer["sentiment"];
    let probability = scores[name]
        .as_f64()
        .or_else(|| answer["themes"][name].as_f64());
    let probability = probability.expect("a probability").clamp(0.001, 0.999);
    (probability / (1.0 - probability)).ln()
}

/// The text without some byte ranges.
fn without(text: &str, mut ranges: Vec<(usize, usize)>) -> String {
    ranges.sort_unstable_by(|a, b| b.cmp(a));
    ranges
        .into_iter()
        .fold(text.to_owned(), |mut text, (from, to)| {
            text.replace_range(from..to, "");
            text
        })
}

#[test]
fn removing_the_named_words_moves_the_score_more_than_removing_as_many_others() {
    const REMOVED: usize = 4;
    const DRAWS: usize = 10;
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    // What to score, with the name of the figure; per subject the whole, the named words removed, then random ones.
    let mut lines = String::new();
    let mut figures = Vec::new();
    for text in TEXTS {
        let output = run_with_input(undertone().args(["explain", "--json", text]), b"");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let text = record["text"].as_str().expect("a text");
        for subject in record["subjects"].as_array().expect("subjects") {
            let name = subject["sentiment"].as_str().or(subject["theme"].as_str());
            let words: Vec<(f64, (usize, usize))> = subject["words"]
                .as_array()
                .expect("words")
                .iter()
                .map(|word| {
                    let end = |at: usize| word["range"][at].as_u64().expect("a place") as usize;
                    (
                        word["effect"].as_f64().expect("an effect"),
                        (end(0), end(1)),
                    )
                })
                .collect();
            let mut strongest = words.clone();
            strongest.sort_by(|a, b| b.0.total_cmp(&a.0));
            let named = strongest
                .iter()
                .take(REMOVED)
                .map(|(_, range)| *range)
                .collect();
            let mut variants = vec![text.to_owned(), without(text, named)];
            for _ in 0..DRAWS {
                let mut places: Vec<usize> = (0..words.len()).collect();
                for place in 0..REMOVED {
                    let other = place + generator.next_u64() as usize % (places.len() - place);
                    places.swap(place, other);
                }
                let drawn = places[..REMOVED]
                    .iter()
                    .map(|place| words[*place].1)
                    .collect();
                variants.push(without(text, drawn));
            }
            figures.push(name.expect("a name").to_owned());
            for variant in variants {
                lines.push_str(&format!("{}\n", serde_json::json!({ "text": variant })));
            }
        }
    }
    let mut program = undertone();
    let output = run_with_input(
        program.args(["score", "--without", "all"]),
        lines.as_bytes(),
    );
    let answers: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (mut of_named, mut of_random) = (0.0, 0.0);
    let mut won = 0;
    for (name, answers) in figures.iter().zip(answers.chunks_exact(2 + DRAWS)) {
        let whole = log_odds(&answers[0], name);
        let lost = |answer: &Value| whole - log_odds(answer, name);
        let random: f64 = answers[2..].iter().map(lost).sum::<f64>() / DRAWS as f64;
        of_named += lost(&answers[1]);
        of_random += random;
        won += usize::from(lost(&answers[1]) > random);
    }
    assert!(figures.len() >= 8, "{figures:?}");
    assert!(won * 10 >= figures.len() * 9, "{won} of {}", figures.len());
    assert!(
        of_named > 2.0 * of_random.max(0.0),
        "{of_named} and {of_random}"
    );
}

#[test]
fn a_person_sees_what_speaks_for_and_against() {
    let mut program = undertone();
    program.args(["explain", "--theme", "unions"]);
    let output = run_with_input(&mut program, TEXTS[0].as_bytes());
    let shown = stdout(&output);
    assert!(shown.starts_with("negative 0."), "{shown}");
    assert!(
        shown.contains("\nworkload 0.") && shown.contains("given from"),
        "{shown}"
    );
    assert!(
        shown.contains("\nunions 0.") && shown.contains("not given below"),
        "{shown}"
    );
    assert!(
        shown.contains("most for it") && shown.contains("words for it"),
        "{shown}"
    );
    assert!(!shown.contains('\u{1b}'), "no colours in a pipe");
    // Nothing to explain is no failure, and hostile text moves no cursor.
    for text in ["", "\u{1b}[2J\u{202e} !!"] {
        let output = run_with_input(undertone().args(["explain", text]), b"");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(!stdout(&output).contains(['\u{1b}', '\u{202e}']));
    }
    let output = run_with_input(undertone().args(["explain", "a", "--theme", "x"]), b"");
    assert!(
        stderr(&output).contains("there is no theme \"x\""),
        "{}",
        stderr(&output)
    );
}

fn explained(text: &str, more: &[&str]) -> Value {
    let mut program = undertone();
    program.args(["explain", "--json"]).args(more);
    let output = run_with_input(&mut program, text.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn a_long_text_without_full_stops_is_explained_too() {
    let words =
        "we have far too many cases and nobody helps us with them any more so we go home late";
    let text = [words; 15].join(" and ");
    let record = explained(&text, &[]);
    for subject in record["subjects"].as_array().expect("subjects") {
        let parts = subject["sentences"].as_array().expect("parts").len();
        let words = subject["words"].as_array().expect("words").len();
        assert!((10..=12).contains(&parts), "{parts}");
        assert!((25..=200).contains(&words), "{words}");
    }
}

#[test]
fn a_text_that_would_take_for_ever_is_refused() {
    let text = "no ".repeat(10_001);
    let output = run_with_input(undertone().arg("explain"), text.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("more than 30000 characters; explain a part of it"),
        "{}",
        stderr(&output)
    );
}

/// Without its only words nothing is judged, so that no number says what they do.
#[test]
fn the_only_words_have_no_number() {
    let record = explained("Appalling.", &["--theme", "unions"]);
    for subject in record["subjects"].as_array().expect("subjects") {
        let word = &subject["words"][0];
        assert_eq!(
            (&word["effect"], &word["only_words"]),
            (&Value::Null, &true.into())
        );
    }
    let output = run_with_input(undertone().args(["explain", "Appalling."]), b"");
    assert!(
        stdout(&output).contains("only words   Appalling"),
        "{}",
        stdout(&output)
    );
    let record = explained("Appalling, appalling.", &[]);
    let word = &record["subjects"][0]["words"][0];
    assert!(word["effect"].is_number(), "{word}");
    assert_eq!(word["only_words"], false);
}
