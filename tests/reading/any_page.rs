//! Any page: what is written is read back, and nothing is lost or panics.

use proptest::prelude::*;
use undertone::post::Post;

use super::*;

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
