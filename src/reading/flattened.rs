//! The flattened form: one paragraph a line, with markers glued to the line they precede.
//!
//! A marker stands behind the first paragraph of its comment. So the line before a marker starts the
//! comment of that marker, and the other lines since the previous marker end the comment before it.

use super::lines::{Line, Marker, is_furniture};
use super::{Draft, Reading};

/// A marker or a paragraph, with the line it stands on.
#[derive(Debug, Clone, Copy)]
enum Piece<'a> {
    Marker(Marker),
    Paragraph(&'a str),
}

/// Reads a flattened page.
pub(super) fn read(lines: &[Line]) -> Reading {
    let mut doubtful = Vec::new();
    let mut pieces = pieces(lines, &mut doubtful);
    let mut reading = Reading::default();
    let marker_at = |piece: &(usize, Piece)| matches!(piece.1, Piece::Marker(_));
    let Some(first) = pieces.iter().position(marker_at) else {
        reading.body = join(&pieces);
        return reading;
    };
    reading.warnings = doubtful;
    drop_furniture(&mut pieces, &mut reading.warnings);
    let start = starts_at(&pieces, first);
    reading.body = join(&pieces[..start]);

    let mut top = None;
    let mut marker_place = Some(first);
    while let Some(place) = marker_place {
        let (line, piece) = pieces[place];
        let next = pieces[place + 1..]
            .iter()
            .position(marker_at)
            .map(|offset| place + 1 + offset);
        let start = starts_at(&pieces, place);
        if start == place {
            reading.warnings.push(format!(
                "line {line}: no paragraph stands before this marker, so comment {} lacks its beginning",
                reading.comments.len() + 1
            ));
        }
        let end = next.map_or(pieces.len(), |next| starts_at(&pieces, next));
        let mut text = join(&pieces[start..place]);
        let rest = join(&pieces[place + 1..end]);
        if !text.is_empty() && !rest.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&rest);
        let parent = match piece {
            Piece::Marker(Marker::Reply) => top,
            _ => None,
        };
        if matches!(piece, Piece::Marker(Marker::Top)) {
            top = Some(reading.comments.len());
        } else if top.is_none() {
            reading.warnings.push(format!(
                "line {line}: comment {} is marked as a reply but no top-level comment precedes it",
                reading.comments.len() + 1
            ));
        }
        reading.comments.push(Draft {
            parent,
            text,
            ..Draft::default()
        });
        marker_place = next;
    }
    warn_of_cut(&pieces, &mut reading);
    reading
}

/// Parts lines into markers and paragraphs, collecting warnings about lines that could be either.
fn pieces<'a>(lines: &[Line<'a>], doubtful: &mut Vec<String>) -> Vec<(usize, Piece<'a>)> {
    let mut pieces = Vec::new();
    for line in lines {
        let mut rest = line.text;
        loop {
            if let Some(after) = rest.strip_prefix("ReplyDelete") {
                pieces.push((line.number, Piece::Marker(Marker::Top)));
                rest = after.trim_start();
            } else if let Some(after) = rest.strip_prefix("Delete") {
                if let Some(word) = english(after) {
                    doubtful.push(format!(
                        "line {}: the word {word} was read as text, \
                         though it could be the marker Delete with text glued to it",
                        line.number
                    ));
                    break;
                }
                pieces.push((line.number, Piece::Marker(Marker::Reply)));
                rest = after;
            } else {
                break;
            }
        }
        if !rest.is_empty() {
            pieces.push((line.number, Piece::Paragraph(rest)));
        }
    }
    pieces
}

/// The English word that `Delete` starts, judging by what follows it.
fn english(after: &str) -> Option<&'static str> {
    if after.starts_with(char::is_whitespace) {
        return Some("Delete");
    }
    let is_whole = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    [("d", "Deleted"), ("s", "Deletes"), ("r", "Deleter")]
        .into_iter()
        .find_map(|(ending, word)| {
            after
                .strip_prefix(ending)
                .is_some_and(is_whole)
                .then_some(word)
        })
}

/// The place of the first paragraph of the marker's comment, or of the marker if it has none.
fn starts_at(pieces: &[(usize, Piece)], marker: usize) -> usize {
    match marker.checked_sub(1).map(|before| pieces[before].1) {
        Some(Piece::Paragraph(_)) => marker - 1,
        _ => marker,
    }
}

fn join(pieces: &[(usize, Piece)]) -> String {
    let paragraphs = pieces.iter().filter_map(|(_, piece)| match piece {
        Piece::Paragraph(text) => Some(*text),
        Piece::Marker(_) => None,
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// Takes the furniture of the page off the end of the last comment.
fn drop_furniture(pieces: &mut Vec<(usize, Piece)>, warnings: &mut Vec<String>) {
    let is_link =
        |piece: &(usize, Piece)| matches!(piece.1, Piece::Paragraph(text) if is_furniture(text));
    let kept = pieces
        .iter()
        .rposition(|piece| !is_link(piece))
        .map_or(0, |last| last + 1);
    // A comment may well end in one of these words alone.
    let is_certain =
        |piece: &(usize, Piece)| !matches!(piece.1, Piece::Paragraph("Home" | "Reply"));
    if !pieces[kept..].iter().any(is_certain) {
        return;
    }
    warnings.push(format!(
        "line {}: the links at the end of the page, from here on, were left out of the last comment",
        pieces[kept].0
    ));
    pieces.truncate(kept);
}

/// Says so where a page seems to be cut: nothing in this form marks its end, but its last line, if it is
/// no marker, is the end of a comment and should be that of a sentence.
fn warn_of_cut(pieces: &[(usize, Piece)], reading: &mut Reading) {
    let Some(&(line, Piece::Paragraph(text))) = pieces.last() else {
        return;
    };
    let is_address = text
        .rsplit(' ')
        .next()
        .is_some_and(|word| word.contains("://"));
    let is_sentence = text.ends_with(|c: char| !c.is_alphanumeric() && c != ',' && c != '-');
    if !is_address && !is_sentence {
        reading.warnings.push(format!(
            "line {line}: the page ends without a marker or the end of a sentence, so it may break off \
             here, inside comment {} or in the beginning of another",
            reading.comments.len()
        ));
    }
}
