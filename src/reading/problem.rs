//! Why something could not be read, in words for a person.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

/// A path that could not be read, and why.
#[derive(Debug, Error)]
#[error("{path}: {problem}")]
pub struct ReadError {
    /// The path as it was given.
    pub path: String,
    /// What is wrong with it and what to do.
    pub problem: Problem,
}

/// What is wrong with a path; each message ends in what to do about it.
#[derive(Debug, Error)]
pub enum Problem {
    /// Nothing is there.
    #[error("there is no such file or folder; check the spelling of the path")]
    Missing,
    /// The operating system refused.
    #[error("it cannot be read ({0}); check its permissions")]
    Unreadable(io::Error),
    /// A device, a pipe or, where a page was wanted, a folder.
    #[error("it is not a regular file; name a text file or a folder of them")]
    NotAFile,
    /// A file where a folder was wanted.
    #[error("it is not a folder; name the folder that holds the pages")]
    NotAFolder,
    /// Above [`ReadLimits::max_file_bytes`](super::ReadLimits::max_file_bytes).
    #[error(
        "it has {} MB, more than the limit of {} MB; \
         remove it, split it, or raise the limit with --max-page-mb",
        bytes.div_ceil(1 << 20), limit >> 20
    )]
    TooLarge {
        /// The size of the file.
        bytes: u64,
        /// The limit it was held against.
        limit: u64,
    },
    /// NUL bytes, and not UTF-8 either.
    #[error(
        "it is not a text file (byte {byte} is the first that is not UTF-8); save the page as plain text in UTF-8"
    )]
    NotText {
        /// The offset of the first byte that is not UTF-8, counted from 0.
        byte: usize,
    },
    /// A file of no bytes or of white space alone.
    #[error("it holds no text; copy the page again or remove the file")]
    Empty,
    /// A file called `.json` that is not JSON.
    #[error(
        "it is not JSON ({reason} in line {line}, column {column}); \
         correct it there, have it written again, or remove the file"
    )]
    NotJson {
        /// What the parser came upon.
        reason: String,
        /// The line it did so in, counted from 1.
        line: usize,
        /// The byte within that line, counted from 1.
        column: usize,
    },
    /// JSON in another form than that of a page.
    #[error(
        "it is JSON, but not a post ({reason}); give each post a file of its own in the form \
         that `undertone ingest` prints, or move the file out of the corpus"
    )]
    NotAPost {
        /// What tells that it is none.
        reason: String,
    },
    /// A folder without a page anywhere in it.
    #[error(
        "the folder holds no *.txt or *.json page; \
         save the pages in it as .txt, or name the files themselves"
    )]
    NoPages,
}

impl Problem {
    pub(super) fn from_io(error: io::Error) -> Problem {
        match error.kind() {
            io::ErrorKind::NotFound => Problem::Missing,
            _ => Problem::Unreadable(error),
        }
    }
}

/// Something that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Skipped {
    /// The path of what was left out, as it was given.
    pub source: String,
    /// What is wrong with it and what to do, in a sentence for a person.
    pub reason: String,
}

impl From<ReadError> for Skipped {
    fn from(error: ReadError) -> Self {
        Skipped {
            source: error.path,
            reason: error.problem.to_string(),
        }
    }
}
