//! Choosing a person for a badge. What they hold already decides: the generation of the new award is fixed here, once, so
//! that two presses cannot both raise it (P2).

use crate::clock::Timestamp;
use crate::model::award::AwardState;
use crate::model::request::{Earlier, Person};
use crate::model::{EnrolmentStatus, MemberId};
use crate::store::Author;
use crate::store::award::Otherwise;
use crate::store::{StoreError, Tx};
use crate::web::deps::Deps;
use crate::web::error::WebError;

/// What became of choosing somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The person, ready for a request; `None`: they have the badge, or will have it.
    pub(super) person: Option<Person>,
    /// Since when they have it.
    pub(super) since: Option<Timestamp>,
}

/// Chooses somebody. `again`: they have the badge and are to get it once more.
pub(super) async fn choose(
    tx: &mut Tx<'_>,
    author: Author,
    badge: &str,
    mut person: Person,
    again: bool,
) -> Result<Chosen, StoreError> {
    let Some(recipient) = person.recipient() else {
        return Ok(Chosen {
            person: None,
            since: None,
        });
    };
    let organisation = author.organisation;
    let earlier = tx
        .earlier_award(organisation, badge, &recipient.key(), person.address.as_ref())
        .await?;
    person.generation = Earlier::next_generation(earlier, again);
    person.instead = None;
    if let Some(earlier) = earlier.filter(|earlier| stands(earlier.state) && earlier.generation == person.generation) {
        let since = tx.award_since(organisation, earlier.award).await?;
        return Ok(Chosen { person: None, since });
    }
    if let Some(other) = otherwise(tx, author, badge, &person).await? {
        if again && is_held_here(author, &person, &other) {
            // asked about and wanted: what the rule holds is taken back when the request is worked off
            person.instead = Some(other.id.uuid());
        } else if again && has_arrived(other.state) {
            // asked about and wanted: the raised generation says so until the request is placed
            person.generation = person.generation.max(Earlier::next_generation(earlier, false) + 1);
        } else {
            let since = tx.award_since(organisation, other.id).await?;
            return Ok(Chosen { person: None, since });
        }
    }
    Ok(Chosen {
        person: Some(person),
        since: None,
    })
}

/// Chooses the same people for another badge; who has that one is left out.
pub(super) async fn anew(deps: &Deps, author: Author, badge: &str, people: &[Person]) -> Result<Vec<Person>, WebError> {
    let chosen = deps.store.read(async |tx| {
        let mut kept = Vec::with_capacity(people.len());
        for person in people {
            kept.extend(choose(tx, author, badge, person.clone(), false).await?.person);
        }
        Ok::<_, StoreError>(kept)
    });
    Ok(chosen.await?)
}

/// The people of a draft as they are now: with the address that the course shares today, without those who got the badge
/// since they were chosen.
pub(super) async fn as_of_now(
    deps: &Deps,
    author: Author,
    badge: &str,
    people: &[Person],
) -> Result<Vec<Person>, WebError> {
    let current = deps.store.read(async |tx| {
        let mut current = Vec::with_capacity(people.len());
        for person in people {
            current.extend(today(tx, author, badge, person.clone()).await?);
        }
        Ok::<_, StoreError>(current)
    });
    Ok(current.await?)
}

async fn today(tx: &mut Tx<'_>, author: Author, badge: &str, mut person: Person) -> Result<Option<Person>, StoreError> {
    if let Some(member) = person.member {
        let known = tx
            .person(author.organisation, author.course, MemberId::new(member))
            .await?;
        if let Some(known) = known.filter(|known| known.status != EnrolmentStatus::Gone) {
            person.address = known.email.or(person.address);
            if !known.name.is_empty() {
                person.name = known.name;
            }
        }
    }
    let Some(recipient) = person.recipient() else {
        return Ok(None);
    };
    let earlier = tx
        .earlier_award(author.organisation, badge, &recipient.key(), person.address.as_ref())
        .await?;
    // revoked or taken back since it was chosen: what is sent now is a new one
    let unasked = Earlier::next_generation(earlier, false);
    person.generation = person.generation.max(unasked);
    let has_it = earlier.is_some_and(|earlier| stands(earlier.state) && earlier.generation >= person.generation);
    let other = otherwise(tx, author, badge, &person).await?;
    let is_replaced =
        |other: &Otherwise| person.instead == Some(other.id.uuid()) && is_held_here(author, &person, other);
    let replaces = other.as_ref().is_some_and(is_replaced);
    let got_it = person.generation == unasked && other.is_some() && !replaces;
    if !replaces {
        person.instead = None;
    }
    Ok((!has_it && !got_it).then_some(person))
}

/// What a rule or an application gave the person, as long as it stands: it is by no means the same award (P2), so a
/// person has to be asked.
async fn otherwise(
    tx: &mut Tx<'_>,
    author: Author,
    badge: &str,
    person: &Person,
) -> Result<Option<Otherwise>, StoreError> {
    let member = person.member.map(MemberId::new);
    tx.award_otherwise(author.organisation, badge, member, person.address.as_ref())
        .await
}

/// Whether a rule of this course holds the badge for the person: a teacher may issue it by hand instead.
fn is_held_here(author: Author, person: &Person, other: &Otherwise) -> bool {
    person.member.is_some() && matches!(other.state, AwardState::Held(_)) && other.course == Some(author.course)
}

/// Whether the person has the badge by now; one that is still on its way is not issued a second time.
const fn has_arrived(state: AwardState) -> bool {
    matches!(state, AwardState::Issued | AwardState::Revoking)
}

/// Whether the person has the badge, or will have it without anybody's help.
const fn stands(state: AwardState) -> bool {
    !matches!(state, AwardState::Revoked | AwardState::Withdrawn | AwardState::Refused)
}
