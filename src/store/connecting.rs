//! How the last try to connect an organisation went.

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::OrganisationId;
use crate::model::connecting::{Attempted, ConnectFailure, ConnectKind, ConnectReason, ConnectStep};

type Row = (
    String,
    String,
    i64,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
);

const BEGIN: &str = "INSERT INTO connecting (organisation_id, kind, url, begun_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (organisation_id) DO UPDATE SET kind = excluded.kind, url = excluded.url,
        begun_at = excluded.begun_at, ended_at = NULL, step = NULL, reason = NULL, said = NULL
    WHERE connecting.ended_at IS NOT NULL OR connecting.begun_at <= $5";
const END: &str = "UPDATE connecting SET ended_at = $3, step = $4, reason = $5, said = $6
    WHERE organisation_id = $1 AND begun_at = $2 AND ended_at IS NULL";
const LAST: &str =
    "SELECT kind, url, begun_at, ended_at, step, reason, said FROM connecting WHERE organisation_id = $1";

impl Tx<'_> {
    /// Begins a try; `false`: another one is under way that began after `stale`.
    pub async fn begin_connecting(
        &mut self,
        organisation: OrganisationId,
        kind: ConnectKind,
        url: &str,
        now: Timestamp,
        stale: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(BEGIN).bind(organisation.uuid()).bind(kind.word()).bind(url)
            .bind(now.millis()).bind(stale.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Ends the try that began at `begun`.
    pub async fn end_connecting(
        &mut self,
        organisation: OrganisationId,
        begun: Timestamp,
        failure: Option<&ConnectFailure>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let step = failure.map(|failure| failure.step.word());
        let reason = failure.map(|failure| failure.reason.word());
        let said = failure.map(|failure| failure.said.as_str());
        on!(self, sqlx::query(END).bind(organisation.uuid()).bind(begun.millis()).bind(now.millis()).bind(step)
            .bind(reason).bind(said) => execute)?;
        Ok(())
    }

    /// The last try.
    pub async fn connecting(&mut self, organisation: OrganisationId) -> Result<Option<Attempted>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(LAST).bind(organisation.uuid()) => fetch_optional)?;
        row.map(|(kind, url, begun_at, ended_at, step, reason, said)| {
            let unreadable = || StoreError::Unreadable { what: "connecting" };
            let failure = match (step, reason) {
                (Some(step), Some(reason)) => Some(ConnectFailure {
                    step: ConnectStep::parse(&step).ok_or_else(unreadable)?,
                    reason: ConnectReason::parse(&reason).ok_or_else(unreadable)?,
                    said: said.unwrap_or_default(),
                }),
                _ => None,
            };
            Ok(Attempted {
                kind: ConnectKind::parse(&kind).ok_or_else(unreadable)?,
                url,
                begun_at: Timestamp::from_millis(begun_at),
                ended_at: ended_at.map(Timestamp::from_millis),
                failure,
            })
        })
        .transpose()
    }
}
