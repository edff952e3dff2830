//! By which names people and courses are found, in the order of trust: the LTI id, the LMS's own id, the student
//! information system's, the LTI 1.1 id, and an address last. A name that several bear finds nobody.

use uuid::Uuid;

use super::given::About;
use super::tx::on;
use super::{StoreError, Tx};
use crate::model::matching::{Enrolment, Found, FoundCourse};
use crate::model::signal::{CourseRef, PersonRef};
use crate::model::{CourseId, MemberId, OrganisationId, RegistrationId};

// `registration` has some hundred rows; with one named, only that one is taken.
const BY_CONTEXT: &str = "SELECT c.id, c.registration_id FROM registration r
    JOIN course c ON c.registration_id = r.id AND c.organisation_id = $1 AND c.context_id = $2
    WHERE r.id = COALESCE($3, r.id) LIMIT 3";
const BY_COURSE_ALIAS: &str = "SELECT a.course_id, a.registration_id FROM registration r
    JOIN course_alias a ON a.organisation_id = $1 AND a.registration_id = r.id AND a.kind = $4 AND a.value = $2
    WHERE r.id = COALESCE($3, r.id) LIMIT 3";
const OWN_COURSE: &str = "SELECT id, registration_id FROM course WHERE organisation_id = $1 AND id = $2";
const BY_SUB: &str = "SELECT id FROM member WHERE organisation_id = $1 AND registration_id = $2 AND sub = $3";
const BY_ALIAS: &str = "SELECT member_id FROM member_alias WHERE organisation_id = $1 AND registration_id = $2
    AND kind = $3 AND value = $4 LIMIT 3";
const BY_EMAIL: &str = "SELECT m.id FROM member m JOIN enrolment e ON e.member_id = m.id AND e.course_id = $4
    WHERE m.organisation_id = $1 AND m.registration_id = $2 AND m.email = $3 LIMIT 3";
const MEMBER_ALIASES: &str = "SELECT kind, value FROM member_alias WHERE organisation_id = $1 AND member_id = $2";
const COURSE_ALIASES: &str = "SELECT kind, value FROM course_alias WHERE organisation_id = $1 AND course_id = $2";
const MEMBER_NAMES: &str = "SELECT sub, email FROM member WHERE organisation_id = $1 AND id = $2";
const COURSE_CONTEXT: &str = "SELECT context_id FROM course WHERE organisation_id = $1 AND id = $2";
const ENROLMENT: &str = "SELECT launch_standing, roster_standing, also_learner, test FROM enrolment
    WHERE organisation_id = $1 AND course_id = $2 AND member_id = $3";
const LEARN_MEMBER: &str = "INSERT INTO member_alias (organisation_id, registration_id, kind, value, member_id)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const LEARN_COURSE: &str = "INSERT INTO course_alias (organisation_id, registration_id, kind, value, course_id)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
// What launches claimed otherwise: of this course, and of others about this id.
const FORGET_CLAIMS: &str = "DELETE FROM course_alias WHERE organisation_id = $1 AND registration_id = $2
    AND kind = 'lms' AND ((course_id = $4 AND value <> $3) OR (value = $3 AND course_id <> $4))";
const LEARNERS: &str = "SELECT member_id FROM enrolment WHERE organisation_id = $1 AND course_id = $2
    AND member_id > $3 AND status <> 'inactive' AND NOT test
    AND COALESCE(launch_standing, roster_standing) = 'learner' ORDER BY member_id LIMIT $4";

impl Tx<'_> {
    /// Remembers another name of a person (`lms`, `sis` or `legacy`); `true` if it is new.
    pub async fn learn_member_alias(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        member: MemberId,
        kind: &str,
        value: &str,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(LEARN_MEMBER).bind(organisation.uuid()).bind(registration.uuid()).bind(kind)
            .bind(value).bind(member.uuid()) => execute)?;
        Ok(rows == 1)
    }

    /// Remembers another name of a course (`lms`, `sis`, or `alias` for one that a person gave); `true` if it is new.
    pub async fn learn_course_alias(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        course: CourseId,
        kind: &str,
        value: &str,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(LEARN_COURSE).bind(organisation.uuid()).bind(registration.uuid()).bind(kind)
            .bind(value).bind(course.uuid()) => execute)?;
        Ok(rows == 1)
    }

    /// Keeps the id that the LMS itself gave for a course, and nothing else that launches claimed about either; `true` if
    /// it is new.
    pub async fn set_course_lms_id(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        course: CourseId,
        value: &str,
    ) -> Result<bool, StoreError> {
        on!(self, sqlx::query(FORGET_CLAIMS).bind(organisation.uuid()).bind(registration.uuid()).bind(value)
            .bind(course.uuid()) => execute)?;
        self.learn_course_alias(organisation, registration, course, "lms", value)
            .await
    }

    /// A feed's own course.
    pub async fn own_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Option<FoundCourse>, StoreError> {
        let row: Option<(Uuid, Uuid)> =
            on!(self, sqlx::query_as(OWN_COURSE).bind(organisation.uuid()).bind(course.uuid()) => fetch_optional)?;
        Ok(row.map(found_course))
    }

    /// The course that a sender names, within the organisation and, if the feed has one, its registration. The first
    /// name that finds exactly one counts; where a better name found several, it must be one of them.
    /// Where the names do not find one, a person's word about them counts.
    pub async fn find_course(
        &mut self,
        organisation: OrganisationId,
        registration: Option<RegistrationId>,
        named: &CourseRef,
    ) -> Result<Found<FoundCourse>, StoreError> {
        let found = self.course_by_names(organisation, registration, named).await?;
        if let Found::One(_) = found {
            return Ok(found);
        }
        match self.given_course(organisation, registration, named).await? {
            Found::None => Ok(found),
            given => Ok(given),
        }
    }

    async fn course_by_names(
        &mut self,
        organisation: OrganisationId,
        registration: Option<RegistrationId>,
        named: &CourseRef,
    ) -> Result<Found<FoundCourse>, StoreError> {
        let mut candidates: Vec<FoundCourse> = Vec::new();
        if let Some(context) = &named.context_id {
            let found = self.courses_by_context(organisation, registration, context).await?;
            if narrowed(&mut candidates, found) {
                return Ok(Found::of(&candidates));
            }
        }
        for (kind, value) in [("lms", &named.lms_id), ("sis", &named.sis_id)] {
            let Some(value) = value else { continue };
            let found = self.courses_by_alias(organisation, registration, kind, value).await?;
            if narrowed(&mut candidates, found) {
                return Ok(Found::of(&candidates));
            }
        }
        if let Some(alias) = &named.alias {
            let mut found = self.courses_by_context(organisation, registration, alias).await?;
            for kind in ["alias", "sis", "lms"] {
                found.extend(self.courses_by_alias(organisation, registration, kind, alias).await?);
            }
            found.dedup();
            narrowed(&mut candidates, found);
        }
        Ok(Found::of(&candidates))
    }

    async fn courses_by_context(
        &mut self,
        organisation: OrganisationId,
        registration: Option<RegistrationId>,
        context: &str,
    ) -> Result<Vec<FoundCourse>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = on!(self, sqlx::query_as(BY_CONTEXT).bind(organisation.uuid()).bind(context)
            .bind(registration.map(RegistrationId::uuid)) => fetch_all)?;
        Ok(rows.into_iter().map(found_course).collect())
    }

    async fn courses_by_alias(
        &mut self,
        organisation: OrganisationId,
        registration: Option<RegistrationId>,
        kind: &str,
        value: &str,
    ) -> Result<Vec<FoundCourse>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = on!(self, sqlx::query_as(BY_COURSE_ALIAS).bind(organisation.uuid()).bind(value)
            .bind(registration.map(RegistrationId::uuid)).bind(kind) => fetch_all)?;
        Ok(rows.into_iter().map(found_course).collect())
    }

    /// The person whom a sender names, among those of the course's registration. An address finds only somebody in the
    /// course, and nobody whom the sender's other names contradict: two accounts may share an address. Where the names
    /// do not find one, a person's word about senders of the feed's registration, or of none, counts.
    pub async fn find_member(
        &mut self,
        organisation: OrganisationId,
        feed: Option<RegistrationId>,
        course: FoundCourse,
        named: &PersonRef,
    ) -> Result<Found<MemberId>, StoreError> {
        let found = self.member_by_names(organisation, course, named).await?;
        if let Found::One(_) = found {
            return Ok(found);
        }
        let about = About::feeds_of(feed, course.registration);
        match self.given_member(organisation, about, named).await? {
            Found::None => Ok(found),
            given => Ok(given),
        }
    }

    async fn member_by_names(
        &mut self,
        organisation: OrganisationId,
        course: FoundCourse,
        named: &PersonRef,
    ) -> Result<Found<MemberId>, StoreError> {
        if let Some(sub) = &named.sub {
            let row: Option<Uuid> = on!(self, sqlx::query_scalar(BY_SUB).bind(organisation.uuid())
                .bind(course.registration.uuid()).bind(sub) => fetch_optional)?;
            if let Some(id) = row {
                return Ok(Found::One(MemberId::new(id)));
            }
        }
        let mut candidates: Vec<MemberId> = Vec::new();
        let weaker = [
            ("lms", &named.lms_id),
            ("sis", &named.sis_id),
            ("legacy", &named.legacy_id),
        ];
        for (kind, value) in weaker {
            let Some(value) = value else { continue };
            let rows: Vec<Uuid> = on!(self, sqlx::query_scalar(BY_ALIAS).bind(organisation.uuid())
                .bind(course.registration.uuid()).bind(kind).bind(value) => fetch_all)?;
            let found = rows.into_iter().map(MemberId::new).collect();
            if narrowed(&mut candidates, found) {
                return Ok(Found::of(&candidates));
            }
        }
        if !candidates.is_empty() || named.sub.is_some() {
            return Ok(Found::of(&candidates));
        }
        self.find_by_email(organisation, course, named).await
    }

    async fn find_by_email(
        &mut self,
        organisation: OrganisationId,
        course: FoundCourse,
        named: &PersonRef,
    ) -> Result<Found<MemberId>, StoreError> {
        let Some(email) = &named.email else {
            return Ok(Found::None);
        };
        let rows: Vec<Uuid> = on!(self, sqlx::query_scalar(BY_EMAIL).bind(organisation.uuid())
            .bind(course.registration.uuid()).bind(email.as_str()).bind(course.id.uuid()) => fetch_all)?;
        let found: Vec<MemberId> = rows.into_iter().map(MemberId::new).collect();
        let Found::One(member) = Found::of(&found) else {
            return Ok(Found::of(&found));
        };
        let aliases: Vec<(String, String)> = on!(self, sqlx::query_as(MEMBER_ALIASES).bind(organisation.uuid())
            .bind(member.uuid()) => fetch_all)?;
        let contradicts = |kind: &str, value: &Option<String>| {
            let mut of_kind = aliases.iter().filter(|(known, _)| known == kind).peekable();
            value
                .as_ref()
                .is_some_and(|value| of_kind.peek().is_some() && of_kind.all(|(_, known)| known != value))
        };
        let is_somebody_else = contradicts("lms", &named.lms_id)
            || contradicts("sis", &named.sis_id)
            || contradicts("legacy", &named.legacy_id);
        Ok(if is_somebody_else {
            Found::None
        } else {
            Found::One(member)
        })
    }

    /// How a person stands in a course, by launch and by roster.
    pub async fn enrolment(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        member: MemberId,
    ) -> Result<Option<Enrolment>, StoreError> {
        type Row = (Option<String>, Option<String>, bool, bool);
        let row: Option<Row> = on!(self, sqlx::query_as(ENROLMENT).bind(organisation.uuid()).bind(course.uuid())
            .bind(member.uuid()) => fetch_optional)?;
        let standing = |word: Option<String>| word.and_then(|word| word.parse().ok());
        Ok(row.map(|(launch, roster, also_learner, test)| Enrolment {
            member,
            launch: standing(launch),
            roster: standing(roster),
            also_learner,
            test,
        }))
    }

    /// Up to `limit` learners of a course who are or were in it, in the order of their ids from the one after `after`.
    pub async fn learners_of_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        after: Option<MemberId>,
        limit: i64,
    ) -> Result<Vec<MemberId>, StoreError> {
        let after = after.map_or(Uuid::nil(), MemberId::uuid);
        let rows: Vec<Uuid> = on!(self, sqlx::query_scalar(LEARNERS).bind(organisation.uuid()).bind(course.uuid())
            .bind(after).bind(limit) => fetch_all)?;
        Ok(rows.into_iter().map(MemberId::new).collect())
    }

    /// The names under which signals may wait for a course.
    pub async fn names_of_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<String>, StoreError> {
        let context: Option<String> = on!(self, sqlx::query_scalar(COURSE_CONTEXT).bind(organisation.uuid())
            .bind(course.uuid()) => fetch_optional)?;
        let aliases: Vec<(String, String)> = on!(self, sqlx::query_as(COURSE_ALIASES).bind(organisation.uuid())
            .bind(course.uuid()) => fetch_all)?;
        let mut names = Vec::new();
        let context = context.map(|id| ("context".to_owned(), id));
        for (kind, value) in context.into_iter().chain(aliases) {
            names.push(format!("course:{kind}:{value}"));
            if kind != "alias" {
                names.push(format!("course:alias:{value}"));
            }
        }
        Ok(names)
    }

    /// The names under which signals may wait for a person.
    pub async fn names_of_member(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<String>, StoreError> {
        let row: Option<(String, Option<String>)> = on!(self, sqlx::query_as(MEMBER_NAMES).bind(organisation.uuid())
            .bind(member.uuid()) => fetch_optional)?;
        let aliases: Vec<(String, String)> = on!(self, sqlx::query_as(MEMBER_ALIASES).bind(organisation.uuid())
            .bind(member.uuid()) => fetch_all)?;
        let (sub, email) = row.unzip();
        let mut names: Vec<String> = sub.map(|sub| format!("person:sub:{sub}")).into_iter().collect();
        names.extend(email.flatten().map(|email| format!("person:email:{email}")));
        names.extend(
            aliases
                .into_iter()
                .map(|(kind, value)| format!("person:{kind}:{value}")),
        );
        Ok(names)
    }
}

/// The names of a course that a signal waits for.
pub(super) fn names_in_course_ref(named: &CourseRef) -> Vec<String> {
    let all = [
        ("context", &named.context_id),
        ("lms", &named.lms_id),
        ("sis", &named.sis_id),
        ("alias", &named.alias),
    ];
    names_of("course", &all)
}

/// The names of a person that a signal waits for.
pub(super) fn names_in_person_ref(named: &PersonRef) -> Vec<String> {
    let email = named.email.as_ref().map(|email| email.as_str().to_owned());
    let all = [
        ("sub", &named.sub),
        ("lms", &named.lms_id),
        ("sis", &named.sis_id),
        ("legacy", &named.legacy_id),
        ("email", &email),
    ];
    names_of("person", &all)
}

fn names_of(what: &str, names: &[(&str, &Option<String>)]) -> Vec<String> {
    let given = names.iter().filter_map(|(kind, value)| Some((kind, value.as_ref()?)));
    given.map(|(kind, value)| format!("{what}:{kind}:{value}")).collect()
}

/// Takes what the next name found: alone, or to choose among what a better name found. `true`: it is exactly one.
fn narrowed<T: Copy + PartialEq>(candidates: &mut Vec<T>, found: Vec<T>) -> bool {
    if candidates.is_empty() {
        *candidates = found;
    } else {
        let both: Vec<T> = candidates.iter().copied().filter(|one| found.contains(one)).collect();
        if !both.is_empty() {
            *candidates = both;
        }
    }
    matches!(Found::of(candidates), Found::One(_))
}

fn found_course((id, registration): (Uuid, Uuid)) -> FoundCourse {
    FoundCourse {
        id: CourseId::new(id),
        registration: RegistrationId::new(registration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[
            BY_CONTEXT,
            BY_COURSE_ALIAS,
            BY_SUB,
            BY_ALIAS,
            BY_EMAIL,
            MEMBER_ALIASES,
            COURSE_ALIASES,
            ENROLMENT,
            FORGET_CLAIMS,
            LEARNERS,
        ])
        .await;
    }
}
