//! What a sentence shows of who wrote it.

use std::collections::HashSet;

use super::super::super::words::{Word, is_apostrophe};
use super::lexicon::{Lexicon, OUTLETS};
use super::units::{Gap, Layout, Unit, is_in, sentences};

/// A sign that a sentence shows or does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Sign {
    /// One of those listed in [`SIGNS`], by its place.
    Named(usize),
    /// A word, by its folded form.
    Word(u64),
}

/// What a sentence shows by itself and by its place.
pub(super) const SIGNS: [&str; 89] = [
    "any",
    "says I",
    "says I twice",
    "says my",
    "says we",
    "says you",
    "says you twice",
    "short form",
    "talk",
    "much talk",
    "published word",
    "published words",
    "many published words",
    "laid down",
    "passive",
    "speech reported",
    "asks",
    "exclaims",
    "trails off",
    "begins small",
    "begins with a quotation",
    "partly quoted",
    "takes up",
    "up to 3 words",
    "up to 7 words",
    "up to 12 words",
    "up to 20 words",
    "up to 32 words",
    "more words",
    "has a number",
    "has numbers",
    "per cent or money",
    "has names",
    "is mostly names",
    "shouts a word",
    "shouts",
    "line without a stop",
    "ends with a colon",
    "list item",
    "has a date",
    "by-line",
    "double space",
    "small i",
    "no capital after a stop",
    "dash",
    "bracket",
    "first of all",
    "last of all",
    "only one",
    "behind a link",
    "before a link",
    "behind a quotation in its line",
    "behind a quotation in a line of its own",
    "before a quotation in its line",
    "before a quotation in a line of its own",
    "text has a quotation",
    "text has several quotations",
    "text has a link",
    "text has several links",
    "figures and names",
    "a sum",
    "line says I",
    "line says I often",
    "line talks",
    "line talks much",
    "line says we",
    "line says you",
    "line sounds published",
    "line sounds published, and nothing talks",
    "text has a cue before",
    "text talks",
    "text has no link",
    "text of 1 or 2 lines",
    "text of 3 to 6 lines",
    "text of more lines",
    "names a source",
    "names a source and ends with a colon",
    "attribution",
    "own introduction",
    "behind an attribution",
    "behind an own introduction",
    "behind a colon",
    "behind a heading",
    "second line",
    "headline of a paper",
    "names a saying",
    "begins with from",
    "has an address",
    "hashtag or handle",
];

/// What lies between two sentences, for the step from one to the next.
pub(super) const STEPS: [&str; 9] = [
    "any step",
    "same line",
    "next line",
    "next paragraph",
    "over a link",
    "over a quotation",
    "behind an attribution",
    "behind a colon",
    "before small letters",
];

/// The signs of a sentence, and those of the step to it from the one before.
#[derive(Debug, Clone, Default)]
pub(super) struct Signs {
    pub of_unit: Vec<Sign>,
    /// Places in [`STEPS`].
    pub of_step: Vec<usize>,
}

impl Signs {
    fn show(&mut self, name: &str, shown: bool) {
        if shown && let Some(place) = SIGNS.iter().position(|sign| *sign == name) {
            self.of_unit.push(Sign::Named(place));
        }
    }

    fn step(&mut self, name: &str, shown: bool) {
        if shown && let Some(place) = STEPS.iter().position(|step| *step == name) {
            self.of_step.push(place);
        }
    }
}

/// What a line that introduces somebody's words says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Introduction {
    /// Nothing but whose they are.
    Attribution,
    /// Something of the writer's own.
    OwnWords,
}

/// How a line sounds: how many of its unquoted words are of each kind.
#[derive(Debug, Clone, Copy, Default)]
struct Voice {
    i: usize,
    we: usize,
    you: usize,
    talk: usize,
    published: usize,
}

/// A text with what its sentences share.
pub(super) struct Reader<'l, 't> {
    layout: &'l Layout<'t>,
    /// By line.
    voices: Vec<Voice>,
    /// The first line that could belong to something pasted by its looks: a link, a heading, an introduction.
    first_cue: Option<usize>,
}

impl<'l, 't> Reader<'l, 't> {
    pub fn new(layout: &'l Layout<'t>) -> Self {
        let lexicon = Lexicon::get();
        let mut voices = vec![Voice::default(); layout.lines.len()];
        for (line, voice) in layout.lines.iter().zip(&mut voices) {
            let words = layout.words_in(&line.range);
            for word in &layout.words[words] {
                if is_in(layout.quoted, word.range.start) || is_in(layout.taken, word.range.start) {
                    continue;
                }
                let is = |list: &HashSet<u64>| usize::from(list.contains(&word.folded));
                let short_form = usize::from(is_short_form(&layout.text[word.range.clone()]));
                voice.i += is(&lexicon.i) + is(&lexicon.my);
                voice.we += is(&lexicon.we);
                voice.you += is(&lexicon.you);
                voice.talk += is(&lexicon.spoken).max(short_form);
                voice.published += is(&lexicon.published);
            }
        }
        let is_cue = |place: usize| {
            let line = &layout.lines[place];
            let has_link = layout
                .links
                .iter()
                .any(|link| line.range.contains(&link.start));
            let heads = place + 1 < layout.lines.len()
                && !line.text.ends_with(['.', '!', '?', '…', ',', ';'])
                && layout.words_in(&line.range).len() <= HEADING;
            let introduces = || {
                let last = sentences(line).last();
                last.is_some_and(|range| {
                    introduction(layout, &Unit::alone(layout, place, range)).is_some()
                })
            };
            has_link || heads || introduces()
        };
        Self {
            layout,
            voices,
            first_cue: (0..layout.lines.len()).find(|place| is_cue(*place)),
        }
    }

    /// Whether anything at all says that something may be pasted. Where nothing does, all is the writer's own: people tell
    /// long stories in an even voice.
    pub fn has_cue(&self) -> bool {
        self.first_cue.is_some()
    }

    /// The signs of a unit of the text.
    pub fn signs(&self, unit: &Unit) -> Signs {
        let mut signs = of(self.layout, unit);
        let voice = self.voices[unit.line];
        signs.show("line says I", voice.i > 0);
        signs.show("line says I often", voice.i > 2);
        signs.show("line talks", voice.talk == 1);
        signs.show("line talks much", voice.talk > 1);
        signs.show("line says we", voice.we > 0);
        signs.show("line says you", voice.you > 0);
        signs.show("line sounds published", voice.published > 1);
        let silent = voice.published > 0 && voice.i + voice.talk == 0;
        signs.show("line sounds published, and nothing talks", silent);
        let cued = self.first_cue.is_some_and(|cue| cue <= unit.line);
        signs.show("text has a cue before", cued);
        let talk: usize = self.voices.iter().map(|voice| voice.talk).sum();
        signs.show("text talks", talk > 2);
        signs.of_unit.sort_unstable();
        signs
    }
}

/// Words in the longest heading.
const HEADING: usize = 14;

fn of(layout: &Layout<'_>, unit: &Unit) -> Signs {
    let lexicon = Lexicon::get();
    let mut signs = Signs::default();
    let text = &layout.text[unit.range.clone()];
    let words = &layout.words[unit.words.clone()];
    let unquoted: Vec<_> = words
        .iter()
        .filter(|word| {
            !is_in(layout.quoted, word.range.start) && !is_in(layout.taken, word.range.start)
        })
        .collect();
    let spelt = |word: &Word| &layout.text[word.range.clone()];
    let count = |list: &HashSet<u64>| {
        unquoted
            .iter()
            .filter(|word| list.contains(&word.folded))
            .count()
    };

    signs.show("any", true);
    let i = count(&lexicon.i);
    signs.show("says I", i > 0);
    signs.show("says I twice", i > 1);
    signs.show("says my", count(&lexicon.my) > 0);
    signs.show("says we", count(&lexicon.we) > 0);
    let you = count(&lexicon.you);
    signs.show("says you", you > 0);
    signs.show("says you twice", you > 1);
    signs.show(
        "short form",
        unquoted.iter().any(|word| is_short_form(spelt(word))),
    );
    let talk = count(&lexicon.spoken);
    signs.show("talk", talk > 0);
    signs.show("much talk", talk > 1);
    let published = count(&lexicon.published);
    signs.show("published word", published == 1);
    signs.show("published words", published == 2);
    signs.show("many published words", published > 2);
    signs.show("laid down", count(&lexicon.laying_down) > 0);
    let passive = unquoted
        .windows(2)
        .any(|pair| lexicon.to_be.contains(&pair[0].folded) && spelt(pair[1]).ends_with("ed"));
    signs.show("passive", passive);
    signs.show(
        "speech reported",
        text.contains("said") || text.contains("according to") || text.contains("told"),
    );
    signs.show("asks", text.ends_with('?'));
    signs.show("exclaims", text.contains('!'));
    signs.show(
        "trails off",
        text.contains("...") || text.contains(".. ") || text.contains('…'),
    );
    let first = text.chars().find(|c| c.is_alphanumeric());
    signs.show("begins small", first.is_some_and(char::is_lowercase));
    signs.show(
        "begins with a quotation",
        is_in(layout.quoted, unit.range.start),
    );
    signs.show("partly quoted", unquoted.len() < words.len());
    signs.show(
        "takes up",
        words
            .first()
            .is_some_and(|word| lexicon.taking_up.contains(&word.folded)),
    );
    let length = match words.len() {
        0..=3 => "up to 3 words",
        4..=7 => "up to 7 words",
        8..=12 => "up to 12 words",
        13..=20 => "up to 20 words",
        21..=32 => "up to 32 words",
        _ => "more words",
    };
    signs.show(length, true);
    let numbers = words
        .iter()
        .filter(|word| spelt(word).starts_with(|c: char| c.is_ascii_digit()))
        .count();
    signs.show("has a number", numbers == 1 || numbers == 2);
    signs.show("has numbers", numbers > 2);
    signs.show(
        "per cent or money",
        text.contains('%') || text.contains('£') || text.contains("per cent"),
    );
    let inner = words.get(1..).unwrap_or_default();
    let names = inner
        .iter()
        .filter(|word| {
            spelt(word).starts_with(char::is_uppercase) && !lexicon.i.contains(&word.folded)
        })
        .count();
    signs.show("has names", names > 0 && names * 2 <= inner.len());
    signs.show("is mostly names", names * 2 > inner.len());
    let shouted = unquoted
        .iter()
        .filter(|word| is_shouted(spelt(word)))
        .count();
    signs.show("shouts a word", shouted > 0);
    signs.show("shouts", shouted > 2 && shouted * 2 > words.len());
    let stopped = text.ends_with(['.', '!', '?', '…', ':', ';', ',', '"', '”', '’', '\'', ')']);
    signs.show("line without a stop", unit.ends_line && !stopped);
    signs.show("ends with a colon", text.ends_with([':', '-', '–']));
    signs.show(
        "list item",
        text.starts_with(['-', '*', '•', '·', '–']) || is_numbered(text),
    );
    signs.show("has a date", count(&lexicon.dates) > 0 && numbers > 0);
    signs.show(
        "by-line",
        unit.begins_line
            && (text.starts_with("By ")
                || text.starts_with("Published")
                || text.starts_with("Posted")),
    );
    signs.show("double space", text.contains("  "));
    signs.show("small i", unquoted.iter().any(|word| spelt(word) == "i"));
    signs.show(
        "no capital after a stop",
        text.contains(". ") && first.is_some_and(char::is_lowercase),
    );
    signs.show("dash", text.contains(" - ") || text.contains(" – "));
    signs.show("bracket", text.contains('('));
    signs.show("first of all", unit.is_first);
    signs.show("last of all", unit.is_last);
    signs.show("only one", unit.is_first && unit.is_last);
    signs.show("behind a link", unit.before.link);
    signs.show("before a link", unit.behind.link);
    let Gap {
        line_break,
        blank_line,
        link,
        quotation,
    } = unit.before;
    signs.show("behind a quotation in its line", quotation && !line_break);
    signs.show(
        "behind a quotation in a line of its own",
        quotation && line_break,
    );
    signs.show(
        "before a quotation in its line",
        unit.behind.quotation && !unit.behind.line_break,
    );
    signs.show(
        "before a quotation in a line of its own",
        unit.behind.quotation && unit.behind.line_break,
    );
    signs.show("text has a quotation", layout.quotations == 1);
    signs.show("text has several quotations", layout.quotations > 1);
    signs.show("text has a link", layout.links.len() == 1);
    signs.show("text has several links", layout.links.len() > 1);
    signs.show("figures and names", names > 1 && numbers > 1);
    signs.show("a sum", text.contains('=') || text.contains('+'));
    signs.show("text has no link", layout.links.is_empty());
    let lines = match layout.lines.len() {
        0..=2 => "text of 1 or 2 lines",
        3..=6 => "text of 3 to 6 lines",
        _ => "text of more lines",
    };
    signs.show(lines, true);
    let sources = count(&lexicon.sources);
    signs.show("names a source", sources > 0);
    signs.show(
        "names a source and ends with a colon",
        sources > 0 && text.ends_with([':', '-']),
    );
    signs.show("names a saying", count(&lexicon.saying) > 0);
    signs.show(
        "begins with from",
        words
            .first()
            .is_some_and(|word| lexicon.from.contains(&word.folded)),
    );
    let own = introduction(layout, unit);
    signs.show("attribution", own == Some(Introduction::Attribution));
    signs.show("own introduction", own == Some(Introduction::OwnWords));
    signs.show(
        "has an address",
        text.contains("@") && text.contains('.') || text.contains("www."),
    );
    signs.show(
        "hashtag or handle",
        text.contains('#') || text.contains('@'),
    );
    signs.show("second line", unit.line == 1);
    signs.show("headline of a paper", is_headline(text));
    let before = before(layout, unit);
    let introduced = before
        .as_ref()
        .and_then(|before| introduction(layout, before));
    signs.show(
        "behind an attribution",
        introduced == Some(Introduction::Attribution),
    );
    signs.show(
        "behind an own introduction",
        introduced == Some(Introduction::OwnWords),
    );
    let colon = before
        .as_ref()
        .is_some_and(|before| layout.text[before.range.clone()].ends_with(':'));
    signs.show("behind a colon", colon);
    let heading = before.as_ref().is_some_and(|before| {
        before.begins_line
            && before.ends_line
            && !layout.text[before.range.clone()].ends_with(['.', '!', '?', '…'])
    });
    signs.show("behind a heading", heading);
    signs
        .of_unit
        .extend(unquoted.iter().map(|word| Sign::Word(word.folded)));
    signs.of_unit.sort_unstable();
    signs.of_unit.dedup();

    signs.step("any step", true);
    signs.step("same line", !line_break);
    signs.step("next line", line_break && !blank_line);
    signs.step("next paragraph", blank_line);
    signs.step("over a link", link);
    signs.step("over a quotation", quotation);
    signs.step("behind an attribution", introduced.is_some());
    signs.step("behind a colon", colon);
    signs.step(
        "before small letters",
        first.is_some_and(char::is_lowercase),
    );
    signs
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

/// The sentence before a unit, if nothing that is taken lies between them; as a unit of its own, without what lies
/// around it.
fn before(layout: &Layout<'_>, unit: &Unit) -> Option<Unit> {
    let end = layout.text[..unit.range.start].trim_end().len();
    let line = layout
        .lines
        .iter()
        .rposition(|line| line.range.start < end)?;
    let range = sentences(&layout.lines[line])
        .take_while(|range| range.start < end)
        .last()?;
    Some(Unit::alone(layout, line, range))
}

fn introduction(layout: &Layout<'_>, unit: &Unit) -> Option<Introduction> {
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

/// Words in the longest introducing sentence.
const LONGEST_INTRODUCTION: usize = 30;

/// Whether a text is the headline of a known paper or station: `BBC News - …`, `… | The Guardian`.
fn is_headline(text: &str) -> bool {
    let text = text.to_lowercase();
    let after = |rest: &str| rest.trim_start().starts_with(['-', '–', '—', '|', ':']);
    let before = |rest: &str| rest.trim_end().ends_with(['-', '–', '—', '|']);
    OUTLETS.iter().any(|outlet| {
        text.strip_prefix(outlet).is_some_and(after)
            || text.strip_suffix(outlet).is_some_and(before)
    })
}

fn is_short_form(word: &str) -> bool {
    let end = word.char_indices().rev().find(|(_, c)| is_apostrophe(*c));
    end.is_some_and(|(at, c)| {
        let behind = &word[at + c.len_utf8()..];
        matches!(
            behind.to_ascii_lowercase().as_str(),
            "t" | "ve" | "ll" | "re" | "d" | "m"
        )
    })
}

fn is_shouted(word: &str) -> bool {
    // Three letters and more, but for abbreviations of the trade, which are mostly shorter than five.
    word.chars().count() >= 5 && word.chars().all(|c| c.is_uppercase())
}

fn is_numbered(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits)
        && text[digits..].starts_with(['.', ')'])
        && text[digits + 1..].starts_with(' ')
}
