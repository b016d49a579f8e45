//! How numbers are said.

use super::data::Point;
use crate::output::{grouped, hundredths};

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share of comments, from 0 to 1, shown of a hundred.
    Share,
    /// A mean sentiment, from -1 to 1.
    Mean,
}

impl Unit {
    /// A value: `12.3%`, `−0.41`.
    pub fn value(self, value: f64) -> String {
        match self {
            Self::Share => format!("{:.1}%", hundredths(value)),
            Self::Mean => signed(value, 2),
        }
    }

    /// A value and its interval: `12.3% (10.1% to 14.0%)`.
    pub fn with_interval(self, value: f64, [low, high]: [f64; 2]) -> String {
        format!(
            "{} ({} to {})",
            self.value(value),
            self.value(low),
            self.value(high)
        )
    }

    /// A difference: `+3.2 points`, `−0.12`.
    pub fn difference(self, value: f64) -> String {
        match self {
            Self::Share => format!("{} points", signed(hundredths(value), 1)),
            Self::Mean => signed(value, 2),
        }
    }

    /// The interval of a difference.
    pub fn difference_interval(self, [low, high]: [f64; 2]) -> String {
        match self {
            Self::Share => format!(
                "{} to {}",
                signed(hundredths(low), 1),
                signed(hundredths(high), 1)
            ),
            Self::Mean => format!("{} to {}", signed(low, 2), signed(high, 2)),
        }
    }

    /// A change per period, which may be small: one decimal more.
    pub fn slope(self, value: f64) -> String {
        match self {
            Self::Share => format!("{} points", signed(value * 100.0, 2)),
            Self::Mean => signed(value, 3),
        }
    }

    /// The interval of a change per period.
    pub fn slope_interval(self, [low, high]: [f64; 2]) -> String {
        match self {
            Self::Share => format!("{} to {}", signed(low * 100.0, 2), signed(high * 100.0, 2)),
            Self::Mean => format!("{} to {}", signed(low, 3), signed(high, 3)),
        }
    }

    /// A figure in full: value, interval and of how many, or why there is none.
    pub fn in_full(self, point: &Point) -> String {
        match &point.value {
            Ok((value, interval)) => format!(
                "{}, 95% interval {} to {}, {} {} comments under {} posts",
                self.value(*value),
                self.value(interval[0]),
                self.value(interval[1]),
                if self == Self::Share { "of" } else { "over" },
                grouped(point.of),
                grouped(point.posts)
            ),
            Err(why) => format!("no figure: {why}"),
        }
    }
}

/// A number with its sign, by the sign for minus and not a hyphen; what rounds to 0 has none.
fn signed(value: f64, decimals: usize) -> String {
    let size = format!("{:.decimals$}", value.abs());
    let zero = size.chars().all(|c| matches!(c, '0' | '.'));
    match (zero, value < 0.0) {
        (true, _) => size,
        (false, true) => format!("−{size}"),
        (false, false) => format!("+{size}"),
    }
}

/// A count of things: `1 post`, `2,000 posts`.
pub fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{} {what}s", grouped(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_people_write_them() {
        assert_eq!(counted(1, "post"), "1 post");
        assert_eq!(Unit::Share.value(0.1234), "12.3%");
        assert_eq!(Unit::Share.value(0.4565), "45.7%");
        assert_eq!(Unit::Share.difference(-0.0321), "−3.2 points");
        assert_eq!(Unit::Mean.difference(-0.001), "0.00");
        assert_eq!(Unit::Mean.value(0.4), "+0.40");
    }
}
