//! Work in the background.

use std::time::Duration;

use super::keys::Keys;
use super::load::ConfigError;

/// Work in the background.
#[derive(Clone, Debug)]
pub struct Jobs {
    /// Waiting times between tries; after the last a person is told.
    pub retry: Vec<Duration>,
    /// The longest waiting time that another server may ask for.
    pub retry_after_max: Duration,
    /// A worker silent for so long loses its work.
    pub lease: Duration,
    /// How often workers look for work that nobody announced.
    pub poll: Duration,
    /// Jobs at once in one process.
    pub concurrency: usize,
    /// How long a stopping process waits for running jobs.
    pub stop_wait: Duration,
}

impl Jobs {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            retry: keys.millis_list("jobs.retry_ms")?,
            retry_after_max: keys.millis("jobs.retry_after_max_ms")?,
            lease: keys.millis("jobs.lease_ms")?,
            poll: keys.millis("jobs.poll_ms")?,
            concurrency: keys.number("jobs.concurrency", 1..=1000)?,
            stop_wait: keys.millis("jobs.stop_wait_ms")?,
        })
    }
}
