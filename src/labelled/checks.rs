//! Labels that can each be read and cannot all be right: contradictions, two labels for one comment, weights that differ.

use std::collections::BTreeMap;

use super::{Form, Labelled};

/// A record that cannot be used, and what to do.
pub(super) type Broken = (String, &'static str);

/// The first text that contradicts itself or an earlier one, by its place, with what is wrong.
pub(super) fn check(texts: &[Labelled], form: Form) -> Result<(), (u64, Broken)> {
    let mut labelled: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut weights: BTreeMap<&str, (f64, u64)> = BTreeMap::new();
    for text in texts {
        let broken = |problem: String, remedy| Err((text.line, (problem, remedy)));
        let place = |line: u64| match form {
            Form::List => format!("as comment {line}"),
            Form::Table | Form::Lines => format!("on line {line}"),
        };
        if let Some(contradiction) = text.contradiction() {
            return Err((text.line, contradiction));
        }
        if let Some(id) = &text.id {
            let key = (text.post.as_deref().unwrap_or_default(), id.as_str());
            if let Some(earlier) = labelled.insert(key, text.line) {
                let problem = format!(
                    "the comment {id:?} stands {} already: there are two labels for it",
                    place(earlier)
                );
                return broken(problem, "keep one of the two");
            }
        }
        if let Some(stratum) = &text.stratum {
            let (weight, line) = *weights.entry(stratum).or_insert((text.weight, text.line));
            if (weight - text.weight).abs() > 1e-9 * weight {
                let problem = format!(
                    "the weight is {}, but {weight} {}, in the same stratum {stratum:?}",
                    text.weight,
                    place(line)
                );
                return broken(
                    problem,
                    "give all of a stratum the weight that the sample had; a spreadsheet may have taken it for another number or a date",
                );
            }
        }
    }
    Ok(())
}

impl Labelled {
    /// What in its labels cannot be right, and what to do.
    fn contradiction(&self) -> Option<Broken> {
        if self.named_themes().any(|id| id.trim().is_empty()) {
            let problem = "a theme is named by nothing".to_owned();
            return Some((problem, "write the theme's id"));
        }
        let listed = self.themes.as_deref().unwrap_or_default();
        let mut named: Vec<&String> = listed.iter().chain(&self.either_way).collect();
        named.sort_unstable();
        if let Some(id) = named
            .windows(2)
            .find_map(|two| (two[0] == two[1]).then_some(two[0]))
        {
            return Some((format!("the theme {id} is named twice"), "name it once"));
        }
        for (id, has) in &self.judged {
            if self.either_way.contains(id) {
                let problem = format!(
                    "the theme {id} has a verdict, and counts neither way: two labels for one comment"
                );
                return Some((problem, "correct one of them"));
            }
            if self.themes.is_some() && listed.contains(id) != *has {
                let problem = format!(
                    "the list of themes and the verdict on {id} do not agree: two labels for one comment"
                );
                return Some((problem, "correct one of them"));
            }
        }
        None
    }
}
