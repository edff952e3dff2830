//! What SQLite is told about how full its tables are.
//!
//! Without statistics SQLite takes an organisation to have ten members, awards or signals, and then rather reads all of
//! them than looks a person up. `ANALYZE` would measure the tables as they are by chance when it runs; these figures are
//! of a large installation and always the same, so that a plan that was tested is the plan that runs. (SQLite:
//! "The ANALYZE Command", section "Fixed results of ANALYZE".)

use sqlx::{Connection, SqliteConnection};

use super::error::StoreError;

/// Rows of every table, and of a partial index.
const ROWS: u64 = 1_000_000;
const ROWS_OF_PART: u64 = 50_000;
/// Different values of a column that tells rows apart well, such as an id, an address or a time.
const MANY: u64 = 125_000;

/// Different values of the columns that do not.
const FEW: [(&str, u64); 20] = [
    ("organisation_id", 20),
    ("registration_id", 40),
    ("course_id", 200),
    // a person has awards, signals and places in many courses
    ("member_id", 10_000),
    ("rule_id", 200),
    ("badge_id", 50),
    ("cause", 50),
    ("feed_id", 100),
    ("version", 3),
    ("period", 1),
    ("generation", 2),
    ("kind", 8),
    ("state", 8),
    ("stage", 8),
    ("hold", 5),
    ("class", 3),
    ("source", 3),
    ("item", 20),
    ("outcome", 8),
    ("position", 10),
];

const COLUMNS: &str = "SELECT t.name, i.name, i.\"unique\", i.partial, COALESCE(c.name, '')
    FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, i.name, c.seqno";
const IS_THERE: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = $1)";
const PRESENT: &str = "SELECT tbl, COALESCE(idx, ''), stat FROM sqlite_stat1 ORDER BY tbl, idx";
const ADD: &str = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)";
const FORGET: &str = "DELETE FROM sqlite_stat1";
const FORGET_SAMPLES: &str = "DELETE FROM sqlite_stat4";
// Makes the tables, and makes a connection read them anew.
const READ: &str = "ANALYZE sqlite_schema";

/// One row of SQLite's statistics: table, index, figures.
type Row = (String, String, String);

/// Writes the figures of every index there is in place of what an earlier version, or somebody's `ANALYZE`, left; where
/// they stand already, nothing is written. Connections opened after it plan by them.
pub(super) async fn write(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let wanted = wanted(conn).await?;
    let samples = is_there(conn, "sqlite_stat4").await?;
    if is_there(conn, "sqlite_stat1").await? {
        let present: Vec<Row> = sqlx::query_as(PRESENT).fetch_all(&mut *conn).await?;
        if present == wanted {
            return Ok(());
        }
    }
    let mut tx = conn.begin().await?;
    sqlx::query(READ).execute(&mut *tx).await?;
    sqlx::query(FORGET).execute(&mut *tx).await?;
    if samples {
        sqlx::query(FORGET_SAMPLES).execute(&mut *tx).await?;
    }
    for (table, index, figures) in wanted {
        let add = sqlx::query(ADD).bind(table).bind(index).bind(figures);
        add.execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn is_there(conn: &mut SqliteConnection, table: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(IS_THERE).bind(table).fetch_one(conn).await?)
}

/// What should stand there, in order.
async fn wanted(conn: &mut SqliteConnection) -> Result<Vec<Row>, StoreError> {
    let rows: Vec<(String, String, bool, bool, String)> = sqlx::query_as(COLUMNS).fetch_all(conn).await?;
    let of_index = rows.chunk_by(|one, other| (&one.0, &one.1) == (&other.0, &other.1));
    let row = |columns: &[(String, String, bool, bool, String)]| {
        let (table, index, unique, partial, _) = columns.first()?.clone();
        let names: Vec<&str> = columns.iter().map(|column| column.4.as_str()).collect();
        Some((table, index, figures(&names, unique, partial)))
    };
    Ok(of_index.filter_map(row).collect())
}

/// As SQLite writes them: rows of the index, then how many of them are alike in the first column, the first two, …
fn figures(columns: &[&str], unique: bool, partial: bool) -> String {
    let rows = if partial { ROWS_OF_PART } else { ROWS };
    let mut alike = rows;
    let mut words = vec![rows.to_string()];
    for (place, column) in columns.iter().enumerate() {
        let few = FEW.iter().find(|(name, _)| name == column);
        alike = (alike / few.map_or(MANY, |(_, different)| *different)).max(1);
        if unique && place + 1 == columns.len() {
            alike = 1;
        }
        words.push(alike.to_string());
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_say_how_many_rows_are_alike() {
        let of = figures;
        assert_eq!(
            of(&["organisation_id", "member_id", "created_at"], false, false),
            "1000000 50000 5 1"
        );
        assert_eq!(of(&["organisation_id", "state"], false, true), "50000 2500 312");
        assert_eq!(of(&["organisation_id", "kind"], true, false), "1000000 50000 1");
    }
}
