//! The one checked HTTP client: every call to a learning platform or the Factory goes through it.
//!
//! It keeps these promises: names are resolved once and connected to as checked, literal addresses are checked as well;
//! nothing but public addresses is reached unless a setting or a registration allows it; https only, except in allowed
//! networks; no redirect is followed, no proxy is taken from the environment, nothing is sent twice; every call is
//! limited in time, and what is read of its answer in size.
//!
//! Connections are kept open and reused, but only by calls with the same identity and the same allowances: a connection
//! that one registration may make never carries another's request.

mod address;
mod body;
mod client;
mod error;
mod request;
mod resolver;
mod response;
mod tls;

pub use address::{Allowed, InvalidAllowed};
pub use client::Client;
pub use error::{Error, SetupError};
pub use request::{Gate, Method, Request};
pub use resolver::Refusal;
pub use response::Response;

#[cfg(test)]
mod tests;
