//! What scoring asks of a transformer: token ids in, one vector per token out.

use tch::Tensor;

use super::ModelError;

/// A transformer encoder. Implementations may differ in speed; in f32 their vectors agree with those of
/// [`super::ReferenceEncoder`] within 1e-4.
pub trait Encoder: Send {
    /// Encodes one batch.
    ///
    /// `ids` and `mask` are `[rows, length]` of 64-bit integers; `mask` is 1 at tokens and 0 at padding, which is
    /// attended to by nobody. Returns `[rows, length, hidden]` in f32; vectors at padding are arbitrary.
    ///
    /// # Errors
    /// libtorch refuses the computation, as when memory runs out.
    fn token_vectors(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, ModelError>;

    /// A second encoder over the same weights, for another thread. The weights are not copied.
    ///
    /// # Errors
    /// libtorch refuses to build it.
    fn share(&self) -> Result<Box<dyn Encoder>, ModelError>;
}
