//! The two calls that need no identity: the steps of enrolment that go over HTTP (API page, "Client certificate").

use std::time::Duration;

use serde_json::json;

use super::super::error::FactoryError;
use super::super::id::ClientId;
use super::super::transport::{Method, Request, Transport};
use super::{successful, whole};

/// The host's public key, as PEM text: `GET /v1/client/OBF.rsa.pub`.
pub async fn public_key(transport: &dyn Transport, deadline: Duration) -> Result<String, FactoryError> {
    text(
        transport,
        Request::new(Method::Get, "/v1/client/OBF.rsa.pub", deadline),
        "public key",
    )
    .await
}

/// Exchanges the API key `signature` and the PKCS#10 request `csr_pem` for a certificate in PEM:
/// `POST /v1/client/{client_id}/sign_request`. The Factory answers with status 200.
pub async fn sign_request(
    transport: &dyn Transport,
    client_id: &ClientId,
    signature: &str,
    csr_pem: &str,
    deadline: Duration,
) -> Result<String, FactoryError> {
    let path = format!("/v1/client/{client_id}/sign_request");
    let body = json!({"signature": signature, "request": csr_pem});
    let request = Request::new(Method::Post, path, deadline).with_json(&body);
    text(transport, request, "certificate").await
}

async fn text(transport: &dyn Transport, request: Request, what: &'static str) -> Result<String, FactoryError> {
    let response = successful(transport.send(request).await?).await?;
    let body = whole(response, what).await?;
    String::from_utf8(body).map_err(|_| FactoryError::unreadable(what, "it is no text"))
}
