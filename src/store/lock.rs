//! Who uses a store: many may at once as long as it stays in its place; whoever moves it or removes from it is alone.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// A share in a store, given back when the value or its process ends. It is none of SQLite's own locks: those tell nothing of
/// a program that has the file open and reads nothing at the moment.
pub(super) struct Lock {
    /// None where the place knows no locks or cannot be written; a store there cannot be moved either.
    file: Option<File>,
}

impl Lock {
    /// No lock, for no store.
    pub(super) fn none() -> Self {
        Self { file: None }
    }

    /// Takes a share, and waits for one who is alone to end.
    pub(super) fn share(store: &Path) -> Self {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(beside(store))
            .and_then(|file| file.lock_shared().map(|()| file));
        Self { file: file.ok() }
    }

    /// Turns the share into the whole if nobody else has one; says whether that went well.
    pub(super) fn claim(&self) -> bool {
        let claimed = self
            .file
            .as_ref()
            .is_none_or(|file| file.try_lock().is_ok());
        if !claimed {
            // The system gives up the share before it tries for the whole.
            self.share_again();
        }
        claimed
    }

    /// Turns the whole into a share again.
    pub(super) fn share_again(&self) {
        // Nobody can take the place in between for long, and without a lock the worst is what was before there were any.
        let _ = self.file.as_ref().map(File::lock_shared);
    }
}

fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::Lock;

    #[test]
    fn many_share_and_only_one_who_has_no_company_claims() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let store = folder.path().join("store.sqlite");
        let (first, second) = (Lock::share(&store), Lock::share(&store));
        assert!(!first.claim());
        drop(second);
        assert!(first.claim());
        first.share_again();
        let third = Lock::share(&store);
        assert!(!first.claim());
        drop(first);
        assert!(third.claim());
    }

    #[test]
    fn where_no_lock_can_be_made_nobody_is_kept_away() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        assert!(Lock::share(&folder.path().join("none/store.sqlite")).claim());
    }
}
