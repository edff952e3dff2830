//! A try to connect an organisation to its Factory, and how far it came.

use crate::clock::Timestamp;

/// What an organisation is to be connected by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectKind {
    /// A pasted API key: a certificate is made.
    Key,
    /// A certificate that exists already.
    Certificate,
    /// A client secret.
    Secret,
    /// Nothing new: what there is was tried.
    Test,
}

impl ConnectKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Key, Self::Certificate, Self::Secret, Self::Test];

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Certificate => "certificate",
            Self::Secret => "secret",
            Self::Test => "test",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The steps that a person sees, in order.
    pub const fn steps(self) -> &'static [ConnectStep] {
        match self {
            Self::Key => &ConnectStep::ALL,
            Self::Certificate | Self::Secret => &[ConnectStep::Read, ConnectStep::Ping],
            Self::Test => &[ConnectStep::Ping],
        }
    }
}

/// A step of connecting, as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectStep {
    /// What was given can be read.
    Read,
    /// The API key is fresh.
    Fresh,
    /// Private key and request were made.
    Request,
    /// The Factory signed the certificate.
    Sign,
    /// The test call was answered.
    Ping,
}

impl ConnectStep {
    /// Every step of enrolment, in order.
    pub const ALL: [Self; 5] = [Self::Read, Self::Fresh, Self::Request, Self::Sign, Self::Ping];

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Fresh => "fresh",
            Self::Request => "request",
            Self::Sign => "sign",
            Self::Ping => "ping",
        }
    }

    /// The step with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }
}

/// Why connecting did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectReason {
    /// Nothing was given.
    Empty,
    /// An API key that is cut off or altered.
    Cut,
    /// An API key of another Factory.
    Foreign,
    /// An API key that is too old.
    Old,
    /// This machine's clock is wrong.
    Clock,
    /// An API key that was used before.
    Used,
    /// No private key could be made here.
    Make,
    /// The Factory refused.
    Refused,
    /// The Factory does not answer.
    Down,
    /// There is no Factory at this address.
    NotAFactory,
    /// A certificate, key or client id that cannot be used.
    Unusable,
    /// It is there, but the test call failed.
    Ping,
    /// The organisation is another client of the Factory.
    OtherClient,
    /// The client belongs to another organisation of this installation.
    Taken,
    /// The organisation was never connected.
    NoIdentity,
    /// The program stopped meanwhile, or something broke on our side.
    Interrupted,
}

impl ConnectReason {
    /// Every reason.
    pub const ALL: [Self; 16] = [
        Self::Empty,
        Self::Cut,
        Self::Foreign,
        Self::Old,
        Self::Clock,
        Self::Used,
        Self::Make,
        Self::Refused,
        Self::Down,
        Self::NotAFactory,
        Self::Unusable,
        Self::Ping,
        Self::OtherClient,
        Self::Taken,
        Self::NoIdentity,
        Self::Interrupted,
    ];

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Cut => "cut",
            Self::Foreign => "foreign",
            Self::Old => "old",
            Self::Clock => "clock",
            Self::Used => "used",
            Self::Make => "make",
            Self::Refused => "refused",
            Self::Down => "down",
            Self::NotAFactory => "not-a-factory",
            Self::Unusable => "unusable",
            Self::Ping => "ping",
            Self::OtherClient => "other-client",
            Self::Taken => "taken",
            Self::NoIdentity => "no-identity",
            Self::Interrupted => "interrupted",
        }
    }

    /// The reason with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// Where connecting ended, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectFailure {
    /// The step that failed; the ones before it were done.
    pub step: ConnectStep,
    /// Why.
    pub reason: ConnectReason,
    /// What the Factory or the file says about it; may be empty. No secrets.
    pub said: String,
}

impl ConnectFailure {
    /// A failure without words of anybody else.
    pub const fn new(step: ConnectStep, reason: ConnectReason) -> Self {
        Self {
            step,
            reason,
            said: String::new(),
        }
    }
}

/// The last try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// By what.
    pub kind: ConnectKind,
    /// The Factory's address.
    pub url: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ended; absent: it is under way.
    pub ended_at: Option<Timestamp>,
    /// How it failed; absent after the end: it went well.
    pub failure: Option<ConnectFailure>,
}
