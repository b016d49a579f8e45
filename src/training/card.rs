//! The model card: what the bundle is, in words, with the figures of its training and of its tests.

use std::fmt::Write;

use super::config::TrainingConfig;
use super::train::TrainingReport;
use crate::evaluation::{Estimate, Evaluation};
use crate::inference::ANSWER;

/// The finished model on one set of test texts.
pub(super) struct Measured {
    pub name: String,
    pub texts: usize,
    pub evaluation: Evaluation,
}

/// The card's text.
pub(super) fn card(
    config: &TrainingConfig,
    report: &TrainingReport,
    measured: &[Measured],
) -> String {
    let mut card = format!(
        "\
# Model card: {name}

Written by `undertone train`; the settings and the hashes of the data stand in `manifest.json`.

**What it does.** One pass of a transformer encoder gives a vector per text. Linear heads turn it into probabilities:
sentiment (negative, neutral, positive), themes (any number of them), and the attitude to each theme. An answer of at
most {answer} tokens is read beside the beginning of what it answers. For a theme without a head, one is made from its
text{described}.

**What it learnt from.** Encoder and heads were trained together on {texts} general texts with a sentiment and on
{comments} comments with sentiment, themes and attitudes. Weights are stored in bf16.

**Calibration.** On {development} development comments that training did not learn from: logits of sentiment are divided
by {sentiment:.3}, those of attitudes by {attitudes:.3}, those of themes are multiplied by {slope:.3} and moved by
{intercept:.3}; the threshold of a theme is that of the best F1 there, some of the counts of all themes mixed in. All
this is part of `heads.json`.

**How well it does,** on texts that played no part in training or in its choices. In brackets: 95% bootstrap intervals
over texts, computed in f32. ECE: expected calibration error over 15 bins of equal mass.

",
        name = config.name,
        answer = ANSWER,
        described = if config.described.is_some() {
            ", as was learnt from the texts of the themes and of other topics"
        } else {
            ", which was not learnt: such themes are found by nearness alone"
        },
        texts = report.texts,
        comments = report.comments,
        development = report.development_comments,
        sentiment = report.sentiment_temperature,
        attitudes = report.attitudes_temperature,
        slope = report.themes_calibration.0,
        intercept = report.themes_calibration.1,
    );
    let figure =
        |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let estimate = |estimate: Estimate| match estimate.interval {
        Some(interval) if estimate.value.is_some() => format!(
            "{} ({:.3} to {:.3})",
            figure(estimate.value),
            interval.low,
            interval.high
        ),
        _ => figure(estimate.value),
    };
    let mut rows = vec![
        [
            "measured on",
            "texts",
            "sentiment: accuracy",
            "macro recall",
            "neutral F1",
            "ECE",
            "themes: micro F1",
            "macro F1",
            "ECE",
            "attitudes: accuracy",
        ]
        .map(str::to_owned),
    ];
    rows.push(std::array::from_fn(|_| "---".to_owned()));
    rows.extend(measured.iter().map(|one| {
        let Evaluation {
            sentiment,
            themes,
            attitudes,
            ..
        } = &one.evaluation;
        [
            one.name.clone(),
            one.texts.to_string(),
            estimate(sentiment.accuracy),
            estimate(sentiment.macro_recall),
            figure(sentiment.score.classes[1].f1()),
            figure(sentiment.calibration.error),
            estimate(themes.micro_f1),
            estimate(themes.macro_f1),
            figure(themes.calibration.error),
            estimate(attitudes.accuracy),
        ]
    }));
    for row in rows {
        // A string takes everything that is written to it.
        let _ = writeln!(card, "| {} |", row.join(" | "));
    }
    card.push_str(
        "
**What it should not be used for.** It judges texts as a first reader would, and is often wrong about a single one:
use its figures over many comments, with their intervals, and read the comments before you quote a number. Subjects and
ways of writing that it has not learnt from mislead it, and sarcasm does. It must not be used to judge the people who
write.
",
    );
    card
}
