//! The tool's own signing keys.

use std::time::Duration;

use super::keys::Keys;
use super::load::ConfigError;

/// How signing keys follow each other.
#[derive(Clone, Debug)]
pub struct SigningTimes {
    /// A new key is published so long before it signs.
    pub announce: Duration,
    /// A key stays published for so long after the next one signs.
    pub stay: Duration,
}

impl SigningTimes {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            announce: keys.millis("keys.announce_ms")?,
            stay: keys.millis("keys.stay_ms")?,
        })
    }
}
