//! Finding the pages to read and giving each its id.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::table::{Row, Table};
use super::{Problem, ReadError, ReadLimits, Skipped, bytes, is_json, json, load, read_named};
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
    /// ignored and links to folders are not followed. Results that this program has written, JSON objects
    /// with a field `schema` that starts with `undertone.`, are no pages. Its table `posts.csv`, with the columns `file`, `title`,
    /// `published` and `url`, supplies what its pages lack. A file that is named itself may have any
    /// extension; it is read as JSON where that is `json`, and as text elsewhere. A file that is named twice is read once.
    ///
    /// Fails for a path that does not exist or cannot be listed, and for a folder without a page. What is
    /// wrong with a table or a subfolder is found in [`Corpus::notices`] instead.
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

    /// What could not be used of tables and subfolders; the pages are not affected.
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
    walk(root, Path::new(""), limits, &mut inside, notices).map_err(Problem::from_io)?;
    if inside.is_empty() {
        return Err(Problem::NoPages);
    }
    let mut named: Vec<(String, PathBuf)> = inside
        .into_iter()
        .map(|path| (slashed(&path), path))
        .collect();
    named.sort();
    let mut table = Table::load(root, limits);
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

/// Collects the pages below a folder, by their paths from the root.
fn walk(
    root: &Path,
    below: &Path,
    limits: ReadLimits,
    pages: &mut Vec<PathBuf>,
    notices: &mut Vec<Skipped>,
) -> std::io::Result<()> {
    let mut entries = fs::read_dir(root.join(below))?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = below.join(entry.file_name());
        let mut notice = |reason: String| {
            notices.push(Skipped {
                source: root.join(&path).to_string_lossy().into_owned(),
                reason,
            });
        };
        let kind = entry.file_type()?;
        let is_text = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("txt"));
        if kind.is_dir() {
            if let Err(error) = walk(root, &path, limits, pages, notices) {
                let source = root.join(&path).to_string_lossy().into_owned();
                notices.push(Skipped {
                    source,
                    reason: Problem::from_io(error).to_string(),
                });
            }
        } else if kind.is_symlink() && entry.path().is_dir() {
            notice(
                "it is a link to a folder, which is not followed; name that folder itself"
                    .to_owned(),
            );
        } else if is_text || (is_json(&path) && !is_result(&entry.path(), limits)) {
            pages.push(path);
        }
    }
    Ok(())
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
