//! The worker: runs due jobs and works the organisations' sending queues off, until it is told to stop.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::awards::Sender;
use crate::clock::Timestamp;
use crate::jobs::calm::MAKES_WAY;
use crate::jobs::schedule::JobSettings;
use crate::jobs::{Handler, Job, NewJob, Verdict};
use crate::model::OrganisationId;
use crate::store::job::JobEnd;
use crate::store::order::StepError;
use crate::store::{Durability, Store, StoreError};

/// Why the worker could not go on.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An order's step could not be stored.
    #[error(transparent)]
    Step(#[from] StepError),
}

/// Runs jobs and sends orders. Cheap to clone: clones are the same worker.
#[derive(Clone, Debug)]
pub struct Worker {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    sender: Arc<Sender>,
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    settings: JobSettings,
    holder: Uuid,
    news: Notify,
    stop: watch::Sender<bool>,
}

enum Ended {
    Job,
    Queue(OrganisationId),
}

impl Worker {
    /// A worker with these handlers.
    pub fn new(
        store: Store,
        sender: Arc<Sender>,
        handlers: Vec<Arc<dyn Handler>>,
        settings: JobSettings,
        holder: Uuid,
    ) -> Self {
        let handlers = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        Self {
            inner: Arc::new(Inner {
                store,
                sender,
                handlers,
                settings,
                holder,
                news: Notify::new(),
                stop: watch::Sender::new(false),
            }),
        }
    }

    /// The sender that this worker drives.
    pub fn sender(&self) -> &Arc<Sender> {
        &self.inner.sender
    }

    /// Says that there may be something to do: called after the write that queued it was answered.
    pub fn wake(&self) {
        self.inner.news.notify_one();
    }

    /// Tells [`Self::serve`] to take nothing new and to end.
    pub fn stop(&self) {
        self.inner.stop.send_replace(true);
        self.inner.news.notify_one();
    }

    /// Works until [`Self::stop`], then waits for what runs, at most as long as the settings say; leases do the rest.
    pub async fn serve(&self) {
        self.plan_repeats().await;
        let mut running = JoinSet::new();
        let mut queues = BTreeSet::new();
        let mut jobs = 0_usize;
        while !self.is_stopping() {
            if let Err(error) = self.start_due(&mut running, &mut queues, &mut jobs).await {
                tracing::error!(error = %Chain(&error), "the worker could not look for work");
            }
            tokio::select! {
                () = self.inner.news.notified() => {}
                () = tokio::time::sleep(self.inner.settings.poll) => {}
                Some(ended) = running.join_next(), if !running.is_empty() => note_end(ended, &mut queues, &mut jobs),
            }
            while let Some(ended) = running.try_join_next() {
                note_end(ended, &mut queues, &mut jobs);
            }
        }
        let wait = tokio::time::sleep(self.inner.settings.stop_wait);
        tokio::pin!(wait);
        while !running.is_empty() {
            tokio::select! {
                () = &mut wait => break,
                _ = running.join_next() => {}
            }
        }
    }

    /// Does everything that is due now, jobs, orders and revocations, in this task, and returns when nothing is due;
    /// gives how much was done. For tests and commands.
    pub async fn drain(&self) -> Result<usize, WorkerError> {
        let mut done = 0;
        loop {
            let mut now_done = 0;
            while let Some(job) = self.claim().await? {
                self.run(job).await?;
                now_done += 1;
            }
            let now = self.inner.store.now().await?;
            let never = watch::Sender::new(false);
            for (organisation, at) in self.inner.sender.agenda().await? {
                if at <= now {
                    now_done += self.inner.sender.work_off(organisation, &never.subscribe()).await?;
                }
            }
            if now_done == 0 {
                return Ok(done);
            }
            done += now_done;
        }
    }

    /// When something is due next: a job, the end of a lease, an order, a look, a revocation.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, WorkerError> {
        let job = self.inner.store.read(async |tx| tx.next_job_at().await).await?;
        let agenda = self.inner.sender.agenda().await?;
        Ok(agenda.into_iter().map(|(_, at)| at).chain(job).min())
    }

    /// Queues the repeating jobs, unless they are.
    pub async fn plan_repeats(&self) {
        for repeat in &self.inner.settings.repeats {
            let repeat = *repeat;
            let planned = self
                .inner
                .store
                .write(Durability::Launch, async move |tx| {
                    let now = tx.now().await?;
                    let job = NewJob {
                        organisation: None,
                        kind: repeat.kind,
                        dedup_key: repeat.kind.to_owned(),
                        payload: serde_json::Value::Null,
                        due_at: now.plus(repeat.first),
                    };
                    tx.enqueue_once(&job, now).await
                })
                .await;
            if let Err(error) = planned {
                let error: StoreError = error;
                tracing::error!(error = %Chain(&error), job.kind = repeat.kind, "a repeating job was not planned");
            }
        }
    }

    fn is_stopping(&self) -> bool {
        *self.inner.stop.borrow()
    }

    async fn start_due(
        &self,
        running: &mut JoinSet<Ended>,
        queues: &mut BTreeSet<OrganisationId>,
        jobs: &mut usize,
    ) -> Result<(), WorkerError> {
        let now = self.inner.store.now().await?;
        for (organisation, at) in self.inner.sender.agenda().await? {
            if at <= now && queues.insert(organisation) {
                let worker = self.clone();
                running.spawn(async move {
                    let stop = worker.inner.stop.subscribe();
                    if let Err(error) = worker.inner.sender.work_off(organisation, &stop).await {
                        tracing::error!(organisation.id = %organisation, error = %Chain(&error), "a sending queue failed");
                    }
                    Ended::Queue(organisation)
                });
            }
        }
        // Asked before claiming: a claim writes, and an idle program writes nothing.
        let next = self.inner.store.read(async |tx| tx.next_job_at().await).await?;
        if next.is_none_or(|at| at > now) {
            return Ok(());
        }
        while *jobs < self.inner.settings.concurrency {
            let Some(job) = self.claim().await? else { break };
            *jobs += 1;
            let worker = self.clone();
            running.spawn(async move {
                let kind = job.kind.clone();
                if let Err(error) = worker.run(job).await {
                    tracing::error!(job.kind = kind, error = %Chain(&error), "a job could not be settled");
                }
                Ended::Job
            });
        }
        Ok(())
    }

    async fn claim(&self) -> Result<Option<Job>, StoreError> {
        let (holder, lease) = (self.inner.holder, self.inner.settings.lease);
        self.inner
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                tx.claim_job(holder, now, now.plus(lease)).await
            })
            .await
    }

    async fn run(&self, job: Job) -> Result<(), WorkerError> {
        self.inner.settings.calm.wait(MAKES_WAY).await;
        let (started_at, clock_start) = (self.inner.store.now().await?, Instant::now());
        let verdict = self.judge(&job, started_at).await?;
        let took = i64::try_from(clock_start.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (holder, settings) = (self.inner.holder, self.inner.settings.clone());
        let ours = self
            .inner
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let (end, word, detail) = end_of(&verdict, &job, &settings, now);
                let ours = tx.settle_job(&job, holder, end, now).await?;
                tx.add_job_attempt(&job, started_at, took, word, detail).await?;
                let Some(organisation) = job.organisation else {
                    return Ok(ours);
                };
                match end {
                    JobEnd::GivenUp if ours => {
                        tracing::warn!(job.kind = job.kind, reason = detail, "a job was given up");
                        let detail = serde_json::json!({ "kind": job.kind, "reason": detail });
                        tx.raise_problem(organisation, "job-failed", &job.dedup_key, &detail, now)
                            .await?;
                    }
                    JobEnd::Done | JobEnd::Again(_) => {
                        tx.clear_problem(organisation, "job-failed", &job.dedup_key, now)
                            .await?;
                    }
                    _ => {}
                }
                Ok::<_, StoreError>(ours)
            })
            .await?;
        if !ours {
            tracing::warn!("a job took longer than its lease and was left to another worker");
        }
        Ok(())
    }

    async fn judge(&self, job: &Job, started_at: Timestamp) -> Result<Verdict, StoreError> {
        let Some(handler) = self.inner.handlers.get(job.kind.as_str()) else {
            return Ok(Verdict::Retry {
                after: None,
                reason: format!("this program has no handler for jobs of kind {}", job.kind),
            });
        };
        let mut limit = self.inner.settings.lease;
        if let Some(longer) = handler.lease() {
            limit = longer;
            let (id, holder, until) = (job.id, self.inner.holder, started_at.plus(longer));
            self.inner
                .store
                .write(Durability::Launch, async move |tx| {
                    tx.extend_job(id, holder, until).await
                })
                .await?;
        }
        let limit = limit.saturating_sub(limit / 10);
        let run = AssertUnwindSafe(handler.run(job)).catch_unwind();
        Ok(match tokio::time::timeout(limit, run).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) => Verdict::Retry {
                after: None,
                reason: "the job panicked".to_owned(),
            },
            Err(_) => Verdict::Retry {
                after: None,
                reason: "the job took longer than its lease".to_owned(),
            },
        })
    }
}

fn end_of<'a>(
    verdict: &'a Verdict,
    job: &Job,
    settings: &JobSettings,
    now: Timestamp,
) -> (JobEnd, &'static str, Option<&'a str>) {
    match verdict {
        Verdict::Done => (JobEnd::Done, "done", None),
        Verdict::Again { after } => (JobEnd::Again(now.plus(*after)), "again", None),
        Verdict::Retry { after, reason } => match settings.pause(job.tries, *after) {
            Some(pause) => (JobEnd::Retry(now.plus(pause)), "retry", Some(reason)),
            None if job.organisation.is_some() => (JobEnd::GivenUp, "given up", Some(reason)),
            // The installation's own jobs go on for ever; the attempts tell.
            None => (
                JobEnd::Retry(now.plus(settings.retry.last().copied().unwrap_or(Duration::from_hours(1)))),
                "retry",
                Some(reason),
            ),
        },
        Verdict::GiveUp { reason } => (JobEnd::GivenUp, "given up", Some(reason)),
    }
}

fn note_end(ended: Result<Ended, tokio::task::JoinError>, queues: &mut BTreeSet<OrganisationId>, jobs: &mut usize) {
    match ended {
        Ok(Ended::Job) => *jobs = jobs.saturating_sub(1),
        Ok(Ended::Queue(organisation)) => {
            queues.remove(&organisation);
        }
        Err(error) => tracing::error!(%error, "a task of the worker panicked"),
    }
}

/// An error with its sources.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
