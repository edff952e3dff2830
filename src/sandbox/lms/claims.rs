//! What a launch says, in each dialect (LTI core 1.3, section 5.3; Moodle 4.5 as seen on the wire).

use serde_json::{Map, Value, json};

use super::ags::{self, AGS_CLAIM, AGS_SCOPES};
use super::campus::{Campus, Course, Person, Role};
use super::deep_link::{self, PlacedItem};
use super::dialects;
use super::launch::{Dialect, LaunchSpec, Target};
use crate::clock::Timestamp;

/// The prefix of LTI's own claims.
pub const CLAIM: &str = "https://purl.imsglobal.org/spec/lti/claim/";
/// The claim with the roster's address.
pub const NRPS_CLAIM: &str = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice";
/// The scope that reads a roster.
pub const NRPS_SCOPE: &str = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";
const MEMBERSHIP: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership";
const INSTITUTION: &str = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#";
const SYSTEM: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person#";
const TEST_USER: &str = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";
const BASIC_OUTCOME_CLAIM: &str = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome";
const MOODLE_GUID: &str = "5b1f0c3de0a74f6d9d3c8c1a7f2be640";

/// What the claims need to know beside the launch itself.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub(super) dialect: Dialect,
    pub(super) base: &'a str,
    pub(super) campus: &'a Campus,
    pub(super) client_id: &'a str,
    pub(super) deployment_id: &'a str,
    pub(super) target_link_uri: &'a str,
    pub(super) now: Timestamp,
    /// Whether the LMS's own ids of person and course stand in `custom`, as an administrator of Canvas adds them.
    pub(super) with_ids: bool,
    /// Something that differs from launch to launch, for the session key in Moodle's return address.
    pub(super) serial: u64,
    /// The placed item that is opened, and its own column.
    pub(super) item: Option<&'a PlacedItem>,
    pub(super) column: Option<u64>,
}

/// The claims of the launch, the spec's changes applied last.
pub(super) fn claims(setting: &Setting<'_>, spec: &LaunchSpec) -> Value {
    let stranger = Person {
        email: None,
        ..Person::new(&spec.person, "", "", "")
    };
    let person = setting.campus.person(&spec.person).unwrap_or(&stranger);
    let course = setting.campus.course(&spec.course);
    let role = course.and_then(|course| setting.campus.role(&course.id, &person.id));
    let mut claims = Map::new();
    common(&mut claims, setting, spec, person);
    match setting.dialect {
        Dialect::Moodle => moodle(&mut claims, setting, spec, person, course, role),
        _ => plain(&mut claims, setting, spec, person, course, role),
    }
    if let Some(course) = course {
        grades(&mut claims, setting, course);
    }
    if let (Some(item), Some(course)) = (setting.item, course) {
        placed(&mut claims, item, course);
    }
    dialects::bend_claims(setting.dialect, &mut claims, person, role);
    bend(spec, &mut claims);
    Value::Object(claims)
}

/// What the LMS says of itself in `tool_platform`.
pub(super) const fn guid(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Moodle => MOODLE_GUID,
        _ => "demo-lms.example",
    }
}

/// Applies the spec's changes.
pub(super) fn bend(spec: &LaunchSpec, claims: &mut Map<String, Value>) {
    for (name, value) in &spec.changes {
        match value {
            Some(value) => claims.insert(name.clone(), value.clone()),
            None => claims.remove(name),
        };
    }
}

/// Where grades are: the column only where the link has exactly one.
fn grades(claims: &mut Map<String, Value>, setting: &Setting<'_>, course: &Course) {
    let mut service = json!({
        "scope": AGS_SCOPES,
        "lineitems": ags::columns_url(setting.dialect, setting.base, &course.id),
    });
    if let (Some(id), Some(service)) = (setting.column, service.as_object_mut()) {
        let address = ags::column_url(setting.dialect, setting.base, &course.id, id);
        service.insert("lineitem".into(), json!(address));
    }
    claims.insert(AGS_CLAIM.into(), service);
}

/// The launch of an item that the tool placed.
fn placed(claims: &mut Map<String, Value>, item: &PlacedItem, course: &Course) {
    let link = json!({"id": item.id, "title": item.title});
    claims.insert(format!("{CLAIM}resource_link"), link);
    let mut custom = deep_link::filled_in(&item.custom, &course.history);
    if let Some(Value::Object(known)) = claims.remove(&format!("{CLAIM}custom")) {
        custom.extend(known);
    }
    claims.insert(format!("{CLAIM}custom"), Value::Object(custom));
}

fn common(claims: &mut Map<String, Value>, setting: &Setting<'_>, spec: &LaunchSpec, person: &Person) {
    claims.insert("nonce".into(), json!(spec.nonce));
    claims.insert("iss".into(), json!(setting.base));
    claims.insert("sub".into(), json!(person.id));
    claims.insert("iat".into(), json!(setting.now.seconds()));
    for (name, value) in [
        ("version", "1.3.0"),
        ("message_type", "LtiResourceLinkRequest"),
        ("deployment_id", setting.deployment_id),
        ("target_link_uri", setting.target_link_uri),
    ] {
        claims.insert(format!("{CLAIM}{name}"), json!(value));
    }
    if !person.name().is_empty() {
        claims.insert("name".into(), json!(person.name()));
        claims.insert("given_name".into(), json!(person.given_name));
        claims.insert("family_name".into(), json!(person.family_name));
    }
    if let Some(email) = &person.email {
        claims.insert("email".into(), json!(email));
    }
}

fn plain(
    claims: &mut Map<String, Value>,
    setting: &Setting<'_>,
    spec: &LaunchSpec,
    person: &Person,
    course: Option<&Course>,
    role: Option<Role>,
) {
    claims.insert("aud".into(), json!([setting.client_id]));
    claims.insert("azp".into(), json!(setting.client_id));
    claims.insert("exp".into(), json!(setting.now.seconds() + 3600));
    claims.insert("locale".into(), json!(person.locale));
    let base = setting.base;
    let mut lti = |name: &str, value: Value| claims.insert(format!("{CLAIM}{name}"), value);
    let mut presentation = json!({"document_target": spec.target.name(), "locale": person.locale});
    if let (Some(course), Some(presentation)) = (course, presentation.as_object_mut()) {
        presentation.insert("return_url".into(), json!(format!("{base}/course/{}", course.id)));
    }
    lti("launch_presentation", presentation);
    lti("roles", json!(plain_roles(role, person.is_administrator)));
    lti(
        "tool_platform",
        json!({
            "guid": guid(Dialect::Plain), "name": "Demo LMS", "product_family_code": "badgebridge-demo",
            "version": "1", "url": base,
        }),
    );
    if let (true, Some(course)) = (setting.with_ids, course) {
        lti("custom", json!({"lms_user_id": person.id, "lms_course_id": course.id}));
    }
    let Some(course) = course else {
        lti("resource_link", json!({"id": "0", "title": "Badges"}));
        return;
    };
    lti(
        "resource_link",
        json!({"id": course.link_id, "title": course.link_title}),
    );
    lti(
        "context",
        json!({
            "id": course.id, "label": course.label, "title": course.title,
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
        }),
    );
    let address = memberships_url(setting.dialect, base, &course.id, setting.deployment_id);
    claims.insert(
        NRPS_CLAIM.into(),
        json!({"context_memberships_url": address, "service_versions": ["2.0"]}),
    );
}

fn moodle(
    claims: &mut Map<String, Value>,
    setting: &Setting<'_>,
    spec: &LaunchSpec,
    person: &Person,
    course: Option<&Course>,
    role: Option<Role>,
) {
    claims.insert("aud".into(), json!(setting.client_id));
    claims.insert("exp".into(), json!(setting.now.seconds() + 60));
    let (base, deployment, serial) = (setting.base, setting.deployment_id, setting.serial);
    let mut lti = |name: &str, value: Value| claims.insert(format!("{CLAIM}{name}"), value);
    lti("roles", json!(moodle_roles(role, person.is_administrator)));
    lti("ext", json!({"user_username": person.username, "lms": "moodle-2"}));
    lti("lis", json!({"person_sourcedid": "", "course_section_sourcedid": ""}));
    lti(
        "tool_platform",
        json!({
            "product_family_code": "moodle", "version": "2024100706", "guid": MOODLE_GUID,
            "name": "demo", "description": "Demo LMS",
        }),
    );
    let mut custom = json!({
        "username": person.username,
        // Variables that Moodle does not know arrive as they stand; a name with a capital arrives twice.
        "locale": "$Message.locale",
        "start": "$ResourceLink.available.startDateTime",
        "lessonId": "a1", "lessonid": "a1",
        "system_setting_url": format!("{base}/mod/lti/services.php/tool/{deployment}/custom"),
        "link_setting_url": format!("{base}/mod/lti/services.php/links/{{link_id}}/custom"),
    });
    let Some(course) = course else {
        lti("custom", custom);
        lti(
            "resource_link",
            json!({"id": "0", "title": "Badges", "description": ""}),
        );
        return;
    };
    let (id, link) = (&course.id, &course.link_id);
    let memberships = memberships_url(setting.dialect, base, id, deployment);
    if let Some(custom) = custom.as_object_mut() {
        custom.insert("context_memberships_url".into(), json!(memberships));
        let settings = format!("{base}/mod/lti/services.php/CourseSection/{id}/bindings/tool/{deployment}/custom");
        custom.insert("context_setting_url".into(), json!(settings));
    }
    lti("custom", custom);
    lti(
        "resource_link",
        json!({"title": course.link_title, "description": course.link_title, "id": link}),
    );
    // The short form of the type, and no URI.
    lti(
        "context",
        json!({"id": id, "label": course.label, "title": course.title, "type": ["CourseSection"]}),
    );
    let container = if spec.target == Target::Window { 4 } else { 3 };
    let back = format!(
        "{base}/mod/lti/return.php?course={id}&launch_container={container}&instanceid={link}&sesskey=demo{serial:06}"
    );
    lti(
        "launch_presentation",
        json!({"locale": person.locale, "document_target": spec.target.name(), "return_url": back}),
    );
    let sourced = json!({
        "data": {"instanceid": link, "userid": person.id, "typeid": deployment, "launchid": serial},
        "hash": format!("{serial:064x}"),
    });
    claims.insert(
        BASIC_OUTCOME_CLAIM.into(),
        json!({
            "lis_result_sourcedid": sourced.to_string(),
            "lis_outcome_service_url": format!("{base}/mod/lti/service.php"),
        }),
    );
    claims.insert(
        NRPS_CLAIM.into(),
        json!({"context_memberships_url": memberships, "service_versions": ["1.0", "2.0"]}),
    );
}

/// Where the roster of a course is read.
pub(super) fn memberships_url(dialect: Dialect, base: &str, course: &str, deployment: &str) -> String {
    match dialect {
        Dialect::Moodle => {
            format!("{base}/mod/lti/services.php/CourseSection/{course}/bindings/{deployment}/memberships")
        }
        _ => format!("{base}/lti/courses/{course}/memberships"),
    }
}

/// Full URIs for launch and roster alike (LTI core 1.3, appendix A.2). A stranger has no role.
pub(super) fn plain_roles(role: Option<Role>, is_administrator: bool) -> Vec<String> {
    let mut roles = match role {
        Some(Role::Teacher) => vec![format!("{MEMBERSHIP}#Instructor")],
        Some(Role::TeachingAssistant) => {
            vec![
                format!("{MEMBERSHIP}#Instructor"),
                format!("{MEMBERSHIP}/Instructor#TeachingAssistant"),
            ]
        }
        Some(Role::Learner) => vec![format!("{MEMBERSHIP}#Learner")],
        Some(Role::TestStudent) => vec![format!("{MEMBERSHIP}#Learner"), TEST_USER.to_owned()],
        None => Vec::new(),
    };
    if is_administrator {
        roles.push(format!("{MEMBERSHIP}#Administrator"));
        roles.push(format!("{INSTITUTION}Administrator"));
    }
    roles
}

/// The launch roles of Moodle: a non-editing teacher is an Instructor, a test student does not exist.
fn moodle_roles(role: Option<Role>, is_administrator: bool) -> Vec<String> {
    if is_administrator {
        return vec![
            format!("{INSTITUTION}Administrator"),
            format!("{MEMBERSHIP}#Instructor"),
            format!("{SYSTEM}Administrator"),
        ];
    }
    match role {
        Some(Role::Teacher | Role::TeachingAssistant) => vec![format!("{MEMBERSHIP}#Instructor")],
        _ => vec![format!("{MEMBERSHIP}#Learner")],
    }
}

/// The roster roles of Moodle: short names, and a non-editing teacher is a Learner there.
pub(super) fn moodle_roster_role(role: Role) -> &'static str {
    if role == Role::Teacher { "Instructor" } else { "Learner" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(dialect: Dialect, spec: &LaunchSpec) -> Value {
        let campus = Campus::sample();
        let setting = Setting {
            dialect,
            base: "http://localhost:8081",
            campus: &campus,
            client_id: "client",
            deployment_id: "1",
            target_link_uri: "http://127.0.0.1:8080/lti/launch",
            now: Timestamp::from_seconds(1_795_000_000),
            with_ids: false,
            serial: 7,
            item: None,
            column: None,
        };
        claims(&setting, spec)
    }

    #[test]
    fn moodle_speaks_as_it_was_heard() {
        let said = said(Dialect::Moodle, &LaunchSpec::new("assistant", "BIO-2010", "n"));
        assert_eq!(said["aud"], "client");
        assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 60);
        assert!(said.get("azp").is_none() && said.get("locale").is_none());
        let lti = |name: &str| &said[format!("{CLAIM}{name}")];
        assert_eq!(lti("context")["type"], json!(["CourseSection"]));
        assert_eq!(lti("roles"), &json!([format!("{MEMBERSHIP}#Instructor")]));
        assert_eq!(lti("custom")["start"], "$ResourceLink.available.startDateTime");
        assert!(
            lti("custom")["link_setting_url"]
                .as_str()
                .unwrap()
                .contains("{link_id}")
        );
        assert_eq!(lti("ext")["user_username"], "assistant");
        assert_eq!(said[NRPS_CLAIM]["service_versions"], json!(["1.0", "2.0"]));
        assert!(said[BASIC_OUTCOME_CLAIM]["lis_result_sourcedid"].is_string());
    }

    #[test]
    fn plain_lti_is_spoken_by_the_book() {
        let said = said(
            Dialect::Plain,
            &LaunchSpec::new("assistant", "2", "n").opened_in(Target::Window),
        );
        assert_eq!(said["aud"], json!(["client"]));
        assert_eq!(said["azp"], "client");
        let roles = said[format!("{CLAIM}roles")].to_string();
        assert!(roles.contains("membership/Instructor#TeachingAssistant"), "{roles}");
        assert_eq!(said[format!("{CLAIM}launch_presentation")]["document_target"], "window");
        assert_eq!(
            said[NRPS_CLAIM]["context_memberships_url"],
            "http://localhost:8081/lti/courses/2/memberships"
        );
    }

    #[test]
    fn a_launch_can_be_bent_in_every_claim() {
        let spec = LaunchSpec::new("nobody", "", "n")
            .with("roles", json!([""]))
            .without("sub")
            .with("extra", 1);
        let said = said(Dialect::Plain, &spec);
        assert_eq!(said[format!("{CLAIM}roles")], json!([""]));
        assert!(said.get("sub").is_none() && said.get(format!("{CLAIM}context")).is_none());
        assert_eq!(said["extra"], 1);
    }
}
