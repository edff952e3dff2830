//! LTI endpoints: login, launch, key set.

mod facts;
mod keys;
mod launch;
mod login;

pub(super) use keys::key_set;
pub(super) use launch::launch;
pub(super) use login::login;
