//! Puts the parts together: the only place that knows them all.

pub mod adapters;
mod build;
mod installation;

pub use build::{Parts, open_store};
pub use installation::{Identity, keyring};
