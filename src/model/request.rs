//! A request: what one press of *Issue* asked for.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::award::words;
use crate::model::{Address, AwardId, CourseId, MemberId, OrganisationId, RequestId};

/// Whom an award is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// A member, whatever their address is.
    Member(MemberId),
    /// A bare address: pasted, or from a file.
    Address(Address),
}

impl Recipient {
    /// The text in the unique key of promise P2: `member:{id}` or `address:{normalised}`.
    pub fn key(&self) -> String {
        match self {
            Self::Member(id) => format!("member:{id}"),
            Self::Address(address) => format!("address:{address}"),
        }
    }
}

/// The cause of an award that a person made: `hand:{badge}`.
pub fn by_hand(badge_id: &str) -> String {
    format!("hand:{badge_id}")
}

/// One person of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The member; absent for a bare address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Uuid>,
    /// The address, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The name to show and to send.
    pub name: String,
    /// Fixed when the person was chosen, so that two presses cannot both raise it.
    #[serde(default)]
    pub generation: u32,
    /// An award that a rule holds for the person, which the one by hand replaces: whoever chose them saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Uuid>,
}

impl Person {
    /// Whom the award is for; nobody if neither a member nor an address is given.
    pub fn recipient(&self) -> Option<Recipient> {
        match (self.member, &self.address) {
            (Some(id), _) => Some(Recipient::Member(MemberId::new(id))),
            (None, Some(address)) => Some(Recipient::Address(address.clone())),
            (None, None) => None,
        }
    }
}

/// The message, dates and options of an order: what the Factory is asked to send beside whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// When the badge was earned, in Unix seconds; absent: the moment of sending.
    pub issued_on: Option<i64>,
    /// Until when it holds, in Unix seconds.
    pub expires: Option<i64>,
    /// The mail's subject.
    pub email_subject: Option<String>,
    /// The mail's text.
    pub email_body: Option<String>,
    /// The text of the mail's link.
    pub email_link_text: Option<String>,
    /// The mail's footer.
    pub email_footer: Option<String>,
    /// Added to the badge's criteria.
    pub criteria_add: Option<String>,
    /// Whether a mail is sent; the Factory's default if absent.
    pub send_email: Option<bool>,
}

/// A request as it is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// Its id, if it turns out to be the first with its form key.
    pub id: RequestId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The course it was made in.
    pub course: Option<CourseId>,
    /// Who made it.
    pub author: Option<MemberId>,
    /// The form's one-time key: the same key is the same request.
    pub form_key: String,
    /// The Factory's badge id.
    pub badge_id: String,
    /// The badge's name at the time.
    pub badge_name: String,
    /// The order's name, or the badge's.
    pub name: String,
    /// What to send.
    pub content: Content,
    /// To whom.
    pub people: Vec<Person>,
    /// When.
    pub created_at: Timestamp,
}

words! {
    /// How a request came to an award.
    Outcome {
        /// The request made it.
        Made = "made",
        /// It was there already.
        Existing = "existing",
    }
}

/// What is known about earlier awards of a badge by hand to a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The award that counts: one that is neither revoked nor withdrawn if there is any, else the newest.
    pub award: AwardId,
    /// Where it stands.
    pub state: crate::model::award::AwardState,
    /// Its generation.
    pub generation: u32,
    /// The highest generation there is.
    pub highest: u32,
}

impl Earlier {
    /// The generation of a new award. `again`: the person who chooses has seen that the recipient has the badge and
    /// wants it issued once more. After `revoked` or `withdrawn` nobody needs to be asked.
    pub fn next_generation(earlier: Option<Self>, again: bool) -> u32 {
        use crate::model::award::AwardState as S;
        match earlier {
            None => 0,
            Some(known) => match known.state {
                S::Revoked | S::Withdrawn => known.highest + 1,
                S::Issued | S::Revoking if again => known.highest + 1,
                _ => known.generation,
            },
        }
    }
}
