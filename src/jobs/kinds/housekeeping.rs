//! Deleting what launches, drafts and signals left behind, and starting work that was not announced.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::clock::{Clock, Timestamp};
use crate::jobs::{Handler, Job, Verdict, work};
use crate::model::application::STARTED_LIFE;
use crate::model::draft::DRAFT_LIFE;
use crate::store::{Durability, Store, StoreError};

/// The kind, for the list of repeating jobs.
pub const HOUSEKEEPING: &str = "housekeeping";

/// How long an expired invitation says that it has expired.
const INVITATION_TRACE: Duration = Duration::from_hours(24 * 30);

/// How long a notice is remembered as taken: its token is refused by its age long before.
const NOTICE_TRACE: Duration = Duration::from_hours(24 * 7);

/// The files of an application are forgotten so long after its decision: the Factory has them.
const FILE_LIFE: Duration = Duration::from_hours(24 * 180);

/// A file whose application was never stored is forgotten after so long.
const FILE_WAIT: Duration = Duration::from_hours(24);

/// How long the seat of an ended session still says which LMS it came from, for the way back there.
const SESSION_TRACE: Duration = Duration::from_hours(24);

/// Deletes expired logins and pending launches, ended sessions with their seats, old drafts, notices and
/// invitations: some hundred rows at a time.
#[derive(Clone, Debug)]
pub struct Housekeeping {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// A session ends when it was not used for so long.
    pub session_idle: Duration,
    /// A session of the administration, too.
    pub operator_idle: Duration,
    /// A signing key is published for so long after the next one signs; then it is deleted.
    pub key_stay: Duration,
    /// Signals are forgotten at this age; what they said stays as facts.
    pub signal_life: Duration,
}

impl Handler for Housekeeping {
    fn kind(&self) -> &'static str {
        HOUSEKEEPING
    }

    fn run<'a>(&'a self, _job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            match self.tidy().await {
                Ok(0) => Verdict::Again {
                    after: Duration::from_mins(1),
                },
                Ok(_) => Verdict::Again {
                    after: Duration::from_millis(200),
                },
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Housekeeping {
    async fn tidy(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let ended = now.minus(self.session_idle).minus(SESSION_TRACE);
        let drafts = now.minus(DRAFT_LIFE);
        let store = &self.store;
        let logins = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_logins(now).await)
            .await?;
        let pending = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_pending(now).await)
            .await?;
        let sessions = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_sessions(ended).await)
            .await?;
        let drafts: u64 = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_drafts(drafts).await)
            .await?;
        let invitations = now.minus(INVITATION_TRACE);
        let invitations: u64 = store
            .write_one(Durability::Launch, async move |tx| {
                tx.forget_old_invitations(invitations).await
            })
            .await?;
        let notices = now.minus(NOTICE_TRACE);
        let notices: u64 = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_notices(notices).await)
            .await?;
        let idle = now.minus(self.operator_idle);
        let operators: u64 = store
            .write(Durability::Launch, async move |tx| {
                Ok::<_, StoreError>(tx.forget_old_operators(idle, now).await? + tx.forget_sso_logins(now).await?)
            })
            .await?;
        let relieved = now.minus(self.key_stay);
        let keys: u64 = store
            .write_one(Durability::Full, async move |tx| tx.forget_signing_keys(relieved).await)
            .await?;
        let signals = now.minus(self.signal_life);
        let signals: u64 = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_signals(signals).await)
            .await?;
        let files = now.minus(FILE_WAIT);
        let files: u64 = store
            .write_one(Durability::Launch, async move |tx| {
                tx.forget_files_left_over(files).await
            })
            .await?;
        let decided = now.minus(FILE_LIFE);
        let decided: u64 = store
            .write_one(Durability::Launch, async move |tx| {
                tx.forget_files_of_decided(decided).await
            })
            .await?;
        let started = now.minus(STARTED_LIFE);
        let started: u64 = store
            .write_one(Durability::Launch, async move |tx| {
                tx.forget_started_applications(started).await
            })
            .await?;
        self.announce_signals(now).await?;
        Ok(keys
            + started
            + files
            + decided
            + logins
            + pending
            + sessions
            + drafts
            + invitations
            + operators
            + notices
            + signals)
    }

    /// A server that stopped between storing a signal and announcing it left it unmatched.
    async fn announce_signals(&self, now: Timestamp) -> Result<(), StoreError> {
        let waiting = self
            .store
            .read_one(async |tx| tx.organisations_with_signals().await)
            .await?;
        for organisation in waiting {
            self.store
                .write(Durability::Launch, async move |tx| {
                    tx.enqueue_once(&work::match_signals(organisation, now), now).await
                })
                .await?;
        }
        Ok(())
    }
}
