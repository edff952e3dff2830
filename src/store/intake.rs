//! Signals of many requests stored together: one statement for several rows, one COMMIT for all of them.
//!
//! A flood costs the database a trip and a sync for each group, not for each request (promise P4: nobody is answered before
//! the COMMIT of their group).

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::types::Json;
use sqlx::{PgConnection, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::durability::Durability;
use super::signal::NewSignal;
use super::tx::Conn;
use super::{Store, StoreError, Tx};
use crate::model::score::Points;
use crate::model::signal::{CourseRef, PersonRef};
use crate::model::{CourseId, FeedId, RegistrationId};

/// Rows of the larger statements on SQLite; what is left goes in by smaller ones, so that few texts are kept prepared.
const MANY: usize = 16;
const SOME: usize = 4;

/// `INSERT` with a row for each literal, which stands in front of it.
macro_rules! add_rows {
    ($($comma:literal)+) => {
        concat!(
            "INSERT INTO signal (id, organisation_id, feed_id, registration_id, default_course_id, source,
            source_event_id, event_key, kind, item, person, course, given, maximum, released, overrides, occurred_at,
            utc_offset_minutes, received_at, changed_at, raw, state) VALUES ",
            $($comma, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'stored')",)+
            " ON CONFLICT (organisation_id, event_key) DO NOTHING"
        )
    };
}

const ADD_MANY: &str = add_rows!("" "," "," "," "," "," "," "," "," "," "," "," "," "," "," ",");
const ADD_SOME: &str = add_rows!("" "," "," ",");
const ADD_ONE: &str = add_rows!("");
const IS_THERE: &str = "SELECT EXISTS (SELECT 1 FROM signal WHERE organisation_id = $1 AND id = $2)";
const ADD_ALL: &str = "INSERT INTO signal (id, organisation_id, feed_id, registration_id, default_course_id, source,
    source_event_id, event_key, kind, item, person, course, given, maximum, released, overrides, occurred_at,
    utc_offset_minutes, received_at, changed_at, raw, state)
    SELECT id, organisation_id, feed_id, registration_id, default_course_id, source, source_event_id, event_key, kind,
        item, person, course, given, maximum, released, overrides, occurred_at, utc_offset_minutes, received_at,
        received_at, raw, 'stored'
    FROM UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        AS new (id, organisation_id, feed_id, registration_id, default_course_id, source, source_event_id, event_key,
        kind, item, person, course, given, maximum, released, overrides, occurred_at, utc_offset_minutes, received_at,
        raw)
    ON CONFLICT (organisation_id, event_key) DO NOTHING RETURNING id";

impl Store {
    /// Stores signals of their organisations, durably and together; for each, in the order given, whether it is new.
    pub async fn add_signals(&self, new: Vec<NewSignal>) -> Result<Vec<bool>, StoreError> {
        let unit = async move |tx: &mut Tx<'_>| tx.add_signals(&new).await;
        if self.is_sqlite() {
            self.write(Durability::Full, unit).await
        } else {
            self.write_one(Durability::Full, unit).await
        }
    }
}

impl Tx<'_> {
    /// Stores signals of their organisations together; for each, in the order given, whether it is new. On PostgreSQL in
    /// one statement.
    pub async fn add_signals(&mut self, new: &[NewSignal]) -> Result<Vec<bool>, StoreError> {
        let mut rows: Vec<Keyed<'_>> = new.iter().map(Keyed::of).collect();
        // two groups that bring the same signals in another order would wait for each other
        rows.sort_unstable_by_key(|row| row.key);
        self.begin_statement()?;
        let added = match &mut self.conn {
            Conn::Sqlite(conn) => sqlite(conn, &rows).await,
            Conn::Postgres(conn) => postgres(conn, &rows).await,
        };
        let added = self.note(added)?;
        Ok(new.iter().map(|new| added.contains(&new.id.uuid())).collect())
    }
}

/// A row with the key by which a repetition is known.
#[derive(Clone, Copy)]
struct Keyed<'a> {
    key: [u8; 32],
    new: &'a NewSignal,
}

impl<'a> Keyed<'a> {
    fn of(new: &'a NewSignal) -> Self {
        Self {
            key: new.event_key(),
            new,
        }
    }

    fn given(&self) -> Option<i64> {
        let score = self.new.signal.score?;
        score.given.map(Points::millionths)
    }

    fn maximum(&self) -> Option<i64> {
        self.new.signal.score.map(|score| score.maximum.millionths())
    }

    fn released(&self) -> Option<bool> {
        self.new.signal.score.map(|score| score.released)
    }

    fn overrides(&self) -> Option<bool> {
        self.new.signal.score.map(|score| score.overrides)
    }
}

/// The ids that are new.
async fn sqlite(conn: &mut SqliteConnection, rows: &[Keyed<'_>]) -> Result<Vec<Uuid>, sqlx::Error> {
    let mut added = Vec::with_capacity(rows.len());
    let (many, rest) = rows.split_at(rows.len() - rows.len() % MANY);
    let (some, single) = rest.split_at(rest.len() - rest.len() % SOME);
    let steps = many.chunks(MANY).map(|step| (ADD_MANY, step));
    let steps = steps.chain(some.chunks(SOME).map(|step| (ADD_SOME, step)));
    for (sql, step) in steps.chain(single.chunks(1).map(|step| (ADD_ONE, step))) {
        let query = step.iter().fold(sqlx::query(sql), bound);
        let count = query.execute(&mut *conn).await?.rows_affected();
        let is_whole = usize::try_from(count) == Ok(step.len());
        for row in step {
            let (organisation, id) = (row.new.organisation.uuid(), row.new.id.uuid());
            // ids are new: one that is there came by this statement
            let is_new = is_whole
                || (count > 0
                    && sqlx::query_scalar(IS_THERE)
                        .bind(organisation)
                        .bind(id)
                        .fetch_one(&mut *conn)
                        .await?);
            if is_new {
                added.push(id);
            }
        }
    }
    Ok(added)
}

type Insert<'q> = Query<'q, Sqlite, SqliteArguments>;

fn bound<'q>(query: Insert<'q>, row: &Keyed<'q>) -> Insert<'q> {
    let (new, signal) = (row.new, &row.new.signal);
    query
        .bind(new.id.uuid())
        .bind(new.organisation.uuid())
        .bind(new.feed.map(FeedId::uuid))
        .bind(new.registration.map(RegistrationId::uuid))
        .bind(new.course.map(CourseId::uuid))
        .bind(signal.source.word())
        .bind(&signal.source_event_id)
        .bind(row.key.to_vec())
        .bind(signal.kind.word())
        .bind(signal.item.to_string())
        .bind(Json(&signal.person))
        .bind(Json(&signal.course))
        .bind(row.given())
        .bind(row.maximum())
        .bind(row.released())
        .bind(row.overrides())
        .bind(signal.occurred_at.millis())
        .bind(signal.utc_offset_minutes.map(i64::from))
        .bind(signal.received_at.millis())
        .bind(signal.received_at.millis())
        .bind(&new.raw)
}

/// The ids that are new.
async fn postgres(conn: &mut PgConnection, rows: &[Keyed<'_>]) -> Result<Vec<Uuid>, sqlx::Error> {
    fn column<T>(rows: &[Keyed<'_>], value: impl Fn(&NewSignal) -> T) -> Vec<T> {
        rows.iter().map(|row| value(row.new)).collect()
    }
    let people: Vec<Json<&PersonRef>> = rows.iter().map(|row| Json(&row.new.signal.person)).collect();
    let courses: Vec<Json<&CourseRef>> = rows.iter().map(|row| Json(&row.new.signal.course)).collect();
    let offset = |new: &NewSignal| new.signal.utc_offset_minutes.map(i64::from);
    let query = sqlx::query_scalar(ADD_ALL)
        .bind(column(rows, |new| new.id.uuid()))
        .bind(column(rows, |new| new.organisation.uuid()))
        .bind(column(rows, |new| new.feed.map(FeedId::uuid)))
        .bind(column(rows, |new| new.registration.map(RegistrationId::uuid)))
        .bind(column(rows, |new| new.course.map(CourseId::uuid)))
        .bind(column(rows, |new| new.signal.source.word()))
        .bind(column(rows, |new| new.signal.source_event_id.clone()))
        .bind(rows.iter().map(|row| row.key.to_vec()).collect::<Vec<_>>())
        .bind(column(rows, |new| new.signal.kind.word()))
        .bind(column(rows, |new| new.signal.item.to_string()))
        .bind(people)
        .bind(courses)
        .bind(rows.iter().map(Keyed::given).collect::<Vec<_>>())
        .bind(rows.iter().map(Keyed::maximum).collect::<Vec<_>>())
        .bind(rows.iter().map(Keyed::released).collect::<Vec<_>>())
        .bind(rows.iter().map(Keyed::overrides).collect::<Vec<_>>())
        .bind(column(rows, |new| new.signal.occurred_at.millis()))
        .bind(column(rows, offset))
        .bind(column(rows, |new| new.signal.received_at.millis()))
        .bind(column(rows, |new| new.raw.clone()));
    query.fetch_all(conn).await
}
