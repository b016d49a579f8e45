//! The tables of the database, and the way from every earlier layout to this one.

use rusqlite::{Connection, Error, Transaction, ffi};

/// Tells a database of this program from others; SQLite keeps it in the file's header. The letters `undt`.
pub(super) const APPLICATION: i32 = i32::from_be_bytes(*b"undt");

/// One step from a layout to the next.
type Step = fn(&Transaction<'_>) -> Result<(), Error>;

/// The steps, the first from an empty file to layout 1. A step that was released is never changed.
const STEPS: [Step; 1] = [first];

/// The newest layout, which this program writes.
pub(super) const NEWEST: i32 = STEPS.len() as i32;

fn first(database: &Transaction<'_>) -> Result<(), Error> {
    database.execute_batch(
        "
        -- What vectors depend on besides the text.
        CREATE TABLE models (
            id INTEGER PRIMARY KEY,
            bundle TEXT NOT NULL,
            precision TEXT NOT NULL,
            forward INTEGER NOT NULL,
            UNIQUE (bundle, precision, forward)
        ) STRICT;
        -- `means` and `sentences` end with a check of their own, so that what the disk has spoilt is noticed; sentences
        -- come last, because they are long and seldom needed.
        CREATE TABLE vectors (
            model INTEGER NOT NULL REFERENCES models (id),
            text BLOB NOT NULL,
            means BLOB NOT NULL,
            sentences BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX vectors_by_text ON vectors (model, text);
        -- A passage as it was read, and the text the encoder made of it: spares the tokenizer.
        CREATE TABLE passages (
            model INTEGER NOT NULL REFERENCES models (id),
            passage BLOB NOT NULL,
            text BLOB NOT NULL,
            PRIMARY KEY (model, passage)
        ) STRICT, WITHOUT ROWID;
        -- Sentiment by a classifier of the user's own: three probabilities and a check.
        CREATE TABLE sentiments (
            classifier TEXT NOT NULL,
            words BLOB NOT NULL,
            sentiment BLOB NOT NULL,
            PRIMARY KEY (classifier, words)
        ) STRICT, WITHOUT ROWID;
        ",
    )
}

/// Brings a database to the newest layout; an empty one is filled. All steps or none are taken.
pub(super) fn migrate(database: &mut Connection) -> Result<(), Error> {
    let found = version(database)?;
    if found == NEWEST {
        return Ok(());
    }
    let steps = database.transaction()?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        step(&steps)?;
    }
    steps.pragma_update(None, "application_id", APPLICATION)?;
    steps.pragma_update(None, "user_version", NEWEST)?;
    steps.commit()
}

/// Whose a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Ours, or nobody's yet: it is empty.
    Us,
    /// Ours, in a layout that only a newer version knows.
    Newer(i32),
    /// Another program's.
    Other,
}

/// Whose a database is; nothing is changed in it.
///
/// # Errors
/// It cannot be read, or it is ours and states a layout that there never was.
pub(super) fn owner(database: &Connection) -> Result<Owner, Error> {
    let (application, layout) = (application(database)?, version(database)?);
    // Most programs sign nothing, so what has a table and no signature is another's.
    let tables: i64 =
        database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, layout) {
        (APPLICATION, 1..=NEWEST) => Ok(Owner::Us),
        (APPLICATION, layout) if layout > NEWEST => Ok(Owner::Newer(layout)),
        (APPLICATION, _) => Err(Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_CORRUPT),
            Some(format!("it states the layout {layout}")),
        )),
        (0, 0) if tables == 0 => Ok(Owner::Us),
        _ => Ok(Owner::Other),
    }
}

/// The layout of a database; 0 for an empty one.
pub(super) fn version(database: &Connection) -> Result<i32, Error> {
    database.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Who has signed a database; 0 for an empty one.
pub(super) fn application(database: &Connection) -> Result<i32, Error> {
    database.pragma_query_value(None, "application_id", |row| row.get(0))
}
