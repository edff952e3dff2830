//! What handlers work with. Filled by `app`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::directory::Directory;
use super::error::{Refusal, WebError};
use super::feeds::Feeds;
use crate::clock::Clock;
use crate::config::{Config, PublicUrl};
use crate::crypto::seal::Keyring;
use crate::jobs::{Platforms, Worker};
use crate::lti::keys::{KeySets, OwnKeySet, SigningKey};
use crate::lti::login::ToolOrigin;
use crate::model::RegistrationId;
use crate::store::Store;

/// What handlers work with.
#[derive(Debug)]
pub struct Deps {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The database.
    pub store: Store,
    /// The address that LMSs see, with the real port.
    pub public_url: PublicUrl,
    /// The same, to check target links against.
    pub origin: ToolOrigin,
    /// Registrations and deployments.
    pub directory: Directory,
    /// The platforms' key sets.
    pub key_sets: KeySets,
    /// How platforms are called.
    pub platforms: Arc<dyn Platforms>,
    /// Our own key set, as served.
    pub own_keys: OwnKeySet,
    /// Signs what goes to LMSs.
    pub signing_key: Arc<SigningKey>,
    /// Seals what must not be stored in the clear.
    pub keyring: Arc<Keyring>,
    /// The feeds.
    pub feeds: Feeds,
    /// How many logins wait for their launch.
    pub open_logins: OpenLogins,
    /// The worker of this process: told when there is something to do.
    pub worker: Worker,
}

/// Counts logins that wait for their launch, per registration: an unauthenticated caller must not fill the database.
/// Counted in this process, and corrected when expired logins are deleted.
#[derive(Debug, Default)]
pub struct OpenLogins {
    limit: u32,
    open: Mutex<HashMap<RegistrationId, u32>>,
}

impl OpenLogins {
    /// At most `limit` open logins per registration.
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            open: Mutex::default(),
        }
    }

    pub(super) fn admit(&self, registration: RegistrationId) -> Result<(), WebError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(registration).or_default();
        if *count >= self.limit {
            return Err(Refusal::TooManyLogins.into());
        }
        *count += 1;
        Ok(())
    }

    pub(super) fn spent(&self, registration: RegistrationId) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&registration) {
            *count = count.saturating_sub(1);
        }
    }

    /// Forgets what was counted: called when a login's life has passed since the last time.
    pub fn forget(&self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
