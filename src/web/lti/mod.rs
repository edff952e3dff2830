//! LTI endpoints: login, launch, the window of our own, key set.

mod facts;
mod keys;
mod launch;
mod login;
mod storage;

pub(super) use keys::key_set;
pub(super) use launch::launch;
pub(super) use login::login;
pub(super) use storage::window;
