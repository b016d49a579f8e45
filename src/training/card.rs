//! The model card: what the bundle is, in words, with the figures of its training.

use super::config::TrainingConfig;
use super::heads::TrainingReport;

/// The card's text.
pub(super) fn card(config: &TrainingConfig, report: &TrainingReport) -> String {
    let figure =
        |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    format!(
        "\
# Model card: {name}

Written by `undertone train`; the settings and the hashes of the data stand in `manifest.json`.

**What it does.** One pass of a transformer encoder gives a vector per text. Two linear heads turn it into
probabilities: sentiment (negative, neutral, positive) and themes (any number of them). Themes without a head are
matched by nearness to their description.

**What it learnt from.** {texts} texts for sentiment, of which {rated} are comments written for the project, each
counting {weight} times; {comments} comments for themes. The encoder itself was not changed. Weights are
stored in bf16.

**How well it did in training** (the last row on the very comments its curve was fitted to, the others on texts the
heads were not fitted to):

| measured on | figure |
|---|---|
| general development texts: sentiment accuracy | {development_accuracy} |
| general development texts: sentiment macro recall | {development_macro_recall} |
| comments, {folds}-fold cross-validation: sentiment accuracy | {comments_accuracy} |
| comments, {folds}-fold cross-validation: themes, micro F1 (thresholds chosen on the same folds: it flatters a little) | {themes_micro_f1} |
| the same comments: themes matched by description only, micro F1 | {nearness_micro_f1} |

**What it should not be used for.** It judges texts as a first reader would, and is often wrong about a single one:
use its figures over many comments, with their intervals, and read the comments before you quote a number. It knows
British English about the probation service; sarcasm, quotation and other subjects mislead it. It must not be used to
judge the people who write.
",
        name = config.name,
        texts = report.sentiment_texts,
        comments = report.comments,
        rated = report.rated_comments,
        weight = config.sentiment.comment_weight,
        folds = config.themes.folds,
        development_accuracy = figure(report.development_accuracy),
        development_macro_recall = figure(report.development_macro_recall),
        comments_accuracy = figure(report.comments_accuracy),
        themes_micro_f1 = figure(report.themes_micro_f1),
        nearness_micro_f1 = figure(report.nearness_micro_f1),
    )
}
