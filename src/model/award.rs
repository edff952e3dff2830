//! An award: one badge owed to one recipient. Its states, what may follow what, and the word that pages show.
//!
//! Every change of state goes through [`AwardStatus::after`]; what the function refuses never reaches the database.

use std::fmt;
use std::str::FromStr;

use crate::model::order::OrderState;

/// A word in the database that this program does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {0:?}")]
pub struct UnknownWord(pub String);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that is stored and printed.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::model::award::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
                    .ok_or_else(|| $crate::model::award::UnknownWord(word.to_owned()))
            }
        }
    };
}
pub(crate) use words;

/// How the text begins that stands in an award for an address that was erased.
pub const ERASED: &str = "erased:";

words! {
    /// Why an award waits before it is queued.
    Hold {
        /// The person has no address; a launch or roster read that brings one releases it.
        NoEmail = "no_email",
        /// The rule's waiting time runs.
        Wait = "wait",
        /// The rule's limit was reached; a person releases it.
        Limit = "limit",
        /// The score is not released to learners.
        NotReleased = "not_released",
        /// A person must decide.
        Parked = "parked",
    }
}

words! {
    /// What a person asked for after the award was made. Stored, so that it acts whenever it can.
    Intent {
        /// Take the badge back.
        Revoke = "revoke",
        /// Do not send it; if it turns out to have been sent, take it back.
        Withdraw = "withdraw",
    }
}

/// Where an award stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AwardState {
    /// Waits for something before it is queued.
    Held(Hold),
    /// Part of an order that is ready.
    Queued,
    /// Part of an order that is being sent, unsure or parked.
    Sending,
    /// The Factory has it in an event.
    Issued,
    /// To be revoked at the Factory.
    Revoking,
    /// Revoked at the Factory.
    Revoked,
    /// The Factory refused it; a person may try again.
    Refused,
    /// Taken back before it was sent.
    Withdrawn,
}

impl AwardState {
    /// The stored word; the hold is a column of its own.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held(_) => "held",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Issued => "issued",
            Self::Revoking => "revoking",
            Self::Revoked => "revoked",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The hold, while held.
    pub const fn hold(self) -> Option<Hold> {
        match self {
            Self::Held(hold) => Some(hold),
            _ => None,
        }
    }

    /// Reads the two stored words.
    pub fn read(state: &str, hold: Option<&str>) -> Result<Self, UnknownWord> {
        Ok(match (state, hold) {
            ("held", Some(hold)) => Self::Held(Hold::from_str(hold)?),
            ("queued", _) => Self::Queued,
            ("sending", _) => Self::Sending,
            ("issued", _) => Self::Issued,
            ("revoking", _) => Self::Revoking,
            ("revoked", _) => Self::Revoked,
            ("refused", _) => Self::Refused,
            ("withdrawn", _) => Self::Withdrawn,
            _ => return Err(UnknownWord(state.to_owned())),
        })
    }

    /// Whether nothing more happens by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Issued | Self::Revoked | Self::Refused | Self::Withdrawn)
    }

    /// Whether the person has the badge by this award, or will have it without anybody's help.
    pub const fn is_alive(self) -> bool {
        matches!(self, Self::Held(_) | Self::Queued | Self::Sending | Self::Issued)
    }
}

impl fmt::Display for AwardState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What happens to an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwardStep {
    /// What was missing is here.
    Released,
    /// What was missing is here, but the same address has this award already.
    SameAddress,
    /// Its order is about to be sent.
    Claimed,
    /// Its order certainly did not reach the Factory, or nothing was found after the last look.
    NotSent,
    /// The Factory has an event with its order's marker.
    Issued,
    /// The Factory refused its order.
    Refused,
    /// Nothing was found after the second sending: a person decides about its order.
    Parked,
    /// The event was read and does not name the address.
    Missing,
    /// A person asked to try again what was refused.
    Retried,
    /// A person gave its order up.
    GivenUp,
    /// A person asked to take it back.
    Stopped,
    /// The Factory confirmed the revocation.
    Revoked,
    /// A rule holds it, for this; also one that lapsed before.
    Waits(Hold),
    /// Its conditions fell away before anything went out.
    Lapsed,
}

/// A step that cannot follow from where the award or order stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step} cannot follow on {state}")]
pub struct Impossible {
    /// Where it stands.
    pub state: &'static str,
    /// What was to happen.
    pub step: String,
}

/// Where an award stands and what a person asked for: all that the next state depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AwardStatus {
    /// The state.
    pub state: AwardState,
    /// The stored intent.
    pub intent: Option<Intent>,
}

impl AwardStatus {
    /// The state after `step`.
    #[expect(clippy::match_same_arms, reason = "a table, ordered by the state before")]
    pub fn after(self, step: AwardStep) -> Result<AwardState, Impossible> {
        use AwardState as S;
        use AwardStep as E;
        let asked = self.intent.is_some();
        Ok(match (self.state, step) {
            (S::Held(_), E::Released) => S::Queued,
            (S::Held(_), E::SameAddress | E::Stopped) => S::Withdrawn,
            (S::Held(_), E::Waits(hold)) => S::Held(hold),
            (S::Withdrawn, E::Waits(hold)) if !asked => S::Held(hold),
            (S::Held(_), E::Lapsed) => S::Withdrawn,
            (S::Queued, E::Claimed) if !asked => S::Sending,
            (S::Queued, E::Claimed | E::Stopped | E::GivenUp) => S::Withdrawn,
            (S::Sending, E::NotSent) if !asked => S::Queued,
            (S::Sending, E::Refused) if !asked => S::Refused,
            // A lost answer must be settled first: until then nobody knows whether there is something to revoke.
            (S::Sending, E::Stopped) => S::Sending,
            (S::Sending, E::Parked) if !asked => S::Sending,
            (S::Sending, E::NotSent | E::Refused | E::Parked | E::GivenUp) => S::Withdrawn,
            (S::Sending | S::Queued | S::Refused, E::Issued) if !asked => S::Issued,
            (S::Sending | S::Queued | S::Refused, E::Issued) => S::Revoking,
            // It was taken back and turns out to have been sent all the same.
            (S::Withdrawn, E::Issued) if asked => S::Revoking,
            (S::Withdrawn, E::Issued | E::Stopped | E::GivenUp) => S::Withdrawn,
            (S::Issued, E::Stopped) => S::Revoking,
            (S::Issued, E::Issued) => S::Issued,
            (S::Issued, E::Missing) => S::Queued,
            (S::Revoking, E::Missing) => S::Withdrawn,
            (S::Revoking, E::Revoked) => S::Revoked,
            (S::Revoking, E::Stopped | E::Issued) => S::Revoking,
            (S::Revoked, E::Stopped | E::Issued | E::Missing | E::Revoked) => S::Revoked,
            (S::Refused, E::Retried) => S::Queued,
            (S::Refused, E::Stopped | E::GivenUp) => S::Withdrawn,
            (state, step) => {
                return Err(Impossible {
                    state: state.word(),
                    step: format!("{step:?}"),
                });
            }
        })
    }
}

words! {
    /// The word that pages show for an award; it depends on the award's state and its order's.
    Face {
        /// Held: the person has no address.
        NoEmail = "aw-noemail",
        /// Held: the rule's waiting time.
        Waiting = "aw-waiting",
        /// Held: the rule's limit.
        Breaker = "aw-breaker",
        /// Held: the score is not released.
        Unreleased = "aw-unreleased",
        /// Held or its order parked: a person decides.
        Parked = "aw-parked",
        /// Stored, not sent.
        Queued = "aw-queued",
        /// The call is under way.
        Sending = "aw-sending",
        /// The answer was lost; the Factory is asked before anything is sent again.
        Checking = "aw-checking",
        /// The event is known.
        Sent = "aw-sent",
        /// The Factory refused it.
        Failed = "aw-failed",
        /// Asked, not yet confirmed by the Factory.
        Revoking = "aw-revoking",
        /// Revoked.
        Revoked = "aw-revoked",
        /// Taken back before it was sent.
        Withdrawn = "aw-withdrawn",
    }
}

impl Face {
    /// The word for an award in `state` whose order is in `order`.
    pub fn of(state: AwardState, order: Option<OrderState>) -> Self {
        match state {
            AwardState::Held(Hold::NoEmail) => Self::NoEmail,
            AwardState::Held(Hold::Wait) => Self::Waiting,
            AwardState::Held(Hold::Limit) => Self::Breaker,
            AwardState::Held(Hold::NotReleased) => Self::Unreleased,
            AwardState::Held(Hold::Parked) => Self::Parked,
            AwardState::Queued => Self::Queued,
            AwardState::Sending => match order {
                Some(OrderState::Unsure) => Self::Checking,
                Some(OrderState::Parked) => Self::Parked,
                _ => Self::Sending,
            },
            AwardState::Issued => Self::Sent,
            AwardState::Revoking => Self::Revoking,
            AwardState::Revoked => Self::Revoked,
            AwardState::Refused => Self::Failed,
            AwardState::Withdrawn => Self::Withdrawn,
        }
    }

    /// Whether a person must do something.
    pub const fn needs_a_person(self) -> bool {
        matches!(self, Self::NoEmail | Self::Breaker | Self::Parked | Self::Failed)
    }

    /// Whether it goes on by itself.
    pub const fn is_moving(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Checking | Self::Revoking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [AwardState; 8] = [
        AwardState::Held(Hold::NoEmail),
        AwardState::Queued,
        AwardState::Sending,
        AwardState::Issued,
        AwardState::Revoking,
        AwardState::Revoked,
        AwardState::Refused,
        AwardState::Withdrawn,
    ];

    #[test]
    fn a_sent_award_never_returns_to_the_queue_unless_it_was_not_sent() {
        for state in STATES {
            for intent in [None, Some(Intent::Revoke), Some(Intent::Withdraw)] {
                let status = AwardStatus { state, intent };
                for step in [
                    AwardStep::Claimed,
                    AwardStep::Parked,
                    AwardStep::Issued,
                    AwardStep::Stopped,
                ] {
                    assert_ne!(status.after(step), Ok(AwardState::Queued), "{status:?} {step:?}");
                }
            }
        }
        let revoked = AwardStatus {
            state: AwardState::Revoked,
            intent: None,
        };
        assert!(revoked.after(AwardStep::NotSent).is_err());
        assert!(revoked.after(AwardStep::Retried).is_err());
    }

    #[test]
    fn an_intent_waits_while_it_is_unknown_whether_the_award_was_sent() {
        let sending = |intent| AwardStatus {
            state: AwardState::Sending,
            intent,
        };
        assert_eq!(sending(None).after(AwardStep::Stopped), Ok(AwardState::Sending));
        for intent in [Some(Intent::Revoke), Some(Intent::Withdraw)] {
            assert_eq!(sending(intent).after(AwardStep::NotSent), Ok(AwardState::Withdrawn));
            assert_eq!(sending(intent).after(AwardStep::Refused), Ok(AwardState::Withdrawn));
            assert_eq!(sending(intent).after(AwardStep::Issued), Ok(AwardState::Revoking));
        }
    }

    #[test]
    fn words_read_back() {
        for state in STATES {
            assert_eq!(AwardState::read(state.word(), state.hold().map(Hold::word)), Ok(state));
        }
        assert!(AwardState::read("held", None).is_err());
        for face in Face::ALL {
            assert_eq!(face.word().parse(), Ok(*face));
        }
    }
}
