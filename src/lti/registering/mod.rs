//! Dynamic registration (LTI Dynamic Registration 1.0): the platform's description is read and checked, the tool is
//! described, and the platform's answer becomes a client id.
//!
//! Whoever opens a registration address chooses every address in the platform's description. None of them is called
//! without the checks of [`super::Fetch`], and what they claim to be is compared here.

mod platform;
mod reply;
mod tool;

use std::time::Duration;

use super::fetch::{Body, Method, Request};

pub use platform::{PlatformConfiguration, Product, UnusableConfiguration};
pub use reply::{Registered, UnusableReply};
pub use tool::{SCOPES, ToolAddresses, canvas_configuration, description};

/// The longest description or answer of a platform, in bytes.
const SIZE_LIMIT: usize = 1024 * 1024;

/// Asks for the platform's description (section 3.4). Canvas wants the token here as well.
pub fn ask_for_configuration(address: &str, token: Option<&str>, time_limit: Duration) -> Request {
    let request = Request::get(address, "application/json", time_limit, SIZE_LIMIT);
    with_token(request, token)
}

/// Registers the tool (section 3.6). `description` is what [`description`] made.
pub fn register(endpoint: &str, token: Option<&str>, description: &serde_json::Value, time_limit: Duration) -> Request {
    let request = Request {
        method: Method::Post,
        url: endpoint.to_owned(),
        headers: vec![("Accept", "application/json".to_owned())],
        body: Some(Body {
            content_type: "application/json".to_owned(),
            bytes: description.to_string().into_bytes(),
        }),
        time_limit,
        size_limit: SIZE_LIMIT,
    };
    with_token(request, token)
}

/// Brightspace and others send no token: then there is no header.
fn with_token(request: Request, token: Option<&str>) -> Request {
    match token {
        Some(token) => request.with_header("Authorization", format!("Bearer {token}")),
        None => request,
    }
}

#[cfg(test)]
mod tests;
