//! How jobs and pages reach an LMS; implemented in `app` over the checked HTTP client.

use std::sync::Arc;

use crate::lti::Fetch;
use crate::model::Registration;

/// Gives each registration its way to its LMS.
pub trait Platforms: std::fmt::Debug + Send + Sync {
    /// Calls for `registration`, within what it allows beyond the public network.
    fn fetch(&self, registration: &Registration) -> Arc<dyn Fetch>;
}
