//! The way back to the LMS on the page of a refusal. Only what an LMS signed, or what belongs to a registration that is
//! certain, is a link: an address that merely arrived leads nowhere.

use actix_web::{HttpMessage, HttpRequest};

use super::deps::Deps;
use super::directory::Known;
use crate::lti::glimpse::Glimpse;
use crate::lti::token::UnverifiedToken;

/// Where the page of this request's refusal may lead. Kept with the request; never logged.
#[derive(Clone, Default)]
pub(super) struct WayBack {
    /// Back to the course, as a token says that the LMS signed.
    pub(super) course: Option<String>,
    /// The LMS's own address, where the course's is not known.
    pub(super) platform: Option<String>,
}

impl WayBack {
    /// What is known of the way back by now.
    pub(super) fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// The request belongs to this registration: by its login record, its seat, or a signed token.
    pub(super) fn note_platform(request: &HttpRequest, known: &Known) {
        let way = Self {
            platform: known.platform_origin(),
            ..Self::of(request)
        };
        request.extensions_mut().insert(way);
    }

    /// A refused launch's token still tells the way, whatever is wrong with it otherwise (used before, too old, of another
    /// browser): if its signature holds. Nothing is fetched for it: the keys are those that are cached.
    pub(super) fn note_token(deps: &Deps, request: &HttpRequest, id_token: &str) {
        let seen = Glimpse::at(id_token);
        let (Some(issuer), Some(client)) = (&seen.issuer, &seen.audience) else {
            return;
        };
        let entries = deps.directory.entries();
        let Some(known) = entries.of_message(issuer, client) else {
            return;
        };
        let now = deps.clock.now().seconds();
        let Some(keys) = deps.key_sets.cached(&known.registration.jwks_uri, now) else {
            return;
        };
        let Ok(signed) =
            UnverifiedToken::parse(id_token).and_then(|token| token.signed_presentation(&known.terms, &keys))
        else {
            return;
        };
        Self::note_platform(request, known);
        let way = Self {
            course: signed.return_url,
            ..Self::of(request)
        };
        request.extensions_mut().insert(way);
    }
}
