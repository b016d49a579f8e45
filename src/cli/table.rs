//! Plain tables for people.

use std::fmt;

/// Rows of cells, aligned in columns.
pub(super) struct Table {
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Headings begin with `<` for text or `>` for numbers.
    pub(super) fn new(headings: &[&str]) -> Self {
        Self {
            right: headings
                .iter()
                .map(|heading| heading.starts_with('>'))
                .collect(),
            rows: vec![
                headings
                    .iter()
                    .map(|heading| heading[1..].to_owned())
                    .collect(),
            ],
        }
    }

    pub(super) fn row(&mut self, cells: impl Into<Vec<String>>) {
        self.rows.push(cells.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width_of = |column: usize| {
            let widths = self.rows.iter().filter_map(|row| row.get(column));
            widths.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.right.len()).map(width_of).collect();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, width), right) in row.iter().zip(&widths).zip(&self.right) {
                let aligned = if *right {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                };
                line.push_str(&aligned);
                line.push_str("  ");
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A share with its interval, in per cent: `41% (30-53)`.
pub(super) fn per_cent(share: Option<f64>, interval: Option<[f64; 2]>) -> String {
    match (share, interval) {
        (Some(share), Some([low, high])) => {
            format!(
                "{:.0}% ({:.0}-{:.0})",
                share * 100.0,
                low * 100.0,
                high * 100.0
            )
        }
        (Some(share), None) => format!("{:.0}%", share * 100.0),
        (None, _) => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Table, per_cent};

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["<year", ">comments"]);
        table.row(["2021".to_owned(), "7".to_owned()]);
        table.row(["undated".to_owned(), "112".to_owned()]);
        assert_eq!(
            table.to_string(),
            "year     comments\n2021            7\nundated       112\n"
        );
    }

    #[test]
    fn shares_are_shown_with_their_interval() {
        assert_eq!(per_cent(Some(0.414), Some([0.3, 0.53])), "41% (30-53)");
        assert_eq!(per_cent(None, None), "-");
    }
}
