//! Files that were handed in with applications, in pieces of some hundred kilobytes.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::application::FileFacts;
use crate::model::{ApplicationId, FileId, OrganisationId};

/// The largest piece, in bytes: one is written in some milliseconds.
pub const PIECE: usize = 256 * 1024;

const ADD: &str =
    "INSERT INTO application_file (id, organisation_id, application_id, name, media_type, size, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ADD_PIECE: &str = "INSERT INTO application_file_piece (file_id, position, bytes)
    SELECT id, $3, $4 FROM application_file WHERE organisation_id = $1 AND id = $2";
const PIECES: &str = "SELECT p.bytes FROM application_file f JOIN application_file_piece p ON p.file_id = f.id
    WHERE f.organisation_id = $1 AND f.application_id = $2 AND f.id = $3 ORDER BY p.position";
const LEFT_OVER: &str = "DELETE FROM application_file WHERE id IN (SELECT f.id FROM application_file f
    WHERE f.created_at < $1 AND NOT EXISTS (SELECT 1 FROM application a WHERE a.id = f.application_id)
    ORDER BY f.created_at LIMIT 20)";

const DECIDED: &str = "DELETE FROM application_file WHERE id IN (SELECT f.id FROM application_file f
    JOIN application a ON a.id = f.application_id WHERE f.created_at < $1 AND a.decided_at < $1
    ORDER BY f.created_at LIMIT 20)";

impl Tx<'_> {
    /// Begins a file of an application that is about to be stored.
    pub async fn add_application_file(
        &mut self,
        organisation: OrganisationId,
        application: ApplicationId,
        file: &FileFacts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(file.id).bind(organisation.uuid()).bind(application.uuid()).bind(&file.name)
            .bind(&file.media_type).bind(i64::try_from(file.size).unwrap_or(i64::MAX)).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Adds the next piece of a file.
    pub async fn add_file_piece(
        &mut self,
        organisation: OrganisationId,
        file: FileId,
        position: i64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD_PIECE).bind(organisation.uuid()).bind(file.uuid()).bind(position).bind(bytes)
            => execute)?;
        Ok(())
    }

    /// A file of an application, whole; empty if there is none.
    pub async fn file_bytes(
        &mut self,
        organisation: OrganisationId,
        application: ApplicationId,
        file: Uuid,
    ) -> Result<Vec<u8>, StoreError> {
        let pieces: Vec<Vec<u8>> = on!(self, sqlx::query_scalar(PIECES).bind(organisation.uuid())
            .bind(application.uuid()).bind(file) => fetch_all)?;
        Ok(pieces.concat())
    }

    /// Forgets files from before `before` whose application was never stored, at most 20 a call; how many.
    pub async fn forget_files_left_over(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(LEFT_OVER).bind(before.millis()) => execute)
    }

    /// Forgets files whose application was decided before `before`, at most 20 a call; how many. What was answered stays.
    pub async fn forget_files_of_decided(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(DECIDED).bind(before.millis()) => execute)
    }
}
