//! Bytes and files.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use undertone::post::Post;
use undertone::reading::{ReadLimits, post_id, read_file};

use super::*;

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
