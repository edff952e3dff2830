//! The words for the states of an award: the same word, colour and shape on every page.

use crate::clock::Timestamp;
use crate::web::text::Text;

/// A state of an award, as pages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwardWord {
    /// Stored, not sent.
    Queued,
    /// The call is under way.
    Sending,
    /// The reply was lost; the Factory is asked before anything is sent again.
    Checking,
    /// A rule's wait time runs.
    Waiting {
        /// Until when.
        until: Timestamp,
    },
    /// The event's id is known.
    Sent,
    /// The person accepted the badge.
    Collected,
    /// Nobody knows an address yet.
    NoEmail,
    /// A rule's limit was reached.
    Breaker,
    /// The score dropped after the award.
    Review,
    /// The Factory refused it.
    Failed,
    /// A person must decide.
    Parked,
    /// The score is not released.
    Unreleased,
    /// Revocation was asked for and is not confirmed.
    Revoking,
    /// Taken back before it was sent.
    Withdrawn,
    /// Revoked.
    Revoked {
        /// When.
        on: Timestamp,
    },
    /// Past its validity.
    Expired {
        /// Since when.
        on: Timestamp,
    },
}

impl AwardWord {
    /// The class of the tag: colour and shape.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Queued | Self::Sending | Self::Checking | Self::Waiting { .. } | Self::Revoking => "wait",
            Self::Sent | Self::Collected => "done",
            Self::NoEmail | Self::Breaker | Self::Review | Self::Parked | Self::Unreleased => "hold",
            Self::Failed => "fail",
            Self::Withdrawn | Self::Revoked { .. } | Self::Expired { .. } => "off",
        }
    }

    /// The class of the tag on the learner's own pages.
    pub const fn learner_class(self) -> &'static str {
        match self {
            Self::Sent => "hold",
            Self::Parked => "wait",
            Self::Revoking => "off",
            other => other.class(),
        }
    }

    /// The word for staff.
    pub fn staff(self, text: &Text) -> String {
        match self {
            Self::Waiting { until } => text.msg("aw-waiting").with("date", text.date(until)).to_string(),
            Self::Revoked { on } => text.msg("aw-revoked").with("date", text.date(on)).to_string(),
            Self::Expired { on } => text.msg("aw-expired").with("date", text.date(on)).to_string(),
            other => text.say(other.key()),
        }
    }

    /// The word for the learner; `None` where the award is not the learner's business yet.
    pub fn learner(self, text: &Text) -> Option<String> {
        Some(match self {
            Self::Queued | Self::Sending | Self::Checking | Self::Parked => text.say("my-aw-queued"),
            Self::Sent => text.say("my-aw-sent"),
            Self::Collected => text.say("my-aw-collected"),
            Self::NoEmail => text.say("my-aw-noemail"),
            Self::Failed => text.say("my-aw-failed"),
            Self::Revoking => text.say("my-aw-revoking"),
            Self::Revoked { on } => text.msg("my-aw-revoked").with("date", text.date(on)).to_string(),
            Self::Expired { on } => text.msg("aw-expired").with("date", text.date(on)).to_string(),
            Self::Waiting { .. } | Self::Breaker | Self::Review | Self::Unreleased | Self::Withdrawn => return None,
        })
    }

    /// The message of the word without its date.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Queued => "aw-queued",
            Self::Sending => "aw-sending",
            Self::Checking => "aw-checking",
            Self::Waiting { .. } => "aw-waiting",
            Self::Sent => "aw-sent",
            Self::Collected => "aw-collected",
            Self::NoEmail => "aw-noemail",
            Self::Breaker => "aw-breaker",
            Self::Review => "aw-review",
            Self::Failed => "aw-failed",
            Self::Parked => "aw-parked",
            Self::Unreleased => "aw-unreleased",
            Self::Revoking => "aw-revoking",
            Self::Withdrawn => "aw-withdrawn",
            Self::Revoked { .. } => "aw-revoked",
            Self::Expired { .. } => "aw-expired",
        }
    }
}

/// Where an award came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// Issued by a person.
    #[default]
    Hand,
    /// By a rule of a course.
    Rule,
    /// The person applied for it.
    Application,
    /// Known to the Factory, made by another tool.
    Elsewhere,
}

impl Cause {
    /// The kind of a stored cause: `hand:…`, `rule:…` or `application:…`.
    pub fn of(stored: &str) -> Self {
        match stored.split(':').next() {
            Some("rule") => Self::Rule,
            Some("application") => Self::Application,
            _ => Self::Hand,
        }
    }

    /// The message that names it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Hand => "cause-hand",
            Self::Rule => "cause-rule",
            Self::Application => "cause-application",
            Self::Elsewhere => "cause-elsewhere",
        }
    }
}

/// The codes of [`super::Flash`].
pub(super) mod did {
    pub(in super::super) const DRAFT_KEPT: &str = "draft-kept";
    pub(in super::super) const PEOPLE_ADDED: &str = "added";
    pub(in super::super) const ROSTER_ASKED: &str = "roster";
    pub(in super::super) const REVOKING: &str = "revoking";
    pub(in super::super) const REVOKING_EVENT: &str = "revoking-event";
    pub(in super::super) const RULE_KEPT: &str = "rule-kept";
    pub(in super::super) const RULE_AWARDING: &str = "rule-awarding";
    pub(in super::super) const RULE_CHECKED: &str = "rule-checked";
    pub(in super::super) const SIGNALS_MATCHED: &str = "signals-matched";
    pub(in super::super) const APPLICATION_KEPT: &str = "application-kept";
    pub(in super::super) const APPLIED: &str = "applied";
    pub(in super::super) const DECIDED: &str = "decided";
    pub(in super::super) const CLAIMED: &str = "claimed";
    pub(in super::super) const DEPLOYMENT_REFUSED: &str = "deployment-refused";
    pub(in super::super) const DEPLOYMENT_REOPENED: &str = "deployment-reopened";
    pub(in super::super) const DISCONNECTED: &str = "disconnected";
    pub(in super::super) const QUEUE_WITHDRAWN: &str = "queue-withdrawn";
    pub(in super::super) const RETRIED: &str = "retried";
    pub(in super::super) const GIVEN_UP: &str = "given-up";
    pub(in super::super) const SAVED: &str = "saved";
    pub(in super::super) const SIGNAL_DISCARDED: &str = "signal-discarded";
    pub(in super::super) const PREFERENCES_KEPT: &str = "preferences";
    pub(in super::super) const ITEM_TAKEN: &str = "copied";
}
