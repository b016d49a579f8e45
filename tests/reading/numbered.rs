//! The numbered form.

use jiff::civil::date;
use std::fs;
use std::path::Path;

use super::*;

#[test]
fn a_numbered_page_is_read_whole() {
    let post = fixture("numbered.txt");
    assert_eq!(post.id, "numbered");
    assert_eq!(post.title.as_deref(), Some("The Ferry Timetable"));
    assert_eq!(post.published, Some(date(2019, 5, 14)));
    assert_eq!(
        post.body,
        "The winter timetable came out on Monday,\ntwo weeks late.\n\n3. Harbour Street is still not on it."
    );
    assert_eq!(
        thread(&post),
        [
            (
                None,
                "At last, but who can read it?\n\nThey list:\n\n\
                 1. sailings that never sail\n2. a pier that closed\n\n\
                 2.) and a phone number nobody answers"
            ),
            (Some(1), "The pier opens again in June."),
            (Some(1), "Replies\nto letters take a month too."),
            (
                None,
                "My old crew would have put it on one page.\nOne page!"
            ),
            (
                None,
                "I pressed the button that said\nDelete\nand my booking was gone."
            ),
            (
                Some(5),
                "Mine as well.\n\n3. Harbour Street was never there, by the way."
            ),
            (None, "Add me to the list."),
        ]
    );
    assert!(post.warnings.is_empty(), "{:?}", post.warnings);
}

#[test]
fn a_numbered_page_without_indentation_reads_the_same() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reading/numbered.txt");
    let text = fs::read_to_string(path).unwrap();
    let flat: Vec<&str> = text.lines().map(str::trim).collect();
    let indented = page(&text);
    assert_eq!(page(&flat.join("\n")), indented);
    // Line ends and no-break spaces make no difference either.
    assert_eq!(page(&text.replace('\n', "\r\n")), indented);
    assert_eq!(page(&text.replace('\n', "\r")), indented);
    assert_eq!(page(&text.replace("    ", "\u{a0}\u{a0}\u{a0} ")), indented);
}

#[test]
fn dates_are_read_in_british_and_american_order() {
    for line in [
        "Thursday, 16 September 2010",
        "Thursday, September 16, 2010",
        "16 September 2010",
    ] {
        let post = page(&format!("{line}\n\nTitle\n\nBody.\n\nNo comments:\n"));
        assert_eq!(post.published, Some(date(2010, 9, 16)), "{line}");
        assert_eq!(
            (post.title.as_deref(), post.body.as_str()),
            (Some("Title"), "Body.")
        );
        assert!(post.comments.is_empty() && post.warnings.is_empty());
    }
}

#[test]
fn a_date_that_cannot_be_true_is_warned_of() {
    let post = page("Friday, 31 June 2010\n\nTitle\n\nBody.\n");
    assert_eq!(
        (post.published, post.title.as_deref()),
        (None, Some("Title"))
    );
    assert_only_warning(&post, &["line 1", "Friday, 31 June 2010"]);
    let post = page("Friday, 16 September 2010\n\nTitle\n\nBody.\n");
    assert_eq!(post.published, Some(date(2010, 9, 16)));
    assert_only_warning(&post, &["line 1", "day of the week"]);
}

#[test]
fn a_numbered_page_without_a_date_line_gets_no_date_and_no_title() {
    let post =
        page("Marigolds again\n\nThey grow.\n\n1 comment:\n\n  1. Nice.\n\n    ReplyDelete\n");
    assert_eq!((post.published, post.title.as_deref()), (None, None));
    assert_eq!(post.body, "Marigolds again\n\nThey grow.");
    assert_eq!(thread(&post), [(None, "Nice.")]);
    assert_only_warning(&post, &["line 1", "date"]);
}

#[test]
fn a_post_without_a_thread_has_no_comments() {
    let post = page("Monday, 4 May 2020\n\nSoup\n\nDelete the onions, I say.\n\nThen stir.\n");
    assert_eq!(post.title.as_deref(), Some("Soup"));
    assert_eq!(post.body, "Delete the onions, I say.\n\nThen stir.");
    assert!(post.comments.is_empty() && post.warnings.is_empty());
}

#[test]
fn the_count_is_held_against_what_was_found() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reading/numbered.txt");
    let text = fs::read_to_string(path).unwrap();
    for (stated, words) in [
        ("9 comments:", "9 comments"),
        ("2 comments:", "2 comments"),
        ("1 comment:", "1 comment "),
    ] {
        for text in [
            text.clone(),
            text.lines().map(str::trim).collect::<Vec<_>>().join("\n"),
        ] {
            let post = page(&text.replace("7 comments:", stated));
            assert_eq!(post.comments.len(), 7, "{stated}");
            assert_only_warning(&post, &["line 10", words, "7 were found"]);
        }
    }
}

#[test]
fn a_count_in_the_body_is_not_the_header() {
    let text = "Monday, 4 May 2020\n\nOld threads\n\nThis one had\n\n5 comments:\n\n1. about mud\n\n2. about rain\n\n\
                1 comment:\n\n  1. I wrote about mud.\n\n    ReplyDelete\n";
    let post = page(text);
    assert_eq!(
        post.body,
        "This one had\n\n5 comments:\n\n1. about mud\n\n2. about rain"
    );
    assert_eq!(thread(&post), [(None, "I wrote about mud.")]);
    assert!(post.warnings.is_empty());
}

#[test]
fn a_count_in_a_comment_is_not_the_header() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n2 comments:\n\n  1. It said\n\n    3 comments:\n\n    1. none of them mine\n\n\
                \u{20}   ReplyDelete\n  2. Quite.\n\n    ReplyDelete\n";
    let post = page(text);
    assert_eq!(post.body, "Mud.");
    assert_eq!(
        thread(&post),
        [
            (None, "It said\n\n3 comments:\n\n1. none of them mine"),
            (None, "Quite.")
        ]
    );
}

#[test]
fn a_page_of_a_longer_thread_says_where_the_rest_is() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n213 comments:\n\n1 – 2 of 213   Newer›   Newest»\n\n  1. One.\n\n    ReplyDelete\n  \
                2. Two.\n\n    ReplyDelete\n1 – 2 of 213   Newer›   Newest»\n\nAdd comment\n";
    let post = page(text);
    assert_eq!(thread(&post), [(None, "One."), (None, "Two.")]);
    assert_only_warning(
        &post,
        &["line 7", "213 comments", "2 were found", "1 to 2 of 213"],
    );
}

#[test]
fn a_gap_in_the_numbers_is_warned_of() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n4 comments:\n\n  1. One.\n\n    ReplyDelete\n  4. Four.\n\n    ReplyDelete\n";
    for text in [text.to_owned(), text.replace("  ", "")] {
        let post = page(&text);
        assert_eq!(thread(&post), [(None, "One."), (None, "Four.")]);
        assert_has_warning(&post, &["line 12", "numbered 4", "2 is next"]);
        assert_has_warning(&post, &["line 7", "4 comments", "2 were found"]);
    }
}

#[test]
fn lists_after_a_marker_word_stay_in_the_comment() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n3 comments:\n\n  1. The screen shows\n    ReplyDelete\n    2. mud\n    Delete\n    \
                Replies\n    1. rain\n\n    ReplyDelete\n    Replies\n    1. Mine shows\n      Delete\n      2. snow\n\n      Delete\n  \
                2. Buy another.\n\n    ReplyDelete\n";
    let post = page(text);
    assert_eq!(
        thread(&post),
        [
            (
                None,
                "The screen shows\nReplyDelete\n2. mud\nDelete\nReplies\n1. rain"
            ),
            (Some(1), "Mine shows\nDelete\n2. snow"),
            (None, "Buy another."),
        ]
    );
    assert!(post.warnings.is_empty(), "{:?}", post.warnings);
}

#[test]
fn a_line_that_lost_its_indentation_changes_nothing() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reading/numbered.txt");
    let text = fs::read_to_string(path).unwrap();
    let whole = page(&text);
    for (place, line) in text.lines().enumerate() {
        let lost: Vec<&str> = text
            .lines()
            .enumerate()
            .map(|(other, line)| if other == place { line.trim() } else { line })
            .collect();
        assert_eq!(page(&lost.join("\n")), whole, "{line}");
    }
}

#[test]
fn a_thread_whose_beginning_is_missing_is_read() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n3 comments:\n\n  2. Two.\n\n    ReplyDelete\n  3. Three.\n\n    ReplyDelete\n";
    let post = page(text);
    assert_eq!(post.body, "Mud.");
    assert_eq!(thread(&post), [(None, "Two."), (None, "Three.")]);
    assert_only_warning(&post, &["line 7", "3 comments", "2 were found"]);
}

#[test]
fn a_count_without_a_thread_is_warned_of() {
    let post = page("Monday, 4 May 2020\n\nMud\n\nMud.\n\n3 comments:\n\nSign in to see them.\n");
    assert!(post.body.ends_with("3 comments:\n\nSign in to see them."));
    assert_only_warning(&post, &["line 7", "3 comments:", "part of the post"]);
    let shut = page("Monday, 4 May 2020\n\nMud\n\nMud.\n\n3 comments:\n\nLoad more...\n\nHome\n");
    assert_eq!(shut.body, "Mud.");
    assert_only_warning(&shut, &["line 7", "3 comments", "0 were found"]);
}

#[test]
fn a_thread_without_its_count_is_read_with_a_warning() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n  1. One.\n\n    ReplyDelete\n    Replies\n    1. Two.\n\n      Delete\n";
    let post = page(text);
    assert_eq!(post.body, "Mud.");
    assert_eq!(thread(&post), [(None, "One."), (Some(1), "Two.")]);
    assert_only_warning(&post, &["line 7", "counts"]);
}

#[test]
fn text_after_the_last_comment_is_left_out_with_a_warning() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n1 comment:\n\n  1. One.\n\n    ReplyDelete\n\nAbout me\nI like mud.\n\nHome\n";
    let post = page(text);
    assert_eq!(thread(&post), [(None, "One.")]);
    assert_only_warning(&post, &["line 13", "line 14", "left out"]);
}

#[test]
fn a_cut_numbered_page_keeps_its_partial_comment() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n4 comments:\n\n  1. One.\n\n    ReplyDelete\n    Replies\n    1. Two.\n\n      Delete\n";
    let reply = page(&format!("{text}    2. Three and\n\n      a ha"));
    assert_eq!(
        thread(&reply),
        [
            (None, "One."),
            (Some(1), "Two."),
            (Some(1), "Three and\n\na ha")
        ]
    );
    assert_has_warning(&reply, &["line 18", "breaks off", "comment 3"]);
    assert_has_warning(&reply, &["4 comments", "3 were found"]);
    let top = page(&format!(
        "{text}  2. Three and\n\n    a half.\n\n    ReplyDel"
    ));
    assert_eq!(thread(&top)[2], (None, "Three and\n\na half."));
    assert_has_warning(&top, &["breaks off", "comment 3"]);
    let start = page(&format!("{text}  2."));
    assert_eq!(start.comments.len(), 2);
    assert_has_warning(&start, &["line 16", "breaks off"]);
    let head = page(&text[..text.find("  1.").unwrap()]);
    assert_eq!((head.body.as_str(), head.comments.len()), ("Mud.", 0));
    assert_only_warning(&head, &["4 comments", "0 were found"]);
}

#[test]
fn a_comment_without_text_is_kept_with_a_warning() {
    let post = page("Monday, 4 May 2020\n\nMud\n\nMud.\n\n1 comment:\n\n  1.\n\n    ReplyDelete\n");
    assert_eq!(thread(&post), [(None, "")]);
    assert_only_warning(&post, &["line 9", "no text"]);
}

#[test]
fn a_thread_closed_to_replies_keeps_its_levels() {
    let text = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n3 comments:\n\n  1. One.\n\n    Delete\n    Replies\n    1. Two.\n\n      Delete\n  2. Three.\n\n    Delete\n";
    assert_eq!(
        thread(&page(text)),
        [(None, "One."), (Some(1), "Two."), (None, "Three.")]
    );
}
