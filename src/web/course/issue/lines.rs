//! What becomes of pasted or uploaded lines: somebody of the course is selected as that member, an address outside is
//! added where the organisation allows it, everything else is named with its line.

use std::collections::{BTreeSet, HashMap};

use super::choosing;
use super::selection::Selection;
use crate::model::draft::{DraftLine, LineFate};
use crate::model::request::Person;
use crate::model::{Address, EnrolmentStatus, PastedAddresses};
use crate::store::Author;
use crate::store::{StoreError, Tx};
use crate::web::course::pasted::Said;
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::issue_people::{Fate, Line, Pasting};

/// Which addresses outside the course may be added.
#[derive(Clone, Debug)]
pub(super) enum Policy {
    Off,
    Domains(BTreeSet<String>),
    Any,
}

impl Policy {
    /// The organisation's policy; where it lists no domains, those of the course's people count.
    pub(super) async fn read(tx: &mut Tx<'_>, author: Author) -> Result<Self, StoreError> {
        let organisation = tx.organisation(author.organisation).await?;
        let Some(organisation) = organisation else {
            return Ok(Self::Off);
        };
        Ok(match organisation.pasted {
            PastedAddresses::Off => Self::Off,
            PastedAddresses::Any => Self::Any,
            PastedAddresses::Domains if organisation.domains.is_empty() => {
                Self::Domains(tx.roster_domains(author.organisation, author.course).await?)
            }
            PastedAddresses::Domains => {
                let lower = organisation.domains.iter().map(|domain| domain.to_lowercase());
                Self::Domains(lower.collect())
            }
        })
    }

    fn allows(&self, address: &Address) -> bool {
        match self {
            Self::Off => false,
            Self::Any => true,
            Self::Domains(domains) => domains.contains(address.domain()),
        }
    }

    /// As the page tells it.
    pub(super) fn view(&self) -> Pasting {
        match self {
            Self::Off => Pasting::Off,
            Self::Any => Pasting::Any,
            Self::Domains(domains) if domains.is_empty() => Pasting::Off,
            Self::Domains(domains) => Pasting::Domains(domains.iter().cloned().collect()),
        }
    }
}

/// Decides about every line, and selects whom it may.
pub(super) async fn decide(
    deps: &Deps,
    author: Author,
    badge: &str,
    said: Vec<Said>,
    selection: &mut Selection<'_>,
) -> Result<Vec<DraftLine>, WebError> {
    let decided = deps.store.read(async |tx| {
        let policy = Policy::read(tx, author).await?;
        let mut seen: HashMap<Address, usize> = HashMap::new();
        let mut decided = Vec::with_capacity(said.len());
        for line in said {
            let (number, text) = (line.number, line.text);
            let (fate, person) = match line.person {
                None => (LineFate::Unreadable, None),
                Some((address, _)) if seen.contains_key(&address) => {
                    let first = seen.get(&address).copied().unwrap_or(number);
                    (LineFate::Again { first }, None)
                }
                Some((address, name)) => {
                    seen.insert(address.clone(), number);
                    fate(tx, author, badge, &policy, address, name).await?
                }
            };
            decided.push((
                DraftLine {
                    number,
                    said: text,
                    fate,
                },
                person,
            ));
        }
        Ok::<_, StoreError>(decided)
    });
    let mut lines = Vec::new();
    for (line, person) in decided.await? {
        lines.push(line);
        if let Some(person) = person {
            selection.add(person);
        }
    }
    Ok(lines)
}

async fn fate(
    tx: &mut Tx<'_>,
    author: Author,
    badge: &str,
    policy: &Policy,
    address: Address,
    name: String,
) -> Result<(LineFate, Option<Person>), StoreError> {
    let (organisation, course) = (author.organisation, author.course);
    let known = match tx.member_by_address(organisation, course, &address).await? {
        Some(member) => tx.person(organisation, course, member).await?,
        None => None,
    };
    let (person, fate) = match known {
        Some(known) if known.test || known.status != EnrolmentStatus::Active => return Ok((LineFate::Outside, None)),
        Some(known) => {
            let name = if known.name.is_empty() {
                address.to_string()
            } else {
                known.name.clone()
            };
            let fate = LineFate::Found {
                member: known.member.uuid(),
                name,
            };
            (person(Some(known.member.uuid()), address, known.name), fate)
        }
        None if policy.allows(&address) => {
            let fate = LineFate::Added { email: address.clone() };
            (person(None, address, name), fate)
        }
        None => return Ok((LineFate::Outside, None)),
    };
    let chosen = choosing::choose(tx, author, badge, person, false).await?;
    if chosen.person.is_none() {
        let since = chosen.since.unwrap_or_default();
        return Ok((LineFate::HasIt { since }, None));
    }
    Ok((fate, chosen.person))
}

fn person(member: Option<uuid::Uuid>, address: Address, name: String) -> Person {
    Person {
        member,
        address: Some(address),
        name,
        generation: 0,
        instead: None,
    }
}

/// Whether the line's person is part of the selection.
pub(super) const fn is_in(fate: &LineFate) -> bool {
    matches!(fate, LineFate::Found { .. } | LineFate::Added { .. })
}

/// A line as the page shows it.
pub(super) fn view(line: &DraftLine) -> Line {
    let fate = match &line.fate {
        LineFate::Found { name, .. } => Fate::Found { name: name.clone() },
        LineFate::Added { email } => Fate::Added {
            email: email.to_string(),
        },
        LineFate::Outside => Fate::Outside,
        LineFate::HasIt { since } => Fate::HasIt { since: *since },
        LineFate::Again { first } => Fate::Again { first: *first },
        LineFate::Unreadable => Fate::Unreadable,
    };
    Line {
        number: line.number,
        said: line.said.clone(),
        fate,
    }
}
