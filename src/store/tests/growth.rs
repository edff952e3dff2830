//! PostgreSQL plans anew for tables that have grown.

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
        let fill = "INSERT INTO signal (id, organisation_id, source, source_event_id, event_key, kind, item, person,
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
