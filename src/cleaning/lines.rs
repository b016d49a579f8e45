//! A text as lines.

use std::ops::Range;

/// One line that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'t> {
    /// Where the line stands in its text, without white space at either end.
    pub range: Range<usize>,
    /// The line.
    pub text: &'t str,
    /// The number of its paragraph, from 0; blank lines part paragraphs.
    pub paragraph: usize,
}

/// The lines of a text that are not blank, in order.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut next = 0;
    let mut paragraph = 0;
    let mut any = false;
    text.split('\n').filter_map(move |line| {
        let begin = next;
        next += line.len() + 1;
        let trimmed = line.trim();
        let start = begin + (line.len() - line.trim_start().len());
        if trimmed.is_empty() {
            paragraph += usize::from(any);
            any = false;
            return None;
        }
        any = true;
        Some(Line {
            range: start..start + trimmed.len(),
            text: trimmed,
            paragraph,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn lines_are_trimmed_and_blank_ones_left_out() {
        let text = " one \n\n \n\u{a0}twö\nthree";
        let found: Vec<_> = lines(text).collect();
        let paragraphs: Vec<usize> = found.iter().map(|line| line.paragraph).collect();
        assert_eq!(paragraphs, [0, 1, 1]);
        assert_eq!((found[0].range.clone(), found[0].text), (1..4, "one"));
        assert_eq!(&text[found[1].range.clone()], "twö");
    }
}
