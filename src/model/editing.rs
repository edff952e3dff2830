//! What administrators change at the Factory: a badge, or what the organisation says of itself. Pure.
//!
//! An edit is stored before anything leaves. Creating a badge has no key that would make a second call harmless: a badge
//! whose answer was lost is looked for by its mark before it is created again, and created twice at most. The other
//! calls may be repeated, and are looked up first as well.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::award::words;
use super::catalog::{BadgeMessage, BadgeValidity};
use super::order::Timing;
use super::{EditId, OrganisationId};
use crate::clock::Timestamp;

/// The key in a badge's metadata that names the edit that made it.
pub const MARK: &str = "badgebridge";

/// Sendings without a person.
const MOST_SENDINGS: u32 = 2;

words! {
    /// What an edit does.
    EditKind {
        /// Makes a badge.
        Create = "create",
        /// Changes a badge.
        Change = "change",
        /// Deletes a badge.
        Delete = "delete",
        /// Changes what the organisation says of itself.
        Profile = "profile",
    }
}

words! {
    /// Where an edit stands.
    EditState {
        /// To be sent.
        Ready = "ready",
        /// A worker may be sending it.
        Sending = "sending",
        /// Sent perhaps; looked for.
        Unsure = "unsure",
        /// The Factory has it.
        Done = "done",
        /// The Factory did not take it.
        Refused = "refused",
        /// Sent twice and not found: a person decides.
        Parked = "parked",
        /// A person gave it up.
        Dropped = "dropped",
    }
}

impl EditState {
    /// Whether the thing that it changes may not be changed by another one yet.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Ready | Self::Sending | Self::Unsure | Self::Parked)
    }

    /// Whether something happens by itself.
    pub const fn moves(self) -> bool {
        matches!(self, Self::Ready | Self::Sending | Self::Unsure)
    }
}

/// What a badge says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BadgeSheet {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Not published: cannot be issued.
    pub draft: bool,
    /// Its criteria: HTML. Absent in a change: they stay as they are.
    pub criteria: Option<String>,
    /// The style of its criteria page.
    pub css: String,
    /// The message stored with it; an empty part must be given when issuing.
    pub message: BadgeMessage,
    /// How long it holds unless the issuer says otherwise.
    pub validity: BadgeValidity,
    /// Its tags.
    pub tags: Vec<String>,
    /// The organisation's own data.
    pub metadata: Map<String, Value>,
}

impl BadgeSheet {
    /// Whether the Factory's badge says all of this.
    pub fn is_said_by(&self, other: &Self) -> bool {
        let part = |part: &Option<String>| part.clone().unwrap_or_default().trim().to_owned();
        let message = |sheet: &Self| {
            let message = &sheet.message;
            [&message.subject, &message.body, &message.link_text, &message.footer].map(part)
        };
        self.name == other.name
            && self.description == other.description
            && self.draft == other.draft
            && self.css.trim() == other.css.trim()
            && (self.criteria.is_none() || part(&self.criteria) == part(&other.criteria))
            && message(self) == message(other)
            && self.validity == other.validity
            && self.tags == other.tags
            && self.metadata == other.metadata
    }
}

/// A badge with everything that the Factory shows of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeenBadge {
    /// What it says.
    pub sheet: BadgeSheet,
    /// The organisation's own groups it is in.
    pub categories: Vec<String>,
    /// Its primary language, such as `en`.
    pub language: Option<String>,
    /// The other languages that it has texts in.
    pub translations: Vec<String>,
    /// The digest that names its picture.
    pub picture: Option<String>,
    /// When it was made, in Unix seconds.
    pub created_at: Option<i64>,
    /// When it was changed last, in Unix seconds.
    pub changed_at: Option<i64>,
}

/// What an organisation may say of itself; the Factory needs all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Its web address.
    pub url: String,
    /// What it is.
    pub description: String,
    /// Its public address for mail.
    pub email: String,
}

/// An organisation as the Factory shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeenOrganisation {
    /// Its name there.
    pub name: String,
    /// What it may change.
    pub profile: Profile,
    /// The digest that names its picture.
    pub picture: Option<String>,
    /// The plan it pays for.
    pub tier: Option<String>,
    /// Until when it has paid, in Unix seconds.
    pub paid_until: Option<i64>,
    /// Badges it may issue a year.
    pub issuing_limit: Option<i64>,
    /// Its country.
    pub country: Option<String>,
    /// Whether the Factory vouches for it.
    pub is_verified: bool,
    /// Whether it is closed for now.
    pub is_suspended: bool,
}

/// An edit: what is to be changed at the Factory, and how far that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Its id; also the mark of a badge that it makes.
    pub id: EditId,
    /// Whose.
    pub organisation: OrganisationId,
    /// The one-time key of the form that was sent.
    pub form_key: String,
    /// What it does.
    pub kind: EditKind,
    /// The badge; of a new one once the Factory made it.
    pub badge: Option<String>,
    /// The badge's name.
    pub name: String,
    /// A [`BadgeSheet`] or a [`Profile`].
    pub content: Value,
    /// Where it stands.
    pub state: EditState,
    /// Raised by every change: whoever changed an older one changes nothing.
    pub version: u32,
    /// Calls that the Factory may have carried out.
    pub sendings: u32,
    /// Which look comes next.
    pub look: u32,
    /// When the last call was made.
    pub called_at: Option<Timestamp>,
    /// The Factory's words, or ours, about how it stands.
    pub reason: Option<String>,
    /// Who asked for it, as the audit log names them.
    pub actor: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What is to be done with an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditStep {
    /// Nothing by itself.
    Nothing,
    /// Nothing for so long.
    Wait(Duration),
    /// Make the call.
    Send,
    /// Ask the Factory whether it was carried out.
    Look,
}

impl Edit {
    /// What it changes: no two open edits change the same.
    pub fn target(&self) -> String {
        match self.kind {
            EditKind::Create => format!("new:{}", self.id),
            EditKind::Change | EditKind::Delete => format!("badge:{}", self.badge.as_deref().unwrap_or_default()),
            EditKind::Profile => "profile".to_owned(),
        }
    }

    /// What is due.
    pub fn next(&self, now: Timestamp, timing: &Timing) -> EditStep {
        let called = self.called_at.unwrap_or(self.created_at);
        let due = match self.state {
            EditState::Ready => return EditStep::Send,
            EditState::Sending => called.plus(timing.lease),
            EditState::Unsure => timing.look(called, self.look),
            EditState::Done | EditState::Refused | EditState::Parked | EditState::Dropped => {
                return EditStep::Nothing;
            }
        };
        if due <= now {
            EditStep::Look
        } else {
            EditStep::Wait(due.since(now))
        }
    }

    /// The call begins.
    #[must_use]
    pub fn begun(self, now: Timestamp) -> Self {
        Self {
            state: EditState::Sending,
            sendings: self.sendings.saturating_add(1),
            look: 0,
            called_at: Some(now),
            reason: None,
            ..self
        }
    }

    /// The Factory saw nothing of the call.
    #[must_use]
    pub fn not_sent(self, reason: String) -> Self {
        Self {
            state: EditState::Ready,
            sendings: self.sendings.saturating_sub(1),
            reason: Some(reason),
            ..self
        }
    }

    /// The answer was lost.
    #[must_use]
    pub fn unsure(self, reason: String) -> Self {
        Self {
            state: EditState::Unsure,
            reason: Some(reason),
            ..self
        }
    }

    /// The Factory has it.
    #[must_use]
    pub fn done(self, badge: Option<String>) -> Self {
        Self {
            state: EditState::Done,
            badge: badge.or(self.badge),
            reason: None,
            ..self
        }
    }

    /// The Factory did not take it.
    #[must_use]
    pub fn refused(self, reason: String) -> Self {
        Self {
            state: EditState::Refused,
            reason: Some(reason),
            ..self
        }
    }

    /// A look did not find it. What may be repeated is sent again after one look; a new badge after the last one only.
    #[must_use]
    pub fn not_found(self, timing: &Timing) -> Self {
        let last = if self.kind == EditKind::Create {
            timing.last_look()
        } else {
            0
        };
        let state = if self.look < last {
            EditState::Unsure
        } else if self.sendings < MOST_SENDINGS {
            EditState::Ready
        } else {
            EditState::Parked
        };
        Self {
            state,
            look: self.look.saturating_add(1),
            ..self
        }
    }

    /// A person has a parked one sent again. `None`: nothing is to be decided.
    #[must_use]
    pub fn sent_again(self) -> Option<Self> {
        (self.state == EditState::Parked).then_some(Self {
            state: EditState::Ready,
            sendings: MOST_SENDINGS.saturating_sub(1),
            ..self
        })
    }

    /// A person gives it up that was not sent, or was looked for in vain.
    #[must_use]
    pub fn dropped(self) -> Option<Self> {
        let may_be = match self.state {
            EditState::Parked => true,
            EditState::Ready => self.sendings == 0,
            _ => false,
        };
        may_be.then_some(Self {
            state: EditState::Dropped,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn edit(kind: EditKind) -> Edit {
        Edit {
            id: EditId::new(Uuid::from_u128(1)),
            organisation: OrganisationId::new(Uuid::from_u128(2)),
            form_key: "k".to_owned(),
            kind,
            badge: None,
            name: "Lab Safety".to_owned(),
            content: Value::Null,
            state: EditState::Ready,
            version: 0,
            sendings: 0,
            look: 0,
            called_at: None,
            reason: None,
            actor: "operator".to_owned(),
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
        }
    }

    #[test]
    fn a_lost_new_badge_is_looked_for_to_the_end_before_it_is_sent_again_and_twice_at_most() {
        let timing = Timing::default();
        let start = Timestamp::from_seconds(1_000);
        let mut one = edit(EditKind::Create);
        let mut sendings = 0;
        let mut now = start;
        let mut looks = Vec::new();
        loop {
            match one.next(now, &timing) {
                EditStep::Send => {
                    sendings += 1;
                    one = one.begun(now).unsure("lost".to_owned());
                }
                EditStep::Look => {
                    looks.push((sendings, now.since(one.called_at.unwrap()).as_secs()));
                    one = one.not_found(&timing);
                }
                EditStep::Wait(time) => now = now.plus(time),
                EditStep::Nothing => break,
            }
        }
        assert_eq!((one.state, sendings), (EditState::Parked, 2));
        assert_eq!(looks, [1, 2].map(|n| [0, 60, 300, 900].map(|s| (n, s))).concat());
        let again = one.sent_again().unwrap().begun(now).unsure("lost".to_owned());
        assert_eq!(again.sendings, 2, "once more, then a person again");
    }

    #[test]
    fn what_may_be_repeated_is_looked_up_once_before() {
        let timing = Timing::default();
        let now = Timestamp::from_seconds(1_000);
        let one = edit(EditKind::Change).begun(now);
        assert!(
            matches!(one.next(now, &timing), EditStep::Wait(_)),
            "a worker may be sending it"
        );
        assert_eq!(one.next(now.plus(timing.lease), &timing), EditStep::Look, "it died");
        let one = one.unsure("lost".to_owned());
        assert_eq!(one.next(now, &timing), EditStep::Look);
        assert_eq!(one.not_found(&timing).state, EditState::Ready);
    }

    #[test]
    fn nothing_is_given_up_that_may_be_under_way() {
        let now = Timestamp::from_seconds(1_000);
        assert!(edit(EditKind::Create).dropped().is_some());
        assert!(edit(EditKind::Create).begun(now).dropped().is_none());
        assert!(
            edit(EditKind::Create)
                .begun(now)
                .unsure(String::new())
                .dropped()
                .is_none()
        );
        assert!(
            edit(EditKind::Create)
                .begun(now)
                .not_sent(String::new())
                .dropped()
                .is_some()
        );
        assert!(edit(EditKind::Create).done(None).dropped().is_none());
    }

    #[test]
    fn a_badge_says_what_was_asked_for_or_not() {
        let asked = BadgeSheet {
            name: "Lab Safety".to_owned(),
            ..BadgeSheet::default()
        };
        let seen = BadgeSheet {
            criteria: Some("<p>kept</p>".to_owned()),
            message: BadgeMessage {
                footer: Some(String::new()),
                ..BadgeMessage::default()
            },
            ..asked.clone()
        };
        assert!(asked.is_said_by(&seen));
        let other = BadgeSheet {
            tags: vec!["lab".to_owned()],
            ..seen
        };
        assert!(!asked.is_said_by(&other));
    }
}
