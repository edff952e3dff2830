//! The pages of a course: for staff home, issuing, progress, history, revocation; for learners their own badges; beside
//! them help, privacy, language and appearance.
//!
//! Every handler starts from a [`crate::web::visit::Visit`], and every store call takes its organisation and course: what
//! belongs to another course or organisation is not found (P5). Pages read what is stored, never the Factory or the LMS
//! (P7); a form that cannot be taken changes nothing and comes back as it was sent, with what is wrong (P8).

pub(super) mod answer;
mod answers;
mod applications;
mod apply;
mod audit;
mod award;
mod badge;
mod badge_page;
mod beside;
mod copied;
pub(super) mod csv;
pub(super) mod day;
mod event;
mod extra;
pub(super) mod feed_page;
pub(super) mod feeds;
pub(super) mod fields;
mod history;
mod home;
mod issue;
mod learner;
mod lms;
mod order;
pub mod pasted;
mod people;
mod pick;
mod progress;
pub(super) mod refresh;
mod revoke;
mod routes;
mod rules;
mod surroundings;
mod upload;
mod who;

pub(super) use pick::{pick, place};
pub(super) use routes::routes;
