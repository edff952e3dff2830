//! Has an LMS send its notices (LTI Platform Notification Service 1.0), after a launch offered them.
//!
//! A platform that refuses loses nobody anything: what notices tell is told by launches, too, only later. So a refusal is
//! noted and no problem, and asked again when a launch offers the service again after some days.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::clock::Clock;
use crate::crypto::random;
use crate::jobs::{Handler, Job, Platforms, Verdict, work};
use crate::lti::keys::SigningKeys;
use crate::lti::notices::{self, SCOPE, WANTED};
use crate::lti::registration::LtiClientId;
use crate::lti::service_token::{Grant, ServiceCaller, ServiceError, ServiceTokens};
use crate::lti::{Fetch, FetchError};
use crate::model::{OrganisationId, Registration, RegistrationId};
use crate::store::notice::NoticeService;
use crate::store::{Durability, Store, StoreError};

/// Asks LMSs for notices.
#[derive(Debug)]
pub struct SubscribeNotices {
    store: Store,
    platforms: Arc<dyn Platforms>,
    tokens: Arc<ServiceTokens>,
    keys: SigningKeys,
    clock: Arc<dyn Clock>,
}

/// What the job is about.
struct Wanted<'a> {
    organisation: OrganisationId,
    registration: RegistrationId,
    deployment: &'a str,
    handler: &'a str,
}

impl<'a> Wanted<'a> {
    fn of(job: &'a Job) -> Option<Self> {
        let text = |name: &str| job.payload.get(name).and_then(serde_json::Value::as_str);
        Some(Self {
            organisation: job.organisation?,
            registration: text("registration")?.parse().ok()?,
            deployment: text("deployment")?,
            handler: text("handler")?,
        })
    }
}

impl Handler for SubscribeNotices {
    fn kind(&self) -> &'static str {
        work::NOTICES
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let Some(wanted) = Wanted::of(job) else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            self.subscribe(&wanted).await.unwrap_or_else(Verdict::from)
        }
        .boxed()
    }
}

impl SubscribeNotices {
    /// Asks with `tokens`, signed by one of `keys`.
    pub fn new(
        store: Store,
        platforms: Arc<dyn Platforms>,
        tokens: Arc<ServiceTokens>,
        keys: SigningKeys,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            platforms,
            tokens,
            keys,
            clock,
        }
    }

    async fn subscribe(&self, wanted: &Wanted<'_>) -> Result<Verdict, StoreError> {
        let (organisation, id) = (wanted.organisation, wanted.registration);
        let (service, registrations) = self
            .store
            .read(async |tx| {
                let service = tx.notice_service(organisation, id, wanted.deployment).await?;
                Ok::<_, StoreError>((service, tx.registrations().await?))
            })
            .await?;
        let registration = registrations.into_iter().find(|row| row.id == id && row.enabled);
        let (Some(service), Some(registration)) = (service, registration) else {
            return Ok(Verdict::Done);
        };
        let failure = match self.ask(&registration, &service, wanted.handler).await {
            Ok(()) => None,
            Err(error) => match later(&error) {
                Some(verdict) => return Ok(verdict),
                None => Some(error.to_string()),
            },
        };
        if let Some(why) = &failure {
            tracing::warn!(registration.id = %id, error = %why, "an LMS does not send its notices");
        }
        let (deployment, now) = (wanted.deployment.to_owned(), self.clock.now());
        self.store
            .write(Durability::Launch, async move |tx| {
                tx.notices_asked(organisation, id, &deployment, failure.as_deref(), now)
                    .await
            })
            .await?;
        Ok(Verdict::Done)
    }

    async fn ask(
        &self,
        registration: &Registration,
        service: &NoticeService,
        handler: &str,
    ) -> Result<(), ServiceError> {
        let Ok(client_id) = LtiClientId::parse(registration.lti_client_id.clone()) else {
            return Ok(());
        };
        let grant = Grant {
            registration: registration.id.to_string(),
            client_id,
            token_url: registration.token_endpoint.clone(),
            audience: registration.token_audience.clone(),
            scopes: [SCOPE.to_owned()].into(),
        };
        let fetch: Arc<dyn Fetch> = self.platforms.fetch(registration);
        let (jti, now) = (random::token, || self.clock.now().seconds());
        let caller = ServiceCaller {
            tokens: &self.tokens,
            fetch: &fetch,
            grant: &grant,
            keys: &self.keys,
            jti: &jti,
            now: &now,
        };
        // a platform that does not list its kinds is asked for all
        let is_offered = |kind: &&&str| service.kinds.is_empty() || service.kinds.iter().any(|known| known == **kind);
        for kind in WANTED.iter().filter(is_offered) {
            caller.send(notices::subscribe(&service.url, kind, handler)).await?;
        }
        Ok(())
    }
}

/// Where asking again soon may help.
fn later(error: &ServiceError) -> Option<Verdict> {
    let after = match error {
        ServiceError::Busy { retry_after_seconds } => retry_after_seconds.map(std::time::Duration::from_secs),
        // no time of day makes a forbidden address a good one
        ServiceError::NotReached(FetchError::Refused(_)) => return None,
        ServiceError::NotReached(_) => None,
        ServiceError::Answered { status } if *status >= 500 => None,
        _ => return None,
    };
    Some(Verdict::Retry {
        after,
        reason: error.to_string(),
    })
}
