//! A course with people, written as rows: what tests start from that need no launch.

use std::fmt::Write as _;

use badgebridge::model::{CourseId, MemberId, OrganisationId, RegistrationId};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use uuid::Uuid;

/// A registration with a course and these people: the first is its teacher, the others are learners with these addresses.
pub(crate) fn seed(
    url: &str,
    organisation: OrganisationId,
    registration: RegistrationId,
    course: CourseId,
    members: &[MemberId],
    learners: &[Option<&str>],
) -> String {
    let id = |id: Uuid| literal(url, id);
    let (o, r, c) = (id(organisation.uuid()), id(registration.uuid()), id(course.uuid()));
    let mut sql = format!(
        "INSERT INTO registration (id, handle, organisation_id, lms, name, issuer, lti_client_id,
            authorization_endpoint, token_endpoint, jwks_uri, strict, anonymous, trust_email, enabled, frame_origins,
            allowed_networks, created_at) VALUES ({r}, '{registration}', {o}, 'generic', 'LMS', 'https://lms.example',
            '{registration}', 'https://lms.example/auth', 'https://lms.example/token', 'https://lms.example/jwks', FALSE,
            FALSE, FALSE, TRUE, '[]', '[]', 0);
        INSERT INTO course (id, organisation_id, registration_id, context_id, title, label, lti_deployment_id,
            fingerprint, roster_generation, created_at) VALUES ({c}, {o}, {r}, '2', 'Safety', '', '1', 0, 0, 0);"
    );
    for (at, member) in members.iter().enumerate() {
        let m = id(member.uuid());
        let email = at
            .checked_sub(1)
            .and_then(|at| learners[at])
            .map_or("NULL".to_owned(), |text| format!("'{text}'"));
        let standing = if at == 0 { "staff" } else { "learner" };
        let people = write!(
            sql,
            "INSERT INTO member (id, organisation_id, registration_id, sub, name, email, sort_name, search, fingerprint,
                created_at) VALUES ({m}, {o}, {r}, '{member}', 'Person {at}', {email}, '', '', 0, 0);
            INSERT INTO enrolment (course_id, member_id, organisation_id, roster_standing, status, test,
                roster_generation, fingerprint) VALUES ({c}, {m}, {o}, '{standing}', 'active', FALSE, 0, 0);"
        );
        people.unwrap();
    }
    sql
}

/// An id as SQL writes it.
pub(crate) fn literal(url: &str, id: Uuid) -> String {
    if url.starts_with("sqlite") {
        format!("x'{}'", id.simple())
    } else {
        format!("'{id}'")
    }
}

/// Runs statements beside the store.
pub(crate) async fn execute(url: &str, sql: String) {
    if url.starts_with("sqlite") {
        let options: sqlx::sqlite::SqliteConnectOptions = url.parse().unwrap();
        let mut conn = options.connect().await.unwrap();
        conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
        conn.close().await.unwrap();
    } else {
        let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
        let mut conn = options.connect().await.unwrap();
        conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
        conn.close().await.unwrap();
    }
}
