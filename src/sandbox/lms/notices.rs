//! Notices that the LMS sends (LTI Platform Notification Service 1.0), as Canvas does: a handler for each kind, no second
//! try. A course that is copied is told of.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::campus::{Course, Role};
use super::claims::CLAIM;
use super::key::{self, Signer};
use super::server::{person_of, refused, see_other};
use super::state::{Shared, State};
use super::{Lms, token};
use crate::crypto::random;

/// The claim with the address that takes handlers.
pub const NOTICES_CLAIM: &str = "https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice";
/// The scope that names handlers.
pub const NOTICES_SCOPE: &str = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers";
/// A course was copied.
pub const COPY_NOTICE: &str = "LtiContextCopyNotice";
/// Whether the tool hears.
pub const HELLO_NOTICE: &str = "LtiHelloWorldNotice";

/// Who wants to hear of what.
#[derive(Debug, Default)]
pub(super) struct Bell {
    /// Launches name the service.
    is_offered: bool,
    /// What the service answers instead of taking a handler.
    status: Option<u16>,
    /// Client id and kind to the handler's address.
    handlers: BTreeMap<(String, String), String>,
}

impl Bell {
    /// Names the service in a launch.
    pub(super) fn offer(&self, base: &str, claims: &mut Map<String, Value>) {
        let service = json!({
            "service_versions": ["1.0"],
            "platform_notification_service_url": format!("{base}/lti/notice-handlers"),
            "scope": [NOTICES_SCOPE],
            "notice_types_supported": [COPY_NOTICE, HELLO_NOTICE, "LtiAssetProcessorSubmissionNotice"],
        });
        if self.is_offered && !claims.contains_key(NOTICES_CLAIM) {
            claims.insert(NOTICES_CLAIM.to_owned(), service);
        }
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/lti/notice-handlers", web::put().to(put_handler))
        .route("/course/{course}/copy", web::post().to(copy));
}

async fn put_handler(shared: Data<Shared>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let Some(client) = token::bearer(&shared, given, NOTICES_SCOPE) else {
        return HttpResponse::Unauthorized().json(json!({"error": "invalid_token"}));
    };
    let mut state = shared.lock();
    if let Some(status) = state.bell.status {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return HttpResponse::build(status).finish();
    }
    let said: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, handler) = (text("notice_type"), text("handler"));
    // Canvas: at the host of the tool
    let tool = state
        .registration(Some(&client))
        .map(|known| known.tool.launch_url.clone());
    let origin = |address: &str| url::Url::parse(address).ok().map(|url| url.origin());
    if ![COPY_NOTICE, HELLO_NOTICE].contains(&kind.as_str()) || origin(&handler) != tool.and_then(|url| origin(&url)) {
        return HttpResponse::BadRequest().json(json!({"error": "no such notice, or a handler elsewhere"}));
    }
    state.bell.handlers.insert((client, kind), handler.clone());
    HttpResponse::Ok().json(json!({"notice_type": said.get("notice_type"), "handler": handler}))
}

/// A teacher copies a course; whoever wants to hear of it does.
async fn copy(shared: Data<Shared>, request: HttpRequest, course: Path<String>) -> HttpResponse {
    let teaches = |shared: &Shared| {
        let person = person_of(shared, &request)?;
        (shared.lock().campus.role(&course, &person.id)? == Role::Teacher).then_some(())
    };
    if teaches(&shared).is_none() {
        return refused(StatusCode::FORBIDDEN, "only who teaches a course copies it");
    }
    let id = {
        let mut state = shared.lock();
        state.serial += 1;
        let (id, label) = (format!("copy{}", state.serial), format!("COPY-{}", state.serial));
        state.copy_course(&course, &id, &label);
        id
    };
    ring(&shared, COPY_NOTICE, &id).await;
    see_other(&format!("/course/{id}"))
}

/// Sends a notice about a course to each handler of its kind; their answers.
async fn ring(shared: &Shared, kind: &str, course: &str) -> Vec<u16> {
    let handlers: Vec<(String, String)> = {
        let state = shared.lock();
        let of_kind = state.bell.handlers.iter().filter(|((_, known), _)| known == kind);
        of_kind
            .map(|((client, _), handler)| (client.clone(), handler.clone()))
            .collect()
    };
    let mut answers = Vec::new();
    for (client, handler) in handlers {
        let signed = {
            let state = shared.lock();
            let claims = claims(shared, &state, &client, kind, course);
            key::sign(&state.header(), &claims, &state.key, &state.key, &Signer::Own)
        };
        let body = json!({"notices": [{"jwt": signed}]});
        let answer = shared.outbound.post(handler).json(&body).send().await;
        answers.push(answer.map_or(0, |answer| answer.status().as_u16()));
    }
    answers
}

fn claims(shared: &Shared, state: &State, client: &str, kind: &str, course: &str) -> Value {
    let now = shared.clock.now();
    let deployment = state
        .registration(Some(client))
        .and_then(|known| known.deployment_ids.first().cloned());
    let mut said = json!({
        "iss": shared.base, "aud": client, "azp": client, "iat": now.seconds(), "exp": now.seconds() + 300,
        "nonce": random::token(),
        format!("{CLAIM}deployment_id"): deployment,
        format!("{CLAIM}version"): "1.3.0",
        format!("{CLAIM}notice"): {"id": random::token(), "timestamp": "2026-11-22T10:00:00Z", "type": kind},
    });
    let course = state.campus.course(course).filter(|_| kind == COPY_NOTICE);
    if let (Some(course), Some(said)) = (course, said.as_object_mut()) {
        said.insert(
            format!("{CLAIM}context"),
            json!({"id": course.id, "title": course.title, "label": course.label}),
        );
        // the course that it was copied from, not that one's own origins
        let origins: Vec<&String> = course.history.iter().take(1).collect();
        said.insert(format!("{CLAIM}origin_contexts"), json!(origins));
    }
    said
}

impl State {
    /// Copies a course under a new id and short name: its people, and the tool's items under new links. False if there is
    /// no such course.
    pub(super) fn copy_course(&mut self, course: &str, id: &str, label: &str) -> bool {
        let Some(from) = self.campus.course(course).cloned() else {
            return false;
        };
        let mut copy = Course::new(id, label, &from.title, &format!("copy-{}", from.link_id));
        copy.history = std::iter::once(from.id.clone()).chain(from.history.clone()).collect();
        let people: Vec<(String, Role)> = self
            .campus
            .roster(&from.id, 0, usize::MAX)
            .into_iter()
            .map(|(person, role)| (person.id.clone(), role))
            .collect();
        self.campus.add_course(copy);
        for (person, role) in people {
            self.campus.enrol(id, &person, role);
        }
        let of_course = self.placed.iter().filter(|item| item.course == from.id);
        for item in of_course.cloned().collect::<Vec<_>>() {
            self.serial += 1;
            self.placed.push(super::PlacedItem {
                id: format!("item-{}", self.serial),
                course: id.to_owned(),
                ..item
            });
        }
        true
    }
}

impl Lms {
    /// From now on launches offer notices.
    pub fn offer_notices(&self) {
        self.shared().lock().bell.is_offered = true;
    }

    /// What the service answers to who names a handler; nothing: it takes it.
    pub fn refuse_handlers(&self, status: Option<u16>) {
        self.shared().lock().bell.status = status;
    }

    /// The kinds that somebody wants to hear of, with their handlers.
    pub fn notice_handlers(&self) -> Vec<(String, String)> {
        let state = self.shared().lock();
        let all = state.bell.handlers.iter();
        all.map(|((_, kind), handler)| (kind.clone(), handler.clone()))
            .collect()
    }

    /// Sends a notice of this kind to everybody who wants to hear of it; their answers. A copy notice tells of the course
    /// (its id) that was made.
    pub async fn send_notice(&self, kind: &str, course: &str) -> Vec<u16> {
        ring(self.shared(), kind, course).await
    }

    /// The claims of a notice to the first registration's tool, to be bent before they are signed.
    pub fn notice_claims(&self, kind: &str, course: &str) -> Value {
        let client = self.client_id();
        let state = self.shared().lock();
        claims(self.shared(), &state, &client, kind, course)
    }

    /// Copies a course under a new id and short name: its people, and the tool's items under new links.
    pub fn copy_course(&self, course: &str, id: &str, label: &str) -> bool {
        self.shared().lock().copy_course(course, id, label)
    }
}
