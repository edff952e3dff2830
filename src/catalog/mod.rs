//! Cached reads of the Factory with their age, and pictures by hash. Pages read the catalog, never the Factory (P7).

mod form;
mod pictures;
pub mod ports;
mod refresh;

pub use refresh::{RefreshError, Refreshed, refresh};
