//! The administration's sign-in, and the pages of operators.
//!
//! A session here comes only from single sign-on, or from a one-time link that is spent by a form of our own page: opening the link by itself, as
//! scanners of mail do, changes nothing (promise P1). Its cookie opens no course, and a course's cookie opens nothing here.

mod health;
mod keys;
mod organisations;
mod overview;
mod preferences;
mod provider;
mod routes;
pub(in crate::web) mod session;
mod sso;
mod welcome;

pub(super) use organisations::link;
pub use provider::Provider;
pub(super) use routes::routes;
pub use sso::CALLBACK;
