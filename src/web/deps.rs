//! What handlers work with. Filled by `app`.

use std::sync::Arc;

use super::backstage::Backstage;
use super::directory::Directory;
use super::encounters::Encounters;
use super::feeds::Feeds;
use super::logins::OpenLogins;
use super::notices::{Crowd, Services};
use super::operator::Provider;
use crate::clock::Clock;
use crate::config::{Config, PublicUrl};
use crate::crypto::seal::Keyring;
use crate::jobs::{Platforms, Worker};
use crate::lti::keys::{KeySets, SigningKeys};
use crate::lti::login::ToolOrigin;
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
    /// Our own keys: sign what goes to LMSs, and are published.
    pub signing_keys: SigningKeys,
    /// Seals what must not be stored in the clear.
    pub keyring: Arc<Keyring>,
    /// Where operators sign in by single sign-on, if there is such a place.
    pub sso: Option<Provider>,
    /// The feeds.
    pub feeds: Feeds,
    /// The logins that wait for their launch.
    pub open_logins: OpenLogins,
    /// What arrived last for each registration.
    pub encounters: Encounters,
    /// The services of notices that launches offered.
    pub notices: Services,
    /// How many notices are looked at.
    pub crowd: Crowd,
    /// What administration pages ask of the rest of the program.
    pub backstage: Arc<dyn Backstage>,
    /// The worker of this process: told when there is something to do.
    pub worker: Worker,
}
