//! Fetching the files of a model from a hub.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use hf_hub::api::Progress;
use hf_hub::api::sync::{Api, ApiBuilder, ApiError};
use hf_hub::{Repo, RepoType};

/// The hub where no other is named.
const ENDPOINT: &str = "https://huggingface.co";

/// Seconds without a sign of the hub after which it is given up, unless `HF_HUB_DOWNLOAD_TIMEOUT` gives others.
const PATIENCE: u64 = 60;

/// A model at a revision, on a hub.
pub(super) struct Hub {
    api: Api,
    name: String,
    revision: String,
    endpoint: String,
    /// Where the files are kept.
    place: PathBuf,
    patience: Duration,
}

impl Hub {
    /// The hub that the environment names: `HF_ENDPOINT`, with the token under `HF_HOME` if there is one.
    pub fn from_env(name: &str, revision: &str, place: &Path) -> Result<Self, String> {
        let variable = |name: &str| std::env::var(name).ok();
        let patience = variable("HF_HUB_DOWNLOAD_TIMEOUT").and_then(|given| given.parse().ok());
        Ok(Self {
            api: ApiBuilder::from_env()
                .build()
                .map_err(|error| error.to_string())?,
            name: name.to_owned(),
            revision: revision.to_owned(),
            endpoint: variable("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned()),
            place: place.to_owned(),
            patience: Duration::from_secs(patience.unwrap_or(PATIENCE).max(1)),
        })
    }

    /// Its address.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Asks for this commit from now on.
    pub fn keep_to(&mut self, commit: &str) {
        commit.clone_into(&mut self.revision);
    }

    /// Fetches a file; gives the commit that it is of.
    pub fn get(&self, file: &str) -> Result<String, String> {
        self.fetch(file)?
            .map_err(|error| self.explained(file, &error))
    }

    /// Fetches a file if the model has it; whether it does.
    pub fn get_if_there(&self, file: &str) -> Result<bool, String> {
        match self.fetch(file)? {
            Ok(_) => Ok(true),
            Err(error) if status(&error) == Some(404) => Ok(false),
            Err(error) => Err(self.explained(file, &error)),
        }
    }

    /// Fetches a file in a thread of its own, because the hub may fall silent and hf-hub would wait for ever. The outer
    /// error is that it did.
    fn fetch(&self, file: &str) -> Result<Result<String, ApiError>, String> {
        let signs = Arc::new(AtomicU64::new(0));
        let (sender, receiver) = channel();
        let repo = Repo::with_revision(self.name.clone(), RepoType::Model, self.revision.clone());
        let remote = self.api.repo(repo);
        let (wanted, listener) = (file.to_owned(), Listener(Arc::clone(&signs)));
        // Not joined: it ends with the program if the hub never speaks again.
        std::thread::spawn(move || {
            let _ = sender.send(remote.download_with_progress(&wanted, listener));
        });
        let mut before = 0;
        loop {
            match receiver.recv_timeout(self.patience) {
                Ok(fetched) => return Ok(fetched.map(|path| commit_of(&path))),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(format!(
                        "{file} could not be fetched: the answer of {} makes no sense; check HF_ENDPOINT",
                        self.endpoint
                    ));
                }
                Err(RecvTimeoutError::Timeout) => {
                    let now = signs.load(Ordering::Relaxed);
                    if now == before {
                        return Err(format!(
                            "{file} could not be fetched: {} has been silent for {} seconds; run again, and it goes on where it stopped",
                            self.endpoint,
                            self.patience.as_secs()
                        ));
                    }
                    before = now;
                }
            }
        }
    }

    fn explained(&self, file: &str, error: &ApiError) -> String {
        let remedy = match (status(error), error) {
            (Some(404), _) => {
                return format!(
                    "the hub has no {file} for it; check name and revision, and that the model has safetensors"
                );
            }
            (Some(code @ (401 | 403)), _) => {
                return format!(
                    "the hub refuses to give {file} ({code}): there is no such model, or it is not open to everybody; check the name, or log in with the hub's own program (hf auth login) if you may use it"
                );
            }
            (Some(429 | 500..), _) => "the hub cannot answer now; try again later",
            (Some(416), _) | (_, ApiError::InvalidResume) => {
                return format!(
                    "{file} could not be fetched ({error}): what is left of an earlier try does not fit; delete the files ending in .part under {} and run again",
                    self.place.display()
                );
            }
            (_, ApiError::LockAcquisition(lock)) => {
                return format!(
                    "{file} is being fetched by another program, which holds {}; run again when that is done",
                    lock.display()
                );
            }
            (_, ApiError::IoError(problem)) if is_of_disk(problem.kind()) => {
                return format!(
                    "{file} cannot be kept under {} ({problem}); free some space, or name a folder that can be written with HF_HOME",
                    self.place.display()
                );
            }
            (_, ApiError::IoError(_)) => "run again, and it goes on where it was broken off",
            (
                _,
                ApiError::MissingHeader(_)
                | ApiError::InvalidHeader(_)
                | ApiError::ParseIntError(_),
            ) => "this is not how a hub answers; check HF_ENDPOINT",
            _ => "check the network and HF_ENDPOINT",
        };
        format!("{file} could not be fetched ({error}); {remedy}")
    }
}

/// Counts signs of life.
struct Listener(Arc<AtomicU64>);

impl Progress for Listener {
    fn init(&mut self, _size: usize, _file: &str) {
        self.update(0);
    }

    fn update(&mut self, _bytes: usize) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn finish(&mut self) {
        self.update(0);
    }
}

/// Files lie in a folder that is called as their commit.
fn commit_of(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name);
    folder.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn status(error: &ApiError) -> Option<u16> {
    match error {
        ApiError::RequestError(error) => match **error {
            ureq::Error::Status(status, _) => Some(status),
            ureq::Error::Transport(_) => None,
        },
        _ => None,
    }
}

/// Whether the disk is to blame, and not the connection.
fn is_of_disk(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::PermissionDenied
            | ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::FileTooLarge
            | ErrorKind::ReadOnlyFilesystem
    )
}
