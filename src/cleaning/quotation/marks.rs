//! Text in quotation marks: double or single, straight or curly, over one paragraph or several.

use std::ops::Range;

use super::super::lines::Line;
use super::super::words::words;
use crate::ranges::contain;

/// Words that begin with an apostrophe which is no quotation mark.
const CLIPPED: [&str; 18] = [
    "em", "til", "till", "tis", "twas", "cos", "cause", "coz", "bout", "nuff", "n", "ave", "ere",
    "ere's", "ow", "fraid", "appen", "round",
];

/// Paragraphs that one quotation may run over without closing.
const LONGEST: usize = 12;

/// One quotation mark.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: usize,
    width: usize,
    opens: bool,
    closes: bool,
    /// The line it stands in, by its place among the lines.
    line: usize,
    /// Whether it is the first character of its line.
    first: bool,
}

/// The stretches in quotation marks, marks included, in order and apart from one another; of any length.
///
/// A quotation may run over several paragraphs, each of which may open anew, as British usage has it. One that nobody
/// closes ends with its paragraph.
pub(super) fn quoted(text: &str, lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let double = pair_doubles(&marks(lines, is_double), lines);
    let single = pair_singles(text, &marks(lines, is_single), lines, &double);
    let mut all: Vec<Range<usize>> = single.clone();
    // What stands in double marks within single ones is part of the latter.
    let within = |range: &Range<usize>| {
        let after = single.partition_point(|outer| outer.start <= range.start);
        after > 0 && range.end <= single[after - 1].end
    };
    all.extend(double.into_iter().filter(|range| !within(range)));
    all.sort_by_key(|range| range.start);
    all
}

fn is_double(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}

fn is_single(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | '`')
}

/// The marks of one kind, and whether each can open or close a quotation, judging by its neighbours.
fn marks(lines: &[Line<'_>], kind: fn(char) -> bool) -> Vec<Mark> {
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let mut before = None;
        let mut characters = line.text.char_indices().peekable();
        while let Some((offset, c)) = characters.next() {
            let after = characters.peek().map(|(_, c)| *c);
            if kind(c) {
                let starts_word = before.is_none_or(|b: char| {
                    b.is_whitespace()
                        || matches!(b, '(' | '[' | '{' | '-' | '–' | '—' | '/' | ':' | '…')
                        || (is_double(b) || is_single(b))
                }) && after.is_some_and(|a| !a.is_whitespace());
                let ends_word = before.is_some_and(|b| !b.is_whitespace())
                    && after.is_none_or(|a| !a.is_alphanumeric());
                let (opens, closes) = match c {
                    '“' | '„' | '«' | '‘' => {
                        (starts_word || !ends_word, ends_word && !starts_word)
                    }
                    '”' | '»' | '’' => (starts_word && !ends_word, ends_word || !starts_word),
                    _ => (starts_word, ends_word),
                };
                found.push(Mark {
                    at: line.range.start + offset,
                    width: c.len_utf8(),
                    opens,
                    closes,
                    line: number,
                    first: offset == 0,
                });
            }
            before = Some(c);
        }
    }
    found
}

fn pair_doubles(marks: &[Mark], lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut next = 0;
    while let Some(open) = marks[next..].iter().position(|mark| mark.opens) {
        let open = next + open;
        let (end, after) = close(marks, open, lines);
        if let Some(end) = end {
            found.push(marks[open].at..end);
        }
        next = after;
    }
    found
}

/// Where the quotation that a mark opens ends, if it is one, and the mark to go on with.
fn close(marks: &[Mark], open: usize, lines: &[Line<'_>]) -> (Option<usize>, usize) {
    let opening = marks[open];
    let mut depth = 1;
    // The last line that belongs to the quotation for certain.
    let mut line = opening.line;
    for (place, mark) in marks.iter().enumerate().skip(open + 1) {
        if mark.line > opening.line + LONGEST {
            break;
        }
        if mark.line > line {
            depth = 1;
        }
        if mark.closes && !(mark.opens && mark.first) {
            depth -= 1;
            if depth == 0 {
                return (Some(mark.at + mark.width), place + 1);
            }
        } else if mark.opens {
            if mark.first && mark.line == line + 1 {
                // The next paragraph of the same quotation opens anew.
                line = mark.line;
            } else if mark.line == line {
                depth += 1;
            } else {
                // Another quotation begins, so nobody closed this one.
                break;
            }
        }
    }
    // Nobody closed it. At the start of a paragraph it is one all the same.
    let end = lines[line].range.end;
    let next = marks.partition_point(|mark| mark.at < end);
    let certain = opening.first && end > opening.at + opening.width;
    (certain.then_some(end), next.max(open + 1))
}

/// Quotations in single marks, which are told from apostrophes; they end in the line they begin in.
fn pair_singles(
    text: &str,
    marks: &[Mark],
    lines: &[Line<'_>],
    double: &[Range<usize>],
) -> Vec<Range<usize>> {
    let in_double = |at: usize| contain(double, at);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut next = 0;
    while let Some(offset) = marks[next..]
        .iter()
        .position(|mark| mark.opens && !in_double(mark.at))
    {
        let open = next + offset;
        next = open + 1;
        let opening = marks[open];
        let line = &lines[opening.line];
        let inside = &text[opening.at + opening.width..line.range.end];
        if is_clipped(inside) {
            continue;
        }
        // "officers' pay": an apostrophe behind an s, with a word after it, closes only if nothing does before the next
        // quotation or the end of the line.
        let possessive = |mark: &Mark| {
            let behind = &text[mark.at + mark.width..line.range.end];
            text[..mark.at].ends_with(['s', 'S'])
                && behind
                    .strip_prefix(' ')
                    .is_some_and(|rest| rest.starts_with(char::is_lowercase))
        };
        let mut chosen = None;
        let rest = marks.iter().enumerate().skip(open + 1);
        for (place, mark) in rest
            .take_while(|(_, mark)| mark.line == opening.line)
            .filter(|(_, mark)| !in_double(mark.at))
        {
            if mark.closes && !possessive(mark) {
                chosen = Some((place, mark));
                break;
            } else if mark.closes {
                chosen = chosen.or(Some((place, mark)));
            } else if chosen.is_some() {
                break;
            }
        }
        match chosen {
            Some((place, mark)) => {
                found.push(opening.at..mark.at + mark.width);
                next = place + 1;
            }
            // What nothing closes, nothing closes for the next opening mark of the line either.
            None => next = marks.partition_point(|mark| mark.line <= opening.line),
        }
    }
    found
}

/// Whether what follows an apostrophe is a clipped word or a decade rather than a quotation.
fn is_clipped(rest: &str) -> bool {
    let word = rest
        .starts_with(char::is_alphanumeric)
        .then(|| words(rest).next())
        .flatten()
        .map_or("", |word| &rest[word.range])
        .to_lowercase()
        .replace('’', "'");
    let decade = word.len() == 3
        && word.ends_with('s')
        && word.as_bytes()[..2].iter().all(u8::is_ascii_digit)
        || word.len() == 2 && word.bytes().all(|b| b.is_ascii_digit());
    decade || CLIPPED.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::super::lines::lines;

    fn quoted(text: &str) -> Vec<&str> {
        let lines: Vec<_> = lines(text).collect();
        super::quoted(text, &lines)
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn straight_curly_and_mixed_marks_are_found() {
        assert_eq!(
            quoted("He said \"no\" and “never”, she said."),
            ["\"no\"", "“never”"]
        );
        assert_eq!(
            quoted("“We will deliver.\" Will you?"),
            ["“We will deliver.\""]
        );
        assert_eq!(quoted("(\"All is well\") they say"), ["\"All is well\""]);
    }

    #[test]
    fn a_quotation_runs_over_paragraphs() {
        let british = "“One.\n\n“Two.\n\n“Three.”\n\nNot me.";
        assert_eq!(quoted(british), ["“One.\n\n“Two.\n\n“Three.”"]);
        assert_eq!(
            quoted("\"One.\n\nTwo.\n\nThree.\" (4%)"),
            ["\"One.\n\nTwo.\n\nThree.\""]
        );
    }

    #[test]
    fn an_unclosed_quotation_ends_with_its_paragraph() {
        assert_eq!(
            quoted("\"We are listening\n\nNo you are not. \"Ha\"."),
            ["\"We are listening", "\"Ha\""]
        );
        assert!(quoted("He is 6'2\" tall and 30\" wide").is_empty());
    }

    #[test]
    fn apostrophes_are_no_quotation_marks() {
        assert!(
            quoted("The officers' pay and the staff's hours, rock 'n' roll, the '90s").is_empty()
        );
        assert!(quoted("'Getafix").is_empty());
        assert_eq!(
            quoted("They say 'the officers' workload is fine' and don't mean it"),
            ["'the officers' workload is fine'"]
        );
        assert_eq!(
            quoted("Under 'costs' it says none, under 'benefits' none"),
            ["'costs'", "'benefits'"]
        );
        assert_eq!(
            quoted("‘assess, protect and change' it says"),
            ["‘assess, protect and change'"]
        );
    }
}
