//! Pages in JSON: what programs hand over, and what `undertone ingest` prints.

use std::fs;

use jiff::civil::{Date, Time, date, time};
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;
use undertone::post::{Comment, Post};
use undertone::reading::{Corpus, read_json};

use super::folders::{folder, open, posts};
use super::*;

#[track_caller]
fn read(json: &str) -> Post {
    read_json(json, "page.json", "p").unwrap()
}

#[track_caller]
fn refusal(json: &str) -> String {
    read_json(json, "page.json", "p").unwrap_err().to_string()
}

/// Each comment as (number of its parent, text).
fn replies(post: &Post) -> Vec<(Option<&str>, &str)> {
    let comments = post.comments.iter();
    comments
        .map(|comment| (comment.parent.as_deref(), comment.text.as_str()))
        .collect()
}

const SOUP: &str = r#"{
  "id": "abc", "source": "elsewhere", "warnings": ["old"], "etag": {"deep": [1, {}]},
  "title": " Soup\nof the day ", "published": "2020-05-04", "url": "https://kitchen.example/soup",
  "body": "Stir it.\r\n\r\n\r\n  Then wait. ",
  "comments": [
    {"id": "c7", "parent": null, "author": "Ann Example", "published": "2020-05-05", "time": "21:05",
     "source_id": "8801", "text": "Too salty.", "likes": 3},
    {"id": "c9", "parent": "c7", "published": "2020-05-06", "time": "07:00:59", "text": "Add water."},
    {"id": "c8", "parent": "c9", "author": "  ", "text": "And rice."},
    {"text": "No id, no worries."}
  ]
}"#;

#[test]
fn every_field_of_the_form_is_read() {
    let post = read(SOUP);
    assert_eq!((post.id.as_str(), post.source.as_str()), ("p", "page.json"));
    assert_eq!(post.title.as_deref(), Some("Soup of the day"));
    assert_eq!(post.published, Some(date(2020, 5, 4)));
    assert_eq!(post.url.as_deref(), Some("https://kitchen.example/soup"));
    assert_eq!(post.body, "Stir it.\n\nThen wait.");
    assert_eq!(post.warnings, Vec::<String>::new());
    assert_eq!(
        replies(&post),
        [
            (None, "Too salty."),
            (Some("p#1"), "Add water."),
            (Some("p#2"), "And rice."),
            (None, "No id, no worries.")
        ]
    );
    let first = &post.comments[0];
    assert_eq!(
        (first.author.as_deref(), first.source_id.as_deref()),
        (Some("Ann Example"), Some("8801"))
    );
    assert_eq!(
        (first.published, first.time),
        (Some(date(2020, 5, 5)), Some(time(21, 5, 0, 0)))
    );
    assert_eq!(post.comments[1].time, Some(time(7, 0, 59, 0)));
    assert_eq!(
        (&post.comments[2].author, &post.comments[2].published),
        (&None, &None)
    );
    let ids: Vec<&str> = post.comments.iter().map(|comment| &*comment.id).collect();
    assert_eq!(ids, ["p#1", "p#2", "p#3", "p#4"]);
}

#[test]
fn comments_are_printed_with_what_the_page_gives() {
    let printed = serde_json::to_string(&read(SOUP).comments[..2]).unwrap();
    assert_eq!(
        printed,
        r#"[{"id":"p#1","parent":null,"author":"Ann Example","published":"2020-05-05","time":"21:05:00","source_id":"8801","text":"Too salty."},"#
            .to_owned()
            + r##"{"id":"p#2","parent":"p#1","author":null,"published":"2020-05-06","time":"07:00:59","text":"Add water."}]"##
    );
}

#[test]
fn what_is_printed_fits_the_schema() {
    let schema = serde_json::to_value(schemars::schema_for!(Post)).unwrap();
    let printed = serde_json::to_value(read(SOUP)).unwrap();
    assert!(jsonschema::is_valid(&schema, &printed), "{schema}");
    for name in ["time", "source_id"] {
        let field = &schema["$defs"]["Comment"]["properties"][name];
        assert!(field["description"].is_string(), "{name}: {field}");
    }
}

#[test]
fn the_example_of_the_guide_is_read() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/README.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, rest) = guide.split_once("```json\n").unwrap();
    let post = read(rest.split_once("```").unwrap().0);
    assert_eq!(post.warnings, Vec::<String>::new());
    let parents: Vec<_> = replies(&post).iter().map(|reply| reply.0).collect();
    assert_eq!(parents, [None, Some("p#1"), None]);
    assert!(post.title.is_some() && post.comments[0].time.is_some());
}

#[test]
fn half_a_post_is_a_post() {
    let body = read(r#"{"body": "Stir it."}"#);
    assert_eq!((&*body.body, body.comments.len()), ("Stir it.", 0));
    let thread = read(r#"{"body": null, "comments": [{"text": "Salty."}]}"#);
    assert_eq!((&*thread.body, thread.comments.len()), ("", 1));
    assert_eq!(read(r#"{"comments": []}"#).body, "");
    assert!(body.warnings.is_empty() && thread.warnings.is_empty());
}

#[test]
fn a_parent_that_is_no_earlier_comment_is_named() {
    let post = read(
        r#"{"comments": [
            {"id": "a", "parent": "b", "text": "1"},
            {"id": "b", "parent": "b", "text": "2"},
            {"id": "c", "parent": "zz", "text": "3"},
            {"id": "d"},
            {"id": "e", "parent": "d", "text": "4"},
            {"id": "f", "parent": "a", "text": "5"}
        ]}"#,
    );
    assert_eq!(
        replies(&post),
        [
            (None, "1"),
            (None, "2"),
            (None, "3"),
            (None, "4"),
            (Some("p#1"), "5")
        ]
    );
    assert_eq!(post.warnings.len(), 4, "{:?}", post.warnings);
    assert_has_warning(
        &post,
        &["entry 1", "\"b\"", "not stand before", "(and 1 more"],
    );
    assert_has_warning(&post, &["entry 3", "\"zz\"", "not in the file"]);
    assert_has_warning(&post, &["entry 4", "no \"text\"", "left out"]);
    assert_has_warning(&post, &["entry 5", "\"d\"", "left out"]);
}

#[test]
fn an_id_given_twice_stays_with_the_first() {
    let post = read(
        r#"{"comments": [
            {"id": "a", "text": "1"},
            {"id": "b", "text": "2"},
            {"id": "a", "parent": "b", "text": "3"},
            {"id": "c", "parent": "a", "text": "4"}
        ]}"#,
    );
    assert_eq!(
        replies(&post),
        [
            (None, "1"),
            (None, "2"),
            (Some("p#2"), "3"),
            (Some("p#1"), "4")
        ]
    );
    assert_only_warning(&post, &["entry 3", "\"a\" already", "give each"]);
}

#[test]
fn what_cannot_be_used_is_left_out_and_the_rest_is_kept() {
    for (field, parts) in [
        (r#""published": "5 May 2020""#, ["5 May 2020", "YYYY-MM-DD"]),
        (
            r#""published": "2020-05-05T21:05:00Z""#,
            ["T21:05:00Z", "YYYY-MM-DD"],
        ),
        (r#""published": "2020-02-30""#, ["2020-02-30", "YYYY-MM-DD"]),
        (r#""published": 1588636800"#, ["a number", "a string"]),
        (r#""time": "24:00""#, ["24:00", "HH:MM"]),
        (r#""time": "9:05""#, ["9:05", "HH:MM"]),
        (r#""time": "21:05:00+01:00""#, ["+01:00", "without a zone"]),
        (r#""author": {"name": "Ann"}"#, ["\"author\"", "an object"]),
        (
            r#""author": "half \ud83d""#,
            ["\"author\"", "cannot be read"],
        ),
        (r#""parent": 4"#, ["\"parent\"", "a number"]),
        (r#""source_id": true"#, ["\"source_id\"", "true or false"]),
        (r#""author": "A\u0000nn""#, ["\"author\"", "NUL"]),
    ] {
        let post = read(&format!(
            r#"{{"comments": [{{"text": "Salty."}}, {{"text": "Sweet.", {field}}}]}}"#
        ));
        let [first, second] = &post.comments[..] else {
            panic!("{field}")
        };
        assert_only_warning(&post, &["entry 2 of \"comments\"", parts[0], parts[1]]);
        if field.contains("A\\u") {
            assert_eq!(second.author.as_deref(), Some("Ann"));
            continue;
        }
        let bare = Comment {
            id: "p#2".to_owned(),
            text: "Sweet.".to_owned(),
            ..first.clone()
        };
        assert_eq!(second, &bare, "{field}");
    }
    for entry in [
        "7",
        "null",
        r#""Salty.""#,
        "[]",
        r#"{"text": 7}"#,
        r#"{"text": null}"#,
    ] {
        let post = read(&format!(
            r#"{{"comments": [{entry}, {{"text": "Sweet."}}]}}"#
        ));
        assert_eq!(replies(&post), [(None, "Sweet.")], "{entry}");
        assert_has_warning(&post, &["entry 1", "comment", "left out"]);
    }
    let post = read(r#"{"title": 5, "published": "May", "body": "Stir.", "comments": 3}"#);
    assert_eq!(
        (post.title.as_ref(), post.published, post.comments.len()),
        (None, None, 0)
    );
    assert_eq!(post.warnings.len(), 3, "{:?}", post.warnings);
    assert_has_warning(&post, &["\"comments\" is a number, not a list"]);
}

#[test]
fn an_error_made_in_every_comment_is_said_once() {
    let entry = r#"{"text": "Salty.", "published": "9 May", "time": "9pm", "author": 5}"#;
    let post = read(&format!(
        r#"{{"published": "May", "comments": [{}]}}"#,
        [entry; 500].join(",")
    ));
    assert_eq!(post.comments.len(), 500);
    assert_eq!(post.warnings.len(), 4, "{:?}", post.warnings);
    assert_has_warning(&post, &["\"published\" is \"May\"", "correct it"]);
    assert_has_warning(&post, &["entry 1 of", "9pm", "(and 499 more like it)"]);
}

#[test]
fn a_comment_without_words_is_kept_as_it_is_on_other_pages() {
    let post = read(r#"{"comments": [{"text": " \n "}]}"#);
    assert_eq!(replies(&post), [(None, "")]);
    assert_only_warning(&post, &["entry 1", "no text"]);
}

#[test]
fn what_is_no_post_is_refused_with_a_remedy() {
    for (json, parts) in [
        ("Soup of the day", ["not JSON", "line 1, column 1"]),
        (
            "{\"body\": \"Stir.\",\n \"comments\": [",
            ["not JSON", "line 2"],
        ),
        ("{\"body\": \"Stir\nit.\"}", ["not JSON", "line 1"]),
        (
            "[{\"body\": \"Stir.\"}]",
            ["a list, not an object", "a file of its own"],
        ),
        (" \"Stir.\"", ["a string, not an object", "ingest"]),
        ("null", ["null, not an object", "ingest"]),
        (
            "{\"body\": \"A.\"}\n{\"body\": \"B.\"}\n",
            ["line 2", "a file of its own"],
        ),
        (
            "{\"name\": \"soup\", \"version\": 2}",
            ["neither", "move the file"],
        ),
        ("{\"body\": 5, \"comments\": {}}", ["neither", "ingest"]),
        (
            "{\"body\": \"A.\", \"schema\": \"undertone.post\"}",
            ["a result", "undertone.post"],
        ),
    ] {
        let message = refusal(json);
        assert!(
            parts.iter().all(|part| message.contains(part)),
            "{parts:?} in {message}"
        );
    }
}

#[test]
fn depth_and_length_do_no_harm() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let post = read(&format!(
        r#"{{"x": {deep}, "title": {deep}, "body": "Stir.", "comments": [{deep}, {{"text": "A.", "x": {deep}}}]}}"#
    ));
    assert_eq!(replies(&post), [(None, "A.")]);
    assert!(refusal(&deep).contains("a list"));
    assert!(refusal(&format!("{{\"body\":{}", "{\"a\":".repeat(200_000))).contains("not JSON"));

    let thread: Vec<String> = (0..100_000)
        .map(|n: usize| {
            format!(
                r#"{{"id": "{n}", "parent": "{}", "text": "{n}"}}"#,
                n.saturating_sub(1)
            )
        })
        .collect();
    let post = read(&format!(r#"{{"comments": [{}]}}"#, thread.join(",")));
    assert_eq!(post.comments[99_999].parent.as_deref(), Some("p#99999"));
    assert_only_warning(&post, &["entry 1 ", "\"0\""]);
    let long = format!(r#"{{"body": "", "published": "{}"}}"#, "é".repeat(100_000));
    assert!(read(&long).warnings[0].len() < 300);
}

#[test]
fn files_are_decoded_as_others_are() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("012_8a9acf56ec469606.JSON");
    let json = "{\"body\": \"Caf\u{e9}.\"}";
    let utf_16: Vec<u8> = std::iter::once(0xfeff)
        .chain(json.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let limits = ReadLimits {
        max_file_bytes: 100,
    };
    for bytes in [format!("\u{feff}{json}").into_bytes(), utf_16] {
        fs::write(&path, bytes).unwrap();
        let post = read_file(&path, "x", limits).unwrap();
        assert_eq!((&*post.id, &*post.body), ("012", "Caf\u{e9}."));
        assert!(post.warnings.is_empty());
    }
    fs::write(&path, b"{\"body\": \"Caf\xe9.\"}").unwrap();
    let old = read_file(&path, "x", limits).unwrap();
    assert_eq!(old.body, "Caf\u{e9}.");
    assert_only_warning(&old, &["Windows-1252"]);
    for (bytes, part) in [
        (&b" \n"[..], "no text"),
        (&b"\xff\0\x80{}"[..], "not a text file"),
        (&[b' '; 101][..], "more than the limit"),
    ] {
        fs::write(&path, bytes).unwrap();
        let error = read_file(&path, "x", limits).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_folder_may_hold_both_kinds() {
    let folder = folder(&[
        ("a.txt", "A."),
        ("b.json", "{\"body\": \"B.\"}"),
        ("c.JSON", "{\"body\": \"C.\"}"),
        ("deep/package.json", "{\"name\": \"soup\"}"),
        ("lines.jsonl", "{\"body\": \"B.\"}"),
    ]);
    let posts = posts(&open(&folder));
    let bodies: Vec<&str> = posts.iter().flatten().map(|post| &*post.body).collect();
    assert_eq!(bodies, ["A.", "B.", "C."]);
    let skipped = posts[3].as_ref().unwrap_err();
    assert!(
        skipped.source.ends_with("package.json") && skipped.reason.contains("not a post"),
        "{skipped:?}"
    );
}

#[test]
fn results_in_a_folder_are_no_pages() {
    let result = "{\n  \"schema\": \"undertone.summary\",\n  \"comments\": {\"total\": 3}\n}\n";
    let sorted = "{\"body\": {\"words\": [1]}, \"comments\": {}, \"schema\": \"undertone.post\"}";
    let folder = folder(&[
        ("a.json", "{\"body\": \"A.\", \"schema\": \"example.post\"}"),
        ("out/runs/2023-08-26T03-00-00Z/summary.json", result),
        ("out/runs/2023-08-26T03-00-00Z/posts/a.json", sorted),
    ]);
    let corpus = open(&folder);
    assert_eq!((corpus.len(), corpus.notices().len()), (1, 0));
    assert_eq!(corpus.read(0).unwrap().unwrap().post.body, "A.");

    let alone = Corpus::open(&folder.path().join("out"), ReadLimits::default()).unwrap_err();
    assert!(
        alone.to_string().contains("no *.txt or *.json page"),
        "{alone}"
    );
    // One that somebody names is no silent matter.
    let named = folder
        .path()
        .join("out/runs/2023-08-26T03-00-00Z/summary.json");
    let corpus = Corpus::gather(&[named], ReadLimits::default()).unwrap();
    let reason = corpus.read(0).unwrap().unwrap_err().reason;
    assert!(reason.contains("undertone.summary"), "{reason}");
}

#[test]
fn a_json_page_wins_over_the_table() {
    let row = "file,title,published,url\na.json,Stew,2020-05-05,https://kitchen.example/stew\n";
    let soup = folder(&[("a.json", SOUP), ("posts.csv", row)]);
    let post = posts(&open(&soup)).remove(0).unwrap();
    assert_eq!(post.title.as_deref(), Some("Soup of the day"));
    assert_eq!(post.published, Some(date(2020, 5, 4)));
    assert_eq!(post.url.as_deref(), Some("https://kitchen.example/soup"));
    assert_eq!(post.warnings.len(), 3, "{:?}", post.warnings);
    assert_has_warning(&post, &["posts.csv, line 2", "/stew", "/soup", "kept"]);

    let bare = folder(&[("a.json", "{\"body\": \"Stir.\"}"), ("posts.csv", row)]);
    let post = posts(&open(&bare)).remove(0).unwrap();
    assert_eq!(post.url.as_deref(), Some("https://kitchen.example/stew"));
    assert_eq!(
        (post.title.as_deref(), post.published),
        (Some("Stew"), Some(date(2020, 5, 5)))
    );
    assert!(post.warnings.is_empty());

    let silent = folder(&[("a.json", SOUP), ("posts.csv", "file,url\na.json,\n")]);
    let post = posts(&open(&silent)).remove(0).unwrap();
    assert_eq!(post.url.as_deref(), Some("https://kitchen.example/soup"));
}

// What is printed is read again.

/// What a printed post says, apart from where it came from.
fn content(post: Post) -> Post {
    Post {
        id: String::new(),
        source: String::new(),
        warnings: Vec::new(),
        comments: {
            let short = |id: &str| id.rsplit_once('#').unwrap().1.to_owned();
            let renamed = post.comments.into_iter().map(|comment| Comment {
                id: short(&comment.id),
                parent: comment.parent.as_deref().map(short),
                ..comment
            });
            renamed.collect()
        },
        ..post
    }
}

fn reread(post: &Post) -> Post {
    read_json(
        &serde_json::to_string(post).unwrap(),
        "again.json",
        "again/2",
    )
    .unwrap()
}

fn printed_line() -> impl Strategy<Value = String> {
    "[a-zA-Z£é\"\\\\{#<🙂-]{1,6}(  ?[a-z0-9.,:!/]{1,6}){0,3}"
}

fn printed_text() -> impl Strategy<Value = String> {
    proptest::collection::vec((printed_line(), prop_oneof!["\n", "\n\n"]), 0..4).prop_map(|lines| {
        let text: String = lines.into_iter().map(|(line, end)| line + &end).collect();
        text.trim().to_owned()
    })
}

fn some_date() -> impl Strategy<Value = Option<Date>> {
    proptest::option::of((0i16..=9999, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| date(y, m, d)))
}

fn some_time() -> impl Strategy<Value = Option<Time>> {
    proptest::option::of((0i8..24, 0i8..60, 0i8..60).prop_map(|(h, m, s)| time(h, m, s, 0)))
}

fn some_line() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(printed_line())
}

prop_compose! {
    fn printed_post()(
        (title, url, published, body) in (some_line(), some_line(), some_date(), printed_text()),
        comments in proptest::collection::vec(
            (proptest::option::of(any::<Index>()), some_line(), some_date(), some_time(), some_line(), printed_text()),
            0..8,
        ),
    ) -> Post {
        let comment = |(place, (parent, author, published, time, source_id, text)): (usize, (Option<Index>, _, _, _, _, _))| Comment {
            id: format!("a#b#{}", place + 1),
            parent: parent.filter(|_| place > 0).map(|parent| format!("a#b#{}", parent.index(place) + 1)),
            author,
            published,
            time,
            source_id,
            text,
        };
        Post {
            id: "a#b".to_owned(),
            source: "here".to_owned(),
            title,
            published,
            url,
            body,
            comments: comments.into_iter().enumerate().map(comment).collect(),
            warnings: vec!["old".to_owned()],
        }
    }
}

/// JSON near the form: its fields, with values of any kind.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("1e999".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        proptest::sample::select(vec![
            "\"a\"",
            "\"b\"",
            "\"2020-05-04\"",
            "\"21:05\"",
            "\"\\ud83d\"",
            "\"\\u0000\"",
            "\" \\r\\n\\u00a0\"",
            "nul",
            "\"",
        ])
        .prop_map(str::to_owned),
    ];
    let name = proptest::sample::select(vec![
        "id",
        "parent",
        "author",
        "published",
        "time",
        "source_id",
        "text",
        "title",
        "url",
        "body",
        "comments",
        "schema",
        "x",
    ]);
    leaf.prop_recursive(4, 60, 6, move |inner| {
        let fields = proptest::collection::vec((name.clone(), inner.clone()), 0..8);
        prop_oneof![
            proptest::collection::vec(inner, 0..6)
                .prop_map(|items| format!("[{}]", items.join(","))),
            fields.prop_map(|fields| {
                let fields: Vec<String> = fields
                    .into_iter()
                    .map(|(name, value)| format!("\"{name}\": {value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_printed_is_read_again(post in printed_post()) {
        let again = reread(&post);
        prop_assert!(again.comments.iter().all(|comment| comment.id.starts_with("again/2#")));
        let complaints = again.warnings.iter().filter(|warning| !warning.contains("no text")).count();
        prop_assert_eq!(complaints, 0, "{:?}", again.warnings);
        prop_assert_eq!(content(again), content(post));
    }

    #[test]
    fn what_was_read_from_any_text_can_be_printed_and_read_again(
        lines in proptest::collection::vec(
            prop_oneof![
                proptest::sample::select(vec![
                    "4 May 2020", "3 comments:", "  1. One", "  2. Two", "    ReplyDelete", "    Replies", "    1. Three",
                    "      Delete", "ReplyDeleteFour.", "DeleteFive.", "", "Six\u{a0}",
                ])
                .prop_map(str::to_owned),
                any::<String>(),
            ],
            0..16,
        ),
    ) {
        // Decoding takes NUL away before a page is read.
        let post = page(&lines.join("\n").replace('\0', ""));
        prop_assert_eq!(content(reread(&post)), content(post));
    }

    #[test]
    fn any_json_is_read_or_refused(
        title in any_json(), body in any_json(), comments in proptest::collection::vec(any_json(), 0..8), cut in any::<Index>(),
    ) {
        let json = format!("{{\"title\": {title}, \"body\": {body}, \"comments\": [{}]}}", comments.join(","));
        let _ = read_json(&title, "page.json", "p");
        let mut end = cut.index(json.len());
        while !json.is_char_boundary(end) {
            end -= 1;
        }
        prop_assert!(read_json(&json[..end], "page.json", "p").is_err());
        if let Ok(post) = read_json(&json, "page.json", "p") {
            for (place, comment) in post.comments.iter().enumerate() {
                let number = |id: &str| id.strip_prefix("p#").and_then(|number| number.parse::<usize>().ok());
                prop_assert_eq!(number(&comment.id), Some(place + 1));
                prop_assert!(comment.parent.as_deref().is_none_or(|id| number(id).is_some_and(|n| (1..=place).contains(&n))));
            }
            prop_assert_eq!(content(reread(&post)), content(post));
        }
    }
}
