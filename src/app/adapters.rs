//! The ports of the inner modules, implemented over the checked HTTP client.

mod applications;
mod catalog;
mod factory;
mod holdings;
mod issuer;
mod keeper;
mod platforms;

pub use applications::V1FormDesks;
pub use factory::{Connections, NoClient, OverOutbound, secret_place};
pub use issuer::V1Issuers;
pub use platforms::OutboundPlatforms;
