//! The database: opening it whatever state it is in, reading, writing, pruning, checking.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Error, ErrorCode, OptionalExtension, ffi, params};

use super::codec::{self, opened, sealed};
use super::layout::{NEWEST, Owner, migrate, owner};
use super::lock::Lock;
use crate::inference::Vectors;

/// Bytes of a key: half a SHA-256, far more than chance or patience could find two texts for.
const KEY: usize = 16;

/// What tells passages, texts and words from others of their kind.
pub(super) type Key = [u8; KEY];

/// How long another program that reads the database is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database of vectors, or what is left where it cannot be used: whatever happens to it, it only costs time. What
/// happened is told by [`Store::notices`].
pub struct Store {
    path: PathBuf,
    /// Held while the database is open, and beyond.
    lock: Lock,
    database: Option<Connection>,
    /// Raised when the database is begun anew: places in the old one mean nothing in the new one.
    generation: u32,
    notices: Vec<String>,
}

/// A model in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Model {
    id: i64,
    /// Of the database that the id belongs to.
    generation: u32,
    /// Numbers in a vector.
    hidden: usize,
}

/// What is to be kept of one passage.
pub(super) struct Kept {
    pub passage: Key,
    pub text: Key,
    /// The vectors of the text; None if the database has them already.
    pub vectors: Option<Option<Vectors>>,
}

/// What the database holds of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// SHA-256 of the bundle.
    pub bundle: String,
    /// The number format of its passes.
    pub precision: String,
    /// The version of the forward pass.
    pub forward: u32,
    /// Passages that are known.
    pub passages: u64,
    /// Texts with vectors: passages that the encoder reads alike are one.
    pub texts: u64,
}

/// What pruning removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prune {
    /// Passages.
    pub passages: u64,
    /// Texts with vectors.
    pub texts: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Rows that were looked at.
    pub rows: u64,
    /// Rows that are not as they were written. They are never used, and written anew when they are needed.
    pub damaged: u64,
    /// What SQLite says of the file; empty if it is whole.
    pub problems: Vec<String>,
}

impl Store {
    /// Opens the database, or makes it. One that is damaged is set aside and begun anew; one that cannot be used is left
    /// alone, and nothing is kept then.
    pub fn open(path: &Path) -> Self {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            // If that fails, opening the file says why.
            let _ = std::fs::create_dir_all(folder);
        }
        let mut store = Self {
            path: path.to_owned(),
            lock: Lock::share(path),
            ..Self::none()
        };
        let found = connect(path).and_then(|database| {
            let owner = owner(&database)?;
            match owner {
                Owner::Us => Ok((owner, Some(set_up(database)?))),
                Owner::Newer(_) | Owner::Other => Ok((owner, None)),
            }
        });
        let path = path.display();
        match found {
            Ok((Owner::Us, database)) => store.database = database,
            Ok((Owner::Newer(layout), _)) => store.notices.push(format!(
                "{path}: was written by a newer version of undertone (layout {layout}, this one knows {NEWEST}); it is left alone, and everything is computed anew. Use that version, or name another place with --store"
            )),
            Ok((Owner::Other, _)) => store.notices.push(format!(
                "{path}: is a database of another program; it is left alone, and nothing is kept. Name another place with --store"
            )),
            // By now the file is closed: SQLite finds what lies beside it by name, so it must not be moved while open.
            Err(error) => store.failed(&error),
        }
        store
    }

    /// A store that keeps nothing.
    pub fn none() -> Self {
        Self {
            path: PathBuf::new(),
            lock: Lock::none(),
            database: None,
            generation: 0,
            notices: Vec::new(),
        }
    }

    /// Whether anything is kept.
    pub fn is_open(&self) -> bool {
        self.database.is_some()
    }

    /// Keeps all others away until the value is dropped; says whether that went well, or others use the database.
    pub fn claim(&self) -> bool {
        self.lock.claim()
    }

    /// What went wrong so far, in words; each is told once.
    pub fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// A damaged database is set aside, so that nothing is lost and a new one can begin; after any other failure the run
    /// goes on without it.
    fn failed(&mut self, error: &Error) {
        self.database = None;
        let path = self.path.display().to_string();
        if !is_damage(error) {
            self.notices.push(format!(
                "{path}: cannot be used ({error}); the run goes on without it, and computes what it would have kept"
            ));
            return;
        }
        if !self.lock.claim() {
            // Moved, it would go on being written under its new name, and the new one beside it under the old.
            self.notices.push(format!(
                "{path}: is damaged ({error}) and in use by another program; it is left for that one, and nothing is kept this time"
            ));
            return;
        }
        match set_aside(&self.path) {
            Ok(place) => {
                self.notices.push(format!(
                    "{path}: is damaged ({error}); it was set aside as {}, and everything is computed anew",
                    place.display()
                ));
                self.generation += 1;
                match connect(&self.path).and_then(set_up) {
                    Ok(database) => self.database = Some(database),
                    Err(error) => self.notices.push(format!(
                        "{path}: cannot be begun anew ({error}); the run goes on without it"
                    )),
                }
            }
            Err(problem) => self.notices.push(format!(
                "{path}: is damaged ({error}) and cannot be set aside ({problem}); the run goes on without it. Move it away"
            )),
        }
        self.lock.share_again();
    }

    /// What an operation gives; None if there is no database or it fails, which is noted.
    fn with<T>(
        &mut self,
        operation: impl FnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Option<T> {
        match operation(self.database.as_mut()?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.failed(&error);
                None
            }
        }
    }

    /// The same for what concerns a model; None too if the database was begun anew since the model was looked up.
    fn with_model<T>(
        &mut self,
        model: Model,
        operation: impl FnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Option<T> {
        if model.generation != self.generation {
            return None;
        }
        self.with(operation)
    }

    /// The place of a model whose vectors have `hidden` numbers; it is made if need be.
    pub(super) fn model(
        &mut self,
        bundle: &str,
        precision: &str,
        forward: u32,
        hidden: usize,
    ) -> Option<Model> {
        let id = self.with(|database| {
            let values = params![bundle, precision, forward];
            database
                .prepare_cached(
                    "INSERT OR IGNORE INTO models (bundle, precision, forward) VALUES (?, ?, ?)",
                )?
                .execute(values)?;
            database
                .prepare_cached(
                    "SELECT id FROM models WHERE bundle = ? AND precision = ? AND forward = ?",
                )?
                .query_row(values, |row| row.get(0))
        })?;
        Some(Model {
            id,
            generation: self.generation,
            hidden,
        })
    }

    /// The text that a passage was read as before.
    pub(super) fn text_of(&mut self, model: Model, passage: &Key) -> Option<Key> {
        let sealed: Vec<u8> = self
            .with_model(model, |database| {
                database
                    .prepare_cached("SELECT text FROM passages WHERE model = ? AND passage = ?")?
                    .query_row(params![model.id, passage], |row| row.get(0))
                    .optional()
            })
            .flatten()?;
        opened(passage, &sealed)?.try_into().ok()
    }

    /// The vectors of a text, if they are there and as they were written: inside, None stands for a text without any.
    /// Without `sentences` those of sentences are left out.
    pub(super) fn vectors_of(
        &mut self,
        model: Model,
        text: &Key,
        sentences: bool,
    ) -> Option<Option<Vectors>> {
        let query = if sentences {
            "SELECT means, sentences FROM vectors WHERE model = ? AND text = ?"
        } else {
            "SELECT means, NULL FROM vectors WHERE model = ? AND text = ?"
        };
        let (means, of_sentences): (Vec<u8>, Option<Vec<u8>>) = self
            .with_model(model, |database| {
                database
                    .prepare_cached(query)?
                    .query_row(params![model.id, text], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()
            })
            .flatten()?;
        let means = opened(text, &means)?;
        let of_sentences = match &of_sentences {
            Some(sealed) => opened(text, sealed)?,
            None => &[],
        };
        codec::vectors(means, of_sentences, model.hidden)
    }

    /// Keeps what was computed, all of it or nothing.
    pub(super) fn keep(&mut self, model: Model, entries: &[Kept]) {
        self.with_model(model, |database| {
            let all = database.transaction()?;
            {
                let mut passage = all.prepare_cached(
                    "INSERT OR REPLACE INTO passages (model, passage, text) VALUES (?, ?, ?)",
                )?;
                let mut text = all.prepare_cached(
                    "INSERT OR REPLACE INTO vectors (model, text, means, sentences) VALUES (?, ?, ?, ?)",
                )?;
                for entry in entries {
                    if let Some(vectors) = &entry.vectors {
                        let means = sealed(&entry.text, codec::means(vectors.as_ref()));
                        let sentences = sealed(&entry.text, codec::sentences(vectors.as_ref()));
                        text.execute(params![model.id, entry.text, means, sentences])?;
                    }
                    let known_as = sealed(&entry.passage, entry.text.to_vec());
                    passage.execute(params![model.id, entry.passage, known_as])?;
                }
            }
            all.commit()
        });
    }

    /// The sentiment that a classifier found in some words before.
    pub(super) fn sentiment_of(&mut self, classifier: &str, words: &Key) -> Option<[f64; 3]> {
        let sealed: Vec<u8> = self
            .with(|database| {
                database
                    .prepare_cached(
                        "SELECT sentiment FROM sentiments WHERE classifier = ? AND words = ?",
                    )?
                    .query_row(params![classifier, words], |row| row.get(0))
                    .optional()
            })
            .flatten()?;
        let payload: &[u8; 24] = opened(words, &sealed)?.try_into().ok()?;
        let number = |place: usize| {
            let bytes: [u8; 8] = std::array::from_fn(|byte| payload[8 * place + byte]);
            f64::from_le_bytes(bytes)
        };
        Some([number(0), number(1), number(2)])
    }

    /// Keeps sentiments that a classifier found.
    pub(super) fn keep_sentiments(&mut self, classifier: &str, found: &[(Key, [f64; 3])]) {
        self.with(|database| {
            let all = database.transaction()?;
            {
                let mut insert = all.prepare_cached(
                    "INSERT OR REPLACE INTO sentiments (classifier, words, sentiment) VALUES (?, ?, ?)",
                )?;
                for (words, sentiment) in found {
                    let payload = sentiment.iter().flat_map(|number| number.to_le_bytes());
                    insert.execute(params![classifier, words, sealed(words, payload.collect())])?;
                }
            }
            all.commit()
        });
    }

    /// What the database holds, by model.
    pub fn count(&mut self) -> Vec<Count> {
        let counted = self.with(|database| {
            database
                .prepare(
                    "SELECT bundle, precision, forward,
                        (SELECT count(*) FROM passages WHERE model = models.id),
                        (SELECT count(*) FROM vectors WHERE model = models.id)
                     FROM models ORDER BY bundle, precision, forward",
                )?
                .query_map([], |row| {
                    Ok(Count {
                        bundle: row.get(0)?,
                        precision: row.get(1)?,
                        forward: row.get(2)?,
                        passages: row.get::<_, i64>(3)?.cast_unsigned(),
                        texts: row.get::<_, i64>(4)?.cast_unsigned(),
                    })
                })?
                .collect()
        });
        counted.unwrap_or_default()
    }

    /// Bytes of the database on the disk.
    pub fn bytes(&self) -> u64 {
        let files = companions(&self.path).into_iter();
        files
            .filter_map(|path| Some(std::fs::metadata(path).ok()?.len()))
            .sum()
    }

    /// Removes every passage but these of this model, the texts that no passage is read as any more, and all sentiments of
    /// other words; the space is overwritten and given back.
    pub(super) fn retain(
        &mut self,
        model: Model,
        passages: &[Key],
        classifier: &str,
        words: &[Key],
    ) -> Option<Prune> {
        self.with_model(model, |database| {
            // What is removed must not be readable in the file any more.
            database.pragma_update(None, "secure_delete", true)?;
            let all = database.transaction()?;
            all.execute_batch(
                "CREATE TEMP TABLE wanted (key BLOB PRIMARY KEY) WITHOUT ROWID;
                 CREATE TEMP TABLE spoken (key BLOB PRIMARY KEY) WITHOUT ROWID;",
            )?;
            for (table, keys) in [("wanted", passages), ("spoken", words)] {
                let mut insert =
                    all.prepare(&format!("INSERT OR IGNORE INTO {table} VALUES (?)"))?;
                for key in keys {
                    insert.execute([key])?;
                }
            }
            let passages = all.execute(
                "DELETE FROM passages WHERE model <> ?1 OR passage NOT IN (SELECT key FROM wanted)",
                [model.id],
            )?;
            let texts = all.execute(
                "DELETE FROM vectors WHERE model <> ?1 OR text NOT IN
                    (SELECT substr(text, 1, 16) FROM passages WHERE model = ?1)",
                [model.id],
            )?;
            all.execute(
                "DELETE FROM sentiments WHERE classifier <> ?1 OR words NOT IN (SELECT key FROM spoken)",
                [classifier],
            )?;
            all.execute("DELETE FROM models WHERE id <> ?1", [model.id])?;
            all.execute_batch("DROP TABLE wanted; DROP TABLE spoken;")?;
            all.commit()?;
            database.execute_batch("VACUUM")?;
            let busy: bool = database
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            if busy {
                return Err(Error::SqliteFailure(
                    ffi::Error::new(ffi::SQLITE_BUSY),
                    Some("another program reads it, so the file could not be emptied".to_owned()),
                ));
            }
            Ok(Prune {
                passages: passages as u64,
                texts: texts as u64,
            })
        })
    }

    /// Looks at every row and at the file's own structure.
    pub fn verify(&mut self) -> Option<Verification> {
        self.with(|database| {
            let mut found = Verification::default();
            let mut look = |query: &str| -> Result<(), Error> {
                let mut rows = database.prepare(query)?;
                let mut rows = rows.query([])?;
                while let Some(row) = rows.next()? {
                    let key: Vec<u8> = row.get(0)?;
                    let value: Vec<u8> = row.get(1)?;
                    found.rows += 1;
                    found.damaged += u64::from(opened(&key, &value).is_none());
                }
                Ok(())
            };
            look("SELECT text, means FROM vectors")?;
            look("SELECT text, sentences FROM vectors")?;
            look("SELECT passage, text FROM passages")?;
            look("SELECT words, sentiment FROM sentiments")?;
            let mut check = database.prepare("PRAGMA integrity_check(20)")?;
            let lines = check.query_map([], |row| row.get::<_, String>(0))?;
            for line in lines {
                let line = line?;
                if line != "ok" {
                    found.problems.push(line);
                }
            }
            Ok(found)
        })
    }
}

/// Opens the file, and makes it if it is not there; nothing is changed in one that is.
fn connect(path: &Path) -> Result<Connection, Error> {
    let database = Connection::open(path)?;
    database.busy_timeout(PATIENCE)?;
    Ok(database)
}

/// Makes a database ours and up to date: a write-ahead log, so that a kill at any moment leaves the last whole transaction.
fn set_up(mut database: Connection) -> Result<Connection, Error> {
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "NORMAL")?;
    database.pragma_update(None, "cache_size", -65_536)?;
    migrate(&mut database)?;
    Ok(database)
}

fn is_damage(error: &Error) -> bool {
    let by_sqlite = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    );
    // A value of another type than its column has, or a table that is not there: SQLite alone would not write that.
    let by_content = matches!(
        error,
        Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..)
            | Error::IntegralValueOutOfRange(..)
    );
    by_sqlite || by_content || error.to_string().contains("no such table")
}

/// The file and those that SQLite keeps beside it.
fn companions(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    })
}

/// Moves the file and its companions out of the way, to a name that is free.
fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let place = (1..)
        .map(|number| path.with_extension(format!("damaged-{number}")))
        .find(|place| !companions(place).iter().any(|taken| taken.exists()));
    // The numbers do not end.
    let place = place.unwrap_or_else(|| path.with_extension("damaged"));
    for (from, to) in companions(path).into_iter().zip(companions(&place)) {
        if from.exists() {
            std::fs::rename(from, to)?;
        }
    }
    Ok(place)
}
