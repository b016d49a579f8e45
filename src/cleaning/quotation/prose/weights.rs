//! What each sign weighs.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::super::words::words;
use super::chain::Scores;
use super::signs::{SIGNS, STEPS, Sign, Signs};

/// Lines of a kind (`sign`, `word`, `begins`, `ends`), a name and a weight, parted by tabs.
const SHIPPED: &str = include_str!("weights.tsv");

/// The weights of a chain.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    /// By place in [`SIGNS`].
    pub signs: Vec<f64>,
    /// By folded word; words that are not there weigh nothing.
    pub words: HashMap<u64, f64>,
    /// By place in [`STEPS`], for a step to somebody else's words.
    pub begins: Vec<f64>,
    /// By place in [`STEPS`], for a step back to the writer's own.
    pub ends: Vec<f64>,
}

impl Weights {
    /// The weights that ship with the program.
    pub fn shipped() -> &'static Self {
        static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| Weights::parse(SHIPPED));
        &WEIGHTS
    }

    /// Reads weights; lines that are none weigh nothing.
    pub fn parse(text: &str) -> Self {
        let mut weights = Self {
            signs: vec![0.0; SIGNS.len()],
            words: HashMap::new(),
            begins: vec![0.0; STEPS.len()],
            ends: vec![0.0; STEPS.len()],
        };
        for line in text.lines() {
            let mut fields = line.split('\t');
            if let (Some(kind), Some(name), Some(Ok(weight))) =
                (fields.next(), fields.next(), fields.next().map(str::parse))
            {
                weights.set(kind, name, weight);
            }
        }
        weights
    }

    fn set(&mut self, kind: &str, name: &str, weight: f64) {
        let (names, list): (&[&str], &mut [f64]) = match kind {
            "sign" => (&SIGNS, &mut self.signs),
            "begins" => (&STEPS, &mut self.begins),
            "ends" => (&STEPS, &mut self.ends),
            _ => {
                self.words
                    .extend(words(name).map(|word| (word.folded, weight)));
                return;
            }
        };
        if let Some(place) = names.iter().position(|known| *known == name) {
            list[place] = weight;
        }
    }

    /// The scores of a unit that shows these signs.
    pub fn scores(&self, signs: &Signs) -> Scores {
        let of_sign = |sign: &Sign| match sign {
            Sign::Named(place) => self.signs[*place],
            Sign::Word(folded) => self.words.get(folded).copied().unwrap_or(0.0),
        };
        Scores {
            others: signs.of_unit.iter().map(of_sign).sum(),
            begins: signs.of_step.iter().map(|place| self.begins[*place]).sum(),
            ends: signs.of_step.iter().map(|place| self.ends[*place]).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SHIPPED, SIGNS, STEPS};
    use crate::cleaning::words::words;

    #[test]
    fn every_line_of_the_shipped_file_is_a_weight() {
        for line in SHIPPED.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [kind, name, weight]: [&str; 3] = fields.try_into().expect("three fields");
            assert!(weight.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
            let known = match kind {
                "sign" => SIGNS.contains(&name),
                "begins" | "ends" => STEPS.contains(&name),
                "word" => words(name).count() == 1,
                _ => false,
            };
            assert!(known, "{line}");
        }
    }
}
