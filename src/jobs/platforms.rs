//! How jobs and pages reach an LMS; implemented in `app` over the checked HTTP client.

use std::sync::Arc;

use crate::lti::Fetch;
use crate::model::{AllowedNetwork, Registration};

/// Gives each registration its way to its LMS.
pub trait Platforms: std::fmt::Debug + Send + Sync {
    /// Calls for `registration`, within what it allows beyond the public network.
    fn fetch(&self, registration: &Registration) -> Arc<dyn Fetch> {
        self.fetch_within(&registration.allowed_networks)
    }

    /// Calls for an LMS that is not registered yet, within these networks beyond the public one.
    fn fetch_within(&self, allowed: &[AllowedNetwork]) -> Arc<dyn Fetch>;
}
