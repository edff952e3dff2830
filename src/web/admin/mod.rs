//! The administration of one organisation, for its administrators and for operators.
//!
//! Every handler starts from an [`Admin`](crate::web::operator::session::Admin), and every store call takes its
//! organisation: what belongs to another one is not found (P5). No page waits for the Factory or an LMS (P7).

mod api;
mod audit;
mod badge_form;
mod badges;
mod client;
mod courses;
mod deployments;
mod disconnect;
mod edits;
mod events;
mod factory;
mod feeds;
pub(super) mod glance;
mod issuer;
mod lms;
mod members;
mod people;
mod queue;
mod reports;
mod routes;
mod settings;
mod setup;
mod unmatched;

pub(super) use routes::routes;

/// A name for people: 1 to 200 characters.
fn name(text: &str) -> Option<String> {
    let name = text.trim();
    let is_name = !name.is_empty() && name.chars().count() <= 200 && !name.contains(char::is_control);
    is_name.then(|| name.to_owned())
}
