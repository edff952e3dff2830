//! Courses, the people in them, and what a launch left behind.

use crate::clock::Timestamp;

use super::content::{GradeFacts, Placed};
use super::{
    Address, ContentId, CourseId, LinkId, MemberId, OrganisationId, RegistrationId, SeatId, SessionId, Standing,
};

/// A course: `(registration, organisation, context.id)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Our id.
    pub id: CourseId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Where it comes from.
    pub registration: RegistrationId,
    /// Its title, or its label, or its id.
    pub title: String,
    /// The LMS's short name for it; may be empty.
    pub label: String,
    /// The deployment of its last launch: named in service tokens.
    pub lti_deployment_id: String,
    /// Where its roster is read (LTI Names and Role Provisioning Services 2.0), if the LMS offers it.
    pub memberships_url: Option<String>,
    /// How its roster stands.
    pub roster: RosterState,
}

/// How a course's roster stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterState {
    /// Counts complete reads; a person with an older number has left.
    pub generation: i64,
    /// The last complete read.
    pub read_at: Option<Timestamp>,
    /// Since when reading fails.
    pub failing_since: Option<Timestamp>,
    /// Why, in words for staff.
    pub error: Option<String>,
    /// People read so far, while a read goes on.
    pub so_far: Option<i64>,
}

/// A person in a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The member.
    pub member: MemberId,
    /// The name, or empty.
    pub name: String,
    /// The address, normalised, if the LMS shares one that can be used.
    pub email: Option<Address>,
    /// Who they are in this course.
    pub standing: Standing,
    /// Whether they are in the course now.
    pub status: EnrolmentStatus,
    /// A test user of the LMS: never awarded.
    pub test: bool,
}

/// Whether somebody is in a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolmentStatus {
    /// In the course.
    Active,
    /// Listed, but not active: suspended or not joined yet.
    Inactive,
    /// Missing from the last complete roster.
    Gone,
}

impl EnrolmentStatus {
    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Gone => "gone",
        }
    }

    /// Reads the stored word; anything else is active.
    pub fn of(word: &str) -> Self {
        match word {
            "inactive" => Self::Inactive,
            "gone" => Self::Gone,
            _ => Self::Active,
        }
    }
}

/// What a verified launch brings to the store: plain values, already parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchFacts {
    /// Through which registration.
    pub registration: RegistrationId,
    /// Whose the deployment is.
    pub organisation: OrganisationId,
    /// The LMS's text for the deployment.
    pub lti_deployment_id: String,
    /// The person; `None`: an anonymous launch.
    pub person: Option<PersonFacts>,
    /// The course; `None`: the launch named none.
    pub course: Option<CourseFacts>,
    /// The resource link's id and title.
    pub link: Option<(String, String)>,
    /// The content that the link shows, as its placing said.
    pub content: Option<ContentId>,
    /// Where the link's grades are.
    pub grades: GradeFacts,
    /// The contexts that the course was copied from.
    pub origins: Vec<String>,
    /// Who they are in this course, by this launch.
    pub standing: Standing,
    /// Learner, also beside a staff role.
    pub also_learner: bool,
    /// A test user of the LMS.
    pub test: bool,
    /// An administrator of the LMS: gives no right in a course.
    pub administers: bool,
    /// The language that the LMS shows.
    pub locale: Option<String>,
    /// Shown in a frame.
    pub framed: bool,
}

/// Who launched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersonFacts {
    /// The LMS's id of the person.
    pub sub: String,
    /// The name, or empty.
    pub name: String,
    /// The address, if shared.
    pub email: Option<Address>,
    /// The person's language.
    pub locale: Option<String>,
    /// The LMS's own id of the user.
    pub lms_id: Option<String>,
    /// The student information system's id.
    pub sis_id: Option<String>,
    /// The LTI 1.1 user id.
    pub legacy_id: Option<String>,
}

/// Where they launched from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CourseFacts {
    /// The LMS's id of the course.
    pub context_id: String,
    /// The title; may be empty.
    pub title: String,
    /// The short name; may be empty.
    pub label: String,
    /// Where the roster is read.
    pub memberships_url: Option<String>,
    /// The LMS's own id of the course.
    pub lms_id: Option<String>,
    /// The student information system's id.
    pub sis_id: Option<String>,
}

/// What a launch made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seated {
    /// The new seat.
    pub seat: SeatId,
    /// Its session: an earlier one of the same browser and person, or a new one.
    pub session: SessionId,
    /// Whether the session is new, so that its cookie has to be set.
    pub new_session: bool,
    /// The course, if the launch named one.
    pub course: Option<CourseId>,
    /// The member, if the launch named one.
    pub member: Option<MemberId>,
    /// The link, if the launch named one.
    pub link: Option<LinkId>,
    /// What the placed link shows, if it is one that we know.
    pub placed: Option<Placed>,
    /// The member got an address that was not known before.
    pub new_address: bool,
    /// Course, person or enrolment were not known like this before: signals may have waited for them.
    pub is_news: bool,
}

/// A seat with its session: what every page of a course starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Its id, as in the address.
    pub id: SeatId,
    /// Its session.
    pub session: SessionId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The organisation's name.
    pub organisation_name: String,
    /// Through which registration.
    pub registration: RegistrationId,
    /// The course, if the launch named one.
    pub course: Option<CourseId>,
    /// The member, if the launch named one.
    pub member: Option<MemberId>,
    /// The member's name, or empty.
    pub member_name: String,
    /// What they may do.
    pub standing: Standing,
    /// A test user of the LMS: nothing is sent or saved.
    pub test: bool,
    /// An administrator of the LMS, as the launch said: gives no right in a course.
    pub administers: bool,
    /// The launch's locale.
    pub locale: Option<String>,
    /// Shown in a frame.
    pub framed: bool,
    /// The secret that forms of this session carry.
    pub csrf: String,
    /// The language that the person chose.
    pub language: Option<String>,
    /// The appearance that the person chose.
    pub appearance: Option<String>,
    /// When the session was last seen (kept within five minutes).
    pub seen_at: Timestamp,
    /// When the session began.
    pub session_since: Timestamp,
}
