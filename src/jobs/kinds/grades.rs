//! Badges as grades: sends what the LMS is owed (LTI Assignment and Grade Services 2.0).
//!
//! What is owed is read from the awards, so a job that was lost, repeated or late sends the same. A full score goes out
//! once; revoking the badge takes it back only if it came from us.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::services::Services;
use crate::clock::{Clock, Timestamp};
use crate::jobs::{Handler, Job, Platforms, Verdict};
use crate::lti::FetchError;
use crate::lti::ags::{
    self, Column, Filter, Given, GradeBook, GradeError, SCOPE_COLUMNS, SCOPE_COLUMNS_READ, SCOPE_SCORES, Score,
};
use crate::lti::keys::SigningKeys;
use crate::lti::registration::Subject;
use crate::lti::service_token::{ServiceError, ServiceTokens};
use crate::model::{OrganisationId, Registration};
use crate::store::grade::{GradedLink, Mark, Owed};
use crate::store::{Durability, Store, StoreError};

/// The kind, as it is stored.
pub const GRADES: &str = "grades";
/// The full score of a badge.
const FULL: f64 = 100.0;
/// The same, for a column to be made.
const FULL_COLUMN: u32 = 100;
/// Scores of one link in one run.
const STEP: i64 = 100;
/// How long a person whom the LMS refused is left alone.
const REFUSED_FOR: Duration = Duration::from_hours(24);

/// Sends scores.
#[derive(Debug)]
pub struct GradeSender {
    store: Store,
    services: Services,
}

/// How a run over one link ended.
#[derive(Debug, Default)]
struct Progress {
    /// More is owed than was sent, or somebody's second is not over: again after this time.
    again: Option<Duration>,
    /// The LMS is away: why, and how long it asked us to wait.
    away: Option<(String, Option<Duration>)>,
}

impl Handler for GradeSender {
    fn kind(&self) -> &'static str {
        GRADES
    }

    fn lease(&self) -> Option<Duration> {
        Some(Duration::from_mins(15))
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let Some(organisation) = job.organisation else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            match self.send(organisation).await {
                Ok(Progress {
                    away: Some((reason, after)),
                    ..
                }) => Verdict::Retry { after, reason },
                Ok(Progress { again: Some(after), .. }) => Verdict::Again { after },
                Ok(_) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl GradeSender {
    /// Sends with `tokens`, signed by one of `keys`.
    pub fn new(
        store: Store,
        platforms: Arc<dyn Platforms>,
        tokens: Arc<ServiceTokens>,
        keys: SigningKeys,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let services = Services {
            platforms,
            tokens,
            keys,
            clock,
        };
        Self { store, services }
    }

    /// Everything that is owed for an organisation's links. One LMS that is away holds up no other.
    async fn send(&self, organisation: OrganisationId) -> Result<Progress, StoreError> {
        let (links, registrations) = self
            .store
            .read(async |tx| Ok::<_, StoreError>((tx.graded_links(organisation).await?, tx.registrations().await?)))
            .await?;
        let mut all = Progress::default();
        for link in &links {
            let found = registrations
                .iter()
                .find(|row| row.id == link.registration && row.enabled);
            let Some(registration) = found else { continue };
            let progress = self.send_link(organisation, link, registration).await?;
            all.again = [all.again, progress.again].into_iter().flatten().min();
            all.away = all.away.or(progress.away);
        }
        Ok(all)
    }

    async fn send_link(
        &self,
        organisation: OrganisationId,
        link: &GradedLink,
        registration: &Registration,
    ) -> Result<Progress, StoreError> {
        let refused_since = self.store.now().await?.minus(REFUSED_FOR);
        let owed = self
            .store
            .read(async |tx| tx.owed_scores(organisation, link, refused_since, STEP).await)
            .await?;
        // only scopes that the launch offered; nothing without the right to give scores
        let scopes = ags::offered(&[SCOPE_COLUMNS, SCOPE_COLUMNS_READ, SCOPE_SCORES], &link.scopes);
        if owed.is_empty() || !scopes.contains(SCOPE_SCORES) {
            return Ok(Progress::default());
        }
        let Some(way) = self.services.way(registration, scopes) else {
            return Ok(Progress::default());
        };
        let caller = way.caller();
        let book = GradeBook {
            caller: &caller,
            dialect: way.dialect,
        };
        let column = match self.column(organisation, link, &book).await? {
            Ok(Some(column)) => column,
            Ok(None) => return Ok(Progress::default()),
            Err(error) => return Ok(stopped(link, &error)),
        };
        let mut progress = Progress::default();
        if owed.len() >= usize::try_from(STEP).unwrap_or(usize::MAX) {
            progress.again = Some(Duration::ZERO);
        }
        for one in &owed {
            match self.send_one(organisation, link, &book, &column, one).await? {
                Ok(None) => {}
                Ok(Some(wait)) => progress.again = Some(progress.again.map_or(wait, |known| known.min(wait))),
                Err(error) => return Ok(stopped(link, &error)),
            }
        }
        Ok(progress)
    }

    /// The column of a link: its own, one that we made, one that is found by our name for it, else a new one.
    async fn column(
        &self,
        organisation: OrganisationId,
        link: &GradedLink,
        book: &GradeBook<'_>,
    ) -> Result<Result<Option<String>, GradeError>, StoreError> {
        if let Some(known) = link.lineitem_url.as_ref().or(link.own_lineitem_url.as_ref()) {
            return Ok(Ok(Some(known.clone())));
        }
        let may = |scope: &str| link.scopes.iter().any(|known| known == scope);
        let Some(service) = link.lineitems_url.as_deref().filter(|_| may(SCOPE_COLUMNS)) else {
            return Ok(Ok(None));
        };
        let name = link.content.to_string();
        let filter = Filter {
            resource_id: Some(&name),
            ..Filter::default()
        };
        let found = match book.columns(service, filter).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let of_link = |column: &&Column| {
            let id = column.resource_link_id();
            id.is_none() || id.as_deref() == Some(link.resource_link_id.as_str())
        };
        if let Some(address) = found.iter().find(of_link).and_then(Column::address) {
            return Ok(Ok(Some(address.to_owned())));
        }
        let column = Column::new(&link.title, FULL_COLUMN, &name).of_link(&link.resource_link_id);
        let own = match book.make(service, &column).await {
            Ok((own, _)) => own.address().to_owned(),
            Err(error) => return Ok(Err(error)),
        };
        let (place, kept) = ((link.content, link.link), own.clone());
        self.store
            .write_one(Durability::Full, async move |tx| {
                tx.keep_own_column(organisation, place, &kept).await
            })
            .await?;
        Ok(Ok(Some(own)))
    }

    /// Sends one score and notes what became of it. `Ok(Some)`: its second is not over yet.
    async fn send_one(
        &self,
        organisation: OrganisationId,
        link: &GradedLink,
        book: &GradeBook<'_>,
        column: &str,
        owed: &Owed,
    ) -> Result<Result<Option<Duration>, GradeError>, StoreError> {
        // the database's time: what several processes send for one person is in one order
        let now = self.store.now().await?;
        let at = match ags::next_moment(owed.last.map(Timestamp::millis), now.millis()) {
            Ok(at) => at,
            Err(wait) => return Ok(Ok(Some(wait))),
        };
        let score = Subject::parse(owed.sub.clone()).ok().and_then(|user| match owed.mark {
            Mark::Full => Score::points(&user, FULL, FULL, at),
            Mark::Cleared => Some(Score::cleared(&user, FULL, at)),
            Mark::Theirs => None,
        });
        let Some(score) = score else { return Ok(Ok(None)) };
        let (place, member) = ((link.content, link.link), owed.member);
        match book.give(column, &score).await {
            Ok(given) => {
                // a newer score is a teacher's: ours does not go over it, and revoking the badge does not clear it
                let mark = match given {
                    Given::Taken => owed.mark,
                    Given::AlreadyNewer => Mark::Theirs,
                };
                self.store
                    .write_one(Durability::Full, async move |tx| {
                        let at = Timestamp::from_millis(at);
                        tx.score_sent(organisation, place, member, mark, at).await
                    })
                    .await?;
                Ok(Ok(None))
            }
            Err(error) if is_about_one(&error) => {
                let why = error.to_string();
                tracing::info!(member.id = %member, error = %why, "the LMS takes no score of a person");
                self.store
                    .write_one(Durability::Full, async move |tx| {
                        tx.score_refused(organisation, place, member, &why, now).await
                    })
                    .await?;
                Ok(Ok(None))
            }
            Err(error) => Ok(Err(error)),
        }
    }
}

/// Whether an error is about this person: others may still get their score. A 500 can be one as well, and for ever.
fn is_about_one(error: &GradeError) -> bool {
    matches!(
        error,
        GradeError::NotGradable { .. }
            | GradeError::Service(ServiceError::NotAllowed { status: 403 } | ServiceError::Answered { status: 500 })
    )
}

/// A link whose scores do not get through: later, where that may help.
fn stopped(link: &GradedLink, error: &GradeError) -> Progress {
    let reason = error.to_string();
    let wait = match error {
        GradeError::Service(ServiceError::Busy { retry_after_seconds }) => {
            Some(retry_after_seconds.map(Duration::from_secs))
        }
        // no time of day makes a forbidden address a good one
        GradeError::Service(ServiceError::NotReached(FetchError::Refused(_))) => None,
        GradeError::Service(
            ServiceError::NotReached(_) | ServiceError::Answered { .. } | ServiceError::TokenUnreadable,
        )
        | GradeError::Unreadable => Some(None),
        _ => None,
    };
    if wait.is_none() {
        tracing::warn!(content.id = %link.content, %error, "a link's grades cannot be sent");
    }
    Progress {
        again: None,
        away: wait.map(|after| (reason, after)),
    }
}
