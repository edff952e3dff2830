//! The catalog: badges as last read from the Factory, and their pictures.

use sqlx::types::Json;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::OrganisationId;
use crate::model::catalog::{BadgeMessage, CatalogBadge, CatalogState};

#[derive(sqlx::FromRow)]
struct BadgeRow {
    badge_id: String,
    name: String,
    description: String,
    draft: bool,
    gone: bool,
    language: Option<String>,
    expires: String,
    message: Json<BadgeMessage>,
    picture: Option<String>,
    categories: Json<Vec<String>>,
    tags: Json<Vec<String>>,
    changed_at: Option<i64>,
}

type StateRow = (i64, Option<i64>, Option<i64>, Option<String>);

const LIST: &str = "SELECT badge_id, name, description, draft, gone, language, expires, message, picture,
    categories, tags, changed_at FROM catalog_badge WHERE organisation_id = $1 ORDER BY sort_name, badge_id";
const ONE: &str = "SELECT badge_id, name, description, draft, gone, language, expires, message, picture,
    categories, tags, changed_at FROM catalog_badge WHERE organisation_id = $1 AND badge_id = $2";
const PUT: &str =
    "INSERT INTO catalog_badge (organisation_id, badge_id, name, sort_name, description, draft, gone, language,
    expires, message, picture, generation, categories, tags, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (organisation_id, badge_id) DO UPDATE SET name = excluded.name, sort_name = excluded.sort_name,
        description = excluded.description, draft = excluded.draft, gone = FALSE, language = excluded.language,
        expires = excluded.expires, message = excluded.message,
        picture = COALESCE(excluded.picture, catalog_badge.picture), generation = excluded.generation,
        categories = excluded.categories, tags = excluded.tags, changed_at = excluded.changed_at";
const STATE: &str = "SELECT generation, read_at, failing_since, error FROM catalog_state WHERE organisation_id = $1";
const FINISH: &str = "INSERT INTO catalog_state (organisation_id, generation, read_at) VALUES ($1, $2, $3)
    ON CONFLICT (organisation_id) DO UPDATE SET generation = excluded.generation, read_at = excluded.read_at,
        failing_since = NULL, error = NULL";
const GONE: &str = "UPDATE catalog_badge SET gone = TRUE WHERE organisation_id = $1 AND generation < $2 AND NOT gone";
const FAIL: &str =
    "INSERT INTO catalog_state (organisation_id, generation, failing_since, error) VALUES ($1, 0, $2, $3)
    ON CONFLICT (organisation_id) DO UPDATE SET
        failing_since = COALESCE(catalog_state.failing_since, excluded.failing_since), error = excluded.error";
const HAS_PICTURE: &str = "SELECT COUNT(*) FROM picture WHERE organisation_id = $1 AND hash = $2";
const PICTURE: &str = "SELECT png FROM picture WHERE organisation_id = $1 AND hash = $2";
const PUT_PICTURE: &str = "INSERT INTO picture (organisation_id, hash, png) VALUES ($1, $2, $3) ON CONFLICT (organisation_id, hash) DO NOTHING";

impl Tx<'_> {
    /// All badges of the organisation by name, also drafts and those that are gone.
    pub async fn catalog_badges(&mut self, organisation: OrganisationId) -> Result<Vec<CatalogBadge>, StoreError> {
        let rows: Vec<BadgeRow> = on!(self, sqlx::query_as(LIST).bind(organisation.uuid()) => fetch_all)?;
        rows.into_iter().map(BadgeRow::into_badge).collect()
    }

    /// One badge of the organisation.
    pub async fn catalog_badge(
        &mut self,
        organisation: OrganisationId,
        badge: &str,
    ) -> Result<Option<CatalogBadge>, StoreError> {
        let row: Option<BadgeRow> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(badge) => fetch_optional)?;
        row.map(BadgeRow::into_badge).transpose()
    }

    /// Stores a badge as read in the read `generation`. A badge without a picture keeps the one it had.
    pub async fn put_catalog_badge(
        &mut self,
        organisation: OrganisationId,
        badge: &CatalogBadge,
        generation: i64,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(PUT).bind(organisation.uuid()).bind(&badge.id).bind(&badge.name)
            .bind(badge.name.to_lowercase()).bind(&badge.description).bind(badge.draft).bind(&badge.language)
            .bind(badge.validity.to_string()).bind(Json(&badge.message)).bind(&badge.picture)
            .bind(generation).bind(Json(&badge.categories)).bind(Json(&badge.tags)).bind(badge.changed_at) => execute)?;
        Ok(())
    }

    /// How fresh the catalog is.
    pub async fn catalog_state(&mut self, organisation: OrganisationId) -> Result<CatalogState, StoreError> {
        let row: Option<StateRow> = on!(self, sqlx::query_as(STATE).bind(organisation.uuid()) => fetch_optional)?;
        Ok(
            row.map_or_else(CatalogState::default, |(generation, read_at, failing_since, error)| {
                CatalogState {
                    generation,
                    read_at: read_at.map(Timestamp::from_millis),
                    failing_since: failing_since.map(Timestamp::from_millis),
                    error,
                }
            }),
        )
    }

    /// Ends a read that came to the list's end. If it was whole, badges that it did not name are gone.
    pub async fn finish_catalog(
        &mut self,
        organisation: OrganisationId,
        generation: i64,
        is_whole: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(FINISH).bind(organisation.uuid()).bind(generation).bind(now.millis()) => execute)?;
        if is_whole {
            on!(self, sqlx::query(GONE).bind(organisation.uuid()).bind(generation) => execute)?;
        }
        Ok(())
    }

    /// Notes that a read failed; what was read before stays.
    pub async fn fail_catalog(
        &mut self,
        organisation: OrganisationId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(FAIL).bind(organisation.uuid()).bind(now.millis()).bind(why) => execute)?;
        Ok(())
    }

    /// Whether a picture is there already.
    pub async fn has_picture(&mut self, organisation: OrganisationId, hash: &str) -> Result<bool, StoreError> {
        let count: i64 = on!(self, sqlx::query_scalar(HAS_PICTURE).bind(organisation.uuid()).bind(hash) => fetch_one)?;
        Ok(count > 0)
    }

    /// A picture (PNG), by the digest in its address.
    pub async fn picture(&mut self, organisation: OrganisationId, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        on!(self, sqlx::query_scalar(PICTURE).bind(organisation.uuid()).bind(hash) => fetch_optional)
    }

    /// Keeps a picture, resized, under the digest of its original.
    pub async fn put_picture(
        &mut self,
        organisation: OrganisationId,
        hash: &str,
        png: &[u8],
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(PUT_PICTURE).bind(organisation.uuid()).bind(hash).bind(png) => execute)?;
        Ok(())
    }
}

impl BadgeRow {
    fn into_badge(self) -> Result<CatalogBadge, StoreError> {
        Ok(CatalogBadge {
            id: self.badge_id,
            name: self.name,
            description: self.description,
            draft: self.draft,
            gone: self.gone,
            language: self.language,
            validity: self.expires.parse().map_err(|_| StoreError::Unreadable {
                what: "catalog_badge.expires",
            })?,
            message: self.message.0,
            picture: self.picture,
            categories: self.categories.0,
            tags: self.tags.0,
            changed_at: self.changed_at,
        })
    }
}
