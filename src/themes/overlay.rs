//! What a person's labels have added to themes: a file beside `themes.toml`, so that the model stays as it is.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The form of the file that this program writes and reads.
const VERSION: u32 = 1;

/// Why an overlay cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// The file is there but cannot be read.
    #[error("{file}: cannot be read ({source}); check its permissions")]
    Unreadable {
        /// The file's path.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file makes no sense.
    #[error(
        "{file}: {problem}; it was not written by this version of undertone: move it away, and train the themes again"
    )]
    Malformed {
        /// The file's path.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// The file cannot be written.
    #[error("{file}: cannot be written ({source}); the theme stays as it was")]
    Unwritable {
        /// The file's path.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What is added to the log odds of one theme: a linear function of the text's vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// The model whose log odds it adds to.
    pub model_sha256: String,
    /// SHA-256 of the theme's text, which these log odds depend on where the model has no head for the theme.
    pub theme_sha256: String,
    /// The file of labels, as it was named.
    pub labels_file: String,
    /// SHA-256 of that file, so that nobody measures the theme by what it was taught with.
    pub labels_sha256: String,
    /// Texts that had the theme.
    pub yes: u64,
    /// Texts that had it not.
    pub no: u64,
    /// One for each number of the vector.
    pub weights: Vec<f64>,
    /// What is added for every text.
    pub bias: f64,
}

/// The adjustments of all themes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    version: u32,
    /// By theme, the newest last; only that one is in force.
    themes: BTreeMap<String, Vec<Adjustment>>,
}

impl Default for Overlay {
    fn default() -> Self {
        Self {
            version: VERSION,
            themes: BTreeMap::new(),
        }
    }
}

impl Overlay {
    /// The file that goes with a file of themes: `themes.overlay.json` beside `themes.toml`.
    pub fn beside(themes: &Path) -> PathBuf {
        themes.with_extension("overlay.json")
    }

    /// Reads an overlay; an empty one if there is no file.
    ///
    /// # Errors
    /// The file is there and cannot be read or makes no sense.
    pub fn read(path: &Path) -> Result<Self, OverlayError> {
        let file = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => return Err(OverlayError::Unreadable { file, source }),
        };
        let malformed = |problem: String| OverlayError::Malformed {
            file: file.clone(),
            problem,
        };
        let overlay: Self =
            serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        if overlay.version != VERSION {
            return Err(malformed(format!("its version is {}", overlay.version)));
        }
        let mut adjustments = overlay.themes.values().flatten();
        if adjustments.any(|one| !one.weights.iter().chain([&one.bias]).all(|n| n.is_finite())) {
            return Err(malformed("a number in it is not finite".to_owned()));
        }
        Ok(overlay)
    }

    /// Reads an overlay, changes it and writes it, while nobody else changes it. What was there before stays whole until
    /// the new one is; an empty one is no file. Gives what `change` gives.
    ///
    /// # Errors
    /// It cannot be read or written; then nothing has changed.
    pub fn change<T>(path: &Path, change: impl FnOnce(&mut Self) -> T) -> Result<T, OverlayError> {
        let failed = |source: std::io::Error| OverlayError::Unwritable {
            file: path.display().to_string(),
            source,
        };
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.with_extension("json.lock"))
            .map_err(failed)?;
        // Whoever holds it lets go in a moment: it is taken for a change alone, not for what leads to it.
        lock.lock().map_err(failed)?;
        let mut overlay = Self::read(path)?;
        let answer = change(&mut overlay);
        overlay.write(path).map_err(failed)?;
        Ok(answer)
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if self.themes.is_empty() {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        } else {
            let part = path.with_extension(format!("json.part-{}", std::process::id()));
            let write = || {
                let mut file = File::create(&part)?;
                serde_json::to_writer(&mut file, self)?;
                file.write_all(b"\n")?;
                file.sync_all()?;
                std::fs::rename(&part, path)
            };
            if let Err(error) = write() {
                // What is left of it is of no use to anybody; that it cannot be removed says nothing new.
                let _ = std::fs::remove_file(&part);
                return Err(error);
            }
        }
        File::open(folder)?.sync_all()
    }

    /// The adjustment of a theme that is in force.
    pub fn of(&self, theme: &str) -> Option<&Adjustment> {
        self.themes.get(theme)?.last()
    }

    /// The adjustments in force, by theme.
    fn in_force(&self) -> impl Iterator<Item = (&String, &Adjustment)> {
        let themes = self.themes.iter();
        themes.filter_map(|(theme, all)| Some((theme, all.last()?)))
    }

    /// The themes whose adjustment in force was learnt from the file with this SHA-256: measured by it, they look better
    /// than they are.
    pub fn learnt_from(&self, sha256: &str) -> Vec<&str> {
        let learnt = self.in_force();
        let learnt = learnt.filter(|(_, one)| one.labels_sha256 == sha256);
        learnt.map(|(theme, _)| theme.as_str()).collect()
    }

    /// Puts an adjustment in force; the one before can be brought back.
    pub fn add(&mut self, theme: &str, adjustment: Adjustment) {
        self.themes
            .entry(theme.to_owned())
            .or_default()
            .push(adjustment);
    }

    /// Takes the newest adjustment of a theme back and gives it; None if there is none.
    pub fn undo(&mut self, theme: &str) -> Option<Adjustment> {
        let all = self.themes.get_mut(theme)?;
        let newest = all.pop();
        if all.is_empty() {
            self.themes.remove(theme);
        }
        newest
    }
}

#[cfg(test)]
mod tests {
    use super::{Adjustment, Overlay};

    fn adjustment(bias: f64) -> Adjustment {
        Adjustment {
            model_sha256: "m".to_owned(),
            theme_sha256: "t".to_owned(),
            labels_file: "labels.csv".to_owned(),
            labels_sha256: "l".to_owned(),
            yes: 5,
            no: 9,
            weights: vec![0.25, -1.0],
            bias,
        }
    }

    #[test]
    fn the_newest_is_in_force_and_the_one_before_comes_back() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let path = Overlay::beside(&folder.path().join("themes.toml"));
        assert!(path.ends_with("themes.overlay.json"));
        let change = |change: &dyn Fn(&mut Overlay)| {
            Overlay::change(&path, change).expect("writable");
            Overlay::read(&path).expect("as it was written")
        };
        change(&|overlay| overlay.add("unions", adjustment(1.0)));
        let read = change(&|overlay| overlay.add("unions", adjustment(2.0)));
        assert_eq!(read.of("unions"), Some(&adjustment(2.0)));
        assert_eq!(read.learnt_from("l"), ["unions"]);
        assert!(read.learnt_from("another").is_empty());

        let read = change(&|overlay| {
            assert!(overlay.of("workload").is_none() && overlay.undo("workload").is_none());
            assert_eq!(overlay.undo("unions"), Some(adjustment(2.0)));
        });
        assert_eq!(read.of("unions"), Some(&adjustment(1.0)));
        change(&|overlay| drop(overlay.undo("unions")));
        assert!(!path.exists());
    }

    #[test]
    fn of_changes_at_the_same_time_none_is_lost() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let path = Overlay::beside(&folder.path().join("themes.toml"));
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    for theme in 0..5 {
                        let theme = format!("{writer}/{theme}");
                        let add = |overlay: &mut Overlay| overlay.add(&theme, adjustment(1.0));
                        Overlay::change(path, add).expect("writable");
                    }
                });
            }
        });
        let read = Overlay::read(&path).expect("whole");
        assert_eq!(read.in_force().count(), 40);
    }

    #[test]
    fn what_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let path = Overlay::beside(&folder.path().join("themes.toml"));
        std::fs::create_dir_all(path.join("in the way")).expect("writable");
        let mut overlay = Overlay::default();
        overlay.add("unions", adjustment(1.0));
        assert!(overlay.write(&path).is_err());
        let left = std::fs::read_dir(folder.path()).expect("readable");
        assert_eq!(left.count(), 1);
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        for (text, expected) in [
            ("{\"version\":2,\"themes\":{}}", "its version is 2"),
            ("{\"themes\":{}}", "version"),
            ("[", "EOF"),
        ] {
            std::fs::write(file.path(), text).expect("writable");
            let message = Overlay::read(file.path()).expect_err("refused").to_string();
            assert!(
                message.contains(expected) && message.contains("move it away"),
                "{message}"
            );
        }
    }
}
