//! How the simulator misbehaves: single faults of a call, plans that say which call gets one, and standing manners.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::chance::Dice;

/// What kind of call a request is; counted, and what a plan is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The key that opens API keys.
    PublicKey,
    /// Signing a certificate request.
    Sign,
    /// A bearer token.
    Token,
    /// Ping.
    Ping,
    /// The organisation, read or written.
    Organisation,
    /// Badges and categories, read.
    BadgeRead,
    /// A badge created, changed or deleted.
    BadgeWrite,
    /// Issuing.
    Issue,
    /// Events, read or searched; revoked lists and assertions too.
    EventRead,
    /// Revoking.
    Revoke,
    /// Earnable badges and applications.
    Earnable,
    /// Public pages and documents.
    Public,
    /// No known address.
    Unknown,
}

/// One way in which one call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The work is done, the connection closes without an answer; searches see the event only after `unseen_for`.
    LostAnswer {
        /// How long searches do not show it.
        unseen_for: Duration,
    },
    /// Answered as usual, but searches see the event only after `unseen_for`.
    Unseen {
        /// How long searches do not show it.
        unseen_for: Duration,
    },
    /// The connection closes at once; the work is done `after` that.
    ExecutedLater {
        /// How long after the client was cut off.
        after: Duration,
    },
    /// No work; this connection is reset and the next handshake that shows a certificate ends in a TLS alert about it.
    TlsAlert,
    /// 495, no work.
    CertificateInvalid,
    /// 496, no work.
    CertificateMissing,
    /// The work is done, the 201 carries no `Location`.
    NoLocation,
    /// The work is done, the 201 carries a `Location` that names no event.
    OddLocation,
    /// 429 with `Retry-After`, no work.
    TooMany {
        /// Seconds in `Retry-After`.
        retry_after: u32,
    },
    /// The work is done, the answer carries this status (500, 502, 503, 504) and no body.
    StatusAfterWork(u16),
    /// This status without any work: 500, 502, 504, 302, 403, 404, 405, 411, 413 …; redirects point nowhere useful.
    Status(u16),
    /// 503 with `Retry-After`, no work.
    Closed {
        /// Seconds in `Retry-After`.
        retry_after: u32,
    },
    /// No answer for `span`, then the connection closes. With `after_work` the work was done before.
    Hang {
        /// How long nothing is answered.
        span: Duration,
        /// Whether the work is done.
        after_work: bool,
    },
    /// The answer is right but comes late.
    Slow {
        /// How late.
        span: Duration,
    },
    /// The connection is reset (TCP RST) before any byte of an answer, no work.
    Reset,
    /// 403, and every bearer token handed out so far is void.
    StaleToken,
}

impl Fault {
    /// The name under which it is counted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LostAnswer { .. } => "lost_answer",
            Self::Unseen { .. } => "unseen",
            Self::ExecutedLater { .. } => "executed_later",
            Self::TlsAlert => "tls_alert",
            Self::CertificateInvalid => "certificate_invalid",
            Self::CertificateMissing => "certificate_missing",
            Self::NoLocation => "no_location",
            Self::OddLocation => "odd_location",
            Self::TooMany { .. } => "too_many",
            Self::StatusAfterWork(500) => "500_after_work",
            Self::StatusAfterWork(_) => "status_after_work",
            Self::Status(500) => "500",
            Self::Status(502) => "502",
            Self::Status(504) => "504",
            Self::Status(_) => "status",
            Self::Closed { .. } => "closed",
            Self::Hang { after_work: true, .. } => "hang_after_work",
            Self::Hang { .. } => "hang",
            Self::Slow { .. } => "slow",
            Self::Reset => "reset",
            Self::StaleToken => "stale_token",
        }
    }

    /// One of each, with durations of at most `span`: for random plans and the page.
    pub fn all(span: Duration) -> Vec<Self> {
        vec![
            Self::LostAnswer { unseen_for: span },
            Self::Unseen { unseen_for: span },
            Self::ExecutedLater { after: span },
            Self::TlsAlert,
            Self::CertificateInvalid,
            Self::CertificateMissing,
            Self::NoLocation,
            Self::OddLocation,
            Self::TooMany { retry_after: 1 },
            Self::StatusAfterWork(500),
            Self::StatusAfterWork(502),
            Self::Status(500),
            Self::Status(502),
            Self::Status(504),
            Self::Closed { retry_after: 1 },
            Self::Hang {
                span,
                after_work: false,
            },
            Self::Hang { span, after_work: true },
            Self::Slow { span },
            Self::Reset,
            Self::StaleToken,
        ]
    }

    /// The same fault with its durations drawn between nothing and what it says.
    fn drawn(&self, dice: &mut Dice) -> Self {
        let mut draw = |span: &Duration| {
            let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            Duration::from_millis(dice.below(millis.saturating_add(1)))
        };
        match self {
            Self::LostAnswer { unseen_for } => Self::LostAnswer {
                unseen_for: draw(unseen_for),
            },
            Self::Unseen { unseen_for } => Self::Unseen {
                unseen_for: draw(unseen_for),
            },
            Self::ExecutedLater { after } => Self::ExecutedLater { after: draw(after) },
            Self::Slow { span } => Self::Slow { span: draw(span) },
            other => other.clone(),
        }
    }
}

/// Which calls a plan is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Every call with a credential.
    Any,
    /// Calls of one kind.
    Only(Kind),
}

impl Aim {
    fn meets(self, kind: Kind) -> bool {
        match self {
            Self::Any => !matches!(kind, Kind::Public | Kind::Unknown),
            Self::Only(only) => only == kind,
        }
    }
}

/// What is to go wrong from now on. Plans add up until [`Plan::Calm`].
#[derive(Clone, Debug)]
pub enum Plan {
    /// Nothing goes wrong any more; standing manners stay as they are.
    Calm,
    /// The next `times` calls at which it is aimed get the fault.
    Next {
        /// What goes wrong.
        fault: Fault,
        /// How many calls.
        times: u32,
        /// Which calls.
        aim: Aim,
    },
    /// Every call at which it is aimed gets the fault.
    Always {
        /// What goes wrong.
        fault: Fault,
        /// Which calls.
        aim: Aim,
    },
    /// `percent` of the calls at which it is aimed get one of `weights`, the same for the same seed and order of
    /// calls. Durations in them are upper bounds, except of hangs.
    Random {
        /// Where the dice start.
        seed: u64,
        /// How many of a hundred calls go wrong.
        percent: u32,
        /// What may go wrong, with its weight.
        weights: Vec<(Fault, u32)>,
        /// Which calls.
        aim: Aim,
    },
}

impl Plan {
    /// The next issuing call goes wrong.
    pub fn next_issue(fault: Fault) -> Self {
        Self::Next {
            fault,
            times: 1,
            aim: Aim::Only(Kind::Issue),
        }
    }
}

/// How `log_entry` comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogEntry {
    /// An object, as sent.
    #[default]
    Object,
    /// A string that holds JSON, in lists and in single events.
    Text,
    /// `null` in lists; the single event has the object.
    Null,
    /// Not there in lists; the single event has the object.
    Missing,
}

impl LogEntry {
    /// The name under which a search that shows it so is counted; `None` as sent.
    pub(super) const fn oddity(self) -> Option<&'static str> {
        match self {
            Self::Object => None,
            Self::Text => Some("log_entry_text"),
            Self::Null => Some("log_entry_null"),
            Self::Missing => Some("log_entry_missing"),
        }
    }
}

/// How the Factory stands: what is no fault of one call. All can be changed while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How `log_entry` comes back.
    pub log_entry: LogEntry,
    /// Lists come as `application/octet-stream` (the default) or as `application/json`.
    pub lists_as_json: bool,
    /// `Location` carries host and scheme; by default it is a path.
    pub absolute_location: bool,
    /// An address that appears twice in one call becomes one recipient.
    pub merge_duplicates: bool,
    /// Any issuing call that names one of these (lower case) answers 400.
    pub refused_addresses: BTreeSet<String>,
    /// Issuing one of these badges answers 403.
    pub forbidden_badges: BTreeSet<String>,
    /// Every new event is unseen by searches for so long.
    pub unseen_for: Duration,
    /// More calls than this in one second answer 429 with `Retry-After: 1`.
    pub calls_per_second: Option<u32>,
    /// Every handshake that shows a client certificate ends in a TLS alert about it.
    pub alert_certificates: bool,
    /// Bearer tokens are handed out and accepted.
    pub bearer: bool,
    /// Error answers carry `{"error": …}`; without, they have no body.
    pub error_bodies: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            log_entry: LogEntry::Object,
            lists_as_json: false,
            absolute_location: false,
            merge_duplicates: false,
            refused_addresses: BTreeSet::new(),
            forbidden_badges: BTreeSet::new(),
            unseen_for: Duration::ZERO,
            calls_per_second: None,
            alert_certificates: false,
            bearer: true,
            error_bodies: true,
        }
    }
}

/// The plans in force and what came of them.
#[derive(Debug, Default)]
pub(super) struct Faults {
    queue: VecDeque<(Fault, Aim)>,
    always: Vec<(Fault, Aim)>,
    random: Option<Random>,
    alerts: u32,
    counts: BTreeMap<&'static str, u64>,
}

#[derive(Debug)]
struct Random {
    dice: Dice,
    percent: u32,
    weights: Vec<(Fault, u32)>,
    aim: Aim,
}

impl Faults {
    pub(super) fn add(&mut self, plan: Plan) {
        match plan {
            Plan::Calm => {
                self.queue.clear();
                self.always.clear();
                self.random = None;
                self.alerts = 0;
            }
            Plan::Next { fault, times, aim } => self.queue.extend((0..times).map(|_| (fault.clone(), aim))),
            Plan::Always { fault, aim } => self.always.push((fault, aim)),
            Plan::Random {
                seed,
                percent,
                weights,
                aim,
            } => {
                self.random = Some(Random {
                    dice: Dice::new(seed),
                    percent,
                    weights,
                    aim,
                });
            }
        }
    }

    /// The fault of this call, if it is to have one; counted.
    pub(super) fn draw(&mut self, kind: Kind) -> Option<Fault> {
        let fault = self
            .queued(kind)
            .or_else(|| self.standing(kind))
            .or_else(|| self.thrown(kind))?;
        self.count(fault.name());
        if fault == Fault::TlsAlert {
            self.alerts = self.alerts.saturating_add(1);
        }
        Some(fault)
    }

    /// Whether this handshake is to end in an alert.
    pub(super) fn take_alert(&mut self) -> bool {
        let pending = self.alerts > 0;
        self.alerts = self.alerts.saturating_sub(1);
        pending
    }

    pub(super) fn count(&mut self, name: &'static str) {
        let count = self.counts.entry(name).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.clone()
    }

    /// What is planned, in words, for the page.
    pub(super) fn planned(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .queue
            .iter()
            .map(|(fault, aim)| format!("next {aim:?}: {fault:?}"))
            .collect();
        lines.extend(
            self.always
                .iter()
                .map(|(fault, aim)| format!("every {aim:?}: {fault:?}")),
        );
        if let Some(random) = &self.random {
            lines.push(format!("{} % of {:?} at random", random.percent, random.aim));
        }
        lines
    }

    fn queued(&mut self, kind: Kind) -> Option<Fault> {
        let at = self.queue.iter().position(|(_, aim)| aim.meets(kind))?;
        self.queue.remove(at).map(|(fault, _)| fault)
    }

    fn standing(&self, kind: Kind) -> Option<Fault> {
        self.always
            .iter()
            .find(|(_, aim)| aim.meets(kind))
            .map(|(fault, _)| fault.clone())
    }

    fn thrown(&mut self, kind: Kind) -> Option<Fault> {
        let random = self.random.as_mut().filter(|random| random.aim.meets(kind))?;
        if random.dice.below(100) >= u64::from(random.percent) {
            return None;
        }
        let total = random.weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = random.dice.below(total);
        for (fault, weight) in &random.weights {
            let weight = u64::from(*weight);
            if left < weight {
                return Some(fault.drawn(&mut random.dice));
            }
            left = left.saturating_sub(weight);
        }
        None
    }
}
