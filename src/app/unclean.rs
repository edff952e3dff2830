//! Whether the only server of a SQLite file was stopped properly the last time.
//!
//! Launches are stored with relaxed durability: after a power loss a spent login may be back. All login records are
//! therefore deleted after an unclean stop, so that none can be spent twice.

use std::path::{Path, PathBuf};

use crate::store::{Durability, Store};

/// A file beside the database that is there while a server runs.
#[derive(Debug)]
pub(super) struct RunningMark(PathBuf);

impl RunningMark {
    /// Sets the mark; deletes all login records if it was still there.
    pub(super) async fn set(database: &Path, store: &Store) -> anyhow::Result<Self> {
        let mut name = database.as_os_str().to_owned();
        name.push(".running");
        let file = PathBuf::from(name);
        if file.exists() {
            let forgotten = store
                .write_one(Durability::Full, async |tx| tx.forget_all_logins().await)
                .await?;
            tracing::warn!(forgotten, "the last stop was not clean: open logins were forgotten");
        }
        // synced, or a power loss soon after the start would leave a spent login and no mark
        std::fs::File::create(&file)?.sync_all()?;
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::File::open(folder)?.sync_all()?;
        }
        Ok(Self(file))
    }

    /// Removes the mark: the stop was clean.
    pub(super) fn remove(self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "the mark of a running server stays");
        }
    }
}
