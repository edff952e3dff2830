//! Feeds: what senders push.

use url::Url;

use super::keys::Keys;
use super::load::ConfigError;

/// What senders push.
#[derive(Clone, Debug)]
pub struct Feeds {
    /// Requests a second that one feed takes in one process.
    pub requests_per_second: u32,
    /// Requests that may come at once after a pause.
    pub burst: u32,
    /// Where Canvas publishes the keys that sign Live Events.
    pub canvas_keys_url: String,
}

impl Feeds {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        Ok(Self {
            requests_per_second: keys.number("feeds.requests_per_second", 1..=1_000_000)?,
            burst: keys.number("feeds.burst", 1..=1_000_000)?,
            canvas_keys_url: keys
                .parse::<Url>("feeds.canvas_keys_url", "an address (https://…)")?
                .into(),
        })
    }
}
