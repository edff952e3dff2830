//! The platform's side of dynamic registration (LTI Dynamic Registration 1.0), as strict as the platform that it plays:
//! Moodle 4.5 as seen on the wire, Canvas as its documentation (`doc/api/registration.md`) has it, Brightspace without a
//! token.

use serde_json::{Map, Value, json};
use url::Url;

use super::ags::AGS_SCOPES;
use super::claims::NRPS_SCOPE;
use super::state::{Registration, Shared, State, Tool};
use crate::crypto::random;

const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";
const PLATFORM: &str = "https://purl.imsglobal.org/spec/lti-platform-configuration";

/// Whose habits a registration follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Habit {
    /// In a frame; a token for one registration; the deployment at once; pending until activated.
    #[default]
    Moodle,
    /// In a frame; the token is needed to read the description, too; no deployment; numbers as client ids.
    Canvas,
    /// In a tab of its own; no token.
    Brightspace,
}

impl Habit {
    /// The word for forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moodle => "moodle",
            Self::Canvas => "canvas",
            Self::Brightspace => "brightspace",
        }
    }

    /// The habit of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Moodle, Self::Canvas, Self::Brightspace]
            .into_iter()
            .find(|habit| habit.name() == name)
    }

    const fn family(self) -> &'static str {
        match self {
            Self::Moodle => "moodle",
            Self::Canvas => "canvas",
            Self::Brightspace => "desire2learn",
        }
    }
}

/// What the registration addresses answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RegistrationMode {
    /// What they should.
    #[default]
    Normal,
    /// A description that differs in these keys; null takes one away.
    Described(Vec<(String, Value)>),
    /// This status to a registration, with a JSON error.
    Refuse(u16),
    /// This answer to a registration, which is made.
    Answer(Value),
    /// Nothing to a registration, for ever.
    Hang,
}

/// A tool that registered itself.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisteredTool {
    /// What it got.
    pub registration: Registration,
    /// What it said about itself.
    pub description: Value,
    /// Nobody switched it on yet.
    pub is_pending: bool,
}

/// Registrations that began and that came about.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) mode: RegistrationMode,
    /// Tokens that were given out and not spent, each with its habit.
    tokens: Vec<(String, Habit)>,
    spent: Vec<String>,
    /// The habit of the last registration without a token.
    open: Option<Habit>,
    pub(super) tools: Vec<RegisteredTool>,
}

/// Begins a registration: the address that the LMS opens for its administrator.
pub(super) fn begin(shared: &Shared, tool: &str, habit: Habit) -> String {
    let mut address = url::form_urlencoded::Serializer::new(String::new());
    let place = if habit == Habit::Moodle {
        "mod/lti/openid-configuration.php"
    } else {
        "lti/openid-configuration"
    };
    address.append_pair("openid_configuration", &format!("{}/{place}", shared.base));
    let mut state = shared.lock();
    match habit {
        Habit::Moodle | Habit::Canvas => {
            let token = random::token();
            address.append_pair("registration_token", &token);
            state.desk.tokens.push((token, habit));
        }
        Habit::Brightspace => state.desk.open = Some(habit),
    }
    let joint = if tool.contains('?') { '&' } else { '?' };
    format!("{tool}{joint}{}", address.finish())
}

/// A refusal: status and error.
pub(super) type Refusal = (u16, &'static str);

/// The description.
pub(super) fn configuration(shared: &Shared, authorization: Option<&str>) -> Result<Value, Refusal> {
    let state = shared.lock();
    let habit = match bearer(authorization) {
        Some(token) => state.desk.habit_of(token).ok_or((401, "invalid_token"))?,
        // Moodle shows it to everybody, Canvas to nobody without a token
        None => state.desk.open.unwrap_or_default(),
    };
    let asked_without = authorization.is_none()
        && state
            .desk
            .tokens
            .last()
            .is_some_and(|(_, habit)| *habit == Habit::Canvas);
    if asked_without {
        return Err((401, "missing_token"));
    }
    let base = &shared.base;
    let mut scopes: Vec<&str> = AGS_SCOPES.to_vec();
    scopes.push(NRPS_SCOPE);
    if habit == Habit::Moodle {
        scopes.push("https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome");
    }
    let mut said = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/lti/auth"),
        "token_endpoint": format!("{base}/lti/token"),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": format!("{base}/lti/keys"),
        "registration_endpoint": format!("{base}/lti/registrations"),
        "scopes_supported": scopes,
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        PLATFORM: {
            "product_family_code": habit.family(),
            "version": "demo",
            "messages_supported": messages(habit),
            "variables": variables(habit),
        },
    });
    if habit == Habit::Canvas {
        put(&mut said, "authorization_server", json!("localhost"));
        if let Some(platform) = said.get_mut(PLATFORM) {
            let name = "https://canvas.instructure.com/lti/account_name";
            put(platform, name, json!("Greenfield Campus"));
        }
    }
    if let (RegistrationMode::Described(changes), Some(said)) = (&state.desk.mode, said.as_object_mut()) {
        for (name, value) in changes {
            match value {
                Value::Null => drop(said.remove(name)),
                value => drop(said.insert(name.clone(), value.clone())),
            }
        }
    }
    Ok(said)
}

fn messages(habit: Habit) -> Value {
    match habit {
        Habit::Canvas => json!([
            {"type": "LtiResourceLinkRequest", "placements": ["course_navigation", "account_navigation"]},
            {"type": "LtiDeepLinkingRequest", "placements": ["link_selection", "assignment_selection", "editor_button"]},
        ]),
        Habit::Moodle | Habit::Brightspace => json!([
            {"type": "LtiResourceLinkRequest"},
            {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
        ]),
    }
}

fn variables(habit: Habit) -> Value {
    match habit {
        Habit::Canvas => json!(["Canvas.user.id", "Canvas.course.id", "Context.id.history", "User.id"]),
        Habit::Moodle | Habit::Brightspace => json!(["Context.id.history", "Context.id", "User.id"]),
    }
}

/// Registers a tool; its answer.
pub(super) fn register(
    shared: &Shared,
    authorization: Option<&str>,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Value, Refusal> {
    let mut state = shared.lock();
    let token = bearer(authorization);
    let habit = match token {
        Some(token) if state.desk.spent.iter().any(|spent| spent == token) => return Err((401, "token_already_used")),
        Some(token) => state.desk.habit_of(token).ok_or((401, "invalid_token"))?,
        None => state.desk.open.ok_or((401, "missing_registration_token"))?,
    };
    if let RegistrationMode::Refuse(status) = state.desk.mode {
        return Err((status, "as the test asked"));
    }
    if content_type != Some("application/json") {
        return Err((400, "the content type is not application/json"));
    }
    let mut said: Value = serde_json::from_slice(body).map_err(|_| (400, "no JSON"))?;
    let tool = check(habit, &said).map_err(|reason| (400, reason))?;
    if let Some(token) = token {
        state.desk.tokens.retain(|(known, _)| known != token);
        state.desk.spent.push(token.to_owned());
    } else {
        state.desk.open = None;
    }
    let registration = new_registration(&mut state, habit, tool);
    state.desk.tools.push(RegisteredTool {
        registration: registration.clone(),
        description: said.clone(),
        is_pending: true,
    });
    if let RegistrationMode::Answer(answer) = &state.desk.mode {
        return Ok(answer.clone());
    }
    put(&mut said, "client_id", json!(registration.client_id));
    if let (Habit::Moodle, Some(tool)) = (habit, said.get_mut(TOOL)) {
        put(tool, "deployment_id", json!(registration.deployment_ids.first()));
    }
    Ok(said)
}

fn new_registration(state: &mut State, habit: Habit, tool: Tool) -> Registration {
    state.serial += 1;
    let serial = state.serial;
    let client_id = match habit {
        Habit::Canvas => format!("10000000000{serial:03}"),
        Habit::Moodle => random::token()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(15)
            .collect(),
        Habit::Brightspace => format!("client-{serial}"),
    };
    Registration {
        client_id,
        deployment_ids: vec![format!("{}", 100 + serial)],
        tool,
    }
}

/// What is needed, and the tool's addresses.
fn check(habit: Habit, said: &Value) -> Result<Tool, &'static str> {
    let text = |object: &Value, name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let lists = |name: &str, wanted: &str| {
        let listed = said.get(name).and_then(Value::as_array);
        listed.is_some_and(|listed| listed.iter().any(|one| one == wanted))
    };
    if !lists("response_types", "id_token") {
        return Err("invalid response_types");
    }
    if text(said, "token_endpoint_auth_method").as_deref() != Some("private_key_jwt") {
        return Err("invalid token_endpoint_auth_method");
    }
    text(said, "client_name").ok_or("client_name is missing")?;
    let login_url = text(said, "initiate_login_uri").ok_or("initiate_login_uri is missing")?;
    let jwks_url = text(said, "jwks_uri").ok_or("jwks_uri is missing")?;
    let redirects = said.get("redirect_uris").and_then(Value::as_array);
    let launch_url = redirects
        .and_then(|all| all.first()?.as_str())
        .ok_or("redirect_uris is missing")?;
    let configuration = said.get(TOOL).ok_or("the tool configuration is missing")?;
    let target = text(configuration, "target_link_uri").ok_or("target_link_uri is missing")?;
    let domain = text(configuration, "domain").ok_or("domain is missing")?;
    // Moodle: host and port of both must be the same
    let authority = Url::parse(&target).ok().map(|url| {
        let host = url.host_str().unwrap_or_default().to_owned();
        url.port().map_or(host.clone(), |port| format!("{host}:{port}"))
    });
    if authority.as_deref() != Some(domain.as_str()) {
        return Err("domain is not that of target_link_uri");
    }
    if habit == Habit::Canvas {
        check_canvas(said, configuration)?;
    }
    Ok(Tool {
        login_url,
        launch_url: launch_url.to_owned(),
        jwks_url,
    })
}

/// What Canvas' schema requires beyond that.
fn check_canvas(said: &Value, configuration: &Value) -> Result<(), &'static str> {
    if said.get("application_type") != Some(&json!("web")) {
        return Err("application_type is not web");
    }
    let grants: Vec<&str> = list(said, "grant_types")
        .into_iter()
        .filter_map(Value::as_str)
        .collect();
    if !grants.contains(&"client_credentials") || !grants.contains(&"implicit") {
        return Err("grant_types");
    }
    if said.get("scope").and_then(Value::as_str).is_none() || list(configuration, "claims").is_empty() {
        return Err("scope or claims are missing");
    }
    let offered = messages(Habit::Canvas);
    for message in list(configuration, "messages") {
        let of_kind = |known: &&Value| known.get("type") == message.get("type");
        let known = offered
            .as_array()
            .and_then(|all| all.iter().find(of_kind))
            .ok_or("message type")?;
        let places = list(known, "placements");
        if !list(message, "placements")
            .into_iter()
            .all(|place| places.contains(&place))
        {
            return Err("placement");
        }
    }
    let privacy = configuration
        .get("https://canvas.instructure.com/lti/privacy_level")
        .and_then(Value::as_str);
    let is_known = ["public", "name_only", "email_only", "anonymous"].contains(&privacy.unwrap_or("anonymous"));
    let strings = configuration.get("custom_parameters").and_then(Value::as_object);
    let are_strings = strings.is_none_or(|all: &Map<String, Value>| all.values().all(Value::is_string));
    if is_known && are_strings {
        Ok(())
    } else {
        Err("privacy_level or custom_parameters")
    }
}

fn list<'a>(object: &'a Value, name: &str) -> Vec<&'a Value> {
    let listed = object.get(name).and_then(Value::as_array);
    listed.map(|all| all.iter().collect()).unwrap_or_default()
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

fn bearer(authorization: Option<&str>) -> Option<&str> {
    authorization?.strip_prefix("Bearer ")
}

impl Desk {
    fn habit_of(&self, token: &str) -> Option<Habit> {
        let known = self.tokens.iter().find(|(known, _)| known == token);
        known.map(|(_, habit)| *habit)
    }

    /// The client ids of the tools that registered themselves and were switched on.
    pub(super) fn active(&self) -> Vec<String> {
        let active = self.tools.iter().filter(|tool| !tool.is_pending);
        active.map(|tool| tool.registration.client_id.clone()).collect()
    }
}

/// Switches a registered tool on; false if there is none with this client id.
pub(super) fn activate(shared: &Shared, client_id: &str) -> bool {
    let mut state = shared.lock();
    let found = state
        .desk
        .tools
        .iter_mut()
        .find(|tool| tool.registration.client_id == client_id);
    let Some(tool) = found else { return false };
    tool.is_pending = false;
    let registration = tool.registration.clone();
    state.registrations.retain(|known| known.client_id != client_id);
    state.registrations.push(registration);
    true
}
