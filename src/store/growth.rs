//! What PostgreSQL is told about how full its tables are.
//!
//! A statement's plan is kept. One that was made while a table was empty finds a signal by reading all that its organisation
//! has, until the table is looked at anew; autovacuum does that a minute later at the earliest, and a burst of news on a new
//! database takes that long to be matched. So tables are looked at as soon as they have doubled: rarely, the larger they are.
//! SQLite's figures are fixed (`statistics`).

use sqlx::PgPool;

use super::StoreError;

/// Tables that grow, each with the statement that looks at it: samples of some thousand rows.
const TABLES: [(&str, &str); 17] = [
    ("award", "ANALYZE award"),
    ("course", "ANALYZE course"),
    ("course_alias", "ANALYZE course_alias"),
    ("enrolment", "ANALYZE enrolment"),
    ("evaluation", "ANALYZE evaluation"),
    ("fact", "ANALYZE fact"),
    ("given_name", "ANALYZE given_name"),
    ("member", "ANALYZE member"),
    ("member_alias", "ANALYZE member_alias"),
    ("order_attempt", "ANALYZE order_attempt"),
    ("order_award", "ANALYZE order_award"),
    ("orders", "ANALYZE orders"),
    ("pulled", "ANALYZE pulled"),
    ("request_award", "ANALYZE request_award"),
    ("rule_award", "ANALYZE rule_award"),
    ("signal", "ANALYZE signal"),
    ("signal_wait", "ANALYZE signal_wait"),
];

/// Tables with twice as many rows as when they were looked at last, or as many changes.
const GROWN: &str = "SELECT CAST(relname AS TEXT) FROM pg_stat_user_tables WHERE schemaname = current_schema()
    AND n_mod_since_analyze >= 500 AND n_mod_since_analyze * 2 >= n_live_tup";

/// Looks at what has grown; how many tables. Plans of every connection are then made anew.
pub(super) async fn look(pool: &PgPool) -> Result<usize, StoreError> {
    let grown: Vec<String> = sqlx::query_scalar(GROWN).fetch_all(pool).await?;
    let mut looked = 0;
    for (_, analyze) in TABLES
        .iter()
        .filter(|(name, _)| grown.iter().any(|grown| grown == name))
    {
        sqlx::query(*analyze).execute(pool).await?;
        looked += 1;
    }
    Ok(looked)
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, PgConnection};

    use crate::support::database::with_postgres;

    const KEPT: &str = "EXPLAIN (COSTS OFF) EXECUTE kept (NULL, NULL)";

    async fn plan(conn: &mut PgConnection) -> String {
        let rows: Vec<String> = sqlx::query_scalar(KEPT)
            .persistent(false)
            .fetch_all(conn)
            .await
            .unwrap();
        rows.join("\n")
    }

    #[tokio::test]
    async fn a_kept_plan_of_an_empty_table_is_made_anew_once_the_table_has_grown() {
        with_postgres(async |database| {
            let store = database.store().await;
            assert_eq!(store.look_at_growth().await.unwrap(), 0, "nothing has grown");
            let mut conn = PgConnection::connect(&database.url).await.unwrap();
            for prepare in [
                "SET plan_cache_mode = force_generic_plan",
                "PREPARE kept AS UPDATE signal SET reason = 'x' WHERE organisation_id = $1 AND id = $2",
            ] {
                sqlx::query(prepare).persistent(false).execute(&mut conn).await.unwrap();
            }
            let before = plan(&mut conn).await;
            let fill =
                "INSERT INTO signal (id, organisation_id, source, source_event_id, event_key, kind, item, person,
                course, occurred_at, received_at, state, changed_at)
                SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'webhook', CAST(n AS TEXT),
                CAST(CAST(n AS TEXT) AS BYTEA), 'completed', 'course', '{}', '{}', 1, 1, 'matched', 1
                FROM generate_series(1, 1000) n";
            for fill in [fill, "SELECT pg_stat_force_next_flush()", "SELECT 1"] {
                sqlx::query(fill).execute(&mut conn).await.unwrap();
            }
            assert_eq!(store.look_at_growth().await.unwrap(), 1, "the signals; {before}");
            let after = plan(&mut conn).await;
            assert!(after.contains("signal_pkey"), "{after}");
            assert_eq!(store.look_at_growth().await.unwrap(), 0, "they were looked at");
            conn.close().await.unwrap();
            store.close().await;
        })
        .await;
    }
}
