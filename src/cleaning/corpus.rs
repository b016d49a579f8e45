//! Whole threads and corpora, cleaned: what needs more than one text.

use rayon::prelude::*;

use super::cleaned::{Cleaned, Surroundings, clean, normal};
use super::duplicates::{self, Duplicates};
use super::furniture::SignatureBook;
use super::language::{Language, LanguageDetector};
use super::quotation::Thread;
use super::rules::{Rules, Step};
use super::text::Normal;
use crate::post::Post;

/// A comment, cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanComment {
    /// What was found in its text.
    pub cleaned: Cleaned,
    /// Its language; undetermined where the step is left out.
    pub language: Language,
    /// The id of the comment that is counted in its stead, where it is there more than once.
    pub duplicate_of: Option<String>,
    /// Whether it counts in the figures: it is no duplicate and its language counts.
    pub counted: bool,
}

/// A post with its thread, cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanPost {
    /// What was found in the post's own text.
    pub body: Cleaned,
    /// The comments in the order of the page.
    pub comments: Vec<CleanComment>,
    /// The id of the post of which this is another copy.
    pub copy_of: Option<String>,
}

/// Cleans a corpus. Of what is there more than once, the first counts, in the order of the posts; so the posts come in
/// the order of their dates.
///
/// Takes time linear in the length of the texts. `done` is called once for each post.
pub fn clean_corpus(posts: &[Post], rules: &Rules, done: impl Fn() + Sync) -> Vec<CleanPost> {
    let detector = LanguageDetector::new();
    let threads: Vec<CleanPost> = posts
        .par_iter()
        .map(|post| {
            let cleaned = clean_thread(post, rules, &detector);
            done();
            cleaned
        })
        .collect();
    if rules.has(Step::Duplicates) {
        let own: Vec<_> = posts
            .iter()
            .zip(&threads)
            .map(|(post, clean)| {
                let comments = post.comments.iter().zip(&clean.comments);
                comments
                    .map(|(comment, clean)| clean.cleaned.own_ranges(comment.text.len()))
                    .collect()
            })
            .collect();
        link(threads, posts, &duplicates::find(posts, &own))
    } else {
        threads
    }
}

/// Cleans comments that follow each other in one thread whose post is not at hand.
pub fn clean_comments<'t>(texts: impl Iterator<Item = &'t str>, rules: &Rules) -> Vec<Cleaned> {
    let comments = texts
        .enumerate()
        .map(|(number, text)| (format!("#{}", number + 1), normal(text, rules)));
    clean_in_order(Thread::default(), comments.collect(), rules)
}

/// Cleans comments by id and in normal form, each in the light of those before it.
fn clean_in_order(
    mut thread: Thread,
    comments: Vec<(String, Normal)>,
    rules: &Rules,
) -> Vec<Cleaned> {
    let texts: Vec<&str> = comments
        .iter()
        .map(|(_, normal)| normal.text.as_str())
        .collect();
    let signatures = SignatureBook::new(&texts);
    comments
        .iter()
        .map(|(id, normal)| {
            let around = Surroundings {
                thread: Some(&thread),
                signatures: Some(&signatures),
                is_body: false,
            };
            let cleaned = clean(normal, rules, &around);
            thread.add(id, &normal.text);
            cleaned
        })
        .collect()
}

fn clean_thread(post: &Post, rules: &Rules, detector: &LanguageDetector) -> CleanPost {
    let body = normal(&post.body, rules);
    let around = Surroundings {
        is_body: true,
        ..Surroundings::default()
    };
    let comments: Vec<(String, Normal)> = post
        .comments
        .iter()
        .map(|comment| (comment.id.clone(), normal(&comment.text, rules)))
        .collect();
    let languages: Vec<Language> = comments
        .iter()
        .map(|(_, normal)| match rules.has(Step::Language) {
            true => detector.detect(&normal.text),
            false => Language::Undetermined,
        })
        .collect();
    let thread = Thread::new(&post.id, &body.text);
    let cleaned = clean_in_order(thread, comments, rules).into_iter();
    CleanPost {
        body: clean(&body, rules, &around),
        comments: cleaned
            .zip(languages)
            .map(|(cleaned, language)| CleanComment {
                cleaned,
                language,
                duplicate_of: None,
                counted: rules.count_other_languages || !matches!(language, Language::Other(_)),
            })
            .collect(),
        copy_of: None,
    }
}

fn link(mut threads: Vec<CleanPost>, posts: &[Post], duplicates: &Duplicates) -> Vec<CleanPost> {
    for (thread, copy_of) in threads.iter_mut().zip(&duplicates.copy_of) {
        thread.copy_of = copy_of.map(|first| posts[first].id.clone());
    }
    for (post, links) in duplicates.duplicate_of.iter().enumerate() {
        for (comment, link) in links.iter().enumerate() {
            let Some(link) = link else { continue };
            // What is left out for its language stands in for nothing that counts.
            let stands_in = threads[link.of.post].comments[link.of.comment].counted;
            let linked = &mut threads[post].comments[comment];
            if stands_in || !linked.counted {
                linked.duplicate_of =
                    Some(posts[link.of.post].comments[link.of.comment].id.clone());
                linked.counted = false;
            }
        }
    }
    threads
}
