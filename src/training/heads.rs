//! Trains both heads on a frozen encoder and seals the bundle.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::{Array2, ArrayView1, Axis};
use serde::Serialize;
use serde_json::json;

use super::card::card;
use super::config::{TrainingConfig, TrainingError};
use super::data::{draw, folds, hash_of, rated_texts};
use super::fit::{Targets, fit};
use crate::evaluation::{ThemeScore, classification, multi_label};
use crate::inference::Engine;
use crate::labelled::{self, Labelled, Split};
use crate::model::{
    BertEncoder, BundleDraft, Heads, LinearHead, ModelError, Nearness, Precision, Sentiment,
    ThemeHead, load_config, load_tokenizer, place_of_greatest, sigmoid,
};
use crate::progress::Progress;
use crate::themes::Taxonomy;

/// What training measured. Test material plays no part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainingReport {
    /// Texts the sentiment head learnt from, comments included.
    pub sentiment_texts: usize,
    /// How many of them are comments.
    pub rated_comments: usize,
    /// Comments the theme head learnt from.
    pub comments: usize,
    /// Accuracy of the sentiment head on the development texts.
    pub development_accuracy: Option<f64>,
    /// Macro recall of the sentiment head on the development texts.
    pub development_macro_recall: Option<f64>,
    /// Accuracy of the sentiment head on comments, cross-validated.
    pub comments_accuracy: Option<f64>,
    /// Micro F1 of the theme head, cross-validated. The thresholds were chosen on the same folds, so it flatters a
    /// little.
    pub themes_micro_f1: Option<f64>,
    /// Micro F1 of matching descriptions instead of trained rows, on the comments its curve was fitted to.
    pub nearness_micro_f1: Option<f64>,
}

/// Trains heads for the encoder in `encoder_dir` (Hugging Face layout: `config.json`, `tokenizer.json`,
/// `model.safetensors`) on the files under `data_dir`, and seals a bundle in `out`.
///
/// # Errors
/// A file is missing or malformed, or the bundle cannot be written.
pub fn train(
    config: &TrainingConfig,
    data_dir: &Path,
    encoder_dir: &Path,
    out: &Path,
    workers: usize,
    progress: &Progress,
) -> Result<TrainingReport, TrainingError> {
    // Sums split over threads differ in their last bits from one number of threads to another.
    tch::set_num_threads(1);
    let draft = BundleDraft::begin(out)?;
    let taxonomy = Taxonomy::shipped()?;
    let comments_path = data_dir.join(&config.themes.file);
    let comments: Vec<Labelled> = labelled::read(&comments_path)?
        .texts
        .into_iter()
        .filter(|comment| comment.split == Some(Split::Train))
        .collect();
    let texts_path = data_dir.join(&config.sentiment.file);
    let texts = draw(
        rated_texts(&texts_path)?,
        config.sentiment.per_source,
        config.seed,
    );
    let development_path = data_dir.join(&config.sentiment.development);
    let development = rated_texts(&development_path)?;
    let nothing = |path: &Path, problem: &str| TrainingError::Unlearnable {
        file: path.display().to_string(),
        problem: problem.to_owned(),
    };
    let known = |id: &String| taxonomy.themes().iter().any(|theme| theme.id == *id);
    let mut named = comments
        .iter()
        .flat_map(|comment| comment.themes.iter().flatten());
    if let Some(unknown) = named.find(|id| !known(id)) {
        let problem = format!(
            "the theme {unknown:?} is not in themes.toml; correct it, or add it there and rebuild"
        );
        return Err(nothing(&comments_path, &problem));
    }
    if comments
        .iter()
        .any(|comment| !comment.either_way.is_empty())
    {
        let problem = "a training comment has themes under either_way; settle them, or mark it \"split\": \"heldout\"";
        return Err(nothing(&comments_path, problem));
    }
    let rated_comments = comments
        .iter()
        .filter(|comment| comment.sentiment.is_some())
        .count();
    if rated_comments == 0 {
        let problem = "no comment with \"split\": \"train\" and a sentiment; mark those that training may use";
        return Err(nothing(&comments_path, problem));
    }
    for (path, texts) in [(&texts_path, &texts), (&development_path, &development)] {
        if texts.is_empty() {
            return Err(nothing(
                path,
                "no text in it; expected JSON Lines with text, label and source",
            ));
        }
    }

    let engine = engine_of(encoder_dir, workers)?;
    let embed = |name: &str, texts: Vec<&str>| embed(&engine, name, &texts, progress);
    let comment_vectors = embed(
        "comments",
        comments.iter().map(|c| c.text.as_str()).collect(),
    )?;
    let text_vectors = embed("texts", texts.iter().map(|t| t.text.as_str()).collect())?;
    let development_vectors = embed(
        "development",
        development.iter().map(|t| t.text.as_str()).collect(),
    )?;
    let theme_texts: Vec<String> = taxonomy
        .themes()
        .iter()
        .map(|theme| theme.as_text())
        .collect();
    let theme_vectors = embed("themes", theme_texts.iter().map(String::as_str).collect())?;

    let fold_of = folds(comments.len(), config.themes.folds, config.seed);

    progress.log("fitting the sentiment head");
    let text_labels: Vec<Sentiment> = texts.iter().map(|text| text.label).collect();
    let sentiment_of = |train: &dyn Fn(usize) -> bool| {
        fit_sentiment(
            config,
            (&text_vectors, &text_labels),
            (&comment_vectors, &comments),
            train,
        )
    };
    let mut pairs = Vec::new();
    for fold in 0..config.themes.folds {
        let head = sentiment_of(&|index| fold_of[index] != fold)?;
        let held_out = comments
            .iter()
            .enumerate()
            .filter(|(index, _)| fold_of[*index] == fold);
        for (index, comment) in held_out {
            if let Some(label) = comment.sentiment {
                pairs.push((
                    label as usize,
                    most_probable(&head, comment_vectors.row(index)),
                ));
            }
        }
    }
    let comments_score = classification(3, pairs.into_iter());
    let sentiment = sentiment_of(&|_| true)?;
    let development_score = classification(
        3,
        development
            .iter()
            .zip(development_vectors.axis_iter(Axis(0)))
            .map(|(text, vector)| (text.label as usize, most_probable(&sentiment, vector))),
    );

    progress.log("fitting the theme head");
    let ids: Vec<&str> = taxonomy
        .themes()
        .iter()
        .map(|theme| theme.id.as_str())
        .collect();
    let labels = Array2::from_shape_fn((comments.len(), ids.len()), |(comment, theme)| {
        f32::from(u8::from(
            comments[comment]
                .themes
                .iter()
                .flatten()
                .any(|id| id == ids[theme]),
        ))
    });
    let mut held_out = Array2::<f64>::zeros(labels.dim());
    for fold in 0..config.themes.folds {
        let kept: Vec<usize> = (0..comments.len())
            .filter(|index| fold_of[*index] != fold)
            .collect();
        let head = fit_themes(
            config,
            &comment_vectors.select(Axis(0), &kept),
            &labels.select(Axis(0), &kept),
        )?;
        for index in (0..comments.len()).filter(|index| fold_of[*index] == fold) {
            let logits = head.logits(comment_vectors.row(index).mapv(f64::from).view());
            held_out.row_mut(index).assign(&logits.mapv(sigmoid));
        }
    }
    let thresholds: Vec<f64> = (0..ids.len())
        .map(|theme| {
            best_threshold(
                held_out
                    .column(theme)
                    .iter()
                    .copied()
                    .zip(labels.column(theme).iter().copied()),
            )
        })
        .collect();
    let themes_score = score_themes(&held_out, &labels, &thresholds);
    let themes = fit_themes(config, &comment_vectors, &labels)?;

    let cosines = comment_vectors.dot(&theme_vectors.t());
    let (nearness, nearness_score) = fit_nearness(&cosines, &labels)?;

    let heads = Heads {
        sentiment,
        themes,
        theme_heads: ids
            .iter()
            .zip(&thresholds)
            .map(|(id, threshold)| ThemeHead {
                id: (*id).to_owned(),
                threshold: *threshold,
            })
            .collect(),
        nearness,
    };
    let report = TrainingReport {
        sentiment_texts: texts.len() + rated_comments,
        rated_comments,
        comments: comments.len(),
        development_accuracy: development_score.accuracy(),
        development_macro_recall: development_score.macro_recall(),
        comments_accuracy: comments_score.accuracy(),
        themes_micro_f1: themes_score,
        nearness_micro_f1: nearness_score,
    };
    let hashes: BTreeMap<&str, String> = [
        ("encoder", hash_of(&encoder_dir.join("model.safetensors"))?),
        ("sentiment.file", hash_of(&texts_path)?),
        ("sentiment.development", hash_of(&development_path)?),
        ("themes.file", hash_of(&comments_path)?),
    ]
    .into();
    let record = json!({ "settings": config, "sha256": hashes, "report": report });
    draft.seal(
        encoder_dir,
        &heads,
        &config.name,
        &card(config, &report),
        record,
    )?;
    Ok(report)
}

fn engine_of(encoder_dir: &Path, workers: usize) -> Result<Engine, TrainingError> {
    let config = load_config(&encoder_dir.join("config.json"))?;
    let encoder = BertEncoder::load(
        &config,
        &encoder_dir.join("model.safetensors"),
        Precision::F32,
    )?;
    let tokenizer = load_tokenizer(&encoder_dir.join("tokenizer.json"))?;
    let hidden = usize::try_from(config.hidden_size).unwrap_or(0);
    Ok(Engine::from_parts(
        tokenizer,
        Box::new(encoder),
        hidden,
        workers,
    )?)
}

/// One row per text; a text without words has a row of zeros.
fn embed(
    engine: &Engine,
    name: &str,
    texts: &[&str],
    progress: &Progress,
) -> Result<Array2<f32>, ModelError> {
    let stage = progress.stage(&format!("encoding {name}"), texts.len() as u64);
    let rows = engine.embed_all(texts.iter().copied(), |vectors| {
        stage.advance(1);
        vectors.map(|vectors| vectors.whole.mapv(|value| value as f32))
    })?;
    stage.finish();
    let hidden = rows
        .iter()
        .flatten()
        .map(|row| row.len())
        .next()
        .unwrap_or(0);
    let mut vectors = Array2::zeros((rows.len(), hidden));
    for (mut place, row) in vectors.axis_iter_mut(Axis(0)).zip(&rows) {
        if let Some(row) = row {
            place.assign(row);
        }
    }
    Ok(vectors)
}

fn fit_sentiment(
    config: &TrainingConfig,
    (text_vectors, text_labels): (&Array2<f32>, &[Sentiment]),
    (comment_vectors, comments): (&Array2<f32>, &[Labelled]),
    train: &dyn Fn(usize) -> bool,
) -> Result<LinearHead, TrainingError> {
    let (kept, kept_labels): (Vec<usize>, Vec<Sentiment>) = comments
        .iter()
        .enumerate()
        .filter_map(|(index, comment)| Some((index, comment.sentiment?)))
        .filter(|(index, _)| train(*index))
        .unzip();
    let chosen = comment_vectors.select(Axis(0), &kept);
    let inputs = ndarray::concatenate(Axis(0), &[text_vectors.view(), chosen.view()])
        .map_err(|error| TrainingError::Unusable(error.to_string()))?;
    let classes: Vec<i64> = text_labels
        .iter()
        .chain(&kept_labels)
        .map(|label| *label as i64)
        .collect();
    let mut weights = vec![1.0; text_labels.len()];
    weights.resize(classes.len(), config.sentiment.comment_weight as f32);
    fit(
        &inputs,
        &Targets::Classes(&classes),
        &weights,
        3,
        config.sentiment.l2,
    )
}

fn fit_themes(
    config: &TrainingConfig,
    vectors: &Array2<f32>,
    labels: &Array2<f32>,
) -> Result<LinearHead, TrainingError> {
    let weights = vec![1.0; vectors.nrows()];
    fit(
        vectors,
        &Targets::Labels(labels),
        &weights,
        labels.ncols(),
        config.themes.l2,
    )
}

/// A logistic curve over the cosine, one for all themes, and the threshold with the best micro F1.
fn fit_nearness(
    cosines: &Array2<f32>,
    labels: &Array2<f32>,
) -> Result<(Nearness, Option<f64>), TrainingError> {
    let pairs = cosines.len();
    let flat = |matrix: &Array2<f32>| {
        Array2::from_shape_fn((pairs, 1), |(pair, _)| {
            matrix[(pair / matrix.ncols(), pair % matrix.ncols())]
        })
    };
    let head = fit(
        &flat(cosines),
        &Targets::Labels(&flat(labels)),
        &vec![1.0; pairs],
        1,
        0.0,
    )?;
    let at = |cosine: f64| head.logits(ndarray::arr1(&[cosine]).view())[0];
    let mut nearness = Nearness {
        slope: at(1.0) - at(0.0),
        intercept: at(0.0),
        threshold: 0.5,
    };
    let probabilities = cosines.mapv(|cosine| nearness.probability(f64::from(cosine)));
    nearness.threshold = best_threshold(probabilities.iter().copied().zip(labels.iter().copied()));
    let score = score_themes(
        &probabilities,
        labels,
        &vec![nearness.threshold; labels.ncols()],
    );
    Ok((nearness, score))
}

fn score_themes(
    probabilities: &Array2<f64>,
    labels: &Array2<f32>,
    thresholds: &[f64],
) -> Option<f64> {
    let texts = probabilities
        .axis_iter(Axis(0))
        .zip(labels.axis_iter(Axis(0)))
        .map(|(row, labels)| {
            row.iter()
                .zip(labels)
                .zip(thresholds)
                .map(|((probability, label), threshold)| ThemeScore {
                    labelled: Some(*label > 0.5),
                    predicted: probability >= threshold,
                })
                .collect()
        });
    multi_label(thresholds.len(), texts).micro().f1()
}

/// The threshold from 0.10 to 0.70 with the best F1; the lowest of equal ones.
fn best_threshold(pairs: impl Iterator<Item = (f64, f32)>) -> f64 {
    let pairs: Vec<(f64, f32)> = pairs.collect();
    let mut best = (0.0, 0.5);
    for hundredth in 10..=70 {
        let threshold = f64::from(hundredth) / 100.0;
        let texts = pairs.iter().map(|(probability, label)| {
            vec![ThemeScore {
                labelled: Some(*label > 0.5),
                predicted: *probability >= threshold,
            }]
        });
        let f1 = multi_label(1, texts).micro().f1().unwrap_or(0.0);
        if f1 > best.0 {
            best = (f1, threshold);
        }
    }
    best.1
}

fn most_probable(head: &LinearHead, vector: ArrayView1<'_, f32>) -> usize {
    let logits = head.logits(vector.mapv(f64::from).view());
    place_of_greatest(&logits.to_vec())
}
