//! Trains encoder and heads together, calibrates them and seals the bundle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::{Array1, Array2};
use serde::Serialize;
use serde_json::json;
use tch::Kind;
use tokenizers::Tokenizer;

use super::calibrate::{logistic, micro_f1, nearness, temperature, three, thresholds};
use super::card::{Measured, card};
use super::checkpoint::{Checkpoint, VERSION};
use super::config::{TestConfig, TrainingConfig, TrainingError};
use super::examples::{Example, examples};
use super::lots::is_drawn;
use super::network::Network;
use super::phase::{PhaseRun, describe};
use crate::cleaning::Rules;
use crate::evaluation::{classification, evaluate};
use crate::hash::{sha256, sha256_of_file};
use crate::inference::{Engine, Scorer, Vectors};
use crate::labelled::{self, Labelled, LabelledError, Split};
use crate::model::{
    BundleDraft, Encoder, FusedEncoder, Heads, Precision, Sentiment, ThemeHead, load_config,
    load_tokenizer, place_of_greatest, sigmoid,
};
use crate::progress::Progress;
use crate::themes::Taxonomy;

/// Development texts that a look goes over at most: those of the lowest lots.
const LOOK_TEXTS: usize = 500;

/// The encoder's place among the hashes.
const ENCODER: &str = "encoder";

/// Where training finds and leaves things.
#[derive(Debug, Clone)]
pub struct TrainingPlaces {
    /// Folder of the general texts.
    pub data: PathBuf,
    /// Folder of the comments.
    pub comments: PathBuf,
    /// Folder of the encoder to begin with, in the Hugging Face layout.
    pub encoder: PathBuf,
    /// Folder of checkpoints.
    pub checkpoints: PathBuf,
    /// Folder of the new bundle.
    pub out: PathBuf,
}

/// What training is done with. The weights depend on the precision, but not on the rest.
#[derive(Debug, Clone, Copy)]
pub struct TrainingMeans {
    /// The number format of the encoder's passes; weights are kept in f32.
    pub precision: Precision,
    /// How many parts of a batch are computed at once.
    pub threads: usize,
    /// Checkpoints come no closer together than this.
    pub checkpoint_every: Duration,
}

/// What training measured on the development data, which it did not learn from but made its choices on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainingReport {
    /// General texts it learnt from.
    pub texts: usize,
    /// Comments it learnt from.
    pub comments: usize,
    /// Development texts.
    pub development_texts: usize,
    /// Development comments.
    pub development_comments: usize,
    /// Accuracy of sentiment on the development texts.
    pub texts_accuracy: Option<f64>,
    /// Macro recall of sentiment on the development texts.
    pub texts_macro_recall: Option<f64>,
    /// Accuracy of sentiment on the development comments.
    pub comments_accuracy: Option<f64>,
    /// Micro F1 of themes on the development comments, whose labels the thresholds were chosen on: it flatters a little.
    pub themes_micro_f1: Option<f64>,
    /// Accuracy of the attitude to labelled themes on the development comments.
    pub attitudes_accuracy: Option<f64>,
    /// What the sentiment head's logits were divided by to make probabilities honest; taken into its weights.
    pub sentiment_temperature: f64,
    /// The same for the attitude head.
    pub attitudes_temperature: f64,
    /// Slope and intercept of the theme head's calibration, taken into its weights.
    pub themes_calibration: (f64, f64),
}

/// The texts of one kind, to learn from and to make choices on.
struct Texts {
    learn: Vec<Example>,
    development: Vec<Labelled>,
}

/// Trains a bundle by the settings; a run that was broken off goes on from its checkpoints.
///
/// # Errors
/// A file is missing or malformed, training goes astray, or something cannot be written.
pub fn train(
    config: &TrainingConfig,
    places: &TrainingPlaces,
    means: TrainingMeans,
    progress: &Progress,
) -> Result<TrainingReport, TrainingError> {
    // Threads of our own, each on one core: sums that libtorch splits over threads differ in their last bits from one
    // number of threads to another, and its threads keep a core busy while they wait.
    tch::set_num_threads(1);
    let draft = BundleDraft::begin(&places.out)?;
    let taxonomy = Taxonomy::shipped()?;
    let ids: Vec<&str> = taxonomy
        .themes()
        .iter()
        .map(|theme| theme.id.as_str())
        .collect();
    let encoder_file = places.encoder.join("model.safetensors");
    let encoder_config = load_config(&places.encoder.join("config.json"))?;
    let tokenizer = load_tokenizer(&places.encoder.join("tokenizer.json"))?;
    let encoder = FusedEncoder::load(&encoder_config, &encoder_file, Precision::F32)?;
    let mut hashes: BTreeMap<String, String> = BTreeMap::new();
    hashes.insert(ENCODER.to_owned(), hash_of(&encoder_file)?);
    let texts = read_texts(config, places, &tokenizer, &mut hashes)?;
    let comments = read_comments(config, places, &ids, &tokenizer, &mut hashes)?;
    let tests = read_tests(config, places, &mut hashes)?;
    progress.log(&format!(
        "learning from {} texts and {} comments",
        texts.learn.len(),
        comments.learn.len()
    ));

    let hidden = encoder_config.hidden_size;
    let network = Network::new(encoder, hidden, ids.len());
    let bench = Bench {
        tokenizer: &tokenizer,
        hidden: usize::try_from(hidden).unwrap_or(0),
        threads: means.threads,
        ids: &ids,
    };
    let text_count = texts.learn.len();
    let all: Vec<Example> = texts.learn.into_iter().chain(comments.learn).collect();
    let comment_count = all.len() - text_count;
    let few: Vec<Labelled> = texts.development.iter().take(LOOK_TEXTS).cloned().collect();
    for number in 0..config.phase.len() {
        let key = key(config, means.precision, number, &hashes);
        let run = PhaseRun {
            config,
            number,
            examples: &all,
            texts: text_count,
            checkpoint: Checkpoint::new(&places.checkpoints, &key)?,
            means,
            progress,
        };
        run.train(&network, |network| {
            look(&bench, network, &few, &comments.development)
        })?;
    }

    progress.log("calibrating");
    let stored = network.encoder.map(&mut |tensor| {
        // As the bundle holds them.
        tch::no_grad(|| tensor.detach().to_kind(Kind::BFloat16).to_kind(Kind::Float))
    });
    let (heads, mut report) = calibrate(
        &bench,
        &network,
        &stored,
        &taxonomy,
        &texts.development,
        &comments.development,
    )?;
    report.texts = text_count;
    report.comments = comment_count;
    let scorer = Scorer::from_parts(bench.engine(&stored)?, heads.clone(), &taxonomy)?;
    let mut measured = Vec::new();
    for (test, texts) in &tests {
        progress.log(&format!("measuring on {}", test.name));
        measured.push(measure(test, texts, &scorer, &ids)?);
    }
    let record = json!({
        "settings": config,
        "precision": means.precision,
        "version": VERSION,
        "sha256": hashes,
        "report": report,
    });
    draft.seal(
        &places.encoder,
        stored.file_weights(),
        &heads,
        &config.name,
        &card(config, &report, &measured),
        record,
    )?;
    Ok(report)
}

/// Everything that decides the weights at the end of a phase.
fn key(
    config: &TrainingConfig,
    precision: Precision,
    number: usize,
    hashes: &BTreeMap<String, String>,
) -> String {
    let so_far = &config.phase[..=number];
    let TrainingConfig {
        seed,
        data,
        steps,
        loss,
        ..
    } = config;
    let hash = |file: &str| hashes.get(file).cloned().unwrap_or_default();
    let phases: Vec<String> = so_far.iter().map(describe).collect();
    let mut parts = vec![
        format!(
            "{VERSION} {seed} {precision} {steps:?} {phases:?} {}",
            hash(ENCODER)
        ),
        format!("{} {:?}", hash(&data.texts), data.without),
        format!(
            "{} {} {}",
            loss.text_sentiment, loss.smoothing, loss.balance
        ),
    ];
    // Comments bear on nothing until they are learnt from.
    if so_far.iter().any(|phase| phase.comments > 0.0) {
        let comments: Vec<String> = data.comments.iter().map(|file| hash(file)).collect();
        parts.push(format!("{comments:?} {} {loss:?}", data.share));
    }
    sha256(parts.join("\n").as_bytes())
}

fn hash_of(path: &Path) -> Result<String, TrainingError> {
    let (_, hash) = sha256_of_file(path).map_err(|source| LabelledError::Unreadable {
        file: path.display().to_string(),
        source,
    })?;
    Ok(hash)
}

fn unlearnable(path: &Path, problem: &str) -> TrainingError {
    TrainingError::Unlearnable {
        file: path.display().to_string(),
        problem: problem.to_owned(),
    }
}

/// General texts: only their sentiment is learnt.
fn read_texts(
    config: &TrainingConfig,
    places: &TrainingPlaces,
    tokenizer: &Tokenizer,
    hashes: &mut BTreeMap<String, String>,
) -> Result<Texts, TrainingError> {
    let mut read = |file: &str| {
        let path = places.data.join(file);
        hashes.insert(file.to_owned(), hash_of(&path)?);
        let mut texts = labelled::read(&path)?;
        texts.retain(|text| {
            let source = text.source.as_deref().unwrap_or_default();
            text.sentiment.is_some() && !config.data.without.iter().any(|one| one == source)
        });
        if texts.is_empty() {
            let problem =
                "no text with a sentiment in it; expected JSON Lines with text, label and source";
            return Err(unlearnable(&path, problem));
        }
        Ok(texts)
    };
    let learn = read(&config.data.texts)?;
    let mut development = read(&config.data.development)?;
    // In an order of their own, so that the first ones are a sample.
    development.sort_by_cached_key(|text| super::lots::lot(config.seed, &text.text));
    Ok(Texts {
        learn: examples(&learn, &[], tokenizer)?,
        development,
    })
}

/// Comments: sentiment, themes and attitudes are learnt.
fn read_comments(
    config: &TrainingConfig,
    places: &TrainingPlaces,
    ids: &[&str],
    tokenizer: &Tokenizer,
    hashes: &mut BTreeMap<String, String>,
) -> Result<Texts, TrainingError> {
    let mut learn = Vec::new();
    let mut development: Vec<Labelled> = Vec::new();
    for file in &config.data.comments {
        let path = places.comments.join(file);
        hashes.insert(file.clone(), hash_of(&path)?);
        let texts = labelled::read(&path)?;
        let mut named = texts
            .iter()
            .flat_map(|text| text.themes.iter().flatten().chain(&text.either_way));
        if let Some(unknown) = named.find(|id| !ids.contains(&id.as_str())) {
            let problem = format!(
                "the theme {unknown:?} is not in themes.toml; correct it, or add it there and rebuild"
            );
            return Err(unlearnable(&path, &problem));
        }
        let all = examples(&texts, ids, tokenizer)?;
        if all.len() != texts.len() {
            return Err(unlearnable(&path, "a comment has no words; remove it"));
        }
        for (place, (text, example)) in texts.iter().zip(all).enumerate() {
            let name = text.thread.clone().unwrap_or_else(|| text.text.clone());
            if text.split == Some(Split::Train) && is_drawn(config.seed, &name, config.data.share) {
                learn.push(example);
            }
            if text.split == Some(Split::Development) {
                let answers = text.answers.and_then(|parent| {
                    // Threads belong to one split as a whole, and parents come first.
                    let distance = place - parent.min(place);
                    development.len().checked_sub(distance)
                });
                development.push(Labelled {
                    answers,
                    ..text.clone()
                });
            }
        }
    }
    let folder = &places.comments;
    if learn.iter().all(|example| example.sentiment.is_none()) {
        let problem = "no comment with \"split\": \"train\" and a sentiment; mark those that training may use";
        return Err(unlearnable(folder, problem));
    }
    if development.iter().all(|text| text.sentiment.is_none()) {
        let problem = "no comment with \"split\": \"development\" and a sentiment; mark some threads, a tenth of all, to choose thresholds on";
        return Err(unlearnable(folder, problem));
    }
    Ok(Texts { learn, development })
}

/// The labelled texts that the bundle is measured on at the end.
fn read_tests<'c>(
    config: &'c TrainingConfig,
    places: &TrainingPlaces,
    hashes: &mut BTreeMap<String, String>,
) -> Result<Vec<(&'c TestConfig, Vec<Labelled>)>, TrainingError> {
    config
        .test
        .iter()
        .map(|test| {
            let among_texts = places.data.join(&test.file);
            let path = if among_texts.exists() {
                among_texts
            } else {
                places.comments.join(&test.file)
            };
            hashes.insert(test.file.clone(), hash_of(&path)?);
            Ok((test, labelled::read(&path)?))
        })
        .collect()
}

fn measure(
    test: &TestConfig,
    texts: &[Labelled],
    scorer: &Scorer,
    ids: &[&str],
) -> Result<Measured, TrainingError> {
    let cleaned = labelled::clean(texts, &Rules::default());
    let (used, passages): (Vec<&Labelled>, Vec<_>) = texts
        .iter()
        .zip(labelled::passages(texts, &cleaned))
        .filter(|(text, _)| matches!(text.split, None | Some(Split::Heldout)))
        .unzip();
    let scores = scorer.score_all(passages.into_iter(), || {})?;
    Ok(Measured {
        name: test.name.clone(),
        texts: used.len(),
        evaluation: evaluate(&used, &scores, ids),
    })
}

/// What measuring takes.
struct Bench<'a> {
    tokenizer: &'a Tokenizer,
    hidden: usize,
    threads: usize,
    ids: &'a [&'a str],
}

impl Bench<'_> {
    fn engine(&self, encoder: &FusedEncoder) -> Result<Engine, TrainingError> {
        Ok(Engine::from_parts(
            self.tokenizer.clone(),
            encoder.share()?,
            self.hidden,
            self.threads,
        )?)
    }

    /// The vectors of texts as scoring would have them; None for a text without words.
    fn vectors(
        &self,
        encoder: &FusedEncoder,
        texts: &[Labelled],
    ) -> Result<Vec<Option<Vectors>>, TrainingError> {
        let engine = self.engine(encoder)?;
        let cleaned = labelled::clean(texts, &Rules::default());
        let passages = labelled::passages(texts, &cleaned);
        Ok(engine.embed_all(passages, |vectors| vectors)?)
    }

    /// `[texts, themes]`.
    fn labels(&self, texts: &[Labelled]) -> Array2<Option<bool>> {
        Array2::from_shape_fn((texts.len(), self.ids.len()), |(text, theme)| {
            let (text, id) = (&texts[text], self.ids[theme]);
            let has = |list: &[String]| list.iter().any(|theme| theme == id);
            let themes = text.themes.as_ref().filter(|_| !has(&text.either_way));
            themes.map(|themes| has(themes))
        })
    }
}

/// Logits of the sentiment head for texts with a sentiment and words of their own.
fn sentiment_logits(
    head: &crate::model::LinearHead,
    texts: &[Labelled],
    vectors: &[Option<Vectors>],
) -> Vec<([f64; 3], Sentiment)> {
    texts
        .iter()
        .zip(vectors)
        .filter_map(|(text, vectors)| {
            let own = vectors.as_ref()?.own.as_ref()?;
            Some((three(head, own.view()), text.sentiment?))
        })
        .collect()
}

fn score(logits: &[([f64; 3], Sentiment)]) -> crate::evaluation::Classification {
    let pairs = logits
        .iter()
        .map(|(logits, label)| (*label as usize, place_of_greatest(logits)));
    classification(Sentiment::ALL.len(), pairs)
}

/// Theme logits, `[texts, themes]`; a text without words is far from all.
fn theme_logits(
    head: &crate::model::LinearHead,
    themes: usize,
    vectors: &[Option<Vectors>],
) -> Array2<f64> {
    let mut logits = Array2::from_elem((vectors.len(), themes), -100.0);
    for (mut row, vectors) in logits.outer_iter_mut().zip(vectors) {
        if let Some(vectors) = vectors {
            row.assign(&head.logits(vectors.whole.view()));
        }
    }
    logits
}

/// What a look at the development data finds, in a line.
fn look(
    bench: &Bench<'_>,
    network: &Network,
    texts: &[Labelled],
    comments: &[Labelled],
) -> Result<String, TrainingError> {
    let encoder = network.encoder.map(&mut |tensor| tensor.detach());
    let head = network.sentiment.layer()?;
    let of_texts = bench.vectors(&encoder, texts)?;
    let of_comments = bench.vectors(&encoder, comments)?;
    let texts = score(&sentiment_logits(&head, texts, &of_texts));
    let sentiment = score(&sentiment_logits(&head, comments, &of_comments));
    let logits = theme_logits(&network.themes.layer()?, bench.ids.len(), &of_comments);
    let themes = micro_f1(
        &logits.mapv(sigmoid),
        &bench.labels(comments),
        &vec![0.4; bench.ids.len()],
    );
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
    Ok(format!(
        "texts: macro recall {}; comments: accuracy {}, macro F1 {}, themes micro F1 {}",
        figure(texts.macro_recall()),
        figure(sentiment.accuracy()),
        figure(sentiment.macro_f1()),
        figure(themes)
    ))
}

/// Heads with honest probabilities and thresholds, chosen on the development data.
fn calibrate(
    bench: &Bench<'_>,
    network: &Network,
    encoder: &FusedEncoder,
    taxonomy: &Taxonomy,
    texts: &[Labelled],
    comments: &[Labelled],
) -> Result<(Heads, TrainingReport), TrainingError> {
    let of_texts = bench.vectors(encoder, texts)?;
    let of_comments = bench.vectors(encoder, comments)?;
    let sentiment = network.sentiment.layer()?;
    let on_texts = sentiment_logits(&sentiment, texts, &of_texts);
    let on_comments = sentiment_logits(&sentiment, comments, &of_comments);
    let sentiment_temperature = temperature(&on_comments);

    let attitudes = network.attitudes.layer()?;
    let mut on_attitudes = Vec::new();
    for (text, vectors) in comments.iter().zip(&of_comments) {
        let Some(own) = vectors.as_ref().and_then(|vectors| vectors.own.as_ref()) else {
            continue;
        };
        let logits = attitudes.logits(own.view());
        for (id, attitude) in &text.attitudes {
            if let Some(theme) = bench.ids.iter().position(|known| known == id) {
                let row = 3 * theme;
                on_attitudes.push(([logits[row], logits[row + 1], logits[row + 2]], *attitude));
            }
        }
    }
    let attitudes_temperature = temperature(&on_attitudes);

    let labels = bench.labels(comments);
    let themes = network.themes.layer()?;
    let logits = theme_logits(&themes, bench.ids.len(), &of_comments);
    let pairs: Vec<(f64, bool)> = logits
        .iter()
        .zip(&labels)
        .filter_map(|(logit, label)| Some((*logit, (*label)?)))
        .collect();
    let (slope, intercept) = logistic(&pairs);
    let probabilities = logits.mapv(|logit| sigmoid(slope * logit + intercept));
    let thresholds = thresholds(&probabilities, &labels);

    let descriptions: Vec<Labelled> = taxonomy
        .themes()
        .iter()
        .map(|theme| Labelled::plain(theme.as_text()))
        .collect();
    let of_themes = bench.vectors(encoder, &descriptions)?;
    let nothing = Array1::zeros(bench.hidden);
    let whole = |vectors: &Option<Vectors>| {
        vectors
            .as_ref()
            .map_or_else(|| nothing.clone(), |vectors| vectors.whole.clone())
    };
    let cosines = Array2::from_shape_fn(labels.dim(), |(text, theme)| {
        whole(&of_comments[text]).dot(&whole(&of_themes[theme]))
    });

    let (score_texts, score_comments) = (score(&on_texts), score(&on_comments));
    let report = TrainingReport {
        texts: 0,
        comments: 0,
        development_texts: texts.len(),
        development_comments: comments.len(),
        texts_accuracy: score_texts.accuracy(),
        texts_macro_recall: score_texts.macro_recall(),
        comments_accuracy: score_comments.accuracy(),
        themes_micro_f1: micro_f1(&probabilities, &labels, &thresholds),
        attitudes_accuracy: score(&on_attitudes).accuracy(),
        sentiment_temperature,
        attitudes_temperature,
        themes_calibration: (slope, intercept),
    };
    let heads = Heads {
        sentiment: sentiment.calibrated(1.0 / sentiment_temperature, 0.0),
        themes: themes.calibrated(slope, intercept),
        attitudes: attitudes.calibrated(1.0 / attitudes_temperature, 0.0),
        theme_heads: bench
            .ids
            .iter()
            .zip(&thresholds)
            .map(|(id, threshold)| ThemeHead {
                id: (*id).to_owned(),
                threshold: *threshold,
            })
            .collect(),
        nearness: nearness(&cosines, &labels),
    };
    Ok((heads, report))
}
