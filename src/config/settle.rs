//! Orders whose fate is unknown.

use std::time::Duration;

use super::keys::Keys;
use super::load::ConfigError;

/// When an order whose fate is unknown is looked up and sent again.
#[derive(Clone, Debug)]
pub struct Settle {
    /// Looks after the lease of the first sending ended, counted from there, ascending.
    pub looks: Vec<Duration>,
    /// Looks after a second sending, counted likewise, ascending.
    pub second_looks: Vec<Duration>,
    /// Sending begins within this time after the claim.
    pub send_window: Duration,
    /// Sending is broken off this long after the claim.
    pub abort: Duration,
    /// This long after the claim the order must be looked up.
    pub lease: Duration,
    /// Pauses of a queue whose Factory cannot be reached; the last one repeats.
    pub away: Vec<Duration>,
    /// Between two questions whether a stopped queue may go on.
    pub probe: Duration,
    /// Until a look, a reading or a revocation that failed is tried again.
    pub again: Duration,
}

impl Settle {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        let settle = Self {
            looks: ascending(keys, "settle.looks_ms")?,
            second_looks: ascending(keys, "settle.second_looks_ms")?,
            send_window: keys.millis("settle.send_window_ms")?,
            abort: keys.millis("settle.abort_ms")?,
            lease: keys.millis("settle.lease_ms")?,
            away: ascending(keys, "settle.away_ms")?,
            probe: keys.millis("settle.probe_ms")?,
            again: keys.millis("settle.again_ms")?,
        };
        // The order of the three is what keeps a slow sender from overlapping with a look: window < abort < lease.
        if settle.send_window >= settle.abort {
            return Err(keys.contradiction(
                "settle.send_window_ms",
                "settle.abort_ms",
                "sending must begin before it is broken off",
            ));
        }
        if settle.abort >= settle.lease {
            return Err(keys.contradiction(
                "settle.abort_ms",
                "settle.lease_ms",
                "sending must be broken off before the lease ends",
            ));
        }
        Ok(settle)
    }
}

fn ascending(keys: &Keys, key: &str) -> Result<Vec<Duration>, ConfigError> {
    let looks = keys.millis_list(key)?;
    if !looks.is_sorted() {
        return Err(keys.invalid(key, "the times must not go back"));
    }
    Ok(looks)
}
