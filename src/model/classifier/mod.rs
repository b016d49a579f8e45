//! A sentiment classifier of the user's own, in the layout of a model hub.

mod deberta;
mod network;
mod settings;
#[cfg(test)]
mod tests;
pub(super) mod tokenizer;

use std::path::Path;

use tch::{Kind, Tensor};
use tokenizers::Tokenizer;

use self::network::Replicas;
use self::settings::{CONFIG, Settings};
use super::{ModelError, Sentiment, hub};
use crate::hash::{sha256, sha256_of_file};

const WEIGHTS: &str = "model.safetensors";

/// Files that every classifier has, whatever its tokenizer.
pub(super) const FILES: [&str; 2] = [CONFIG, WEIGHTS];

/// A sentiment classifier with a vocabulary of its own: BERT, RoBERTa, XLM-RoBERTa, DistilBERT, DeBERTa (1 to 3).
pub struct SentimentClassifier {
    replicas: Replicas,
    tokenizer: Tokenizer,
    /// What each class stands for.
    classes: Vec<Sentiment>,
    name: String,
    fingerprint: String,
}

impl SentimentClassifier {
    /// Whether a folder looks like one.
    pub fn is_in(dir: &Path) -> bool {
        dir.join(CONFIG).is_file() && !dir.join("manifest.json").is_file()
    }

    /// Checks what can be checked of a classifier whose weights are not there yet.
    ///
    /// # Errors
    /// As [`SentimentClassifier::load`].
    pub(super) fn check(dir: &Path) -> Result<(), ModelError> {
        tokenizer::load(dir, &Settings::read(dir)?).map(|_| ())
    }

    /// Loads a classifier from a folder with `config.json`, `model.safetensors` and a tokenizer: `tokenizer.json`, or else
    /// `vocab.txt`, or `vocab.json` and `merges.txt`. `name` is what outputs call it; at most `workers` threads compute
    /// at the same time.
    ///
    /// # Errors
    /// A file is missing or makes no sense, the files are not of one model, the architecture is another one, or the labels
    /// do not say which of them are negative and positive.
    pub fn load(dir: &Path, name: &str, workers: usize) -> Result<Self, ModelError> {
        let settings = Settings::read(dir)?;
        let weights = dir.join(WEIGHTS);
        if !weights.is_file() {
            let problem = "is not there; undertone reads safetensors: load the model with transformers and save_pretrained it again, which writes them";
            return Err(unusable(&weights, problem));
        }
        let (tokenizer, tokenizer_files) = tokenizer::load(dir, &settings)?;
        let (_, hash) =
            sha256_of_file(&weights).map_err(|error| unusable(&weights, &error.to_string()))?;
        hub::check_blob(&weights, &hash)?;
        let mut identity = vec![sha256(&settings.text), hash];
        for file in tokenizer_files {
            identity.push(sha256(&read(&file)?));
        }
        Ok(Self {
            classes: settings.classes.clone(),
            replicas: Replicas::load(settings, &weights, workers)?,
            tokenizer,
            name: name.to_owned(),
            fingerprint: sha256(identity.join(" ").as_bytes()),
        })
    }

    /// What outputs call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 over the hashes of its files.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The probabilities of a text in the order of [`Sentiment::ALL`]; None for a text without any token. A text longer than
    /// the model can read is read in pieces, which count by their tokens.
    ///
    /// Each text is read by itself, on one core, so that its figures depend on nothing else. Can be called from several
    /// threads.
    ///
    /// # Errors
    /// The tokenizer or libtorch refuses the text.
    pub fn judge(&self, text: &str) -> Result<Option<[f64; 3]>, ModelError> {
        let failed = |problem: String| ModelError::Encoder(problem);
        let encoding = self
            .tokenizer
            .encode(text, true)
            .map_err(|error| failed(format!("tokenizer: {error}")))?;
        let pieces = std::iter::once(&encoding).chain(encoding.get_overflowing());
        let (mut sum, mut tokens) = ([0.0; 3], 0.0);
        for piece in pieces {
            let special = piece.get_special_tokens_mask().iter();
            let own = special.filter(|special| **special == 0).count() as f64;
            if own == 0.0 {
                continue;
            }
            let ids: Vec<i64> = piece.get_ids().iter().map(|id| i64::from(*id)).collect();
            let probabilities = self.probabilities(&ids).map_err(failed)?;
            for (probability, class) in probabilities.iter().zip(&self.classes) {
                sum[*class as usize] += own * probability;
            }
            tokens += own;
        }
        Ok((tokens > 0.0).then(|| sum.map(|sum| sum / tokens)))
    }

    fn probabilities(&self, ids: &[i64]) -> Result<Vec<f64>, String> {
        tch::set_num_threads(1);
        let failed = |error: tch::TchError| error.to_string();
        let ids = Tensor::f_from_slice(ids)
            .and_then(|ids| ids.f_unsqueeze(0))
            .map_err(failed)?;
        let logits = tch::no_grad(|| self.replicas.logits(&ids))?;
        let probabilities = logits.f_softmax(-1, Kind::Double).map_err(failed)?;
        let mut values = vec![0.0_f64; self.classes.len()];
        probabilities
            .f_reshape([-1])
            .and_then(|flat| flat.f_copy_data(&mut values, self.classes.len()))
            .map_err(failed)?;
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(
                "the classifier's probabilities are not numbers; its weights are damaged"
                    .to_owned(),
            )
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    std::fs::read(path).map_err(|error| unusable(path, &format!("cannot be read ({error})")))
}

fn unusable(path: &Path, problem: &str) -> ModelError {
    ModelError::Unusable {
        file: path.display().to_string(),
        problem: problem.to_owned(),
    }
}
