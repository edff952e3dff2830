//! Which services of notices this process has seen in launches: a launch that brings nothing new costs a look into a map.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

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
