//! Comments whose stretches are marked by hand: `⟦kind:text⟧`.

use std::ops::Range;

use undertone::post::{Comment, Post};

/// A stretch marked by hand.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// post, comment, marks, introduced, block, pasted, table, link, signature, address, time, share or number.
    pub(crate) kind: String,
    /// Bytes of the text without its marks.
    pub(crate) range: Range<usize>,
}

impl Mark {
    pub(crate) fn is_quotation(&self) -> bool {
        let kinds = [
            "post",
            "comment",
            "marks",
            "introduced",
            "block",
            "pasted",
            "table",
        ];
        kinds.contains(&self.kind.as_str())
    }
}

/// A thread and, for each comment, its marks.
pub(crate) struct MarkedThread {
    pub(crate) post: Post,
    pub(crate) marks: Vec<Vec<Mark>>,
}

/// Reads threads that begin with `=== thread <id>`, with parts `--- post` and `--- comment <number> [> <parent>]`.
pub(crate) fn threads(file: &str) -> Vec<MarkedThread> {
    file.split("=== thread ").skip(1).map(thread).collect()
}

fn thread(section: &str) -> MarkedThread {
    let mut parts = section.split("\n--- ");
    let id = parts.next().expect("an id").trim().to_owned();
    let (heading, body) = parts
        .next()
        .and_then(|part| part.split_once('\n'))
        .expect("a post");
    assert_eq!(heading, "post");
    let mut thread = MarkedThread {
        post: Post {
            id: id.clone(),
            source: format!("{id}.txt"),
            title: None,
            published: None,
            url: None,
            body: body.trim().to_owned(),
            comments: Vec::new(),
            warnings: Vec::new(),
        },
        marks: Vec::new(),
    };
    for part in parts {
        let (heading, marked) = part.split_once('\n').expect("a heading and a text");
        let mut heading = heading.split(' ').filter(|word| *word != ">").skip(1);
        let number = heading.next().expect("a number");
        let (text, marks) = unmark(marked.trim());
        thread.post.comments.push(Comment {
            id: format!("{id}#{number}"),
            parent: heading.next().map(|parent| format!("{id}#{parent}")),
            author: None,
            published: None,
            time: None,
            source_id: None,
            text,
        });
        thread.marks.push(marks);
    }
    thread
}

/// A text without its marks, and these.
pub(crate) fn unmark(marked: &str) -> (String, Vec<Mark>) {
    let (mut text, mut marks) = (String::new(), Vec::new());
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('⟦') {
        text.push_str(before);
        let (kind, after) = after.split_once(':').expect("a kind");
        let (inside, after) = after.split_once('⟧').expect("a closing bracket");
        let start = text.len();
        text.push_str(inside);
        marks.push(Mark {
            kind: kind.to_owned(),
            range: start..text.len(),
        });
        rest = after;
    }
    text.push_str(rest);
    (text, marks)
}
