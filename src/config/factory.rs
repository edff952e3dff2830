//! The pace of calls to the Factory, and what is cached of it.

use std::time::Duration;

use super::keys::Keys;
use super::load::ConfigError;

/// The pace of calls to the Factory.
#[derive(Clone, Debug)]
pub struct Factory {
    /// Calls a second for one organisation.
    pub calls_per_second: u32,
    /// Recipients of one issuing call by hand.
    pub batch: usize,
    /// The percentage of calls left to reading while orders wait.
    pub read_share_percent: u32,
}

impl Factory {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            calls_per_second: keys.number("factory.calls_per_second", 1..=1000)?,
            batch: keys.number("factory.batch", 1..=50)?,
            read_share_percent: keys.number("factory.read_share_percent", 1..=100)?,
        })
    }
}

/// What is cached of the Factory.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Badges are read again after this time.
    pub refresh: Duration,
    /// Pictures fit a square of so many pixels.
    pub picture_px: u32,
}

impl Catalog {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            refresh: keys.millis("catalog.refresh_ms")?,
            picture_px: keys.number("catalog.picture_px", 32..=1024)?,
        })
    }
}
