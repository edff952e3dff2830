//! Reads a course's roster (LTI Names and Role Provisioning Services 2.0), page by page, with one page in memory.
//!
//! A complete read decides who has left; one that breaks off leaves the old roster as it was, shown with its age. Where
//! the LMS tells what changed since the last read, that is asked for between whole reads: who is named as deleted there is
//! gone, who is missing there is not.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::clock::{Clock, Timestamp};
use crate::crypto::random;
use crate::jobs::{Handler, Job, NewJob, Platforms, Verdict, work};
use crate::lti::Fetch;
use crate::lti::keys::SigningKeys;
use crate::lti::nrps::{self, Limits, Member, MemberStatus, Roster, RosterError};
use crate::lti::registration::{LtiClientId, ResourceLinkId};
use crate::lti::roles;
use crate::lti::service_token::{Grant, ServiceCaller, ServiceError, ServiceTokens};
use crate::model::signal;
use crate::model::{Address, Course, CourseId, EnrolmentStatus, OrganisationId, Registration, Standing};
use crate::store::{Durability, RosterEntry, Store, StoreError};

/// By how many links a silent list is asked again.
const LINKS: i64 = 3;
/// How many people one transaction stores.
const STEP: usize = 50;

/// How long changes alone are asked for before the whole roster is read again: it alone says who has left.
const WHOLE_LASTS: Duration = Duration::from_hours(6);

/// How long reading one roster may take: it ends by itself before the job's lease does, so that the course says why.
const PATIENCE: Duration = Duration::from_mins(12);

/// Reads rosters.
#[derive(Debug)]
pub struct RosterReader {
    store: Store,
    platforms: Arc<dyn Platforms>,
    tokens: Arc<ServiceTokens>,
    keys: SigningKeys,
    clock: Arc<dyn Clock>,
    limits: Limits,
    patience: Duration,
}

/// Why a roster was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum RosterFailure {
    /// Trying again does not help before somebody changes something.
    #[error("{0}")]
    Refused(String),
    /// Later may help.
    #[error("{reason}")]
    Away {
        /// What happened.
        reason: String,
        /// How long the LMS asked us to wait, in seconds.
        retry_after_s: Option<u64>,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Handler for RosterReader {
    fn kind(&self) -> &'static str {
        work::ROSTER
    }

    /// A roster of 10,000 people, a page a second, takes its time.
    fn lease(&self) -> Option<Duration> {
        Some(Duration::from_mins(15))
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let course = job
                .payload
                .get("course")
                .and_then(serde_json::Value::as_str)
                .and_then(|id| id.parse().ok());
            let (Some(organisation), Some(course)) = (job.organisation, course) else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            match self.read(organisation, course).await {
                Ok(people) => {
                    tracing::info!(course.id = %course, people, "read a roster");
                    Verdict::Done
                }
                Err(RosterFailure::Refused(reason)) => Verdict::GiveUp { reason },
                Err(RosterFailure::Away { reason, retry_after_s }) => Verdict::Retry {
                    after: retry_after_s.map(Duration::from_secs),
                    reason,
                },
                Err(RosterFailure::Store(error)) => error.into(),
            }
        }
        .boxed()
    }
}

impl RosterReader {
    /// Reads with `tokens`, signed by one of `keys`, no more than `limits` say.
    pub fn new(
        store: Store,
        platforms: Arc<dyn Platforms>,
        tokens: Arc<ServiceTokens>,
        keys: SigningKeys,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Self {
        Self {
            store,
            platforms,
            tokens,
            keys,
            clock,
            limits,
            patience: PATIENCE,
        }
    }

    /// The same with another limit than the usual one.
    #[must_use]
    pub fn patient_for(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Reads the roster of one course; how many people it names. A course without a roster service has none to read.
    pub async fn read(&self, organisation: OrganisationId, course: CourseId) -> Result<usize, RosterFailure> {
        let found = self
            .store
            .read(async |tx| {
                let Some(course) = tx.course(organisation, course).await? else {
                    return Ok::<_, StoreError>(None);
                };
                let registrations = tx.registrations().await?;
                let registration = registrations
                    .into_iter()
                    .find(|row| row.id == course.registration && row.enabled);
                Ok(registration.map(|registration| (course, registration)))
            })
            .await?;
        let Some((course, registration)) = found else {
            return Ok(0);
        };
        let Some(address) = course.memberships_url.clone() else {
            return Ok(0);
        };
        let reading = self.read_anew(&course, &registration, &address);
        let outcome = tokio::time::timeout(self.patience, reading).await.unwrap_or_else(|_| {
            Err(RosterFailure::Away {
                reason: format!("reading took longer than {} minutes", self.patience.as_secs() / 60),
                retry_after_s: None,
            })
        });
        if let Err(failure @ (RosterFailure::Refused(_) | RosterFailure::Away { .. })) = &outcome {
            let (why, now, id) = (failure.to_string(), self.clock.now(), course.id);
            self.store
                .write(Durability::Launch, async move |tx| {
                    tx.fail_roster(organisation, id, &why, now).await
                })
                .await?;
        }
        outcome
    }

    /// What changed, where the LMS tells it and the last whole read is not old; else, or if that fails, everything.
    async fn read_anew(
        &self,
        course: &Course,
        registration: &Registration,
        address: &str,
    ) -> Result<usize, RosterFailure> {
        let (organisation, id, now) = (course.organisation, course.id, self.clock.now());
        let known = self
            .store
            .read_one(async |tx| tx.roster_differences(organisation, id).await)
            .await?;
        if let Some((differences, whole_at)) = known
            && now.since(whole_at) < WHOLE_LASTS
            && course.roster.failing_since.is_none()
        {
            match self.read_changes(course, registration, address, &differences).await {
                Ok(people) => return Ok(people),
                Err(RosterFailure::Store(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::info!(course.id = %id, %error, "changes of a roster cannot be read; it is read whole");
                }
            }
        }
        self.read_pages(course, registration, address).await
    }

    /// Reads what changed since the last read. Nobody is gone who is not named as deleted.
    async fn read_changes(
        &self,
        course: &Course,
        registration: &Registration,
        address: &str,
        differences: &str,
    ) -> Result<usize, RosterFailure> {
        let generation = course.roster.generation;
        let fetch = self.platforms.fetch(registration);
        let grant = grant_of(registration)?;
        let (jti, now) = (random::token, || self.clock.now().seconds());
        let caller = self.caller(&fetch, &grant, &jti, &now);
        let mut roster = Roster::resume(address, differences, self.limits).map_err(|error| failure(&error))?;
        let (mut people, mut following) = (0, None);
        while let Some(page) = roster.next_page(&caller).await.map_err(|error| failure(&error))? {
            let entries: Vec<RosterEntry> = page.members.iter().map(entry).collect();
            for step in entries.chunks(STEP) {
                people += step.len();
                self.take(course, generation, people, step.to_vec()).await?;
            }
            following = page.differences.or(following);
        }
        self.finish_read(course.organisation, course.id, generation, self.clock.now())
            .await?;
        self.keep_differences(course, following, None).await?;
        Ok(people)
    }

    async fn keep_differences(
        &self,
        course: &Course,
        differences: Option<String>,
        whole_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let (organisation, id) = (course.organisation, course.id);
        self.store
            .write(Durability::Launch, async move |tx| {
                tx.keep_roster_differences(organisation, id, differences.as_deref(), whole_at)
                    .await
            })
            .await
    }

    async fn read_pages(
        &self,
        course: &Course,
        registration: &Registration,
        address: &str,
    ) -> Result<usize, RosterFailure> {
        let (organisation, id, begun_at) = (course.organisation, course.id, self.clock.now());
        let begun = self
            .store
            .write(Durability::Launch, async move |tx| {
                tx.begin_roster(organisation, id).await
            })
            .await?;
        let Some(generation) = begun else { return Ok(0) };
        let fetch = self.platforms.fetch(registration);
        let grant = grant_of(registration)?;
        let (jti, now) = (random::token, || self.clock.now().seconds());
        let caller = self.caller(&fetch, &grant, &jti, &now);
        let mut roster = Roster::open(address, None, self.limits).map_err(|error| failure(&error))?;
        let (mut people, mut is_whole, mut is_silent) = (0, true, true);
        let mut differences = None;
        while let Some(page) = roster.next_page(&caller).await.map_err(|error| failure(&error))? {
            is_whole &= page.skipped == 0;
            is_silent &= !tells_who(&page.members);
            let entries: Vec<RosterEntry> = page.members.iter().map(entry).collect();
            for step in entries.chunks(STEP) {
                people += step.len();
                self.take(course, generation, people, step.to_vec()).await?;
            }
            differences = page.differences.or(differences);
        }
        if is_silent && people > 0 {
            self.ask_by_link(course, generation, address, &caller).await?;
        }
        self.finish(course, generation, is_whole).await?;
        // who could not be read may have changed, too; and a silent list is asked by link, which differences are not
        let differences = differences.filter(|_| is_whole && !is_silent);
        self.keep_differences(course, differences, Some(begun_at)).await?;
        Ok(people)
    }

    /// A list without a single name or address may be one whose teachers decide by link (Moodle's "delegate to teacher"):
    /// asked by link, it may tell more. What comes is added; nobody is taken away by it, and its failure is none.
    async fn ask_by_link(
        &self,
        course: &Course,
        generation: i64,
        address: &str,
        caller: &ServiceCaller<'_>,
    ) -> Result<(), StoreError> {
        let (organisation, id) = (course.organisation, course.id);
        let links = self
            .store
            .read_one(async move |tx| tx.newest_links(organisation, id, LINKS).await)
            .await?;
        for link in links.into_iter().filter_map(|link| ResourceLinkId::parse(link).ok()) {
            let Ok(mut roster) = Roster::open(address, Some(&link), self.limits) else {
                continue;
            };
            let mut people = 0;
            while let Ok(Some(page)) = roster.next_page(caller).await {
                if people == 0 && !tells_who(&page.members) {
                    break;
                }
                let entries: Vec<RosterEntry> = page.members.iter().map(entry).collect();
                for step in entries.chunks(STEP) {
                    people += step.len();
                    self.take(course, generation, people, step.to_vec()).await?;
                }
            }
            if people > 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    fn caller<'a>(
        &'a self,
        fetch: &'a Arc<dyn Fetch>,
        grant: &'a Grant,
        jti: &'a (dyn Fn() -> String + Send + Sync),
        now: &'a (dyn Fn() -> i64 + Send + Sync),
    ) -> ServiceCaller<'a> {
        ServiceCaller {
            tokens: &self.tokens,
            fetch,
            grant,
            keys: &self.keys,
            jti,
            now,
        }
    }

    async fn take(
        &self,
        course: &Course,
        generation: i64,
        so_far: usize,
        entries: Vec<RosterEntry>,
    ) -> Result<(), StoreError> {
        let (course, now) = (course.clone(), self.clock.now());
        let so_far = i64::try_from(so_far).unwrap_or(i64::MAX);
        self.store
            .write(Durability::Launch, async move |tx| {
                let with_address = tx
                    .take_roster_entries(&course, generation, so_far, &entries, now)
                    .await?;
                for member in with_address {
                    tx.enqueue(&NewJob::release(course.organisation, member, now), now)
                        .await?;
                }
                Ok::<_, StoreError>(())
            })
            .await
    }

    /// A roster with entries that could not be read is stored, but takes nobody away.
    async fn finish(&self, course: &Course, generation: i64, is_whole: bool) -> Result<(), StoreError> {
        let (organisation, id, now) = (course.organisation, course.id, self.clock.now());
        self.finish_read(organisation, id, generation, now).await?;
        if !is_whole {
            return Ok(());
        }
        loop {
            let gone = self
                .store
                .write_one(Durability::Launch, async move |tx| {
                    tx.leave_roster(organisation, id, generation).await
                })
                .await?;
            if gone == 0 {
                return Ok(());
            }
        }
    }

    async fn finish_read(
        &self,
        organisation: OrganisationId,
        course: CourseId,
        generation: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store
            .write(Durability::Launch, async move |tx| {
                tx.finish_roster(organisation, course, generation, now).await?;
                // its people are committed by now: signals may have waited for them
                if tx.has_parked_signals(organisation).await? {
                    tx.enqueue(&work::rematch_course(organisation, course, now), now)
                        .await?;
                }
                Ok::<_, StoreError>(())
            })
            .await
    }
}

/// Whether anybody is named or has an address.
fn tells_who(members: &[Member]) -> bool {
    members
        .iter()
        .any(|member| member.person.email.is_some() || member.person.display_name().is_some())
}

fn grant_of(registration: &Registration) -> Result<Grant, RosterFailure> {
    let client_id = LtiClientId::parse(registration.lti_client_id.clone())
        .map_err(|error| RosterFailure::Refused(error.to_string()))?;
    Ok(Grant {
        registration: registration.id.to_string(),
        client_id,
        token_url: registration.token_endpoint.clone(),
        audience: registration.token_audience.clone(),
        scopes: [nrps::SCOPE.to_owned()].into(),
    })
}

fn entry(member: &Member) -> RosterEntry {
    let id_of = |names: &[&str]| signal::custom_id(names.iter().find_map(|name| member.custom.get(*name))?);
    RosterEntry {
        sub: member.subject.as_str().to_owned(),
        name: member.person.display_name().unwrap_or_default(),
        email: member
            .person
            .email
            .as_deref()
            .and_then(|text| Address::parse(text).ok()),
        standing: match member.roles.standing {
            roles::Standing::Staff => Standing::Staff,
            roles::Standing::LimitedStaff => Standing::LimitedStaff,
            roles::Standing::Learner | roles::Standing::TestUser => Standing::Learner,
            roles::Standing::Observer | roles::Standing::None => Standing::None,
        },
        also_learner: member.roles.is_learner,
        status: match member.status {
            MemberStatus::Active => EnrolmentStatus::Active,
            MemberStatus::Inactive => EnrolmentStatus::Inactive,
            MemberStatus::Deleted => EnrolmentStatus::Gone,
        },
        test: member.roles.is_test_user,
        sis_id: member.sourced_id.clone().or_else(|| id_of(&["sis_user_id"])),
        lms_id: id_of(&["lms_user_id", "canvas_user_id"]),
        legacy_id: member.legacy_user_id.clone(),
    }
}

fn failure(error: &RosterError) -> RosterFailure {
    let reason = error.to_string();
    match error {
        RosterError::Service(ServiceError::Busy { retry_after_seconds }) => RosterFailure::Away {
            reason,
            retry_after_s: *retry_after_seconds,
        },
        RosterError::Service(
            ServiceError::NotReached(_) | ServiceError::Answered { .. } | ServiceError::TokenUnreadable,
        )
        | RosterError::Unreadable => RosterFailure::Away {
            reason,
            retry_after_s: None,
        },
        _ => RosterFailure::Refused(reason),
    }
}
