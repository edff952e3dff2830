//! LTI endpoints: login, launch, the window of our own, key set, registration.

mod facts;
mod keys;
mod launch;
mod login;
mod notices;
mod register;
mod setup;
mod storage;

/// The custom parameter that names placed content.
pub(super) const CONTENT_VARIABLE: &str = "badgebridge_content";
/// The custom parameter that carries the contexts which a course was copied from.
pub(super) const HISTORY_VARIABLE: &str = "context_history";
/// The same as [`CONTENT_VARIABLE`] in a placed link's own address, for platforms that drop custom parameters.
pub(super) const CONTENT_PARAMETER: &str = "content";

pub(super) use keys::key_set;
pub(super) use launch::launch;
pub(super) use login::login;
pub(super) use notices::notices;
pub(super) use register::{canvas, open as open_registration, register};
pub(super) use setup::{check as setup_check, self_check, to_copy, values as setup_values};
pub(super) use storage::{own_page_only, plain_frame, window};
