//! Pages in JSON: one post a file, in the form that `undertone ingest` prints.
//!
//! Values are kept as they are written until one is wanted: what nobody asks for is neither stored nor
//! descended into, whatever its size and depth.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use jiff::civil::{Date, Time};
use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::lines::{self, paragraphs};
use super::{Draft, Problem, Reading, dates};

/// What the field `schema` of every result of this program starts with.
const RESULTS: &str = "undertone.";

/// How many characters of a value a warning shows.
const SHOWN: usize = 40;

/// A value as it is written, or none where it is missing or null.
type Value<'a> = Option<&'a RawValue>;

/// Whether a text is a result that this program has written.
pub(super) fn is_result(json: &str) -> bool {
    fields(json, ["schema"]).is_ok_and(|[schema]| results_schema(schema).is_some())
}

fn results_schema(schema: Value) -> Option<String> {
    let schema: String = serde_json::from_str(schema?.get()).ok()?;
    schema.starts_with(RESULTS).then_some(schema)
}

/// Reads a page.
pub(super) fn read(json: &str) -> Result<Reading, Problem> {
    let not_a_post = |reason: String| Err(Problem::NotAPost { reason });
    let names = ["schema", "title", "published", "url", "body", "comments"];
    let mut parser = serde_json::Deserializer::from_str(json);
    let [schema, title, published, url, body, comments] =
        match Names(names).deserialize(&mut parser) {
            Ok(fields) => fields,
            Err(error) if error.classify() == Category::Data => {
                return not_a_post(format!("it is {}, not an object", kind(json)));
            }
            Err(error) => {
                return Err(Problem::NotJson {
                    reason: reason(&error),
                    line: error.line(),
                    column: error.column(),
                });
            }
        };
    if let Err(error) = parser.end() {
        return not_a_post(format!(
            "something follows the object in line {}",
            error.line()
        ));
    }
    if let Some(schema) = results_schema(schema) {
        return not_a_post(format!("it is a result, {}", shown(&schema)));
    }
    let starts_with =
        |value: Value, start| value.is_some_and(|value| value.get().starts_with(start));
    if !starts_with(body, '"') && !starts_with(comments, '[') {
        return not_a_post("it has neither a string \"body\" nor a list \"comments\"".to_owned());
    }

    let mut reader = Reader::default();
    let mut reading = Reading {
        title: reader.line(None, "title", title),
        published: reader.date(None, published),
        url: reader.line(None, "url", url),
        body: reader.text(None, "body", body).unwrap_or_default(),
        ..Reading::default()
    };
    if let Some(comments) = comments {
        reader.comments(comments);
    }
    reading.comments = reader.drafts;
    let warnings = reader.warnings.into_iter().map(Warning::into_message);
    reading.warnings = warnings.collect();
    Ok(reading)
}

/// Collects the comments of a page and what is wrong with it.
#[derive(Debug, Default)]
struct Reader {
    drafts: Vec<Draft>,
    /// Of each draft, the number of its entry and the id that this gives for its parent.
    origins: Vec<(usize, Option<String>)>,
    /// The places of the drafts by the ids of their entries; none for an entry that was left out.
    places: HashMap<String, Option<usize>>,
    warnings: Vec<Warning>,
}

/// A warning, once for all entries that it fits: a program errs in the same way in each.
#[derive(Debug)]
struct Warning {
    /// What is wrong with which field, and whether that is a field of an entry.
    kind: (&'static str, &'static str, bool),
    /// What to say of the first.
    message: String,
    /// How many more there are.
    more: usize,
}

impl Warning {
    fn into_message(self) -> String {
        match self.more {
            0 => self.message,
            more => format!("{} (and {more} more like it)", self.message),
        }
    }
}

impl Reader {
    fn comments(&mut self, list: &RawValue) {
        let Ok(entries) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
            return self.wrong_kind(None, "comments", list, "a list");
        };
        for (number, entry) in (1..).zip(entries) {
            self.comment(number, entry);
        }
        self.settle_parents();
    }

    /// Reads one entry of the list; its number is counted from 1.
    fn comment(&mut self, number: usize, entry: &RawValue) {
        let names = [
            "id",
            "parent",
            "author",
            "published",
            "time",
            "source_id",
            "text",
        ];
        let at = Some(number);
        let [id, parent, author, published, time, source_id, text] =
            match fields(entry.get(), names) {
                Ok(fields) => fields,
                Err(error) => {
                    return self.warn(at, "comments", "entry", || {
                        let what = match error.classify() {
                            Category::Data => format!("is {}, not an object", kind(entry.get())),
                            _ => format!("cannot be read ({})", reason(&error)),
                        };
                        format!("this comment {what}, and was left out; correct it")
                    });
                }
            };
        let text = self.text(at, "text", text);
        if let Some(id) = self.line(at, "id", id) {
            self.name(number, id, text.is_some());
        }
        let Some(text) = text else {
            return self.warn(at, "text", "missing", || {
                "this comment was left out, because it has no \"text\"; give it one".to_owned()
            });
        };
        if text.is_empty() {
            self.warn(at, "text", "empty", || {
                "this comment has no text".to_owned()
            });
        }
        let parent = self.line(at, "parent", parent);
        self.origins.push((number, parent));
        let draft = Draft {
            parent: None,
            author: self.line(at, "author", author),
            published: self.date(at, published),
            time: self.time(at, time),
            source_id: self.line(at, "source_id", source_id),
            text,
        };
        self.drafts.push(draft);
    }

    /// Notes the id of the comment that comes next, or that of one left out.
    fn name(&mut self, number: usize, id: String, is_kept: bool) {
        match self.places.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(is_kept.then_some(self.drafts.len()));
            }
            Entry::Occupied(entry) => {
                let id = shown(entry.key());
                self.warn(Some(number), "id", "repeated", || {
                    format!(
                        "an earlier comment has the id {id} already, so replies to {id} were read \
                         as replies to that one; give each comment an id of its own"
                    )
                });
            }
        }
    }

    /// Finds each draft its parent, which must stand before it.
    fn settle_parents(&mut self) {
        for (place, (number, parent)) in std::mem::take(&mut self.origins).into_iter().enumerate() {
            let Some(parent) = parent else { continue };
            let (trouble, what) = match self.places.get(&parent) {
                Some(Some(earlier)) if *earlier < place => {
                    self.drafts[place].parent = Some(*earlier);
                    continue;
                }
                Some(Some(_)) => ("later", "does not stand before it"),
                Some(None) => ("left out", "was left out"),
                None => ("unknown", "is not in the file"),
            };
            self.warn(Some(number), "parent", trouble, || {
                format!(
                    "its parent {} {what}, so it was read as a reply to none; \
                     list every comment before the replies to it",
                    shown(&parent)
                )
            });
        }
    }

    fn date(&mut self, at: Option<usize>, value: Value) -> Option<Date> {
        let text = self.line(at, "published", value)?;
        let wanted = "a day written as YYYY-MM-DD, without a time";
        self.parsed(at, "published", &text, dates::iso(&text), wanted)
    }

    fn time(&mut self, at: Option<usize>, value: Value) -> Option<Time> {
        let text = self.line(at, "time", value)?;
        let wanted = "a time written as HH:MM or HH:MM:SS, without a zone";
        self.parsed(at, "time", &text, dates::time(&text), wanted)
    }

    fn parsed<T>(
        &mut self,
        at: Option<usize>,
        name: &'static str,
        text: &str,
        parsed: Option<T>,
        wanted: &str,
    ) -> Option<T> {
        if parsed.is_none() {
            self.warn(at, name, "form", || {
                let text = shown(text);
                format!("\"{name}\" is {text}, not {wanted}, and was left out; correct it")
            });
        }
        parsed
    }

    /// Reads a field that holds one line; gives none where that is blank.
    fn line(&mut self, at: Option<usize>, name: &'static str, value: Value) -> Option<String> {
        let text = self.text(at, name, value)?;
        let lines: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
        (!lines.is_empty()).then(|| lines.join(" "))
    }

    /// Reads a field that holds text, and gives it the white space that a page copied as text has.
    fn text(&mut self, at: Option<usize>, name: &'static str, value: Value) -> Option<String> {
        let text = self.string(at, name, value?)?;
        Some(paragraphs(lines::split(&text).iter().map(|line| line.text)))
    }

    fn string(
        &mut self,
        at: Option<usize>,
        name: &'static str,
        value: &RawValue,
    ) -> Option<String> {
        match serde_json::from_str::<String>(value.get()) {
            Ok(text) if text.contains('\0') => {
                self.warn(at, name, "NUL", || {
                    format!(
                        "\"{name}\" holds NUL characters, which were removed; \
                         check that nothing else is damaged"
                    )
                });
                Some(text.replace('\0', ""))
            }
            Ok(text) => Some(text),
            Err(error) if error.classify() == Category::Data => {
                self.wrong_kind(at, name, value, "a string");
                None
            }
            // Half a character of two escapes, which programs make where they cut a text.
            Err(error) => {
                self.warn(at, name, "escape", || {
                    let reason = reason(&error);
                    format!("\"{name}\" cannot be read ({reason}) and was left out; correct it")
                });
                None
            }
        }
    }

    fn wrong_kind(
        &mut self,
        at: Option<usize>,
        name: &'static str,
        value: &RawValue,
        wanted: &str,
    ) {
        self.warn(at, name, "kind", || {
            let found = kind(value.get());
            format!("\"{name}\" is {found}, not {wanted}, and was left out; correct it")
        });
    }

    /// Warns of a field of the page or, if one is given, of the entry at a number.
    fn warn(
        &mut self,
        at: Option<usize>,
        name: &'static str,
        trouble: &'static str,
        message: impl FnOnce() -> String,
    ) {
        let kind = (name, trouble, at.is_some());
        if let Some(known) = self.warnings.iter_mut().find(|known| known.kind == kind) {
            known.more += 1;
            return;
        }
        let message = match at {
            Some(number) => format!("entry {number} of \"comments\": {}", message()),
            None => message(),
        };
        self.warnings.push(Warning {
            kind,
            message,
            more: 0,
        });
    }
}

/// The start of a value, quoted.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("\"{}…\"", text[..end].escape_debug()),
        None => format!("\"{}\"", text.escape_debug()),
    }
}

/// What a JSON text is, in words.
fn kind(json: &str) -> &'static str {
    match json.trim_start().bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// What an error says, without the place.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

/// The fields of these names of the object that a text starts with; of a repeated one, the last.
fn fields<'a, const N: usize>(
    json: &'a str,
    names: [&'static str; N],
) -> serde_json::Result<[Value<'a>; N]> {
    Names(names).deserialize(&mut serde_json::Deserializer::from_str(json))
}

/// Reads the fields of these names.
struct Names<const N: usize>([&'static str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Names<N> {
    type Value = [Value<'de>; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Names<N> {
    type Value = [Value<'de>; N];

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = [None; N];
        while let Some(name) = map.next_key::<String>()? {
            let value: &RawValue = map.next_value()?;
            let wanted = self.0.iter().zip(&mut values);
            if let Some((_, place)) = wanted.into_iter().find(|(wanted, _)| **wanted == name) {
                *place = (value.get() != "null").then_some(value);
            }
        }
        Ok(values)
    }
}
