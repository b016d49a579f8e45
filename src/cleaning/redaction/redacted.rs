//! A text with labels in it, and where each of its places was in the original.

use std::ops::Range;

use super::Redaction;

/// A redacted text, with the way from offsets of the original to its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    text: String,
    redactions: Vec<Redaction>,
    /// Where the label of each redaction lies in `text`.
    labels: Vec<Range<usize>>,
}

impl Redacted {
    /// Puts labels in; the redactions are sorted, disjoint and of this text.
    pub(super) fn new(original: &str, redactions: Vec<Redaction>) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut labels = Vec::with_capacity(redactions.len());
        let mut kept = 0;
        for redaction in &redactions {
            text.push_str(&original[kept..redaction.range.start]);
            let start = text.len();
            text.push_str(redaction.kind.label());
            labels.push(start..text.len());
            kept = redaction.range.end;
        }
        text.push_str(&original[kept..]);
        Self {
            text,
            redactions,
            labels,
        }
    }

    /// The redacted text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The redacted text, by value.
    pub fn into_text(self) -> String {
        self.text
    }

    /// What was taken out, in bytes of the original.
    pub fn redactions(&self) -> &[Redaction] {
        &self.redactions
    }

    pub(super) fn into_redactions(self) -> Vec<Redaction> {
        self.redactions
    }

    /// Where a byte offset of the original lies in the redacted text. One inside a stretch that was taken out gives
    /// the beginning of its label; one beyond the end gives the end. Never decreases as the offset grows.
    pub fn offset(&self, original: usize) -> usize {
        self.place(original, false)
    }

    /// Where a range of the original lies in the redacted text; a label that it touches is taken in whole.
    pub fn range(&self, original: Range<usize>) -> Range<usize> {
        let start = self.place(original.start, false);
        start..self.place(original.end, true).max(start)
    }

    fn place(&self, original: usize, to_end: bool) -> usize {
        let after = self
            .redactions
            .partition_point(|redaction| redaction.range.start < original);
        let Some(index) = after.checked_sub(1) else {
            return original.min(self.text.len());
        };
        let (taken, label) = (&self.redactions[index].range, &self.labels[index]);
        if original >= taken.end {
            (label.end + (original - taken.end)).min(self.text.len())
        } else if to_end {
            label.end
        } else {
            label.start
        }
    }

    /// Redactions of the redacted text as such of the original. Rules never touch labels, so each lies within a kept
    /// stretch.
    pub(super) fn originals(&self, found: &[Redaction]) -> Vec<Redaction> {
        found
            .iter()
            .filter(|redaction| {
                self.labels.iter().all(|label| {
                    label.end <= redaction.range.start || redaction.range.end <= label.start
                })
            })
            .map(|redaction| {
                let before = self
                    .labels
                    .partition_point(|label| label.end <= redaction.range.start);
                let (kept_from, shown_from) = match before.checked_sub(1) {
                    Some(index) => (self.redactions[index].range.end, self.labels[index].end),
                    None => (0, 0),
                };
                let original = |at: usize| kept_from + (at - shown_from);
                Redaction {
                    range: original(redaction.range.start)..original(redaction.range.end),
                    kind: redaction.kind,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Personal, Redaction};
    use super::Redacted;

    fn sample() -> (&'static str, Redacted) {
        let original = "Ask Karen Oddie, or ring 01632 960123 now";
        let redaction = |words: &str, kind| {
            let start = original.find(words).expect("the words are there");
            Redaction {
                range: start..start + words.len(),
                kind,
            }
        };
        let redactions = vec![
            redaction("Karen Oddie", Personal::Name),
            redaction("01632 960123", Personal::Phone),
        ];
        (original, Redacted::new(original, redactions))
    }

    #[test]
    fn labels_stand_in_the_place_of_what_was_taken_out() {
        assert_eq!(sample().1.text(), "Ask [name], or ring [phone] now");
    }

    #[test]
    fn a_range_of_the_original_is_found_again_and_takes_touched_labels_in_whole() {
        let (original, redacted) = sample();
        let shown = |words: &str| {
            let start = original.find(words).expect("the words are there");
            &redacted.text()[redacted.range(start..start + words.len())]
        };
        assert_eq!(shown("or ring"), "or ring");
        assert_eq!(shown("now"), "now");
        assert_eq!(shown("Oddie, or"), "[name], or");
        assert_eq!(shown("ring 01632"), "ring [phone]");
        assert_eq!(redacted.offset(original.len() + 9), redacted.text().len());
    }
}
