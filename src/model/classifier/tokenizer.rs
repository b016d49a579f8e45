//! The tokenizer of a classifier: `tokenizer.json`, or made from a vocabulary.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokenizers::Tokenizer;
use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::utils::truncation::TruncationParams;

use super::settings::{Family, Settings};
use super::{read, unusable};
use crate::model::ModelError;
use crate::model::load_tokenizer;

/// The tokenizer as a whole.
pub(in crate::model) const WHOLE: &str = "tokenizer.json";

/// What it can be made from where there is no whole one, and the settings that go with it, which come first: whoever has
/// the vocabulary has asked for them.
pub(in crate::model) const PARTS: [&str; 4] = [SETTINGS, WORDS, VOCABULARY, MERGES];

const SETTINGS: &str = "tokenizer_config.json";
const WORDS: &str = "vocab.txt";
const VOCABULARY: &str = "vocab.json";
const MERGES: &str = "merges.txt";

/// Whether the files that are there make a tokenizer.
pub(in crate::model) fn is_complete(has: impl Fn(&str) -> bool) -> bool {
    has(WHOLE) || has(WORDS) || (has(VOCABULARY) && has(MERGES))
}

/// The tokenizer of a folder, which cuts texts into pieces that the classifier can read, and the files it was made from.
///
/// # Errors
/// There is none, or it is damaged, or it has words that the classifier does not know.
pub(super) fn load(
    dir: &Path,
    settings: &Settings,
) -> Result<(Tokenizer, Vec<PathBuf>), ModelError> {
    let (mut tokenizer, files) = of_files(dir, settings.family)?;
    let refused = |problem: String| unusable(&dir.join(WHOLE), &problem);
    let greatest = tokenizer.get_vocab(true).values().max().copied();
    if let Some(id) = greatest.filter(|id| u64::from(*id) >= settings.words) {
        let problem = format!(
            "the tokenizer has a word of the id {id}, but vocab_size in config.json is {}; the two are not of one model",
            settings.words
        );
        return Err(refused(problem));
    }
    tokenizer
        .with_truncation(Some(TruncationParams {
            max_length: settings.longest,
            ..TruncationParams::default()
        }))
        .map_err(|error| refused(error.to_string()))?;
    Ok((tokenizer, files))
}

fn of_files(dir: &Path, family: Family) -> Result<(Tokenizer, Vec<PathBuf>), ModelError> {
    let path = dir.join(WHOLE);
    if path.is_file() {
        let tokenizer = load_tokenizer(&path).map_err(|error| match error {
            ModelError::Invalid { problem, .. } => {
                unusable(&path, &format!("is no tokenizer ({problem}); {REMEDY}"))
            }
            other => other,
        })?;
        return Ok((tokenizer, vec![path]));
    }
    let (words, vocabulary, merges) = (dir.join(WORDS), dir.join(VOCABULARY), dir.join(MERGES));
    let (made, files) = match family {
        Family::Bert | Family::DistilBert if words.is_file() => {
            let settings = dir.join(SETTINGS);
            let mut files = vec![words.clone()];
            let mut lower = true;
            if settings.is_file() {
                let given: Value = serde_json::from_slice(&read(&settings)?)
                    .map_err(|error| unusable(&settings, &error.to_string()))?;
                lower = given["do_lower_case"].as_bool().unwrap_or(true);
                files.push(settings);
            }
            (of_bert(&words, lower), files)
        }
        Family::Roberta if vocabulary.is_file() && merges.is_file() => {
            (of_roberta(&vocabulary, &merges), vec![vocabulary, merges])
        }
        _ => return Err(unusable(&path, &format!("is not there; {REMEDY}"))),
    };
    match made {
        Ok(tokenizer) => Ok((tokenizer, files)),
        Err(error) => Err(unusable(dir, &format!("the vocabulary: {error}; {REMEDY}"))),
    }
}

const REMEDY: &str =
    "load the tokenizer with transformers (AutoTokenizer) and save_pretrained it, which writes it";

fn of_bert(words: &Path, lower: bool) -> tokenizers::Result<Tokenizer> {
    let model = WordPiece::from_file(&words.to_string_lossy())
        .unk_token("[UNK]".to_owned())
        .build()?;
    let mut tokenizer = Tokenizer::new(model);
    let framing = BertProcessing::new(special(&tokenizer, "[SEP]")?, special(&tokenizer, "[CLS]")?);
    tokenizer
        .with_normalizer(Some(BertNormalizer::new(true, true, None, lower)))
        .with_pre_tokenizer(Some(BertPreTokenizer))
        .with_post_processor(Some(framing));
    Ok(tokenizer)
}

fn of_roberta(vocabulary: &Path, merges: &Path) -> tokenizers::Result<Tokenizer> {
    let model = BPE::from_file(&vocabulary.to_string_lossy(), &merges.to_string_lossy()).build()?;
    let mut tokenizer = Tokenizer::new(model);
    let framing = RobertaProcessing::new(special(&tokenizer, "</s>")?, special(&tokenizer, "<s>")?);
    tokenizer
        .with_pre_tokenizer(Some(ByteLevel::new(false, true, true)))
        .with_post_processor(Some(framing));
    Ok(tokenizer)
}

/// A special token with its id.
fn special(tokenizer: &Tokenizer, token: &str) -> tokenizers::Result<(String, u32)> {
    let id = tokenizer.token_to_id(token);
    Ok((
        token.to_owned(),
        id.ok_or_else(|| format!("{token} is not in it"))?,
    ))
}
