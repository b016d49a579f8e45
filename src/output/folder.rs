//! The output folder: sets written aside and put in place whole, a link to the latest, old sets removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::hash::hex;

const RUNS: &str = "runs";
const LATEST: &str = "latest";
const LOCK: &str = ".lock";
const PART: &str = ".part-";

/// Why results cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The folder cannot be used.
    #[error(
        "{path}: cannot be written ({source}); give a folder you may write to with --out, or free some space"
    )]
    Unwritable {
        /// The path that failed.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// `latest` is taken.
    #[error(
        "{path}: is not the link that this program makes; move it away, or give another folder with --out"
    )]
    LatestTaken {
        /// The path of `latest`.
        path: String,
    },
    /// Another run writes to the same folder.
    #[error(
        "{path}: {holder} is at work here; wait until it has ended, or give another folder with --out"
    )]
    Busy {
        /// The output folder.
        path: String,
        /// Who holds the lock, and since when.
        holder: String,
    },
}

fn unwritable(path: &Path, source: std::io::Error) -> OutputError {
    OutputError::Unwritable {
        path: path.display().to_string(),
        source,
    }
}

/// An output folder that can be written to and that no other run writes to while this value lives.
pub struct OutputFolder {
    root: PathBuf,
    _lock: File,
}

/// What pruning removed and what it could not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Names of the sets that were removed.
    pub removed: Vec<String>,
    /// Sets that could not be removed, with the reason.
    pub failed: Vec<String>,
}

impl OutputFolder {
    /// Creates the folder if need be, tries whether it can be written, and locks it. Called before any work is done.
    ///
    /// # Errors
    /// The folder cannot be created or written, or another run holds it.
    pub fn open(root: &Path) -> Result<Self, OutputError> {
        let runs = root.join(RUNS);
        fs::create_dir_all(&runs).map_err(|source| unwritable(&runs, source))?;
        let path = root.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|source| unwritable(&path, source))?;
        // The system lets go of a lock when its holder ends, however it ends: what a dead one wrote is no lock.
        match lock.try_lock() {
            Ok(()) => sign(&lock).map_err(|source| unwritable(&path, source))?,
            Err(fs::TryLockError::WouldBlock) => {
                return Err(OutputError::Busy {
                    path: root.display().to_string(),
                    holder: signature(&lock),
                });
            }
            Err(fs::TryLockError::Error(source)) => return Err(unwritable(&path, source)),
        }
        let latest = root.join(LATEST);
        if fs::symlink_metadata(&latest).is_ok_and(|found| !found.is_symlink()) {
            return Err(OutputError::LatestTaken {
                path: latest.display().to_string(),
            });
        }
        // Sets are made under runs/, which may have other rights than the folder itself.
        let probe = runs.join(format!("{PART}probe"));
        fs::create_dir_all(&probe).map_err(|source| unwritable(&runs, source))?;
        fs::remove_dir(&probe).map_err(|source| unwritable(&runs, source))?;
        Ok(Self {
            root: root.to_owned(),
            _lock: lock,
        })
    }

    /// The folder of the latest set, if there is one.
    pub fn latest_set(&self) -> Option<PathBuf> {
        let set = fs::read_link(self.latest()).ok()?;
        Some(self.root.join(set))
    }

    /// The path of the link to the latest set.
    pub fn latest(&self) -> PathBuf {
        self.root.join(LATEST)
    }

    /// Begins a set named by a time, such as `2023-08-26T03-00-00Z`. Nobody sees it before [`RunSet::publish`]. If the
    /// name is taken, a number is added.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(&self, time: &str) -> Result<RunSet<'_>, OutputError> {
        let runs = self.root.join(RUNS);
        let mut name = time.to_owned();
        let mut number = 2;
        while runs.join(&name).exists() {
            name = format!("{time}-{number}");
            number += 1;
        }
        let part = runs.join(format!("{PART}{name}"));
        // A part of the same name can only be left over from a run that was killed: this one holds the lock.
        if part.exists() {
            fs::remove_dir_all(&part).map_err(|source| unwritable(&part, source))?;
        }
        fs::create_dir(&part).map_err(|source| unwritable(&part, source))?;
        Ok(RunSet {
            folder: self,
            name,
            part,
            hashes: BTreeMap::new(),
        })
    }

    /// Removes the oldest sets until `keep` are left (at least one), and what killed runs have left behind. The set
    /// that `latest` points to is never removed, nor a folder whose name this program would not give.
    pub fn prune(&self, keep: usize) -> Pruned {
        let mut pruned = Pruned::default();
        let runs = self.root.join(RUNS);
        let latest = fs::read_link(self.latest()).unwrap_or_default();
        let mut sets = Vec::new();
        let entries = match fs::read_dir(&runs) {
            Ok(entries) => entries,
            Err(error) => {
                pruned.failed.push(format!("{}: {error}", runs.display()));
                return pruned;
            }
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(PART) {
                if let Err(error) = fs::remove_dir_all(entry.path()) {
                    pruned
                        .failed
                        .push(format!("{}: {error}", entry.path().display()));
                }
            } else if let Some(order) = set_order(&name)
                && entry.path().join("run.json").is_file()
            {
                sets.push((order, name));
            }
        }
        sets.sort();
        let surplus = sets.len().saturating_sub(keep.max(1));
        for (_, name) in sets.into_iter().take(surplus) {
            if latest.ends_with(&name) {
                continue;
            }
            // Out of sight first: a set that is half removed must not look like one.
            let set = runs.join(&name);
            let doomed = runs.join(format!("{PART}{name}"));
            match fs::rename(&set, &doomed).and_then(|()| fs::remove_dir_all(&doomed)) {
                Ok(()) => pruned.removed.push(name),
                Err(error) => pruned.failed.push(format!("{}: {error}", set.display())),
            }
        }
        pruned
    }
}

/// Writes into a lock who holds it, for those who find it locked.
fn sign(mut lock: &File) -> std::io::Result<()> {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = match host.trim() {
        "" => "this machine",
        host => host,
    };
    let since = Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
    lock.set_len(0)?;
    write!(
        lock,
        "undertone, process {} on {host}, since {since}",
        std::process::id()
    )
}

/// What the holder of a lock has written into it; it may be about to.
fn signature(mut lock: &File) -> String {
    let mut text = String::new();
    match lock.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "another run".to_owned(),
    }
}

/// The order of the sets this program names; None for other names. Sets of the same second are told apart by a
/// number, which must not sort as text.
fn set_order(name: &str) -> Option<(String, u32)> {
    let (time, number) = match name.split_once("Z-") {
        Some((time, number)) => (format!("{time}Z"), number.parse().ok()?),
        None => (name.to_owned(), 1),
    };
    let like_a_time = time.len() == "2023-08-26T03-00-00Z".len()
        && time
            .bytes()
            .zip(b"0000-00-00T00-00-00Z")
            .all(|(found, form)| match form {
                b'0' => found.is_ascii_digit(),
                _ => found == *form,
            });
    like_a_time.then_some((time, number))
}

/// Sees to it that the entries of a folder are on the disk.
fn sync_folder(folder: &Path) -> Result<(), OutputError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| unwritable(folder, source))
}

/// A set of files being written; removed again if it is dropped before [`RunSet::publish`].
pub struct RunSet<'a> {
    folder: &'a OutputFolder,
    name: String,
    part: PathBuf,
    hashes: BTreeMap<String, String>,
}

impl RunSet<'_> {
    /// SHA-256 of every file written so far, by its name within the set.
    pub fn hashes(&self) -> &BTreeMap<String, String> {
        &self.hashes
    }

    /// Writes one JSON file, indented, with a final line break.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_json(&mut self, name: &str, value: &impl Serialize) -> Result<(), OutputError> {
        let mut file = self.create(name)?;
        let outcome = serde_json::to_writer_pretty(&mut file, value)
            .map_err(std::io::Error::from)
            .and_then(|()| file.write_all(b"\n"));
        outcome.map_err(|source| file.failed(source))?;
        self.finish(file)
    }

    /// Begins a file that is written line by line; give it to [`RunSet::finish`] in the end.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(&self, name: &str) -> Result<SetFile, OutputError> {
        let path = self.part.join(name);
        let parent = path.parent().unwrap_or(&self.part);
        fs::create_dir_all(parent).map_err(|source| unwritable(parent, source))?;
        let file = File::create(&path).map_err(|source| unwritable(&path, source))?;
        Ok(SetFile {
            name: name.to_owned(),
            path,
            writer: BufWriter::new(file),
            hasher: Sha256::new(),
        })
    }

    /// Completes a file: everything is on the disk when this returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(&mut self, file: SetFile) -> Result<(), OutputError> {
        let SetFile {
            name,
            path,
            writer,
            hasher,
        } = file;
        let failed = |source| unwritable(&path, source);
        let inner = writer
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        inner.sync_all().map_err(failed)?;
        self.hashes.insert(name, hex(&hasher.finalize()));
        Ok(())
    }

    /// Puts the set in its place and points `latest` to it, each in one step. Returns the set's folder.
    ///
    /// # Errors
    /// The folder cannot be written; `latest` then still points to the set before.
    pub fn publish(self) -> Result<PathBuf, OutputError> {
        let runs = self.folder.root.join(RUNS);
        let folders = self
            .hashes
            .keys()
            .filter_map(|name| Path::new(name).parent());
        let folders: BTreeSet<PathBuf> = folders.map(|parent| self.part.join(parent)).collect();
        for folder in &folders {
            sync_folder(folder)?;
        }
        let place = runs.join(&self.name);
        fs::rename(&self.part, &place).map_err(|source| unwritable(&place, source))?;
        sync_folder(&runs)?;
        let link = self.folder.latest();
        let new_link = self.folder.root.join(format!(".{LATEST}-new"));
        let _ = fs::remove_file(&new_link);
        std::os::unix::fs::symlink(Path::new(RUNS).join(&self.name), &new_link)
            .map_err(|source| unwritable(&new_link, source))?;
        // Renaming over a link replaces it at once: a reader finds the old set or the new one.
        fs::rename(&new_link, &link).map_err(|source| unwritable(&link, source))?;
        sync_folder(&self.folder.root)?;
        Ok(place)
    }
}

impl Drop for RunSet<'_> {
    fn drop(&mut self) {
        // After publish there is nothing left at this path.
        let _ = fs::remove_dir_all(&self.part);
    }
}

/// A file of a set while it is written; its hash is taken on the way.
pub struct SetFile {
    name: String,
    path: PathBuf,
    writer: BufWriter<File>,
    hasher: Sha256,
}

impl SetFile {
    /// The error of a write that failed, naming the file.
    pub fn failed(&self, source: std::io::Error) -> OutputError {
        unwritable(&self.path, source)
    }
}

impl Write for SetFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}
