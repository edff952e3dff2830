//! What can go wrong between a unit of work and its database.

use std::path::PathBuf;
use std::sync::Arc;

/// Why a unit of work was not done, or the store could not be opened.
///
/// After [`Self::Busy`], [`Self::TooLong`], [`Self::Panicked`], [`Self::NotCommitted`], [`Self::Spoiled`],
/// [`Self::Full`] and [`Self::Conflict`] nothing was written. After [`Self::Database`] from a COMMIT on PostgreSQL
/// (a lost connection) nobody knows: effects are found again by their key.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue of the writer, or the pool of connections, is full: come back later.
    #[error("too much work is waiting for the database")]
    Busy,
    /// The unit ran longer than its limit and was rolled back alone.
    #[error("the unit of work took longer than its limit")]
    TooLong,
    /// The unit panicked and was rolled back alone.
    #[error("the unit of work panicked")]
    Panicked,
    /// The unit went well, but the group it was in could not be committed (a full disk, an input or output error).
    #[error("the group of writes could not be committed")]
    NotCommitted(#[source] Arc<sqlx::Error>),
    /// The store was closed, or its writer ended: the process should end, too.
    #[error("the store has stopped")]
    Stopped,
    /// A statement failed and the unit went on all the same: it was rolled back.
    #[error("the unit of work went on after a failed statement")]
    Spoiled,
    /// `write_one` and `read_one` hold exactly one statement.
    #[error("a unit of work of one statement tried a second")]
    SecondStatement,
    /// There is no room left.
    #[error("the database has no room left")]
    Full(#[source] sqlx::Error),
    /// Another transaction was in the way (serialisation failure, deadlock, lock time-out): try the unit again.
    #[error("another transaction was in the way")]
    Conflict(#[source] sqlx::Error),
    /// A statement failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// A stored value does not fit the type it is read into.
    #[error("a stored value cannot be read: {what}")]
    Unreadable {
        /// Which one; no content.
        what: &'static str,
    },
    /// The database was made by another version of this program, a newer one as a rule.
    #[error(
        "the database has schema version {found}, which this program does not know (its newest is {known}): start the newer program, or restore a backup"
    )]
    NewerSchema {
        /// A version in the database that this program has no migration for.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The database could not be brought to this program's schema.
    #[error("the database could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The database's address cannot be used.
    #[error("the database address cannot be used: {reason}")]
    Address {
        /// Why; without the address, which may hold a password.
        reason: String,
    },
    /// Another server process uses the SQLite file.
    #[error("another server process uses {}", path.display())]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The database file, its folder or its lock cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => return Self::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => return Self::Stopped,
            _ => {}
        }
        // SQLite answers a number (extended result codes, the low byte is the code), PostgreSQL an SQLSTATE.
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .unwrap_or_default();
        match code.as_ref() {
            "13" | "53100" => Self::Full(error),
            "5" | "6" | "261" | "262" | "517" | "40001" | "40P01" | "55P03" => Self::Conflict(error),
            _ => Self::Database(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::error::Error;
    use std::fmt;

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::StoreError;

    /// What a database answers with this code.
    #[derive(Debug)]
    struct Answered(&'static str);

    impl fmt::Display for Answered {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Answered {}

    impl DatabaseError for Answered {
        fn message(&self) -> &'static str {
            "so it said"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(Cow::Borrowed(self.0))
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    #[test]
    fn no_room_and_a_conflict_are_told_from_failures_by_their_codes() {
        let told = |code| StoreError::from(sqlx::Error::Database(Box::new(Answered(code))));
        // PostgreSQL: disk full; SQLite: SQLITE_FULL
        for code in ["53100", "13"] {
            assert!(matches!(told(code), StoreError::Full(_)), "{code}");
        }
        for code in ["40001", "40P01", "55P03", "5", "517"] {
            assert!(matches!(told(code), StoreError::Conflict(_)), "{code}");
        }
        for code in ["23505", "42601", "1", ""] {
            assert!(matches!(told(code), StoreError::Database(_)), "{code}");
        }
        assert!(matches!(StoreError::from(sqlx::Error::PoolTimedOut), StoreError::Busy));
    }
}
