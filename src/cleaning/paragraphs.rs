//! Paragraphs that a page has twice in its body.

use std::collections::HashSet;
use std::ops::Range;

use super::folded::{Folded, FoldedTexts};
use super::span::{Finding, Kind};

/// How many words a paragraph has at least before it is held to be repeated: short ones may be meant.
pub const LEAST_WORDS: usize = 20;

/// The paragraphs of a body that repeat an earlier one, word for word, as findings of [`Kind::RepeatedParagraph`].
///
/// Paragraphs end at blank lines, or at line breaks; both are tried. Those of fewer than [`LEAST_WORDS`] words count
/// only between two repeated ones, and only where the whole sequence stood in the body before. Neighbouring repeated
/// paragraphs are one finding. Takes time linear in the length of the body.
pub fn repeated(body: &str) -> Vec<Finding> {
    let mut ranges = repeated_among(body, &paragraphs(body, false));
    ranges.extend(repeated_among(body, &paragraphs(body, true)));
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut findings: Vec<Finding> = Vec::new();
    for range in ranges {
        match findings.last_mut() {
            Some(last) if blank(body, last.range.end, range.start) => {
                last.range.end = last.range.end.max(range.end);
            }
            _ => findings.push(Finding {
                kind: Kind::RepeatedParagraph,
                range,
                of: None,
            }),
        }
    }
    findings
}

// Whether nothing but white space lies between two places, or the second does not lie after the first.
fn blank(body: &str, from: usize, to: usize) -> bool {
    from >= to
        || body
            .get(from..to)
            .is_some_and(|between| between.trim().is_empty())
}

// Where the paragraphs are, without white space around them.
fn paragraphs(body: &str, at_line_breaks: bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut at, mut open) = (0, false);
    for line in body.split_inclusive(['\n', '\r', '\u{2028}', '\u{2029}']) {
        let text = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        let end = start + text.len();
        match found.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if open && !at_line_breaks => last.end = end,
            _ => found.push(start..end),
        }
        // The line feed of a Windows line break makes no blank line.
        open = !text.is_empty()
            || (open
                && line == "\n"
                && body.get(..at).is_some_and(|before| before.ends_with('\r')));
        at += line.len();
    }
    found
}

fn repeated_among(body: &str, paragraphs: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut texts = FoldedTexts::default();
    let folded: Vec<Folded> = paragraphs
        .iter()
        .map(|range| texts.number(body.get(range.clone()).unwrap_or_default()))
        .collect();
    let mut long = HashSet::new();
    // Sequences from one long paragraph to the next.
    let mut sequences: HashSet<Vec<usize>> = HashSet::new();
    let mut last: Option<(usize, bool)> = None;
    let mut found = Vec::new();
    for (at, (range, text)) in paragraphs.iter().zip(&folded).enumerate() {
        if text.words < LEAST_WORDS {
            continue;
        }
        let again = !long.insert(text.number);
        let sequence = last.and_then(|(from, _)| folded.get(from..=at));
        let known = sequence.is_some_and(|sequence| {
            !sequences.insert(sequence.iter().map(|text| text.number).collect())
        });
        let start = match last {
            Some((from, true)) if again && known => paragraphs
                .get(from)
                .map_or(range.start, |first| first.start),
            _ => range.start,
        };
        if again {
            found.push(start..range.end);
        }
        last = Some((at, again));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "The trust has written to everyone on the early release scheme to say that the money has run out \
                       and that nobody should count on leaving before the autumn.";
    const TWO: &str = "Several readers have sent me the letter, and what strikes me most is that it is signed by a \
                       person whose own post was cut in the second round last year.";

    fn found(body: &str) -> Vec<&str> {
        repeated(body)
            .into_iter()
            .map(|finding| &body[finding.range])
            .collect()
    }

    #[test]
    fn a_long_paragraph_that_comes_again_is_found() {
        assert_eq!(
            found(&format!(
                "{ONE}\n\n{TWO}\n\n{}\n\nAnd so on.",
                ONE.to_uppercase()
            )),
            [ONE.to_uppercase()]
        );
        assert_eq!(
            found(&format!("{ONE}\n{TWO}\r\n  {ONE}  \r\nAnd so on.")),
            [ONE]
        );
        assert!(found(&format!("{ONE}\n\n{TWO}")).is_empty());
    }

    #[test]
    fn short_paragraphs_may_be_repeated_on_purpose() {
        assert!(found("Enough is enough.\n\nYes.\n\nEnough is enough.\n\nYes.").is_empty());
        assert_eq!(
            found(&format!("{ONE}\n\nYes.\n\n{TWO}\n\nYes.\n\n{ONE}")),
            [ONE]
        );
    }

    #[test]
    fn a_page_copied_twice_is_found_whole() {
        let page = format!("{ONE}\n\n***\n\nMore below.\n\n{TWO}");
        assert_eq!(
            found(&format!("{page}\n\n{page}\n\nThe end.")),
            [page.as_str()]
        );
        assert_eq!(
            found(&format!("{page}\n\nOh dear.\n\n{page}")),
            [page.as_str()]
        );
    }

    #[test]
    fn other_short_paragraphs_between_repeated_ones_stay() {
        let body = format!("{ONE}\n\nFirst.\n\n{TWO}\n\n{ONE}\n\nSecond.\n\n{TWO}");
        assert_eq!(found(&body), [ONE, TWO]);
    }

    #[test]
    fn lines_of_a_wrapped_paragraph_are_compared_together() {
        let wrapped = ONE
            .replace(" money", "\nmoney")
            .replace(" count", "\ncount");
        assert_eq!(
            found(&format!("{wrapped}\n\n{TWO}\n\n{wrapped}\n")),
            [wrapped.as_str()]
        );
        let crlf = wrapped.replace('\n', "\r\n");
        assert_eq!(
            found(&format!("{crlf}\r\n\r\n{TWO}\r\n\r\n{crlf}")),
            [crlf.as_str()]
        );
    }

    proptest! {
        #[test]
        fn findings_are_ordered_disjoint_and_leave_the_first_of_each(
            parts in prop::collection::vec((0usize..6, 0usize..4), 0..20),
        ) {
            let texts = [ONE, TWO, "Yes.", "", "👍", "é"];
            let breaks = ["\n\n", "\n", "\r\n\r\n", " \u{a0}\n \n"];
            let body: String = parts.iter().map(|&(text, end)| format!("{}{}", texts[text], breaks[end])).collect();
            let mut last = 0;
            let mut kept = String::new();
            for finding in repeated(&body) {
                prop_assert!(last <= finding.range.start && finding.range.start < finding.range.end);
                kept.push_str(&body[last..finding.range.start]);
                last = finding.range.end;
            }
            kept.push_str(&body[last..]);
            for text in [ONE, TWO] {
                prop_assert_eq!(kept.matches(text).count(), body.matches(text).count().min(1));
            }
        }

        #[test]
        fn any_body_is_read(body in "[a \n\r👍é\u{2028}]{0,200}") {
            prop_assert!(repeated(&body).iter().all(|finding| body.get(finding.range.clone()).is_some()));
        }
    }
}
