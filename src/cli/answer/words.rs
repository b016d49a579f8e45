//! Figures and changes in words.

use super::Shown;
use crate::output::{ChangeRecord, Figure, TrendRecord, hundredths};
use crate::progress::visible;

/// What a change was, in words that say no more than is certain.
pub(super) fn moved(change: &ChangeRecord) -> String {
    let difference = change.difference.value();
    let [low, high] = change.interval.map(Figure::value);
    if !change.certain {
        let mut told = format!(
            "no change that is certain ({} points, 95% interval {} to {})",
            points(difference),
            points(low),
            points(high)
        );
        if low > 0.0 || high < 0.0 {
            told.push_str(
                "; this interval leaves out 0, which chance does now and then where so many are looked at",
            );
        }
        return told;
    }
    if difference > 0.0 {
        let [by, low, high] = [difference, low, high].map(plain_points);
        format!("rose by {by} points (95% interval {low} to {high})")
    } else {
        let [by, low, high] = [-difference, -high, -low].map(plain_points);
        format!("fell by {by} points (95% interval {low} to {high})")
    }
}

/// A trend in a table's cell.
pub(super) fn trend(trend: &TrendRecord, of: &str) -> String {
    match trend {
        TrendRecord::None { .. } => "too few periods".to_owned(),
        TrendRecord::Known {
            certain: true,
            slope: Some(slope),
            interval: Some([low, high]),
            ..
        } => {
            let each = match of {
                "year" | "quarter" | "month" => of,
                _ => "era",
            };
            let [by, low, high] = [slope, low, high].map(|end| fine_points(end.value()));
            format!("{by} points a {each} ({low} to {high}), certain")
        }
        // Of figures of which many are the same the slope has no interval.
        TrendRecord::Known {
            certain: true,
            tau: Some(tau),
            ..
        } => {
            let way = if tau.value() > 0.0 { "rises" } else { "falls" };
            format!("{way}, certain")
        }
        TrendRecord::Known { .. } => "no trend that is certain".to_owned(),
    }
}

/// A period in a sentence.
pub(super) fn named(id: &str, division: &str) -> String {
    match division {
        "eras" => format!("the era \"{}\"", visible(id)),
        _ => visible(id),
    }
}

pub(super) fn division(name: &str) -> &str {
    match name {
        "eras" => "era",
        name => name,
    }
}

pub(super) fn in_table(shown: Shown) -> String {
    let [low, high] = shown.interval.map(plain_points);
    format!("{} ({low} to {high})", percent(shown.share))
}

/// A share in per cent, with one decimal: differences of whole ones would not add up.
pub(super) fn percent(share: f64) -> String {
    format!("{}%", plain_points(share))
}

/// Hundredths, with one decimal and never -0.
pub(super) fn plain_points(share: f64) -> String {
    format!("{:.1}", hundredths(share))
}

/// The same with its sign.
pub(super) fn points(difference: f64) -> String {
    match hundredths(difference) {
        value if value > 0.0 => format!("+{value:.1}"),
        value => format!("{value:.1}"),
    }
}

/// The same with two decimals, for what is small: slopes.
pub(super) fn fine_points(difference: f64) -> String {
    let value = (difference * 10_000.0).round() / 100.0 + 0.0;
    if value > 0.0 {
        format!("+{value:.2}")
    } else {
        format!("{value:.2}")
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::{fine_points, moved, percent, points};
    use crate::output::{ChangeKind, ChangeRecord, Figure, Probability, TrendRecord};

    fn change(difference: f64, [low, high]: [f64; 2], certain: bool) -> ChangeRecord {
        ChangeRecord {
            from: "2014".to_owned(),
            to: "2023".to_owned(),
            kind: ChangeKind::WholeRange,
            difference: Figure::new(difference),
            interval: [low, high].map(Figure::new),
            p: Probability::new(0.01),
            p_adjusted: Probability::new(if certain { 0.02 } else { 0.2 }),
            certain,
        }
    }

    #[test]
    fn a_trend_is_certain_without_a_slope() {
        let trend = |tau: f64, certain| TrendRecord::Known {
            periods: 20,
            tau: Some(Figure::new(tau)),
            slope: None,
            interval: None,
            p: Probability::new(0.000_01),
            p_adjusted: Probability::new(0.000_02),
            certain,
        };
        assert_eq!(super::trend(&trend(0.77, true), "year"), "rises, certain");
        assert_eq!(super::trend(&trend(-0.77, true), "year"), "falls, certain");
        assert_eq!(
            super::trend(&trend(0.77, false), "year"),
            "no trend that is certain"
        );
    }

    #[test]
    fn only_what_is_certain_rose_or_fell() {
        assert_eq!(
            moved(&change(0.093, [0.05, 0.1312], true)),
            "rose by 9.3 points (95% interval 5.0 to 13.1)"
        );
        assert_eq!(
            moved(&change(-0.093, [-0.1312, -0.05], true)),
            "fell by 9.3 points (95% interval 5.0 to 13.1)"
        );
        let told = moved(&change(0.093, [0.01, 0.1312], false));
        assert!(
            told.starts_with("no change that is certain (+9.3 points, 95% interval +1.0 to +13.1)")
        );
        assert!(told.contains("leaves out 0"));
        for (difference, interval) in [
            (0.02, [-0.01, 0.05]),
            (-0.02, [-0.05, 0.01]),
            (0.0, [-0.1, 0.1]),
        ] {
            let told = moved(&change(difference, interval, false));
            assert!(!told.contains("rose") && !told.contains("fell"), "{told}");
        }
    }

    #[test]
    fn numbers_are_told_as_people_write_them() {
        assert_eq!(
            [percent(0.184), percent(0.0), percent(1.0)],
            ["18.4%", "0.0%", "100.0%"]
        );
        assert_eq!(
            [points(-0.0001), points(0.05), points(-0.05)],
            ["0.0", "+5.0", "-5.0"]
        );
        assert_eq!(
            [fine_points(0.00123), fine_points(-0.2)],
            ["+0.12", "-20.00"]
        );
    }
}
