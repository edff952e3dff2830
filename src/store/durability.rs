//! How safe a write must be before it is answered.

/// What a unit's answer promises. Each name says what the two databases do, because they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Survives power loss: orders, signals, awards, everything a person or another system was told is kept.
    /// SQLite: `synchronous = FULL`; PostgreSQL: synchronous commit.
    Full,
    /// A launch: survives `kill -9`; after power loss the person launches again. What later depends on it durably
    /// carries it along, since the log is ordered. SQLite: `synchronous = NORMAL`; PostgreSQL: synchronous commit.
    Launch,
    /// A login record: worthless after ten minutes. SQLite: `synchronous = NORMAL`; PostgreSQL: asynchronous commit,
    /// through a small pool of its own (setting it in each transaction would cost a round trip).
    Login,
}
