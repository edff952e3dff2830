//! Whom and which course a signal is about: what was found, and what follows from it.

use super::award::words;
use super::{CourseId, MemberId, RegistrationId, Standing};

words! {
    /// Why a signal waits: it is tried again when what is missing becomes known.
    Parked {
        /// No course of the organisation has this name.
        CourseUnknown = "course-unknown",
        /// Several courses have it.
        CourseAmbiguous = "course-ambiguous",
        /// Nobody known has these names.
        PersonUnknown = "person-unknown",
        /// Several people have them.
        PersonAmbiguous = "person-ambiguous",
        /// The person is known, and not in this course.
        NotEnrolled = "not-enrolled",
    }
}

words! {
    /// Why a signal is not kept.
    Dropped {
        /// A test user of the LMS.
        TestUser = "test-user",
        /// Staff, observers and others who are no learners.
        NotLearner = "not-learner",
        /// The feed is for another course.
        OtherCourse = "other-course",
        /// It waited, and a person said that it means nothing here.
        Discarded = "discarded",
    }
}

words! {
    /// What came of a signal that was matched.
    Outcome {
        /// It is the newest news.
        Fact = "fact",
        /// Newer news was there already.
        Older = "older",
        /// It says nothing by itself: the LMS is to be asked.
        Hint = "hint",
    }
}

/// What is known by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// Nothing.
    None,
    /// One.
    One(T),
    /// Several: a name that proves nothing.
    Several,
}

impl<T: Copy + PartialEq> Found<T> {
    /// Of all that bear a name.
    pub fn of(all: &[T]) -> Self {
        match all {
            [] => Self::None,
            [one] => Self::One(*one),
            [first, rest @ ..] if rest.iter().all(|other| other == first) => Self::One(*first),
            _ => Self::Several,
        }
    }
}

/// A course that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundCourse {
    /// The course.
    pub id: CourseId,
    /// Its registration: people are looked for there.
    pub registration: RegistrationId,
}

/// How somebody stands in a course, by launch and by roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Who.
    pub member: MemberId,
    /// By the last launch.
    pub launch: Option<Standing>,
    /// By the last roster.
    pub roster: Option<Standing>,
    /// Learner beside being staff.
    pub also_learner: bool,
    /// A test user.
    pub test: bool,
}

/// What is to be done with a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is about this person in this course.
    Matched(CourseId, MemberId),
    /// It is about everybody in this course.
    Everybody(CourseId),
    /// It waits.
    Parked(Parked, Option<CourseId>),
    /// It is counted and not kept.
    Dropped(Dropped),
}

/// The course of a signal: the one that its names find, within what the feed is for.
pub fn course(named: Found<FoundCourse>, is_named: bool, own: Option<FoundCourse>) -> Result<FoundCourse, Decision> {
    match (named, own) {
        (Found::One(found), Some(own)) if found.id != own.id => Err(Decision::Dropped(Dropped::OtherCourse)),
        (Found::One(found), _) => Ok(found),
        // the sender calls the feed's course by a name of its own
        (Found::None, Some(own)) => Ok(own),
        (Found::Several, Some(own)) if !is_named => Ok(own),
        (Found::None, None) => Err(Decision::Parked(Parked::CourseUnknown, None)),
        (Found::Several, _) => Err(Decision::Parked(Parked::CourseAmbiguous, None)),
    }
}

/// What follows from how somebody stands in the course. `None`: no enrolment is known.
///
/// News about somebody who is inactive, gone from the roster, or staff as well is kept: whether it leads to a badge is
/// decided when the rules are evaluated, and again when that changes.
pub fn person(course: CourseId, enrolment: Option<Enrolment>) -> Decision {
    let Some(enrolment) = enrolment else {
        return Decision::Parked(Parked::NotEnrolled, Some(course));
    };
    if enrolment.test {
        return Decision::Dropped(Dropped::TestUser);
    }
    let is = |standing: Standing| enrolment.launch == Some(standing) || enrolment.roster == Some(standing);
    if is(Standing::Learner) || enrolment.also_learner {
        Decision::Matched(course, enrolment.member)
    } else {
        Decision::Dropped(Dropped::NotLearner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn course_id(id: u128) -> FoundCourse {
        FoundCourse {
            id: CourseId::new(Uuid::from_u128(id)),
            registration: RegistrationId::new(Uuid::nil()),
        }
    }

    fn enrolment(launch: Option<Standing>, roster: Option<Standing>, also_learner: bool, test: bool) -> Decision {
        let member = MemberId::new(Uuid::from_u128(9));
        person(
            course_id(1).id,
            Some(Enrolment {
                member,
                launch,
                roster,
                also_learner,
                test,
            }),
        )
    }

    #[test]
    fn a_feed_of_one_course_takes_news_of_no_other() {
        let (one, other) = (course_id(1), course_id(2));
        assert_eq!(course(Found::One(one), true, Some(one)), Ok(one));
        assert_eq!(course(Found::None, true, Some(one)), Ok(one));
        assert_eq!(
            course(Found::One(other), true, Some(one)),
            Err(Decision::Dropped(Dropped::OtherCourse))
        );
        assert_eq!(course(Found::One(other), true, None), Ok(other));
        assert_eq!(
            course(Found::None, true, None),
            Err(Decision::Parked(Parked::CourseUnknown, None))
        );
        assert_eq!(
            course(Found::Several, true, None),
            Err(Decision::Parked(Parked::CourseAmbiguous, None))
        );
    }

    #[test]
    fn test_users_and_staff_are_never_awarded_by_news() {
        use Standing::{Learner, LimitedStaff, Staff};
        let matched = Decision::Matched(course_id(1).id, MemberId::new(Uuid::from_u128(9)));
        let parked = |why| Decision::Parked(why, Some(course_id(1).id));
        let not_learner = Decision::Dropped(Dropped::NotLearner);
        for (launch, roster, also_learner, test, expected) in [
            (Some(Learner), None, false, false, matched),
            (None, Some(Learner), false, false, matched),
            (Some(Learner), None, false, true, Decision::Dropped(Dropped::TestUser)),
            (Some(Staff), None, false, false, not_learner),
            (None, Some(LimitedStaff), false, false, not_learner),
            (Some(Standing::None), None, false, false, not_learner),
            // learner and staff: kept for a person to decide
            (Some(Staff), Some(Learner), false, false, matched),
            (Some(Staff), None, true, false, matched),
        ] {
            assert_eq!(enrolment(launch, roster, also_learner, test), expected);
        }
        assert_eq!(person(course_id(1).id, None), parked(Parked::NotEnrolled));
    }

    #[test]
    fn a_name_that_several_bear_finds_nobody() {
        assert_eq!(Found::<u8>::of(&[]), Found::None);
        assert_eq!(Found::of(&[7, 7]), Found::One(7));
        assert_eq!(Found::of(&[7, 8]), Found::Several);
    }
}
