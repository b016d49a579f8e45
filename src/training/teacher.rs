//! What a finished model thinks of the texts that another one learns from (Hinton, Vinyals and Dean 2015).

use std::path::{Path, PathBuf};

use tch::Tensor;

use super::config::TrainingError;
use crate::hash::sha256;
use crate::inference::{Scorer, Scores};
use crate::model::Sentiment;
use crate::passage::Passage;
use crate::progress::Progress;

/// Texts whose opinions are kept in one file, so that what was scored is not scored again.
const CHUNK: usize = 4096;

/// Probabilities of one text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Opinion {
    /// In the order of [`Sentiment::ALL`].
    pub sentiment: [f32; 3],
    /// One a theme of the taxonomy.
    pub themes: Vec<f32>,
    /// The attitude to each theme.
    pub attitudes: Vec<[f32; 3]>,
}

impl Opinion {
    fn of(scores: &Scores) -> Self {
        Self {
            sentiment: scores.sentiment.map(|p| p as f32),
            themes: scores.themes.iter().map(|p| *p as f32).collect(),
            attitudes: scores
                .attitudes
                .iter()
                .map(|three| three.map(|p| p as f32))
                .collect(),
        }
    }

    fn numbers(&self) -> impl Iterator<Item = f32> {
        let attitudes = self.attitudes.iter().flatten();
        let numbers = self.sentiment.iter().chain(&self.themes).chain(attitudes);
        numbers.copied()
    }

    /// From the numbers of one text, `3 + 4 × themes` of them.
    fn from_numbers(numbers: &[f32], themes: usize) -> Self {
        let three = |numbers: &[f32]| [numbers[0], numbers[1], numbers[2]];
        let (sentiment, rest) = numbers.split_at(Sentiment::ALL.len());
        let (of_themes, attitudes) = rest.split_at(themes);
        Self {
            sentiment: three(sentiment),
            themes: of_themes.to_vec(),
            attitudes: attitudes.chunks_exact(3).map(three).collect(),
        }
    }
}

/// A finished model, and where its opinions are kept.
pub(super) struct Teacher {
    pub scorer: Scorer,
    /// The model's fingerprint.
    pub fingerprint: String,
    pub folder: PathBuf,
}

impl Teacher {
    /// The opinions on texts, in their order.
    pub fn opinions(
        &self,
        passages: &[&Passage],
        progress: &Progress,
    ) -> Result<Vec<Opinion>, TrainingError> {
        let themes = self.scorer.themes().len();
        let stage = progress.stage("asking the teacher", passages.len() as u64);
        let mut all = Vec::with_capacity(passages.len());
        for chunk in passages.chunks(CHUNK) {
            let path = self.folder.join(format!(
                "opinions-{}.safetensors",
                &sha256(format!("{} {chunk:?}", self.fingerprint).as_bytes())[..16]
            ));
            if path.exists() {
                all.extend(read(&path, chunk.len(), themes)?);
                stage.advance(chunk.len() as u64);
                continue;
            }
            let passages = chunk.iter().map(|passage| Passage::from(*passage));
            let scores = self.scorer.score_all(passages, || stage.advance(1))?;
            let opinions: Vec<Opinion> = scores.iter().map(Opinion::of).collect();
            let numbers: Vec<f32> = opinions.iter().flat_map(Opinion::numbers).collect();
            let tensor = Tensor::f_from_slice(&numbers)?;
            super::checkpoint::write(&path, &[("opinions".to_owned(), tensor)])?;
            all.extend(opinions);
        }
        stage.finish();
        Ok(all)
    }
}

fn read(path: &Path, texts: usize, themes: usize) -> Result<Vec<Opinion>, TrainingError> {
    let columns = Sentiment::ALL.len() * (themes + 1) + themes;
    let tensor = Tensor::zeros(
        [(texts * columns) as i64],
        (tch::Kind::Float, tch::Device::Cpu),
    );
    super::checkpoint::Stored::read(path)?.fill("opinions", &tensor)?;
    let mut numbers = vec![0_f32; texts * columns];
    tensor.f_copy_data(&mut numbers, texts * columns)?;
    Ok(numbers
        .chunks_exact(columns)
        .map(|numbers| Opinion::from_numbers(numbers, themes))
        .collect())
}
