//! What belongs to the page or to the form of a comment rather than to its words.
//!
//! Everything found is a whole line without the white space around it, or stands at the start of one. Rules look at
//! the lines as they are without what was found before, until no rule finds more; so a text from which everything found
//! is taken away (with the line ends left in place) has nothing left to find.

mod address;
mod labels;
mod lines;
mod names;
mod numbering;
mod signature;
mod stamp;

pub use self::signature::SignatureBook;

use self::lines::Lines;
use super::links::Link;
use super::span::Finding;

/// Finds signatures, address lines, time stamps, share buttons and numbering in a normalised text.
///
/// The links of the same text tell lines that hold nothing but links, which a signature may stand above; nothing found
/// overlaps them. With a book, names that people of the corpus sign with are found where they stand alone. The findings
/// are in order and apart; `of` is empty.
pub fn find(text: &str, links: &[Link], book: Option<&SignatureBook>) -> Vec<Finding> {
    let mut lines = Lines::of(text, links);
    find_all(&mut lines, book);
    lines.into_findings()
}

/// Lets all rules take what they find, until none finds more.
fn find_all(lines: &mut Lines, book: Option<&SignatureBook>) {
    loop {
        let before = lines.count_found();
        stamp::find(lines);
        labels::find(lines);
        numbering::find(lines);
        address::find(lines);
        signature::find(lines, book);
        if lines.count_found() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
