//! What a sentence shows of who wrote it.

use std::collections::HashSet;

use super::super::super::words::{Word, is_apostrophe};
use super::introduction::{HEADING, Introduction, before, introduction, is_headline};
use super::lexicon::Lexicon;
use super::units::{Gap, Layout, Unit, sentences};
use crate::ranges::{contain, overlapping};

/// A sign that a sentence shows or does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Sign {
    /// One of those listed in [`SIGNS`], by its place.
    Named(usize),
    /// A word, by its folded form.
    Word(u64),
}

/// What a sentence shows by itself and by its place.
pub(super) const SIGNS: [&str; 88] = [
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
    fn show(&mut self, place: usize, shown: bool) {
        if shown {
            self.of_unit.push(Sign::Named(place));
        }
    }

    fn step(&mut self, place: usize, shown: bool) {
        if shown {
            self.of_step.push(place);
        }
    }
}

/// The place of a name in a list, found while compiling: a name that is not there does not compile.
macro_rules! place {
    ($list:ident, $name:literal) => {
        const { place_of(&$list, $name) }
    };
}

const fn place_of(list: &[&str], name: &str) -> usize {
    let mut place = 0;
    while !equal(list[place], name) {
        place += 1;
    }
    place
}

const fn equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
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
    /// Whether talk is heard more than twice.
    talks: bool,
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
                if contain(layout.quoted, word.range.start)
                    || contain(layout.taken, word.range.start)
                {
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
            let has_link = !overlapping(layout.links, &line.range).is_empty();
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
            talks: voices.iter().map(|voice| voice.talk).sum::<usize>() > 2,
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
        signs.show(place!(SIGNS, "line says I"), voice.i > 0);
        signs.show(place!(SIGNS, "line says I often"), voice.i > 2);
        signs.show(place!(SIGNS, "line talks"), voice.talk == 1);
        signs.show(place!(SIGNS, "line talks much"), voice.talk > 1);
        signs.show(place!(SIGNS, "line says we"), voice.we > 0);
        signs.show(place!(SIGNS, "line says you"), voice.you > 0);
        signs.show(place!(SIGNS, "line sounds published"), voice.published > 1);
        let silent = voice.published > 0 && voice.i + voice.talk == 0;
        signs.show(
            place!(SIGNS, "line sounds published, and nothing talks"),
            silent,
        );
        let cued = self.first_cue.is_some_and(|cue| cue <= unit.line);
        signs.show(place!(SIGNS, "text has a cue before"), cued);
        signs.show(place!(SIGNS, "text talks"), self.talks);
        signs.of_unit.sort_unstable();
        signs
    }
}

fn of(layout: &Layout<'_>, unit: &Unit) -> Signs {
    let lexicon = Lexicon::get();
    let mut signs = Signs::default();
    let text = &layout.text[unit.range.clone()];
    let words = &layout.words[unit.words.clone()];
    let unquoted: Vec<_> = words
        .iter()
        .filter(|word| {
            !contain(layout.quoted, word.range.start) && !contain(layout.taken, word.range.start)
        })
        .collect();
    let spelt = |word: &Word| &layout.text[word.range.clone()];
    let count = |list: &HashSet<u64>| {
        unquoted
            .iter()
            .filter(|word| list.contains(&word.folded))
            .count()
    };

    signs.show(place!(SIGNS, "any"), true);
    let i = count(&lexicon.i);
    signs.show(place!(SIGNS, "says I"), i > 0);
    signs.show(place!(SIGNS, "says I twice"), i > 1);
    signs.show(place!(SIGNS, "says my"), count(&lexicon.my) > 0);
    signs.show(place!(SIGNS, "says we"), count(&lexicon.we) > 0);
    let you = count(&lexicon.you);
    signs.show(place!(SIGNS, "says you"), you > 0);
    signs.show(place!(SIGNS, "says you twice"), you > 1);
    signs.show(
        place!(SIGNS, "short form"),
        unquoted.iter().any(|word| is_short_form(spelt(word))),
    );
    let talk = count(&lexicon.spoken);
    signs.show(place!(SIGNS, "talk"), talk > 0);
    signs.show(place!(SIGNS, "much talk"), talk > 1);
    let published = count(&lexicon.published);
    signs.show(place!(SIGNS, "published word"), published == 1);
    signs.show(place!(SIGNS, "published words"), published == 2);
    signs.show(place!(SIGNS, "many published words"), published > 2);
    signs.show(place!(SIGNS, "laid down"), count(&lexicon.laying_down) > 0);
    let passive = unquoted
        .windows(2)
        .any(|pair| lexicon.to_be.contains(&pair[0].folded) && spelt(pair[1]).ends_with("ed"));
    signs.show(place!(SIGNS, "passive"), passive);
    signs.show(
        place!(SIGNS, "speech reported"),
        text.contains("said") || text.contains("according to") || text.contains("told"),
    );
    signs.show(place!(SIGNS, "asks"), text.ends_with('?'));
    signs.show(place!(SIGNS, "exclaims"), text.contains('!'));
    signs.show(
        place!(SIGNS, "trails off"),
        text.contains("...") || text.contains('…'),
    );
    let first = text.chars().find(|c| c.is_alphanumeric());
    signs.show(
        place!(SIGNS, "begins small"),
        first.is_some_and(char::is_lowercase),
    );
    signs.show(
        place!(SIGNS, "begins with a quotation"),
        contain(layout.quoted, unit.range.start),
    );
    signs.show(place!(SIGNS, "partly quoted"), unquoted.len() < words.len());
    signs.show(
        place!(SIGNS, "takes up"),
        words
            .first()
            .is_some_and(|word| lexicon.taking_up.contains(&word.folded)),
    );
    let length = match words.len() {
        0..=3 => place!(SIGNS, "up to 3 words"),
        4..=7 => place!(SIGNS, "up to 7 words"),
        8..=12 => place!(SIGNS, "up to 12 words"),
        13..=20 => place!(SIGNS, "up to 20 words"),
        21..=32 => place!(SIGNS, "up to 32 words"),
        _ => place!(SIGNS, "more words"),
    };
    signs.show(length, true);
    let numbers = words
        .iter()
        .filter(|word| spelt(word).starts_with(|c: char| c.is_ascii_digit()))
        .count();
    signs.show(place!(SIGNS, "has a number"), numbers == 1 || numbers == 2);
    signs.show(place!(SIGNS, "has numbers"), numbers > 2);
    signs.show(
        place!(SIGNS, "per cent or money"),
        text.contains('%') || text.contains('£') || text.contains("per cent"),
    );
    let inner = words.get(1..).unwrap_or_default();
    let names = inner
        .iter()
        .filter(|word| {
            spelt(word).starts_with(char::is_uppercase) && !lexicon.i.contains(&word.folded)
        })
        .count();
    signs.show(
        place!(SIGNS, "has names"),
        names > 0 && names * 2 <= inner.len(),
    );
    signs.show(place!(SIGNS, "is mostly names"), names * 2 > inner.len());
    let shouted = unquoted
        .iter()
        .filter(|word| is_shouted(spelt(word)))
        .count();
    signs.show(place!(SIGNS, "shouts a word"), shouted > 0);
    signs.show(
        place!(SIGNS, "shouts"),
        shouted > 2 && shouted * 2 > words.len(),
    );
    let stopped = text.ends_with(['.', '!', '?', '…', ':', ';', ',', '"', '”', '’', '\'', ')']);
    signs.show(
        place!(SIGNS, "line without a stop"),
        unit.ends_line && !stopped,
    );
    signs.show(
        place!(SIGNS, "ends with a colon"),
        text.ends_with([':', '-', '–']),
    );
    signs.show(
        place!(SIGNS, "list item"),
        text.starts_with(['-', '*', '•', '·', '–']) || is_numbered(text),
    );
    signs.show(
        place!(SIGNS, "has a date"),
        count(&lexicon.dates) > 0 && numbers > 0,
    );
    signs.show(
        place!(SIGNS, "by-line"),
        unit.begins_line
            && (text.starts_with("By ")
                || text.starts_with("Published")
                || text.starts_with("Posted")),
    );
    signs.show(place!(SIGNS, "double space"), text.contains("  "));
    signs.show(
        place!(SIGNS, "small i"),
        unquoted.iter().any(|word| spelt(word) == "i"),
    );
    signs.show(
        place!(SIGNS, "dash"),
        text.contains(" - ") || text.contains(" – "),
    );
    signs.show(place!(SIGNS, "bracket"), text.contains('('));
    signs.show(place!(SIGNS, "first of all"), unit.is_first);
    signs.show(place!(SIGNS, "last of all"), unit.is_last);
    signs.show(place!(SIGNS, "only one"), unit.is_first && unit.is_last);
    signs.show(place!(SIGNS, "behind a link"), unit.before.link);
    signs.show(place!(SIGNS, "before a link"), unit.behind.link);
    let Gap {
        line_break,
        blank_line,
        link,
        quotation,
    } = unit.before;
    signs.show(
        place!(SIGNS, "behind a quotation in its line"),
        quotation && !line_break,
    );
    signs.show(
        place!(SIGNS, "behind a quotation in a line of its own"),
        quotation && line_break,
    );
    signs.show(
        place!(SIGNS, "before a quotation in its line"),
        unit.behind.quotation && !unit.behind.line_break,
    );
    signs.show(
        place!(SIGNS, "before a quotation in a line of its own"),
        unit.behind.quotation && unit.behind.line_break,
    );
    signs.show(
        place!(SIGNS, "text has a quotation"),
        layout.quotations == 1,
    );
    signs.show(
        place!(SIGNS, "text has several quotations"),
        layout.quotations > 1,
    );
    signs.show(place!(SIGNS, "text has a link"), layout.links.len() == 1);
    signs.show(
        place!(SIGNS, "text has several links"),
        layout.links.len() > 1,
    );
    signs.show(place!(SIGNS, "figures and names"), names > 1 && numbers > 1);
    signs.show(
        place!(SIGNS, "a sum"),
        text.contains('=') || text.contains('+'),
    );
    signs.show(place!(SIGNS, "text has no link"), layout.links.is_empty());
    let lines = match layout.lines.len() {
        0..=2 => place!(SIGNS, "text of 1 or 2 lines"),
        3..=6 => place!(SIGNS, "text of 3 to 6 lines"),
        _ => place!(SIGNS, "text of more lines"),
    };
    signs.show(lines, true);
    let sources = count(&lexicon.sources);
    signs.show(place!(SIGNS, "names a source"), sources > 0);
    signs.show(
        place!(SIGNS, "names a source and ends with a colon"),
        sources > 0 && text.ends_with([':', '-']),
    );
    signs.show(place!(SIGNS, "names a saying"), count(&lexicon.saying) > 0);
    signs.show(
        place!(SIGNS, "begins with from"),
        words
            .first()
            .is_some_and(|word| lexicon.from.contains(&word.folded)),
    );
    let own = introduction(layout, unit);
    signs.show(
        place!(SIGNS, "attribution"),
        own == Some(Introduction::Attribution),
    );
    signs.show(
        place!(SIGNS, "own introduction"),
        own == Some(Introduction::OwnWords),
    );
    signs.show(
        place!(SIGNS, "has an address"),
        text.contains("@") && text.contains('.') || text.contains("www."),
    );
    signs.show(
        place!(SIGNS, "hashtag or handle"),
        text.contains('#') || text.contains('@'),
    );
    signs.show(place!(SIGNS, "second line"), unit.line == 1);
    signs.show(place!(SIGNS, "headline of a paper"), is_headline(text));
    let before = before(layout, unit);
    let introduced = before
        .as_ref()
        .and_then(|before| introduction(layout, before));
    signs.show(
        place!(SIGNS, "behind an attribution"),
        introduced == Some(Introduction::Attribution),
    );
    signs.show(
        place!(SIGNS, "behind an own introduction"),
        introduced == Some(Introduction::OwnWords),
    );
    let colon = before
        .as_ref()
        .is_some_and(|before| layout.text[before.range.clone()].ends_with(':'));
    signs.show(place!(SIGNS, "behind a colon"), colon);
    let heading = before.as_ref().is_some_and(|before| {
        before.begins_line
            && before.ends_line
            && !layout.text[before.range.clone()].ends_with(['.', '!', '?', '…'])
    });
    signs.show(place!(SIGNS, "behind a heading"), heading);
    signs
        .of_unit
        .extend(unquoted.iter().map(|word| Sign::Word(word.folded)));
    signs.of_unit.sort_unstable();
    signs.of_unit.dedup();

    signs.step(place!(STEPS, "any step"), true);
    signs.step(place!(STEPS, "same line"), !line_break);
    signs.step(place!(STEPS, "next line"), line_break && !blank_line);
    signs.step(place!(STEPS, "next paragraph"), blank_line);
    signs.step(place!(STEPS, "over a link"), link);
    signs.step(place!(STEPS, "over a quotation"), quotation);
    signs.step(place!(STEPS, "behind an attribution"), introduced.is_some());
    signs.step(place!(STEPS, "behind a colon"), colon);
    signs.step(
        place!(STEPS, "before small letters"),
        first.is_some_and(char::is_lowercase),
    );
    signs
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
