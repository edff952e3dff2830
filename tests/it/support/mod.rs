//! What several integration tests share.

pub(crate) mod awards_world;
pub(crate) mod course_world;
pub(crate) mod database;
pub(crate) mod model_factory;
