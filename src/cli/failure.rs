//! Why a command could not do its job.

use super::layers::SettingsError;
use crate::cleaning::redaction::OfficeHoldersError;
use crate::comparison::{ErasError, PeriodsError};
use crate::labelled::LabelledError;
use crate::model::ModelError;
use crate::output::{OutputError, PublishedError};
use crate::reading::{ForgottenError, ReadError};
use crate::report::ReportError;
use crate::themes::{OverlayError, ThemesError};
use crate::training::TrainingError;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Forgotten(#[from] ForgottenError),
    #[error(transparent)]
    Themes(#[from] ThemesError),
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    #[error(transparent)]
    OfficeHolders(#[from] OfficeHoldersError),
    #[error("a pattern of redaction cannot be compiled ({0}); this is a defect of the program")]
    Patterns(#[from] regex::Error),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Labelled(#[from] LabelledError),
    #[error(transparent)]
    Training(#[from] TrainingError),
    #[error(transparent)]
    Published(#[from] PublishedError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Eras(#[from] ErasError),
    #[error(transparent)]
    Periods(#[from] PeriodsError),
    #[error(
        "{file}: cannot be read ({source}); name a file of eras with --eras, such as examples/eras.toml"
    )]
    NoEras {
        file: String,
        source: std::io::Error,
    },
    #[error("there is no theme {theme:?} in {set}; its themes are {}", known.join(", "))]
    NotCompared {
        theme: String,
        set: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// Every input was skipped.
    #[error("{0}: no page in it could be read; the reasons stand above")]
    NothingRead(String),
    #[error("{0}: --split leaves nothing of it; use --split all, or another file")]
    NothingToMeasure(String),
    #[error(
        "{file}: nothing in it is labelled; fill in sentiment, themes or a column theme:ID{}",
        unknown_columns(others)
    )]
    NothingFilledIn {
        file: String,
        /// Columns of a name that means nothing.
        others: Vec<String>,
    },
    #[error("{file}, {place}: {problem}; {remedy}")]
    NotLocated {
        file: String,
        place: String,
        problem: String,
        remedy: &'static str,
    },
    #[error(
        "-n {n} is too few: n must be at least {needed} to have one of each {of}, or nothing would speak for the others"
    )]
    SampleTooSmall {
        n: u32,
        needed: usize,
        /// What a stratum is.
        of: &'static str,
    },
    #[error("there is no theme {0:?}; `undertone themes` shows those there are")]
    UnknownTheme(String),
    #[error("{0}: no form of a sample has this ending; end it in .csv or .jsonl")]
    UnknownForm(String),
    #[error("{file}: cannot be written ({source}); name a new file in a folder that is there")]
    Unwritable {
        file: String,
        source: std::io::Error,
    },
    #[error(
        "the themes in force are built into the program, and there is no place beside them; write themes.toml, or name a file with --themes"
    )]
    NoOverlay,
    #[error(
        "{file}: {judged} texts are judged for {theme}, {positive} of them have it; it takes {} judged ones, at least {} of each kind",
        crate::refinement::FEWEST.0, crate::refinement::FEWEST.1
    )]
    TooFewLabels {
        file: String,
        theme: String,
        judged: usize,
        positive: usize,
    },
    #[error("{theme} has learnt nothing from labels; there is nothing to take back")]
    NothingToUndo { theme: String },
    #[error("{0}: no label in it; fill in sentiment or themes")]
    NothingLabelled(String),
    #[error("{file}: too few labels to check one by the others: {}; label more", counts.join(", "))]
    TooFewToCheck {
        file: String,
        /// What there is of each theme, and what it takes.
        counts: Vec<String>,
    },
    #[error("the text has more than {most} characters; explain a part of it")]
    TextTooLong { most: usize },
    #[error("no model found: looked in {looked}; give the folder of a bundle with --model")]
    NoModel { looked: String },
    #[error("{0}: no store is there that can be used; `undertone run` makes one")]
    NoStore(String),
    #[error(
        "{0}: another run uses it; nothing was removed from it. When that has ended, run `undertone cache prune`"
    )]
    StoreBusy(String),
    #[error(
        "{0}: what is to go may still be in it, for the reason above; when that is put right, run `undertone cache prune`"
    )]
    NotPruned(String),
    #[error(
        "{page}: {reason}. What it holds would be taken for removed, so nothing was; make it readable, or remove it"
    )]
    UnreadableInPrune { page: String, reason: String },
    #[error(
        "{0}: there is no such list of forgotten comments; correct --forgotten, or leave it out"
    )]
    NoForgotten(String),
    #[error(
        "{0}: was changed by another program in the meantime; nothing was forgotten, do it again"
    )]
    ForgottenChanged(String),
    #[error(
        "nothing is forgotten yet, and nothing is named; name comments with --id, --text-matching or --author"
    )]
    NothingToForget,
    #[error(
        "there is no comment {name:?} in {corpus}, so nothing was forgotten; `undertone ingest {corpus}` shows the ids there are"
    )]
    NoSuchComment { name: String, corpus: String },
    #[error(
        "the comments are forgotten, but these results still hold them: {}; remove them by hand",
        .0.join("; ")
    )]
    SetsLeft(Vec<String>),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{0}: is not empty, and nothing in it is to be overwritten; name a new folder")]
    NotEmpty(String),
    #[error("{folder}: cannot be begun ({source}); name a folder in a place that you may write to")]
    NotBegun {
        folder: String,
        source: std::io::Error,
    },
    #[error("stdin cannot be read: {0}")]
    Stdin(std::io::Error),
    #[error("stdout cannot be written: {0}")]
    Stdout(std::io::Error),
}

/// What is said of columns that were not understood.
fn unknown_columns(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!(
            " (of the columns there are, these mean nothing here: {})",
            names.join(", ")
        ),
    }
}
