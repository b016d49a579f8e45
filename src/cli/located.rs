//! Labelled texts, found again in the corpus that they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::args::ReadingArgs;
use super::failure::Failure;
use super::forget::forgotten;
use super::settings::read_limits;
use super::stages::{Pages, clean, passages, read};
use crate::cleaning::{CleanPost, Rules};
use crate::labelled::{Labelled, LabelledFile};
use crate::passage::Passage;
use crate::post::Post;
use crate::progress::Progress;
use crate::reading::Corpus;

/// Of a labelled text with fewer words nothing is made of how many the comment in the corpus has too: a spreadsheet may
/// have turned all of them into a date.
const FEWEST_WORDS: usize = 5;

/// A corpus, read and cleaned as a run does it.
pub(super) struct CleanCorpus {
    folder: String,
    posts: Vec<Post>,
    cleaned: Vec<CleanPost>,
}

/// A comment of the corpus.
pub(super) struct Located<'c> {
    /// Its text, as the page has it.
    pub text: &'c str,
    /// What the model is given of it: cleaned in its thread, beside what it answers.
    pub passage: Passage<&'c str>,
}

impl CleanCorpus {
    /// Reads and cleans every page of a folder, without comments that are forgotten; what cannot be read is said on stderr.
    ///
    /// # Errors
    /// The folder cannot be listed, no page of it can be read, or the list of forgotten comments cannot.
    pub(super) fn read(
        folder: &Path,
        reading: &ReadingArgs,
        rules: &Rules,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        let corpus = Corpus::open(folder, read_limits(reading))?;
        let forgotten = forgotten(reading, None)?;
        let Pages { posts, skipped, .. } =
            read(&corpus, folder, Path::new(""), &forgotten, progress);
        for skipped in &skipped {
            progress.warn(&format!("skipped {}: {}", skipped.source, skipped.reason));
        }
        let folder = folder.display().to_string();
        if posts.is_empty() {
            return Err(Failure::NothingRead(folder));
        }
        Ok(Self {
            cleaned: clean(rules, &posts, progress),
            folder,
            posts,
        })
    }

    /// The comments that texts of a file are labels for, by `post` and `id`, in the order of the texts.
    ///
    /// # Errors
    /// A text has no post or id, is not in the corpus, or is another text there; the message names its line.
    pub(super) fn locate(
        &self,
        file: &LabelledFile,
        texts: &[&Labelled],
    ) -> Result<Vec<Located<'_>>, Failure> {
        let wanted: BTreeSet<&str> = texts
            .iter()
            .filter_map(|text| text.post.as_deref())
            .collect();
        let mut comments: BTreeMap<(&str, &str), Located<'_>> = BTreeMap::new();
        for (post, cleaned) in self.posts.iter().zip(&self.cleaned) {
            if wanted.contains(post.id.as_str()) {
                let all = post.comments.iter().zip(passages(post, cleaned));
                comments.extend(all.map(|(comment, passage)| {
                    let text = comment.text.as_str();
                    let key = (post.id.as_str(), comment.id.as_str());
                    (key, Located { text, passage })
                }));
            }
        }
        let locate = |text: &&Labelled| {
            let not_found = |problem: String, remedy| Failure::NotLocated {
                file: file.path.clone(),
                place: file.place(text),
                problem,
                remedy,
            };
            let (Some(post), Some(id)) = (&text.post, &text.id) else {
                return Err(not_found(
                    "the text has no post or no id, by which it is found in the corpus".to_owned(),
                    "fill in both as `undertone sample` wrote them, or leave out --corpus",
                ));
            };
            let found = comments.get(&(post.as_str(), id.as_str())).ok_or_else(|| {
                not_found(
                    format!("there is no comment {id:?} of a post {post:?} in {}", self.folder),
                    "name the folder that the sample was drawn from, correct post and id, or remove the row",
                )
            })?;
            if !is_like(&text.text, found.text) {
                return Err(not_found(
                    format!("the comment {id:?} has another text in {}", self.folder),
                    "the page has changed since the sample was drawn, or the row has: correct its id, or remove it",
                ));
            }
            Ok(Located {
                text: found.text,
                passage: found.passage.clone(),
            })
        };
        texts.iter().map(locate).collect()
    }
}

/// Whether a labelled text may be that of a comment, whatever a spreadsheet did to its characters: half of its words are
/// the comment's too.
pub(super) fn is_like(labelled: &str, comment: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let (labelled, comment) = (words(labelled), words(comment));
    let common = labelled.intersection(&comment).count();
    labelled.len() < FEWEST_WORDS || 2 * common >= labelled.len()
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_text_that_a_spreadsheet_garbled_is_known_again() {
        let comment = "Sixty cases each – and no admin, it’s unbearable. 10/10 for spin!";
        assert!(is_like(
            "Sixty cases each ? and no admin, it?s unbearable. 10/10",
            comment
        ));
        assert!(is_like("10-Oct", "10/10"));
        assert!(!is_like("The union wants a ballot in the autumn", comment));
    }
}
