//! What one launch stores, in the transaction that spends its login (promise P1). Rows that did not change are not
//! written.

use sqlx::types::Json;
use uuid::Uuid;

use super::dialect::both;
use super::fingerprint::fingerprint;
use super::job::NewJob;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::content::Placed;
use crate::model::{
    Address, CourseFacts, CourseId, LaunchFacts, LinkId, MemberId, OrganisationId, PersonFacts, RegistrationId, SeatId,
    Seated, SessionId,
};

/// The session that the browser shows, and the one that is made if that does not fit.
#[derive(Clone, Debug)]
pub struct SessionOffer {
    /// The key of the session cookie that came along (`digest::index_key`).
    pub shown: Option<[u8; 32]>,
    /// The key of the cookie that a new session gets.
    pub fresh: [u8; 32],
    /// The secret that a new session's forms carry.
    pub csrf: String,
    /// A shown session seen before this moment has ended.
    pub idle_since: Timestamp,
    /// A shown session begun before this moment has ended.
    pub begun_since: Timestamp,
}

/// The rows that a launch is about, by the names that the LMS gave them.
#[derive(Clone, Debug)]
pub struct LaunchKeys {
    /// Through which registration.
    pub registration: RegistrationId,
    /// Whose the deployment is.
    pub organisation: OrganisationId,
    /// The LMS's id of the course, if the launch named one.
    pub context_id: Option<String>,
    /// The LMS's id of the person, if the launch named one.
    pub sub: Option<String>,
    /// The LMS's id of the link, if the launch named one.
    pub resource_link_id: Option<String>,
    /// The key of the session cookie that came along (`digest::index_key`).
    pub session: Option<[u8; 32]>,
}

/// What is stored of a launch's login, course, person, link and session.
#[derive(Debug)]
pub struct Found {
    /// How many logins were spent: 1, or 0 if it was spent before or has expired. Then nothing may follow.
    pub spent: u64,
    known: Known,
}

#[derive(Debug, sqlx::FromRow)]
struct Known {
    spent: i64,
    course: Option<Uuid>,
    course_print: Option<i64>,
    member: Option<Uuid>,
    member_print: Option<i64>,
    email: Option<String>,
    enrolment_print: Option<i64>,
    link: Option<Uuid>,
    link_print: Option<i64>,
    session: Option<Uuid>,
    session_member: Option<Uuid>,
    session_seen: Option<i64>,
    session_begun: Option<i64>,
}

/// Spends the login and reads what is known, in one trip to the database.
const SPEND: (&str, &str) = both!(
    (sqlite "DELETE FROM login WHERE state_hash = $7 AND expires_at > $8; SELECT changes() AS spent,"),
    (postgres "WITH gone AS (DELETE FROM login WHERE state_hash = $7 AND expires_at > $8 RETURNING 1)
    SELECT (SELECT COUNT(*) FROM gone) AS spent,"),
    " c.id AS course, c.fingerprint AS course_print, m.id AS member, m.fingerprint AS member_print,
    m.email AS email, e.fingerprint AS enrolment_print, l.id AS link, l.fingerprint AS link_print, s.id AS session,
    s.member_id AS session_member, s.seen_at AS session_seen, s.created_at AS session_begun
    FROM (SELECT 1 AS one) AS base
    LEFT JOIN course c ON c.registration_id = $1 AND c.organisation_id = $2 AND c.context_id = $3
    LEFT JOIN member m ON m.registration_id = $1 AND m.organisation_id = $2 AND m.sub = $4
    LEFT JOIN enrolment e ON e.course_id = c.id AND e.member_id = m.id
    LEFT JOIN link l ON l.course_id = c.id AND l.resource_link_id = $5
    LEFT JOIN session s ON s.token_hash = $6 AND s.registration_id = $1 AND s.organisation_id = $2"
);
const PUT_COURSE: &str = "INSERT INTO course (id, organisation_id, registration_id, context_id, title, label,
    lti_deployment_id, memberships_url, fingerprint, roster_generation, created_at, lineitems_url, lineitem_scopes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12)
    ON CONFLICT (registration_id, organisation_id, context_id) DO UPDATE SET title = excluded.title,
        label = excluded.label, lti_deployment_id = excluded.lti_deployment_id,
        memberships_url = COALESCE(excluded.memberships_url, course.memberships_url),
        lineitems_url = COALESCE(excluded.lineitems_url, course.lineitems_url),
        lineitem_scopes = COALESCE(excluded.lineitem_scopes, course.lineitem_scopes), fingerprint = excluded.fingerprint
    RETURNING id";
const PUT_MEMBER: &str =
    "INSERT INTO member (id, organisation_id, registration_id, sub, name, email, locale, sort_name,
    search, fingerprint, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (registration_id, organisation_id, sub) DO UPDATE SET
        name = CASE WHEN excluded.name = '' THEN member.name ELSE excluded.name END,
        sort_name = CASE WHEN excluded.name = '' THEN member.sort_name ELSE excluded.sort_name END,
        search = CASE WHEN excluded.name = '' AND excluded.email IS NULL THEN member.search ELSE excluded.search END,
        email = COALESCE(excluded.email, member.email), locale = COALESCE(excluded.locale, member.locale),
        fingerprint = excluded.fingerprint
    RETURNING id";
const PUT_ENROLMENT: &str =
    "INSERT INTO enrolment (course_id, member_id, organisation_id, launch_standing, status, test,
    roster_generation, fingerprint, also_learner) VALUES ($1, $2, $3, $4, 'active', $5, 0, $6, $7)
    ON CONFLICT (course_id, member_id) DO UPDATE SET launch_standing = excluded.launch_standing, status = 'active',
        test = excluded.test, also_learner = excluded.also_learner, fingerprint = excluded.fingerprint";
const PUT_LINK: &str = "INSERT INTO link (id, organisation_id, course_id, resource_link_id, title, fingerprint)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (course_id, resource_link_id) DO UPDATE SET title = excluded.title, fingerprint = excluded.fingerprint
    RETURNING id";
const END_SESSION: &str = "DELETE FROM session WHERE id = $1";
/// The session's end or beginning and the seat are stored in one trip, too.
const ADD_SESSION_AND_SEAT: (&str, &str) = both!(
    (postgres "WITH begun AS ("),
    "INSERT INTO session (id, token_hash, organisation_id, registration_id, member_id, csrf, created_at, seen_at)
    VALUES ($2, $12, $3, $4, $6, $13, $11, $11)",
    (sqlite ";"),
    (postgres ")"),
    " INSERT INTO seat (id, session_id, organisation_id, registration_id, course_id, member_id, standing,
    test, locale, framed, created_at, administers)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $14)"
);
const SEE_SESSION_AND_ADD_SEAT: (&str, &str) = both!(
    (postgres "WITH seen AS ("),
    "UPDATE session SET seen_at = $11 WHERE id = $2",
    (sqlite ";"),
    (postgres ")"),
    " INSERT INTO seat (id, session_id, organisation_id, registration_id, course_id, member_id, standing,
    test, locale, framed, created_at, administers)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
);

impl Tx<'_> {
    /// Spends the login of this state and finds what a launch is about. Belongs into the transaction that makes the
    /// seat ([`Tx::seat_launch`]), which only a spent login may follow.
    pub async fn spend_login(
        &mut self,
        state_hash: [u8; 32],
        keys: &LaunchKeys,
        now: Timestamp,
    ) -> Result<Found, StoreError> {
        let text = self.pick(SPEND);
        let known: Known = on!(self, sqlx::query_as(text).bind(keys.registration.uuid()).bind(keys.organisation.uuid())
            .bind(&keys.context_id).bind(&keys.sub).bind(&keys.resource_link_id)
            .bind(keys.session.map(|hash| hash.to_vec())).bind(state_hash.to_vec()).bind(now.millis()) => fetch_one)?;
        let spent = u64::try_from(known.spent).unwrap_or_default();
        Ok(Found { spent, known })
    }

    /// Seats the person of a launch whose login was spent in this transaction.
    pub async fn seat_launch(
        &mut self,
        Found { known, .. }: Found,
        facts: &LaunchFacts,
        offer: &SessionOffer,
        now: Timestamp,
    ) -> Result<Seated, StoreError> {
        let course = self.course_of_launch(facts, &known, now).await?;
        let member = self.member_of_launch(facts, &known, now).await?;
        let mut is_enrolled = false;
        if let (Some(course), Some(member)) = (course, member) {
            is_enrolled = self.enrol_by_launch(facts, &known, course, member, now).await?;
        }
        let is_news = is_enrolled || known.differs(facts);
        let link = self.link_of_launch(facts, &known, course, now).await?;
        let placed = self
            .content_of_launch(facts.organisation, facts, course, link, now)
            .await?;
        let seat = SeatId::new(random::id_at(now));
        let (session, new_session) = self.sit_down(seat, (course, member), facts, offer, &known, now).await?;
        let address = facts.person.as_ref().and_then(|person| person.email.as_ref());
        // a person who was not known until now cannot have an award that waits for an address
        let new_address =
            known.member.is_some() && address.is_some_and(|address| known.email.as_deref() != Some(address.as_str()));
        Ok(Seated {
            seat,
            session,
            new_session,
            course,
            member,
            link,
            placed,
            new_address,
            is_news,
        })
    }

    async fn course_of_launch(
        &mut self,
        facts: &LaunchFacts,
        known: &Known,
        now: Timestamp,
    ) -> Result<Option<CourseId>, StoreError> {
        let Some(course) = &facts.course else { return Ok(None) };
        let print = course_print(course, facts);
        if let (Some(id), Some(stored)) = (known.course, known.course_print)
            && stored == print
        {
            return Ok(Some(CourseId::new(id)));
        }
        let title = [&course.title, &course.label, &course.context_id]
            .into_iter()
            .find(|text| !text.is_empty());
        let offered = facts.grades.lineitems_url.is_some();
        let scopes = offered.then_some(Json(&facts.grades.scopes));
        let id: Uuid = on!(self, sqlx::query_scalar(PUT_COURSE).bind(random::id_at(now)).bind(facts.organisation.uuid())
            .bind(facts.registration.uuid()).bind(&course.context_id).bind(title).bind(&course.label)
            .bind(&facts.lti_deployment_id).bind(&course.memberships_url).bind(print).bind(now.millis())
            .bind(&facts.grades.lineitems_url).bind(scopes) => fetch_one)?;
        let id = CourseId::new(id);
        for (kind, value) in [("lms", &course.lms_id), ("sis", &course.sis_id)] {
            let Some(value) = value else { continue };
            self.learn_course_alias(facts.organisation, facts.registration, id, kind, value)
                .await?;
        }
        Ok(Some(id))
    }

    async fn member_of_launch(
        &mut self,
        facts: &LaunchFacts,
        known: &Known,
        now: Timestamp,
    ) -> Result<Option<MemberId>, StoreError> {
        let Some(person) = &facts.person else { return Ok(None) };
        let print = person_print(person);
        let address_stands =
            person.email.is_none() || person.email.as_ref().map(Address::as_str) == known.email.as_deref();
        if let (Some(id), Some(stored)) = (known.member, known.member_print)
            && stored == print
            && address_stands
        {
            return Ok(Some(MemberId::new(id)));
        }
        let (sort_name, search) = search_forms(&person.name, person.email.as_ref());
        let id: Uuid = on!(self, sqlx::query_scalar(PUT_MEMBER).bind(random::id_at(now)).bind(facts.organisation.uuid())
            .bind(facts.registration.uuid()).bind(&person.sub).bind(&person.name)
            .bind(person.email.as_ref().map(Address::as_str)).bind(&person.locale).bind(sort_name).bind(search)
            .bind(print).bind(now.millis()) => fetch_one)?;
        let id = MemberId::new(id);
        let names = [
            ("lms", &person.lms_id),
            ("sis", &person.sis_id),
            ("legacy", &person.legacy_id),
        ];
        for (kind, value) in names {
            let Some(value) = value else { continue };
            self.learn_member_alias(facts.organisation, facts.registration, id, kind, value)
                .await?;
        }
        Ok(Some(id))
    }

    /// `true` if the enrolment was written.
    async fn enrol_by_launch(
        &mut self,
        facts: &LaunchFacts,
        known: &Known,
        course: CourseId,
        member: MemberId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let print = enrolment_print(facts);
        if known.enrolment_print == Some(print) {
            return Ok(false);
        }
        on!(self, sqlx::query(PUT_ENROLMENT).bind(course.uuid()).bind(member.uuid()).bind(facts.organisation.uuid())
            .bind(facts.standing.word()).bind(facts.test).bind(print).bind(facts.also_learner) => execute)?;
        // Who they are has changed: what a rule left undone for it may be due now.
        if self.wants_evaluation(facts.organisation, course).await? {
            let job = NewJob::evaluate(facts.organisation, course, member, now);
            self.enqueue(&job, now).await?;
        }
        Ok(true)
    }

    async fn link_of_launch(
        &mut self,
        facts: &LaunchFacts,
        known: &Known,
        course: Option<CourseId>,
        now: Timestamp,
    ) -> Result<Option<LinkId>, StoreError> {
        let (Some((resource_link_id, title)), Some(course)) = (&facts.link, course) else {
            return Ok(None);
        };
        let print = link_print(title);
        if let (Some(id), Some(stored)) = (known.link, known.link_print)
            && stored == print
        {
            return Ok(Some(LinkId::new(id)));
        }
        let id: Uuid = on!(self, sqlx::query_scalar(PUT_LINK).bind(random::id_at(now)).bind(facts.organisation.uuid())
            .bind(course.uuid()).bind(resource_link_id).bind(title).bind(print) => fetch_one)?;
        Ok(Some(LinkId::new(id)))
    }

    /// Binds placed content to its link. Launches of other links cost nothing here.
    async fn content_of_launch(
        &mut self,
        organisation: OrganisationId,
        facts: &LaunchFacts,
        course: Option<CourseId>,
        link: Option<LinkId>,
        now: Timestamp,
    ) -> Result<Option<Placed>, StoreError> {
        let Some(course) = course else { return Ok(None) };
        if !facts.origins.is_empty() {
            self.note_origins(organisation, course, &facts.origins).await?;
        }
        match (facts.content, link) {
            (Some(content), Some(link)) => {
                let place = (course, link);
                self.place_content(organisation, facts.registration, content, place, &facts.grades, now)
                    .await
            }
            _ => Ok(None),
        }
    }

    /// The seat, in the shown session if it is this person's and has not ended, else in a new one. A session of
    /// somebody else in the same browser ends here.
    async fn sit_down(
        &mut self,
        seat: SeatId,
        (course, member): (Option<CourseId>, Option<MemberId>),
        facts: &LaunchFacts,
        offer: &SessionOffer,
        known: &Known,
        now: Timestamp,
    ) -> Result<(SessionId, bool), StoreError> {
        let (course, member_id) = (course.map(CourseId::uuid), member.map(MemberId::uuid));
        if let Some(session) = known.session_going_on(member, offer) {
            let text = self.pick(SEE_SESSION_AND_ADD_SEAT);
            on!(self, sqlx::query(text).bind(seat.uuid()).bind(session.uuid()).bind(facts.organisation.uuid())
                .bind(facts.registration.uuid()).bind(course).bind(member_id).bind(facts.standing.word())
                .bind(facts.test).bind(&facts.locale).bind(facts.framed).bind(now.millis())
                .bind(facts.administers) => execute)?;
            return Ok((session, false));
        }
        if let Some(ended) = known.session {
            on!(self, sqlx::query(END_SESSION).bind(ended) => execute)?;
        }
        let session = SessionId::new(random::id_at(now));
        let text = self.pick(ADD_SESSION_AND_SEAT);
        on!(self, sqlx::query(text).bind(seat.uuid()).bind(session.uuid()).bind(facts.organisation.uuid())
            .bind(facts.registration.uuid()).bind(course).bind(member_id).bind(facts.standing.word())
            .bind(facts.test).bind(&facts.locale).bind(facts.framed).bind(now.millis())
            .bind(offer.fresh.to_vec()).bind(&offer.csrf).bind(facts.administers) => execute)?;
        Ok((session, true))
    }
}

impl Known {
    /// The shown session, if it is `member`'s and has not ended.
    fn session_going_on(&self, member: Option<MemberId>, offer: &SessionOffer) -> Option<SessionId> {
        let (id, seen, begun) = (self.session?, self.session_seen?, self.session_begun?);
        let same_person = member.is_some() && self.session_member.map(MemberId::new) == member;
        let lasts = seen > offer.idle_since.millis() && begun > offer.begun_since.millis();
        (same_person && lasts).then(|| SessionId::new(id))
    }
}

impl Known {
    /// Whether course or person stand otherwise in the launch than in the database.
    fn differs(&self, facts: &LaunchFacts) -> bool {
        let course = facts.course.as_ref();
        let course = course.map(|course| course_print(course, facts));
        let person = facts.person.as_ref().map(person_print);
        (course.is_some() && course != self.course_print) || (person.is_some() && person != self.member_print)
    }
}

pub(super) fn course_print(course: &CourseFacts, facts: &LaunchFacts) -> i64 {
    let url = course.memberships_url.as_deref();
    let (lms_id, sis_id) = (course.lms_id.as_deref(), course.sis_id.as_deref());
    let columns = facts.grades.lineitems_url.as_deref();
    let mut parts = vec![
        Some(course.title.as_str()),
        Some(&course.label),
        Some(&facts.lti_deployment_id),
        url,
        lms_id,
        sis_id,
        columns,
    ];
    let scopes = facts.grades.scopes.iter().map(|scope| Some(scope.as_str()));
    parts.extend(scopes.filter(|_| columns.is_some()));
    fingerprint(&parts)
}

pub(super) fn enrolment_print(facts: &LaunchFacts) -> i64 {
    fingerprint(&[
        Some(facts.standing.word()),
        Some(if facts.test { "test" } else { "" }),
        facts.also_learner.then_some("learner"),
    ])
}

pub(super) fn link_print(title: &str) -> i64 {
    fingerprint(&[Some(title)])
}

pub(super) fn person_print(person: &PersonFacts) -> i64 {
    let email = person.email.as_ref().map(Address::as_str);
    let ids = [&person.lms_id, &person.sis_id, &person.legacy_id].map(|id| id.as_deref());
    let [lms_id, sis_id, legacy_id] = ids;
    fingerprint(&[
        Some(&person.name),
        email,
        person.locale.as_deref(),
        lms_id,
        sis_id,
        legacy_id,
    ])
}

/// How a person is sorted and found: in lower case, by the last word of the name first.
pub(super) fn search_forms(name: &str, email: Option<&Address>) -> (String, String) {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let sort_name = match words.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{last} {}", first.join(" ")),
        _ => words.join(" "),
    };
    let search = format!("{lower} {}", email.map_or("", Address::as_str));
    (sort_name, search)
}
