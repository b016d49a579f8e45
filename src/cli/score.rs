//! `undertone score`: JSON Lines in, JSON Lines out.

use std::fmt;
use std::io::{BufRead, Read, Write};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rayon::prelude::*;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::Outcome;
use super::args::ScoreArgs;
use super::failure::Failure;
use super::settings::{ScoringSetup, cleaning_rules};
use crate::cleaning::{Rules, clean_text};
use crate::inference::{Incoming, Scorer, Scores};
use crate::labelled::json_problem;
use crate::model::{ModelError, SentimentClassifier};
use crate::output::{ErrorRecord, score_record};
use crate::passage::Passage;
use crate::progress::say;

/// A longer line is answered by an error: memory must not depend on the input. It holds the text of a long novel.
const MAX_LINE: u64 = 8 << 20;

/// Lines that wait between one thread and the next.
const WAITING: usize = 16;

/// Some programs begin UTF-8 files with it; it is no part of the text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The fields `score` writes; fields of these names in the input are replaced.
const WRITTEN: [&str; 5] = [
    "sentiment",
    "themes",
    "themes_assigned",
    "attitudes",
    "quoted_only",
];

/// A JSON object with its fields in order, each kept to the letter.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object with a \"text\"")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// What a line of the input is.
enum Line {
    /// An object with a text, and whether nothing in it is its writer's own.
    Object {
        fields: Fields,
        quoted_only: bool,
        /// By the model of the user's own, if there is one.
        sentiment: Option<[f64; 3]>,
    },
    /// Anything else.
    Bad { line: u64, error: String },
}

/// An answer: the object's own fields, then the scores.
struct Answer<'a> {
    fields: &'a Fields,
    quoted_only: bool,
    setup: &'a ScoringSetup,
    scores: &'a Scores,
}

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.fields.0 {
            if !WRITTEN.contains(&name.as_str()) {
                map.serialize_entry(name, value)?;
            }
        }
        let scores = score_record(&self.setup.themes, self.scores);
        map.serialize_entry("sentiment", &scores.sentiment)?;
        map.serialize_entry("themes", &scores.themes)?;
        map.serialize_entry("themes_assigned", &scores.themes_assigned)?;
        map.serialize_entry("attitudes", &scores.attitudes)?;
        map.serialize_entry("quoted_only", &self.quoted_only)?;
        map.end()
    }
}

pub(super) fn score(args: ScoreArgs) -> Result<Outcome, Failure> {
    let rules = cleaning_rules(&args.cleaning);
    let setup = ScoringSetup::load(&args.scoring, rules.clone())?;
    // Short: lines may be large, and the scorer keeps its own bounded supply.
    let (sender, lines) = sync_channel(WAITING);
    // Neither is joined when the reader of our answers has gone: this thread may still wait for a line.
    let reader = std::thread::spawn(move || read_lines(std::io::stdin().lock(), &rules, &sender));
    let (lines, judge) = match setup.classifier.clone() {
        None => (lines, None),
        Some(classifier) => {
            let (sender, judged) = sync_channel(WAITING);
            let judge = std::thread::spawn(move || judge_lines(&classifier, &lines, &sender));
            (judged, Some(judge))
        }
    };

    let mut outcome = Outcome::Complete;
    let mut out = std::io::stdout().lock();
    let mut failed = None;
    setup.scorer.score_stream(lines, |line: Line, mut scores| {
        if let Line::Object {
            sentiment: Some(sentiment),
            ..
        } = &line
        {
            setup
                .scorer
                .judge()
                .replace_sentiment(&mut scores, *sentiment);
        }
        let answer = match &line {
            Line::Object {
                fields,
                quoted_only,
                ..
            } => serde_json::to_vec(&Answer {
                fields,
                quoted_only: *quoted_only,
                setup: &setup,
                scores: &scores,
            }),
            Line::Bad { line, error } => {
                outcome = Outcome::SomeSkipped;
                if !args.quiet {
                    say(&format!("skipped line {line}: {error}"));
                }
                serde_json::to_vec(&ErrorRecord {
                    error: error.clone(),
                    line: *line,
                })
            }
        }
        .map_err(std::io::Error::from);
        // Flushed line by line: each answer is on its way at once.
        let written = answer.and_then(|mut answer| {
            answer.push(b'\n');
            out.write_all(&answer)
        });
        match written.and_then(|()| out.flush()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(Failure::Stdout(error));
    }
    if let Some(judge) = judge {
        // First, because a reader that nobody listens to may still wait for a line.
        ended(judge)?;
    }
    ended(reader).map_err(Failure::Stdin)?;
    Ok(outcome)
}

/// What a thread came to, panics included.
fn ended<T>(thread: JoinHandle<T>) -> T {
    match thread.join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Puts the sentiment by the model of the user's own into lines, several at a time where several wait, and sends them on
/// in their order.
fn judge_lines(
    classifier: &SentimentClassifier,
    lines: &Receiver<Incoming<Line, Passage>>,
    sender: &SyncSender<Incoming<Line, Passage>>,
) -> Result<(), ModelError> {
    while let Ok(first) = lines.recv() {
        let mut together = vec![first];
        together.extend(lines.try_iter().take(WAITING));
        together.par_iter_mut().try_for_each(|line| {
            if let Line::Object { sentiment, .. } = &mut line.tag {
                *sentiment = Some(Scorer::other_sentiment(classifier, &line.text)?);
            }
            Ok(())
        })?;
        for line in together {
            if sender.send(line).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Sends each line with the text to score; a bad line has none, but takes its turn like the others.
fn read_lines(
    mut input: impl BufRead,
    rules: &Rules,
    sender: &SyncSender<Incoming<Line, Passage>>,
) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    let mut number = 0;
    loop {
        buffer.clear();
        if input
            .by_ref()
            .take(MAX_LINE + 1)
            .read_until(b'\n', &mut buffer)?
            == 0
        {
            return Ok(());
        }
        number += 1;
        if number == 1 && buffer.starts_with(BYTE_ORDER_MARK) {
            buffer.drain(..BYTE_ORDER_MARK.len());
        }
        let parsed = if buffer.len() as u64 > MAX_LINE && !buffer.ends_with(b"\n") {
            input.skip_until(b'\n')?;
            Err(format!(
                "the line is longer than {} MB; split the text",
                MAX_LINE >> 20
            ))
        } else {
            parse(&buffer)
        };
        let (tag, passage) = match parsed {
            Ok((fields, text, answers)) => {
                let cleaned = clean_text(&text, rules);
                let answered = answers.map(|text| clean_text(&text, rules).passage.text);
                let quoted_only = cleaned.is_quoted_only();
                let passage = Passage {
                    answers: answered,
                    ..cleaned.passage
                };
                let object = Line::Object {
                    fields,
                    quoted_only,
                    sentiment: None,
                };
                (object, passage)
            }
            Err(error) => {
                let line = number;
                (Line::Bad { line, error }, Passage::whole(String::new()))
            }
        };
        let item = Incoming {
            tag,
            // The fields hold the texts a second time.
            bytes: buffer.len()
                + passage.text.len()
                + passage.answers.as_ref().map_or(0, String::len),
            text: passage,
        };
        if sender.send(item).is_err() {
            return Ok(());
        }
    }
}

/// The object's fields, its text, and the text that this answers.
fn parse(line: &[u8]) -> Result<(Fields, String, Option<String>), String> {
    if line.trim_ascii().is_empty() {
        return Err("the line is empty; expected a JSON object with a \"text\"".to_owned());
    }
    let line =
        std::str::from_utf8(line).map_err(|error| format!("the line is not UTF-8: {error}"))?;
    let fields: Fields = serde_json::from_str(line).map_err(|error| {
        format!(
            "not a JSON object with a \"text\": {}",
            json_problem(&error)
        )
    })?;
    let field = |wanted: &str| fields.0.iter().rfind(|(name, _)| name == wanted);
    let text = field("text").ok_or("the object has no \"text\"")?;
    let text = serde_json::from_str(text.1.get())
        .map_err(|error| format!("\"text\" is not a string: {}", json_problem(&error)))?;
    let answers = field("answers").map_or(Ok(None), |(_, answers)| {
        serde_json::from_str(answers.get()).map_err(|error| {
            let problem = json_problem(&error);
            format!("\"answers\" is not a string, the text that is answered: {problem}")
        })
    })?;
    Ok((fields, text, answers))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::{Line, MAX_LINE, Rules, parse, read_lines};

    fn problem(line: &str) -> String {
        parse(line.as_bytes()).err().expect("the line is bad")
    }

    #[test]
    fn fields_are_kept_to_the_letter() {
        let line = r#"{"z": 1.10, "text": "a\u0062", "big": 12345678901234567890123, "z2": [1, {"b":2,"a":1}]}"#;
        let (fields, text, _) = parse(line.as_bytes()).expect("valid");
        assert_eq!(text, "ab");
        let kept: Vec<(&str, &str)> = fields
            .0
            .iter()
            .map(|(name, value)| (name.as_str(), value.get()))
            .collect();
        assert_eq!(kept[0], ("z", "1.10"));
        assert_eq!(kept[2], ("big", "12345678901234567890123"));
        assert_eq!(kept[3], ("z2", r#"[1, {"b":2,"a":1}]"#));
    }

    #[test]
    fn lines_that_are_no_object_with_a_text_are_explained() {
        assert!(problem("\n").contains("empty"));
        assert!(problem("[1]").contains("a JSON object with a \"text\""));
        assert!(problem("{\"a\":1}").contains("no \"text\""));
        assert!(problem("{\"text\":3}").contains("not a string"));
        assert!(problem("{\"text\":\"a\"").contains("not a JSON object"));
        assert!(problem("{\"text\":\"\\ud800\"}").contains("not a string"));
        assert!(
            parse(b"{\"text\":\"\xff\"}")
                .err()
                .expect("bad")
                .contains("not UTF-8")
        );
    }

    #[test]
    fn an_overlong_line_costs_no_more_than_itself() {
        let mut input = vec![b'x'; MAX_LINE as usize + 10];
        input.extend_from_slice(b"\n{\"text\":\"after\"}\n");
        let (sender, receiver) = sync_channel(8);
        read_lines(&input[..], &Rules::default(), &sender).expect("readable");
        drop(sender);
        let lines: Vec<_> = receiver.iter().collect();
        assert_eq!(lines.len(), 2);
        assert!(matches!(&lines[0].tag, Line::Bad { line: 1, error } if error.contains("8 MB")));
        assert_eq!(lines[1].text.text, "after");
    }
}
