//! The flattened form.

use super::*;

#[test]
fn a_flattened_page_is_read_whole() {
    let post = fixture("flattened.txt");
    assert_eq!((post.title.as_deref(), post.published), (None, None));
    assert_eq!(
        post.body,
        "The new ferry has been blessed by the mayor.\n\nIt will sail in spring, they say."
    );
    assert_eq!(
        thread(&post),
        [
            (
                None,
                "Which spring?\n\nI asked the same and heard nothing.\n\nMy cousin paints the hull and knows no date either."
            ),
            (
                Some(1),
                "Ask Marla Tint, she runs the yard.\n\nmarla - on holiday\n\nThe yard - closed"
            ),
            (
                None,
                "1. Buy a kayak.\n\n2. Learn to swim.\n\nDeleted my account over this, by the way."
            ),
            (Some(3), "That is a bit much."),
        ]
    );
    assert_only_warning(&post, &["line 11", "Deleted"]);
}

#[test]
fn a_page_without_markers_is_all_body() {
    let post = fixture("post_alone.txt");
    assert_eq!(
        post.body,
        "The harbour wall needs paint.\n\nIt has needed paint since my uncle Orrin fell off it."
    );
    assert!(post.comments.is_empty() && post.warnings.is_empty());
}

#[test]
fn words_that_start_with_delete_are_text() {
    for word in [
        "Deleted files",
        "Deletes it",
        "Deleter!",
        "Delete it all",
        "Deletes",
        "Deleted: three",
    ] {
        let post = page(&format!("Body.\nFirst.\nReplyDeleteMore.\n{word}\n"));
        assert_eq!(
            thread(&post)[0].1,
            format!("First.\n\nMore.\n\n{word}"),
            "{word}"
        );
        assert_has_warning(&post, &["line 4", "Delete"]);
    }
    for text in [
        "deleting",
        "rivers",
        "Do it",
        "\"Quote\"",
        "£5",
        "08:12",
        "scarce",
    ] {
        let post = page(&format!(
            "Body.\nFirst.\nReplyDeleteSecond.\nDelete{text}\n"
        ));
        assert_eq!(
            thread(&post),
            [(None, "First."), (Some(1), &*format!("Second.\n\n{text}"))],
            "{text}"
        );
    }
}

#[test]
fn markers_side_by_side_give_a_comment_without_text() {
    let post = page("Body.\nFirst.\nReplyDelete\nDeleteSecond.\nReplyDelete");
    assert_eq!(
        thread(&post),
        [(None, "First."), (Some(1), ""), (None, "Second.")]
    );
    assert_only_warning(&post, &["line 4", "comment 2"]);
    let glued = page("Body.\nFirst.\nReplyDeleteDeleteSecond.\nReplyDelete");
    assert_eq!(thread(&glued), thread(&post));
}

#[test]
fn a_reply_to_nothing_has_no_parent() {
    let post = page("Body.\nFirst.\nDeleteSecond.\nReplyDeleteThird.\nDelete");
    assert_eq!(post.body, "Body.");
    assert_eq!(
        thread(&post),
        [(None, "First."), (None, "Second."), (Some(2), "Third.")]
    );
    assert_only_warning(&post, &["line 3", "comment 1", "reply"]);
}

#[test]
fn a_flattened_page_that_stops_in_a_sentence_is_warned_of() {
    let post = page("Body.\nFirst.\nReplyDeleteSecond.\nReplyDeleteAnd this goes on to the");
    assert_eq!(
        thread(&post)[1],
        (None, "Second.\n\nAnd this goes on to the")
    );
    assert_only_warning(&post, &["line 4", "break off", "comment 2"]);
}

#[test]
fn links_at_the_end_of_a_flattened_page_are_left_out() {
    let post =
        page("Body.\nFirst.\nReplyDeleteSecond.\nReplyDeleteAdd comment\nLoad more...\nHome");
    assert_eq!(thread(&post), [(None, "First."), (None, "Second.")]);
    assert_only_warning(&post, &["line 4", "left out"]);
    assert_eq!(
        thread(&page("Body.\nFirst.\nReplyDeleteHome"))[0].1,
        "First.\n\nHome"
    );
}
