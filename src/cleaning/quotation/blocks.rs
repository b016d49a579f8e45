//! Block quotes and figures copied out of a table.

use std::ops::Range;

use super::super::lines::Line;
use super::super::span::Kind;

/// Numbers in a row that make a line part of a table.
const FIGURES: usize = 4;

/// Numbers in a line that make it part of a table together with its neighbours.
const FIGURES_OF_A_ROW: usize = 2;

/// Words that may name what the figures of a line are.
const CAPTION: usize = 12;

/// Lines that begin with `>`, and tables.
pub(super) fn blocks(lines: &[Line<'_>]) -> Vec<(Kind, Range<usize>)> {
    let mut found = Vec::new();
    let mut next = 0;
    while next < lines.len() {
        let quote = run(&lines[next..], |line| {
            line.text.starts_with('>') && line.text.len() > 1
        });
        let table = run(&lines[next..], is_row);
        let (kind, length) = if quote > 0 {
            (Kind::BlockQuote, quote)
        } else if table > 1 || (table == 1 && figures_in_a_row(lines[next].text) >= FIGURES) {
            (Kind::Table, table)
        } else {
            next += 1;
            continue;
        };
        found.push((
            kind,
            lines[next].range.start..lines[next + length - 1].range.end,
        ));
        next += length;
    }
    found
}

fn run(lines: &[Line<'_>], belongs: impl Fn(&Line<'_>) -> bool) -> usize {
    lines.iter().take_while(|line| belongs(line)).count()
}

/// Whether a line is a row of a table: numbers, and at most a name for them before and a few words between.
fn is_row(line: &Line<'_>) -> bool {
    let tokens = line.text.split_whitespace();
    let (numbers, others) = tokens.fold((0, 0), |(numbers, others), token| {
        if is_figure(token) {
            (numbers + 1, others)
        } else {
            (numbers, others + 1)
        }
    });
    let in_a_row = figures_in_a_row(line.text);
    let sentence = line.text.ends_with(['.', '!', '?', ':']);
    !sentence
        && ((in_a_row >= FIGURES && others <= CAPTION)
            || (in_a_row >= FIGURES_OF_A_ROW && numbers > others))
}

fn figures_in_a_row(line: &str) -> usize {
    let mut longest = 0;
    let mut current = 0;
    for token in line.split_whitespace() {
        current = if is_figure(token) { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    longest
}

/// `2019`, `30.49`, `1,200`, `£98m`, `-3%`, `2015-16`, `|`: what cells hold.
fn is_figure(token: &str) -> bool {
    let inner = token.trim_matches(|c: char| {
        matches!(
            c,
            '|' | '(' | ')' | '%' | '£' | '$' | '€' | '+' | '-' | '–' | ',' | '*'
        )
    });
    let inner = inner.strip_suffix(['m', 'k']).unwrap_or(inner);
    !inner.is_empty()
        && inner.chars().any(|c| c.is_ascii_digit())
        && inner
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '/' | '–' | '%'))
}

#[cfg(test)]
mod tests {
    use super::super::super::lines::lines;
    use super::super::super::span::Kind;

    fn found(text: &str) -> Vec<(Kind, &str)> {
        let lines: Vec<_> = lines(text).collect();
        super::blocks(&lines)
            .into_iter()
            .map(|(kind, range)| (kind, &text[range]))
            .collect()
    }

    #[test]
    fn block_quotes_are_runs_of_lines() {
        assert_eq!(
            found("> One.\n\n>> Two.\nMine.\n> Three."),
            [
                (Kind::BlockQuote, "> One.\n\n>> Two."),
                (Kind::BlockQuote, "> Three.")
            ]
        );
    }

    #[test]
    fn rows_of_figures_are_a_table_and_sentences_with_figures_are_not() {
        assert_eq!(
            found("2010 28,500 36,800\n2015 29,038 37,174\n\nDo the sums."),
            [(Kind::Table, "2010 28,500 36,800\n2015 29,038 37,174")]
        );
        assert_eq!(
            found("Rate per 1,000 residents 2019 2020 2021 30.1 31.2 34.4"),
            [(
                Kind::Table,
                "Rate per 1,000 residents 2019 2020 2021 30.1 31.2 34.4"
            )]
        );
        assert!(found("In 2019 we had 60 cases each, in 2022 it was 75.").is_empty());
        assert!(found("309 under CRC supervision + 196 under NPS supervision").is_empty());
        assert!(found("505 in six years = av. 84 deaths a year").is_empty());
    }
}
