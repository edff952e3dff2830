//! What learners have done in the demo LMS: completed courses, final grades, and activities with their scores.
//!
//! One book for all who show or send it: the LMS's pages write it, and whatever stands for an LMS's own API reads it.
//! Courses and people are named by their ids, as in [`super::Campus`]. It is kept in memory only, as sign-ins are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Timestamp;

/// The book. Clones are the same book.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    book: Arc<Mutex<Book>>,
}

/// A course's final grade of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grade {
    /// Of the whole course, 0 to 100 and above.
    pub percent: f64,
    /// Whether the learner may see it.
    pub released: bool,
    /// When it was given or last changed.
    pub at: Timestamp,
}

/// Something to do in a course.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Unique in this LMS. Numbers as text.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The points that can be reached; none: it can only be completed.
    pub maximum: Option<f64>,
}

impl Activity {
    /// An activity with points.
    pub fn new(id: &str, title: &str, maximum: f64) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            maximum: Some(maximum),
        }
    }
}

/// How a person stands in one activity.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
    /// The points, and when they were given.
    pub score: Option<(f64, Timestamp)>,
}

#[derive(Debug, Default)]
struct Book {
    /// By course, then by person.
    completed: BTreeMap<String, BTreeMap<String, Timestamp>>,
    grades: BTreeMap<String, BTreeMap<String, Grade>>,
    activities: BTreeMap<String, Vec<Activity>>,
    /// By course and activity, then by person.
    standings: BTreeMap<(String, String), BTreeMap<String, Standing>>,
}

impl Progress {
    /// The activities of the sample courses, and nobody has done anything.
    pub fn sample() -> Self {
        let progress = Self::default();
        progress.add_activity("2", Activity::new("21", "Microscope quiz", 10.0));
        progress.add_activity("2", Activity::new("22", "Lab report", 40.0));
        progress.add_activity("3", Activity::new("31", "Safety quiz", 20.0));
        progress
    }

    /// Notes that a person completed a course. False if they had already: the first moment stays.
    pub fn complete(&self, course: &str, person: &str, at: Timestamp) -> bool {
        let mut book = self.lock();
        let of_course = book.completed.entry(course.to_owned()).or_default();
        let is_new = !of_course.contains_key(person);
        of_course.entry(person.to_owned()).or_insert(at);
        is_new
    }

    /// Takes a completion back. False if there was none.
    pub fn reopen(&self, course: &str, person: &str) -> bool {
        let mut book = self.lock();
        let of_course = book.completed.get_mut(course);
        of_course.is_some_and(|people| people.remove(person).is_some())
    }

    /// When a person completed a course.
    pub fn completion(&self, course: &str, person: &str) -> Option<Timestamp> {
        self.lock().completed.get(course)?.get(person).copied()
    }

    /// Everybody who completed a course, and when; by person.
    pub fn completions(&self, course: &str) -> Vec<(String, Timestamp)> {
        listed(self.lock().completed.get(course))
    }

    /// Gives a person a final grade, or takes it away.
    pub fn set_grade(&self, course: &str, person: &str, grade: Option<Grade>) {
        let mut book = self.lock();
        let of_course = book.grades.entry(course.to_owned()).or_default();
        match grade {
            Some(grade) => of_course.insert(person.to_owned(), grade),
            None => of_course.remove(person),
        };
    }

    /// A person's final grade.
    pub fn grade(&self, course: &str, person: &str) -> Option<Grade> {
        self.lock().grades.get(course)?.get(person).copied()
    }

    /// All final grades of a course, by person.
    pub fn grades(&self, course: &str) -> Vec<(String, Grade)> {
        listed(self.lock().grades.get(course))
    }

    /// Adds an activity to a course, or replaces the one with the same id.
    pub fn add_activity(&self, course: &str, activity: Activity) {
        let mut book = self.lock();
        let of_course = book.activities.entry(course.to_owned()).or_default();
        match of_course.iter_mut().find(|known| known.id == activity.id) {
            Some(known) => *known = activity,
            None => of_course.push(activity),
        }
    }

    /// The activities of a course, in their order.
    pub fn activities(&self, course: &str) -> Vec<Activity> {
        self.lock().activities.get(course).cloned().unwrap_or_default()
    }

    /// Notes that a person completed an activity. False if they had already: the first moment stays.
    pub fn complete_activity(&self, course: &str, activity: &str, person: &str, at: Timestamp) -> bool {
        self.change(course, activity, person, |standing| {
            let is_new = standing.completed_at.is_none();
            standing.completed_at.get_or_insert(at);
            is_new
        })
    }

    /// Takes the completion of an activity back. False if there was none.
    pub fn reopen_activity(&self, course: &str, activity: &str, person: &str) -> bool {
        self.change(course, activity, person, |standing| {
            standing.completed_at.take().is_some()
        })
    }

    /// Gives a person points in an activity at a moment, or takes them away.
    pub fn set_score(&self, course: &str, activity: &str, person: &str, score: Option<(f64, Timestamp)>) {
        self.change(course, activity, person, |standing| standing.score = score);
    }

    /// How a person stands in an activity.
    pub fn standing(&self, course: &str, activity: &str, person: &str) -> Standing {
        let book = self.lock();
        let people = book.standings.get(&(course.to_owned(), activity.to_owned()));
        people
            .and_then(|people| people.get(person))
            .copied()
            .unwrap_or_default()
    }

    /// Everybody who did something in an activity, by person.
    pub fn standings(&self, course: &str, activity: &str) -> Vec<(String, Standing)> {
        let key = (course.to_owned(), activity.to_owned());
        listed(self.lock().standings.get(&key))
    }

    fn change<T>(&self, course: &str, activity: &str, person: &str, with: impl FnOnce(&mut Standing) -> T) -> T {
        let mut book = self.lock();
        let people = book
            .standings
            .entry((course.to_owned(), activity.to_owned()))
            .or_default();
        with(people.entry(person.to_owned()).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listed<T: Copy>(people: Option<&BTreeMap<String, T>>) -> Vec<(String, T)> {
    let people = people.into_iter().flatten();
    people.map(|(person, what)| (person.clone(), *what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLY: Timestamp = Timestamp::from_seconds(1_772_442_000);
    const LATE: Timestamp = Timestamp::from_seconds(1_772_449_000);

    #[test]
    fn a_course_is_completed_once_until_it_is_taken_back() {
        let progress = Progress::default();
        assert!(progress.complete("2", "6", EARLY));
        assert!(!progress.clone().complete("2", "6", LATE));
        assert_eq!(progress.completions("2"), [("6".to_owned(), EARLY)]);
        assert_eq!(progress.completion("3", "6"), None);
        assert!(progress.reopen("2", "6"));
        assert!(!progress.reopen("2", "6"));
        assert_eq!(progress.completion("2", "6"), None);
    }

    #[test]
    fn grades_and_scores_stand_beside_completions() {
        let progress = Progress::sample();
        let grade = Grade {
            percent: 82.5,
            released: true,
            at: LATE,
        };
        progress.set_grade("2", "6", Some(grade));
        assert_eq!(progress.grades("2"), [("6".to_owned(), grade)]);
        progress.set_grade("2", "6", None);
        assert_eq!(progress.grade("2", "6"), None);
        progress.set_score("2", "22", "6", Some((31.0, LATE)));
        assert!(progress.complete_activity("2", "22", "6", EARLY));
        let standing = progress.standing("2", "22", "6");
        assert_eq!(
            (standing.completed_at, standing.score),
            (Some(EARLY), Some((31.0, LATE)))
        );
        assert!(progress.reopen_activity("2", "22", "6"));
        assert_eq!(progress.standings("2", "22").len(), 1);
        assert_eq!(progress.activities("2").len(), 2);
    }
}
