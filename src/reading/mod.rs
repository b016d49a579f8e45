//! From copies of blog pages to posts with their comment threads.
//!
//! A page copied as text comes in one of two forms. The *numbered* form has a date line, the title, the
//! body, a line `40 comments:` and numbered comments that end in a line `ReplyDelete`; replies stand in a
//! deeper list under a line `Replies` and end in `Delete`. The *flattened* form has neither date, title,
//! count nor indentation, and `ReplyDelete` or `Delete` is glued to the line after the first paragraph
//! of its comment. [`read_page`] tells them apart and reads either.
//!
//! A page fetched by a program comes as JSON, in the form that `undertone ingest` prints; [`read_json`]
//! reads it. It can state what the text forms have lost: authors, times and the ids of the source.
//!
//! [`Corpus`] lists the pages of folders and files first, so that their number and ids are known, and
//! reads each when asked. [`Forgotten`] takes comments out that are to stay forgotten. Whatever looks wrong becomes a warning on the post; a page that cannot be
//! read at all becomes a [`Skipped`].

mod bytes;
mod corpus;
mod dates;
mod flattened;
mod forgotten;
mod form;
mod json;
mod lines;
mod numbered;
mod problem;
mod table;
mod thread;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::civil::{Date, Time};

pub(crate) use bytes::decode;
pub use corpus::{Corpus, Page, post_id};
pub use forgotten::{Forgotten, ForgottenError, Tombstone};
pub use problem::{Problem, ReadError, Skipped};
pub(crate) use table::line_of;

use crate::hash::sha256;
use crate::post::{Comment, Post};

/// What a file may be to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// The size in bytes above which a file is refused without being read; 32 MiB by default.
    pub max_file_bytes: u64,
}

impl Default for ReadLimits {
    fn default() -> Self {
        ReadLimits {
            max_file_bytes: 32 << 20,
        }
    }
}

/// What a page says, before ids are given.
#[derive(Debug, Default)]
struct Reading {
    title: Option<String>,
    published: Option<Date>,
    url: Option<String>,
    body: String,
    comments: Vec<Draft>,
    warnings: Vec<String>,
}

/// A comment with the place of its parent among the comments of the page.
#[derive(Debug, Default)]
struct Draft {
    parent: Option<usize>,
    author: Option<String>,
    published: Option<Date>,
    time: Option<Time>,
    source_id: Option<String>,
    text: String,
}

/// Reads the text of one page, in either of the text forms, as a post.
///
/// `source` is stated on the post as it is; `id` becomes the post's id and the start of its comments'
/// ids. Any text can be read: a text without a thread is a post without comments, and what looks wrong
/// is said in the post's warnings, with line numbers counted from 1. Takes time linear in the length.
pub fn read_page(text: &str, source: &str, id: &str) -> Post {
    let lines = lines::split(text);
    let reading = match form::detect(&lines) {
        form::Form::Numbered(start) => numbered::read(&lines, start),
        form::Form::Flattened => flattened::read(&lines),
    };
    numbered_post(reading, source, id)
}

/// Reads one page in JSON, an object in the form that `undertone ingest` prints, as a post.
///
/// `source` is stated on the post as it is; `id` becomes the post's id and the start of its comments'
/// ids, which are numbered anew. Its `title`, `published` (`YYYY-MM-DD`), `url`, `body` and `comments` are
/// read, and of each comment `id`, `parent`, `author`, `published`, `time` (`HH:MM` or `HH:MM:SS`),
/// `source_id` and `text`; other fields are ignored. A comment without `text` is left out, any other field
/// that cannot be used is left empty, and a `parent` counts only if it is the `id` of an earlier comment;
/// each is said in the post's warnings. Takes time linear in the length, however deep the JSON is nested.
///
/// Fails for what is not JSON, and for JSON that is no post: no object, more than one, one with neither
/// `body` nor `comments`, or a result of this program.
pub fn read_json(json: &str, source: &str, id: &str) -> Result<Post, Problem> {
    Ok(numbered_post(json::read(json)?, source, id))
}

/// Gives a page and its comments their ids.
fn numbered_post(reading: Reading, source: &str, id: &str) -> Post {
    let name = |place: usize| format!("{id}#{}", place + 1);
    let comments = reading
        .comments
        .into_iter()
        .enumerate()
        .map(|(place, draft)| Comment {
            id: name(place),
            parent: draft.parent.map(name),
            author: draft.author,
            published: draft.published,
            time: draft.time,
            source_id: draft.source_id,
            text: draft.text,
        });
    Post {
        id: id.to_owned(),
        source: source.to_owned(),
        title: reading.title,
        published: reading.published,
        url: reading.url,
        body: reading.body,
        comments: comments.collect(),
        warnings: reading.warnings,
    }
}

/// Reads one file as a post whose id is [`post_id`] of the path: by [`read_json`] if its extension is
/// `json`, by [`read_page`] if it is anything else.
///
/// Bytes are taken for UTF-8, for UTF-16 after a byte order mark, and otherwise for Windows-1252, with a
/// warning on the post. The file is refused if it is missing, unreadable, not a regular file, larger
/// than `limits` allow (told from its metadata, without reading it), not text, or without any text; one of
/// JSON is also refused where [`read_json`] fails.
pub fn read_file(path: &Path, source: &str, limits: ReadLimits) -> Result<Post, ReadError> {
    read_named(path, source, &post_id(path), limits).map(|page| page.post)
}

fn read_named(path: &Path, source: &str, id: &str, limits: ReadLimits) -> Result<Page, ReadError> {
    let read = || {
        let bytes = load(path, limits)?;
        let sha256 = sha256(&bytes);
        let decoded = bytes::decode(bytes)?;
        let text = &decoded.text;
        if text.trim().is_empty() {
            return Err(Problem::Empty);
        }
        let mut post = if is_json(path) {
            read_json(text, source, id)?
        } else {
            read_page(text, source, id)
        };
        post.warnings.splice(0..0, decoded.warnings);
        Ok(Page { post, sha256 })
    };
    read().map_err(|problem| ReadError {
        path: source.to_owned(),
        problem,
    })
}

/// Whether a file is read as JSON, going by its name.
fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Whether a path is a regular file within the limit. Asked before opening, because opening a pipe would wait for its other
/// end.
fn may_be_opened(path: &Path, limits: ReadLimits) -> Result<(), Problem> {
    let metadata = std::fs::metadata(path).map_err(Problem::from_io)?;
    if !metadata.is_file() {
        return Err(Problem::NotAFile);
    }
    if metadata.len() > limits.max_file_bytes {
        return Err(too_large(metadata.len(), limits));
    }
    Ok(())
}

fn too_large(bytes: u64, limits: ReadLimits) -> Problem {
    Problem::TooLarge {
        bytes,
        limit: limits.max_file_bytes,
    }
}

/// The bytes of a regular file within the limit.
fn load(path: &Path, limits: ReadLimits) -> Result<Vec<u8>, Problem> {
    may_be_opened(path, limits)?;
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Problem::from_io)?;
    // The file may have grown since.
    file.take(limits.max_file_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(Problem::from_io)?;
    let length = bytes.len() as u64;
    if length > limits.max_file_bytes {
        Err(too_large(length, limits))
    } else {
        Ok(bytes)
    }
}
