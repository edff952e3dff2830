//! Each type a column may have, written and read on both databases by the same code.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::on;
use crate::store::dialect::both;
use crate::store::{Durability, StoreError, Tx};
use crate::support::database::on_both_databases;

const TABLE: (&str, &str) = both!(
    "CREATE TABLE spine_types (id ", (sqlite "BLOB"), (postgres "UUID"), " PRIMARY KEY, parent ", (sqlite "BLOB"),
    (postgres "UUID"), ", at BIGINT NOT NULL, later BIGINT, name TEXT NOT NULL, note TEXT, sealed ", (sqlite "BLOB"),
    (postgres "BYTEA"), " NOT NULL, is_open BOOLEAN NOT NULL, is_known BOOLEAN, claims ", (sqlite "TEXT"),
    (postgres "JSONB"), " NOT NULL, extra ", (sqlite "TEXT"), (postgres "JSONB"), ")",
);
const INSERT: &str =
    "INSERT INTO spine_types (id, parent, at, later, name, note, sealed, is_open, is_known, claims, extra)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, note = $6 RETURNING *";
const BY_ID: (&str, &str) = both!("SELECT * FROM spine_types WHERE id = $1", for_update_skip_locked);
const FACTS: &str = "SELECT COUNT(*), EXISTS (SELECT 1 FROM spine_types WHERE is_open AND NOT (is_open = FALSE)),
    MAX(later), CAST(COALESCE(SUM(LENGTH(name)), 0) AS BIGINT), MAX(name) FROM spine_types";

#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
struct Row {
    id: Uuid,
    parent: Option<Uuid>,
    at: i64,
    later: Option<i64>,
    name: Name,
    note: Option<String>,
    sealed: Vec<u8>,
    is_open: bool,
    is_known: Option<bool>,
    claims: Json<Claims>,
    extra: Option<Json<Claims>>,
}

#[derive(Clone, Debug, PartialEq, sqlx::Type)]
#[sqlx(transparent)]
struct Name(String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Claims {
    roles: Vec<String>,
    score: Option<f64>,
}

impl Tx<'_> {
    async fn put_types(&mut self, row: &Row) -> Result<Row, StoreError> {
        on!(self, sqlx::query_as(INSERT)
            .bind(row.id)
            .bind(row.parent)
            .bind(row.at)
            .bind(row.later)
            .bind(&row.name)
            .bind(row.note.as_deref())
            .bind(&row.sealed[..])
            .bind(row.is_open)
            .bind(row.is_known)
            .bind(&row.claims)
            .bind(row.extra.as_ref()) => fetch_one)
    }

    async fn types(&mut self, id: Uuid) -> Result<Option<Row>, StoreError> {
        let text = self.pick(BY_ID);
        on!(self, sqlx::query_as(text).bind(id) => fetch_optional)
    }
}

on_both_databases! {
    async fn each_type_is_read_as_it_was_written(database: Database) {
        let store = database.store().await;
        store
            .write(Durability::Full, async move |tx| {
                let table = tx.pick(TABLE);
                on!(tx, sqlx::query(table) => execute)
            })
            .await
            .unwrap();
        let full = Row {
            id: Uuid::from_u128(1),
            parent: Some(Uuid::from_u128(u128::MAX)),
            at: i64::MAX,
            later: Some(-1),
            name: Name("Zoë 𝄞".to_owned()),
            note: Some(String::new()),
            sealed: vec![0, 255, 128],
            is_open: true,
            is_known: Some(false),
            claims: Json(Claims { roles: vec!["Learner".to_owned()], score: Some(0.5) }),
            extra: Some(Json(Claims { roles: vec![], score: None })),
        };
        let sparse = Row { id: Uuid::from_u128(2), parent: None, later: None, note: None, sealed: vec![], is_open: false, is_known: None, extra: None, ..full.clone() };
        for row in [full.clone(), sparse, full] {
            let (written, read) = store
                .write(Durability::Full, {
                    let row = row.clone();
                    async move |tx| Ok::<_, StoreError>((tx.put_types(&row).await?, tx.types(row.id).await?))
                })
                .await
                .unwrap();
            assert_eq!(written, row);
            assert_eq!(read, Some(row));
        }
        let (count, is_any_open, latest, letters, name): (i64, bool, Option<i64>, i64, Option<Name>) = store
            .read_one(async |tx| {
                on!(tx, sqlx::query_as(FACTS) => fetch_one)
            })
            .await
            .unwrap();
        assert_eq!((count, is_any_open, latest), (2, true, Some(-1)));
        assert_eq!((letters, name), (10, Some(Name("Zoë 𝄞".to_owned()))));
        assert_eq!(store.read_one(async |tx| {
            let text = "SELECT * FROM spine_types WHERE id = $1";
            on!(tx, sqlx::query_as::<_, Row>(text).bind(Uuid::from_u128(3)) => fetch_optional)
        }).await.unwrap(), None);
        store.close().await;
    }
}
