//! The web server: pages and LTI endpoints.

mod admin;
pub mod assets;
pub mod backstage;
pub mod clean;
mod connections;
mod cookies;
pub mod course;
mod deployments;
pub mod deps;
pub mod directory;
pub mod encounters;
pub mod error;
pub mod feeds;
mod files;
mod guard;
mod health;
pub mod logins;
mod lti;
mod markup;
pub mod notices;
pub mod operator;
pub mod pages;
mod refusal_page;
pub mod routes;
pub mod text;
pub mod visit;
mod way_back;
