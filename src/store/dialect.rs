//! The pieces of SQL that differ between the two databases. Everything else is one text.
//!
//! sqlx takes static texts only, so a statement that needs a piece is a pair of constants, made by [`both!`] and chosen
//! at run time by `Tx::pick`.

/// A statement in two dialects, `(sqlite, postgres)`, for `Tx::pick`:
/// `both!("SELECT id FROM jobs WHERE due <= $1 ORDER BY due LIMIT $2", for_update_skip_locked)`.
///
/// Its parts are literals for both databases and these pieces:
/// * `for_update`: locks the rows that were read until the end of the transaction. Empty on SQLite, whose one writer
///   has locked the whole database;
/// * `for_update_skip_locked`: the same, passing over rows that another transaction holds: for claiming work;
/// * `(sqlite "…")`, `(postgres "…")`: text for one of them only.
macro_rules! both {
    (@sqlite for_update) => { "" };
    (@sqlite for_update_skip_locked) => { "" };
    (@sqlite (sqlite $text:literal)) => { $text };
    (@sqlite (postgres $text:literal)) => { "" };
    (@sqlite $text:literal) => { $text };
    (@postgres for_update) => { " FOR UPDATE" };
    (@postgres for_update_skip_locked) => { " FOR UPDATE SKIP LOCKED" };
    (@postgres (sqlite $text:literal)) => { "" };
    (@postgres (postgres $text:literal)) => { $text };
    (@postgres $text:literal) => { $text };
    ($($part:tt),+ $(,)?) => {
        (
            concat!($($crate::store::dialect::both!(@sqlite $part)),+),
            concat!($($crate::store::dialect::both!(@postgres $part)),+),
        )
    };
}
pub(crate) use both;

/// The database's own time in milliseconds since 1970: moves on inside a transaction, unlike `now()`.
pub(super) const POSTGRES_NOW: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
