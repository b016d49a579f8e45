//! Lines that introduce somebody's words, and headings over them.

use std::collections::HashSet;

use super::lexicon::{Lexicon, OUTLETS};
use super::units::{Layout, Unit};

/// Words in the longest introducing sentence.
const LONGEST_INTRODUCTION: usize = 30;

/// Words in the longest heading.
pub(super) const HEADING: usize = 14;

/// What a line that introduces somebody's words says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Introduction {
    /// Nothing but whose they are.
    Attribution,
    /// Something of the writer's own.
    OwnWords,
}

/// Whether a stretch that begins with the unit was introduced: by the unit itself or by the one before it.
pub(super) fn is_introduced(layout: &Layout<'_>, unit: &Unit) -> bool {
    introduction(layout, unit).is_some()
        || before(layout, unit).is_some_and(|before| introduction(layout, &before).is_some())
}

/// Whether a unit introduces somebody's words and says something of the writer's own.
pub(super) fn introduces_in_own_words(layout: &Layout<'_>, unit: &Unit) -> bool {
    introduction(layout, unit) == Some(Introduction::OwnWords)
}

/// Whether a unit is a short line without a stop, with more lines below it.
pub(super) fn is_heading(layout: &Layout<'_>, unit: &Unit) -> bool {
    let line = &layout.lines[unit.line];
    unit.begins_line
        && unit.line + 1 < layout.lines.len()
        && !line.text.ends_with(['.', '!', '?', '…', ',', ';', ':'])
        && layout.words_in(&line.range).len() <= HEADING
}

/// The sentence before a unit, as a unit of its own without what lies around it.
pub(super) fn before(layout: &Layout<'_>, unit: &Unit) -> Option<Unit> {
    let (line, range) = unit.sentence_before.clone()?;
    Some(Unit::alone(layout, line, range))
}

/// What kind of introduction a unit is, if it is one.
pub(super) fn introduction(layout: &Layout<'_>, unit: &Unit) -> Option<Introduction> {
    let lexicon = Lexicon::get();
    let words = &layout.words[unit.words.clone()];
    if words.is_empty() || words.len() > LONGEST_INTRODUCTION || !unit.ends_line {
        return None;
    }
    let text = &layout.text[unit.range.clone()];
    let body = text.trim_end_matches(['-', '–', '—', ' ', '.', '…', '>']);
    let colon = body.ends_with(':');
    let dash = text.ends_with(['-', '–', '—']);
    let stop = text.ends_with(['.', '!', '?']) && !text.ends_with("...");
    let has = |list: &HashSet<u64>| words.iter().any(|word| list.contains(&word.folded));
    let from = words
        .first()
        .is_some_and(|word| lexicon.from.contains(&word.folded));
    let saying = has(&lexicon.saying);
    let attributes = saying || has(&lexicon.sources) || from;
    let announces = attributes || (has(&lexicon.pointing) && words.len() > 1);
    let says = words.windows(2).any(|pair| {
        lexicon.i.contains(&pair[0].folded) && lexicon.saying.contains(&pair[1].folded)
    });
    // A line without a stop may be a heading over what comes next; a sentence may not.
    if says
        || stop
        || !announces
        || !(colon || (dash && saying) || (unit.begins_line && attributes && words.len() <= 12))
    {
        return None;
    }
    let own = has(&lexicon.first_person) || has(&lexicon.spoken) || !unit.begins_line;
    Some(if attributes && !own {
        Introduction::Attribution
    } else {
        Introduction::OwnWords
    })
}

/// Whether a text is the headline of a known paper or station: `BBC News - …`, `… | The Guardian`.
pub(super) fn is_headline(text: &str) -> bool {
    let text = text.to_lowercase();
    let after = |rest: &str| rest.trim_start().starts_with(['-', '–', '—', '|', ':']);
    let before = |rest: &str| rest.trim_end().ends_with(['-', '–', '—', '|']);
    OUTLETS.iter().any(|outlet| {
        text.strip_prefix(outlet).is_some_and(after)
            || text.strip_suffix(outlet).is_some_and(before)
    })
}
