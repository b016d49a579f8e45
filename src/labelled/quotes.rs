//! Separators and quotation marks of a table: what a reader of tables takes as it comes, and silently wrong.

use super::checks::Broken;

/// What separates the cells: of comma, semicolon and tab the most frequent in the first row, outside quotation marks.
pub(super) fn separator(table: &str) -> u8 {
    let mut counts = [(b'\t', 0), (b';', 0), (b',', 0)];
    let mut is_quoted = false;
    for byte in table.trim_start_matches('\n').bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'\n' => break,
            _ => counts
                .iter_mut()
                .filter(|(separator, _)| *separator == byte)
                .for_each(|(_, count)| *count += 1),
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(separator, _)| separator)
}

/// Where in a cell a byte stands.
#[derive(Clone, Copy)]
enum Place {
    Begin,
    /// In a cell without quotation marks around it.
    Plain,
    Quoted,
    /// After a quotation mark within a quoted cell: the last one, or the first of two that stand for one.
    Closing,
}

/// Refuses a table in which a quotation mark is not closed, or not where a cell ends: rows would be swallowed. Lines end
/// in LF alone.
///
/// # Errors
/// The line on which the row begins, and what is wrong.
pub(super) fn check(table: &str, separator: u8) -> Result<(), (u64, Broken)> {
    let (mut line, mut row) = (1, 1);
    let mut place = Place::Begin;
    for byte in table.bytes() {
        line += u64::from(byte == b'\n');
        place = match (place, byte) {
            (Place::Quoted, b'"') => Place::Closing,
            (Place::Quoted, _) | (Place::Begin | Place::Closing, b'"') => Place::Quoted,
            (_, b'\n') => {
                row = line;
                Place::Begin
            }
            (_, byte) if byte == separator => Place::Begin,
            (Place::Begin | Place::Plain, _) => Place::Plain,
            (Place::Closing, _) => {
                let problem =
                    "a cell goes on after its closing quotation mark, or has one too few or too many"
                        .to_owned();
                return Err((row, (problem, QUOTING)));
            }
        };
    }
    match place {
        Place::Quoted => {
            let problem = "a quotation mark opens a cell of this row and is never closed, so that the rows below would be part of it".to_owned();
            Err((row, (problem, QUOTING)))
        }
        _ => Ok(()),
    }
}

const QUOTING: &str = "close the cell with a quotation mark, and write each one within it twice";

#[cfg(test)]
mod tests {
    use super::{check, separator};

    #[test]
    fn separators_within_quotation_marks_are_none() {
        assert_eq!(separator("text,note\na;b;c;d\n"), b',');
        assert_eq!(separator("\n\"a;b;c;d\",text,note\n"), b',');
        assert_eq!(separator("\"one, two,\nthree\";text\n"), b';');
        assert_eq!(separator("text\n"), b',');
    }

    #[test]
    fn quotation_marks_must_pair_within_their_row() {
        let check = |table: &str| check(table, b',').map_err(|(line, _)| line);
        assert_eq!(
            check("a,b\n\"x \"\"y\"\" z\",\"\"\n5\" nails,\"\n\"\n"),
            Ok(())
        );
        assert_eq!(check("a,b\n\n1,\"open\n2,x\n"), Err(3));
        // The first of two rows lost its closing mark: what opens the second would close it.
        assert_eq!(check("a,b\n\"x\ny\",1\n\"open,2\n\"two\",3\n"), Err(4));
    }
}
