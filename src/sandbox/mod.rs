//! A demo LMS and a simulated Factory: for trying out and for tests. Shares no code with the clients.

pub mod lms;
