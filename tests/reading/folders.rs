//! Folders and the table posts.csv.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use tempfile::TempDir;
use undertone::post::Post;
use undertone::reading::{Corpus, ReadLimits, Skipped};

use super::*;

pub(super) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub(super) fn open(folder: &TempDir) -> Corpus {
    Corpus::open(folder.path(), ReadLimits::default()).unwrap()
}

pub(super) fn posts(corpus: &Corpus) -> Vec<Result<Post, Skipped>> {
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
    assert!(refusal(folder.path()).contains("no *.txt or *.json page"));
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
