//! All SQL: one text, two databases.
//!
//! [`Store`] opens SQLite or PostgreSQL; [`Tx`] is one unit of work on either. Each aggregate has a file of its own with
//! methods on [`Tx`]. Nothing in a unit but the database: no network call, no cache, no wake-up.

mod administrator;
mod alias;
pub mod application;
pub mod application_file;
pub mod attempt;
pub mod audit;
pub mod award;
pub mod award_views;
mod catalog;
pub mod check;
mod connecting;
mod connection;
pub mod content;
mod course;
mod course_badges;
mod course_pages;
mod dialect;
mod draft;
mod durability;
mod error;
pub mod evaluation;
pub mod extra;
pub mod fact;
mod feed;
mod fingerprint;
mod form;
pub mod given;
pub mod grade;
mod handle;
mod health;
pub mod holding;
pub mod installation;
mod intake;
pub mod job;
mod known_launch;
mod launch;
mod migrate;
pub mod notice;
pub mod order;
pub mod order_views;
mod organisation;
pub mod personal;
mod postgres;
pub mod problem;
pub mod pull;
pub mod queue;
pub mod request;
mod roster;
pub mod rule;
mod session;
pub mod signal;
mod sqlite;
mod statistics;
#[cfg(test)]
mod tests;
mod tx;
mod unit;
mod writer;

pub use course::RosterEntry;
pub use course_badges::CourseLine;
pub use course_pages::OwnAward;
pub use draft::Author;
pub use durability::Durability;
pub use error::StoreError;
pub use handle::{Options, Store};
pub use launch::{Found, LaunchKeys, SessionOffer};
pub use roster::{RosterAward, RosterQuery, RosterRow, RosterSort};
pub use sqlite::ServerLock;
pub use tx::Tx;
