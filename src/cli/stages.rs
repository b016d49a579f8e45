//! The stages that several commands go through: reading, cleaning, scoring.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::failure::Failure;
use super::settings::ScoringSetup;
use crate::aggregation::{ScoredComment, ScoredPost};
use crate::cleaning::redaction::Redactor;
use crate::cleaning::{CleanPost, Rules, clean_corpus};
use crate::output::InputRecord;
use crate::passage::Passage;
use crate::post::{Comment, Post};
use crate::progress::Progress;
use crate::reading::{Corpus, Forgotten, Skipped};
use crate::store::{Recalled, Store, recall_scores};

/// The page's place within the corpus: outputs must not depend on where the corpus lies.
pub(super) fn relative(source: &str, corpus: &Path) -> String {
    let path = Path::new(source);
    path.strip_prefix(corpus)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Whether two paths name the same entry, links not followed.
pub(super) fn same_place(one: &Path, other: &Path) -> bool {
    let folder = |path: &Path| path.parent().and_then(|parent| parent.canonicalize().ok());
    one.file_name() == other.file_name() && folder(one).is_some() && folder(one) == folder(other)
}

/// What was read of a corpus.
pub(super) struct Pages {
    /// In the order of date and id, those without a date last.
    pub posts: Vec<Post>,
    /// What was read, for `run.json`.
    pub inputs: Vec<InputRecord>,
    /// What was not.
    pub skipped: Vec<Skipped>,
    /// How many comments were left out because they are forgotten.
    pub forgotten: u64,
}

/// Reads every page, and leaves out comments that are forgotten: no later stage knows of them. `latest` is the link to a
/// run's set, which is no page.
pub(super) fn read(
    corpus: &Corpus,
    folder: &Path,
    latest: &Path,
    forgotten: &Forgotten,
    progress: &Progress,
) -> Pages {
    let stage = progress.stage("reading", corpus.len() as u64);
    let pages: Vec<_> = (0..corpus.len())
        .into_par_iter()
        .filter_map(|index| {
            let page = corpus.read(index);
            stage.advance(1);
            page
        })
        .collect();
    let tables = corpus.tables().iter().map(|(table, sha256)| InputRecord {
        file: relative(table, folder),
        post: None,
        sha256: sha256.clone(),
    });
    let mut inputs: Vec<InputRecord> = tables.collect();
    let mut posts = Vec::with_capacity(pages.len());
    // The link to the latest set is no page, if the output folder lies within the corpus.
    let notices = corpus.notices().iter();
    let mut skipped: Vec<Skipped> = notices
        .filter(|notice| !same_place(Path::new(&notice.source), latest))
        .cloned()
        .collect();
    for page in pages {
        match page {
            Ok(page) => {
                inputs.push(InputRecord {
                    file: relative(&page.post.source, folder),
                    post: Some(page.post.id.clone()),
                    sha256: page.sha256,
                });
                posts.push(page.post);
            }
            Err(reason) => skipped.push(reason),
        }
    }
    posts.sort_by(Post::in_order);
    let forgotten = forgotten.leave_out(&mut posts);
    stage.finish();
    Pages {
        posts,
        inputs,
        skipped,
        forgotten,
    }
}

/// Finds whose words are whose.
pub(super) fn clean(rules: &Rules, posts: &[Post], progress: &Progress) -> Vec<CleanPost> {
    let stage = progress.stage("cleaning", posts.len() as u64);
    let cleaned = clean_corpus(posts, rules, || stage.advance(1));
    stage.finish();
    cleaned
}

/// What the model is given of each comment of a post: its passage, beside that of the comment that it answers.
pub(super) fn passages<'p>(
    post: &'p Post,
    clean: &'p CleanPost,
) -> impl Iterator<Item = Passage<&'p str>> + Send {
    let cleaned = clean.comments.iter();
    let passages = cleaned.map(|comment| &comment.cleaned.passage);
    beside_answered(post.comments.iter().zip(passages))
}

/// The same of a post that is scored.
pub(super) fn scored_passages(post: &ScoredPost) -> impl Iterator<Item = Passage<&str>> + Send {
    let comments = post.comments.iter();
    beside_answered(comments.map(|scored| (&scored.comment, &scored.cleaning.cleaned.passage)))
}

/// The passages of the comments of a post, each beside that of the comment that it answers.
fn beside_answered<'p>(
    comments: impl Iterator<Item = (&'p Comment, &'p Passage)> + Clone + Send,
) -> impl Iterator<Item = Passage<&'p str>> + Send {
    let by_id: BTreeMap<&str, &Passage> = comments
        .clone()
        .map(|(comment, passage)| (comment.id.as_str(), passage))
        .collect();
    comments.map(move |(comment, passage)| {
        let parent = comment.parent.as_deref();
        passage.answering(parent.and_then(|parent| by_id.get(parent).copied()))
    })
}

/// Scores bodies and comments, from what the store keeps as far as that goes. What does not count in the figures is scored
/// all the same: its line says so.
pub(super) fn score(
    setup: &ScoringSetup,
    store: &mut Store,
    posts: Vec<Post>,
    cleaned: Vec<CleanPost>,
    redactor: Option<&Redactor>,
    progress: &Progress,
) -> Result<(Vec<ScoredPost>, Recalled), Failure> {
    let all: Vec<Passage<&str>> = posts
        .iter()
        .zip(&cleaned)
        .flat_map(|(post, clean)| {
            let body = std::iter::once(clean.body.passage.answering(None));
            body.chain(passages(post, clean))
        })
        .collect();
    let stage = progress.stage("scoring", all.len() as u64);
    let found = recall_scores(&setup.scorer, &setup.identity, store, &all, || {
        stage.advance(1);
    });
    // Told even if scoring fails: a store may have been set aside.
    for notice in store.notices() {
        progress.warn(&notice);
    }
    let (scores, recalled) = found?;
    stage.finish();

    // Scores come in the order of the texts, one for each.
    drop(all);
    let mut scores = scores.into_iter();
    let mut scored = Vec::with_capacity(posts.len());
    for (mut post, clean) in posts.into_iter().zip(cleaned) {
        let comments = std::mem::take(&mut post.comments);
        if let Some(body) = scores.next() {
            let comments = comments
                .into_iter()
                .zip(clean.comments)
                .zip(&mut scores)
                .map(|((comment, cleaning), scores)| {
                    ScoredComment::new(comment, cleaning, scores, redactor)
                })
                .collect();
            scored.push(ScoredPost {
                post,
                cleaning: clean.body,
                copy_of: clean.copy_of,
                body,
                comments,
            });
        }
    }
    Ok((scored, recalled))
}
