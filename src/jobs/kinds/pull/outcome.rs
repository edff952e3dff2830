//! What follows from a look: changes become signals, and how the course and its connection stand is noted.

use std::time::Duration;

use serde_json::json;

use super::{Found, Known, LONG, MORE, PROBLEM, Puller, STEP};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::jobs::work;
use crate::lms::AskError;
use crate::model::SignalId;
use crate::model::connection::{Connection, Pace, Pull};
use crate::model::signal::Source;
use crate::signals::pull::Change;
use crate::store::pull::PulledRow;
use crate::store::signal::NewSignal;
use crate::store::{Durability, StoreError};

impl Puller {
    /// Notes what came of a look. An own column that cannot be read does not hold up what the connection tells, and is not
    /// its fault.
    pub(super) async fn note(
        &self,
        known: &mut Known,
        connection: Option<&Connection>,
        found: &Found,
        pace: &Pace,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let course = known.course.id;
        for error in found.lms.iter().chain(&found.column) {
            tracing::warn!(course.id = %course, %error, "an LMS could not be asked about a course");
        }
        let after = |error: &AskError| match error {
            AskError::Throttled { after } => Some(after.unwrap_or(pace.failed)),
            _ => None,
        };
        if let (Some(connection), Some(error)) = (connection, &found.lms) {
            self.failed(connection, error, after(error), now).await?;
        }
        let decides = match connection {
            Some(_) => found.lms.as_ref(),
            None => found.column.as_ref(),
        };
        if let Some(error) = decides {
            known.pull.went_wrong(error.to_string(), after(error), now, pace);
            return Ok(());
        }
        known.pull.went_well(found.news, found.ends_at, now, pace);
        if found.more {
            known.pull.next_at = Some(now.plus(MORE));
        }
        if let Some(error) = &found.column {
            known.pull.error = Some((error.to_string(), now));
        }
        Ok(())
    }

    /// Stores changes as signals, each with what was seen, and announces them.
    pub(super) async fn take(
        &self,
        known: &Known,
        source: Source,
        changes: Vec<Change>,
        marks: Vec<PulledRow>,
    ) -> Result<(), StoreError> {
        let (organisation, course) = (known.course.organisation, known.course.id);
        let registration = known.course.registration;
        let now = self.clock.now();
        for step in changes.chunks(STEP) {
            let step = step.to_vec();
            self.store
                .write(Durability::Full, async move |tx| {
                    for change in step {
                        let row = PulledRow {
                            subject: change.subject,
                            item: change.signal.item.to_string(),
                            class: change.class.word().to_owned(),
                            digest: change.digest.to_vec(),
                            at: change.signal.occurred_at,
                        };
                        tx.see(organisation, course, source, &row).await?;
                        tx.add_signal(&NewSignal {
                            id: SignalId::new(random::id_at(now)),
                            organisation,
                            feed: None,
                            registration: Some(registration),
                            course: Some(course),
                            position: 0,
                            signal: change.signal,
                            raw: None,
                        })
                        .await?;
                    }
                    let now = tx.now().await?;
                    tx.enqueue(&work::match_signals(organisation, now), now).await
                })
                .await?;
        }
        for step in marks.chunks(STEP) {
            let step = step.to_vec();
            self.store
                .write(Durability::Launch, async move |tx| {
                    for row in &step {
                        tx.see(organisation, course, source, row).await?;
                    }
                    Ok::<_, StoreError>(())
                })
                .await?;
        }
        Ok(())
    }

    /// Notes that a connection works, and what the LMS calls the course: events name it so.
    pub(super) async fn worked(
        &self,
        known: &Known,
        connection: &Connection,
        lms_id: Option<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (organisation, course) = (known.course.organisation, known.course.id);
        let (registration, id) = (known.course.registration, connection.id);
        self.store
            .write(Durability::Launch, async move |tx| {
                if let Some(value) = lms_id
                    && tx.set_course_lms_id(organisation, registration, course, &value).await?
                {
                    tx.enqueue(&work::rematch_course(organisation, course, now), now)
                        .await?;
                }
                tx.connection_worked(organisation, id, now).await?;
                tx.clear_problem(organisation, PROBLEM, &id.to_string(), now).await?;
                Ok::<_, StoreError>(())
            })
            .await
    }

    /// Notes why a connection does not work. What only concerns one course is not the connection's fault.
    pub(super) async fn failed(
        &self,
        connection: &Connection,
        error: &AskError,
        after: Option<Duration>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if matches!(error, AskError::NotFound(_)) {
            return Ok(());
        }
        let (organisation, id, why) = (connection.organisation, connection.id, error.to_string());
        let is_long = connection.failing_since.is_some_and(|since| since.plus(LONG) <= now);
        let is_problem = after.is_none() && (error.needs_somebody() || is_long);
        self.store
            .write(Durability::Launch, async move |tx| {
                if let Some(after) = after {
                    return tx.throttle_connection(organisation, id, now.plus(after)).await;
                }
                tx.connection_failed(organisation, id, &why, now).await?;
                if is_problem {
                    let detail = json!({ "reason": why });
                    tx.raise_problem(organisation, PROBLEM, &id.to_string(), &detail, now)
                        .await?;
                }
                Ok::<_, StoreError>(())
            })
            .await
    }

    /// `false`: somebody asked for everything since the pull was read; that stays.
    pub(super) async fn keep(&self, pull: &Pull) -> Result<bool, StoreError> {
        let pull = pull.clone();
        self.store
            .write(Durability::Launch, async move |tx| tx.put_pull(&pull).await)
            .await
    }
}
