//! Whose turn it is at an LMS: a connection is asked about one course after the other. A course that finds it busy waits
//! without a job of its own running, and is brought forward by the one before it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::{ConnectionId, CourseId, OrganisationId};

/// A course that waits.
type Waiting = (OrganisationId, CourseId);

/// The connections that this process asks, each with the courses that wait for it.
#[derive(Debug, Default)]
pub(super) struct Turns {
    lines: Mutex<HashMap<ConnectionId, Line>>,
}

#[derive(Debug, Default)]
struct Line {
    is_busy: bool,
    waiting: VecDeque<Waiting>,
}

/// A connection that is being asked; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    id: ConnectionId,
}

impl Turns {
    fn lines(&self) -> MutexGuard<'_, HashMap<ConnectionId, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection, if nobody asks it; else the course waits for it, once.
    pub(super) fn take(&self, id: ConnectionId, organisation: OrganisationId, course: CourseId) -> Option<Turn<'_>> {
        let mut lines = self.lines();
        let line = lines.entry(id).or_default();
        let is_in_line = line.waiting.contains(&(organisation, course));
        if line.is_busy {
            if !is_in_line {
                line.waiting.push_back((organisation, course));
            }
            return None;
        }
        if is_in_line {
            line.waiting.retain(|waiting| *waiting != (organisation, course));
        }
        line.is_busy = true;
        drop(lines);
        Some(Turn { turns: self, id })
    }
}

impl Turn<'_> {
    /// Gives the connection back, and says who has waited longest: it is to be called.
    pub(super) fn pass_on(self) -> Option<Waiting> {
        self.turns.lines().get_mut(&self.id)?.waiting.pop_front()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut lines = self.turns.lines();
        if let Some(line) = lines.get_mut(&self.id) {
            line.is_busy = false;
            if line.waiting.is_empty() {
                lines.remove(&self.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_connection_is_asked_by_one_at_a_time_and_who_waited_is_called() {
        let (turns, organisation) = (Turns::default(), OrganisationId::new(Uuid::from_u128(1)));
        let connection = |id| ConnectionId::new(Uuid::from_u128(id));
        let course = |id| CourseId::new(Uuid::from_u128(id));
        let first = turns.take(connection(1), organisation, course(1)).unwrap();
        for id in [2, 3, 2] {
            assert!(turns.take(connection(1), organisation, course(id)).is_none());
        }
        assert!(
            turns.take(connection(2), organisation, course(9)).is_some(),
            "another connection"
        );
        assert_eq!(first.pass_on(), Some((organisation, course(2))));
        let second = turns.take(connection(1), organisation, course(2)).unwrap();
        assert!(turns.take(connection(1), organisation, course(4)).is_none());
        assert_eq!(second.pass_on(), Some((organisation, course(3))));
        // the third comes by itself before it was called, and fails
        drop(turns.take(connection(1), organisation, course(4)).unwrap());
        let last = turns.take(connection(1), organisation, course(5)).unwrap();
        assert_eq!(last.pass_on(), None);
        assert!(turns.lines().is_empty());
    }
}
