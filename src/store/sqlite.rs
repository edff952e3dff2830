//! SQLite: how connections are opened, who may serve a file, and the pool of readers.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};

use super::error::StoreError;
use super::handle::Options;
use super::writer::Writer;
use super::{migrate, statistics};

/// More than the number of statements in the program, so that each is prepared once per connection.
pub(super) const STATEMENTS_KEPT: usize = 512;
/// Inside the server nobody else writes: this is for commands beside it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// An open read keeps the log from being reset, so there are few of them at a time.
const READERS: u32 = 4;
/// The writer's cache of pages, in KiB where negative: logins, sessions and seats of a busy hour fit.
const WRITER_CACHE: &str = "-16384";
/// A reader's: a large course's people fit, so that a page of them does not read the file anew.
const READER_CACHE: &str = "-8192";
/// Pages in the write-ahead log before they are copied into the file; each copying syncs twice, and a slow disk then
/// holds every launch up.
const CHECKPOINT_PAGES: &str = "4000";
const READER_WAIT: Duration = Duration::from_secs(2);

/// An open SQLite database: one writer, several readers.
#[derive(Debug)]
pub(super) struct Sqlite {
    pub(super) writer: Writer,
    pub(super) readers: SqlitePool,
    pub(super) path: PathBuf,
}

impl Sqlite {
    /// Opens the file, making it (readable by its owner only) and its folder if absent, and migrates it.
    pub(super) async fn open(options: &Options, time: super::tx::Time) -> Result<Self, StoreError> {
        let connect = SqliteConnectOptions::from_str(&options.url).map_err(|error| StoreError::Address {
            reason: error.to_string(),
        })?;
        let path = connect.get_filename().to_path_buf();
        if options.url.contains(":memory:") || options.url.contains("mode=memory") || path.as_os_str().is_empty() {
            return Err(StoreError::Address {
                reason: "it must name a file: a database in memory cannot be shared by a writer and readers".to_owned(),
            });
        }
        make(&path)?;
        let connect = connect
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS_KEPT)
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .disable_statement_logging();
        let connect = match options.sqlite_max_pages {
            Some(pages) => connect.pragma("max_page_count", pages.to_string()),
            None => connect,
        };

        if options.migrates {
            let turn = turn_to_migrate(&path).await?;
            let mut conn = connect.connect().await?;
            migrate::run(&migrate::SQLITE, &mut conn).await?;
            statistics::write(&mut conn).await?;
            conn.close().await?;
            drop(turn);
        }

        let writer = Writer::start(connect, time, options).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(READER_WAIT)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(
                SqliteConnectOptions::new()
                    .filename(&path)
                    .read_only(true)
                    .busy_timeout(BUSY_TIMEOUT)
                    .statement_cache_capacity(STATEMENTS_KEPT)
                    .pragma("cache_size", READER_CACHE)
                    .disable_statement_logging(),
            )
            .await?;
        Ok(Self { writer, readers, path })
    }
}

/// Proof that this process is the only server of its SQLite file; let go by dropping it, and by the end of the process.
/// On PostgreSQL it holds nothing, since several servers may share a database.
#[derive(Debug)]
#[must_use = "the lock is held as long as this value lives"]
pub struct ServerLock {
    _file: Option<File>,
}

impl ServerLock {
    pub(super) fn none() -> Self {
        Self { _file: None }
    }

    /// Locks the file beside the database, or answers [`StoreError::InUse`] at once.
    pub(super) fn of(path: &Path) -> Result<Self, StoreError> {
        let file = lock_file(path, "server-lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
                path: path.to_path_buf(),
            }),
            Err(TryLockError::Error(source)) => Err(StoreError::File {
                path: path.to_path_buf(),
                source,
            }),
        }
    }
}

/// Waits until no other process migrates the file. On a thread of its own: who holds the turn may be a task of this one.
async fn turn_to_migrate(path: &Path) -> Result<File, StoreError> {
    let file = lock_file(path, "migrate-lock")?;
    let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
    locked
        .map_err(|_panic| StoreError::Panicked)?
        .map_err(|source| StoreError::File {
            path: path.to_path_buf(),
            source,
        })
}

fn lock_file(database: &Path, what: &str) -> Result<File, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".");
    path.push(what);
    open_private(Path::new(&path))
}

fn make(path: &Path) -> Result<(), StoreError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::File {
            path: folder.to_path_buf(),
            source,
        })?;
    }
    // SQLite gives its log files the rights of the database file.
    open_private(path).map(drop)
}

fn open_private(path: &Path) -> Result<File, StoreError> {
    let mut open = OpenOptions::new();
    open.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(path).map_err(|source| StoreError::File {
        path: path.to_path_buf(),
        source,
    })
}
