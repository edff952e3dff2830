//! A large database: rows made by the database itself, in the shape that the tool gives them.

use anyhow::Context;
use badgebridge::model::request::Content;
use badgebridge::model::{CourseId, OrganisationId};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use uuid::Uuid;

use super::world::World;

/// Awards, over ten courses.
pub(crate) const AWARDS: u32 = 1_000_000;
/// Signals, over the same courses.
pub(crate) const SIGNALS: u32 = 5_000_000;
/// Learners of each course: the same people.
pub(crate) const MEMBERS: u32 = 10_000;

/// The path part of an award.
pub(crate) fn award(number: u32) -> Uuid {
    named("award", number)
}

/// The Factory's id of an event.
pub(crate) fn event(number: u32) -> String {
    format!("event{number}")
}

/// Sixteen bytes: a word of five letters and a number.
fn named(word: &str, number: u32) -> Uuid {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(format!("{word}{number:011}").bytes()) {
        *to = from;
    }
    Uuid::from_bytes(bytes)
}

/// The member of this name in the LMS.
pub(crate) async fn member(world: &World, sub: &str) -> anyhow::Result<Uuid> {
    let mut connection = open(world).await?;
    let id = sqlx::query_scalar("SELECT id FROM member WHERE sub = ?").bind(sub);
    let id: Option<Uuid> = id.fetch_optional(&mut connection).await?;
    connection.close().await?;
    id.context("no such member")
}

async fn open(world: &World) -> anyhow::Result<SqliteConnection> {
    let file = world.folder().join("badgebridge.db");
    Ok(SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(false)
        .pragma("cache_size", "-262144")
        .pragma("synchronous", "OFF")
        .connect()
        .await?)
}

/// Award `i` belongs to order `i / 50`; an order has one course and one badge; ten badges in each of ten courses.
const STEPS: [&str; 9] = [
    "CREATE TEMP TABLE person AS SELECT row_number() OVER (ORDER BY m.id) - 1 AS number, m.id, m.email, m.name
        FROM enrolment e JOIN member m ON m.id = e.member_id
        WHERE e.course_id = ?1 AND e.roster_standing = 'learner'",
    "CREATE UNIQUE INDEX temp.person_number ON person (number)",
    "INSERT INTO course (id, organisation_id, registration_id, context_id, title, label, lti_deployment_id, fingerprint, roster_generation,
        created_at) SELECT CAST(printf('cours%011d', value) AS BLOB), organisation_id, registration_id, 'more' || value,
            'Course ' || value, 'C' || value, lti_deployment_id, 0, 0, created_at
        FROM generate_nine, course WHERE course.id = ?1",
    "CREATE TEMP TABLE place AS SELECT 0 AS number, ?1 AS id
        UNION ALL SELECT value, CAST(printf('cours%011d', value) AS BLOB) FROM generate_nine",
    "INSERT INTO request (id, organisation_id, course_id, form_key, badge_id, badge_name, name, content, people,
        people_count, made, made_at, created_at)
        WITH RECURSIVE n (o) AS (SELECT 0 UNION ALL SELECT o + 1 FROM n WHERE o < ?3 / 50 - 1)
        SELECT CAST(printf('reque%011d', o) AS BLOB), ?2, place.id, 'form' || o, 'B' || (o % 10) || '-' || (o / 2000),
            'Badge ' || (o / 2000), 'Award ' || o, ?4, '[]', 50, 50, ?5 + o * 1500, ?5 + o * 1500
        FROM n JOIN place ON place.number = o % 10",
    "INSERT INTO orders (id, organisation_id, request_id, badge_id, state, event_id, event_reads, created_at, updated_at)
        SELECT CAST('order' || substr(CAST(id AS TEXT), 6) AS BLOB), organisation_id, id, badge_id, 'issued',
            'event' || CAST(substr(CAST(id AS TEXT), 6) AS INTEGER), 1, created_at, created_at
        FROM request WHERE form_key LIKE 'form%'",
    "INSERT INTO award (id, organisation_id, badge_id, badge_name, cause, recipient, address, award_key, member_id,
        course_id, request_id, name, state, order_id, event_id, created_at, updated_at, issued_at, search)
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?3 - 1),
        o (i, o) AS (SELECT i, i / 50 FROM n)
        SELECT CAST(printf('award%011d', i) AS BLOB), ?2, 'B' || (o % 10) || '-' || (o / 2000), 'Badge ' || (o / 2000),
            'hand:B' || (o % 10) || '-' || (o / 2000), 'member:' || lower(hex(person.id)), person.email, randomblob(32), person.id, place.id,
            CAST(printf('reque%011d', o) AS BLOB), person.name, 'issued', CAST(printf('order%011d', o) AS BLOB),
            'event' || o, ?5 + i * 30, ?5 + i * 30, ?5 + i * 30,
            lower(person.name)
        FROM o JOIN place ON place.number = o % 10 JOIN person ON person.number = (o / 10 % 200) * 50 + i % 50",
    "INSERT INTO order_award SELECT order_id, id, CAST(substr(CAST(id AS TEXT), 6) AS INTEGER) % 50 FROM award
        WHERE request_id IS NOT NULL",
    "INSERT INTO request_award SELECT request_id, CAST(substr(CAST(id AS TEXT), 6) AS INTEGER) % 50, id, 'made' FROM award
        WHERE request_id IS NOT NULL",
];

const SIGNAL_ROWS: &str =
    "INSERT INTO signal (id, organisation_id, source, source_event_id, event_key, kind, item, person,
    course, occurred_at, received_at, state, course_id, member_id, changed_at)
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 1)
    SELECT CAST(printf('s%015d', i) AS BLOB), ?1, 'webhook', 'event-' || i, randomblob(32), 'completed', 'course', '{}',
        '{}', ?3 + i * 5, ?3 + i * 5, 'matched', place.id, person.id, ?3 + i * 5
    FROM n JOIN place ON place.number = i % 10 JOIN person ON person.number = i / 10 % 10000";

/// Fills a database whose large course has its people. The tool must not be running.
pub(crate) async fn fill(world: &World, course: CourseId) -> anyhow::Result<()> {
    let organisation: OrganisationId = world.organisation;
    let content = serde_json::to_string(&Content::default())?;
    let year_ago = world.parts.clock.now().millis() - 365 * 24 * 3_600_000;
    let mut connection = open(world).await?;
    let nine =
        "CREATE TEMP TABLE generate_nine AS WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n
        WHERE value < 9) SELECT value FROM n";
    sqlx::query(nine).execute(&mut connection).await?;
    for step in STEPS {
        let query = sqlx::query(step).bind(course.uuid()).bind(organisation.uuid());
        let query = query.bind(AWARDS).bind(&content).bind(year_ago);
        query.execute(&mut connection).await.with_context(|| step.to_owned())?;
    }
    let signals = sqlx::query(SIGNAL_ROWS).bind(organisation.uuid()).bind(SIGNALS);
    signals.bind(year_ago).execute(&mut connection).await?;
    let awards: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM award")
        .fetch_one(&mut connection)
        .await?;
    anyhow::ensure!(awards == i64::from(AWARDS), "{awards} awards");
    connection.close().await?;
    Ok(())
}
