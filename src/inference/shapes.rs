//! The batch shapes the encoder ever sees.
//!
//! Matrix kernels choose their order of summation by the shape of the whole batch, so a text's scores could depend on
//! its company. They do not here: a text's length alone decides which of these shapes it is computed in, and short
//! batches are filled up with padding rows.

/// Tokens in every batch. All lengths divide it, so that the large matrix products have one shape throughout.
const TOKENS: usize = 960;

/// The lengths of windows, in tokens with the two special ones. The steps keep padding near a tenth on the whole.
const LENGTHS: [usize; 14] = [12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 120, 160, 192, 240];

/// The longest window, in tokens with the two special ones.
pub(crate) const MAX_LENGTH: usize = LENGTHS[LENGTHS.len() - 1];

/// A batch shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Windows in a batch.
    pub rows: usize,
    /// Tokens in a window, padding included.
    pub length: usize,
}

impl Shape {
    /// Every shape, shortest first.
    pub fn all() -> impl Iterator<Item = Self> {
        LENGTHS.iter().map(|length| Self {
            rows: TOKENS / length,
            length: *length,
        })
    }

    /// The place, in [`Shape::all`], of the shape for a window of `tokens` tokens.
    pub fn index_for(tokens: usize) -> usize {
        debug_assert!(tokens <= MAX_LENGTH);
        LENGTHS
            .partition_point(|length| *length < tokens)
            .min(LENGTHS.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{LENGTHS, MAX_LENGTH, Shape, TOKENS};

    #[test]
    fn every_shape_has_the_same_number_of_tokens() {
        assert!(Shape::all().all(|shape| shape.rows * shape.length == TOKENS));
        const { assert!(MAX_LENGTH <= 256) };
        // Encoders are checked to take windows of this length when they are loaded.
        assert_eq!(MAX_LENGTH as i64, crate::model::MAX_LENGTH);
    }

    #[test]
    fn a_window_goes_to_the_shortest_shape_that_holds_it() {
        for tokens in 2..=MAX_LENGTH {
            let index = Shape::index_for(tokens);
            assert!(LENGTHS[index] >= tokens);
            assert!(index == 0 || LENGTHS[index - 1] < tokens);
        }
    }
}
