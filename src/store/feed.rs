//! Feeds and what they have seen.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::feed::{Feed, FeedCount};
use crate::model::{CourseId, FeedId, OrganisationId, RegistrationId};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organisation_id: Uuid,
    kind: String,
    name: String,
    registration_id: Option<Uuid>,
    course_id: Option<Uuid>,
    secret: Vec<u8>,
    previous_secret: Option<Vec<u8>>,
    previous_until: Option<i64>,
    raw_key: Vec<u8>,
    address_key: Option<Vec<u8>>,
    enabled: bool,
    created_at: i64,
    rotated_at: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    accepted: i64,
    repeated: i64,
    ignored: i64,
    refused: i64,
    unreadable: i64,
    limited: i64,
    dropped: i64,
    accepted_at: Option<i64>,
    refused_at: Option<i64>,
    error: Option<String>,
    error_at: Option<i64>,
}

const EVERYWHERE: &str = "SELECT id, organisation_id, kind, name, registration_id, course_id, secret, previous_secret,
    previous_until, raw_key, address_key, enabled, created_at, rotated_at FROM feed
    WHERE kind IN ('webhook', 'canvas', 'moodle') ORDER BY created_at, id";
const ONE: &str = "SELECT id, organisation_id, kind, name, registration_id, course_id, secret, previous_secret,
    previous_until, raw_key, address_key, enabled, created_at, rotated_at FROM feed
    WHERE organisation_id = $1 AND id = $2";
const ADD: &str = "INSERT INTO feed (id, organisation_id, kind, name, registration_id, course_id, secret, raw_key,
    address_key, enabled, created_at, rotated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, TRUE, $10, $10)";
const ROTATE: &str = "UPDATE feed SET secret = $3, previous_secret = $4, previous_until = $5, address_key = $6,
    rotated_at = $7 WHERE organisation_id = $1 AND id = $2";
const SWITCH: &str = "UPDATE feed SET enabled = $3 WHERE organisation_id = $1 AND id = $2";
const COUNT: &str = "INSERT INTO feed_count (feed_id, organisation_id, accepted, repeated, ignored, refused, unreadable,
    limited, dropped, accepted_at, refused_at, error, error_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
    WHERE EXISTS (SELECT 1 FROM feed WHERE organisation_id = $2 AND id = $1)
    ON CONFLICT (feed_id) DO UPDATE SET accepted = feed_count.accepted + excluded.accepted,
        repeated = feed_count.repeated + excluded.repeated, ignored = feed_count.ignored + excluded.ignored,
        refused = feed_count.refused + excluded.refused, unreadable = feed_count.unreadable + excluded.unreadable,
        limited = feed_count.limited + excluded.limited, dropped = feed_count.dropped + excluded.dropped,
        accepted_at = COALESCE(excluded.accepted_at, feed_count.accepted_at),
        refused_at = COALESCE(excluded.refused_at, feed_count.refused_at),
        error = COALESCE(excluded.error, feed_count.error), error_at = COALESCE(excluded.error_at, feed_count.error_at)";
const COUNTED: &str = "SELECT accepted, repeated, ignored, refused, unreadable, limited, dropped, accepted_at,
    refused_at, error, error_at FROM feed_count WHERE organisation_id = $1 AND feed_id = $2";

impl Tx<'_> {
    /// All feeds of the installation, of the kinds that are served: a server keeps them in memory.
    pub async fn feeds_everywhere(&mut self) -> Result<Vec<Feed>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(EVERYWHERE) => fetch_all)?;
        rows.into_iter().map(Row::into_feed).collect()
    }

    /// One feed of the organisation.
    pub async fn feed(&mut self, organisation: OrganisationId, id: FeedId) -> Result<Option<Feed>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        row.map(Row::into_feed).transpose()
    }

    /// Stores a new feed of its organisation.
    pub async fn add_feed(&mut self, new: &Feed) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(new.organisation.uuid()).bind(new.kind.word())
            .bind(&new.name).bind(new.registration.map(RegistrationId::uuid)).bind(new.course.map(CourseId::uuid))
            .bind(&new.secret).bind(&new.raw_key).bind(&new.address_key)
            .bind(new.created_at.millis()) => execute)?;
        Ok(())
    }

    /// Stores the feed's secrets as they are after a rotation; `false`: the organisation has no such feed.
    pub async fn rotate_feed(&mut self, rotated: &Feed) -> Result<bool, StoreError> {
        let (previous, until) = match &rotated.previous {
            Some((secret, until)) => (Some(secret), Some(until.millis())),
            None => (None, None),
        };
        let rows = on!(self, sqlx::query(ROTATE).bind(rotated.organisation.uuid()).bind(rotated.id.uuid())
            .bind(&rotated.secret).bind(previous).bind(until).bind(&rotated.address_key)
            .bind(rotated.rotated_at.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Switches a feed on or off; `false`: the organisation has no such feed.
    pub async fn switch_feed(
        &mut self,
        organisation: OrganisationId,
        id: FeedId,
        enabled: bool,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(SWITCH).bind(organisation.uuid()).bind(id.uuid()).bind(enabled) => execute)?;
        Ok(rows == 1)
    }

    /// Adds to what a feed has seen.
    pub async fn count_feed(
        &mut self,
        organisation: OrganisationId,
        feed: FeedId,
        more: &FeedCount,
    ) -> Result<(), StoreError> {
        let error = more.error.as_ref();
        on!(self, sqlx::query(COUNT).bind(feed.uuid()).bind(organisation.uuid()).bind(more.accepted)
            .bind(more.repeated).bind(more.ignored).bind(more.refused).bind(more.unreadable).bind(more.limited)
            .bind(more.dropped).bind(more.accepted_at.map(Timestamp::millis))
            .bind(more.refused_at.map(Timestamp::millis)).bind(error.map(|(text, _)| text.as_str()))
            .bind(error.map(|(_, at)| at.millis())) => execute)?;
        Ok(())
    }

    /// What a feed has seen so far.
    pub async fn feed_count(&mut self, organisation: OrganisationId, feed: FeedId) -> Result<FeedCount, StoreError> {
        let row: Option<CountRow> =
            on!(self, sqlx::query_as(COUNTED).bind(organisation.uuid()).bind(feed.uuid()) => fetch_optional)?;
        Ok(row.map(CountRow::into_count).unwrap_or_default())
    }
}

impl Row {
    fn into_feed(self) -> Result<Feed, StoreError> {
        Ok(Feed {
            id: FeedId::new(self.id),
            organisation: OrganisationId::new(self.organisation_id),
            kind: self
                .kind
                .parse()
                .map_err(|_| StoreError::Unreadable { what: "feed.kind" })?,
            name: self.name,
            registration: self.registration_id.map(RegistrationId::new),
            course: self.course_id.map(CourseId::new),
            secret: self.secret,
            previous: self
                .previous_secret
                .zip(self.previous_until.map(Timestamp::from_millis)),
            raw_key: self.raw_key,
            address_key: self.address_key,
            enabled: self.enabled,
            created_at: Timestamp::from_millis(self.created_at),
            rotated_at: Timestamp::from_millis(self.rotated_at),
        })
    }
}

impl CountRow {
    fn into_count(self) -> FeedCount {
        FeedCount {
            accepted: self.accepted,
            repeated: self.repeated,
            ignored: self.ignored,
            refused: self.refused,
            unreadable: self.unreadable,
            limited: self.limited,
            dropped: self.dropped,
            accepted_at: self.accepted_at.map(Timestamp::from_millis),
            refused_at: self.refused_at.map(Timestamp::from_millis),
            error: self.error.zip(self.error_at.map(Timestamp::from_millis)),
        }
    }
}
