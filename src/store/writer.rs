//! The one writer of a SQLite file: its own thread, a bounded queue, and groups of units with one COMMIT.
//!
//! What piled up during the last COMMIT is the next group. Each unit has a savepoint, so that one that fails, panics or
//! takes too long is undone alone. Promise: nobody is answered before the COMMIT of their group.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};

use super::durability::Durability;
use super::error::StoreError;
use super::handle::Options;
use super::tx::{Conn, Time, Tx};
use super::unit;

/// Units that may wait. At a full queue the caller is told to come back, rather than to wait without end.
const QUEUE: usize = 1024;
/// Units in one transaction at most.
const GROUP: usize = 256;

/// Asks the kernel not to interrupt others when the calling thread wakes (`SCHED_BATCH`, sched(7)).
///
/// SQLite runs on a thread of its own, which answers the writer several times for each statement. On a core that both
/// share, the writer would cut in at every answer; so it finds them all when that thread waits for the next statement.
/// Worth about 30 % of the launches on one core; without it everything works as well.
#[cfg(target_os = "linux")]
fn interrupt_nobody() {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
        set_thread_priority_and_policy, thread_native_id,
    };
    /// A nice value of 0 on this crate's scale of 0 to 99.
    const USUAL: u8 = 47;
    let set = ThreadPriorityValue::try_from(USUAL).map(|usual| {
        let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
        set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Crossplatform(usual), batch)
    });
    if !matches!(set, Ok(Ok(()))) {
        tracing::debug!(?set, "the writer's thread is scheduled as any other");
    }
}

#[cfg(not(target_os = "linux"))]
fn interrupt_nobody() {}

/// The way to the writer's thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Message>,
    ended: watch::Receiver<()>,
    limit: Duration,
}

enum Message {
    Job(Job),
    Stop,
}

struct Job {
    unit: Box<dyn Unit + Send>,
    durability: Durability,
    single: bool,
}

impl Writer {
    /// Opens the connection and starts the thread.
    pub(super) async fn start(
        connect: SqliteConnectOptions,
        time: Time,
        options: &Options,
    ) -> Result<Self, StoreError> {
        let limit = options.unit_limit;
        let conn = connect.connect().await?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (alive, ended) = watch::channel(());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|source| StoreError::Database(sqlx::Error::Io(source)))?;
        let desk = Desk {
            connect,
            conn: Some(conn),
            level: None,
            time,
            longest: Duration::ZERO,
            #[cfg(test)]
            answers_early: options.answers_early,
        };
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                interrupt_nobody();
                runtime.block_on(desk.serve(queue));
                drop(alive);
            })
            .map_err(|source| StoreError::Database(sqlx::Error::Io(source)))?;
        Ok(Self { jobs, ended, limit })
    }

    /// Queues a unit and waits for the COMMIT of its group.
    pub(super) async fn ask<T, E, F>(&self, durability: Durability, single: bool, unit: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let unit = Box::new(Asked {
            unit: Some(unit),
            outcome: None,
            reply: Some(reply),
            limit: self.limit,
        });
        let job = Job {
            unit,
            durability,
            single,
        };
        self.jobs.try_send(Message::Job(job)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Stopped,
        })?;
        answer.await.unwrap_or_else(|_gone| Err(StoreError::Stopped.into()))
    }

    /// Takes no new units, finishes the queued ones and waits until the thread has ended.
    pub(super) async fn stop(&self) {
        // An error means that it has stopped already.
        let _ = self.jobs.send(Message::Stop).await;
        self.ended().await;
    }

    /// Waits until the thread has ended, whatever the reason.
    pub(super) async fn ended(&self) {
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}

/// A unit behind the queue. It crosses to the writer's thread; its future is made and polled there, so that the future
/// need not be `Send`.
trait Unit {
    fn is_abandoned(&self) -> bool;
    fn run<'a, 'c: 'a>(&'a mut self, tx: &'a mut Tx<'c>) -> LocalBoxFuture<'a, bool>;
    fn answer(&mut self, group: &Result<(), Arc<sqlx::Error>>);
}

struct Asked<T, E, F> {
    unit: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: Option<oneshot::Sender<Result<T, E>>>,
    limit: Duration,
}

impl<T, E, F> Unit for Asked<T, E, F>
where
    F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E>,
    E: From<StoreError>,
{
    /// The caller has gone: nothing need be written.
    fn is_abandoned(&self) -> bool {
        self.reply.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    /// Whether what it did is to be kept.
    fn run<'a, 'c: 'a>(&'a mut self, tx: &'a mut Tx<'c>) -> LocalBoxFuture<'a, bool> {
        async move {
            let Some(unit) = self.unit.take() else { return false };
            let outcome = unit::run(unit, tx, self.limit).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        }
        .boxed_local()
    }

    /// The unit's own error, else the group's, else the unit's value.
    fn answer(&mut self, group: &Result<(), Arc<sqlx::Error>>) {
        let Some(reply) = self.reply.take() else { return };
        let outcome = match (self.outcome.take(), group) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(error)) => Err(StoreError::NotCommitted(Arc::clone(error)).into()),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => Err(StoreError::Stopped.into()),
        };
        // Nobody listens any more: the work is done all the same.
        let _ = reply.send(outcome);
    }
}

/// What the writer's thread works with.
struct Desk {
    connect: SqliteConnectOptions,
    conn: Option<SqliteConnection>,
    level: Option<bool>,
    time: Time,
    longest: Duration,
    /// The mutant that a test must catch.
    #[cfg(test)]
    answers_early: bool,
}

impl Desk {
    async fn serve(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut arrived = Vec::with_capacity(GROUP);
        while queue.recv_many(&mut arrived, GROUP).await > 0 {
            let mut group = Vec::with_capacity(arrived.len());
            for message in arrived.drain(..) {
                match message {
                    Message::Stop => queue.close(),
                    Message::Job(job) if job.unit.is_abandoned() => {}
                    Message::Job(job) => group.push(job),
                }
            }
            if group.is_empty() {
                continue;
            }
            let done = self.commit(&mut group).await.map_err(Arc::new);
            if let Err(error) = &done {
                tracing::error!(
                    store.group = group.len(),
                    error = %error,
                    "a group of writes was not committed"
                );
                self.recover().await;
            }
            for mut job in group {
                job.unit.answer(&done); // never before COMMIT
            }
        }
        if let Some(conn) = self.conn.take()
            && let Err(error) = conn.close().await
        {
            tracing::warn!(error = %error, "the writer's connection did not close cleanly");
        }
    }

    /// One transaction for the whole group. An error undoes it for every member.
    async fn commit(&mut self, group: &mut [Job]) -> Result<(), sqlx::Error> {
        let full = group.iter().any(|job| job.durability == Durability::Full);
        self.set_level(full).await?;
        let Self { conn, time, .. } = self;
        let conn = conn.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        let mut members = group.iter_mut().peekable();
        sql(conn, begin(members.peek().map(|job| job.single))).await?;
        while let Some(job) = members.next() {
            let mut tx = Tx::new(Conn::Sqlite(conn), time, job.single);
            let end = match (job.unit.run(&mut tx).await, job.single) {
                (true, _) => End::Kept,
                (false, true) if !tx.is_without_effect() => {
                    return Err(sqlx::Error::Protocol("a unit of one failed after its statement".into()));
                }
                (false, _) => End::Undone,
            };
            let next = members.peek().map(|job| job.single);
            if let Some(text) = between(job.single, end, next) {
                sql(conn, text).await?;
            }
        }
        #[cfg(test)]
        if self.answers_early {
            for job in group.iter_mut() {
                job.unit.answer(&Ok(()));
            }
        }
        let start = Instant::now();
        sql(conn, "COMMIT").await?;
        self.measure(start.elapsed());
        Ok(())
    }

    /// `PRAGMA synchronous` is refused inside a transaction, so it is set before, and only when it changes.
    async fn set_level(&mut self, full: bool) -> Result<(), sqlx::Error> {
        if self.conn.is_none() {
            self.conn = Some(self.connect.connect().await?);
            self.level = None;
        }
        if self.level == Some(full) {
            return Ok(());
        }
        let conn = self.conn.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        let text = if full {
            "PRAGMA synchronous = FULL"
        } else {
            "PRAGMA synchronous = NORMAL"
        };
        sql(conn, text).await?;
        self.level = Some(full);
        Ok(())
    }

    /// After a failed group: no transaction may be left open. A connection that cannot begin one is given up; the next
    /// group opens another.
    async fn recover(&mut self) {
        let Some(mut conn) = self.conn.take() else { return };
        // Refused if SQLite has rolled back by itself, or never began: as good.
        let _ = sql(&mut conn, "ROLLBACK").await;
        // Refused inside a transaction and by a broken connection; waits for no lock.
        if sql(&mut conn, "BEGIN; ROLLBACK").await.is_ok() {
            self.conn = Some(conn);
        } else {
            tracing::warn!("the writer's connection is replaced");
            let _ = conn.close_hard().await;
        }
    }

    fn measure(&mut self, commit: Duration) {
        metrics::histogram!("badgebridge_store_commit_seconds").record(commit.as_secs_f64());
        if commit > self.longest {
            self.longest = commit;
            metrics::gauge!("badgebridge_store_longest_commit_seconds").set(commit.as_secs_f64());
        }
    }
}

#[derive(Clone, Copy)]
enum End {
    Kept,
    Undone,
}

/// What opens a group; `first` says whether its first unit is of one statement.
///
/// `live` shows whether SQLite itself has ended the transaction (a full disk, an input or output error): what came after
/// would otherwise run, and stay, outside of any transaction.
fn begin(first: Option<bool>) -> &'static str {
    match first {
        Some(false) => "BEGIN IMMEDIATE; SAVEPOINT live; SAVEPOINT unit",
        _ => "BEGIN IMMEDIATE; SAVEPOINT live",
    }
}

/// What stands between a unit and the next, in one trip where possible; after the last, COMMIT releases what is open.
/// Each text that follows an undone unit fails if SQLite has ended the transaction.
fn between(single: bool, end: End, next: Option<bool>) -> Option<&'static str> {
    let next_has_savepoint = next == Some(false);
    match (single, end) {
        (true, End::Kept) => next_has_savepoint.then_some("SAVEPOINT unit"),
        (true, End::Undone) if next_has_savepoint => Some("RELEASE live; SAVEPOINT live; SAVEPOINT unit"),
        (true, End::Undone) => Some("RELEASE live; SAVEPOINT live"),
        (false, End::Kept) if next_has_savepoint => Some("RELEASE unit; SAVEPOINT unit"),
        (false, End::Kept) => next.map(|_| "RELEASE unit"),
        (false, End::Undone) if next_has_savepoint => Some("ROLLBACK TO unit"),
        (false, End::Undone) => Some("ROLLBACK TO unit; RELEASE unit"),
    }
}

/// Several statements in one text are one trip to the connection's thread.
async fn sql(conn: &mut SqliteConnection, text: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(text).execute(conn).await.map(drop)
}
