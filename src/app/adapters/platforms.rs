//! Calls to LMSs: `lti::Fetch` over the checked client, with what a registration allows beyond the public network.

use std::sync::Arc;

use crate::jobs::Platforms;
use crate::lti::fetch::{Fetch, FetchError, Fetching, Method, Request, Response};
use crate::model::AllowedNetwork;
use crate::outbound::{self, Allowed, Client};

/// Gives each registration its way to its LMS.
#[derive(Clone, Debug)]
pub struct OutboundPlatforms(Client);

impl OutboundPlatforms {
    /// Over this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }
}

impl Platforms for OutboundPlatforms {
    fn fetch_within(&self, allowed: &[AllowedNetwork]) -> Arc<dyn Fetch> {
        let entries: Vec<String> = allowed
            .iter()
            .map(|entry| format!("{}={}", entry.host, entry.network))
            .collect();
        let allowed = Allowed::parse(entries.iter().map(String::as_str)).unwrap_or_else(|_| Allowed::none());
        Arc::new(OnePlatform {
            client: self.0.clone(),
            allowed,
        })
    }
}

#[derive(Debug)]
struct OnePlatform {
    client: Client,
    allowed: Allowed,
}

impl Fetch for OnePlatform {
    fn fetch(&self, request: Request) -> Fetching<'_> {
        Box::pin(async move {
            let limit = request.size_limit;
            let response = self
                .client
                .send(translate(request), &self.allowed)
                .await
                .map_err(|error| failure(&error))?;
            let status = response.status();
            let headers = response
                .headers()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            let body = response.bytes(limit).await.map_err(|error| failure(&error))?;
            Ok(Response {
                status,
                headers,
                body: body.to_vec(),
            })
        })
    }
}

fn translate(request: Request) -> outbound::Request {
    let method = match request.method {
        Method::Get => outbound::Method::Get,
        Method::Post => outbound::Method::Post,
        Method::Put => outbound::Method::Put,
        Method::Delete => outbound::Method::Delete,
    };
    let mut call = outbound::Request::new(method, request.url).time_limit(request.time_limit);
    for (name, value) in request.headers {
        call = call.header(name, value);
    }
    match request.body {
        Some(body) => call.header("Content-Type", body.content_type).body(body.bytes),
        None => call,
    }
}

fn failure(error: &outbound::Error) -> FetchError {
    match error {
        outbound::Error::Refused(refusal) => FetchError::Refused(refusal.to_string()),
        outbound::Error::Malformed(what) => FetchError::Refused(what.clone()),
        outbound::Error::TimedOut { .. } => FetchError::TimedOut,
        outbound::Error::TooLarge { .. } => FetchError::TooLarge,
        other => {
            tracing::debug!(error = %other, "a platform cannot be reached");
            FetchError::Unreachable
        }
    }
}
