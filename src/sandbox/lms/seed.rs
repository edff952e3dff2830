//! The people and courses that a newcomer meets: names of many kinds, one person without an address.

use super::campus::{Campus, Course, Person, Role};

impl Campus {
    /// The people and the two courses that a newcomer meets.
    pub fn sample() -> Self {
        let mut campus = Self::empty();
        let mut biology = Course::new("2", "BIO-2010", "Cell Biology Lab", "1");
        "Look at cells, count them, stain them. Eight sessions in the lab and a report."
            .clone_into(&mut biology.summary);
        let mut safety = Course::new("3", "SAF-1000", "Lab Safety", "2");
        "What to wear, what not to mix and where the shower is. Before your first day in any lab."
            .clone_into(&mut safety.summary);
        campus.add_course(biology);
        campus.add_course(safety);
        for (person, biology, safety) in sample_people() {
            let id = person.id.clone();
            campus.add_person(person);
            for (course, role) in [("2", biology), ("3", safety)] {
                if let Some(role) = role {
                    campus.enrol(course, &id, role);
                }
            }
        }
        campus
    }
}

/// Each with what they are in Cell Biology Lab and in Lab Safety.
fn sample_people() -> Vec<(Person, Option<Role>, Option<Role>)> {
    let teacher = Some(Role::Teacher);
    let assistant = Some(Role::TeachingAssistant);
    let learner = Some(Role::Learner);
    let mut administrator = Person::new("2", "admin", "Robin", "Castellan");
    administrator.is_administrator = true;
    let mut french = Person::new("4", "teacher2", "Élodie", "Tremblay-O'Brien");
    "fr".clone_into(&mut french.locale);
    let mut french_learner = Person::new("13", "chloe", "Chloé", "Bélanger-Hébert");
    "fr".clone_into(&mut french_learner.locale);
    let mut without_email = Person::new("18", "nomail", "Nadia", "Nomail");
    without_email.email = None;
    let test_student = Person::new("19", "teststudent", "Test", "Student");
    vec![
        (administrator, None, None),
        (Person::new("3", "teacher1", "Teodora", "Marsh"), teacher, learner),
        (french, None, teacher),
        (Person::new("5", "assistant", "Amir", "Haddad"), assistant, None),
        (Person::new("6", "ada", "Ada", "Lindqvist"), learner, learner),
        (Person::new("7", "bjorn", "Bjørn", "Åkesson"), learner, None),
        (
            Person::new("8", "patricia", "Patricia \"Pat\"", "O'Neill"),
            learner,
            learner,
        ),
        (Person::new("9", "noa", "נועה", "כהן"), learner, learner),
        (Person::new("10", "layla", "ليلى", "حداد"), learner, None),
        (Person::new("11", "mei", "Mei-Ling", "Chen"), learner, learner),
        (Person::new("12", "sam", "Sam", "<Smith> & Daughters"), learner, None),
        (french_learner, learner, learner),
        (
            Person::new(
                "14",
                "maximiliana",
                "Maximiliana Anastasia Wilhelmina Konstantina",
                "von Hohenlohe-Schillingsfürst-Waldenburg zu Oberweißbach",
            ),
            learner,
            None,
        ),
        (Person::new("15", "ngozi", "Ngọzi", "Eze"), learner, learner),
        (Person::new("16", "dmitri", "Дмитрий", "Ковалёв"), None, learner),
        (Person::new("17", "li", "Li", "Na"), learner, learner),
        (without_email, learner, learner),
        (test_student, Some(Role::TestStudent), None),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_has_the_people_a_newcomer_needs() {
        let campus = Campus::sample();
        let count = |wanted: Role| {
            let of = |course: &str| {
                campus
                    .roster(course, 0, 100)
                    .iter()
                    .filter(|(_, role)| *role == wanted)
                    .count()
            };
            (of("BIO-2010"), of("SAF-1000"))
        };
        assert_eq!(count(Role::Teacher), (1, 1));
        assert_eq!(count(Role::TeachingAssistant), (1, 0));
        assert_eq!(count(Role::TestStudent), (1, 0));
        assert!(count(Role::Learner).0 >= 12, "{:?}", count(Role::Learner));
        assert_eq!(
            campus.people().iter().filter(|person| person.email.is_none()).count(),
            1
        );
        assert_eq!(
            campus.people().iter().filter(|person| person.is_administrator).count(),
            1
        );
    }
}
