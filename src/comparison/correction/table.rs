//! The four kinds of labelled rows, and the rates that they give.

use super::JudgedRow;

/// Less than this is no sensitivity + specificity - 1 to divide by; the quotient is cut to 0 to 1 anyway.
pub(super) const LEAST: f64 = 1e-9;

/// How many rows of each kind a figure rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowKinds {
    /// Predicted and labelled.
    pub found: usize,
    /// Labelled, but not predicted.
    pub missed: usize,
    /// Predicted, but not labelled.
    pub unfounded: usize,
    /// Neither.
    pub neither: usize,
}

/// Weights of the rows of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Table {
    pub(super) found: f64,
    pub(super) missed: f64,
    pub(super) unfounded: f64,
    pub(super) neither: f64,
}

impl Table {
    /// The table of rows, each counted once.
    pub(super) fn of<'r>(rows: impl Iterator<Item = &'r JudgedRow>) -> Self {
        let mut table = Self::default();
        for row in rows {
            table.add(row, 1.0);
        }
        table
    }

    /// Adds a row, counted so many times.
    pub(super) fn add(&mut self, row: &JudgedRow, times: f64) {
        let kind = match (row.predicted, row.labelled) {
            (true, true) => &mut self.found,
            (true, false) => &mut self.unfounded,
            (false, true) => &mut self.missed,
            (false, false) => &mut self.neither,
        };
        *kind += row.weight * times;
    }

    /// The share of those labelled that is predicted.
    pub(super) fn sensitivity(&self) -> f64 {
        self.found / (self.found + self.missed)
    }

    /// The share of those not labelled that is predicted: 1 - specificity.
    pub(super) fn false_alarms(&self) -> f64 {
        self.unfounded / (self.unfounded + self.neither)
    }

    /// Sensitivity + specificity - 1 (Youden 1950): 0 for a guess, 1 for no errors.
    pub(super) fn youden(&self) -> f64 {
        self.sensitivity() - self.false_alarms()
    }

    /// The true share by Rogan and Gladen (1978), not cut to 0 to 1.
    pub(super) fn rogan_gladen(&self, share: f64) -> f64 {
        (share - self.false_alarms()) / self.youden().max(LEAST)
    }

    /// The true share by Tenenbein (1970): what is right of those found and what was missed of the others.
    pub(super) fn double_sampling(&self, share: f64) -> f64 {
        let precision = self.found / (self.found + self.unfounded);
        let missed = self.missed / (self.missed + self.neither);
        share * precision + (1.0 - share) * missed
    }
}

impl RowKinds {
    /// Counts rows.
    pub(super) fn of<'r>(rows: impl Iterator<Item = &'r JudgedRow>) -> Self {
        let mut kinds = Self::default();
        for row in rows {
            match (row.predicted, row.labelled) {
                (true, true) => kinds.found += 1,
                (true, false) => kinds.unfounded += 1,
                (false, true) => kinds.missed += 1,
                (false, false) => kinds.neither += 1,
            }
        }
        kinds
    }
}
