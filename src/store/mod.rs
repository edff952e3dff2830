//! All SQL: one text, two databases.
//!
//! [`Store`] opens SQLite or PostgreSQL; [`Tx`] is one unit of work on either. Each aggregate has a file of its own with
//! methods on [`Tx`]. Nothing in a unit but the database: no network call, no cache, no wake-up.

mod catalog;
mod course;
mod dialect;
mod durability;
mod error;
mod fingerprint;
mod handle;
mod health;
pub mod installation;
mod launch;
mod migrate;
mod organisation;
mod postgres;
mod roster;
mod session;
mod sqlite;
#[cfg(test)]
mod tests;
mod tx;
mod unit;
mod writer;

pub use course::RosterEntry;
pub use durability::Durability;
pub use error::StoreError;
pub use handle::{Options, Store};
pub use launch::SessionOffer;
pub use roster::{RosterAward, RosterQuery, RosterRow};
pub use sqlite::ServerLock;
pub use tx::Tx;
