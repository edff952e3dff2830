//! How SQLite would go about a query: by an index, or from end to end.

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// Results of a query's own parts, read from end to end because they are small.
const PARTS: [&str; 4] = ["held", "earlier", "page", "newest"];

/// Fails if one of `queries` would read a table from end to end.
pub(in crate::store) async fn without_scans(queries: &[&str]) {
    let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    crate::store::migrate::SQLITE.run(&mut conn).await.unwrap();
    for sql in queries {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&mut conn).await.unwrap();
        for (_, _, _, step) in plan {
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            assert!(scanned.is_none_or(|name| PARTS.contains(&name)), "{step} in {sql}");
        }
    }
}
