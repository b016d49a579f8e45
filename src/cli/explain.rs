//! `undertone explain`: what moved the scores of a text.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use super::args::ExplainArgs;
use super::failure::Failure;
use super::settings::{ScoringSetup, cleaning_rules};
use super::{Outcome, print_json};
use crate::cleaning::clean_text;
use crate::explanation::{self, Explanation, MOST_CHARACTERS, Part, Target};
use crate::output::{Header, explanation_record};
use crate::passage::Passage;
use crate::progress::visible;

/// Words that are shown for each thing explained.
const WORDS: usize = 6;

const TOO_LONG: Failure = Failure::TextTooLong {
    most: MOST_CHARACTERS,
};

pub(super) fn explain(args: ExplainArgs) -> Result<Outcome, Failure> {
    let text = match args.text {
        Some(text) => text,
        None => from_stdin()?,
    };
    if text.chars().count() > MOST_CHARACTERS {
        return Err(TOO_LONG);
    }
    let rules = cleaning_rules(&args.cleaning);
    let setup = ScoringSetup::load(&args.scoring, rules.clone())?;
    let asked = args
        .theme
        .iter()
        .map(|theme| {
            let place = setup.themes.iter().position(|known| known.id == *theme);
            place.ok_or_else(|| Failure::UnknownTheme(theme.clone()))
        })
        .collect::<Result<BTreeSet<usize>, Failure>>()?;
    let answers = args
        .answers
        .map(|text| clean_text(&text, &rules).passage.text);
    let passage = Passage {
        answers,
        ..clean_text(&text, &rules).passage
    };
    let explanation = explanation::explain(&setup.scorer, &passage, &asked)?;
    if args.json {
        let header = Header::new("explanation", &setup.scoring);
        print_json(&explanation_record(
            header,
            &passage,
            &explanation,
            &setup.themes,
        ))?;
    } else {
        let mut out = anstream::stdout().lock();
        show(&mut out, &passage, &explanation, &setup).map_err(Failure::Stdout)?;
    }
    Ok(Outcome::Complete)
}

/// The text on stdin; of one that is too long no more is read than shows that.
fn from_stdin() -> Result<String, Failure> {
    // A character has four bytes at most.
    let most = 4 * MOST_CHARACTERS;
    let mut bytes = Vec::new();
    let mut stdin = std::io::stdin().lock().take(most as u64 + 1);
    stdin.read_to_end(&mut bytes).map_err(Failure::Stdin)?;
    if bytes.len() > most {
        return Err(TOO_LONG);
    }
    String::from_utf8(bytes).map_err(|error| Failure::Stdin(std::io::Error::other(error)))
}

fn show(
    out: &mut impl Write,
    passage: &Passage,
    explanation: &Explanation,
    setup: &ScoringSetup,
) -> std::io::Result<()> {
    let bold = anstyle::Style::new().bold();
    let shown = |part: &Part| visible(&passage.text[part.range.clone()]).replace('\n', " ");
    for (number, subject) in explanation.subjects.iter().enumerate() {
        let (name, probability, verdict) = match subject.target {
            Target::Sentiment(sentiment) => {
                let probability = explanation.scores.sentiment[sentiment as usize];
                (sentiment.name(), probability, String::new())
            }
            Target::Theme(place) => {
                let theme = &setup.themes[place];
                let verdict = if explanation.scores.assigned[place] {
                    format!(", given from {:.2} on", theme.threshold.value())
                } else {
                    format!(", not given below {:.2}", theme.threshold.value())
                };
                (theme.id.as_str(), explanation.scores.themes[place], verdict)
            }
        };
        if number > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{bold}{name}{bold:#} {probability:.2}{verdict}")?;
        let sentences = by_effect(&subject.sentences);
        if let (Some(first), Some(last)) = (sentences.first(), sentences.last()) {
            if first.1 > 0.0 {
                writeln!(out, "  most for it  {:+.2}  {}", first.1, shown(first.0))?;
            }
            if last.1 < 0.0 {
                writeln!(out, "  most against {:+.2}  {}", last.1, shown(last.0))?;
            }
        }
        // The smallest part says most exactly which words these are.
        let parts = subject.words.iter().chain(&subject.sentences);
        if let Some(only) = parts.into_iter().find(|part| part.effect.is_none()) {
            writeln!(out, "  only words   {}", shown(only))?;
        }
        let words = by_effect(&subject.words);
        let list = |words: &mut dyn Iterator<Item = &(&Part, f64)>| -> String {
            let named = words.take(WORDS);
            let named = named.map(|(part, effect)| format!("{} {effect:+.2}", shown(part)));
            named.collect::<Vec<_>>().join(", ")
        };
        let speaking_for = list(&mut words.iter().filter(|(_, effect)| *effect > 0.0));
        let against = list(&mut words.iter().rev().filter(|(_, effect)| *effect < 0.0));
        for (heading, words) in [("words for it ", speaking_for), ("words against", against)] {
            if !words.is_empty() {
                writeln!(out, "  {heading}  {words}")?;
            }
        }
    }
    Ok(())
}

/// Parts with what they do, those that speak most for it first, without those that nothing can be compared with.
fn by_effect(parts: &[Part]) -> Vec<(&Part, f64)> {
    let known = parts.iter();
    let mut known: Vec<(&Part, f64)> = known
        .filter_map(|part| Some((part, part.effect?)))
        .collect();
    known.sort_by(|a, b| b.1.total_cmp(&a.1));
    known
}
