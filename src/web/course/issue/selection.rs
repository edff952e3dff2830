//! The people of a draft: who is in, who is taken out, in the order of choosing.

use uuid::Uuid;

use crate::crypto::digest;
use crate::model::request::Person;

/// The selection of a draft. Nobody is in it twice: neither a member nor an address.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    people: &'a mut Vec<Person>,
}

impl<'a> Selection<'a> {
    pub(super) fn of(people: &'a mut Vec<Person>) -> Self {
        Self { people }
    }

    /// Adds somebody; `false` if they are in already.
    pub(super) fn add(&mut self, person: Person) -> bool {
        let same = |known: &Person| {
            let same_member = known.member.is_some() && known.member == person.member;
            let same_address = known.address.is_some() && known.address == person.address;
            same_member || same_address
        };
        let Some(known) = self.people.iter_mut().find(|known| same(known)) else {
            self.people.push(person);
            return true;
        };
        // the raised generation of "issue again" stays, and a member stands above a bare address
        if known.member.is_none() && person.member.is_some() || person.generation > known.generation {
            *known = person;
        }
        false
    }

    /// Takes out who has this key; see [`key`].
    pub(super) fn remove(&mut self, wanted: &str) {
        self.people.retain(|person| key(person) != wanted);
    }

    /// Takes everybody out.
    pub(super) fn clear(&mut self) {
        self.people.clear();
    }

    /// Whether somebody has this key.
    pub(super) fn has(&self, wanted: &str) -> bool {
        self.people.iter().any(|person| key(person) == wanted)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.people.len()
    }
}

/// What names a person in forms and HTML ids: a member's id, or a digest of a bare address.
pub(super) fn key(person: &Person) -> String {
    match (person.member, &person.address) {
        (Some(member), _) => member.to_string(),
        (None, Some(address)) => {
            let hash = digest::sha256_hex(address.as_str().as_bytes());
            format!("a-{}", hash.get(..24).unwrap_or_default())
        }
        (None, None) => String::new(),
    }
}

/// The name to show: the name, or the address.
pub(super) fn name(person: &Person) -> String {
    if person.name.trim().is_empty() {
        person.address.as_ref().map(ToString::to_string).unwrap_or_default()
    } else {
        person.name.clone()
    }
}

/// The member that a key of a form names.
pub(super) fn member(key: &str) -> Option<Uuid> {
    Uuid::try_parse(key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    fn person(member: Option<u128>, address: Option<&str>) -> Person {
        Person {
            member: member.map(Uuid::from_u128),
            address: address.map(|text| Address::parse(text).unwrap()),
            name: String::new(),
            generation: 0,
            instead: None,
        }
    }

    #[test]
    fn nobody_is_selected_twice() {
        let mut people = Vec::new();
        let mut selection = Selection::of(&mut people);
        assert!(selection.add(person(None, Some("a@marlowe.example"))));
        assert!(!selection.add(person(Some(1), Some("A@marlowe.example"))));
        assert!(!selection.add(person(Some(1), None)));
        assert!(selection.add(person(Some(2), None)));
        assert_eq!(selection.len(), 2);
        selection.remove(&Uuid::from_u128(1).to_string());
        assert_eq!(people, [person(Some(2), None)]);
    }
}
