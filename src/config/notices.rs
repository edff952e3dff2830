//! Notices that LMSs send.

use super::keys::Keys;
use super::load::ConfigError;

/// How many are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Notices {
    /// Notices a second of one registration.
    pub per_second: u32,
    /// Notices at once after a pause.
    pub burst: u32,
}

impl Notices {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            per_second: keys.number("notices.per_second", 1..=100_000)?,
            burst: keys.number("notices.burst", 1..=1_000_000)?,
        })
    }
}
