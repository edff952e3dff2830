//! Courses and their rosters. Every method takes the organisation (promise P5).

use uuid::Uuid;

use super::fingerprint::fingerprint;
use super::job::NewJob;
use super::launch::search_forms;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::{
    Address, Course, CourseId, EnrolmentStatus, MemberId, OrganisationId, Person, RegistrationId, RosterState, Standing,
};

/// A member as one page of a roster names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    /// The LMS's id of the person.
    pub sub: String,
    /// The name, or empty.
    pub name: String,
    /// The address, if shared.
    pub email: Option<Address>,
    /// Who they are, by the roster.
    pub standing: Standing,
    /// Learner, also beside a staff role.
    pub also_learner: bool,
    /// Active or inactive.
    pub status: EnrolmentStatus,
    /// A test user.
    pub test: bool,
    /// The student information system's id.
    pub sis_id: Option<String>,
    /// The LTI 1.1 user id.
    pub legacy_id: Option<String>,
    /// The LMS's own id.
    pub lms_id: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CourseRow {
    id: Uuid,
    organisation_id: Uuid,
    registration_id: Uuid,
    title: String,
    label: String,
    lti_deployment_id: String,
    memberships_url: Option<String>,
    roster_generation: i64,
    roster_read_at: Option<i64>,
    roster_failing_since: Option<i64>,
    roster_error: Option<String>,
    roster_so_far: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: Uuid,
    name: String,
    email: Option<String>,
    standing: Option<String>,
    status: String,
    test: bool,
}

const COURSE: &str = "SELECT id, organisation_id, registration_id, title, label, lti_deployment_id, memberships_url,
    roster_generation, roster_read_at, roster_failing_since, roster_error, roster_so_far
    FROM course WHERE organisation_id = $1 AND id = $2";
const PERSON: &str =
    "SELECT m.id, m.name, m.email, COALESCE(e.launch_standing, e.roster_standing) AS standing, e.status,
    e.test FROM enrolment e JOIN member m ON m.id = e.member_id
    WHERE e.organisation_id = $1 AND e.course_id = $2 AND e.member_id = $3";
const LEARNERS: &str = "SELECT COUNT(*) FROM enrolment WHERE organisation_id = $1 AND course_id = $2
    AND status = 'active' AND NOT test AND COALESCE(launch_standing, roster_standing) = 'learner'";
const LEARNERS_WITH_EMAIL: &str = "SELECT COUNT(*) FROM enrolment e JOIN member m ON m.id = e.member_id
    WHERE e.organisation_id = $1 AND e.course_id = $2 AND e.status = 'active' AND NOT e.test
    AND COALESCE(e.launch_standing, e.roster_standing) = 'learner' AND m.email IS NOT NULL";
const DOMAINS: &str = "SELECT DISTINCT m.email FROM enrolment e JOIN member m ON m.id = e.member_id
    WHERE e.organisation_id = $1 AND e.course_id = $2 AND m.email IS NOT NULL AND e.status <> 'gone'";
const BY_EMAIL: &str = "SELECT m.id FROM enrolment e JOIN member m ON m.id = e.member_id
    WHERE m.organisation_id = $1 AND e.course_id = $2 AND m.email = $3 AND e.status <> 'gone' ORDER BY m.id LIMIT 1";
const KNOWN_MEMBER: &str =
    "SELECT m.id, m.name, m.email, e.roster_standing, e.status, e.member_id IS NOT NULL AS enrolled
    FROM member m LEFT JOIN enrolment e ON e.member_id = m.id AND e.course_id = $4
    WHERE m.registration_id = $1 AND m.organisation_id = $2 AND m.sub = $3";
const ADD_MEMBER: &str =
    "INSERT INTO member (id, organisation_id, registration_id, sub, name, email, sort_name, search,
    fingerprint, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (registration_id, organisation_id, sub) DO UPDATE SET name = excluded.name,
        email = COALESCE(excluded.email, member.email), sort_name = excluded.sort_name, search = excluded.search
    RETURNING id";
const CHANGE_MEMBER: &str = "UPDATE member SET name = $3, email = $4, sort_name = $5, search = $6
    WHERE organisation_id = $1 AND id = $2";
/// A test user stays one, whatever a roster without that role says, until a launch says otherwise; and a launch of
/// somebody whose status changed is written again.
const ENROL: &str = "INSERT INTO enrolment (course_id, member_id, organisation_id, roster_standing, status, test,
    roster_generation, fingerprint, also_learner) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (course_id, member_id) DO UPDATE SET roster_standing = excluded.roster_standing,
        status = excluded.status, test = enrolment.test OR excluded.test, also_learner = excluded.also_learner,
        roster_generation = excluded.roster_generation,
        fingerprint = CASE WHEN enrolment.status = excluded.status THEN enrolment.fingerprint ELSE 0 END";
const BEGIN: &str =
    "UPDATE course SET roster_so_far = 0 WHERE organisation_id = $1 AND id = $2 RETURNING roster_generation";
const PROGRESS: &str = "UPDATE course SET roster_so_far = $3 WHERE organisation_id = $1 AND id = $2";
const FINISH: &str = "UPDATE course SET roster_generation = $3, roster_read_at = $4, roster_failing_since = NULL,
    roster_error = NULL, roster_so_far = NULL WHERE organisation_id = $1 AND id = $2";
const LEAVE: &str =
    "UPDATE enrolment SET status = 'gone', fingerprint = 0 WHERE course_id = $1 AND organisation_id = $2
    AND member_id IN (SELECT member_id FROM enrolment WHERE course_id = $1 AND roster_generation < $3
        AND status <> 'gone' LIMIT 500)";
const KEEP_DIFFERENCES: &str =
    "UPDATE course SET roster_differences = $3, roster_whole_at = COALESCE($4, roster_whole_at)
    WHERE organisation_id = $1 AND id = $2";
const DIFFERENCES: &str = "SELECT roster_differences, roster_whole_at FROM course
    WHERE organisation_id = $1 AND id = $2 AND roster_differences IS NOT NULL AND roster_whole_at IS NOT NULL";
const FAIL: &str = "UPDATE course SET roster_failing_since = COALESCE(roster_failing_since, $3), roster_error = $4,
    roster_so_far = NULL WHERE organisation_id = $1 AND id = $2";

impl Tx<'_> {
    /// One course of the organisation.
    pub async fn course(&mut self, organisation: OrganisationId, id: CourseId) -> Result<Option<Course>, StoreError> {
        let row: Option<CourseRow> =
            on!(self, sqlx::query_as(COURSE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(row.map(CourseRow::into_course))
    }

    /// One person of a course.
    pub async fn person(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        member: MemberId,
    ) -> Result<Option<Person>, StoreError> {
        let row: Option<PersonRow> = on!(self, sqlx::query_as(PERSON).bind(organisation.uuid()).bind(course.uuid())
            .bind(member.uuid()) => fetch_optional)?;
        Ok(row.map(PersonRow::into_person))
    }

    /// How many active learners a course has; staff and test users are left out.
    pub async fn learner_count(&mut self, organisation: OrganisationId, course: CourseId) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(LEARNERS).bind(organisation.uuid()).bind(course.uuid()) => fetch_one)
    }

    /// How many of them have an address.
    pub async fn learners_with_email(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(LEARNERS_WITH_EMAIL).bind(organisation.uuid())
            .bind(course.uuid()) => fetch_one)
    }

    /// The domains of the addresses in a course's roster.
    pub async fn roster_domains(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<std::collections::BTreeSet<String>, StoreError> {
        let rows: Vec<String> =
            on!(self, sqlx::query_scalar(DOMAINS).bind(organisation.uuid()).bind(course.uuid()) => fetch_all)?;
        Ok(rows
            .iter()
            .filter_map(|text| text.rsplit_once('@'))
            .map(|(_, domain)| domain.to_owned())
            .collect())
    }

    /// The person of a course who has this address; the first of several.
    pub async fn member_by_address(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        address: &Address,
    ) -> Result<Option<MemberId>, StoreError> {
        let id: Option<Uuid> = on!(self, sqlx::query_scalar(BY_EMAIL).bind(organisation.uuid()).bind(course.uuid())
            .bind(address.as_str()) => fetch_optional)?;
        Ok(id.map(MemberId::new))
    }

    /// Begins a read of the roster; the number that its rows carry. `None`: no such course.
    pub async fn begin_roster(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Option<i64>, StoreError> {
        let last: Option<i64> =
            on!(self, sqlx::query_scalar(BEGIN).bind(organisation.uuid()).bind(course.uuid()) => fetch_optional)?;
        Ok(last.map(|generation| generation.saturating_add(1)))
    }

    /// Stores up to 50 entries of a roster page; the members whose address became known or changed.
    pub async fn take_roster_entries(
        &mut self,
        course: &Course,
        generation: i64,
        so_far: i64,
        entries: &[RosterEntry],
        now: Timestamp,
    ) -> Result<Vec<MemberId>, StoreError> {
        let mut with_new_address = Vec::new();
        for entry in entries {
            let (member, new_address, changed) = self.take_member(course, entry, now).await?;
            if new_address {
                with_new_address.push(member);
            }
            on!(self, sqlx::query(ENROL).bind(course.id.uuid()).bind(member.uuid()).bind(course.organisation.uuid())
                .bind(entry.standing.word()).bind(entry.status.word()).bind(entry.test).bind(generation)
                .bind(fingerprint(&[])).bind(entry.also_learner) => execute)?;
            if changed && self.wants_evaluation(course.organisation, course.id).await? {
                let job = NewJob::evaluate(course.organisation, course.id, member, now);
                self.enqueue(&job, now).await?;
            }
            let names = [
                ("lms", &entry.lms_id),
                ("sis", &entry.sis_id),
                ("legacy", &entry.legacy_id),
            ];
            for (kind, value) in names {
                let Some(value) = value else { continue };
                self.learn_member_alias(course.organisation, course.registration, member, kind, value)
                    .await?;
            }
        }
        on!(self, sqlx::query(PROGRESS).bind(course.organisation.uuid()).bind(course.id.uuid())
            .bind(so_far) => execute)?;
        Ok(with_new_address)
    }

    async fn take_member(
        &mut self,
        course: &Course,
        entry: &RosterEntry,
        now: Timestamp,
    ) -> Result<(MemberId, bool, bool), StoreError> {
        type Known = (Uuid, String, Option<String>, Option<String>, Option<String>, bool);
        let known: Option<Known> = on!(self, sqlx::query_as(KNOWN_MEMBER).bind(course.registration.uuid())
            .bind(course.organisation.uuid()).bind(&entry.sub).bind(course.id.uuid()) => fetch_optional)?;
        let email = entry.email.as_ref().map(Address::as_str);
        let Some((id, name, known_email, standing, status, enrolled)) = known else {
            let (sort_name, search) = search_forms(&entry.name, entry.email.as_ref());
            let id: Uuid = on!(self, sqlx::query_scalar(ADD_MEMBER).bind(random::id_at(now))
                .bind(course.organisation.uuid()).bind(course.registration.uuid()).bind(&entry.sub).bind(&entry.name)
                .bind(email).bind(sort_name).bind(search).bind(fingerprint(&[])).bind(now.millis()) => fetch_one)?;
            // nobody who was not known until now has an award that waits for an address
            return Ok((MemberId::new(id), false, true));
        };
        let new_name = if entry.name.is_empty() { &name } else { &entry.name };
        let new_email = email.or(known_email.as_deref());
        let changed_address = new_email != known_email.as_deref();
        if changed_address || *new_name != name {
            let parsed = new_email.and_then(|text| Address::parse(text).ok());
            let (sort_name, search) = search_forms(new_name, parsed.as_ref());
            on!(self, sqlx::query(CHANGE_MEMBER).bind(course.organisation.uuid()).bind(id).bind(new_name)
                .bind(new_email).bind(sort_name).bind(search) => execute)?;
        }
        let changed_place = !enrolled
            || standing.as_deref() != Some(entry.standing.word())
            || status.as_deref() != Some(entry.status.word());
        Ok((MemberId::new(id), changed_address, changed_place))
    }

    /// Ends a complete read. Who carries an older number has left: call [`Tx::leave_roster`] until it gives 0.
    pub async fn finish_roster(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        generation: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(FINISH).bind(organisation.uuid()).bind(course.uuid()).bind(generation)
            .bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Marks up to 500 people as gone (a launch of theirs is then written again) whom the complete read `generation` did not name; how many.
    pub async fn leave_roster(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        generation: i64,
    ) -> Result<u64, StoreError> {
        on!(self, sqlx::query(LEAVE).bind(course.uuid()).bind(organisation.uuid()).bind(generation) => execute)
    }

    /// Where the LMS tells what changed since the last read, and when the roster was read whole last.
    pub async fn roster_differences(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Option<(String, Timestamp)>, StoreError> {
        let row: Option<(String, i64)> =
            on!(self, sqlx::query_as(DIFFERENCES).bind(organisation.uuid()).bind(course.uuid()) => fetch_optional)?;
        Ok(row.map(|(url, at)| (url, Timestamp::from_millis(at))))
    }

    /// Keeps where changes from now on are told, if the LMS tells any; after a whole read with its moment.
    pub async fn keep_roster_differences(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        url: Option<&str>,
        whole_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(KEEP_DIFFERENCES).bind(organisation.uuid()).bind(course.uuid()).bind(url)
            .bind(whole_at.map(Timestamp::millis)) => execute)?;
        Ok(())
    }

    /// Notes that a read of the roster failed; the old roster stays.
    pub async fn fail_roster(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(FAIL).bind(organisation.uuid()).bind(course.uuid()).bind(now.millis())
            .bind(why) => execute)?;
        Ok(())
    }
}

impl CourseRow {
    fn into_course(self) -> Course {
        Course {
            id: CourseId::new(self.id),
            organisation: OrganisationId::new(self.organisation_id),
            registration: RegistrationId::new(self.registration_id),
            title: self.title,
            label: self.label,
            lti_deployment_id: self.lti_deployment_id,
            memberships_url: self.memberships_url,
            roster: RosterState {
                generation: self.roster_generation,
                read_at: self.roster_read_at.map(Timestamp::from_millis),
                failing_since: self.roster_failing_since.map(Timestamp::from_millis),
                error: self.roster_error,
                so_far: self.roster_so_far,
            },
        }
    }
}

impl PersonRow {
    fn into_person(self) -> Person {
        Person {
            member: MemberId::new(self.id),
            name: self.name,
            email: self.email.and_then(|text| Address::parse(&text).ok()),
            standing: self
                .standing
                .and_then(|word| word.parse().ok())
                .unwrap_or(Standing::None),
            status: EnrolmentStatus::of(&self.status),
            test: self.test,
        }
    }
}
