//! Cookies: written as text, since `Partitioned` is newer than what the web framework knows.
//!
//! All are `__Host-` cookies with `Secure`, `HttpOnly` and `Partitioned`; those of launches with `SameSite=None`: inside an LMS's frame no other
//! kind comes back where third-party cookies are blocked. Browsers take `Secure` on loopback http as well.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::crypto::digest;
use crate::model::{OrganisationId, RegistrationId};

/// The name of the cookie that binds a login to its browser: one per login, so that tabs do not overwrite each other's.
pub(super) fn binding_name(state: &str) -> String {
    let hash = digest::sha256_hex(state.as_bytes());
    format!("__Host-bb-login-{}", hash.get(..16).unwrap_or_default())
}

/// The name of the session cookie: one per registration and organisation, so that on a shared registration the tabs of two
/// organisations do not end each other's sessions.
pub(super) fn session_name(registration: RegistrationId, organisation: OrganisationId) -> String {
    let (registration, organisation) = (registration.uuid(), organisation.uuid());
    format!("{SESSION_PREFIX}{}-{}", registration.simple(), organisation.simple())
}

const SESSION_PREFIX: &str = "__Host-bb-seat-";

/// The cookie of a session of the administration. It is a kind of its own: no course's session is asked with it, and it
/// opens no course (promise P1).
pub(super) const OPERATOR: &str = "__Host-bb-operator";

/// The `Set-Cookie` value of [`OPERATOR`]: administration is never framed, so other sites' pages do not bring it along.
pub(super) fn set_operator(value: &str, max_age_s: u64) -> String {
    built(OPERATOR, value, max_age_s, cookie::SameSite::Lax)
}

/// The name of the cookie that binds a single sign-on to its browser: one per sign-in.
pub(super) fn sso_name(state: &str) -> String {
    let hash = digest::sha256_hex(state.as_bytes());
    format!("__Host-bb-sso-{}", hash.get(..16).unwrap_or_default())
}

/// A `Set-Cookie` value of a cookie that comes along when another site leads the browser here, and in no frame; 0 deletes.
pub(super) fn set_lax(name: &str, value: &str, max_age_s: u64) -> String {
    built(name, value, max_age_s, cookie::SameSite::Lax)
}

/// A `Set-Cookie` value; `max_age_s` 0 deletes.
pub(super) fn set(name: &str, value: &str, max_age_s: u64) -> String {
    built(name, value, max_age_s, cookie::SameSite::None)
}

fn built(name: &str, value: &str, max_age_s: u64, same_site: cookie::SameSite) -> String {
    cookie::Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .partitioned(true)
        .max_age(cookie::time::Duration::seconds(
            i64::try_from(max_age_s).unwrap_or(i64::MAX),
        ))
        .build()
        .to_string()
}

/// The value of the cookie `name`, if the browser sent it.
pub(super) fn value(request: &HttpRequest, name: &str) -> Option<String> {
    pairs(request).find(|(known, _)| known == name).map(|(_, value)| value)
}

/// The values of all session cookies that the browser sent.
pub(super) fn session_values(request: &HttpRequest) -> Vec<String> {
    pairs(request)
        .filter(|(name, _)| name.starts_with(SESSION_PREFIX))
        .map(|(_, value)| value)
        .take(50)
        .collect()
}

fn pairs(request: &HttpRequest) -> impl Iterator<Item = (String, String)> {
    request
        .headers()
        .get_all(header::COOKIE)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::set;

    #[test]
    fn cookies_are_partitioned_and_bound_to_the_host() {
        let text = set("__Host-x", "v", 600);
        for part in [
            "__Host-x=v",
            "HttpOnly",
            "SameSite=None",
            "Secure",
            "Partitioned",
            "Path=/",
            "Max-Age=600",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        assert!(!text.contains("Domain"));
    }
}
