//! Buttons and labels of the page.

use super::lines::Lines;
use crate::cleaning::span::Kind;

/// What pages print on buttons and under comments, in the case they print it in. Longer ones come before those they
/// begin with. The labels of Blogger come first, then those of other blogs, newspapers and social media.
const LABELS: [&str; 68] = [
    "Email ThisBlogThis!",
    "Email This",
    "BlogThis!",
    "Share to Twitter",
    "Share to Facebook",
    "Share to Pinterest",
    "Share to X",
    "Share on Facebook",
    "Share on Twitter",
    "Share on WhatsApp",
    "Share on LinkedIn",
    "Share on X",
    "Share this article",
    "Share this post",
    "Share this:",
    "Share this",
    "Share",
    "Reply to this comment",
    "Reply",
    "Replies",
    "Delete comment",
    "Delete",
    "Report abuse",
    "Report this comment",
    "Report comment",
    "Add comment",
    "Add a comment",
    "Post a Comment",
    "Post a comment",
    "Leave a comment",
    "Load more...",
    "Load more…",
    "Loading...",
    "Loading…",
    "Newer Posts",
    "Newer Post",
    "Older Posts",
    "Older Post",
    "Newer›",
    "Newest»",
    "‹Older",
    "«Oldest",
    "View web version",
    "View mobile version",
    "Links to this post",
    "Create a Link",
    "Powered by Blogger.",
    "Subscribe to: Post Comments (Atom)",
    "Read more »",
    "Read more...",
    "Read more…",
    "Read more",
    "Continue reading...",
    "Continue reading…",
    "Continue reading →",
    "Continue reading",
    "Print this page",
    "Print this",
    "Email this page",
    "Copy link",
    "Tweet this",
    "Tweet",
    "Retweet",
    "Like this:",
    "Like",
    "Accept cookies",
    "Skip to main content",
    "Sign in to comment",
];

/// Finds lines that are nothing but labels, unless one word that a person may have written is all the text says.
pub(super) fn find(lines: &mut Lines) {
    let single = lines.is_single();
    for place in 0..lines.len() {
        let line = lines.get(place);
        let alone = single && line.split_whitespace().nth(1).is_none();
        if let Some(count) = labels(line)
            && !(alone && count == 1)
        {
            lines.take(place, Kind::ShareButtons);
        }
    }
}

/// How many labels a line is made of; none where it is made of anything else.
///
/// Labels may be joined (`ReplyDelete`), parted by bars, dots and commas, and followed by counts (`Like 3`).
fn labels(line: &str) -> Option<usize> {
    let mut rest = line;
    let mut count = 0;
    while !rest.is_empty() {
        let label = LABELS.iter().find_map(|label| rest.strip_prefix(label))?;
        count += 1;
        rest = label.trim_start_matches([' ', '\t', '|', '•', '·', ',', '/']);
        let counted =
            rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '(' | ')'));
        // What is joined to a label is another one, so a count needs room before it.
        if rest.len() < label.len() {
            rest = counted.trim_start_matches([' ', '\t', '|', '•', '·', ',', '/']);
        }
    }
    (count > 0).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::{LABELS, labels};

    #[test]
    fn labels_may_be_joined_and_counted() {
        for (line, count) in [
            ("Share", Some(1)),
            ("ReplyDelete", Some(2)),
            (
                "Email ThisBlogThis!Share to TwitterShare to Facebook",
                Some(3),
            ),
            ("Like 3 | Reply (2) · Share", Some(3)),
            ("Likewise", None),
            ("Share the load", None),
            ("", None),
        ] {
            assert_eq!(labels(line), count, "{line}");
        }
    }

    #[test]
    fn no_label_hides_a_longer_one() {
        for (place, label) in LABELS.iter().enumerate() {
            for later in &LABELS[place + 1..] {
                assert!(!later.starts_with(label), "{label} hides {later}");
            }
        }
    }
}
