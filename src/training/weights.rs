//! What each part of the loss weighs.

use super::config::LossConfig;
use super::examples::Example;
use super::teacher::Opinion;
use crate::model::Sentiment;

/// An example as a step sees it.
pub(super) struct Shown<'a> {
    pub example: &'a Example,
    /// What the teacher thinks of it, if it was asked.
    pub opinion: Option<&'a Opinion>,
    /// Without what it answers.
    pub alone: bool,
}

/// What each part of the loss weighs.
pub(super) struct LossWeights {
    pub loss: LossConfig,
    /// Share of an example's weight that its teacher's opinion has, where there is one.
    teacher: f64,
    /// Of comparisons with themes as texts.
    pub described: f64,
    /// By sentiment, of general texts and of comments.
    classes: [[f64; 3]; 2],
}

impl LossWeights {
    /// Weighs rare sentiments up as the settings say.
    pub fn new(loss: &LossConfig, teacher: f64, described: f64, examples: &[Example]) -> Self {
        let weigh = |comments: bool, weight: f64| {
            let mut counts = [0_f64; 3];
            for example in examples.iter().filter(|one| one.is_comment() == comments) {
                if let Some(label) = example.sentiment {
                    counts[label as usize] += 1.0;
                }
            }
            let even = counts.iter().sum::<f64>() / 3.0;
            counts.map(|count| weight * (even / count.max(1.0)).powf(loss.balance))
        };
        Self {
            classes: [
                weigh(false, loss.text_sentiment),
                weigh(true, loss.comment_sentiment),
            ],
            loss: loss.clone(),
            teacher,
            described,
        }
    }

    /// What label and opinion weigh of `whole`.
    pub fn split(&self, whole: f64, has_opinion: bool) -> (f32, f32) {
        let soft = if has_opinion { self.teacher } else { 0.0 };
        ((whole * (1.0 - soft)) as f32, (whole * soft) as f32)
    }

    /// What the label and the opinion on an example's sentiment weigh. An opinion without a label weighs as that of a
    /// sentiment that is neither rare nor frequent.
    pub fn of_sentiment(&self, shown: &Shown<'_>) -> (f32, f32) {
        let example = shown.example;
        let kind = usize::from(example.is_comment());
        let even = [self.loss.text_sentiment, self.loss.comment_sentiment][kind];
        let whole = example
            .sentiment
            .map_or(even, |label| self.classes[kind][label as usize]);
        self.split(whole, shown.opinion.is_some())
    }

    /// Adds a label, some of it spread over all classes.
    pub fn add_label(&self, target: &mut [f32], label: Sentiment, weight: f32) {
        let spread = self.loss.smoothing as f32;
        let even = [1.0 / Sentiment::ALL.len() as f32; 3];
        add(target, &even, weight * spread);
        target[label as usize] += weight * (1.0 - spread);
    }
}

/// Adds a distribution, weighted.
pub(super) fn add(target: &mut [f32], distribution: &[f32], weight: f32) {
    for (target, probability) in target.iter_mut().zip(distribution) {
        *target += weight * probability;
    }
}
