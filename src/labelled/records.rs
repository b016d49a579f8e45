//! Labelled texts as JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Form, Found, Labelled, LabelledError, Split};
use crate::model::Sentiment;

#[derive(Deserialize)]
struct Record {
    text: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    post: Option<String>,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    answers: Option<String>,
    #[serde(default)]
    thread: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default, alias = "label")]
    sentiment: Option<Sentiment>,
    #[serde(default)]
    themes: Option<Themes>,
    #[serde(default)]
    judged: BTreeMap<String, Option<bool>>,
    #[serde(default)]
    topics: Option<Vec<String>>,
    #[serde(default)]
    either_way: Option<Vec<String>>,
    #[serde(default)]
    split: Option<Split>,
    #[serde(default = "one")]
    weight: f64,
    #[serde(default)]
    stratum: Option<String>,
}

fn one() -> f64 {
    1.0
}

/// A list of themes, or an object with themes as keys and the attitude to each, where there is one.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "\"themes\" is neither a list of theme ids nor an object with theme ids as keys and negative, neutral, positive or null as values"
)]
enum Themes {
    List(Vec<String>),
    Attitudes(BTreeMap<String, Option<Sentiment>>),
}

/// Texts from records, each with its line or number: what they answer is found by post and id.
fn resolve(records: Vec<(u64, Record)>) -> Vec<Labelled> {
    let places: BTreeMap<(Option<String>, String), usize> = records
        .iter()
        .enumerate()
        .filter_map(|(place, (_, record))| Some(((record.post.clone(), record.id.clone()?), place)))
        .collect();
    records
        .into_iter()
        .map(|(line, record)| {
            let (themes, attitudes) = match record.themes {
                None => (None, BTreeMap::new()),
                Some(Themes::List(list)) => (Some(list), BTreeMap::new()),
                Some(Themes::Attitudes(map)) => {
                    let known = map
                        .iter()
                        .filter_map(|(id, attitude)| Some((id.clone(), (*attitude)?)));
                    let known = known.collect();
                    (Some(map.into_keys().collect()), known)
                }
            };
            let answers = record.parent.and_then(|parent| {
                let key = (record.post.clone(), parent);
                places.get(&key).copied()
            });
            Labelled {
                line,
                id: record.id,
                post: record.post,
                answers,
                answered: record.answers,
                text: record.text,
                thread: record.thread,
                source: record.source,
                sentiment: record.sentiment,
                themes,
                judged: record
                    .judged
                    .into_iter()
                    .filter_map(|(id, has)| Some((id, has?)))
                    .collect(),
                attitudes,
                topics: record.topics,
                either_way: record.either_way.unwrap_or_default(),
                split: record.split,
                weight: record.weight,
                stratum: record.stratum,
            }
        })
        .collect()
}

/// Reads one JSON object with a list `comments`, or JSON Lines; `file` names the source in messages.
pub(super) fn read(file: &str, text: &str) -> Result<Found, LabelledError> {
    let broken = |place: String, problem: String| LabelledError::Record {
        file: file.to_owned(),
        place,
        problem,
    };
    let malformed = |place: String, error: serde_json::Error| broken(place, json_problem(&error));
    // JSON Lines have a whole value on their first line; one object over several lines has not.
    let first_line = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let whole: Option<Vec<Value>> = match serde_json::from_str::<Value>(text) {
        Ok(mut value) => value
            .get_mut("comments")
            .and_then(|entries| serde_json::from_value(entries.take()).ok()),
        Err(error)
            if serde_json::from_str::<Value>(first_line).is_err() && !first_line.is_empty() =>
        {
            let place = format!("line {}", error.line());
            return Err(malformed(place, error));
        }
        Err(_) => None,
    };
    let form = if whole.is_some() {
        Form::List
    } else {
        Form::Lines
    };
    let records = if let Some(entries) = whole {
        (1..)
            .zip(entries)
            .map(|(number, entry)| {
                serde_json::from_value::<Record>(entry)
                    .map(|record| {
                        let thread = Some(String::new());
                        (number, Record { thread, ..record })
                    })
                    .map_err(|error| malformed(form.place(number), error))
            })
            .collect::<Result<Vec<_>, _>>()?
    } else {
        (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(number, line)| {
                serde_json::from_str::<Record>(line)
                    .map(|record| (number, record))
                    .map_err(|error| malformed(form.place(number), error))
            })
            .collect::<Result<Vec<_>, _>>()?
    };
    for (line, record) in &records {
        if !(record.weight.is_finite() && record.weight > 0.0) {
            let problem = format!("the weight is {}, and not a number above 0", record.weight);
            return Err(broken(form.place(*line), problem));
        }
    }
    Ok(Found {
        form,
        theme_columns: Vec::new(),
        other_columns: Vec::new(),
        texts: resolve(records),
    })
}

/// What a JSON error says without its position, which is that in a line or value and not in the file.
pub(crate) fn json_problem(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}
