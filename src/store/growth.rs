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
