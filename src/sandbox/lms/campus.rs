//! Who and what there is in the demo LMS: people, courses and who takes part in which.

use std::collections::HashMap;

/// A person as the LMS knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The `sub` of launches, unique in this LMS. Numbers as text, as in Moodle.
    pub id: String,
    /// The sign-in name. The test hooks take it wherever they take an id.
    pub username: String,
    /// First name or names.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Absent: the LMS knows no address.
    pub email: Option<String>,
    /// The language of the person's pages, for example `fr`.
    pub locale: String,
    /// An administrator of the whole site may enter any course.
    pub is_administrator: bool,
}

impl Person {
    /// A person with an address at `campus.example` and English pages.
    pub fn new(id: &str, username: &str, given_name: &str, family_name: &str) -> Self {
        Self {
            id: id.to_owned(),
            username: username.to_owned(),
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            email: Some(format!("{username}@campus.example")),
            locale: "en".to_owned(),
            is_administrator: false,
        }
    }

    /// First and last name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

/// What a person is in a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Teaches the course.
    Teacher,
    /// Helps to teach it (Moodle: a non-editing teacher).
    TeachingAssistant,
    /// Learns in it.
    Learner,
    /// A teacher's make-believe learner. Moodle has no such thing and sends a learner.
    TestStudent,
}

/// A course with the one link to the tool that stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// `context.id` of launches.
    pub id: String,
    /// The short name, for example `BIO-2010`. The test hooks take it wherever they take an id.
    pub label: String,
    /// The full name.
    pub title: String,
    /// One or two sentences for the course page.
    pub summary: String,
    /// `resource_link.id` of the link to the tool.
    pub link_id: String,
    /// `resource_link.title` of the link to the tool.
    pub link_title: String,
    /// The ids of the courses that this one was copied from, newest first.
    pub history: Vec<String>,
}

impl Course {
    /// A course whose link is named "Badges".
    pub fn new(id: &str, label: &str, title: &str, link_id: &str) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            title: title.to_owned(),
            summary: String::new(),
            link_id: link_id.to_owned(),
            link_title: "Badges".to_owned(),
            history: Vec::new(),
        }
    }
}

/// All people and courses.
#[derive(Clone, Debug, Default)]
pub struct Campus {
    people: Vec<Person>,
    index: HashMap<String, usize>,
    courses: Vec<Taught>,
}

#[derive(Clone, Debug)]
struct Taught {
    course: Course,
    roles: HashMap<String, Role>,
    // Sorted by last name, first name, id: rosters are read in this order, page by page.
    order: Vec<(String, String)>,
}

impl Campus {
    /// Nobody and nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Everybody, in the order in which they were added.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// All courses.
    pub fn courses(&self) -> impl Iterator<Item = &Course> {
        self.courses.iter().map(|taught| &taught.course)
    }

    /// The person with this id or sign-in name.
    pub fn person(&self, id_or_username: &str) -> Option<&Person> {
        self.index.get(id_or_username).and_then(|at| self.people.get(*at))
    }

    /// The course with this id or short name.
    pub fn course(&self, id_or_label: &str) -> Option<&Course> {
        self.taught(id_or_label).map(|taught| &taught.course)
    }

    /// What `person` is in `course`; none for strangers.
    pub fn role(&self, course: &str, person: &str) -> Option<Role> {
        let person = self.person(person)?;
        self.taught(course)?.roles.get(&person.id).copied()
    }

    /// How many people take part in `course`.
    pub fn size(&self, course: &str) -> usize {
        self.taught(course).map_or(0, |taught| taught.order.len())
    }

    /// Up to `limit` people of `course` from place `from` on, by last name.
    pub fn roster(&self, course: &str, from: usize, limit: usize) -> Vec<(&Person, Role)> {
        let Some(taught) = self.taught(course) else {
            return Vec::new();
        };
        let part = taught.order.iter().skip(from).take(limit);
        part.filter_map(|(_, id)| Some((self.person(id)?, *taught.roles.get(id)?)))
            .collect()
    }

    /// Adds a course; one with the same id is replaced, its people stay.
    pub fn add_course(&mut self, course: Course) {
        if let Some(known) = self.courses.iter_mut().find(|known| known.course.id == course.id) {
            known.course = course;
        } else {
            self.courses.push(Taught {
                course,
                roles: HashMap::new(),
                order: Vec::new(),
            });
        }
    }

    /// Adds a person; one with the same id is replaced and stays in their courses.
    pub fn add_person(&mut self, person: Person) {
        if let Some(at) = self.index.get(&person.id).copied() {
            if let Some(known) = self.people.get_mut(at) {
                self.index.remove(&known.username);
                self.index.insert(person.username.clone(), at);
                *known = person;
            }
            return;
        }
        let at = self.people.len();
        self.index.insert(person.username.clone(), at);
        self.index.insert(person.id.clone(), at);
        self.people.push(person);
    }

    /// Puts a person into a course, or changes what they are there. False if one of the two is unknown.
    pub fn enrol(&mut self, course: &str, person: &str, role: Role) -> bool {
        let Some((key, id)) = self.person(person).map(|found| (sort_key(found), found.id.clone())) else {
            return false;
        };
        let Some(taught) = self.taught_mut(course) else {
            return false;
        };
        if taught.roles.insert(id.clone(), role).is_none() {
            let entry = (key, id);
            let at = taught.order.partition_point(|other| *other < entry);
            taught.order.insert(at, entry);
        }
        true
    }

    /// Takes a person out of a course. False if they were not in it.
    pub fn withdraw(&mut self, course: &str, person: &str) -> bool {
        let Some(id) = self.person(person).map(|found| found.id.clone()) else {
            return false;
        };
        let Some(taught) = self.taught_mut(course) else {
            return false;
        };
        taught.order.retain(|(_, other)| *other != id);
        taught.roles.remove(&id).is_some()
    }

    /// Changes or takes away a person's address. False if there is no such person.
    pub fn set_email(&mut self, person: &str, email: Option<&str>) -> bool {
        let Some(at) = self.index.get(person).copied() else {
            return false;
        };
        let Some(found) = self.people.get_mut(at) else {
            return false;
        };
        found.email = email.map(str::to_owned);
        true
    }

    /// Fills a course with `count` invented learners; gives their ids. Ids start at 100000 and go on from call to call.
    pub fn seed_people(&mut self, course: &str, count: usize) -> Vec<String> {
        let first = 100_000 + self.people.len();
        let mut ids = Vec::with_capacity(count);
        let mut entries = Vec::with_capacity(count);
        for number in first..first.saturating_add(count) {
            let family = family_name(number);
            let person = Person::new(
                &number.to_string(),
                &format!("learner{number}"),
                &format!("No{number}"),
                family,
            );
            entries.push((sort_key(&person), person.id.clone()));
            ids.push(person.id.clone());
            self.add_person(person);
        }
        if let Some(taught) = self.taught_mut(course) {
            for id in &ids {
                taught.roles.insert(id.clone(), Role::Learner);
            }
            taught.order.extend(entries);
            taught.order.sort_unstable();
        }
        ids
    }

    fn taught(&self, course: &str) -> Option<&Taught> {
        self.courses
            .iter()
            .find(|taught| taught.course.id == course || taught.course.label == course)
    }

    fn taught_mut(&mut self, course: &str) -> Option<&mut Taught> {
        self.courses
            .iter_mut()
            .find(|taught| taught.course.id == course || taught.course.label == course)
    }
}

fn sort_key(person: &Person) -> String {
    format!(
        "{}\u{1}{}",
        person.family_name.to_lowercase(),
        person.given_name.to_lowercase()
    )
}

fn family_name(number: usize) -> &'static str {
    const NAMES: [&str; 8] = [
        "Abara",
        "Bergström",
        "Côté",
        "D'Angelo",
        "Eriksen",
        "Fontaine",
        "Gagné",
        "Hollis",
    ];
    NAMES.get(number % NAMES.len()).copied().unwrap_or("Abara")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roster_is_read_in_order_and_without_gaps() {
        let mut campus = Campus::sample();
        campus.seed_people("SAF-1000", 1000);
        let whole = campus.roster("3", 0, usize::MAX).len();
        assert_eq!(whole, campus.size("3"));
        let mut seen = Vec::new();
        for from in (0..whole).step_by(64) {
            seen.extend(campus.roster("3", from, 64).iter().map(|(person, _)| person.id.clone()));
        }
        let distinct: std::collections::HashSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (whole, whole));
    }

    #[test]
    fn people_come_go_and_lose_their_address() {
        let mut campus = Campus::sample();
        campus.add_person(Person::new("50", "new", "New", "Comer"));
        assert!(campus.enrol("2", "new", Role::Learner));
        assert_eq!(campus.role("BIO-2010", "50"), Some(Role::Learner));
        assert!(campus.set_email("new", None));
        assert_eq!(campus.person("50").unwrap().email, None);
        assert!(campus.withdraw("2", "50"));
        assert_eq!(campus.role("2", "50"), None);
        assert!(!campus.withdraw("2", "50"));
        assert!(!campus.enrol("2", "nobody", Role::Learner));
    }
}
