//! Trains encoder and heads together, calibrates them and seals the bundle.

use std::path::PathBuf;
use std::time::Duration;

use ndarray::Array2;
use serde::Serialize;
use serde_json::json;
use tch::Kind;

use super::calibrate::{describer, logistic, micro_f1, temperature, thresholds};
use super::card::card;
use super::checkpoint::{Checkpoint, VERSION};
use super::config::{NewThemesConfig, PhaseConfig, TrainingConfig, TrainingError};
use super::data::{Hashes, LabelledSet, hash_of, read_comments, read_tests, read_texts};
use super::described::DescribedThemes;
use super::examples::Example;
use super::measure::{Bench, look, measure, score, sentiment_logits, theme_logits};
use super::network::Network;
use super::phase::{PhaseRun, describe};
use super::teacher::Teacher;
use crate::hash::sha256;
use crate::inference::Scorer;
use crate::model::{
    Bundle, BundleDraft, FusedEncoder, Heads, Precision, ThemeHead, load_config, load_tokenizer,
    sigmoid,
};
use crate::progress::Progress;
use crate::themes::{Taxonomy, Theme};

/// Development texts that a look goes over at most: those of the lowest lots.
const LOOK_TEXTS: usize = 500;

/// The files of an encoder.
const ENCODER: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

/// The place of the topics among the hashes.
const TOPICS: &str = "topics";

/// The place of the texts of the themes among the hashes: the describer learns from them.
const THEMES: &str = "themes";

/// The teacher's place among the hashes.
const TEACHER: &str = "teacher";

/// Where training finds and leaves things.
#[derive(Debug, Clone)]
pub struct TrainingPlaces {
    /// Folder of the general texts.
    pub data: PathBuf,
    /// Folder of the comments.
    pub comments: PathBuf,
    /// Folder of the encoder to begin with, in the Hugging Face layout.
    pub encoder: PathBuf,
    /// Folder of the teacher's bundle, where the settings have a teacher.
    pub teacher: Option<PathBuf>,
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
    /// Micro F1 of the themes and of topics that were not learnt, all found by their texts alone, on the development
    /// comments, on which their one threshold was chosen.
    pub described_micro_f1: Option<f64>,
    /// What the sentiment head's logits were divided by to make probabilities honest; taken into its weights.
    pub sentiment_temperature: f64,
    /// The same for the attitude head.
    pub attitudes_temperature: f64,
    /// Slope and intercept of the theme head's calibration, taken into its weights.
    pub themes_calibration: (f64, f64),
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
    let shipped = Taxonomy::shipped()?;
    let without = &config.data.without_themes;
    if let Some(unknown) = without.iter().find(|id| !shipped.has(id)) {
        return Err(refused(&format!(
            "data.without_themes has {unknown:?}, which is no theme of themes.toml; correct it"
        )));
    }
    let taxonomy = shipped.clone().without(without);
    let ids: Vec<&str> = taxonomy
        .themes()
        .iter()
        .map(|theme| theme.id.as_str())
        .collect();
    let encoder_file = places.encoder.join("model.safetensors");
    let encoder_config = load_config(&places.encoder.join("config.json"))?;
    let tokenizer = load_tokenizer(&places.encoder.join("tokenizer.json"))?;
    let encoder = FusedEncoder::load(&encoder_config, &encoder_file, Precision::F32)?;
    let mut hashes = Hashes::new();
    for file in ENCODER {
        let hash = hash_of(&places.encoder.join(file))?;
        hashes.insert(format!("encoder/{file}"), hash);
    }
    let teacher = teacher(config, places, &taxonomy, means)?;
    if let Some(teacher) = &teacher {
        hashes.insert(TEACHER.to_owned(), teacher.fingerprint.clone());
    }
    let texts = read_texts(config, places, &tokenizer, &mut hashes)?;
    let described = match &config.described {
        None => None,
        Some(described) => {
            let path = places.comments.join(&described.topics);
            hashes.insert(TOPICS.to_owned(), hash_of(&path)?);
            hashes.insert(THEMES.to_owned(), fingerprint(&taxonomy));
            Some(DescribedThemes::read(
                described,
                &path,
                &shipped,
                without,
                config.seed,
                &tokenizer,
            )?)
        }
    };
    let comments = read_comments(
        config,
        places,
        &ids,
        described.as_ref(),
        &tokenizer,
        &mut hashes,
    )?;
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
    let few = texts.development.sample(LOOK_TEXTS, config.seed);
    for number in 0..config.phase.len() {
        let key = key(config, means.precision, &ids, number, &hashes);
        let run = PhaseRun {
            config,
            number,
            examples: &all,
            texts: text_count,
            described: described.as_ref(),
            checkpoint: Checkpoint::new(&places.checkpoints, &key)?,
            means,
            progress,
        };
        run.train(&network, teacher.as_ref(), |network| {
            look(&bench, network, &few, &comments.development)
        })?;
    }

    progress.log("calibrating");
    let stored = network.encoder.map(&mut |tensor| {
        // As the bundle holds them.
        tch::no_grad(|| tensor.detach().to_kind(Kind::BFloat16).to_kind(Kind::Float))
    });
    let (mut heads, mut report) = calibrate(
        &bench,
        &network,
        &stored,
        &taxonomy,
        described.as_ref(),
        &texts.development,
        &comments.development,
    )?;
    if let Some(new) = &config.new_themes {
        let NewThemesConfig {
            slope,
            intercept,
            threshold,
        } = *new;
        heads.describer = heads.describer.calibrated(slope, intercept, threshold);
    }
    let learnt = |passes: fn(&PhaseConfig) -> f64, count: usize| {
        let any = config.phase.iter().any(|phase| passes(phase) > 0.0);
        if any { count } else { 0 }
    };
    report.texts = learnt(|phase| phase.texts, text_count);
    report.comments = learnt(|phase| phase.comments, comment_count);
    let scorer = Scorer::from_parts(bench.engine(&stored)?, heads.clone(), &taxonomy)?;
    let mut measured = Vec::new();
    for (test, set) in &tests {
        progress.log(&format!("measuring on {}", test.name));
        measured.push(measure(test, set, &scorer, &ids)?);
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

/// Loads the teacher that the settings ask for.
fn teacher(
    config: &TrainingConfig,
    places: &TrainingPlaces,
    taxonomy: &Taxonomy,
    means: TrainingMeans,
) -> Result<Option<Teacher>, TrainingError> {
    let is_asked = config.phase.iter().any(|phase| phase.teacher > 0.0);
    let problem = match (is_asked, &places.teacher) {
        (false, None) => return Ok(None),
        (true, Some(dir)) => {
            let bundle = Bundle::open(dir)?;
            let scorer = Scorer::load(&bundle, taxonomy, means.precision, means.threads)?;
            return Ok(Some(Teacher {
                scorer,
                fingerprint: bundle.fingerprint().to_owned(),
                folder: places.checkpoints.clone(),
            }));
        }
        (true, None) => "a [[phase]] has a teacher; give its bundle with --teacher",
        (false, Some(_)) => {
            "no [[phase]] has a teacher; give one its share, or leave --teacher out"
        }
    };
    Err(refused(problem))
}

/// Settings that do not go together.
fn refused(problem: &str) -> TrainingError {
    TrainingError::Config {
        file: "the settings".to_owned(),
        problem: problem.to_owned(),
    }
}

/// SHA-256 of the texts of all themes, in their order.
fn fingerprint(taxonomy: &Taxonomy) -> String {
    let themes = taxonomy.themes().iter();
    let themes: Vec<String> = themes
        .map(|theme| format!("{} {}", theme.id, theme.fingerprint()))
        .collect();
    sha256(themes.join("\n").as_bytes())
}

/// Everything that decides the weights at the end of a phase.
fn key(
    config: &TrainingConfig,
    precision: Precision,
    ids: &[&str],
    number: usize,
    hashes: &Hashes,
) -> String {
    let so_far = &config.phase[..=number];
    let TrainingConfig {
        seed,
        data,
        steps,
        loss,
        ..
    } = config;
    let hash = |file: String| hashes.get(&file).cloned().unwrap_or_default();
    let encoder = ENCODER.map(|file| hash(format!("encoder/{file}")));
    let phases: Vec<String> = so_far.iter().map(describe).collect();
    let mut parts = vec![
        format!("{VERSION} {seed} {precision} {encoder:?} {ids:?} {steps:?} {phases:?}"),
        format!(
            "{} {:?}",
            hash(format!("texts/{}", data.texts)),
            data.without
        ),
        format!(
            "{} {} {}",
            loss.text_sentiment, loss.smoothing, loss.balance
        ),
    ];
    if so_far.iter().any(|phase| phase.teacher > 0.0) {
        parts.push(hash(TEACHER.to_owned()));
    }
    // Comments bear on nothing until they are learnt from.
    if so_far.iter().any(|phase| phase.comments > 0.0) {
        let files = data.comments.iter();
        let comments: Vec<String> = files.map(|file| hash(format!("comments/{file}"))).collect();
        parts.push(format!("{comments:?} {} {loss:?}", data.share));
        let compares = so_far.iter().any(PhaseConfig::compares);
        if let Some(described) = config.described.as_ref().filter(|_| compares) {
            let (topics, themes) = (hash(TOPICS.to_owned()), hash(THEMES.to_owned()));
            parts.push(format!(
                "{described:?} {topics} {themes} {:?}",
                data.without_themes
            ));
        }
    }
    sha256(parts.join("\n").as_bytes())
}

/// Heads with honest probabilities and thresholds, chosen on the development data.
fn calibrate(
    bench: &Bench<'_>,
    network: &Network,
    encoder: &FusedEncoder,
    taxonomy: &Taxonomy,
    described: Option<&DescribedThemes>,
    texts: &LabelledSet,
    comments: &LabelledSet,
) -> Result<(Heads, TrainingReport), TrainingError> {
    let of_texts = bench.vectors(encoder, texts.passages.iter())?;
    let of_comments = bench.vectors(encoder, comments.passages.iter())?;
    let (texts, comments) = (&texts.texts, &comments.texts);
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

    // On topics that were not learnt, beside the themes: topics alone are too narrow and too rare to say how frequent a
    // theme is that somebody asks for, themes alone too well known.
    let held = described.map_or_else(Vec::new, DescribedThemes::held);
    let topics: Vec<Vec<Option<bool>>> = described.map_or_else(Vec::new, |described| {
        comments.iter().map(|text| described.labels(text)).collect()
    });
    let count = bench.ids.len();
    let of_described = Array2::from_shape_fn(
        (comments.len(), count + held.len()),
        |(text, place)| match place.checked_sub(count) {
            None => labels[[text, place]],
            Some(place) => topics[text][held[place]],
        },
    );
    let of_themes = taxonomy.themes().iter().map(Theme::as_text);
    let of_topics = described.into_iter().flat_map(|described| {
        let held = held.iter();
        held.map(|place| described.text(*place))
    });
    let descriptions: Vec<String> = of_themes.chain(of_topics).collect();
    let of_themes = bench.vectors(encoder, descriptions.iter().map(String::as_str))?;
    let (describer, described_micro_f1) = describer(
        network.finished_describer()?,
        &of_themes,
        &of_comments,
        &of_described,
    );

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
        described_micro_f1,
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
        describer,
    };
    Ok((heads, report))
}

#[cfg(test)]
mod tests {
    use super::{Hashes, TrainingConfig, fingerprint, key};
    use crate::model::Precision;
    use crate::themes::Taxonomy;

    const CONFIG: &str = include_str!("../../models/standard.toml");

    fn keys(text: &str, ids: &[&str], hashes: &Hashes) -> [String; 3] {
        let config: TrainingConfig = toml::from_str(text).expect("settings");
        [0, 1, 2].map(|phase| key(&config, Precision::F32, ids, phase, hashes))
    }

    /// Which phases a change of settings trains anew.
    #[test]
    fn a_checkpoint_stands_for_what_decides_its_content() {
        let hashes = Hashes::new();
        let before = keys(CONFIG, &["a", "b"], &hashes);
        let anew = |after: [String; 3]| [0, 1, 2].map(|phase| after[phase] != before[phase]);
        let set = |from: &str, to: &str| {
            assert!(CONFIG.contains(from), "{from}");
            anew(keys(&CONFIG.replacen(from, to, 1), &["a", "b"], &hashes))
        };
        assert_eq!(set("name = \"standard\"", "name = \"other\""), [false; 3]);
        assert_eq!(set("looks = 8", "looks = 3"), [false; 3]);
        assert_eq!(set("share = 1.0", "share = 0.5"), [false, true, true]);
        assert_eq!(set("themes = 1.0", "themes = 0.5"), [false, true, true]);
        assert_eq!(set("held = 0.12", "held = 0.2"), [false, false, true]);
        assert_eq!(set("smoothing = 0.05", "smoothing = 0.0"), [true; 3]);
        assert_eq!(set("dropout = 0.1", "dropout = 0.0"), [true; 3]);
        assert_eq!(set("rate = 1e-4", "rate = 2e-4"), [true; 3]);
        assert_eq!(anew(keys(CONFIG, &["b", "a"], &hashes)), [true; 3]);
        let file = |name: &str| {
            let hashes = Hashes::from([(name.to_owned(), "0".to_owned())]);
            anew(keys(CONFIG, &["a", "b"], &hashes))
        };
        assert_eq!(file("comments/threads.jsonl"), [false, true, true]);
        assert_eq!(file("texts/sentiment/train.jsonl"), [true; 3]);
        assert_eq!(file("encoder/tokenizer.json"), [true; 3]);
        assert_eq!(file("test/comments.jsonl"), [false; 3]);
    }

    /// The wording of themes matters from the first phase on that compares comments with it.
    #[test]
    fn the_wording_of_themes_matters_where_they_are_learnt_as_texts() {
        let wording = |text: &str| Hashes::from([("themes".to_owned(), text.to_owned())]);
        let keys_of = |config: &str, text: &str| keys(config, &["a", "b"], &wording(text));
        let (one, other) = (keys_of(CONFIG, "one"), keys_of(CONFIG, "other"));
        let same = [0, 1, 2].map(|phase| one[phase] == other[phase]);
        assert_eq!(same, [true, true, false]);

        let taxonomy = Taxonomy::shipped().expect("the shipped taxonomy");
        let reworded =
            include_str!("../../themes.toml").replacen("caseload of sixty", "sixty cases", 1);
        let reworded = Taxonomy::parse("reworded", &reworded).expect("valid");
        assert_ne!(fingerprint(&taxonomy), fingerprint(&reworded));
    }
}
