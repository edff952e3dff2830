//! The pages of the administration of one organisation.

pub mod courses;
pub mod disconnect;
pub mod factory;
pub mod lms;
pub mod queue;
pub mod records;
pub mod setup;
