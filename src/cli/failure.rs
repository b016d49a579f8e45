//! Why a command could not do its job.

use crate::cleaning::redaction::OfficeHoldersError;
use crate::labelled::LabelledError;
use crate::model::ModelError;
use crate::output::OutputError;
use crate::reading::ReadError;
use crate::themes::ThemesError;
use crate::training::TrainingError;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Themes(#[from] ThemesError),
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
    /// Every input was skipped.
    #[error("{0}: no page in it could be read; the reasons stand above")]
    NothingRead(String),
    #[error("{0}: --split leaves nothing of it; use --split all, or another file")]
    NothingToMeasure(String),
    #[error("no model found: looked in {looked}; give the folder of a bundle with --model")]
    NoModel { looked: String },
    #[error("stdin cannot be read: {0}")]
    Stdin(std::io::Error),
    #[error("stdout cannot be written: {0}")]
    Stdout(std::io::Error),
}
