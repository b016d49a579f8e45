//! What several test files need.

#![allow(dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;
use undertone::cleaning::language::Language;
use undertone::cleaning::{CleanComment, Rules, clean_text};
use undertone::inference::Scores;
use undertone::post::Comment;

/// A page in the numbered form: two comments, one of them with a reply.
pub const NUMBERED: &str = "Monday, 4 March 2019\n\nMonday again\n\nThe office is cold and the targets are back.\n\n3 comments:\n\n  1. Sixty cases each and still they ask for more. I have never been so tired of it.\n\n    ReplyDelete\n    Replies\n    1. Same here.\n\n      Delete\n  2. My manager was kind about it, to be fair to her. Thank you, you know who you are.\n\n    ReplyDelete\n";

/// A folder with these files.
pub fn corpus(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(path, bytes).expect("writable");
    }
    folder
}

/// A path within the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folder with reference pages and labels, where the environment names one.
pub fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("UNDERTONE_SHARED").map(PathBuf::from);
    if folder.is_none() {
        // Straight to stderr: the test harness swallows what eprintln writes.
        let _ = writeln!(std::io::stderr(), "skipped: UNDERTONE_SHARED is not set");
    }
    folder
}

/// The program, ready to be given arguments, started in the repository.
pub fn undertone() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_undertone"));
    command.current_dir(repository(""));
    command
}

/// Starts a program whose three streams are ours.
pub fn start(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Runs to the end with `input` on stdin.
pub fn run_with_input(command: &mut Command, input: &[u8]) -> Output {
    let mut child = start(command);
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // The program may end before it has read everything.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the writer ends");
    output
}

/// stderr as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// stdout as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A comment that answers `parent`.
pub fn comment(id: &str, parent: Option<&str>, text: &str) -> Comment {
    Comment {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        author: None,
        published: None,
        time: None,
        source_id: None,
        text: text.to_owned(),
    }
}

/// A comment cleaned by itself, in English, that counts.
pub fn clean(text: &str) -> CleanComment {
    CleanComment {
        cleaned: clean_text(text, &Rules::default()),
        language: Language::English,
        duplicate_of: None,
        counted: true,
    }
}

/// Scores whose attitude (positive less negative) is `attitude`, with one probability per theme and threshold 0.5.
pub fn scores(attitude: f64, themes: &[f64]) -> Scores {
    Scores {
        sentiment: [
            (-attitude).max(0.0),
            1.0 - attitude.abs(),
            attitude.max(0.0),
        ],
        themes: themes.to_vec(),
        assigned: themes
            .iter()
            .map(|probability| *probability >= 0.5)
            .collect(),
        // To every other theme, from the second on, the attitude is the opposite of the comment's.
        attitudes: (0..themes.len())
            .map(|theme| if theme % 2 == 0 { attitude } else { -attitude })
            .map(|attitude| {
                [
                    (-attitude).max(0.0),
                    1.0 - attitude.abs(),
                    attitude.max(0.0),
                ]
            })
            .collect(),
    }
}
