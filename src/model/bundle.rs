//! A model on disk: a folder whose files are listed, with their hashes, in a manifest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rust_bert::bert::BertConfig;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tch::{Kind, Tensor};
use tokenizers::Tokenizer;

use super::{BertEncoder, Heads, Precision, ReferenceEncoder};

const MANIFEST: &str = "manifest.json";
const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
const WEIGHTS: &str = "model.safetensors";
const HEADS: &str = "heads.json";

/// The manifest format this program writes and reads.
const FORMAT: u32 = 1;

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
pub struct Bundle {
    dir: PathBuf,
    name: String,
    fingerprint: String,
    config: BertConfig,
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
        // rust-bert's own reader of configurations panics on bad input.
        let config_path = dir.join(CONFIG);
        let config: BertConfig = std::fs::read(&config_path)
            .map_err(|error| error.to_string())
            .and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()))
            .map_err(|problem| ModelError::Invalid {
                file: config_path.display().to_string(),
                problem,
            })?;
        Ok(Self {
            dir: dir.to_owned(),
            name: manifest.name,
            fingerprint: hex(&Sha256::digest(&text)),
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
    pub fn encoder(&self, precision: Precision) -> Result<BertEncoder, ModelError> {
        BertEncoder::load(&self.config, &self.dir.join(WEIGHTS), precision)
    }

    /// Loads the same weights into rust-bert's model: slower, to compare with.
    ///
    /// # Errors
    /// The weights do not fit the configuration.
    pub fn reference_encoder(&self, precision: Precision) -> Result<ReferenceEncoder, ModelError> {
        ReferenceEncoder::load(&self.config, &self.dir.join(WEIGHTS), precision)
    }

    /// Loads the heads.
    ///
    /// # Errors
    /// `heads.json` does not fit the encoder.
    pub fn heads(&self) -> Result<Heads, ModelError> {
        Heads::load(&self.dir.join(HEADS), self.hidden_size())
    }
}

/// Makes `dir`, which may hold a model card already, a bundle: copies configuration and tokenizer from `encoder_dir`, stores the encoder's weights in
/// bf16 and the heads, and writes the manifest last, over everything that lies in the folder.
///
/// # Errors
/// A file cannot be read or written.
pub fn seal(
    dir: &Path,
    encoder_dir: &Path,
    heads: &Heads,
    name: &str,
    training: serde_json::Value,
) -> Result<(), ModelError> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| ModelError::Damaged {
        file: path.display().to_string(),
        problem: error.to_string(),
    };
    std::fs::create_dir_all(dir).map_err(|error| failed(dir, &error))?;
    for file in [CONFIG, TOKENIZER] {
        let from = encoder_dir.join(file);
        std::fs::copy(&from, dir.join(file)).map_err(|error| failed(&from, &error))?;
    }
    store_as_bf16(&encoder_dir.join(WEIGHTS), &dir.join(WEIGHTS))?;
    let heads_path = dir.join(HEADS);
    heads
        .save(&heads_path)
        .map_err(|error| failed(&heads_path, &error))?;

    let mut files = BTreeMap::new();
    let entries = std::fs::read_dir(dir).map_err(|error| failed(dir, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| failed(dir, &error))?.path();
        let Some(file_name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if path.is_file() && file_name != MANIFEST {
            let record = record_of(&path).map_err(|error| failed(&path, &error))?;
            files.insert(file_name.to_owned(), record);
        }
    }
    let manifest = Manifest {
        format: FORMAT,
        name: name.to_owned(),
        training,
        files,
    };
    let path = dir.join(MANIFEST);
    let mut text =
        serde_json::to_string_pretty(&manifest).map_err(|error| failed(&path, &error))?;
    text.push('\n');
    std::fs::write(&path, text).map_err(|error| failed(&path, &error))
}

/// Rewrites a `.safetensors` file with every floating-point tensor rounded to bf16.
fn store_as_bf16(from: &Path, to: &Path) -> Result<(), ModelError> {
    let invalid = |path: &Path, error: tch::TchError| ModelError::Invalid {
        file: path.display().to_string(),
        problem: error.to_string(),
    };
    let mut tensors: Vec<(String, Tensor)> = Tensor::read_safetensors(from)
        .map_err(|error| invalid(from, error))?
        .into_iter()
        .filter(|(_, tensor)| tensor.is_floating_point())
        .map(|(name, tensor)| (name, tensor.to_kind(Kind::BFloat16)))
        .collect();
    // The library writes tensors in the order given; a fixed one keeps the file's hash.
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    Tensor::write_safetensors(&tensors, to).map_err(|error| invalid(to, error))
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
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 20];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok(FileRecord {
        bytes,
        sha256: hex(&hasher.finalize()),
    })
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

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
