//! Sums over the comments of a post within a period: what clustered statistics are computed from.

/// What the comments of one post within one period add up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The place of the post.
    pub post: usize,
    /// Of how many comments.
    pub of: u64,
    /// How many of them it is about, or what their values add up to.
    pub sum: f64,
}

/// The cells of one period, by post, ascending; only posts with `of > 0`.
pub type Cells = Vec<Cell>;

/// `sum / of` over all cells; None where there is nothing.
pub fn ratio(cells: &[Cell]) -> Option<f64> {
    let of: u64 = cells.iter().map(|cell| cell.of).sum();
    let sum: f64 = cells.iter().map(|cell| cell.sum).sum();
    (of > 0).then(|| sum / of as f64)
}
