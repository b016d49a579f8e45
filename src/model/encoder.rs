//! What scoring asks of a transformer: token ids in, one vector per token out.

use tch::Tensor;

use super::ModelError;

/// A batch of windows of one length, each filled up with padding. All three tensors are `[rows, length]` of 64-bit
/// integers.
pub struct TokenBatch {
    /// Token ids.
    pub ids: Tensor,
    /// 1 at tokens and 0 at padding, which is attended to by nobody.
    pub mask: Tensor,
    /// 0 at tokens of the text itself, 1 at those of the text it answers.
    pub segments: Tensor,
}

impl TokenBatch {
    /// Puts a batch together from its rows, one after the other.
    ///
    /// # Errors
    /// The numbers are not `rows × length`.
    pub fn new(
        ids: &[i64],
        mask: &[i64],
        segments: &[i64],
        rows: usize,
        length: usize,
    ) -> Result<Self, tch::TchError> {
        let shaped =
            |values: &[i64]| Tensor::f_from_slice(values)?.f_reshape([rows as i64, length as i64]);
        Ok(Self {
            ids: shaped(ids)?,
            mask: shaped(mask)?,
            segments: shaped(segments)?,
        })
    }

    /// Texts without padding that answer nothing: `ids` is `[rows, length]`.
    pub fn of_texts(ids: Tensor) -> Self {
        Self {
            mask: ids.ones_like(),
            segments: ids.zeros_like(),
            ids,
        }
    }
}

/// A transformer encoder. Implementations may differ in speed; in f32 those of a BERT agree with
/// [`super::ReferenceEncoder`] within 1e-4.
pub trait Encoder: Send {
    /// Encodes one batch. Returns `[rows, length, hidden]` in f32; vectors at padding are arbitrary.
    ///
    /// # Errors
    /// libtorch refuses the computation, as when memory runs out.
    fn token_vectors(&self, batch: &TokenBatch) -> Result<Tensor, ModelError>;

    /// A second encoder over the same weights, for another thread. The weights are not copied.
    ///
    /// # Errors
    /// libtorch refuses to build it.
    fn share(&self) -> Result<Box<dyn Encoder>, ModelError>;
}
