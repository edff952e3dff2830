//! Asking LMSs: each course that has a rule is asked by a job of its own, as often as its LMS allows, more rarely the longer
//! there was no news, at its end and once some time after (`model::connection::Pull`).
//!
//! A look reads everything first and stores afterwards: one that fails changes nothing. What is stored are changes, in
//! steps, each with what was seen, so a look that is cut short goes on where it was.

mod ask;
mod column;
mod consent;
mod outcome;
mod plan;
mod tokens;
mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

pub use consent::Consent;
pub use plan::{PLAN_PULLS, PlanPulls};
pub use tokens::OpenConnections;

use crate::clock::{Clock, Timestamp};
use crate::jobs::{Handler, Job, Verdict, work};
use crate::lms::AskError;
use crate::model::connection::{Connection, ConnectionKind, Pace, Pull};
use crate::model::signal::Source;
use crate::model::{Course, CourseId, OrganisationId, Registration};
use crate::signals::pull::{Seen, Wanted, call, changes};
use crate::store::{Store, StoreError};
use ask::Harvest;
pub use column::Columns;
use turns::Turn;

/// Changes that one transaction stores.
const STEP: usize = 100;
/// The longest pause where another course of the same connection is being asked (calls one after the other rarely throttle),
/// by this process or another one: the one before it brings it forward, unless its process ended.
const BUSY: Duration = Duration::from_mins(5);
/// The pause where a look ended before everything was read.
const MORE: Duration = Duration::from_mins(1);
/// A connection that fails for so long is a problem.
const LONG: Duration = Duration::from_hours(1);
/// The kind of the problem.
const PROBLEM: &str = "connection-failing";

/// How often courses are asked, by what they are asked through.
#[derive(Clone, Copy, Debug)]
pub struct Paces {
    /// Through Canvas' interface.
    pub canvas: Pace,
    /// Through Brightspace's.
    pub brightspace: Pace,
    /// Through Moodle's.
    pub moodle: Pace,
    /// Our own columns, where there is nothing else.
    pub column: Pace,
}

impl Paces {
    const fn of(&self, kind: Option<ConnectionKind>) -> &Pace {
        match kind {
            Some(ConnectionKind::Canvas) => &self.canvas,
            Some(ConnectionKind::Brightspace) => &self.brightspace,
            Some(ConnectionKind::Moodle) => &self.moodle,
            None => &self.column,
        }
    }
}

/// Asks LMSs about courses.
#[derive(Debug)]
pub struct Puller {
    store: Store,
    clock: Arc<dyn Clock>,
    connections: OpenConnections,
    columns: Columns,
    paces: Paces,
}

/// What is known of a course before it is asked.
struct Known {
    course: Course,
    registration: Registration,
    context: String,
    wanted: Wanted,
    /// When a rule was last changed, or switched on or off.
    changed_at: Option<Timestamp>,
    connection: Option<Connection>,
    pull: Pull,
}

/// Why a look failed.
enum Failure {
    Lms(AskError),
    Store(StoreError),
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        Self::Lms(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a look found, and what of it failed.
struct Found {
    news: bool,
    ends_at: Option<Timestamp>,
    more: bool,
    lms: Option<AskError>,
    column: Option<AskError>,
}

impl Handler for Puller {
    fn kind(&self) -> &'static str {
        work::PULL
    }

    /// A large course, a page a second, with pauses, takes its time.
    fn lease(&self) -> Option<Duration> {
        Some(Duration::from_mins(30))
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let course = job.payload.get("course").and_then(serde_json::Value::as_str);
            let (Some(organisation), Some(Ok(course))) = (job.organisation, course.map(str::parse)) else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            match Box::pin(self.look(organisation, course)).await {
                Ok(Some(after)) => Verdict::Again { after },
                Ok(None) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Puller {
    /// Asks through `connections` and `columns`, at these paces.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        connections: OpenConnections,
        columns: Columns,
        paces: &Paces,
    ) -> Self {
        Self {
            store,
            clock,
            connections,
            columns,
            paces: *paces,
        }
    }

    /// Asks about one course; when to do so again.
    async fn look(&self, organisation: OrganisationId, course: CourseId) -> Result<Option<Duration>, StoreError> {
        let Some(mut known) = self.known(organisation, course).await? else {
            return Ok(None);
        };
        let now = self.store.now().await?;
        let connection = known
            .connection
            .take()
            .filter(|row| row.is_open() && known.wanted.asks_lms());
        let pace = *self.paces.of(connection.as_ref().map(|row| row.kind));
        if connection.is_none() && known.wanted.columns.is_empty() {
            // a new rule or connection plans it again
            known.pull.next_at = Some(now.plus(pace.idle_most));
            self.keep(&known.pull).await?;
            return Ok(None);
        }
        if !known.registration.enabled {
            return Ok(Some(pace.idle_most));
        }
        if let Some(wait) = pause(&known.pull, connection.as_ref(), now, &pace) {
            return Ok(Some(wait));
        }
        let (looked, connection) = match connection {
            None => (self.look_now(&mut known, None, &pace, now).await?, None),
            Some(row) => {
                let Some(turn) = Turn::take(&self.store, &row, course).await? else {
                    return Ok(Some(BUSY));
                };
                let look = Box::pin(self.look_in_turn(&mut known, &row, &pace, now));
                let looked = turn.during(look).await;
                turn.pass_on().await?;
                match looked.unwrap_or(Ok(Err(BUSY)))? {
                    Ok((found, row)) => (found, Some(row)),
                    Err(wait) => return Ok(Some(wait)),
                }
            }
        };
        let (found, now) = (looked, self.store.now().await?);
        self.note(&mut known, connection.as_ref(), &found, &pace, now).await?;
        let kept = self.keep(&known.pull).await?;
        // somebody asked for everything meanwhile: at once
        Ok(if kept {
            known.pull.next_at.map(|at| at.since(now))
        } else {
            Some(Duration::ZERO)
        })
    }

    /// Asks while it is this course's turn, through the connection as the one before has left it: with its tokens, and not
    /// before the LMS wants to be asked (then how long to wait).
    async fn look_in_turn(
        &self,
        known: &mut Known,
        before: &Connection,
        pace: &Pace,
        now: Timestamp,
    ) -> Result<Result<(Found, Connection), Duration>, StoreError> {
        let (organisation, id) = (before.organisation, before.id);
        let row = self
            .store
            .read(async |tx| tx.connection(organisation, id).await)
            .await?;
        let Some(row) = row.filter(Connection::is_open) else {
            return Ok(Err(Duration::ZERO));
        };
        if let Some(wait) = pause(&known.pull, Some(&row), now, pace) {
            return Ok(Err(wait));
        }
        let found = self.look_now(known, Some(&row), pace, now).await?;
        Ok(Ok((found, row)))
    }

    async fn known(&self, organisation: OrganisationId, id: CourseId) -> Result<Option<Known>, StoreError> {
        self.store
            .read(async |tx| {
                let Some(course) = tx.course(organisation, id).await? else {
                    return Ok::<_, StoreError>(None);
                };
                let registrations = tx.registrations().await?;
                let registration = registrations.into_iter().find(|row| row.id == course.registration);
                let context = tx.context_of_course(organisation, id).await?;
                let (Some(registration), Some(context)) = (registration, context) else {
                    return Ok(None);
                };
                let rules = tx.rules_of_course(organisation, id).await?;
                Ok(Some(Known {
                    context,
                    wanted: Wanted::of(&rules),
                    changed_at: rules.iter().map(|rule| rule.state_at.max(rule.written_at)).max(),
                    connection: tx.connection_of(organisation, course.registration).await?,
                    pull: tx
                        .pull(organisation, id)
                        .await?
                        .unwrap_or_else(|| Pull::new(organisation, id)),
                    registration,
                    course,
                }))
            })
            .await
    }

    /// Asks through the connection and reads our own columns; each is stored for itself, and the one's failure is not the
    /// other's.
    async fn look_now(
        &self,
        known: &mut Known,
        connection: Option<&Connection>,
        pace: &Pace,
        now: Timestamp,
    ) -> Result<Found, StoreError> {
        let mut found = Found {
            news: false,
            ends_at: known.pull.ends_at,
            more: false,
            lms: None,
            column: None,
        };
        if let Some(connection) = connection {
            match self.look_at_lms(known, connection, pace, now, &mut found).await {
                Ok(()) => {}
                Err(Failure::Lms(error)) => found.lms = Some(error),
                Err(Failure::Store(error)) => return Err(error),
            }
        }
        if !known.wanted.columns.is_empty() {
            match self.look_at_columns(known, now, &mut found).await {
                Ok(()) => {}
                Err(Failure::Lms(error)) => found.column = Some(error),
                Err(Failure::Store(error)) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn look_at_lms(
        &self,
        known: &mut Known,
        connection: &Connection,
        pace: &Pace,
        now: Timestamp,
        found: &mut Found,
    ) -> Result<(), Failure> {
        let harvest = self.ask_lms(known, connection, pace, now).await?;
        found.ends_at = harvest.ends_at;
        found.more = harvest.more;
        found.news |= !harvest.changes.is_empty() || !harvest.marks.is_empty();
        self.take(known, connection.kind.source(), harvest.changes, harvest.marks)
            .await?;
        known.pull.cursor = harvest.cursor;
        self.worked(known, connection, harvest.lms_id, now).await?;
        Ok(())
    }

    async fn look_at_columns(&self, known: &Known, now: Timestamp, found: &mut Found) -> Result<(), Failure> {
        let source = Source::OwnColumn;
        let seen = self.seen(known, source).await?;
        let rules: Vec<_> = known.wanted.columns.iter().copied().collect();
        let marks = self
            .columns
            .marks(&known.course, &known.registration, &rules, &seen)
            .await?;
        let changes = changes(source, known.course.id, marks, &seen, now);
        found.news |= !changes.is_empty();
        self.take(known, source, changes, Vec::new()).await?;
        Ok(())
    }

    async fn ask_lms(
        &self,
        known: &Known,
        connection: &Connection,
        pace: &Pace,
        now: Timestamp,
    ) -> Result<Harvest, Failure> {
        let source = connection.kind.source();
        let seen = self.seen(known, source).await?;
        let site = self.connections.site(connection, &known.registration)?;
        let question = ask::Question {
            context: &known.context,
            wanted: &known.wanted,
            seen: &seen,
            pull: &known.pull,
            // what a new rule looks at may have been there for long
            all: known.pull.wants_all(now, pace) || known.pull.is_older_than(known.changed_at),
            now,
        };
        let mut answered = match connection.kind {
            ConnectionKind::Canvas => ask::canvas(&site, &question).await?,
            ConnectionKind::Brightspace => ask::brightspace(&site, &question).await?,
            ConnectionKind::Moodle => {
                let token = self.connections.secret(connection)?;
                ask::moodle(&site, &token, &question).await?
            }
        };
        let observations = std::mem::take(&mut answered.observations);
        answered.changes = changes(source, known.course.id, observations, &seen, now);
        let subjects: Vec<String> = answered.changes.iter().map(|change| change.subject.clone()).collect();
        let people = match connection.kind {
            ConnectionKind::Canvas => ask::people(&site, answered.lms_id.as_deref(), subjects).await?,
            _ => std::mem::take(&mut answered.people),
        };
        call(&mut answered.changes, &people);
        Ok(answered)
    }

    async fn seen(&self, known: &Known, source: Source) -> Result<Seen, StoreError> {
        let (organisation, course) = (known.course.organisation, known.course.id);
        let rows = self
            .store
            .read(async |tx| tx.pulled(organisation, course, source).await)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| ((row.subject, row.item, row.class), (row.digest, row.at)))
            .collect())
    }
}

/// How long to wait before a course may be asked: the LMS said so, or it was asked a moment ago and only a push wants it.
fn pause(pull: &Pull, connection: Option<&Connection>, now: Timestamp, pace: &Pace) -> Option<Duration> {
    let throttled = connection.and_then(|row| row.throttled_until);
    let hinted = pull.asked_at.filter(|_| pull.cursor.full_ms.is_some());
    // no push shortens the pause after a failure; a person does
    let failing = pull.next_at.filter(|_| pull.failures > 0);
    let hinted = hinted.map(|asked| asked.plus(pace.hint));
    let until = throttled.max(failing).max(hinted);
    until.filter(|until| *until > now).map(|until| until.since(now))
}

/// People by the ids that the LMS uses.
type People = BTreeMap<String, crate::signals::pull::Called>;
