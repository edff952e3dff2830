//! LTI 1.3 core, tool side. Knows no badges and nothing else of this crate.
//!
//! A functional core: it parses, checks and returns values. Time (`now`, Unix seconds) and chance (states, nonces,
//! token ids) are arguments, HTTP goes through [`fetch::Fetch`]. The way of a launch:
//!
//! 1. [`login::LoginRequest`] is parsed, [`login::AuthenticationRequest`] leads the browser to the platform;
//! 2. [`login::AuthenticationResponse`] comes back, [`token::UnverifiedToken`] is parsed from it;
//! 3. [`keys::KeySets`] gives the key set of the registration, and `verify` makes [`token::SignedClaims`];
//! 4. `read` makes [`launch::LaunchClaims`], which become a [`launch::Launch`] only against the proof
//!    ([`launch::Spent`]) that the login record was spent.

mod address;
pub mod ags;
pub mod claims;
pub mod deep_link;
pub mod error;
pub mod fetch;
mod flight;
pub mod glimpse;
pub mod keys;
pub mod launch;
pub mod link_header;
pub mod login;
pub mod notices;
pub mod nrps;
pub mod registering;
pub mod registration;
pub mod roles;
pub mod service_token;
pub mod token;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod testing;

pub use error::{ErrorClass, LaunchError};
pub use fetch::{Fetch, FetchError};
