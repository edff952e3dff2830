//! Names and roles: a course's roster in pages (NRPS 2.0, section 2; Moodle 4.5 as seen on the wire).

use serde_json::{Map, Value, json};

use super::campus::{Person, Role};
use super::claims::{self, CLAIM};
use super::launch::Dialect;
use super::state::{NrpsMode, State};

pub(super) const MEDIA_TYPE: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";
/// Pages of a plain LMS where the tool asks for none, and the most it gives.
const PLAIN_PAGE: usize = 100;

/// What the tool asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) limit: Option<usize>,
    pub(super) from: usize,
    pub(super) role: Option<String>,
    pub(super) rlid: Option<String>,
}

impl Wanted {
    pub(super) fn from_query(query: &str) -> Self {
        let mut wanted = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => wanted.limit = value.parse().ok().filter(|limit| *limit > 0),
                "from" => wanted.from = value.parse().unwrap_or(0),
                "role" => wanted.role = Some(value.into_owned()),
                "rlid" => wanted.rlid = Some(value.into_owned()),
                _ => {}
            }
        }
        wanted
    }
}

/// A page of a roster: the body, and the `Link` header if there is more.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) body: Value,
    pub(super) link: Option<String>,
}

/// The page, or nothing where course or link do not exist. `address` is the roster's address without a query.
pub(super) fn page(state: &State, address: &str, course: &str, wanted: &Wanted) -> Option<Page> {
    let campus = &state.campus;
    let course = campus.course(course)?;
    if wanted.rlid.as_ref().is_some_and(|link| *link != course.link_id) {
        return None;
    }
    let dialect = state.dialect;
    let size = match dialect {
        Dialect::Plain => {
            let most = state.page_size.unwrap_or(PLAIN_PAGE);
            wanted.limit.map_or(most, |limit| limit.min(most))
        }
        // The whole course at once unless the tool asks for less.
        Dialect::Moodle => wanted.limit.or(state.page_size).unwrap_or(usize::MAX),
    };
    let fits = role_filter(dialect, wanted.role.as_deref());
    let (people, has_more) = if let Some(fits) = fits {
        let all = campus.roster(&course.id, 0, usize::MAX);
        let mut chosen = all.into_iter().filter(|(_, role)| fits(*role)).skip(wanted.from);
        let people: Vec<_> = chosen.by_ref().take(size).collect();
        (people, chosen.next().is_some())
    } else {
        let people = campus.roster(&course.id, wanted.from, size);
        let has_more = wanted.from.saturating_add(people.len()) < campus.size(&course.id);
        (people, has_more)
    };
    let members: Vec<Value> = people
        .iter()
        .map(|(person, role)| {
            let mut member = member(dialect, person, *role, wanted.rlid.as_deref());
            if let (NrpsMode::ByLink, None, Some(said)) = (&state.nrps_mode, &wanted.rlid, member.as_object_mut()) {
                said.retain(|name, _| ["status", "user_id", "roles", "lis_person_sourcedid"].contains(&name.as_str()));
            }
            member
        })
        .collect();
    let shown = people.len();
    let body = json!({
        "id": address,
        "context": {"id": course.id, "label": course.label, "title": course.title},
        "members": members,
    });
    Some(Page {
        body,
        link: link(state, address, wanted, has_more.then(|| wanted.from + shown), shown),
    })
}

fn link(state: &State, address: &str, wanted: &Wanted, next: Option<usize>, size: usize) -> Option<String> {
    let query = |from: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("limit", &size.max(1).to_string())
            .append_pair("from", &from.to_string());
        if let Some(rlid) = &wanted.rlid {
            query.append_pair("rlid", rlid);
        }
        // Moodle's next page has lost the role filter.
        if let (Some(role), Dialect::Plain) = (&wanted.role, state.dialect) {
            query.append_pair("role", role);
        }
        query.finish()
    };
    let address = match &state.nrps_mode {
        NrpsMode::Loop => format!("{address}?{}", query(wanted.from)),
        NrpsMode::Next(other) => other.clone(),
        _ => format!("{address}?{}", query(next?)),
    };
    Some(format!("<{address}>; rel=\"next\""))
}

/// Which people a `role` parameter keeps; none where it says nothing. Moodle knows two roles and ignores all others.
fn role_filter(dialect: Dialect, role: Option<&str>) -> Option<fn(Role) -> bool> {
    let role = role?;
    let name = role.rsplit('#').next().unwrap_or(role);
    match (dialect, name) {
        (Dialect::Plain, "Instructor") => Some(|role| matches!(role, Role::Teacher | Role::TeachingAssistant)),
        (Dialect::Plain, "Learner") => Some(|role| matches!(role, Role::Learner | Role::TestStudent)),
        (Dialect::Plain, _) => Some(|_| false),
        (Dialect::Moodle, "Instructor") => Some(|role| role == Role::Teacher),
        (Dialect::Moodle, "Learner") => Some(|role| role != Role::Teacher),
        (Dialect::Moodle, _) => None,
    }
}

fn member(dialect: Dialect, person: &Person, role: Role, rlid: Option<&str>) -> Value {
    let mut member = Map::new();
    member.insert("status".into(), json!("Active"));
    member.insert("user_id".into(), json!(person.id));
    let roles = match dialect {
        Dialect::Plain => json!(claims::plain_roles(Some(role), person.is_administrator)),
        Dialect::Moodle => json!([claims::moodle_roster_role(role)]),
    };
    member.insert("roles".into(), roles);
    if !person.name().is_empty() {
        member.insert("name".into(), json!(person.name()));
        member.insert("given_name".into(), json!(person.given_name));
        member.insert("family_name".into(), json!(person.family_name));
    }
    if let Some(email) = &person.email {
        member.insert("email".into(), json!(email));
    }
    if dialect == Dialect::Moodle {
        member.insert("lis_person_sourcedid".into(), json!(""));
        member.insert("ext_user_username".into(), json!(person.username));
    }
    if rlid.is_some() {
        let kind = format!("{CLAIM}message_type");
        member.insert("message".into(), json!([{kind: "LtiResourceLinkRequest"}]));
    }
    Value::Object(member)
}
