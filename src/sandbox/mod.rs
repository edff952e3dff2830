//! A demo LMS and a simulated Factory: for trying out and for tests. Shares no code with the clients.

mod authority;
pub mod factory;
pub mod lms;
