//! Badgebridge: Open Badges from any learning management system, through Open Badge Factory or CanCred Factory.
//!
//! From the roof to the ground: `cli` → `app` → `web`, `jobs` → `awards`, `catalog` → `store` → `model`, `lti`,
//! `factory`, `outbound` → `clock`, `crypto`, `config`. No arrow runs up, none in a circle; a test holds this.

pub mod app;
pub mod awards;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod factory;
pub mod jobs;
pub mod lms;
pub mod lti;
pub mod model;
pub mod outbound;
pub mod sandbox;
pub mod signals;
pub mod store;
pub mod telemetry;
pub mod web;

// The library's own tests share the integration tests' databases and property tests, which name this crate from outside.
#[cfg(test)]
extern crate self as badgebridge;
#[cfg(test)]
#[path = "../tests/it/support/cases.rs"]
mod test_cases;
#[cfg(test)]
#[path = "../tests/it/support/database.rs"]
mod test_database;
#[cfg(test)]
mod support {
    pub(crate) use crate::test_cases as cases;
    pub(crate) use crate::test_database as database;
}
