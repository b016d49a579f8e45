//! The one place where numbers are rounded, and counts written for people.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::statistics::Interval;

/// A count as people read it, with its thousands apart: `150,000`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A published share in hundredths, to one decimal, half away from zero and never -0. The four decimals it has are taken as
/// written: 0.4565 is 45.7, though a hundred times the nearest binary number lies below 45.65.
pub fn hundredths(share: f64) -> f64 {
    let written = (share * 10_000.0).round();
    (written / 10.0).round() / 10.0 + 0.0
}

/// A number as outputs show it: rounded to `DECIMALS` places, half away from zero, and never -0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounded<const DECIMALS: i32>(f64);

/// A share, a mean, the end of an interval: four decimals.
pub type Figure = Rounded<4>;

/// A probability the model gives: six decimals.
pub type Probability = Rounded<6>;

impl<const DECIMALS: i32> Rounded<DECIMALS> {
    /// Rounds a finite number.
    pub fn new(value: f64) -> Self {
        let scale = 10_f64.powi(DECIMALS);
        // Adding 0 turns -0 into 0.
        Self((value * scale).round() / scale + 0.0)
    }

    /// The rounded number.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl<const DECIMALS: i32> Serialize for Rounded<DECIMALS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl<'de, const DECIMALS: i32> Deserialize<'de> for Rounded<DECIMALS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::new)
    }
}

impl<const DECIMALS: i32> JsonSchema for Rounded<DECIMALS> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        if DECIMALS == 6 {
            "Probability".into()
        } else {
            "Figure".into()
        }
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "number",
            "description": format!("A number rounded to {DECIMALS} decimals.")
        })
    }
}

/// The two ends of an interval, rounded, and cut to what the figure can be: from `-bound` to `bound`. An interval by
/// Student's t knows nothing of that, and cutting off what is impossible costs no coverage.
pub(super) fn ends(interval: Interval, bound: f64) -> [Figure; 2] {
    [interval.low, interval.high].map(|end| Figure::new(end.clamp(-bound, bound)))
}

#[cfg(test)]
mod tests {
    use super::{Figure, Probability, ends, grouped, hundredths};
    use crate::statistics::Interval;

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!(
            [0, 999, 4210, 150_000, 1_000_000].map(grouped),
            ["0", "999", "4,210", "150,000", "1,000,000"]
        );
    }

    #[test]
    fn hundredths_are_those_of_the_digits_that_are_published() {
        assert_eq!(
            [0.4565, 0.0095, 0.0305, -0.0725, -0.0001].map(hundredths),
            [45.7, 1.0, 3.1, -7.3, 0.0]
        );
        for written in 0..=10_000_i32 {
            let share = f64::from(written) / 10_000.0;
            let expected = f64::from((written + 5) / 10) / 10.0;
            assert_eq!(hundredths(share), expected, "{share}");
        }
    }

    #[test]
    fn intervals_are_cut_to_what_can_be() {
        let interval = Interval {
            low: -1.7,
            high: 0.25,
        };
        assert_eq!(ends(interval, 1.0).map(Figure::value), [-1.0, 0.25]);
    }

    #[test]
    fn numbers_are_rounded_and_zero_has_no_sign() {
        let shown = |value: f64| serde_json::to_string(&Figure::new(value)).expect("a number");
        assert_eq!(shown(0.123_45), "0.1235");
        assert_eq!(shown(-0.000_01), "0.0");
        assert_eq!(shown(1.0), "1.0");
        assert_eq!(
            serde_json::to_string(&Probability::new(1.0 / 3.0)).expect("a number"),
            "0.333333"
        );
    }
}
