//! Comments that a corpus has more than once, so that each is counted once.
//!
//! What comes first counts: posts in the order given, comments in the order of the page. A comment is a duplicate
//! - of the comment with the same id of the source, on the same page or with the same words;
//! - of the comment of the same page, author, day and time: one with the same words, or, on a copy of the page, the
//!   one in the same place among those (its words were edited);
//! - on a copy of a page, of the comment with the same words under the same parent, the second such comment of the
//!   second and so on, however short they are: two people's "So true" stay two;
//! - of any comment with the same words, at least [`LEAST_WORDS`] of them;
//! - of any counted comment whose own words are nearly the same, where both have at least [`LEAST_WORDS`] (see
//!   `near.rs`). Own words are those that are not quoted: answers to one quotation are not alike because they quote
//!   it. A comment that has no words of its own at all is compared with those it quotes.
//!
//! Comments that differ in a name or a figure alone (a letter that many people send) are nearly the same and are
//! counted once; so are those that differ in one word of opinion, unless that is a denial.

use std::collections::HashSet;
use std::ops::Range;

use self::matching::{Finder, Place};
use self::near::{Frequencies, Shingles};
use super::folded::{Folded, FoldedTexts};
use crate::post::{Comment, Post};

mod matching;
mod near;
mod pages;
#[cfg(test)]
mod tests;

/// How many words a text has at least before it is held to be the same as another for its words alone.
pub const LEAST_WORDS: usize = 20;

/// One comment of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommentRef {
    /// The number of the post among the posts, from 0.
    pub post: usize,
    /// The number of the comment among the post's comments, from 0.
    pub comment: usize,
}

/// Why a comment is a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The source gives both the same id.
    SourceId,
    /// Both are of one post, one author, one day and one time.
    PostAuthorTime,
    /// They are in the same place of two copies of a page, with the same words.
    SamePage,
    /// The same words, at least [`LEAST_WORDS`].
    EqualText,
    /// Nearly the same words of their own, at least [`LEAST_WORDS`] each; or of all words, for what is quoted whole.
    NearText,
}

/// That a comment is a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The comment that is counted in its stead; it comes earlier and is no duplicate itself.
    pub of: CommentRef,
    /// Why it is one: of that comment, or of a duplicate of it.
    pub why: Why,
}

/// What a corpus has more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicates {
    /// For each post the number of the first copy of the same page, or none where it is that itself.
    pub copy_of: Vec<Option<usize>>,
    /// For each comment of each post whether it is a duplicate.
    pub duplicate_of: Vec<Vec<Option<Link>>>,
}

/// Finds the duplicates among all comments of a corpus.
///
/// Takes time about linear in the length of the corpus, on one thread; the links depend on the arguments alone.
///
/// The posts come in the order in which they count, by day and id. `own` gives for each comment of each post the bytes
/// of its text that are its author's words; where it has no entry the whole text is.
pub fn find(posts: &[Post], own: &[Vec<Vec<Range<usize>>>]) -> Duplicates {
    let copy_of = pages::copies(posts);
    let mut texts = FoldedTexts::default();
    let folded: Vec<Vec<Folded>> = posts
        .iter()
        .map(|post| {
            post.comments
                .iter()
                .map(|comment| texts.number(&comment.text))
                .collect()
        })
        .collect();
    drop(texts);
    // The same words as before are linked before anything near is looked for.
    let mut known = HashSet::new();
    let mut frequencies =
        Frequencies::for_bytes(comments(posts).map(|(_, comment)| comment.text.len()).sum());
    for ((at, comment), folded) in comments(posts).zip(folded.iter().flatten()) {
        if known.insert(folded.number)
            && let Some(text) = compared(comment, own_of(own, at))
        {
            frequencies.add(&text);
        }
    }
    drop(known);
    let mut finder = Finder::new(posts, own, &copy_of, &folded, frequencies);
    let copied: HashSet<usize> = copy_of.iter().flatten().copied().collect();
    let mut duplicate_of = Vec::with_capacity(posts.len());
    for (number, post) in posts.iter().enumerate() {
        let place = match copy_of.get(number).copied().flatten() {
            Some(first) => Place::Copy(first),
            None if copied.contains(&number) => Place::First,
            None => Place::Only,
        };
        duplicate_of.push(finder.links(number, post, place));
    }
    settle(&mut duplicate_of);
    Duplicates {
        copy_of,
        duplicate_of,
    }
}

fn comments(posts: &[Post]) -> impl Iterator<Item = (CommentRef, &Comment)> {
    posts.iter().enumerate().flat_map(|(post, page)| {
        page.comments
            .iter()
            .enumerate()
            .map(move |(comment, text)| (CommentRef { post, comment }, text))
    })
}

fn own_of(own: &[Vec<Vec<Range<usize>>>], at: CommentRef) -> Option<&[Range<usize>]> {
    own.get(at.post)?.get(at.comment).map(Vec::as_slice)
}

// What a comment is compared by with texts that are nearly the same, or none where it is too short for that.
fn compared(comment: &Comment, own: Option<&[Range<usize>]>) -> Option<Shingles> {
    let whole = || Shingles::of(std::iter::once(comment.text.as_str()), LEAST_WORDS);
    let Some(own) = own else { return whole() };
    let parts = || {
        own.iter()
            .filter_map(|range| comment.text.get(range.clone()))
    };
    match parts().any(|part| super::words::words(part).next().is_some()) {
        true => Shingles::of(parts(), LEAST_WORDS),
        false => whole(),
    }
}

// Points every link at a comment that is counted. Links point backwards, so that those they lead to are settled.
fn settle(duplicate_of: &mut [Vec<Option<Link>>]) {
    for post in 0..duplicate_of.len() {
        for comment in 0..duplicate_of.get(post).map_or(0, Vec::len) {
            let link =
                |at: CommentRef, all: &[Vec<Option<Link>>]| *all.get(at.post)?.get(at.comment)?;
            let Some(here) = link(CommentRef { post, comment }, duplicate_of) else {
                continue;
            };
            let Some(further) = link(here.of, duplicate_of) else {
                continue;
            };
            if let Some(slot) = duplicate_of
                .get_mut(post)
                .and_then(|links| links.get_mut(comment))
            {
                *slot = Some(Link {
                    of: further.of,
                    why: here.why,
                });
            }
        }
    }
}
