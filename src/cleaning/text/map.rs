//! Where the characters of a changed text come from.

use std::ops::Range;

/// A stretch of the text and the stretch of the original it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    text: Range<usize>,
    original: Range<usize>,
    /// Whether both are the same bytes; if not, the piece is one character that stands for all of its original.
    verbatim: bool,
}

/// Where each place of a text comes from in its original. What lies further right comes from no further left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetMap {
    /// In order; what of the original lies between two pieces has left nothing in the text.
    pieces: Vec<Piece>,
    text_length: usize,
    original_length: usize,
}

impl OffsetMap {
    /// The map of a text of so many bytes that is its own original.
    pub(super) fn identity(length: usize) -> Self {
        let mut map = Self::empty(length);
        if length > 0 {
            map.push(length, 0..length, true);
        }
        map
    }

    pub(super) fn empty(original_length: usize) -> Self {
        OffsetMap {
            pieces: Vec::new(),
            text_length: 0,
            original_length,
        }
    }

    /// Adds the next bytes of the text.
    pub(super) fn push(&mut self, length: usize, original: Range<usize>, verbatim: bool) {
        let text = self.text_length..self.text_length + length;
        self.text_length = text.end;
        match self.pieces.last_mut() {
            Some(last) if verbatim && last.verbatim && last.original.end == original.start => {
                last.text.end = text.end;
                last.original.end = original.end;
            }
            _ => self.pieces.push(Piece {
                text,
                original,
                verbatim,
            }),
        }
    }

    /// The bytes of the original that bytes of the text come from.
    ///
    /// A character that stands for several gives all of them. What was removed counts only where it lies between
    /// characters of the range. Bounds beyond the text count as its end; an empty range gives an empty range.
    pub fn to_original(&self, range: Range<usize>) -> Range<usize> {
        let first = self
            .pieces
            .partition_point(|piece| piece.text.end <= range.start);
        let start = match self.pieces.get(first) {
            Some(piece) if piece.verbatim => {
                piece.original.start + (range.start - piece.text.start)
            }
            Some(piece) => piece.original.start,
            None => self.original_length,
        };
        if range.start >= range.end || first == self.pieces.len() {
            return start..start;
        }
        let last = self
            .pieces
            .partition_point(|piece| piece.text.end < range.end);
        let end = match self.pieces.get(last).or(self.pieces.last()) {
            Some(piece) if piece.verbatim && range.end <= piece.text.end => {
                piece.original.start + (range.end - piece.text.start)
            }
            Some(piece) => piece.original.end,
            None => self.original_length,
        };
        start..end.max(start)
    }
}
