//! Cached reads of the Factory with their age, and pictures by hash. Pages read the catalog, never the Factory (P7).

pub mod editing;
mod form;
pub mod keeper;
pub mod looking;
mod pictures;
pub mod ports;
mod refresh;
pub mod searching;

pub use form::is_active;
pub use pictures::{PictureProblem, prepare};
pub use refresh::{RefreshError, Refreshed, refresh};
