//! Models by name: a folder, or a model of a hub that was fetched before or is fetched now.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hf_hub::{Cache, Repo, RepoType};

use super::classifier::{FILES, tokenizer};
use super::fetch::Hub;
use super::{ModelError, SentimentClassifier};

/// What a model of a hub begins with.
const SCHEME: &str = "hf:";

/// Where a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelName {
    /// A folder.
    Folder(PathBuf),
    /// A model of a hub, at a revision that does not change.
    Hub {
        /// `ORG/NAME`.
        name: String,
        /// A commit, a tag or a branch; a commit always means the same.
        revision: String,
    },
}

impl FromStr for ModelName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(of_hub) = text.strip_prefix(SCHEME) else {
            return Ok(Self::Folder(PathBuf::from(text)));
        };
        let parts = of_hub.split_once('@').and_then(|(name, revision)| {
            let (org, model) = name.split_once('/')?;
            let plain = |part: &str| {
                let named = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                !part.is_empty() && !part.starts_with('.') && part.chars().all(named)
            };
            (plain(org) && plain(model) && plain(revision)).then_some((name, revision))
        });
        let (name, revision) = parts.ok_or_else(|| {
            "a model of a hub is named hf:ORG/NAME@REVISION; give the revision, best a commit, so that the model stays the same"
                .to_owned()
        })?;
        Ok(Self::Hub {
            name: name.to_owned(),
            revision: revision.to_owned(),
        })
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Hub { name, revision } => write!(f, "{SCHEME}{name}@{revision}"),
        }
    }
}

/// A model that is at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundModel {
    /// The folder that holds its files.
    pub folder: PathBuf,
    /// What outputs call it: the folder's own name, or `hf:ORG/NAME@COMMIT`, whatever the revision was called.
    pub name: String,
}

impl ModelName {
    /// Finds the model. One of a hub is fetched if it is not there yet, from the hub that `HF_ENDPOINT` names, into the
    /// folder that `HF_HOME` names; `offline` fetches nothing. `tell` is told what a user should know: that something is
    /// fetched, and that a revision may mean another model tomorrow.
    ///
    /// # Errors
    /// The hub cannot be reached or does not have the model or answers with another one, or it would have to be fetched.
    pub fn find(&self, offline: bool, tell: &dyn Fn(&str)) -> Result<FoundModel, ModelError> {
        let (name, revision) = match self {
            Self::Folder(path) => {
                // Its name alone: outputs do not depend on where things lie.
                let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
                let name = whole.file_name().unwrap_or(whole.as_os_str());
                return Ok(FoundModel {
                    name: name.to_string_lossy().into_owned(),
                    folder: path.clone(),
                });
            }
            Self::Hub { name, revision } => (name, revision),
        };
        let unfetched = |problem: String| ModelError::Unfetched {
            name: self.to_string(),
            problem,
        };
        let repo = Repo::new(name.clone(), RepoType::Model);
        let place = Cache::from_env().path().join(repo.folder_name());
        let snapshot = |commit: &str| place.join("snapshots").join(commit);
        // What was fetched by a commit has no entry among the names of revisions.
        let known = if is_commit(revision) {
            Some(revision.clone())
        } else {
            let named = std::fs::read_to_string(place.join("refs").join(revision));
            named.ok().map(|commit| commit.trim().to_owned())
        };
        let commit = match known {
            Some(commit) if is_whole(&snapshot(&commit)) => commit,
            _ if offline => {
                let problem = "it has not been fetched before, and nothing may be fetched now; run once without --offline and HF_HUB_OFFLINE";
                return Err(unfetched(problem.to_owned()));
            }
            known => {
                let revision = known.unwrap_or_else(|| revision.clone());
                let hub = Hub::from_env(name, &revision, &place).map_err(unfetched)?;
                tell(&format!(
                    "fetching {self} from {} into {}",
                    hub.endpoint(),
                    place.display()
                ));
                fetch(hub, &revision, &snapshot, &unfetched)?
            }
        };
        let found = FoundModel {
            folder: snapshot(&commit),
            name: format!("{SCHEME}{name}@{commit}"),
        };
        if !is_commit(revision) {
            tell(&format!(
                "warning: {revision} is no commit (40 hexadecimal digits) and may mean another model tomorrow; this one is {}",
                found.name
            ));
        }
        Ok(found)
    }
}

/// Fetches what is not there: the small files first, so that a model which cannot be used is refused before its weights
/// are fetched, and all of one commit, though a branch may move meanwhile. Gives the commit.
fn fetch(
    mut hub: Hub,
    revision: &str,
    snapshot: &dyn Fn(&str) -> PathBuf,
    unfetched: &dyn Fn(String) -> ModelError,
) -> Result<String, ModelError> {
    let [config, weights] = FILES;
    let mut commit = revision.to_owned();
    if !snapshot(&commit).join(config).is_file() {
        commit = hub.get(config).map_err(unfetched)?;
        if is_commit(revision) && commit != revision {
            return Err(unfetched(format!(
                "the hub answers with the commit {commit}, which is not the one asked for; check HF_ENDPOINT"
            )));
        }
    }
    hub.keep_to(&commit);
    let folder = snapshot(&commit);
    let has = |file: &str| -> Result<bool, ModelError> {
        Ok(folder.join(file).is_file() || hub.get_if_there(file).map_err(unfetched)?)
    };
    if !has(tokenizer::WHOLE)? {
        for part in tokenizer::PARTS {
            has(part)?;
        }
    }
    SentimentClassifier::check(&folder)?;
    if !folder.join(weights).is_file() {
        hub.get(weights).map_err(unfetched)?;
    }
    Ok(commit)
}

/// Whether a folder has every file that a classifier needs.
fn is_whole(folder: &Path) -> bool {
    let has = |file: &str| folder.join(file).is_file();
    FILES.into_iter().all(has) && tokenizer::is_complete(has)
}

/// Whether a revision names a commit in full, which always means the same.
fn is_commit(revision: &str) -> bool {
    is_hexadecimal(revision, 40)
}

fn is_hexadecimal(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

/// Compares the SHA-256 of weights with that by which a hub names them, where they are kept under such a name; deletes
/// them if it is another.
///
/// # Errors
/// It is another.
pub(super) fn check_blob(weights: &Path, sha256: &str) -> Result<(), ModelError> {
    let Ok(blob) = weights.canonicalize() else {
        return Ok(());
    };
    let named = blob.file_name().and_then(|name| name.to_str());
    let folder = blob.parent().and_then(Path::file_name);
    let named = named
        .filter(|name| is_hexadecimal(name, 64) && folder.is_some_and(|folder| folder == "blobs"));
    let Some(named) = named.filter(|named| *named != sha256) else {
        return Ok(());
    };
    let end = match std::fs::remove_file(&blob) {
        Ok(()) => "it has been deleted; run again to fetch it anew".to_owned(),
        Err(error) => format!(
            "it could not be deleted ({error}); delete {} and run again",
            blob.display()
        ),
    };
    Err(ModelError::Unusable {
        file: weights.display().to_string(),
        problem: format!(
            "its SHA-256 is {sha256}, that of the hub's file {named}: it was damaged on its way or since; {end}"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::{ModelName, check_blob};
    use crate::hash::sha256;

    #[test]
    fn names_of_models_are_told_apart() {
        let folder: ModelName = "models/standard".parse().expect("a folder");
        assert!(matches!(&folder, ModelName::Folder(path) if path.ends_with("standard")));
        let hub: ModelName = "hf:org-1/some.model@0a1b"
            .parse()
            .expect("a model of a hub");
        assert_eq!(hub.to_string(), "hf:org-1/some.model@0a1b");
        for wrong in [
            "hf:org/model",
            "hf:model@main",
            "hf:org/model@",
            "hf:../x@y",
            "hf:o/m@../x",
            "hf:a/b/c@d",
        ] {
            let problem = wrong.parse::<ModelName>().expect_err("refused");
            assert!(problem.contains("hf:ORG/NAME@REVISION"), "{wrong}");
        }
    }

    #[test]
    fn what_a_folder_is_called_does_not_depend_on_where_it_lies() {
        let places = [(); 2].map(|()| tempfile::TempDir::new().expect("a temporary folder"));
        for place in &places {
            let folder = place.path().join("mine");
            std::fs::create_dir(&folder).expect("writable");
            let found = ModelName::Folder(folder.join("."))
                .find(true, &|told| unreachable!("nothing to tell: {told}"))
                .expect("a folder needs no hub");
            assert_eq!(found.name, "mine");
            assert_eq!(found.folder, folder.join("."));
        }
    }

    /// Weights in a cache carry the hub's SHA-256 as their name; others are nobody's to compare.
    #[test]
    fn damaged_weights_of_a_cache_are_deleted() {
        let cache = tempfile::TempDir::new().expect("a temporary folder");
        let blobs = cache.path().join("blobs");
        std::fs::create_dir(&blobs).expect("writable");
        let whole = sha256(b"whole");
        for (name, is_refused) in [(whole.as_str(), true), ("weights", false)] {
            let file = blobs.join(name);
            std::fs::write(&file, b"whole").expect("writable");
            check_blob(&file, &whole).expect("as the hub has it");
            let checked = check_blob(&file, &sha256(b"damaged"));
            assert_eq!(checked.is_err(), is_refused);
            assert_eq!(file.exists(), !is_refused);
            if let Err(error) = checked {
                assert!(error.to_string().contains("has been deleted"), "{error}");
            }
        }
        let mine = cache.path().join(&whole);
        std::fs::write(&mine, b"mine").expect("writable");
        check_blob(&mine, &sha256(b"mine")).expect("not in a cache");
        assert!(mine.exists());
    }
}
