//! Logins, platform keys, course sessions and those of the administration.

use std::time::Duration;

use super::keys::Keys;
use super::load::ConfigError;

/// Logins and platform keys.
#[derive(Clone, Debug)]
pub struct Launch {
    /// How long a login may take until its launch.
    pub login_life: Duration,
    /// Logins of one registration that may be open at once.
    pub max_open_logins: u32,
    /// Keys of this age are fetched anew.
    pub keys_fresh: Duration,
    /// Keys up to this age are used when fetching fails.
    pub keys_stale: Duration,
    /// Least time between two fetches for one platform.
    pub keys_cooldown: Duration,
    /// The longest a launch waits for a fetch.
    pub keys_wait: Duration,
}

impl Launch {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        let launch = Self {
            login_life: keys.millis("launch.login_life_ms")?,
            max_open_logins: keys.number("launch.max_open_logins", 1..=10_000_000)?,
            keys_fresh: keys.millis("launch.keys_fresh_ms")?,
            keys_stale: keys.millis("launch.keys_stale_ms")?,
            keys_cooldown: keys.millis("launch.keys_cooldown_ms")?,
            keys_wait: keys.millis("launch.keys_wait_ms")?,
        };
        if launch.keys_fresh > launch.keys_stale {
            return Err(keys.contradiction(
                "launch.keys_fresh_ms",
                "launch.keys_stale_ms",
                "keys cannot go stale before they stop being fresh",
            ));
        }
        Ok(launch)
    }
}

/// Sessions of the administration.
#[derive(Clone, Debug)]
pub struct Operator {
    /// A session unused for so long has ended.
    pub idle: Duration,
    /// A session this old has ended.
    pub absolute: Duration,
    /// So long a sign-in link can be used.
    pub link_life: Duration,
}

impl Operator {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        let operator = Self {
            idle: keys.millis("operator.idle_ms")?,
            absolute: keys.millis("operator.absolute_ms")?,
            link_life: keys.millis("operator.link_life_ms")?,
        };
        if operator.idle > operator.absolute {
            return Err(keys.contradiction(
                "operator.idle_ms",
                "operator.absolute_ms",
                "a session cannot idle longer than it lives",
            ));
        }
        Ok(operator)
    }
}

/// Course sessions.
#[derive(Clone, Debug)]
pub struct Session {
    /// A session unused for so long has ended.
    pub idle: Duration,
    /// A session this old has ended.
    pub absolute: Duration,
}

impl Session {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        let session = Self {
            idle: keys.millis("session.idle_ms")?,
            absolute: keys.millis("session.absolute_ms")?,
        };
        if session.idle > session.absolute {
            return Err(keys.contradiction(
                "session.idle_ms",
                "session.absolute_ms",
                "a session cannot idle longer than it lives",
            ));
        }
        Ok(session)
    }
}
