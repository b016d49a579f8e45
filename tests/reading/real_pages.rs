//! Real pages, which are not part of the project.

use std::fs;

use jiff::civil::date;
use undertone::post::Post;
use undertone::reading::{Corpus, ReadLimits, read_file};

use super::common::shared;
use super::folders::posts;

#[test]
fn real_pages_are_read_as_people_read_them() {
    let Some(shared) = shared() else { return };
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for gold in ["structure_000.json", "dev.json"] {
        let gold = fs::read_to_string(shared.join("gold").join(gold)).unwrap();
        let gold: serde_json::Value = serde_json::from_str(&gold).unwrap();
        let path = shared.join("seeds").join(gold["file"].as_str().unwrap());
        let post = read_file(&path, "page", ReadLimits::default()).unwrap();
        assert!(post.warnings.is_empty(), "{:?}", post.warnings);
        assert_eq!(post.title.as_deref(), gold["title"].as_str());
        assert_eq!(
            post.published.map(|date| date.to_string()).as_deref(),
            gold["date"].as_str()
        );
        let expected = gold["comments"].as_array().unwrap();
        assert_eq!(post.comments.len(), expected.len());
        for (comment, expected) in post.comments.iter().zip(expected) {
            assert_eq!(comment.id, expected["id"].as_str().unwrap());
            assert_eq!(
                comment.parent.as_deref(),
                expected["parent"].as_str(),
                "{}",
                comment.id
            );
            assert_eq!(
                folded(&comment.text),
                folded(expected["text"].as_str().unwrap()),
                "{}",
                comment.id
            );
        }
    }
}

#[test]
fn real_pages_have_the_comments_they_state() {
    let Some(shared) = shared() else { return };
    let corpus = Corpus::open(&shared.join("seeds"), ReadLimits::default()).unwrap();
    let posts: Vec<Post> = posts(&corpus).into_iter().map(Result::unwrap).collect();
    let counts: Vec<(&str, usize, usize)> = posts
        .iter()
        .map(|post| {
            let replies = post
                .comments
                .iter()
                .filter(|comment| comment.parent.is_some())
                .count();
            (post.id.as_str(), post.comments.len(), replies)
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("000", 22, 9),
            ("001", 40, 22),
            ("002", 0, 0),
            ("003", 24, 10),
            ("004", 16, 7)
        ]
    );
    assert!(posts.iter().all(|post| post.warnings.is_empty()));
    assert_eq!(posts[4].published, Some(date(2020, 3, 2)));
}

// Any page.
