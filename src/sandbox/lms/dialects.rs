//! The habits of Canvas, Brightspace, Blackboard, Sakai and Open edX, on top of the plain dialect, as their documentation
//! and sources have them (Open edX' consumer 11.4.4 as seen on the wire). Addresses are this LMS's own.

use serde_json::{Map, Value, json};

use super::ags::{self, Column};
use super::campus::{Person, Role};
use super::claims::CLAIM;
use super::launch::Dialect;

const MEMBERSHIP: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#";
const INSTITUTION: &str = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#";
const SYSTEM: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person#";
/// Whom Brightspace wants service assertions to be meant for.
const BRIGHTSPACE_AUDIENCE: &str = "https://api.brightspace.com/auth/token";

/// What a plain launch says otherwise in this dialect.
pub(super) fn bend_claims(dialect: Dialect, claims: &mut Map<String, Value>, person: &Person, role: Option<Role>) {
    if matches!(dialect, Dialect::Plain | Dialect::Moodle) {
        return;
    }
    // one audience, and a text
    let client = claims.get("azp").cloned().unwrap_or_default();
    claims.insert("aud".into(), client);
    let is_staff = matches!(role, Some(Role::Teacher | Role::TeachingAssistant));
    match dialect {
        Dialect::Plain | Dialect::Moodle => {}
        Dialect::Canvas => canvas(claims, person, is_staff),
        Dialect::Brightspace => brightspace(claims, person),
        Dialect::Blackboard => blackboard(claims, person, is_staff),
        Dialect::Sakai => sakai(claims, is_staff),
        Dialect::OpenEdx => open_edx(claims, person, is_staff),
    }
}

fn lti<'a>(claims: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    claims.get_mut(&format!("{CLAIM}{name}"))?.as_object_mut()
}

fn family(claims: &mut Map<String, Value>, code: &str, version: &str) {
    if let Some(platform) = lti(claims, "tool_platform") {
        platform.insert("product_family_code".into(), json!(code));
        platform.insert("version".into(), json!(version));
    }
}

fn add_roles(claims: &mut Map<String, Value>, more: &[String]) {
    if let Some(Value::Array(roles)) = claims.get_mut(&format!("{CLAIM}roles")) {
        roles.extend(more.iter().map(|role| json!(role)));
    }
}

/// Errors and nulls beside every claim, numbers in `custom`, roles of three kinds.
fn canvas(claims: &mut Map<String, Value>, person: &Person, is_staff: bool) {
    family(claims, "canvas", "cloud");
    for name in ["context", "resource_link", "tool_platform", "launch_presentation"] {
        if let Some(claim) = lti(claims, name) {
            claim.insert("validation_context".into(), Value::Null);
            claim.insert("errors".into(), json!({"errors": {}}));
        }
    }
    if let Some(link) = lti(claims, "resource_link") {
        link.insert("description".into(), Value::Null);
    }
    let kind = if is_staff { "Instructor" } else { "Student" };
    add_roles(claims, &[format!("{INSTITUTION}{kind}"), format!("{SYSTEM}User")]);
    let number: Value = person.id.parse::<i64>().map_or(Value::Null, |id| json!(id));
    let custom = claims.entry(format!("{CLAIM}custom")).or_insert_with(|| json!({}));
    if let Some(custom) = custom.as_object_mut() {
        custom.insert("canvas_user_id".into(), number);
        custom.insert("canvas_term".into(), json!("$Canvas.term.name"));
        custom.insert("sections".into(), json!([1, null]));
    }
    claims.insert(
        format!("{CLAIM}lti11_legacy_user_id"),
        json!(format!("legacy-{}", person.id)),
    );
    claims.insert("picture".into(), json!("https://images.example/50.png"));
    claims.insert("https://www.instructure.com/placement".into(), Value::Null);
    claims.insert("errors".into(), json!({"errors": {}}));
}

/// `nbf`, and a claim of its own that is no LTI claim.
fn brightspace(claims: &mut Map<String, Value>, person: &Person) {
    family(claims, "desire2learn", "10.8.12");
    let issued = claims.get("iat").cloned().unwrap_or_default();
    claims.insert("nbf".into(), issued);
    let own = json!({"tenant_id": "0a1b", "org_defined_id": person.username, "user_id": 190, "Context.id.history": ""});
    claims.insert("http://www.brightspace.com".into(), own);
    claims.insert(format!("{CLAIM}lti11_legacy_user_id"), json!(person.id));
}

/// The roster's address has a query already.
fn blackboard(claims: &mut Map<String, Value>, person: &Person, is_staff: bool) {
    family(claims, "BlackboardLearn", "4000.7.0-rel.45+a1b2");
    let kind = if is_staff { "Faculty" } else { "Student" };
    add_roles(claims, &[format!("{INSTITUTION}{kind}")]);
    claims.insert(
        format!("{CLAIM}lis"),
        json!({"person_sourcedid": person.username, "course_section_sourcedid": ""}),
    );
    claims.insert(
        format!("{CLAIM}lti1p1"),
        json!({"user_id": person.id, "oauth_consumer_key": ""}),
    );
    if let Some(roster) = claims.get_mut(super::NRPS_CLAIM).and_then(Value::as_object_mut)
        && let Some(Value::String(address)) = roster.get_mut("context_memberships_url")
    {
        address.push_str("?groups=true");
    }
}

fn sakai(claims: &mut Map<String, Value>, is_staff: bool) {
    family(claims, "sakai", "23.2");
    let kind = if is_staff { "Instructor" } else { "Student" };
    add_roles(claims, &[format!("{INSTITUTION}{kind}")]);
    let own = json!({"sakai_launch_key": "k", "sakai_server": "lms.example", "sakai_role": "access"});
    claims.insert("https://www.sakailms.org/spec/lti/claim/extension".into(), own);
}

/// As little as it says: no given name, no language, no way back, a link without a title; the course team arrives as
/// administrators of the system.
fn open_edx(claims: &mut Map<String, Value>, person: &Person, is_staff: bool) {
    for name in ["given_name", "family_name", "locale"] {
        claims.remove(name);
    }
    claims.insert("preferred_username".into(), json!(person.username));
    if let Some(link) = lti(claims, "resource_link") {
        link.retain(|name, _| name == "id");
    }
    if let Some(platform) = lti(claims, "tool_platform") {
        platform.retain(|name, _| ["guid", "name"].contains(&name.as_str()));
    }
    claims.insert(
        format!("{CLAIM}launch_presentation"),
        json!({"document_target": "iframe"}),
    );
    let roles = if is_staff {
        let of_institution =
            ["Administrator", "Staff", "Faculty", "Instructor"].map(|role| format!("{INSTITUTION}{role}"));
        let mut roles = vec![format!("{SYSTEM}Administrator")];
        roles.extend(of_institution);
        roles.extend([format!("{MEMBERSHIP}Administrator"), format!("{MEMBERSHIP}Instructor")]);
        roles
    } else {
        vec![
            format!("{SYSTEM}None"),
            format!("{INSTITUTION}None"),
            format!("{MEMBERSHIP}Learner"),
        ]
    };
    claims.insert(format!("{CLAIM}roles"), json!(roles));
}

/// What a request to place something says otherwise; whether it carries no data.
pub(super) fn bend_picking(dialect: Dialect, settings: &mut Map<String, Value>, claims: &mut Map<String, Value>) {
    match dialect {
        Dialect::Canvas => {
            settings.insert("accept_media_types".into(), json!("image/*,text/html"));
            settings.insert("auto_create".into(), json!(true));
            settings.insert("validation_context".into(), Value::Null);
        }
        Dialect::OpenEdx => {
            settings.insert(
                "accept_types".into(),
                json!(["ltiResourceLink", "link", "html", "image"]),
            );
            settings.insert("accept_multiple".into(), json!(true));
            settings.insert("auto_create".into(), json!(true));
            settings.insert("title".into(), json!(""));
            settings.insert("text".into(), json!(""));
            settings.remove("accept_lineitem");
            for name in ["launch_presentation", "tool_platform", "custom"] {
                claims.remove(&format!("{CLAIM}{name}"));
            }
            claims.remove(ags::AGS_CLAIM);
            claims.remove(super::NRPS_CLAIM);
        }
        _ => {}
    }
}

/// Whether a request to place something carries data that has to come back.
pub(super) const fn sends_data(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Plain | Dialect::Brightspace | Dialect::Blackboard)
}

/// How a login names the deployment, and what else stands in it.
pub(super) fn bend_login(dialect: Dialect, parameters: &mut Vec<(String, String)>) {
    if dialect != Dialect::Canvas {
        return;
    }
    for (name, _) in parameters.iter_mut().filter(|(name, _)| name == "lti_deployment_id") {
        "deployment_id".clone_into(name);
    }
    parameters.push(("canvas_region".into(), "us-east-1".into()));
    parameters.push(("canvas_environment".into(), "prod".into()));
}

/// What a roster says otherwise of a person.
pub(super) fn bend_member(dialect: Dialect, member: &mut Map<String, Value>, person: &Person) {
    match dialect {
        Dialect::Canvas => {
            member.insert("picture".into(), json!("https://images.example/50.png"));
            member.insert("lti11_legacy_user_id".into(), json!(format!("legacy-{}", person.id)));
            member.insert("middle_name".into(), Value::Null);
        }
        Dialect::Blackboard => drop(member.insert("lis_person_sourcedid".into(), json!(person.username))),
        Dialect::Sakai => drop(member.remove("status")),
        Dialect::OpenEdx => member.retain(|name, _| !["given_name", "family_name", "message"].contains(&name.as_str())),
        _ => {}
    }
}

/// Above how many people a roster is not told at all, whatever page is asked for.
pub(super) const fn roster_limit(dialect: Dialect) -> Option<usize> {
    match dialect {
        Dialect::OpenEdx => Some(1_000),
        _ => None,
    }
}

/// What the LMS adds to a new column of its own accord.
pub(super) fn bend_column(dialect: Dialect, fields: &mut Map<String, Value>) {
    if dialect != Dialect::Sakai {
        return;
    }
    for (name, value) in [
        ("readOnly", false),
        ("releaseToStudent", true),
        ("includeInComputation", true),
    ] {
        let name = format!("https://www.sakailms.org/spec/lti-ags/v2p0/{name}");
        fields.entry(name).or_insert(json!(value));
    }
}

/// Whether a score hands something in, in the person's name: on Canvas each does that does not say otherwise.
pub(super) fn is_submission(dialect: Dialect, score: &Value) -> bool {
    const EXTENSION: &str = "https://canvas.instructure.com/lti/submission";
    let says_no = score.get(EXTENSION).and_then(|told| told.get("new_submission")) == Some(&json!(false));
    dialect == Dialect::Canvas && !says_no
}

/// Whom a service assertion has to be meant for; nothing: it is not looked at.
pub(super) fn audience(dialect: Dialect, token_url: &str) -> Option<String> {
    match dialect {
        Dialect::Moodle | Dialect::OpenEdx => None,
        Dialect::Brightspace => Some(BRIGHTSPACE_AUDIENCE.to_owned()),
        _ => Some(token_url.to_owned()),
    }
}

/// Where the columns of a course are, without a query.
pub(super) fn columns_path(dialect: Dialect, course: &str) -> String {
    match dialect {
        Dialect::Blackboard => format!("/learn/api/v1/lti/courses/{course}/lineItems"),
        Dialect::OpenEdx => format!("/api/lti_consumer/v1/lti/{course}/lti-ags"),
        _ => format!("/lti/courses/{course}/lineitems"),
    }
}

/// Where a column is, without a query.
pub(super) fn column_path(dialect: Dialect, course: &str, id: u64) -> String {
    let columns = columns_path(dialect, course);
    match dialect {
        Dialect::Blackboard | Dialect::OpenEdx => format!("{columns}/{id}"),
        _ => format!("{columns}/{id}/lineitem"),
    }
}

/// Why a new column is not taken.
pub(super) fn refuses_column(dialect: Dialect, fields: &Map<String, Value>, known: &[&Column]) -> Option<u16> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let same_label = |column: &&&Column| column.fields.get("label") == fields.get("label");
    let is_refused = match dialect {
        Dialect::Blackboard => fields.contains_key("resourceLinkId"),
        Dialect::Sakai => known.iter().any(|column| same_label(&column)),
        Dialect::OpenEdx => {
            let is_named = !text("resourceId").is_empty() || !text("resourceLinkId").is_empty();
            let is_whole = fields.get("scoreMaximum").is_some_and(Value::is_u64);
            !is_named || !is_whole || text("label").chars().count() > 100
        }
        _ => false,
    };
    is_refused.then_some(400)
}

/// What the LMS answers to a score for somebody whom it does not grade.
pub(super) const fn not_gradable(dialect: Dialect) -> u16 {
    match dialect {
        Dialect::Moodle | Dialect::Blackboard | Dialect::Sakai => 400,
        Dialect::Brightspace => 403,
        // it stumbles
        Dialect::OpenEdx => 500,
        Dialect::Plain | Dialect::Canvas => 422,
    }
}

/// What it answers to a score that is no newer than the one it has: status and text.
pub(super) const fn older(dialect: Dialect) -> (u16, &'static str) {
    match dialect {
        Dialect::Canvas => (
            400,
            r#"{"errors":{"type":"bad_request","message":"timestamp is older than the last"}}"#,
        ),
        Dialect::OpenEdx => (
            400,
            r#"{"timestamp":["Score model can only be updated to a later point in time"]}"#,
        ),
        _ => (409, ""),
    }
}

/// What it answers to a score that it took: status and text.
pub(super) fn taken(dialect: Dialect, score: &Value) -> (u16, String) {
    match dialect {
        Dialect::Moodle => (200, String::new()),
        Dialect::Canvas => (200, json!({"resultUrl": "https://lms.example/results/1"}).to_string()),
        Dialect::OpenEdx => (201, score.to_string()),
        _ => (204, String::new()),
    }
}
