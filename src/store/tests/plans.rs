//! How SQLite would go about a query: by an index that finds few rows, or from end to end.

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// Results of a query's own parts, read from end to end because they are small.
const PARTS: [&str; 5] = ["held", "earlier", "page", "newest", "few"];

/// Fails if one of `queries` would read a table from end to end.
pub(in crate::store) async fn without_scans(queries: &[&str]) {
    for (sql, step) in steps(queries).await {
        let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
        let is_small = |name: &str| PARTS.contains(&name) || name.starts_with("(subquery-");
        assert!(scanned.is_none_or(is_small), "{step} in {sql}");
    }
}

/// Fails if one of `queries` would read everything that an organisation has in a table.
pub(in crate::store) async fn finding_few(queries: &[&str]) {
    without_scans(queries).await;
    for (sql, step) in steps(queries).await {
        assert!(!step.contains("(organisation_id=?)"), "{step} in {sql}");
    }
}

async fn steps<'a>(queries: &[&'a str]) -> Vec<(&'a str, String)> {
    let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    crate::store::migrate::SQLITE.run(&mut conn).await.unwrap();
    crate::store::statistics::write(&mut conn).await.unwrap();
    sqlx::query("ANALYZE sqlite_schema").execute(&mut conn).await.unwrap();
    let mut found = Vec::new();
    for sql in queries {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&mut conn).await.unwrap();
        found.extend(plan.into_iter().map(|(_, _, _, step)| (*sql, step)));
    }
    found
}
