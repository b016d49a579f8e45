//! Text that follows a line which says whose words come next, and text pasted beside its link.

use std::ops::Range;

use super::super::lines::Line;
use super::super::words::words;
use super::voice::readers_voice;

/// An introduced text ends before a paragraph that sounds like a reader by this much.
const ANSWER: f64 = 1.75;

/// What follows a line that could introduce it, but sounds like a reader by this much, is the reader's.
const NOT_INTRODUCED: f64 = 3.5;

/// A paragraph beside a link is taken for pasted if it sounds published by this much.
const PUBLISHED: f64 = -1.5;

/// Further paragraphs of a pasted text may sound a little less so.
const GOES_ON: f64 = 0.25;

/// Words without which a paragraph beside a link says too little to tell whose it is.
const ENOUGH: usize = 14;

/// Words in the longest introducing line.
const LONGEST_INTRODUCTION: usize = 30;

/// Words in the longest headline in front of a link.
const LONGEST_HEADLINE: usize = 25;

/// Verbs that announce somebody's words.
const SAYING: [&str; 34] = [
    "announced",
    "asked",
    "claims",
    "commented",
    "continues",
    "emailed",
    "posted",
    "published",
    "quote",
    "quoted",
    "quotes",
    "quoting",
    "read",
    "reads",
    "replied",
    "replies",
    "reported",
    "reports",
    "responded",
    "said",
    "say",
    "says",
    "sent",
    "shared",
    "stated",
    "states",
    "tells",
    "told",
    "tweeted",
    "tweets",
    "write",
    "writes",
    "wrote",
    "goes",
];

/// What somebody's words stand in.
const SOURCES: [&str; 66] = [
    "advert",
    "announcement",
    "article",
    "bbc",
    "blog",
    "briefing",
    "bulletin",
    "circular",
    "comment",
    "document",
    "editorial",
    "email",
    "email:",
    "e-mail",
    "excerpt",
    "extract",
    "extracts",
    "facebook",
    "forum",
    "gmb",
    "gov",
    "guardian",
    "guidance",
    "hansard",
    "headline",
    "hmip",
    "hmpps",
    "independent",
    "inspectorate",
    "intranet",
    "leaflet",
    "letter",
    "letters",
    "linkedin",
    "mail",
    "memo",
    "message",
    "ministry",
    "mirror",
    "moj",
    "napo",
    "newsletter",
    "newspaper",
    "noms",
    "notice",
    "observer",
    "paper",
    "paragraph",
    "piece",
    "post",
    "press",
    "programme",
    "release",
    "report",
    "speech",
    "statement",
    "summary",
    "telegraph",
    "text",
    "times",
    "transcript",
    "twitter",
    "unison",
    "website",
    "wikipedia",
    "words",
];

/// What points at the words that come next.
const POINTING: [&str; 7] = [
    "following",
    "below",
    "follows",
    "here's",
    "here",
    "from",
    "this",
];

/// Whose words the introducing line itself has, where it is more than an attribution.
const FIRST_PERSON: [&str; 12] = [
    "i", "i'm", "i've", "i'd", "i'll", "me", "my", "we", "we've", "us", "you", "your",
];

/// Papers and stations whose headlines are pasted in front of a link.
const OUTLETS: [&str; 24] = [
    "bbc news",
    "bbc",
    "the guardian",
    "guardian",
    "the independent",
    "independent",
    "the telegraph",
    "telegraph",
    "the times",
    "daily mail",
    "mail online",
    "daily mirror",
    "mirror",
    "sky news",
    "itv news",
    "channel 4 news",
    "inside time",
    "civil service world",
    "gov.uk",
    "the justice gap",
    "russell webster",
    "youtube",
    "community care",
    "financial times",
];

/// The lines of a text with what is known of them.
pub(super) struct Layout<'t> {
    text: &'t str,
    lines: &'t [Line<'t>],
    /// What stands in quotation marks.
    quoted: &'t [Range<usize>],
    links: &'t [Range<usize>],
}

/// Some lines that follow each other: within one paragraph, a line that is only a link by itself.
type Block = Range<usize>;

impl<'t> Layout<'t> {
    pub(super) fn new(
        text: &'t str,
        lines: &'t [Line<'t>],
        quoted: &'t [Range<usize>],
        links: &'t [Range<usize>],
    ) -> Self {
        Self {
            text,
            lines,
            quoted,
            links,
        }
    }

    /// The blocks from a line on; the first may be the rest of a paragraph.
    fn blocks(&self, from: usize) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        for at in from..self.lines.len() {
            let joins = blocks.last().is_some_and(|block| {
                self.lines[block.start].paragraph == self.lines[at].paragraph
                    && !self.is_link_alone(block.start)
                    && !self.is_link_alone(at)
            });
            match blocks.last_mut() {
                Some(block) if joins => block.end = at + 1,
                _ => blocks.push(at..at + 1),
            }
        }
        blocks
    }

    fn bytes(&self, block: &Block) -> Range<usize> {
        self.lines[block.start].range.start..self.lines[block.end - 1].range.end
    }

    /// See [`readers_voice`].
    fn voice(&self, block: &Block) -> f64 {
        let bytes = self.bytes(block);
        readers_voice(&self.text[bytes.clone()], |offset| {
            is_in(self.quoted, bytes.start + offset)
        })
    }

    fn is_link_alone(&self, line: usize) -> bool {
        let line = &self.lines[line];
        let first = self
            .links
            .partition_point(|link| link.end <= line.range.start);
        let mut rest = line.range.start;
        let mut any = false;
        for link in self.links[first..]
            .iter()
            .take_while(|link| link.start < line.range.end)
        {
            if words(&self.text[rest..link.start]).next().is_some() {
                return false;
            }
            rest = link.end;
            any = true;
        }
        any && words(&self.text[rest.min(line.range.end)..line.range.end])
            .next()
            .is_none()
    }

    /// The stretches that lines introduce.
    pub(super) fn introduced(&self) -> Vec<Range<usize>> {
        let lines = self.lines;
        let mut found = Vec::new();
        let mut next = 0;
        while next < lines.len() {
            let line = next;
            next += 1;
            if inline_attribution(lines[line].text) {
                found.push(lines[line].range.clone());
                continue;
            }
            let Some(introduction) = introduction(lines[line].text) else {
                continue;
            };
            if is_in(self.quoted, lines[line].range.start) {
                continue;
            }
            let Some(begin) = (line + 1..lines.len()).find(|at| !self.is_link_alone(*at)) else {
                break;
            };
            let start = lines[begin].range.start;
            let marked = self.quoted.iter().find(|range| range.start == start);
            let end = if let Some(range) = marked {
                // Quotation marks say where it ends.
                range.end
            } else {
                let blocks = self.blocks(begin);
                // An attribution leaves no doubt about what comes next.
                if matches!(introduction, Introduction::OwnWords)
                    && self.voice(&blocks[0]) >= NOT_INTRODUCED
                {
                    continue;
                }
                let answer =
                    |block: &&Block| self.is_link_alone(block.start) || self.voice(block) >= ANSWER;
                let last = blocks[1..].iter().take_while(|block| !answer(block)).last();
                self.bytes(last.unwrap_or(&blocks[0])).end
            };
            found.push(match introduction {
                Introduction::Attribution => lines[line].range.start..end,
                Introduction::OwnWords => start..end,
            });
            next = begin + lines[begin..].partition_point(|line| line.range.start < end);
        }
        found
    }

    /// The stretches pasted beside a link or above notes to editors, and headlines in front of a link. `taken` says
    /// whether a byte belongs to a surer finding.
    pub(super) fn pasted(&self, taken: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
        let blocks = self.blocks(0);
        let is_link = |block: &Block| self.is_link_alone(block.start);
        let may_be = |block: &Block| !is_link(block) && !taken(self.bytes(block).start);
        let goes_on = |block: &&Block| may_be(block) && self.voice(block) <= GOES_ON;
        let is_published = |block: &Block| {
            let enough = words(&self.text[self.bytes(block)])
                .nth(ENOUGH - 1)
                .is_some();
            enough && self.voice(block) <= PUBLISHED
        };
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut claim = |blocks: &[Block]| {
            if let (Some(first), Some(last)) = (blocks.first(), blocks.last())
                && blocks.iter().any(is_published)
            {
                found.push(self.bytes(first).start..self.bytes(last).end);
            }
        };
        for (at, _) in blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| is_link(block))
        {
            let below = blocks[at + 1..].iter().take_while(goes_on).count();
            claim(&blocks[at + 1..at + 1 + below]);
            let above = blocks[..at].iter().rev().take_while(goes_on).count();
            claim(&blocks[at - above..at]);
        }
        for (at, block) in blocks.iter().enumerate() {
            if may_be(block) && is_editors_note(self.lines[block.start].text) {
                let notes = |block: &&Block| may_be(block) && self.voice(block) < ANSWER;
                let below = blocks[at..].iter().take_while(notes).count();
                let above = blocks[..at].iter().rev().take_while(goes_on).count();
                claim(&blocks[at - above..at + below]);
            }
        }
        for (at, line) in self.lines.iter().enumerate() {
            let link = self
                .links
                .iter()
                .find(|link| link.end == line.range.end && link.start > line.range.start);
            let above_link = at + 1 < self.lines.len() && self.is_link_alone(at + 1);
            let end = link
                .map(|link| link.start)
                .or(above_link.then_some(line.range.end));
            if let Some(end) = end
                && is_headline(self.text[line.range.start..end].trim())
            {
                found.push(line.range.start..end);
            }
        }
        found.sort_by_key(|range| (range.start, range.end));
        found
    }
}

/// A line that introduces somebody's words.
enum Introduction {
    /// It says nothing but whose they are, and so belongs to the quotation.
    Attribution,
    /// It says something of the writer's own.
    OwnWords,
}

fn introduction(line: &str) -> Option<Introduction> {
    let body = line.trim_end_matches(['-', '–', '—', ' ', '.', '…', '>']);
    let colon = body.ends_with(':');
    let dash = body.len() < line.len() && line.ends_with(['-', '–', '—']);
    if !(colon || dash) {
        return None;
    }
    let folded: Vec<String> = words(body)
        .map(|word| body[word.range].to_lowercase().replace('’', "'"))
        .collect();
    if folded.len() > LONGEST_INTRODUCTION || folded.is_empty() {
        return None;
    }
    // What counts is the sentence the line ends in.
    let last_sentence = body[..body.len() - usize::from(colon)]
        .rfind(['.', '!', '?'])
        .filter(|end| body[end + 1..].starts_with(' '))
        .map_or(0, |end| words(&body[..end]).count());
    let sentence = &folded[last_sentence.min(folded.len())..];
    let has = |list: &[&str]| sentence.iter().any(|word| list.contains(&word.as_str()));
    let from = sentence
        .first()
        .is_some_and(|word| matches!(word.as_str(), "from" | "via" | "source"));
    let announces = has(&SAYING) || has(&SOURCES) || from || (has(&POINTING) && sentence.len() > 1);
    // A dash ends many a sentence: only somebody who says something makes it an introduction.
    if !(announces && (colon || has(&SAYING))) {
        return None;
    }
    let i_say = sentence
        .windows(2)
        .any(|pair| pair[0] == "i" && matches!(pair[1].as_str(), "say" | "said" | "ask" | "asked"));
    if i_say {
        return None;
    }
    let first_person = folded
        .iter()
        .any(|word| FIRST_PERSON.contains(&word.as_str()));
    let attributes = has(&SAYING) || has(&SOURCES) || from;
    let points = sentence
        .iter()
        .any(|word| matches!(word.as_str(), "here" | "here's" | "below" | "follows"));
    Some(
        if attributes && !first_person && !points && last_sentence == 0 {
            Introduction::Attribution
        } else {
            Introduction::OwnWords
        },
    )
}

/// `From the Guardian: Nearly one in six…` and `Anon wrote: …`, with the words on the same line.
fn inline_attribution(line: &str) -> bool {
    let Some((head, rest)) = line.split_once(": ") else {
        return false;
    };
    let folded: Vec<String> = words(head)
        .map(|word| head[word.range].to_lowercase())
        .collect();
    let from_source = matches!(
        folded.first().map(String::as_str),
        Some("from" | "via" | "source")
    ) && folded.iter().any(|word| SOURCES.contains(&word.as_str()));
    let wrote = folded
        .last()
        .is_some_and(|word| matches!(word.as_str(), "wrote" | "posted"));
    (2..=7).contains(&folded.len()) && (from_source || wrote) && words(rest).count() >= 5
}

/// What ends or accompanies a press release.
fn is_editors_note(line: &str) -> bool {
    let line = line.trim_end_matches([':', '.', '-', ' ']).to_lowercase();
    matches!(
        line.as_str(),
        "notes to editors"
            | "note to editors"
            | "notes for editors"
            | "ends"
            | "for immediate release"
            | "press release"
    )
}

fn is_headline(text: &str) -> bool {
    let text = text
        .trim_end_matches([':', '-', '–', '|', ' '])
        .to_lowercase();
    let named = |outlet: &str| {
        let after = |rest: &str| rest.trim_start().starts_with(['-', '–', '—', '|', ':']);
        let before = |rest: &str| rest.trim_end().ends_with(['-', '–', '—', '|']);
        text.strip_prefix(outlet).is_some_and(after)
            || text.strip_suffix(outlet).is_some_and(before)
    };
    (3..=LONGEST_HEADLINE).contains(&words(&text).count())
        && OUTLETS.iter().any(|outlet| named(outlet))
}

fn is_in(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    after > 0 && at < ranges[after - 1].end
}
