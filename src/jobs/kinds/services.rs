//! What jobs call an LMS's services with (LTI Security Framework 1.0, section 4): the tool's key, the tokens that all jobs
//! share, the time, and the way to each LMS.

use std::fmt;
use std::sync::Arc;

use crate::clock::Clock;
use crate::crypto::random;
use crate::jobs::Platforms;
use crate::lti::Fetch;
use crate::lti::ags::Dialect;
use crate::lti::keys::SigningKeys;
use crate::lti::registration::LtiClientId;
use crate::lti::service_token::{Grant, ServiceCaller, ServiceTokens};
use crate::model::Registration;

/// All that is the same for every LMS.
#[derive(Clone, Debug)]
pub(super) struct Services {
    pub(super) platforms: Arc<dyn Platforms>,
    pub(super) tokens: Arc<ServiceTokens>,
    pub(super) keys: SigningKeys,
    pub(super) clock: Arc<dyn Clock>,
}

/// The way to one LMS's services.
pub(super) struct Way<'a> {
    services: &'a Services,
    fetch: Arc<dyn Fetch>,
    grant: Grant,
    now: Box<dyn Fn() -> i64 + Send + Sync + 'a>,
    pub(super) dialect: Dialect,
}

impl fmt::Debug for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way")
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

impl Services {
    /// The way to the services of a registration's LMS, for these scopes; `None`: its client id is none.
    pub(super) fn way(&self, registration: &Registration, scopes: impl IntoIterator<Item = String>) -> Option<Way<'_>> {
        let grant = Grant {
            registration: registration.id.to_string(),
            client_id: LtiClientId::parse(registration.lti_client_id.clone()).ok()?,
            token_url: registration.token_endpoint.clone(),
            audience: registration.token_audience.clone(),
            scopes: scopes.into_iter().collect(),
        };
        Some(Way {
            services: self,
            fetch: self.platforms.fetch(registration),
            grant,
            now: Box::new(|| self.clock.now().seconds()),
            dialect: Dialect::named(registration.lms.word()),
        })
    }
}

impl Way<'_> {
    /// Calls in the name of the grant.
    pub(super) fn caller(&self) -> ServiceCaller<'_> {
        ServiceCaller {
            tokens: &self.services.tokens,
            fetch: &self.fetch,
            grant: &self.grant,
            keys: &self.services.keys,
            jti: &random::token,
            now: &*self.now,
        }
    }
}
