//! An order: one issuing call to the Factory, its states and the times that rule it. What follows what is decided in
//! [`crate::model::dispatch`].

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::OrderId;
use crate::model::award::words;

words! {
    /// Where an order stands.
    OrderState {
        /// To be sent.
        Ready = "ready",
        /// A worker holds it and may be sending.
        Sending = "sending",
        /// The Factory has an event with its marker.
        Issued = "issued",
        /// Sent perhaps; looked for.
        Unsure = "unsure",
        /// The Factory refused it.
        Refused = "refused",
        /// Sent twice and not found: a person decides.
        Parked = "parked",
        /// Ended without a badge: taken back, given up or split.
        Withdrawn = "withdrawn",
    }
}

/// The times of sending and settling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the claim: the first byte must leave before.
    pub send_window: Duration,
    /// From the claim: the call is given up.
    pub abort: Duration,
    /// From the claim: the order is somebody else's; longer than `abort`.
    pub lease: Duration,
    /// Looks for an unsure order, from the lease's end. The last must come later than the Factory may show an accepted
    /// call. Empty switches settling off, which breaks promise P3: only a test that shows so does that.
    pub looks: Vec<Duration>,
    /// Looks for a second event, from the second sending.
    pub late_looks: Vec<Duration>,
    /// Pauses of the queue while the Factory cannot be reached; the last one repeats.
    pub away: Vec<Duration>,
    /// Between two pings of a stopped queue.
    pub probe: Duration,
    /// Until a look, a reading or a revocation that failed is tried again.
    pub again: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let minutes = Duration::from_mins;
        Self {
            send_window: Duration::from_secs(30),
            abort: Duration::from_mins(1),
            lease: Duration::from_secs(90),
            looks: vec![Duration::ZERO, minutes(1), minutes(5), minutes(15)],
            late_looks: vec![minutes(60), minutes(24 * 60)],
            away: vec![
                Duration::from_secs(10),
                minutes(1),
                minutes(5),
                minutes(15),
                minutes(60),
            ],
            probe: minutes(5),
            again: minutes(1),
        }
    }
}

impl Timing {
    /// The pause after the `tries`-th failure in a row (0 is the first) to reach the Factory.
    pub fn pause(&self, tries: u32) -> Duration {
        let at = usize::try_from(tries).unwrap_or(usize::MAX);
        let pause = self.away.get(at).or(self.away.last());
        pause.copied().unwrap_or(self.again)
    }

    pub(super) fn last_look(&self) -> u32 {
        u32::try_from(self.looks.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    pub(super) fn look(&self, from: Timestamp, look: u32) -> Timestamp {
        let at = usize::try_from(look).unwrap_or(usize::MAX);
        from.plus(self.looks.get(at).copied().unwrap_or_default())
    }
}

/// An order as far as decisions need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Also the marker in the event's log entry.
    pub id: OrderId,
    /// Where it stands.
    pub state: OrderState,
    /// Raised by every change.
    pub version: u32,
    /// Sendings that the Factory may have carried out.
    pub sendings: u32,
    /// How many there may be without a person.
    pub allowed: u32,
    /// Which look comes next.
    pub look: u32,
    /// From when looks are counted.
    pub look_from: Option<Timestamp>,
    /// When something is to be done next: send, end the lease, look, read the event.
    pub next_at: Option<Timestamp>,
    /// The first byte must leave before.
    pub send_until: Option<Timestamp>,
    /// The worker's lease.
    pub lease_until: Option<Timestamp>,
    /// Who holds the lease.
    pub holder: Option<Uuid>,
    /// Which late look comes next.
    pub late_look: u32,
    /// When it comes.
    pub late_at: Option<Timestamp>,
    /// The Factory's event, once issued.
    pub event: Option<String>,
    /// How often the event was read.
    pub event_reads: u32,
    /// The Factory's words, or ours, about how it ended.
    pub reason: Option<String>,
}

impl Order {
    /// A new order, to be sent from `now` on.
    pub fn new(id: OrderId, now: Timestamp) -> Self {
        Self {
            id,
            state: OrderState::Ready,
            version: 0,
            sendings: 0,
            allowed: 2,
            look: 0,
            look_from: None,
            next_at: Some(now),
            send_until: None,
            lease_until: None,
            holder: None,
            late_look: 0,
            late_at: None,
            event: None,
            event_reads: 0,
            reason: None,
        }
    }
}
