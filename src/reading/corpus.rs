//! Finding the pages to read and giving each its id.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::forgotten::is_list_of_forgotten;
use super::table::{Row, Table};
use super::{
    Problem, ReadError, ReadLimits, Skipped, bytes, is_json, json, load, may_be_opened, read_named,
};
use crate::hash::{sha256, sha256_of_file};
use crate::post::Post;

/// The pages of folders and single files, listed but not yet read.
///
/// Each page is read when [`Corpus::read`] asks for it, from any thread. Listing opens no page but the
/// `*.json` files of folders, to tell results of this program from pages. The order is that of the paths
/// given and, within a folder, the byte order of the paths in it.
#[derive(Debug)]
pub struct Corpus {
    pages: Vec<Listed>,
    tables: Vec<TableHash>,
    notices: Vec<Skipped>,
    limits: ReadLimits,
}

/// A page that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it says.
    pub post: Post,
    /// SHA-256 of the bytes that were read, as 64 hexadecimal digits.
    pub sha256: String,
}

/// The name of a folder's table.
const TABLE: &str = "posts.csv";

/// Path and SHA-256 of a table.
type TableHash = (String, String);

#[derive(Debug)]
struct Listed {
    path: PathBuf,
    id: String,
    /// Why the id is not the one that the file's name gives.
    id_warning: Option<String>,
    row: Option<Row>,
}

/// A file found, before ids are settled.
struct Found {
    path: PathBuf,
    /// The path that tells the file from its like: that in the folder given, or the one given.
    name: String,
    row: Option<Row>,
}

impl Corpus {
    /// Lists the pages of one folder; see [`Corpus::gather`].
    pub fn open(folder: &Path, limits: ReadLimits) -> Result<Corpus, ReadError> {
        let fail = |problem| ReadError {
            path: folder.to_string_lossy().into_owned(),
            problem,
        };
        let metadata = fs::metadata(folder).map_err(|error| fail(Problem::from_io(error)))?;
        if !metadata.is_dir() {
            return Err(fail(Problem::NotAFolder));
        }
        Corpus::gather(&[folder], limits)
    }

    /// Lists the pages of folders and files.
    ///
    /// Of a folder, these are its `*.txt` and `*.json` files and those of its subfolders; hidden ones are
    /// ignored, links to folders are not followed, and links to files outside the folder are refused. What this
    /// program has written is no page: JSON objects with a field `schema` that starts with `undertone.`, the digest
    /// beside them, and the list of forgotten comments. Its table `posts.csv`, with the columns `file`, `title`,
    /// `published` and `url`, supplies what its pages lack. A file that is named itself may have any
    /// extension; it is read as JSON where that is `json`, and as text elsewhere. A file that is named twice is read once.
    ///
    /// Fails for a path that does not exist or cannot be listed, and for a folder without a page. What is
    /// wrong with a table, a subfolder or a link is found in [`Corpus::notices`] instead.
    pub fn gather<P: AsRef<Path>>(paths: &[P], limits: ReadLimits) -> Result<Corpus, ReadError> {
        let mut found = Vec::new();
        let mut tables = Vec::new();
        let mut notices = Vec::new();
        for path in paths.iter().map(AsRef::as_ref) {
            let fail = |problem| ReadError {
                path: path.to_string_lossy().into_owned(),
                problem,
            };
            let metadata = fs::metadata(path).map_err(|error| fail(Problem::from_io(error)))?;
            if metadata.is_dir() {
                found.extend(list_folder(path, limits, &mut tables, &mut notices).map_err(fail)?);
            } else {
                found.push(Found {
                    path: path.to_owned(),
                    name: slashed(path),
                    row: None,
                });
            }
        }
        if paths.len() > 1 {
            found = without_repeats(found);
        }
        Ok(Corpus {
            pages: settle_ids(found),
            tables,
            notices,
            limits,
        })
    }

    /// How many pages there are.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether there are no pages, which is so only where no path was given.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// What could not be used of tables, subfolders and links; the pages are not affected.
    pub fn notices(&self) -> &[Skipped] {
        &self.notices
    }

    /// Path and SHA-256 of each table that was read.
    pub fn tables(&self) -> &[(String, String)] {
        &self.tables
    }

    /// The path of a page, as given, or none from [`Corpus::len`] on.
    pub fn source(&self, page: usize) -> Option<String> {
        Some(self.pages.get(page)?.path.to_string_lossy().into_owned())
    }

    /// SHA-256 of everything that reading depends on: the pages by name and content, tables, and what could not be listed.
    /// `relative` names a path so that the name does not depend on where the corpus lies; a notice counts only if it `matters`.
    ///
    /// Pages are hashed whole, whatever their time stamps say; of one that is not read, the reason stands for its content.
    pub fn fingerprint(
        &self,
        relative: impl Fn(&str) -> String + Sync,
        matters: impl Fn(&Skipped) -> bool,
    ) -> String {
        let of_page = |page: &Listed| {
            let hash = may_be_opened(&page.path, self.limits)
                .and_then(|()| sha256_of_file(&page.path).map_err(Problem::from_io));
            let content = hash.map_or_else(|problem| problem.to_string(), |(_, hash)| hash);
            format!("{}\n{content}", relative(&page.path.to_string_lossy()))
        };
        let mut parts: Vec<String> = self.pages.par_iter().map(of_page).collect();
        let tables = self.tables.iter();
        parts.extend(tables.map(|(path, hash)| format!("{}\n{hash}", relative(path))));
        let notices = self.notices.iter().filter(|notice| matters(notice));
        parts.extend(
            notices.map(|notice| format!("{}\n{}", relative(&notice.source), notice.reason)),
        );
        parts.push(format!("{}", self.limits.max_file_bytes));
        sha256(parts.join("\n\n").as_bytes())
    }

    /// Reads the page at a place counted from 0, or gives none from [`Corpus::len`] on.
    ///
    /// A page that cannot be read is given as what to tell the user about it; the others are unaffected.
    pub fn read(&self, page: usize) -> Option<Result<Page, Skipped>> {
        Some(self.pages.get(page)?.read(self.limits))
    }
}

impl Listed {
    fn read(&self, limits: ReadLimits) -> Result<Page, Skipped> {
        let mut page = read_named(&self.path, &self.path.to_string_lossy(), &self.id, limits)?;
        page.post.warnings.splice(0..0, self.id_warning.clone());
        if let Some(row) = &self.row {
            row.complete(&mut page.post);
        }
        Ok(page)
    }
}

/// The id that a file's name gives its post: the name without its extension, or, of a name like
/// `000_8a9acf56ec469606.txt` (digits and 16 hexadecimal digits), the digits before the `_`.
pub fn post_id(path: &Path) -> String {
    let stem = path
        .file_stem()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    match stem.split_once('_') {
        Some((digits, hash))
            if !digits.is_empty()
                && digits.bytes().all(|b| b.is_ascii_digit())
                && hash.len() == 16
                && hash.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            digits.to_owned()
        }
        _ => stem.into_owned(),
    }
}

/// Gives each page the id of its name, or a longer one where an earlier page has that.
fn settle_ids(found: Vec<Found>) -> Vec<Listed> {
    let mut taken: HashSet<String> = HashSet::new();
    let settle = |file: Found| {
        let natural = post_id(&file.path);
        let mut id = natural.clone();
        if taken.contains(&id) {
            let long = slashed(&Path::new(&file.name).with_extension(""));
            id.clone_from(&long);
            for suffix in 2.. {
                if !taken.contains(&id) {
                    break;
                }
                id = format!("{long}-{suffix}");
            }
        }
        taken.insert(id.clone());
        let id_warning = (id != natural).then(|| {
            format!("another file has the id {natural} already, so this post has the id {id}; rename one of them")
        });
        Listed {
            path: file.path,
            id,
            id_warning,
            row: file.row,
        }
    };
    found.into_iter().map(settle).collect()
}

/// Keeps the first of the entries that lead to the same file, with what a table says of any of them.
fn without_repeats(found: Vec<Found>) -> Vec<Found> {
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    let mut kept: Vec<Found> = Vec::new();
    for file in found {
        // A dangling link has no real path; it stays, to be reported when it is read.
        let real = fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone());
        match places.entry(real) {
            Entry::Occupied(place) => {
                let first = &mut kept[*place.get()];
                first.row = first.row.take().or(file.row);
            }
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(file);
            }
        }
    }
    kept
}

fn list_folder(
    root: &Path,
    limits: ReadLimits,
    tables: &mut Vec<TableHash>,
    notices: &mut Vec<Skipped>,
) -> Result<Vec<Found>, Problem> {
    let mut inside = Vec::new();
    let real = fs::canonicalize(root).map_err(Problem::from_io)?;
    let walked = Walk {
        root,
        real: &real,
        limits,
    };
    walked
        .collect(Path::new(""), &mut inside, notices)
        .map_err(Problem::from_io)?;
    if inside.is_empty() {
        return Err(Problem::NoPages);
    }
    let mut named: Vec<(String, PathBuf)> = inside
        .into_iter()
        .map(|path| (slashed(&path), path))
        .collect();
    named.sort();
    let place = root.join(TABLE);
    let mut table = if leads_out(&place, &real) {
        notices.push(outside(&place));
        Table::default()
    } else {
        Table::load(root, limits)
    };
    let found = named
        .into_iter()
        .map(|(name, path)| Found {
            path: root.join(path),
            row: table.take(&name),
            name,
        })
        .collect();
    tables.extend(table.hash());
    notices.extend(table.into_notices());
    Ok(found)
}

/// A folder whose pages are collected.
struct Walk<'r> {
    root: &'r Path,
    /// The same, all links followed.
    real: &'r Path,
    limits: ReadLimits,
}

impl Walk<'_> {
    /// Collects the pages below a folder, by their paths from the root.
    fn collect(
        &self,
        below: &Path,
        pages: &mut Vec<PathBuf>,
        notices: &mut Vec<Skipped>,
    ) -> std::io::Result<()> {
        let mut entries = fs::read_dir(self.root.join(below))?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = below.join(entry.file_name());
            let place = self.root.join(&path);
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if let Err(error) = self.collect(&path, pages, notices) {
                    notices.push(notice(&place, Problem::from_io(error).to_string()));
                }
            } else if kind.is_symlink() && place.is_dir() {
                notices.push(notice(
                    &place,
                    "it is a link to a folder, which is not followed; name that folder itself"
                        .to_owned(),
                ));
            } else if is_text(&path) || is_json(&path) {
                // Asked before anything is opened.
                if kind.is_symlink() && leads_out(&place, self.real) {
                    notices.push(outside(&place));
                } else if !self.is_own(&place) {
                    pages.push(path);
                }
            }
        }
        Ok(())
    }

    /// Whether this program has written a file.
    fn is_own(&self, path: &Path) -> bool {
        match path.file_name().and_then(|name| name.to_str()) {
            _ if is_json(path) => is_result(path, self.limits),
            Some("forgotten.txt") => is_list_of_forgotten(path),
            Some("digest.txt") => {
                let run = path.with_file_name("run.json");
                run.is_file() && !leads_out(&run, self.real) && is_result(&run, self.limits)
            }
            _ => false,
        }
    }
}

/// Whether a path leads to a place outside a folder, whose path is given with all links followed. A link that leads nowhere
/// does not; it is reported when it is read.
fn leads_out(path: &Path, real: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|target| !target.starts_with(real))
}

fn outside(path: &Path) -> Skipped {
    notice(
        path,
        "it is a link to a file outside the folder, which is not opened; name that file or its folder itself, or copy it here"
            .to_owned(),
    )
}

fn notice(path: &Path, reason: String) -> Skipped {
    Skipped {
        source: path.to_string_lossy().into_owned(),
        reason,
    }
}

/// Whether a file of a folder is read as text, going by its name.
fn is_text(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("txt"))
}

/// Whether a file is a result that this program has written; one that cannot be read is not known to be.
fn is_result(path: &Path, limits: ReadLimits) -> bool {
    load(path, limits)
        .and_then(bytes::decode)
        .is_ok_and(|decoded| json::is_result(&decoded.text))
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy()
        .replace(std::path::MAIN_SEPARATOR, "/")
}
