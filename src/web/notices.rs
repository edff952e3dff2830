//! Which services of notices this process has seen in launches: a launch that brings nothing new costs a look into a map.
//! And how many notices it still looks at: whoever sends them is known only after work that anybody can ask for.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::config;
use crate::model::RegistrationId;

/// The services, by registration and deployment: as many as there are known deployments.
#[derive(Debug, Default)]
pub struct Services {
    seen: Mutex<HashMap<(RegistrationId, String), (String, Vec<String>)>>,
}

impl Services {
    /// Remembers a service; whether it is new or differs from what was remembered.
    pub(super) fn is_news(&self, registration: RegistrationId, deployment: &str, url: &str, kinds: &[String]) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (registration, deployment.to_owned());
        let is_known = seen
            .get(&key)
            .is_some_and(|(known, offered)| known == url && offered == kinds);
        if !is_known {
            seen.insert(key, (url.to_owned(), kinds.to_vec()));
        }
        !is_known
    }

    /// Forgets a service: what was to be done about it failed.
    pub(super) fn forget(&self, registration: RegistrationId, deployment: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.remove(&(registration, deployment.to_owned()));
    }
}

/// How many notices are looked at, by the registration that they name.
#[derive(Debug)]
pub struct Crowd {
    quota: Quota,
    limiters: Mutex<HashMap<RegistrationId, Arc<DefaultDirectRateLimiter>>>,
}

impl Crowd {
    /// As many as the settings say.
    pub fn new(limits: config::Notices) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(limits.per_second));
        Self {
            quota: quota.allow_burst(at_least_one(limits.burst)),
            limiters: Mutex::default(),
        }
    }

    /// Whether another notice of a registration that is known is looked at now. One of them does not use up another's.
    pub(super) fn admits(&self, registration: RegistrationId) -> bool {
        let limiter = {
            let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
            let of_it = limiters.entry(registration);
            Arc::clone(of_it.or_insert_with(|| Arc::new(RateLimiter::direct(self.quota))))
        };
        limiter.check().is_ok()
    }
}
