//! Comments that are to stay forgotten: what is known of them is a hash, by which reading leaves them out.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::hash::{hex, sha256};
use crate::post::{Comment, Post};

/// What every version of the file begins with; the version follows.
const KIND: &str = "undertone.forgotten ";

/// What the file begins with; the salt follows.
const HEADING: &str = "undertone.forgotten 1 salt ";

/// Bytes of a salt: two files have nothing in common, and no list of hashes made beforehand fits.
const SALT: usize = 16;

/// What stands for the length of an author's name where there is none: no name is that long.
const NO_AUTHOR: u64 = u64::MAX;

/// Why a file of tombstones cannot be used. Without it forgotten comments would come back, so that nothing goes on then.
#[derive(Debug, thiserror::Error)]
pub enum ForgottenError {
    /// It is there, but cannot be read.
    #[error(
        "{path}: cannot be read ({source}), and forgotten comments would come back without it; check its permissions"
    )]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody else has written into it.
    #[error(
        "{path}, line {line}: is not {expected}, and forgotten comments could come back; put the line right, or put back the file as it was"
    )]
    Spoilt {
        /// The file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A later version of this program has written it.
    #[error("{path}: was written by a newer version of undertone; use that version")]
    Newer {
        /// The file.
        path: String,
    },
    /// It cannot be written.
    #[error(
        "{path}: cannot be written ({source}); free some space, or name a file you may write to with --forgotten, and say it again"
    )]
    Unwritable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error(
        "/dev/urandom: cannot be read ({0}), so nothing was forgotten; run it where it is there"
    )]
    NoSalt(std::io::Error),
}

/// What is left of a forgotten comment: a salted hash of its author and text. Other white space makes no other hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tombstone([u8; 32]);

/// Tombstones and their salt. The default one has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    salt: [u8; SALT],
    tombstones: BTreeSet<Tombstone>,
    /// The file's text.
    text: String,
}

impl Forgotten {
    /// Reads a file of tombstones; None if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is not as this program has written it.
    pub fn read(path: &Path) -> Result<Option<Self>, ForgottenError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(ForgottenError::Unreadable {
                    path: path.display().to_string(),
                    source,
                });
            }
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let spoilt = |line, expected| ForgottenError::Spoilt {
            path: path.display().to_string(),
            line,
            expected,
        };
        let mut lines = text.lines().map(str::trim_end);
        let heading = lines.next().unwrap_or_default();
        let salt = heading.strip_prefix(HEADING).and_then(of_hex);
        let salt = salt.ok_or_else(|| {
            if heading.starts_with(KIND) && !heading.starts_with(HEADING) {
                ForgottenError::Newer {
                    path: path.display().to_string(),
                }
            } else {
                spoilt(1, "the heading of a list of forgotten comments")
            }
        })?;
        let mut tombstones = BTreeSet::new();
        for (line, number) in lines.zip(2..).filter(|(line, _)| !line.is_empty()) {
            let hash = of_hex(line);
            let hash = hash.ok_or_else(|| spoilt(number, "a hash of 64 hexadecimal digits"))?;
            tombstones.insert(Tombstone(hash));
        }
        Ok(Some(Self {
            salt,
            tombstones,
            text,
        }))
    }

    /// No tombstones yet, with a salt of their own.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn begin() -> Result<Self, ForgottenError> {
        let mut salt = [0; SALT];
        File::open("/dev/urandom")
            .and_then(|mut random| random.read_exact(&mut salt))
            .map_err(ForgottenError::NoSalt)?;
        Ok(Self {
            salt,
            tombstones: BTreeSet::new(),
            text: format!("{HEADING}{}\n", hex(&salt)),
        })
    }

    /// The tombstone that a comment has or would have.
    pub fn tombstone(&self, author: Option<&str>, text: &str) -> Tombstone {
        let mut hasher = Sha256::new();
        hasher.update(self.salt);
        match author.map(in_one_line) {
            None => hasher.update(NO_AUTHOR.to_le_bytes()),
            Some(author) => {
                // With its length before it no author runs into the text.
                hasher.update((author.len() as u64).to_le_bytes());
                hasher.update(author.as_bytes());
            }
        }
        hasher.update(in_one_line(text).as_bytes());
        Tombstone(hasher.finalize().into())
    }

    /// Whether comments by this author with this text are forgotten, whatever page they are on.
    pub fn holds(&self, author: Option<&str>, text: &str) -> bool {
        !self.is_empty() && self.tombstones.contains(&self.tombstone(author, text))
    }

    /// Whether a comment is forgotten.
    pub fn holds_comment(&self, comment: &Comment) -> bool {
        self.holds(comment.author.as_deref(), &comment.text)
    }

    /// Whether nothing is forgotten.
    pub fn is_empty(&self) -> bool {
        self.tombstones.is_empty()
    }

    /// Adds tombstones after those that are there.
    pub fn add(&mut self, tombstones: impl IntoIterator<Item = Tombstone>) {
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        for tombstone in tombstones {
            if self.tombstones.insert(tombstone) {
                // Writing to a string cannot fail.
                let _ = writeln!(self.text, "{}", hex(&tombstone.0));
            }
        }
    }

    /// Writes the file anew, in one step: it is the old one or the new one, whatever happens.
    ///
    /// # Errors
    /// The file cannot be written; it is then as it was.
    pub fn write(&self, path: &Path) -> Result<(), ForgottenError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let new: PathBuf = folder.join(".forgotten-new");
        let written = File::create(&new)
            .and_then(|mut file| {
                file.write_all(self.text.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&new, path))
            .and_then(|()| File::open(folder)?.sync_all());
        written.map_err(|source| {
            // If it cannot be removed, it holds nothing but hashes.
            let _ = fs::remove_file(&new);
            ForgottenError::Unwritable {
                path: path.display().to_string(),
                source,
            }
        })
    }

    /// SHA-256 of the file's text; None where nothing is forgotten.
    pub fn sha256(&self) -> Option<String> {
        (!self.is_empty()).then(|| sha256(self.text.as_bytes()))
    }

    /// Takes forgotten comments out of posts, and says how many there were. Other comments keep their ids and places; those
    /// that answered a forgotten one answer nothing.
    pub fn leave_out(&self, posts: &mut [Post]) -> u64 {
        if self.is_empty() {
            return 0;
        }
        let of_post = |post: &mut Post| {
            let gone = post.comments.iter().filter(|one| self.holds_comment(one));
            let gone: BTreeSet<String> = gone.map(|comment| comment.id.clone()).collect();
            post.comments.retain(|comment| !gone.contains(&comment.id));
            for comment in &mut post.comments {
                comment.parent.take_if(|parent| gone.contains(parent));
            }
            gone.len() as u64
        };
        posts.par_iter_mut().map(of_post).sum()
    }
}

/// Whether a file begins like one of tombstones.
pub(super) fn is_list_of_forgotten(path: &Path) -> bool {
    let mut begin = [0; KIND.len()];
    // Opening a pipe would wait for its other end.
    path.is_file()
        && File::open(path)
            .and_then(|mut file| file.read_exact(&mut begin))
            .is_ok_and(|()| begin == KIND.as_bytes())
}

/// A text with single spaces for all its white space.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Bytes from exactly as many hexadecimal digits as they have.
fn of_hex<const BYTES: usize>(digits: &str) -> Option<[u8; BYTES]> {
    if digits.len() != 2 * BYTES || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = digits.as_bytes().chunks_exact(2);
    let bytes = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::Forgotten;
    use crate::reading::read_json;

    #[test]
    fn a_tombstone_is_about_author_and_words_and_nothing_else() {
        let forgotten = Forgotten::begin().expect("random numbers");
        let stone = |author, text| forgotten.tombstone(author, text);
        assert_eq!(
            stone(Some("Getafix"), "Sixty cases.\n\nEach."),
            stone(Some(" Getafix"), "  Sixty\u{a0}cases. Each. ")
        );
        let all = [
            stone(None, "Sixty cases."),
            stone(Some(""), "Sixty cases."),
            stone(Some("S"), "ixty cases."),
            stone(Some("Sixty"), "cases."),
            stone(Some("Getafix"), "Sixty cases."),
        ];
        let different: std::collections::BTreeSet<_> = all.into_iter().collect();
        assert_eq!(different.len(), all.len());
        let other = Forgotten::begin().expect("random numbers");
        assert_ne!(other.tombstone(None, "Sixty cases."), all[0]);
    }

    #[test]
    fn what_was_written_is_read_and_added_to() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let file = folder.path().join("forgotten.txt");
        assert_eq!(Forgotten::read(&file).expect("no file is no error"), None);
        let mut forgotten = Forgotten::begin().expect("random numbers");
        forgotten.add([forgotten.tombstone(None, "Secret.")]);
        forgotten.write(&file).expect("writable");
        let mut again = Forgotten::read(&file)
            .expect("readable")
            .expect("it is there");
        assert_eq!(again, forgotten);
        again.add([again.tombstone(Some("Getafix"), "Another.")]);
        again.add([again.tombstone(None, "Secret.")]);
        again.write(&file).expect("writable");
        let text = std::fs::read_to_string(&file).expect("readable");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.starts_with(&forgotten.text), "{text}");
        assert!(again.holds(Some("Getafix"), "Another.") && again.holds(None, "Secret."));
        assert!(!again.holds(Some("Getafix"), "Secret."));
        assert_ne!(again.sha256(), forgotten.sha256());
    }

    #[test]
    fn a_spoilt_file_is_refused_by_its_line() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let file = folder.path().join("forgotten.txt");
        let salt = "0".repeat(32);
        let hash = "a".repeat(64);
        for (text, told) in [
            (String::new(), "line 1"),
            (format!("undertone.forgotten 1 salt {salt}0\n"), "line 1"),
            (format!("{hash}\n"), "line 1"),
            (
                format!("undertone.forgotten 1 salt {salt}\n{hash}\nMr Smith\n"),
                "line 3",
            ),
            (
                format!("undertone.forgotten 1 salt {salt}\n{}", &hash[1..]),
                "line 2",
            ),
            (
                format!("undertone.forgotten 2 salt {salt}\n"),
                "newer version",
            ),
        ] {
            std::fs::write(&file, &text).expect("writable");
            let problem = Forgotten::read(&file).expect_err(&text).to_string();
            assert!(problem.contains(told), "{text:?}: {problem}");
        }
    }

    #[test]
    fn replies_to_a_forgotten_comment_stay_and_answer_nothing() {
        let page = r#"{"body": "B.", "comments": [
            {"id": "1", "author": "A", "text": "First."},
            {"id": "2", "parent": "1", "author": "B", "text": "Reply."},
            {"id": "3", "parent": "2", "author": "A", "text": "Answer."}]}"#;
        let mut posts = [read_json(page, "page.json", "page").expect("a page")];
        let mut forgotten = Forgotten::begin().expect("random numbers");
        assert_eq!(forgotten.leave_out(&mut posts), 0);
        forgotten.add([forgotten.tombstone(Some("A"), "First.")]);
        assert_eq!(forgotten.leave_out(&mut posts), 1);
        let left: Vec<(&str, Option<&str>)> = posts[0]
            .comments
            .iter()
            .map(|comment| (comment.id.as_str(), comment.parent.as_deref()))
            .collect();
        assert_eq!(left, [("page#2", None), ("page#3", Some("page#2"))]);
    }
}
