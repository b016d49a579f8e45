//! A look at a database that changes nothing in it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::layout::{NEWEST, Owner, owner, version};

/// What a database is like, from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It is of a layout that this program reads and, if it is an older one, brings up to date.
    Fit {
        /// Its layout.
        layout: i32,
    },
    /// It was written by a newer version of the program.
    Newer {
        /// Its layout.
        layout: i32,
        /// The newest that this program knows.
        newest: i32,
    },
    /// It belongs to another program.
    Foreign,
    /// It cannot be read.
    Unreadable {
        /// What SQLite said.
        problem: String,
    },
}

/// Looks at a database that is there. Its values are not checked; [`super::Store::verify`] does.
pub fn look(path: &Path) -> Look {
    let found = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|database| Ok((owner(&database)?, version(&database)?)));
    match found {
        Ok((Owner::Us, layout)) => Look::Fit { layout },
        Ok((Owner::Newer(layout), _)) => Look::Newer {
            layout,
            newest: NEWEST,
        },
        Ok((Owner::Other, _)) => Look::Foreign,
        Err(error) => Look::Unreadable {
            problem: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::Store;
    use super::super::layout::NEWEST;
    use super::{Look, look};

    #[test]
    fn a_look_tells_what_a_run_would_find_and_changes_nothing() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let path = folder.path().join("store.sqlite");
        drop(Store::open(&path));
        assert_eq!(look(&path), Look::Fit { layout: NEWEST });

        let newer = folder.path().join("newer.sqlite");
        drop(Store::open(&newer));
        Connection::open(&newer)
            .and_then(|database| database.pragma_update(None, "user_version", NEWEST + 1))
            .expect("writable");
        let before = std::fs::read(&newer).expect("readable");
        assert_eq!(
            look(&newer),
            Look::Newer {
                layout: NEWEST + 1,
                newest: NEWEST
            }
        );
        assert_eq!(std::fs::read(&newer).expect("readable"), before);

        let foreign = folder.path().join("foreign.sqlite");
        Connection::open(&foreign)
            .and_then(|database| database.pragma_update(None, "user_version", 7))
            .expect("writable");
        assert_eq!(look(&foreign), Look::Foreign);

        let text = folder.path().join("text.sqlite");
        std::fs::write(
            &text,
            "no database, but long enough to look like a header of one",
        )
        .expect("writable");
        assert!(matches!(look(&text), Look::Unreadable { .. }));
        assert!(matches!(
            look(&folder.path().join("none")),
            Look::Unreadable { .. }
        ));
    }
}
