//! Going through the comments in order and linking each to the first one that it is the same as.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jiff::civil::{DateTime, Time};

use super::near::{Frequencies, Index};
use super::{CommentRef, LEAST_WORDS, Link, Why, compared, own_of};
use crate::cleaning::folded::{Folded, FoldedTexts};
use crate::post::{Comment, Post};

/// How a post stands to the other copies of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// No other copy is known.
    Only,
    /// The first of several.
    First,
    /// A later copy of the post of this number.
    Copy(usize),
}

/// What comments share that are one comment. `page` is the number of the first copy of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Id {
        page: usize,
        id: &'a str,
    },
    IdAndText {
        id: &'a str,
        text: usize,
    },
    Moment {
        page: usize,
        author: usize,
        at: DateTime,
    },
    MomentAndText {
        page: usize,
        author: usize,
        at: DateTime,
        text: usize,
    },
    TextAndParent {
        page: usize,
        text: usize,
        parent: Option<usize>,
    },
    Text {
        page: usize,
        text: usize,
    },
}

/// What is known of the comments gone through so far.
pub(super) struct Finder<'a> {
    posts: &'a [Post],
    own: &'a [Vec<Vec<Range<usize>>>],
    copy_of: &'a [Option<usize>],
    folded: &'a [Vec<Folded>],
    authors: FoldedTexts<'a>,
    seen: HashMap<Key<'a>, Vec<CommentRef>>,
    by_text: HashMap<usize, CommentRef>,
    near: Index<CommentRef>,
}

/// One comment while its post is looked at.
struct Candidate<'a> {
    at: CommentRef,
    id: Option<&'a str>,
    moment: Option<(usize, DateTime)>,
    text: usize,
    words: usize,
    parent: Option<usize>,
    link: Option<Link>,
}

impl<'a> Candidate<'a> {
    fn by_text(&self, page: usize) -> Key<'a> {
        Key::Text {
            page,
            text: self.text,
        }
    }

    fn by_text_and_parent(&self, page: usize) -> Key<'a> {
        Key::TextAndParent {
            page,
            text: self.text,
            parent: self.parent,
        }
    }

    fn by_moment(&self, page: usize) -> Option<Key<'a>> {
        self.moment
            .map(|(author, at)| Key::Moment { page, author, at })
    }
}

impl<'a> Finder<'a> {
    /// Nothing gone through yet; `frequencies` has counted every text that will be compared.
    pub(super) fn new(
        posts: &'a [Post],
        own: &'a [Vec<Vec<Range<usize>>>],
        copy_of: &'a [Option<usize>],
        folded: &'a [Vec<Folded>],
        frequencies: Frequencies,
    ) -> Self {
        Self {
            posts,
            own,
            copy_of,
            folded,
            authors: FoldedTexts::default(),
            seen: HashMap::new(),
            by_text: HashMap::new(),
            near: Index::new(frequencies),
        }
    }

    /// The links of the next post's comments; posts must come in order.
    ///
    /// A link may lead to a comment that is a duplicate itself, but never to one that comes later.
    pub(super) fn links(
        &mut self,
        number: usize,
        post: &'a Post,
        place: Place,
    ) -> Vec<Option<Link>> {
        let page = if let Place::Copy(first) = place {
            first
        } else {
            number
        };
        let mut candidates = self.candidates(number, post);
        for candidate in &mut candidates {
            self.link_by_id(page, candidate);
        }
        for candidate in &mut candidates {
            self.link_by_moment(page, candidate);
        }
        if place != Place::Only {
            // A form of page that loses who answers whom says nothing of parents.
            let first = self.posts.get(page).unwrap_or(post);
            let flat = [post, first]
                .iter()
                .any(|post| post.comments.iter().all(|comment| comment.parent.is_none()));
            self.link_by_place(page, place, flat, &mut candidates);
        }
        for (candidate, comment) in candidates.iter_mut().zip(&post.comments) {
            self.link_by_text(candidate, comment);
        }
        candidates
            .into_iter()
            .map(|candidate| candidate.link)
            .collect()
    }

    fn candidates(&mut self, number: usize, post: &'a Post) -> Vec<Candidate<'a>> {
        let mut by_id: HashMap<&str, usize> = HashMap::new();
        let mut candidates = Vec::with_capacity(post.comments.len());
        let folded = self.folded.get(number).into_iter().flatten();
        for (index, (comment, text)) in post.comments.iter().zip(folded).enumerate() {
            by_id.insert(&comment.id, text.number);
            let author = comment
                .author
                .as_deref()
                .filter(|author| !author.trim().is_empty());
            let author = author.map(|author| self.authors.number(author).number);
            // Midnight to the second is what tables write where they have no time.
            let time = comment.time.filter(|time| *time != Time::midnight());
            let at = comment
                .published
                .zip(time)
                .map(|(day, time)| day.to_datetime(time));
            candidates.push(Candidate {
                at: CommentRef {
                    post: number,
                    comment: index,
                },
                id: comment
                    .source_id
                    .as_deref()
                    .map(str::trim)
                    .filter(|id| !id.is_empty()),
                moment: author.zip(at),
                text: text.number,
                words: text.words,
                parent: comment
                    .parent
                    .as_deref()
                    .and_then(|parent| by_id.get(parent).copied()),
                link: None,
            });
        }
        candidates
    }

    // An id tells comments of one page and its copies; elsewhere it may be a mere number, and the words must agree. So must
    // they within one copy of a page: who gives every comment the same id means none.
    fn link_by_id(&mut self, page: usize, candidate: &mut Candidate<'a>) {
        let Some(id) = candidate.id else { return };
        let of_page = Key::Id { page, id };
        let with_text = Key::IdAndText {
            id,
            text: candidate.text,
        };
        let first = self.seen.get(&of_page).and_then(|seen| seen.first());
        let other_words = first.is_some_and(|of| {
            of.post == candidate.at.post
                && self.folded[of.post][of.comment].number != candidate.text
        });
        if other_words {
            self.link_to_first(&[with_text], Why::SourceId, candidate);
        } else {
            self.link_to_first(&[of_page, with_text], Why::SourceId, candidate);
        }
    }

    fn link_by_moment(&mut self, page: usize, candidate: &mut Candidate<'a>) {
        let Some((author, at)) = candidate.moment else {
            return;
        };
        let key = Key::MomentAndText {
            page,
            author,
            at,
            text: candidate.text,
        };
        self.link_to_first(&[key], Why::PostAuthorTime, candidate);
    }

    fn link_to_first(&mut self, keys: &[Key<'a>], why: Why, candidate: &mut Candidate<'a>) {
        if candidate.link.is_some() {
            return;
        }
        let first = |key: &Key<'a>| self.seen.get(key)?.first().copied();
        match keys.iter().find_map(first) {
            Some(of) => candidate.link = Some(Link { of, why }),
            None => {
                for key in keys {
                    self.seen.entry(*key).or_default().push(candidate.at);
                }
            }
        }
    }

    // Matches the comments of a later copy with those of the earlier ones, and keeps what is new for the copies to come.
    fn link_by_place(
        &mut self,
        page: usize,
        place: Place,
        flat: bool,
        candidates: &mut [Candidate<'a>],
    ) {
        let matched = |candidate: &Candidate, copy_of: &[Option<usize>]| {
            let of = candidate.link?.of;
            let page_of = copy_of.get(of.post).copied().flatten().unwrap_or(of.post);
            (page_of == page && of.post != candidate.at.post).then_some(of)
        };
        if let Place::Copy(_) = place {
            let mut taken: HashSet<CommentRef> = candidates
                .iter()
                .filter_map(|candidate| matched(candidate, self.copy_of))
                .collect();
            // Where some ids agree, comments of other ids are other comments.
            let ids_agree = candidates.iter().any(|candidate| {
                candidate.link.is_some_and(|link| link.why == Why::SourceId)
                    && matched(candidate, self.copy_of).is_some()
            });
            for why in [Why::SamePage, Why::PostAuthorTime] {
                let mut next: HashMap<Key, usize> = HashMap::new();
                for candidate in candidates.iter_mut() {
                    if candidate.link.is_some() || (ids_agree && candidate.id.is_some()) {
                        continue;
                    }
                    let key = match why {
                        Why::SamePage if flat => Some(candidate.by_text(page)),
                        Why::SamePage => Some(candidate.by_text_and_parent(page)),
                        _ => candidate.by_moment(page),
                    };
                    let Some((key, known)) = key.and_then(|key| Some((key, self.seen.get(&key)?)))
                    else {
                        continue;
                    };
                    let next = next.entry(key).or_default();
                    while let Some(&of) = known.get(*next)
                        && candidate.link.is_none()
                    {
                        *next += 1;
                        if taken.insert(of) {
                            candidate.link = Some(Link { of, why });
                        }
                    }
                }
            }
        }
        for candidate in candidates.iter() {
            if matched(candidate, self.copy_of).is_some() {
                continue;
            }
            let keys = [
                Some(candidate.by_text(page)),
                Some(candidate.by_text_and_parent(page)),
                candidate.by_moment(page),
            ];
            for key in keys.into_iter().flatten() {
                self.seen.entry(key).or_default().push(candidate.at);
            }
        }
    }

    fn link_by_text(&mut self, candidate: &mut Candidate<'a>, comment: &'a Comment) {
        let equal = self.by_text.get(&candidate.text).copied();
        if candidate.link.is_none() {
            candidate.link = equal.map(|of| Link {
                of,
                why: Why::EqualText,
            });
        }
        if candidate.link.is_none()
            && let Some(text) = compared(comment, own_of(self.own, candidate.at))
        {
            let near = self.near.near(&text).next();
            match near {
                Some(of) => {
                    candidate.link = Some(Link {
                        of,
                        why: Why::NearText,
                    })
                }
                None => self.near.insert(candidate.at, text),
            }
        }
        if candidate.words >= LEAST_WORDS {
            self.by_text.entry(candidate.text).or_insert(candidate.at);
        }
    }
}
