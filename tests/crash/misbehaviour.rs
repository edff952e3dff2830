//! What goes wrong at the Factory: faults of single calls, drawn by the dice, and manners that stand for a while.

use std::time::Duration;

use badgebridge::sandbox::factory::{BADGE_WELCOME, Factory, Fault, LogEntry};

/// The longest that the simulator takes to show an accepted call, in milliseconds; the last look comes later.
const LATENESS: u64 = 700;

/// How the markers of events come back, other than as they were sent, and the name under which each is counted.
const MARKERS: [(LogEntry, &str); 3] = [
    (LogEntry::Text, "log_entry_text"),
    (LogEntry::Null, "log_entry_null"),
    (LogEntry::Missing, "log_entry_missing"),
];

/// The name under which a batch with a bad address is counted.
pub(crate) const BAD_ADDRESS: &str = "bad_address";

/// The name under which a badge that may not be issued is counted.
pub(crate) const FORBIDDEN_BADGE: &str = "forbidden_badge";

/// The misbehaviours that happened less than three times, with how often they did.
pub(crate) fn missing(factory: &Factory) -> Vec<(&'static str, u64)> {
    let happened = factory.misbehaved();
    let count = |name: &'static str| (name, happened.get(name).copied().unwrap_or(0));
    let faults = faults();
    let names = faults
        .iter()
        .map(Fault::name)
        .chain(MARKERS.iter().map(|(_, name)| *name));
    names
        .chain([BAD_ADDRESS, FORBIDDEN_BADGE])
        .map(count)
        .filter(|(_, times)| *times < 3)
        .collect()
}

/// From now on markers come back in the odd way that was seen least.
pub(crate) fn vary_markers(factory: &Factory) {
    let happened = factory.misbehaved();
    let rarest = MARKERS
        .iter()
        .min_by_key(|(_, name)| happened.get(name).copied().unwrap_or(0));
    if let Some((marker, _)) = rarest {
        factory.set_manner(|manner| manner.log_entry = *marker);
    }
}

/// The manners of one round: how markers come back, whether one of the two badges may not be issued.
pub(crate) fn stand_for(factory: &Factory, round: u64) {
    factory.set_manner(|manner| {
        manner.log_entry = match round % 4 {
            0 => LogEntry::Object,
            1 => LogEntry::Text,
            2 => LogEntry::Null,
            _ => LogEntry::Missing,
        };
        manner.forbidden_badges.clear();
        if round % 5 == 3 {
            manner.forbidden_badges.insert(BADGE_WELCOME.to_owned());
        }
    });
}

/// Nothing is refused any more.
pub(crate) fn refuse_nothing(factory: &Factory) {
    factory.set_manner(|manner| {
        manner.refused_addresses.clear();
        manner.forbidden_badges.clear();
    });
}

/// What goes wrong with single calls. Durations are upper bounds where the dice draw.
pub(crate) fn faults() -> Vec<Fault> {
    let late = Duration::from_millis(LATENESS);
    vec![
        Fault::LostAnswer { unseen_for: late },
        Fault::Unseen { unseen_for: late },
        Fault::ExecutedLater { after: late },
        Fault::NoLocation,
        Fault::OddLocation,
        Fault::TooMany { retry_after: 1 },
        Fault::Closed { retry_after: 1 },
        Fault::StatusAfterWork(500),
        Fault::StatusAfterWork(502),
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(504),
        Fault::TlsAlert,
        Fault::CertificateInvalid,
        Fault::CertificateMissing,
        Fault::Reset,
        Fault::Hang {
            span: Duration::from_secs(2),
            after_work: false,
        },
        Fault::Hang {
            span: Duration::from_secs(2),
            after_work: true,
        },
    ]
}
