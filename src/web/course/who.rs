//! How people are named, and with which word their awards are shown. Limited staff see no addresses.

use crate::model::award::{AwardState, Face};
use crate::store::award_views::AwardLine;
use crate::web::pages::AwardWord;
use crate::web::visit::Visit;

/// Stands where a person is only known by an address that the visitor may not see.
const UNNAMED: &str = "—";

/// The person's name; where none is known, the address if it may be seen.
pub(super) fn name(visit: &Visit, line: &AwardLine) -> String {
    name_or_address(visit, &line.name, line.address.as_deref())
}

/// A name, or the address if it may be seen.
pub(super) fn name_or_address(visit: &Visit, name: &str, address: Option<&str>) -> String {
    let may_be_shown = sees_addresses(visit) || !name.contains('@');
    if !name.trim().is_empty() && may_be_shown {
        return name.to_owned();
    }
    address.filter(|_| sees_addresses(visit)).unwrap_or(UNNAMED).to_owned()
}

/// The address, if it may be seen.
pub(super) fn address(visit: &Visit, line: &AwardLine) -> Option<String> {
    line.address.clone().filter(|_| sees_addresses(visit))
}

/// Whether the visitor may see addresses.
pub(super) fn sees_addresses(visit: &Visit) -> bool {
    visit.seat.standing.issues()
}

/// The word for an award.
pub(super) fn word(line: &AwardLine) -> AwardWord {
    match line.face {
        Face::NoEmail => AwardWord::NoEmail,
        Face::Waiting => AwardWord::Waiting { until: line.created_at },
        Face::Breaker => AwardWord::Breaker,
        Face::Unreleased => AwardWord::Unreleased,
        Face::Parked => AwardWord::Parked,
        Face::Queued => AwardWord::Queued,
        Face::Sending => AwardWord::Sending,
        Face::Checking => AwardWord::Checking,
        Face::Sent => AwardWord::Sent,
        Face::Failed => AwardWord::Failed,
        Face::Revoking => AwardWord::Revoking,
        Face::Revoked => AwardWord::Revoked {
            on: line.revoked_at.unwrap_or(line.created_at),
        },
        Face::Withdrawn => AwardWord::Withdrawn,
    }
}

/// Whether a person may take the award back.
pub(super) fn can_revoke(line: &AwardLine) -> bool {
    let ended = matches!(
        line.state,
        AwardState::Revoking | AwardState::Revoked | AwardState::Withdrawn
    );
    // whose address was erased cannot be named to the Factory any more
    let is_erased = line.state == AwardState::Issued && line.address.is_none();
    !ended && !is_erased && line.intent.is_none()
}
