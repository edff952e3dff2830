//! What jobs do, a file for each.

pub mod roster;
