//! From the sums over windows to the vectors of a text.

use half::f16;
use ndarray::{Array1, Array2};

use super::windows::Window;
use crate::model::ModelError;

/// What the encoder makes of a text that has at least one token.
///
/// A vector is the mean of the last layer's token vectors, scaled to length 1 (as the encoder was trained: Reimers and
/// Gurevych 2019). Both come from one pass: every token is encoded with the whole text around it, and the two means
/// differ in which tokens they go over.
///
/// Every number is one that 16 bits can hold, so that what is kept in 16 bits is what was computed, to the last bit.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    /// The mean over all tokens, special ones included.
    pub whole: Array1<f64>,
    /// The mean over the tokens that are the writer's own; the same as `whole` where all are, None where none is.
    pub own: Option<Array1<f64>>,
    /// The mean over each sentence, `[sentences, hidden]`, each row scaled to length 1; no row for a text of one sentence.
    pub sentences: Array2<f32>,
}

/// Sums of token vectors over one window.
pub(super) struct Sums {
    /// Over all pooled tokens.
    pub whole: Vec<f32>,
    /// Over those that are the writer's own; None where all are.
    pub own: Option<Vec<f32>>,
    /// Over each sentence, one after the other.
    pub sentences: Vec<f32>,
}

/// A text of which windows are coming in.
pub(super) struct Pool {
    tokens: usize,
    /// How many tokens are the writer's own; None where all are.
    own_tokens: Option<usize>,
    windows: Vec<Option<Sums>>,
    missing: usize,
}

impl Pool {
    pub(super) fn new(windows: &[Window]) -> Self {
        Self {
            tokens: windows.iter().map(|window| window.pooled.len()).sum(),
            own_tokens: windows
                .iter()
                .map(|window| window.own.as_ref().map(Vec::len))
                .sum(),
            windows: windows.iter().map(|_| None).collect(),
            missing: windows.len(),
        }
    }

    pub(super) fn receive(&mut self, window: usize, sums: Sums) {
        self.windows[window] = Some(sums);
        self.missing -= 1;
    }

    /// Whether all windows have come in.
    pub(super) fn is_whole(&self) -> bool {
        self.missing == 0
    }

    /// None for a text without tokens.
    pub(super) fn vectors(&self) -> Result<Option<Vectors>, ModelError> {
        let windows = || self.windows.iter().flatten();
        let Some(whole) = mean(windows().map(|sums| &sums.whole), self.tokens)? else {
            return Ok(None);
        };
        let own = match self.own_tokens {
            None => Some(whole.clone()),
            Some(tokens) => mean(windows().flat_map(|sums| &sums.own), tokens)?,
        };
        let hidden = whole.len();
        let mut sentences: Vec<f32> = windows()
            .flat_map(|sums| &sums.sentences)
            .copied()
            .collect();
        for row in sentences.chunks_exact_mut(hidden) {
            let length = row.iter().map(|value| value * value).sum::<f32>().sqrt();
            if !(length.is_finite() && length > 0.0) {
                return Err(not_a_number());
            }
            row.iter_mut()
                .for_each(|value| *value = f16::from_f32(*value / length).to_f32());
        }
        let rows = sentences.len() / hidden;
        let sentences = Array2::from_shape_vec((rows, hidden), sentences)
            .map_err(|error| ModelError::Encoder(error.to_string()))?;
        Ok(Some(Vectors {
            whole,
            own,
            sentences,
        }))
    }
}

/// The mean over `tokens` tokens, scaled to length 1; None for no tokens. Windows are added in their order, not that of
/// their arrival.
fn mean<'s>(
    mut sums: impl Iterator<Item = &'s Vec<f32>>,
    tokens: usize,
) -> Result<Option<Array1<f64>>, ModelError> {
    let Some(first) = sums.next().filter(|_| tokens > 0) else {
        return Ok(None);
    };
    let mut total: Array1<f64> = first.iter().map(|value| f64::from(*value)).collect();
    for sum in sums {
        total.zip_mut_with(&ndarray::aview1(sum), |a, b| *a += f64::from(*b));
    }
    let mean = total / tokens as f64;
    let length = mean.dot(&mean).sqrt();
    if !(length.is_finite() && length > 0.0) {
        return Err(not_a_number());
    }
    Ok(Some(
        mean.mapv(|value| f16::from_f64(value / length).to_f64()),
    ))
}

fn not_a_number() -> ModelError {
    let problem = "a text's vector is not a number; the weights are damaged";
    ModelError::Encoder(problem.to_owned())
}
