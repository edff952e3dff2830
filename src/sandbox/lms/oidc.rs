//! The two steps of a launch that are the LMS's: starting a login at the tool, and answering the authentication
//! request (1EdTech security framework 1.0, section 5.1.1; as strict as Moodle 4.5).

use serde_json::{Value, json};
use url::Url;

use super::dialects;
use super::launch::{Dialect, LaunchSpec};
use super::state::{Shared, Tally};
use crate::crypto::random;

/// The start of a login, as the browser sends it to the tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRequest {
    /// The tool's login address.
    pub url: String,
    /// The parameters, in the order in which they are sent; for a form or a query.
    pub parameters: Vec<(String, String)>,
}

impl LoginRequest {
    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The parameters as an encoded form body.
    pub fn body(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.parameters)
            .finish()
    }

    /// The whole address of a login by GET.
    pub fn as_get(&self) -> String {
        let joint = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{joint}{}", self.url, self.body())
    }
}

/// The answer to an authentication request that the browser posts to the tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPost {
    /// The redirect address.
    pub url: String,
    /// `state`, and `id_token` or else `error` and `error_description`.
    pub fields: Vec<(String, String)>,
}

impl FormPost {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The LMS shows an error page of its own; the tool hears nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the LMS refuses the request: {reason}")]
pub struct Refused {
    /// What was wrong.
    pub reason: String,
}

impl Refused {
    pub(super) fn because(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
        }
    }
}

/// Starts a login for the launch; refused if person, course or client id are unknown.
pub(super) fn begin(shared: &Shared, spec: LaunchSpec) -> Result<LoginRequest, Refused> {
    let mut state = shared.lock();
    let person = state
        .campus
        .person(&spec.person)
        .ok_or_else(|| Refused::because("unknown person"))?
        .id
        .clone();
    let course = state
        .campus
        .course(&spec.course)
        .ok_or_else(|| Refused::because("unknown course"))?
        .clone();
    let registration = state.registration(spec.client_id.as_deref());
    let registration = registration
        .ok_or_else(|| Refused::because("unknown client id"))?
        .clone();
    let first = registration.deployment_ids.first().cloned();
    let deployment = spec.deployment_id.clone().or(first).unwrap_or_default();
    let item = spec
        .item
        .as_ref()
        .and_then(|id| state.placed.iter().find(|item| item.id == *id));
    let target = spec
        .target_link_uri
        .clone()
        .or_else(|| item.map(|item| item.url.clone()))
        .unwrap_or_else(|| registration.tool.launch_url.clone());
    let opened = spec.target.name();
    let token: String = random::token().chars().take(16).collect();
    let (launch_id, hint) = match state.dialect {
        Dialect::Moodle => {
            let launch_id = format!("ltilaunch{}_{token}", course.link_id);
            // Text that a tool has to hand back byte for byte: JSON with quotes, braces and a colon.
            let cmid = course.link_id.parse::<i64>().unwrap_or(0) + 2;
            (
                launch_id.clone(),
                json!({"cmid": cmid, "launchid": launch_id}).to_string(),
            )
        }
        // A hint that breaks if it is not encoded when it is sent back.
        _ => (
            token.clone(),
            format!("launch={token}&course={}&in={opened}+100%", course.id),
        ),
    };
    state.remember(
        launch_id,
        LaunchSpec {
            person: person.clone(),
            course: course.id,
            ..spec
        },
    );
    let parameters = [
        ("iss", shared.base.clone()),
        ("target_link_uri", target),
        ("login_hint", person),
        ("lti_message_hint", hint),
        ("client_id", registration.client_id),
        ("lti_deployment_id", deployment),
    ];
    let mut parameters = parameters.map(|(name, value)| (name.to_owned(), value)).to_vec();
    dialects::bend_login(state.dialect, &mut parameters);
    if let Some(target) = state.storage.target() {
        parameters.push(("lti_storage_target".to_owned(), target.to_owned()));
    }
    Ok(LoginRequest {
        url: registration.tool.login_url,
        parameters,
    })
}

/// Answers the authentication request of `signed_in`. Errors go to the tool if client and redirect address are known,
/// else the LMS keeps them to itself.
pub(super) fn answer(
    shared: &Shared,
    parameters: &[(String, String)],
    signed_in: Option<&str>,
) -> Result<FormPost, Refused> {
    let given = |name: &str| {
        parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let required = |name: &str| given(name).filter(|value| !value.is_empty());
    let client_id = required("client_id").ok_or_else(|| Refused::because("client_id is missing"))?;
    let redirect = required("redirect_uri").ok_or_else(|| Refused::because("redirect_uri is missing"))?;
    let (spec, owner) = {
        let mut state = shared.lock();
        let registration = state.registration(Some(client_id)).cloned();
        let registration = registration.ok_or_else(|| Refused::because("no tool has this client_id"))?;
        // The whole string, query included: nothing is posted to an address that was not registered.
        if registration.tool.launch_url != redirect {
            return Err(Refused::because("redirect_uri is not the registered one"));
        }
        let launch = given("lti_message_hint")
            .and_then(launch_id)
            .and_then(|id| state.recall(&id));
        let first = state.registrations.first().map(|known| known.client_id.clone());
        let owner = launch.as_ref().and_then(|spec| spec.client_id.clone()).or(first);
        (launch, owner)
    };
    let echoed = given("state").map(|value| ("state".to_owned(), value.to_owned()));
    let post = |fields: Vec<(String, String)>| FormPost {
        url: redirect.to_owned(),
        fields: fields.into_iter().chain(echoed.clone()).collect(),
    };
    let fault = |error: &str, description: &str| {
        Ok(post(vec![
            ("error".to_owned(), error.to_owned()),
            ("error_description".to_owned(), description.to_owned()),
        ]))
    };
    let Some(spec) = spec else {
        return Err(Refused::because(
            "this launch is over or was never started; open the link in the course again",
        ));
    };
    if owner.as_deref() != Some(client_id) {
        return fault("unauthorized_client", "The launch belongs to another tool");
    }
    match required("scope") {
        Some("openid") => {}
        Some(_) => return fault("invalid_scope", "Invalid scope"),
        None => return fault("invalid_request", "Missing scope"),
    }
    match required("response_type") {
        Some("id_token") => {}
        Some(_) => return fault("unsupported_response_type", "Invalid response_type"),
        None => return fault("invalid_request", "Missing response_type"),
    }
    match required("response_mode") {
        Some("form_post") => {}
        Some(_) => return fault("invalid_request", "Invalid response_mode"),
        None => return fault("invalid_request", "Missing response_mode"),
    }
    if required("prompt").is_some_and(|prompt| prompt != "none") {
        return fault("invalid_request", "Invalid prompt");
    }
    let Some(nonce) = required("nonce") else {
        return fault("invalid_request", "Missing nonce");
    };
    if required("login_hint") != Some(spec.person.as_str()) || signed_in != Some(spec.person.as_str()) {
        return fault("access_denied", "Another person is signed in");
    }
    let token = shared.id_token(&LaunchSpec {
        nonce: nonce.to_owned(),
        ..spec
    });
    Tally::count(&shared.tally.launches);
    let mut fields = vec![("id_token".to_owned(), token)];
    let storage = shared.lock().storage;
    if let Some(target) = storage.target().filter(|_| storage.is_in_launch()) {
        fields.push(("lti_storage_target".to_owned(), target.to_owned()));
    }
    Ok(post(fields))
}

/// The parameters in an address's query.
pub(super) fn query(address: &str) -> Vec<(String, String)> {
    let Ok(address) = Url::parse(address) else {
        return Vec::new();
    };
    address.query_pairs().into_owned().collect()
}

/// The launch that a hint of either dialect names.
fn launch_id(hint: &str) -> Option<String> {
    if let Ok(Value::Object(object)) = serde_json::from_str::<Value>(hint) {
        return object.get("launchid").and_then(Value::as_str).map(str::to_owned);
    }
    // Byte for byte: a hint that lost its encoding on the way ends differently.
    if !hint.ends_with("+100%") {
        return None;
    }
    hint.strip_prefix("launch=")?.split('&').next().map(str::to_owned)
}
