//! Lists of people, and what is deleted when.

use std::time::Duration;

use super::keys::Keys;
use super::load::ConfigError;

/// Lists of people.
#[derive(Clone, Debug)]
pub struct Roster {
    /// An older list is read again when a page needs it.
    pub max_age: Duration,
    /// People asked for a page of the platform's answer.
    pub page_limit: u32,
    /// Pages read at most.
    pub max_pages: usize,
}

impl Roster {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            max_age: keys.millis("roster.max_age_ms")?,
            page_limit: keys.number("roster.page_limit", 1..=10_000)?,
            max_pages: keys.number("roster.max_pages", 1..=100_000)?,
        })
    }
}

/// What is deleted when.
#[derive(Clone, Debug)]
pub struct Retention {
    /// The record of single tries.
    pub attempts: Duration,
    /// The record of what people did.
    pub audit: Duration,
    /// Signals that came in.
    pub signals: Duration,
}

impl Retention {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            attempts: days(keys, "retention.attempts_days")?,
            audit: days(keys, "retention.audit_days")?,
            signals: days(keys, "retention.signals_days")?,
        })
    }
}

fn days(keys: &Keys, key: &str) -> Result<Duration, ConfigError> {
    Ok(Duration::from_secs(keys.number(key, 1..=36_500)? * 24 * 3600))
}
