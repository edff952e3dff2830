//! The web server: pages and LTI endpoints.

pub mod assets;
pub mod pages;
pub mod text;
