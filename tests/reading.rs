//! Reading pages: the two forms, damaged input, folders and their table.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use proptest::prelude::*;
use tempfile::TempDir;
use undertone::post::Post;
use undertone::reading::{Corpus, ReadLimits, Skipped, post_id, read_file, read_page};

fn fixture(name: &str) -> Post {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/reading")
        .join(name);
    read_file(&path, name, ReadLimits::default()).unwrap()
}

fn page(text: &str) -> Post {
    read_page(text, "page.txt", "p")
}

/// Each comment as (number of its parent, text).
fn thread(post: &Post) -> Vec<(Option<usize>, &str)> {
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
fn assert_only_warning(post: &Post, parts: &[&str]) {
    assert_eq!(post.warnings.len(), 1, "{:?}", post.warnings);
    assert_has_warning(post, parts);
}

#[track_caller]
fn assert_has_warning(post: &Post, parts: &[&str]) {
    let fits = |warning: &String| parts.iter().all(|part| warning.contains(part));
    assert!(
        post.warnings.iter().any(fits),
        "no {parts:?} in {:?}",
        post.warnings
    );
}

// The numbered form.

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

// The flattened form.

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

// Bytes and files.

fn written(bytes: &[u8]) -> Result<Post, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("page.txt");
    fs::write(&path, bytes).unwrap();
    read_file(
        &path,
        "page.txt",
        ReadLimits {
            max_file_bytes: 1 << 20,
        },
    )
    .map_err(|error| error.to_string())
}

#[test]
fn other_encodings_are_read() {
    let text = "Caf\u{e9} au lait.\n\u{201c}Tr\u{e8}s bon.\u{201d}";
    let plain = written(text.as_bytes()).unwrap();
    assert_eq!(plain.body, text.replace('\n', "\n\n"));
    assert!(plain.warnings.is_empty());
    let with_mark = |units: Vec<[u8; 2]>| units.concat();
    let utf_16 = || std::iter::once(0xfeff).chain(text.encode_utf16());
    for bytes in [
        format!("\u{feff}{text}").into_bytes(),
        with_mark(utf_16().map(u16::to_le_bytes).collect()),
        with_mark(utf_16().map(u16::to_be_bytes).collect()),
    ] {
        assert_eq!(written(&bytes).unwrap(), plain);
    }
    let old = written(b"Milk.\nCaf\xe9 au lait.\n\x93Tr\xe8s bon.\x94").unwrap();
    assert_eq!(old.body, format!("Milk.\n\n{}", plain.body));
    assert_only_warning(&old, &["line 2", "byte 9", "Windows-1252"]);
}

#[test]
fn one_bad_byte_does_not_spoil_the_rest_of_a_page() {
    let post = written(b"Caf\xc3\xa9.\nTr\xe8s bon.\nD\xc3\xa9j\xc3\xa0 vu.").unwrap();
    assert_eq!(
        post.body,
        "Caf\u{e9}.\n\nTr\u{e8}s bon.\n\nD\u{e9}j\u{e0} vu."
    );
    assert_only_warning(&post, &["line 2", "byte 9", "Windows-1252"]);
}

#[test]
fn a_file_cut_inside_a_character_is_still_utf_8() {
    let whole = "D\u{e9}j\u{e0} vu.\nCaf\u{e9}".as_bytes();
    let post = written(&whole[..whole.len() - 1]).unwrap();
    assert_eq!(post.body, "D\u{e9}j\u{e0} vu.\n\nCaf");
    assert_only_warning(&post, &["line 2", "breaks off", "byte 14"]);
}

#[test]
fn nul_characters_are_removed_from_text_and_refused_elsewhere() {
    let post = written(b"One.\nT\0wo.\0").unwrap();
    assert_eq!(post.body, "One.\n\nTwo.");
    assert_only_warning(&post, &["line 2", "NUL"]);
    let error = written(b"\x7fELF\0\0\xff\xfe").unwrap_err();
    assert!(
        error.contains("page.txt") && error.contains("not a text file") && error.contains("save"),
        "{error}"
    );
}

#[test]
fn files_without_text_are_refused() {
    for bytes in [
        &b""[..],
        b" \r\n\t\n",
        b"\xef\xbb\xbf",
        b"\0",
        "\u{a0}".as_bytes(),
    ] {
        let error = written(bytes).unwrap_err();
        assert!(
            error.contains("page.txt") && error.contains("no text"),
            "{error}"
        );
    }
}

#[test]
fn a_file_above_the_limit_is_refused_unread() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("big.txt");
    // Sparse: it takes no room, and reading it would take its time.
    fs::File::create(&path).unwrap().set_len(200 << 30).unwrap();
    let error = read_file(&path, "big.txt", ReadLimits::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("big.txt") && error.contains("204800 MB") && error.contains("32 MB"),
        "{error}"
    );
    fs::write(&path, "12345").unwrap();
    assert!(read_file(&path, "big.txt", ReadLimits { max_file_bytes: 5 }).is_ok());
    assert!(read_file(&path, "big.txt", ReadLimits { max_file_bytes: 4 }).is_err());
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = TempDir::new().unwrap();
    let error = read_file(folder.path(), "here", ReadLimits::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("here") && error.contains("not a regular file"),
        "{error}"
    );
    let missing = folder.path().join("none.txt");
    let error = read_file(&missing, "none.txt", ReadLimits::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("none.txt") && error.contains("no such file") && error.contains("check"),
        "{error}"
    );
}

#[test]
fn ids_come_from_file_names() {
    for (name, id) in [
        ("012_8a9acf56ec469606.txt", "012"),
        ("a/7_0123456789ABCDEF.txt", "7"),
        ("012_8a9acf56ec46960.txt", "012_8a9acf56ec46960"),
        ("x12_8a9acf56ec469606.txt", "x12_8a9acf56ec469606"),
        ("2019.05.14.txt", "2019.05.14"),
        ("notes", "notes"),
    ] {
        assert_eq!(post_id(Path::new(name)), id);
    }
}

// Folders.

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn open(folder: &TempDir) -> Corpus {
    Corpus::open(folder.path(), ReadLimits::default()).unwrap()
}

fn posts(corpus: &Corpus) -> Vec<Result<Post, Skipped>> {
    (0..corpus.len())
        .map(|page| corpus.read(page).unwrap().map(|page| page.post))
        .collect()
}

#[test]
fn a_folder_is_listed_in_byte_order_without_hidden_files() {
    let folder = folder(&[
        ("b.txt", "B."),
        ("a/z.txt", "Z."),
        ("a.txt", "A."),
        ("B.TXT", "Upper."),
        ("a/.draft.txt", "Hidden."),
        (".trash/c.txt", "Hidden."),
        ("notes.md", "Other."),
    ]);
    let corpus = open(&folder);
    let sources: Vec<PathBuf> = (0..corpus.len())
        .map(|page| corpus.source(page).unwrap().into())
        .collect();
    assert_eq!(
        sources,
        ["B.TXT", "a.txt", "a/z.txt", "b.txt"].map(|name| folder.path().join(name))
    );
    let bodies: Vec<String> = posts(&corpus)
        .into_iter()
        .map(|post| post.unwrap().body)
        .collect();
    assert_eq!(bodies, ["Upper.", "A.", "Z.", "B."]);
    assert!(corpus.read(4).is_none() && corpus.source(4).is_none() && !corpus.is_empty());
}

#[test]
fn a_bad_file_does_not_keep_the_others_from_being_read() {
    let folder = folder(&[("a.txt", "A."), ("b.txt", " "), ("c.txt", "C.")]);
    let results = posts(&open(&folder));
    assert!(results[0].is_ok() && results[2].is_ok());
    let skipped = results[1].as_ref().unwrap_err();
    assert_eq!(Path::new(&skipped.source), folder.path().join("b.txt"));
    assert!(skipped.reason.contains("no text"), "{}", skipped.reason);
}

#[test]
fn files_with_the_same_id_get_longer_ones() {
    let folder = folder(&[
        ("000_0123456789abcdef.txt", "A.\nB.\nReplyDelete"),
        ("000_fedcba9876543210.txt", "A."),
        ("more/000.txt", "A.\nB.\nReplyDelete"),
        ("more/000.TXT", "A."),
    ]);
    let posts: Vec<Post> = posts(&open(&folder))
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let ids: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
    assert_eq!(
        ids,
        ["000", "000_fedcba9876543210", "more/000", "more/000-2"]
    );
    assert!(posts[0].warnings.is_empty());
    assert_eq!(posts[3].comments.len() + posts[2].comments.len(), 1);
    for post in &posts[1..] {
        assert_only_warning(post, &["the id 000 already", &post.id]);
    }
}

#[cfg(unix)]
#[test]
fn links_to_folders_are_reported_and_not_followed() {
    let folder = folder(&[("a/one.txt", "One.")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
    std::os::unix::fs::symlink("gone.txt", folder.path().join("b.txt")).unwrap();
    let corpus = open(&folder);
    assert_eq!(corpus.len(), 2);
    assert!(
        corpus.notices()[0].source.ends_with("a/loop")
            && corpus.notices()[0].reason.contains("link")
    );
    assert!(
        corpus
            .read(1)
            .unwrap()
            .unwrap_err()
            .reason
            .contains("no such file")
    );
}

#[test]
fn folders_that_cannot_be_used_are_refused() {
    let folder = folder(&[("notes.md", "Other.")]);
    let refusal = |path: &Path| {
        Corpus::open(path, ReadLimits::default())
            .unwrap_err()
            .to_string()
    };
    assert!(refusal(folder.path()).contains("no *.txt file"));
    assert!(refusal(&folder.path().join("gone")).contains("no such file or folder"));
    assert!(refusal(&folder.path().join("notes.md")).contains("not a folder"));
}

#[test]
fn files_and_folders_can_be_read_together() {
    let folder = folder(&[
        ("in/a.txt", "A."),
        ("in/b.txt", "B."),
        ("in/posts.csv", "file,title\nb.txt,Bees"),
        ("a.md", "Other."),
    ]);
    let paths = ["in/b.txt", "in", "a.md"].map(|name| folder.path().join(name));
    let corpus = Corpus::gather(&paths, ReadLimits::default()).unwrap();
    let posts: Vec<Post> = posts(&corpus).into_iter().map(Result::unwrap).collect();
    let read: Vec<(&str, &str)> = posts
        .iter()
        .map(|post| (&*post.body, post.title.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(read, [("B.", "Bees"), ("A.", ""), ("Other.", "")]);
    assert_eq!(Path::new(&posts[2].id), folder.path().join("a"));
    let gone =
        Corpus::gather(&[folder.path().join("gone.txt")], ReadLimits::default()).unwrap_err();
    assert!(gone.to_string().contains("gone.txt: there is no such file"));
}

// The table.

const DATED: &str = "Monday, 4 May 2020\n\nSoup\n\nStir it.\n";

#[test]
fn the_table_supplies_what_a_page_lacks() {
    for table in [
        "file,title,published,url\na.txt,\"Ferries, late\",2019-05-14,https://ferries.example/1\nsub/b.txt,,03/02/2018,\n",
        "\u{feff}URL;Published;Title;File\r\nhttps://ferries.example/1;14/05/2019;Ferries, late;a.txt\r\n;3 February 2018;;sub\\b.txt\r\n",
    ] {
        let folder = folder(&[("a.txt", "A."), ("sub/b.txt", "B."), ("posts.csv", table)]);
        let corpus = open(&folder);
        assert_eq!(corpus.notices(), []);
        let posts: Vec<Post> = posts(&corpus).into_iter().map(Result::unwrap).collect();
        assert_eq!(posts[0].title.as_deref(), Some("Ferries, late"));
        assert_eq!(posts[0].published, Some(date(2019, 5, 14)));
        assert_eq!(posts[0].url.as_deref(), Some("https://ferries.example/1"));
        assert_eq!(
            (&posts[1].title, posts[1].published, &posts[1].url),
            (&None, Some(date(2018, 2, 3)), &None)
        );
        assert!(posts.iter().all(|post| post.warnings.is_empty()));
    }
}

#[test]
fn a_page_wins_over_the_table() {
    let folder = folder(&[
        ("a.txt", DATED),
        ("posts.csv", "file,title,published\na.txt,Stew,2020-05-05\n"),
    ]);
    let post = posts(&open(&folder)).remove(0).unwrap();
    assert_eq!(
        (post.title.as_deref(), post.published),
        (Some("Soup"), Some(date(2020, 5, 4)))
    );
    assert_has_warning(&post, &["posts.csv, line 2", "Stew", "Soup"]);
    assert_has_warning(&post, &["posts.csv, line 2", "2020-05-05", "2020-05-04"]);
    let agreeing = self::folder(&[
        ("a.txt", DATED),
        ("posts.csv", "file,title,published\na.txt,Soup,2020-05-04\n"),
    ]);
    assert!(
        posts(&open(&agreeing))
            .remove(0)
            .unwrap()
            .warnings
            .is_empty()
    );
}

#[test]
fn rows_that_cannot_be_used_are_reported() {
    let table = "file,title,published\r\na.txt,Kept,31/02/2020\r\n\r\nb.txt,Gone,\r\na.txt,Twice,\r\n,Nameless,\r\nc.txt,Too,many,cells\r\n,,\r\n";
    let folder = folder(&[("a.txt", "A."), ("c.txt", "C."), ("posts.csv", table)]);
    let corpus = open(&folder);
    let reasons: Vec<&str> = corpus
        .notices()
        .iter()
        .map(|notice| notice.reason.as_str())
        .collect();
    let expected = [
        ["line 2:", "31/02/2020", "YYYY-MM-DD"],
        ["line 5:", "line 2 is about a.txt too", "remove"],
        ["line 6:", "names no file", "fill in"],
        ["line 7:", "4 cells under 3 columns", "double quotes"],
        ["line 4:", "no file b.txt", "correct"],
    ];
    assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
    for (reason, parts) in reasons.iter().zip(expected) {
        assert!(
            parts.iter().all(|part| reason.contains(part)),
            "{parts:?} in {reason}"
        );
    }
    assert!(
        corpus
            .notices()
            .iter()
            .all(|notice| notice.source.ends_with("posts.csv"))
    );
    let post = corpus.read(0).unwrap().unwrap().post;
    assert_eq!(
        (post.title.as_deref(), post.published),
        (Some("Kept"), None)
    );
}

#[test]
fn a_table_without_a_file_column_is_left_out() {
    let folder = folder(&[("a.txt", "A."), ("posts.csv", "name,title\na.txt,Lost\n")]);
    let corpus = open(&folder);
    assert!(corpus.notices()[0].reason.contains("no column file"));
    assert_eq!(corpus.read(0).unwrap().unwrap().post.title, None);
}

// Real pages, which are not part of the project.

fn shared() -> Option<PathBuf> {
    let found = std::env::var_os("UNDERTONE_SHARED").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: UNDERTONE_SHARED is not set");
    }
    found
}

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

#[test]
fn a_long_thread_is_read_in_linear_time() {
    let mut numbered = "Monday, 4 May 2020\n\nMud\n\nMud.\n\n100,000 comments:\n\n".to_owned();
    let mut flattened = "Mud.\nOne.\n".to_owned();
    for number in 1..=50_000 {
        numbered += &format!(
            "  {number}. Mud\n    Delete\n    Home\n\n    ReplyDelete\n    Replies\n    1. Rain\n\n      Delete\n"
        );
        flattened += "ReplyDeleteMud\nDeleteRain\n";
    }
    assert_eq!(page(&numbered).comments.len(), 100_000);
    assert_eq!(page(&flattened).comments.len(), 100_000);
    // A page of nothing but near misses.
    assert_eq!(
        page(&"No comments:\n\nHome\n1 comment:\n".repeat(50_000))
            .comments
            .len(),
        0
    );
}

/// A thread: each top-level comment, as lines, with its replies.
type Thread = Vec<(Vec<String>, Vec<Vec<String>>)>;

fn word_line() -> impl Strategy<Value = String> {
    "[a-z£é\"(*-]{1,8}( [a-z0-9.,:!?)]{1,8}){0,4}"
}

/// A line of a comment that may look like structure.
fn nasty_line() -> impl Strategy<Value = String> {
    let words = [
        "Replies",
        "Delete",
        "ReplyDelete",
        "Reply",
        "Home",
        "Add comment",
        "1.",
        "1. one",
        "2. two",
        "3. Three (part 1)",
        "1.) no",
        "2 comments:",
        "1 comment:",
        "No comments:",
        "Monday, 4 May 2020",
        "Deleted",
        "1 – 2 of 2",
    ];
    prop_oneof![3 => word_line(), 2 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned)]
}

/// The lines of a comment, empty ones between paragraphs.
fn text(line: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec((line, any::<bool>()), 1..6).prop_map(|lines| {
        let last = lines.len() - 1;
        let spaced = lines
            .into_iter()
            .enumerate()
            .flat_map(|(place, (line, gap))| {
                let gap = (gap && place < last).then(String::new);
                std::iter::once(line).chain(gap)
            });
        spaced.collect()
    })
}

/// Whether a text repeats the very structure of a thread, which nobody could tell from one.
fn is_structure(text: &[String]) -> bool {
    let lines: Vec<&str> = text
        .iter()
        .map(String::as_str)
        .filter(|line| !matches!(*line, "" | "Reply"))
        .collect();
    let is_item = |line: &str| line.starts_with(|c: char| c.is_ascii_digit());
    lines
        .windows(3)
        .any(|w| w[0].ends_with("Delete") && w[1] == "Replies" && is_item(w[2]))
}

fn thread_of(line: fn() -> BoxedStrategy<String>) -> impl Strategy<Value = Thread> {
    let comment = move || text(line()).prop_filter("structure itself", |text| !is_structure(text));
    proptest::collection::vec(
        (comment(), proptest::collection::vec(comment(), 0..4)),
        0..5,
    )
}

fn numbered_page(title: &str, body: &[String], thread: &Thread) -> String {
    let count = thread
        .iter()
        .map(|(_, replies)| 1 + replies.len())
        .sum::<usize>();
    let stated = match count {
        0 => "No comments".to_owned(),
        1 => "1 comment".to_owned(),
        _ => format!("{count} comments"),
    };
    let mut page = format!(
        "Monday, 4 May 2020\n\n{title}\n\n{}\n\n{stated}:\n\n",
        body.join("\n")
    );
    let mut item = |indent: usize, number: usize, text: &[String], marker: &str| {
        page += &format!("{:indent$}{number}. {}\n", "", text[0]);
        let indent = indent + 2;
        for line in &text[1..] {
            page += &format!("{:indent$}{line}\n", "");
        }
        page += &format!("\n{:indent$}{marker}\n", "");
    };
    for (number, (text, replies)) in (1..).zip(thread) {
        let marker = if replies.is_empty() {
            "ReplyDelete"
        } else {
            "ReplyDelete\n    Replies"
        };
        item(2, number, text, marker);
        for (number, reply) in (1..).zip(replies) {
            item(4, number, reply, "Delete");
        }
    }
    page
}

fn flattened_page(body: &[String], thread: &Thread) -> String {
    let mut lines = body.to_vec();
    let mut marker = "";
    for (text, replies) in thread {
        for (place, text) in std::iter::once(text).chain(replies).enumerate() {
            for (line, paragraph) in text.iter().filter(|line| !line.is_empty()).enumerate() {
                lines.push(format!("{marker}{paragraph}"));
                marker = match (line, place) {
                    (0, 0) => "ReplyDelete",
                    (0, _) => "Delete",
                    _ => "",
                };
            }
        }
    }
    lines.push(marker.to_owned());
    lines.join("\n")
}

/// Whether a line can be told from markers, from the end of `Deleted`, from a count and from links.
fn is_clear_when_flattened(line: &str) -> bool {
    let first_word = line.split(|c: char| !c.is_alphanumeric()).next().unwrap();
    !line.starts_with("Delete")
        && !line.starts_with("ReplyDelete")
        && !["d", "s", "r"].contains(&first_word)
        && !["comment:", "comments:", "Add comment", "of 2"]
            .iter()
            .any(|end| line.ends_with(end))
}

/// What [`thread`] should give, with paragraphs joined in the given way.
fn expected(thread: &Thread, join: fn(&[String]) -> String) -> Vec<(Option<usize>, String)> {
    let mut comments = Vec::new();
    for (text, replies) in thread {
        comments.push((None, join(text)));
        let parent = comments.len();
        comments.extend(replies.iter().map(|reply| (Some(parent), join(reply))));
    }
    comments
}

fn owned(post: &Post) -> Vec<(Option<usize>, String)> {
    thread(post)
        .into_iter()
        .map(|(parent, text)| (parent, text.to_owned()))
        .collect()
}

proptest! {
    #[test]
    fn any_numbered_thread_is_given_back(
        title in "[A-Z][a-z]{1,9}( [a-z]{1,9}){0,3}",
        body in text(word_line()),
        thread in thread_of(|| nasty_line().boxed()),
    ) {
        let post = page(&numbered_page(&title, &body, &thread));
        prop_assert_eq!(owned(&post), expected(&thread, |text| text.join("\n")));
        prop_assert_eq!((post.title, post.body), (Some(title), body.join("\n")));
        prop_assert_eq!(post.warnings, Vec::<String>::new());
    }

    #[test]
    fn any_plain_numbered_thread_is_given_back_without_indentation(thread in thread_of(|| word_line().boxed())) {
        let text = numbered_page("Mud", &["Mud.".to_owned()], &thread);
        let bare: Vec<&str> = text.lines().map(str::trim).collect();
        let post = page(&bare.join("\n"));
        prop_assert_eq!(owned(&post), expected(&thread, |text| text.join("\n")));
        prop_assert_eq!(post.warnings, Vec::<String>::new());
    }

    #[test]
    fn any_flattened_thread_is_given_back(
        body in text(word_line()),
        thread in thread_of(|| nasty_line().prop_filter("unclear when flattened", |line| is_clear_when_flattened(line)).boxed()),
    ) {
        let paragraphs = |text: &[String]| {
            text.iter().filter(|line| !line.is_empty()).cloned().collect::<Vec<_>>().join("\n\n")
        };
        let post = page(&flattened_page(&body, &thread));
        prop_assert_eq!(owned(&post), expected(&thread, paragraphs));
        prop_assert_eq!(post.body, paragraphs(&body));
    }

    #[test]
    fn any_text_is_read_and_nothing_of_a_flattened_page_is_lost(
        lines in proptest::collection::vec((
            prop_oneof![Just(""), Just("ReplyDelete"), Just("Delete"), Just("1. "), Just("    Replies"), Just("\r")],
            prop_oneof![any::<String>(), word_line(), Just(String::new())],
        ), 0..20),
        count in prop_oneof![Just(""), Just("2 comments:\n1. one\n"), Just("4 May 2020\n")],
    ) {
        let text = lines.iter().map(|(start, rest)| format!("{start}{rest}")).collect::<Vec<_>>().join("\n");
        page(&format!("{count}{text}"));

        let post = page(&text);
        for comment in &post.comments {
            let parent = comment.parent.as_ref().map(|id| post.comments.iter().find(|other| &other.id == id).unwrap());
            prop_assert!(parent.is_none_or(|parent| parent.parent.is_none()));
        }
        if !text.lines().any(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit())) {
            let kept = post.comments.iter().fold(post.body.clone(), |kept, comment| kept + &comment.text);
            let mut rest = text.chars().filter(|c| !c.is_whitespace());
            let mut dropped = String::new();
            for wanted in kept.chars().filter(|c| !c.is_whitespace()) {
                dropped.extend(rest.by_ref().take_while(|&c| c != wanted));
            }
            dropped.extend(rest);
            let markers = post.comments.len();
            prop_assert!((6 * markers..=11 * markers).contains(&dropped.chars().count()), "{:?}", dropped);
        }
    }

    #[test]
    fn a_page_cut_anywhere_keeps_what_precedes_the_cut(
        thread in thread_of(|| word_line().boxed()),
        at in any::<proptest::sample::Index>(),
    ) {
        let text = numbered_page("Mud", &["Mud.".to_owned()], &thread);
        let mut at = at.index(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let (whole, cut) = (owned(&page(&text)), owned(&page(&text[..at])));
        prop_assert!(cut.len() <= whole.len());
        let Some((last, before)) = cut.split_last() else { return Ok(()) };
        prop_assert_eq!(before, &whole[..before.len()]);
        // One or two letters of a marker are not enough to know it by.
        let known = ["R", "Re", "D", "De"].iter().find_map(|stub| last.1.strip_suffix(&format!("\n\n{stub}")));
        let (parent, full) = &whole[before.len()];
        prop_assert_eq!(&last.0, parent);
        prop_assert!(full.starts_with(known.unwrap_or(&last.1)), "{:?} in {:?}", last.1, full);
    }
}
