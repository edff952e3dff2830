//! A visit: the seat of a request, proven by its session's cookie. Every page of a course starts from one (P1, P5).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::cookies;
use super::deps::Deps;
use super::directory::Known;
use super::error::{Refusal, WebError};
use super::guard::{FrameAncestors, Nonce};
use super::pages::{Frame, SeatRole, Section, Theme};
use super::text::{Locale, Text};
use super::way_back::WayBack;
use crate::clock::Timestamp;
use crate::crypto::digest;
use crate::model::{CourseId, Lms, MemberId, OrganisationId, RegistrationId, Seat, SeatId, Standing};
use crate::store::Durability;

/// How old the note "last seen" of a session may grow before it is written again.
const SEEN_STEP: std::time::Duration = std::time::Duration::from_mins(5);

/// The seat of this request. Extracting it checks the session; on a post also where the request came from.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The seat.
    pub seat: Seat,
    /// Its registration.
    pub known: Arc<Known>,
    /// The texts of this visitor.
    pub text: Text,
    nonce: String,
    here: String,
}

impl Visit {
    /// The organisation that everything of this visit belongs to.
    pub fn organisation(&self) -> OrganisationId {
        self.seat.organisation
    }

    /// The course; refuses a launch that named none.
    pub fn course(&self) -> Result<CourseId, WebError> {
        self.seat.course.ok_or_else(|| Refusal::NotFound.into())
    }

    /// The member; refuses an anonymous launch.
    pub fn member(&self) -> Result<MemberId, WebError> {
        self.seat.member.ok_or_else(|| Refusal::NotAllowed.into())
    }

    /// The course, for whoever may see its people and history.
    pub fn sees_course(&self) -> Result<CourseId, WebError> {
        if self.seat.standing.sees_course() {
            self.course()
        } else {
            Err(Refusal::NotAllowed.into())
        }
    }

    /// The course and the member, for whoever may issue and revoke.
    pub fn issues(&self) -> Result<(CourseId, MemberId), WebError> {
        if self.seat.standing.issues() && !self.seat.test {
            Ok((self.course()?, self.member()?))
        } else {
            Err(Refusal::NotAllowed.into())
        }
    }

    /// The course, for whoever may take its awards along as a table: staff, not their assistants.
    pub fn exports(&self) -> Result<CourseId, WebError> {
        if self.seat.standing.issues() {
            self.course()
        } else {
            Err(Refusal::NotAllowed.into())
        }
    }

    /// The registration, for an administrator of its LMS; an operator has to have switched that on.
    pub fn administers(&self) -> Result<RegistrationId, WebError> {
        let registration = &self.known.registration;
        // Open edX calls its whole course team administrators
        let may = registration.lms_administrators && registration.lms != Lms::OpenEdx;
        if self.seat.administers && may && !self.seat.test {
            Ok(registration.id)
        } else {
            Err(Refusal::NotAllowed.into())
        }
    }

    /// Refuses a form that does not carry this session's secret.
    pub fn check_form(&self, csrf: &str) -> Result<(), WebError> {
        if digest::same(csrf.as_bytes(), self.seat.csrf.as_bytes()) {
            Ok(())
        } else {
            Err(Refusal::ForeignForm.into())
        }
    }

    /// The address of this seat: `/c/{seat}`.
    pub fn base(&self) -> String {
        format!("/c/{}", self.seat.id)
    }

    /// An address below the seat: `url("/history")`.
    pub fn url(&self, path: &str) -> String {
        format!("/c/{}{path}", self.seat.id)
    }

    /// What surrounds a page of this visit.
    pub fn frame(&self, section: Option<Section>) -> Frame {
        Frame {
            text: self.text,
            theme: self.theme(),
            role: role_of(self.seat.standing),
            administers: self.administers().is_ok(),
            nonce: self.nonce.clone(),
            csrf: self.seat.csrf.clone(),
            base: self.base(),
            here: self.here.clone(),
            section,
            ..Frame::default()
        }
    }

    fn theme(&self) -> Theme {
        let default = if self.seat.framed { Theme::Light } else { Theme::Auto };
        self.seat
            .appearance
            .as_deref()
            .and_then(Theme::parse)
            .unwrap_or(default)
    }
}

/// How a standing is called on pages.
pub(super) fn role_of(standing: Standing) -> SeatRole {
    match standing {
        Standing::Staff => SeatRole::Staff,
        Standing::LimitedStaff => SeatRole::LimitedStaff,
        Standing::Learner => SeatRole::Learner,
        Standing::None => SeatRole::None,
    }
}

impl FromRequest for Visit {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { visit(&request).await })
    }
}

async fn visit(request: &HttpRequest) -> Result<Visit, WebError> {
    let deps = request
        .app_data::<Data<Deps>>()
        .ok_or_else(|| WebError::internal("no deps"))?;
    refuse_other_sites(request)?;
    let seat = request
        .match_info()
        .get("seat")
        .and_then(|text| text.parse().ok())
        .ok_or(Refusal::NotFound)?;
    let now = deps.clock.now();
    let (idle, begun) = (
        now.minus(deps.config.session.idle),
        now.minus(deps.config.session.absolute),
    );
    let found = deps.store.read_one(async |tx| tx.seat(seat, idle, begun).await).await?;
    let Some((seat, token_hash)) = found else {
        note_lms_of(deps, request, seat).await?;
        return Err(Refusal::SessionEnded.into());
    };
    let known = deps
        .directory
        .entries()
        .registration(seat.registration)
        .cloned()
        .ok_or(Refusal::SessionEnded)?;
    request
        .extensions_mut()
        .insert(FrameAncestors(known.frame_ancestors.clone()));
    let shown = cookies::session_values(request);
    if !shown
        .iter()
        .any(|cookie| digest::same(&digest::index_key(cookie), &token_hash))
    {
        WayBack::note_platform(request, &known);
        return Err(Refusal::ForeignSeat.into());
    }
    if !known.registration.enabled {
        WayBack::note_platform(request, &known);
        return Err(Refusal::RegistrationDisabled.into());
    }
    if now.since(seat.seen_at) > SEEN_STEP {
        let session = seat.session;
        // best effort: a full disk must not take reading away
        let noted = deps
            .store
            .write_one(Durability::Launch, async move |tx| tx.see_session(session, now).await);
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a session's use was not noted");
        }
    }
    let text = Text::new(locale_of(&seat, request), now);
    let visit = Visit {
        text,
        nonce: Nonce::of(request),
        here: here(request),
        seat,
        known,
    };
    request.extensions_mut().insert(visit.frame(None));
    Ok(visit)
}

/// The seat of a session that ended still says which LMS it came from: there is the way to open it anew.
async fn note_lms_of(deps: &Deps, request: &HttpRequest, seat: SeatId) -> Result<(), WebError> {
    let ever = Timestamp::default();
    let found = deps.store.read_one(async |tx| tx.seat(seat, ever, ever).await).await?;
    let entries = deps.directory.entries();
    let known = found.and_then(|(seat, _)| entries.registration(seat.registration));
    if let Some(known) = known {
        request
            .extensions_mut()
            .insert(FrameAncestors(known.frame_ancestors.clone()));
        WayBack::note_platform(request, known);
    }
    Ok(())
}

/// A post that another site's page sent is refused before anything is looked at (Fetch Metadata; forms also carry a
/// secret, for browsers that do not send it).
pub(super) fn refuse_other_sites(request: &HttpRequest) -> Result<(), WebError> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let site = request
        .headers()
        .get("Sec-Fetch-Site")
        .and_then(|value| value.to_str().ok());
    match site {
        None | Some("same-origin") => Ok(()),
        Some(_) => Err(Refusal::ForeignForm.into()),
    }
}

/// The person's choice, else the launch's, else the browser's, else English.
fn locale_of(seat: &Seat, request: &HttpRequest) -> Locale {
    let chosen = [&seat.language, &seat.locale]
        .into_iter()
        .flatten()
        .find_map(|tag| Locale::parse(tag));
    chosen.unwrap_or_else(|| browser_locale(request))
}

/// The browser's language, or English.
pub(super) fn browser_locale(request: &HttpRequest) -> Locale {
    let header = request.headers().get(actix_web::http::header::ACCEPT_LANGUAGE);
    header
        .and_then(|value| value.to_str().ok())
        .and_then(Locale::from_accept)
        .unwrap_or_default()
}

pub(super) fn here(request: &HttpRequest) -> String {
    request
        .uri()
        .path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default()
}
