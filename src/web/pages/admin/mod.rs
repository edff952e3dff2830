//! The pages of the administration of one organisation.

pub mod api;
pub mod badges;
pub mod courses;
pub mod disconnect;
pub mod events;
pub mod factory;
pub mod lms;
pub mod members;
pub mod queue;
pub mod records;
pub mod reports;
pub mod setup;
