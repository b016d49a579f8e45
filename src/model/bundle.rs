//! A model on disk: a folder whose files are listed, with their hashes, in a manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};
use tokenizers::Tokenizer;

use super::architecture::EncoderConfig;
use super::fused::MAX_LENGTH;
use super::{FusedEncoder, Heads, Precision, ReferenceEncoder};
use crate::hash::{sha256, sha256_of_file};

const MANIFEST: &str = "manifest.json";
const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
const WEIGHTS: &str = "model.safetensors";
const HEADS: &str = "heads.json";
const CARD: &str = "MODEL_CARD.md";

/// The manifest format this program writes and reads.
const FORMAT: u32 = 3;

/// Why a model cannot be used. Nothing has been scored when one of these appears.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no bundle at the path.
    #[error(
        "{dir}: no model here ({MANIFEST} cannot be read: {source}); give the folder of a bundle with --model, such as models/standard"
    )]
    NoBundle {
        /// The folder asked for.
        dir: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is missing, or its bytes are not those the manifest lists.
    #[error(
        "{file}: {problem}; restore the model folder (git checkout -- models, or copy the bundle again)"
    )]
    Damaged {
        /// The damaged file.
        file: String,
        /// What differs.
        problem: String,
    },
    /// A file is intact but makes no sense.
    #[error(
        "{file}: {problem}; this bundle was not written by `undertone train`, or by another version of it"
    )]
    Invalid {
        /// The file in question.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A classifier of the user's own cannot be used.
    #[error("{file}: {problem}")]
    Unusable {
        /// The file in question.
        file: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// A model of a hub is not at hand.
    #[error("{name}: {problem}")]
    Unfetched {
        /// As it was named.
        name: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A bundle cannot be written.
    #[error(
        "{file}: cannot be written ({problem}); give another folder with --out, or free some space"
    )]
    Unwritable {
        /// The file or folder.
        file: String,
        /// What the system said.
        problem: String,
    },
    /// libtorch refused the weights or a computation.
    #[error("the encoder failed: {0}")]
    Encoder(String),
}

/// Size and hash of one file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// `manifest.json`: what the bundle is, how it came about, and the hash of every file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The manifest's own format.
    pub format: u32,
    /// The bundle's name.
    pub name: String,
    /// How it was trained: settings, hashes of the data, scores on the development data.
    pub training: serde_json::Value,
    /// Every other file of the bundle, by name.
    pub files: BTreeMap<String, FileRecord>,
}

/// A bundle whose every file has been checked against the manifest.
#[derive(Clone)]
pub struct Bundle {
    dir: PathBuf,
    name: String,
    fingerprint: String,
    config: EncoderConfig,
}

impl Bundle {
    /// Opens a bundle and checks every file against its manifest.
    ///
    /// # Errors
    /// A file is missing, truncated or altered, or the manifest is of another format.
    pub fn open(dir: &Path) -> Result<Self, ModelError> {
        let manifest_path = dir.join(MANIFEST);
        let text = std::fs::read(&manifest_path).map_err(|source| ModelError::NoBundle {
            dir: dir.display().to_string(),
            source,
        })?;
        let invalid = |problem: String| ModelError::Invalid {
            file: manifest_path.display().to_string(),
            problem,
        };
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(invalid(format!(
                "the manifest is of format {}, this program reads format {FORMAT}",
                manifest.format
            )));
        }
        for required in [CONFIG, TOKENIZER, WEIGHTS, HEADS] {
            if !manifest.files.contains_key(required) {
                return Err(invalid(format!("{required} is not listed")));
            }
        }
        for (name, record) in &manifest.files {
            check_file(&dir.join(name), record)?;
        }
        let config = load_config(&dir.join(CONFIG))?;
        Ok(Self {
            dir: dir.to_owned(),
            name: manifest.name,
            fingerprint: sha256(&text),
            config,
        })
    }

    /// The bundle's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the manifest, and so of everything in the bundle; 64 hexadecimal digits.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Numbers in a text vector.
    pub fn hidden_size(&self) -> usize {
        usize::try_from(self.config.hidden_size).unwrap_or(0)
    }

    /// Loads the tokenizer, without its own truncation and padding: windows and padding are made by `inference`.
    ///
    /// # Errors
    /// `tokenizer.json` is not a tokenizer.
    pub fn tokenizer(&self) -> Result<Tokenizer, ModelError> {
        load_tokenizer(&self.dir.join(TOKENIZER))
    }

    /// Loads the encoder's weights and converts them to `precision`.
    ///
    /// # Errors
    /// The weights do not fit the configuration.
    pub fn encoder(&self, precision: Precision) -> Result<FusedEncoder, ModelError> {
        FusedEncoder::load(&self.config, &self.dir.join(WEIGHTS), precision)
    }

    /// Loads the same weights into rust-bert's BERT: slower, to compare with.
    ///
    /// # Errors
    /// The encoder is no BERT, or the weights do not fit the configuration.
    pub fn reference_encoder(&self, precision: Precision) -> Result<ReferenceEncoder, ModelError> {
        ReferenceEncoder::load(&self.dir.join(CONFIG), &self.dir.join(WEIGHTS), precision)
    }

    /// Loads the heads.
    ///
    /// # Errors
    /// `heads.json` does not fit the encoder.
    pub fn heads(&self) -> Result<Heads, ModelError> {
        Heads::load(&self.dir.join(HEADS), self.hidden_size())
    }
}

/// A bundle in the making: a folder beside its place, moved there whole.
pub struct BundleDraft {
    place: PathBuf,
    part: PathBuf,
}

impl BundleDraft {
    /// Creates the folder `<place>.part`; called before the work, so that an unwritable place is found out early.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn begin(place: &Path) -> Result<Self, ModelError> {
        let mut part = place.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let failed = |error| unwritable(&part, &error);
        if part.exists() {
            std::fs::remove_dir_all(&part).map_err(failed)?;
        }
        std::fs::create_dir_all(&part).map_err(failed)?;
        Ok(Self {
            place: place.to_owned(),
            part,
        })
    }

    /// Completes the bundle and puts it in its place, where it replaces an older one: copies configuration and
    /// tokenizer from `encoder_dir`, stores the encoder's weights, by name, in bf16, and writes heads, card and manifest.
    ///
    /// # Errors
    /// A file cannot be read or written; an older bundle is then still in its place.
    pub fn seal(
        self,
        encoder_dir: &Path,
        weights: Vec<(String, Tensor)>,
        heads: &Heads,
        name: &str,
        card: &str,
        training: serde_json::Value,
    ) -> Result<(), ModelError> {
        let at = |file: &str| self.part.join(file);
        for file in [CONFIG, TOKENIZER] {
            let from = encoder_dir.join(file);
            let bytes = std::fs::read(&from).map_err(|error| ModelError::Damaged {
                file: from.display().to_string(),
                problem: format!("cannot be read ({error})"),
            })?;
            std::fs::write(at(file), bytes).map_err(|error| unwritable(&at(file), &error))?;
        }
        store_as_bf16(weights, &at(WEIGHTS))?;
        heads
            .save(&at(HEADS))
            .map_err(|error| unwritable(&at(HEADS), &error))?;
        std::fs::write(at(CARD), card).map_err(|error| unwritable(&at(CARD), &error))?;

        let mut files = BTreeMap::new();
        for file in [CARD, CONFIG, HEADS, WEIGHTS, TOKENIZER] {
            let record = record_of(&at(file)).map_err(|error| unwritable(&at(file), &error))?;
            files.insert(file.to_owned(), record);
        }
        let manifest = Manifest {
            format: FORMAT,
            name: name.to_owned(),
            training,
            files,
        };
        let mut text = serde_json::to_string_pretty(&manifest)
            .map_err(|error| unwritable(&at(MANIFEST), &error))?;
        text.push('\n');
        std::fs::write(at(MANIFEST), text).map_err(|error| unwritable(&at(MANIFEST), &error))?;

        let failed = |error| unwritable(&self.place, &error);
        if self.place.exists() {
            // The old bundle may be the encoder's folder: it goes only now that everything has been read.
            std::fs::remove_dir_all(&self.place).map_err(failed)?;
        }
        std::fs::rename(&self.part, &self.place).map_err(failed)
    }
}

impl Drop for BundleDraft {
    fn drop(&mut self) {
        // After sealing there is nothing left at this path.
        let _ = std::fs::remove_dir_all(&self.part);
    }
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> ModelError {
    ModelError::Unwritable {
        file: path.display().to_string(),
        problem: error.to_string(),
    }
}

/// Writes a `.safetensors` file with every tensor rounded to bf16.
fn store_as_bf16(weights: Vec<(String, Tensor)>, to: &Path) -> Result<(), ModelError> {
    let mut tensors: Vec<(String, Tensor)> = weights
        .into_iter()
        .map(|(name, tensor)| (name, tensor.to_kind(Kind::BFloat16)))
        .collect();
    // The library writes tensors in the order given; a fixed one keeps the file's hash.
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    Tensor::write_safetensors(&tensors, to).map_err(|error| unwritable(to, &error))
}

fn check_file(path: &Path, expected: &FileRecord) -> Result<(), ModelError> {
    let damaged = |problem: String| ModelError::Damaged {
        file: path.display().to_string(),
        problem,
    };
    let found = record_of(path).map_err(|error| damaged(format!("cannot be read ({error})")))?;
    if found.bytes != expected.bytes {
        return Err(damaged(format!(
            "has {} bytes, the manifest lists {}",
            found.bytes, expected.bytes
        )));
    }
    if found.sha256 != expected.sha256 {
        return Err(damaged(
            "was altered: its SHA-256 is not the one in the manifest".to_owned(),
        ));
    }
    Ok(())
}

fn record_of(path: &Path) -> std::io::Result<FileRecord> {
    let (bytes, sha256) = sha256_of_file(path)?;
    Ok(FileRecord { bytes, sha256 })
}

/// Reads a Hugging Face `config.json` of an encoder that takes the windows of scoring.
pub(crate) fn load_config(path: &Path) -> Result<EncoderConfig, ModelError> {
    EncoderConfig::from_file(path, MAX_LENGTH)
}

/// Loads a Hugging Face `tokenizer.json`, switching off its truncation and padding.
pub(crate) fn load_tokenizer(path: &Path) -> Result<Tokenizer, ModelError> {
    let invalid = |problem: String| ModelError::Invalid {
        file: path.display().to_string(),
        problem,
    };
    let mut tokenizer = Tokenizer::from_file(path).map_err(|error| invalid(error.to_string()))?;
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(None)
        .map_err(|error| invalid(error.to_string()))?;
    Ok(tokenizer)
}
