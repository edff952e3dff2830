//! What the tool says about itself: to a platform's registration address, and to Canvas as a file.

use serde_json::{Map, Value, json};

use super::platform::{PlatformConfiguration, Product};

const NAME: &str = "Badgebridge";
const DESCRIPTION: &str = "Issue Open Badges from the course, by hand or automatically.";
const RESOURCE_LINK: &str = "LtiResourceLinkRequest";
const DEEP_LINKING: &str = "LtiDeepLinkingRequest";

/// The scopes that are asked for where the platform offers them; Moodle reads a column only with `lineitem.readonly`.
pub const SCOPES: [&str; 6] = [
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
    "https://purl.imsglobal.org/spec/lti/scope/noticehandlers",
];
/// Of these a platform need not say that it has them.
const ALWAYS: usize = 5;

/// Canvas' placements where badges make sense: a launch from the course's navigation ...
const CANVAS_LAUNCH: [&str; 1] = ["course_navigation"];
/// ... and a choice for modules, assignments and the editor.
const CANVAS_CHOICE: [&str; 3] = ["link_selection", "assignment_selection", "editor_button"];
/// The placements of deep linking elsewhere (LTI Dynamic Registration 1.0, section 4.2).
const OTHER_CHOICE: [&str; 2] = ["ContentArea", "RichTextEditor"];

/// The custom parameters for Canvas: its own ids, by which its API and events name people and courses.
const CANVAS_PARAMETERS: [(&str, &str); 11] = [
    ("lms_user_id", "Canvas.user.id"),
    ("lms_user_global_id", "Canvas.user.globalId"),
    ("lms_user_uuid", "vnd.instructure.User.uuid"),
    ("sis_user_id", "Canvas.user.sisSourceId"),
    ("lms_course_id", "Canvas.course.id"),
    ("sis_course_id", "Canvas.course.sisSourceId"),
    ("lms_course_end", "Canvas.course.endAt"),
    ("lms_course_state", "Canvas.course.workflowState"),
    ("lms_enrollment_state", "Canvas.enrollment.enrollmentState"),
    ("lms_term", "Canvas.term.name"),
    ("context_history", "Context.id.history"),
];
/// Elsewhere only what courses were copied from: the rest comes as claims.
const OTHER_PARAMETERS: [(&str, &str); 1] = [("context_history", "Context.id.history")];

/// The tool's addresses, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolAddresses {
    /// `https://host[:port]`.
    pub origin: String,
    /// Host and, unless it is the usual one, port: Moodle compares both with the target's.
    pub domain: String,
    /// Where logins begin.
    pub login: String,
    /// The one redirect address, which is every link's target, too.
    pub launch: String,
    /// The key set.
    pub jwks: String,
    /// A picture of 16 pixels.
    pub icon: String,
}

/// The description for a platform's registration address (LTI Dynamic Registration 1.0, sections 3.6 and 4): only what
/// the platform offers is asked for.
pub fn description(tool: &ToolAddresses, platform: &PlatformConfiguration) -> Value {
    let is_canvas = platform.product == Product::Canvas;
    let mut configuration = json!({
        "domain": tool.domain,
        "target_link_uri": tool.launch,
        "description": DESCRIPTION,
        "custom_parameters": parameters(platform, is_canvas),
        "claims": ["iss", "sub", "name", "given_name", "family_name", "email", "locale"],
        "messages": messages(tool, platform, is_canvas),
    });
    if let (true, Some(configuration)) = (is_canvas, configuration.as_object_mut()) {
        let named = |name: &str| format!("https://canvas.instructure.com/lti/{name}");
        configuration.insert(named("privacy_level"), json!("public"));
        configuration.insert(named("tool_id"), json!("badgebridge"));
    }
    json!({
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login,
        "redirect_uris": [tool.launch],
        "client_name": NAME,
        "client_uri": tool.origin,
        "logo_uri": tool.icon,
        "jwks_uri": tool.jwks,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": scopes(platform).join(" "),
        "https://purl.imsglobal.org/spec/lti-tool-configuration": configuration,
    })
}

fn scopes(platform: &PlatformConfiguration) -> Vec<&'static str> {
    if platform.scopes.is_empty() {
        return SCOPES.iter().take(ALWAYS).copied().collect();
    }
    let is_offered = |scope: &&str| platform.scopes.iter().any(|offered| offered == scope);
    SCOPES.into_iter().filter(is_offered).collect()
}

fn messages(tool: &ToolAddresses, platform: &PlatformConfiguration, is_canvas: bool) -> Vec<Value> {
    let ours: [(&str, &[&str]); 2] = if is_canvas {
        [(RESOURCE_LINK, &CANVAS_LAUNCH), (DEEP_LINKING, &CANVAS_CHOICE)]
    } else {
        [(RESOURCE_LINK, &[]), (DEEP_LINKING, &OTHER_CHOICE)]
    };
    ours.into_iter()
        .filter(|(kind, _)| platform.messages.is_empty() || platform.sends(kind))
        .map(|(kind, placements)| {
            let offered = platform.messages.iter().find(|(known, _)| known == kind);
            let offered = offered.map_or(&[][..], |(_, offered)| offered.as_slice());
            let is_offered = |place: &&str| offered.is_empty() || offered.iter().any(|known| known == place);
            let placements: Vec<&str> = placements.iter().copied().filter(is_offered).collect();
            let mut message = Map::new();
            message.insert("type".into(), json!(kind));
            message.insert("target_link_uri".into(), json!(tool.launch));
            message.insert("label".into(), json!(label(kind)));
            message.insert("icon_uri".into(), json!(tool.icon));
            // placements that a platform does not know are better left unsaid
            if !placements.is_empty() && (is_canvas || !offered.is_empty()) {
                message.insert("placements".into(), json!(placements));
            }
            if is_canvas && kind == RESOURCE_LINK {
                let name = "https://canvas.instructure.com/lti/course_navigation/default_enabled";
                message.insert(name.into(), json!(false));
            }
            Value::Object(message)
        })
        .collect()
}

fn label(message: &str) -> &'static str {
    if message == DEEP_LINKING {
        "Badges: add an item"
    } else {
        "Badges"
    }
}

fn parameters(platform: &PlatformConfiguration, is_canvas: bool) -> Map<String, Value> {
    let ours: &[(&str, &str)] = if is_canvas {
        &CANVAS_PARAMETERS
    } else {
        &OTHER_PARAMETERS
    };
    let is_offered = |variable: &str| platform.variables.is_empty() || platform.variables.iter().any(|v| v == variable);
    ours.iter()
        .filter(|(_, variable)| is_offered(variable))
        .map(|(name, variable)| ((*name).to_owned(), json!(format!("${variable}"))))
        .collect()
}

/// The file that Canvas reads at "Enter URL" (Canvas, `doc/api/lti_dev_key_config.md`).
pub fn canvas_configuration(tool: &ToolAddresses) -> Value {
    let place = |placement: &str, kind: &str| {
        let mut place = json!({
            "placement": placement,
            "message_type": kind,
            "target_link_uri": tool.launch,
            "text": label(kind),
            "icon_url": tool.icon,
            "enabled": true,
        });
        if let (RESOURCE_LINK, Some(place)) = (kind, place.as_object_mut()) {
            // each course's teachers switch the entry on
            place.insert("default".into(), json!("disabled"));
            place.insert("visibility".into(), json!("members"));
        }
        place
    };
    let launches = CANVAS_LAUNCH.iter().map(|name| place(name, RESOURCE_LINK));
    let choices = CANVAS_CHOICE.iter().map(|name| place(name, DEEP_LINKING));
    let placements: Vec<Value> = launches.chain(choices).collect();
    let parameters: Map<String, Value> = CANVAS_PARAMETERS
        .iter()
        .map(|(name, variable)| ((*name).to_owned(), json!(format!("${variable}"))))
        .collect();
    json!({
        "title": NAME,
        "description": DESCRIPTION,
        "oidc_initiation_url": tool.login,
        "target_link_uri": tool.launch,
        "public_jwk_url": tool.jwks,
        "scopes": SCOPES,
        "custom_fields": parameters,
        "extensions": [{
            "platform": "canvas.instructure.com",
            "domain": tool.domain,
            "tool_id": "badgebridge",
            "privacy_level": "public",
            "settings": {
                "text": "Badges",
                "icon_url": tool.icon,
                "selection_width": 800,
                "selection_height": 600,
                "placements": placements,
            },
        }],
    })
}
