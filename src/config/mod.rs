//! Settings: defaults, file, environment, flags, each over the one before.
//!
//! A setting is read once, here, and checked: whoever gets a [`Config`] need not check again. Unknown keys and
//! contradictions are refused with the name of the key, and no error prints a secret.

mod factory;
mod feeds;
mod jobs;
mod keys;
mod launch;
mod load;
mod notices;
mod outbound;
mod public_url;
mod pull;
mod roster;
mod server;
mod settle;
mod signing;
mod sso;

pub use factory::{Catalog, Factory};
pub use feeds::Feeds;
pub use jobs::Jobs;
pub use launch::{Launch, Operator, Session};
pub use load::{ConfigError, File, Flags, process_environment};
pub use notices::Notices;
pub use outbound::{Network, Outbound};
pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use pull::Pull;
pub use roster::{Retention, Roster};
pub use server::{Database, LogFormat, Server};
pub use settle::Settle;
pub use signing::SigningTimes;
pub use sso::SingleSignOn;

use keys::Keys;

/// Every default with its comment, as the program carries it.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses, data and logs.
    pub server: Server,
    /// Calls to others.
    pub outbound: Outbound,
    /// Logins and platform keys.
    pub launch: Launch,
    /// Course sessions.
    pub session: Session,
    /// Sessions of the administration.
    pub operator: Operator,
    /// Operators' single sign-on, where there is a provider.
    pub sso: Option<SingleSignOn>,
    /// Our own signing keys.
    pub keys: SigningTimes,
    /// What LMSs tell by themselves.
    pub notices: Notices,
    /// Work in the background.
    pub jobs: Jobs,
    /// Orders whose fate is unknown.
    pub settle: Settle,
    /// Pace of calls to the Factory.
    pub factory: Factory,
    /// Cached reads of the Factory.
    pub catalog: Catalog,
    /// What senders push.
    pub feeds: Feeds,
    /// Asking LMSs.
    pub pull: Pull,
    /// Lists of people.
    pub roster: Roster,
    /// What is deleted when.
    pub retention: Retention,
}

impl Config {
    /// Reads `file`, then the variables among `environment` that begin with `BADGEBRIDGE_`, then `flags`, over the
    /// defaults. Variables that begin with `BADGEBRIDGE_TEST_` are left to tests.
    pub fn load<E>(file: File, environment: E, flags: &Flags) -> Result<Self, ConfigError>
    where
        E: IntoIterator<Item = (String, String)>,
    {
        Self::read(&load::merge(file, environment, flags)?)
    }

    /// The defaults with `flags` over them, untouched by files and the environment: for tests and the sandbox.
    pub fn from_flags(flags: &Flags) -> Result<Self, ConfigError> {
        Self::load(File::None, [], flags)
    }

    fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            server: Server::read(keys)?,
            outbound: Outbound::read(keys)?,
            launch: Launch::read(keys)?,
            session: Session::read(keys)?,
            operator: Operator::read(keys)?,
            sso: SingleSignOn::read(keys)?,
            keys: SigningTimes::read(keys)?,
            notices: Notices::read(keys)?,
            jobs: Jobs::read(keys)?,
            settle: Settle::read(keys)?,
            factory: Factory::read(keys)?,
            catalog: Catalog::read(keys)?,
            feeds: Feeds::read(keys)?,
            pull: Pull::read(keys)?,
            roster: Roster::read(keys)?,
            retention: Retention::read(keys)?,
        })
    }
}

#[cfg(test)]
mod tests;
