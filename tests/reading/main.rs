//! Reading pages: the two forms of text, JSON, damaged input, folders and their table.

#![allow(clippy::unwrap_used, clippy::panic)]

mod any_page;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod flattened;
mod folders;
mod json;
mod numbered;
mod real_pages;

use std::path::Path;

use undertone::post::Post;
use undertone::reading::{ReadLimits, read_file, read_page};

pub(crate) fn fixture(name: &str) -> Post {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/reading")
        .join(name);
    read_file(&path, name, ReadLimits::default()).unwrap()
}

pub(crate) fn page(text: &str) -> Post {
    read_page(text, "page.txt", "p")
}

/// Each comment as (number of its parent, text).
pub(crate) fn thread(post: &Post) -> Vec<(Option<usize>, &str)> {
    let number = |id: &String| id.rsplit_once('#').unwrap().1.parse().unwrap();
    for (place, comment) in post.comments.iter().enumerate() {
        assert_eq!(comment.id, format!("{}#{}", post.id, place + 1));
        assert_eq!((&comment.author, &comment.published), (&None, &None));
    }
    post.comments
        .iter()
        .map(|comment| (comment.parent.as_ref().map(number), comment.text.as_str()))
        .collect()
}

/// Asserts that there is one warning, made of all the parts.
#[track_caller]
pub(crate) fn assert_only_warning(post: &Post, parts: &[&str]) {
    assert_eq!(post.warnings.len(), 1, "{:?}", post.warnings);
    assert_has_warning(post, parts);
}

#[track_caller]
pub(crate) fn assert_has_warning(post: &Post, parts: &[&str]) {
    let fits = |warning: &String| parts.iter().all(|part| warning.contains(part));
    assert!(
        post.warnings.iter().any(fits),
        "no {parts:?} in {:?}",
        post.warnings
    );
}
