//! Names and roles: a course's roster in pages (NRPS 2.0, section 2; Moodle 4.5 as seen on the wire).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::campus::{Person, Role};
use super::claims::{self, CLAIM};
use super::dialects;
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
    /// Only what changed since this reading.
    pub(super) since: Option<u64>,
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
                "since" => wanted.since = value.parse().ok(),
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
    // Open edX looks at no link at all
    let is_looked_at = state.dialect != Dialect::OpenEdx;
    if is_looked_at && wanted.rlid.as_ref().is_some_and(|link| *link != course.link_id) {
        return None;
    }
    let dialect = state.dialect;
    let size = if dialect == Dialect::Moodle {
        // The whole course at once unless the tool asks for less.
        wanted.limit.or(state.page_size).unwrap_or(usize::MAX)
    } else {
        let most = state.page_size.unwrap_or(PLAIN_PAGE);
        wanted.limit.map_or(most, |limit| limit.min(most))
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
        if let (Some(role), true) = (&wanted.role, state.dialect != Dialect::Moodle) {
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
        (Dialect::Moodle, "Instructor") => Some(|role| role == Role::Teacher),
        (Dialect::Moodle, "Learner") => Some(|role| role != Role::Teacher),
        (Dialect::Moodle | Dialect::OpenEdx, _) => None,
        (_, "Instructor") => Some(|role| matches!(role, Role::Teacher | Role::TeachingAssistant)),
        (_, "Learner") => Some(|role| matches!(role, Role::Learner | Role::TestStudent)),
        _ => Some(|_| false),
    }
}

fn member(dialect: Dialect, person: &Person, role: Role, rlid: Option<&str>) -> Value {
    let mut member = Map::new();
    member.insert("status".into(), json!("Active"));
    member.insert("user_id".into(), json!(person.id));
    let roles = match dialect {
        Dialect::Moodle => json!([claims::moodle_roster_role(role)]),
        _ => json!(claims::plain_roles(Some(role), person.is_administrator)),
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
        let mut message = json!({kind: "LtiResourceLinkRequest"});
        if let (Dialect::Plain, Some(message)) = (dialect, message.as_object_mut()) {
            message.insert(
                format!("{CLAIM}custom"),
                json!({"lms_user_id": person.id, "unknown": "$User.id"}),
            );
        }
        member.insert("message".into(), json!([message]));
    }
    dialects::bend_member(dialect, &mut member, person);
    Value::Object(member)
}

/// Whether changes since a reading are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Differences {
    /// No.
    #[default]
    None,
    /// Yes: who is new or changed, and who left as deleted.
    Told,
    /// Who left is passed over in silence.
    WithoutLeavers,
    /// They are offered, and fail.
    Failing,
}

/// What readings were told, by their number.
#[derive(Debug, Default)]
pub(super) struct Readings {
    pub(super) mode: Differences,
    last: u64,
    told: BTreeMap<u64, BTreeMap<String, Value>>,
}

/// The whole list of a course as it is now.
fn everybody(state: &State, course: &str) -> BTreeMap<String, Value> {
    let roster = state.campus.roster(course, 0, usize::MAX);
    let all = roster.into_iter().map(|(person, role)| {
        let said = member(state.dialect, person, role, None);
        (person.id.clone(), said)
    });
    all.collect()
}

/// The `differences` link of a reading that ends now.
pub(super) fn differences_link(state: &mut State, address: &str, course: &str) -> Option<String> {
    if state.readings.mode == Differences::None {
        return None;
    }
    let course = state.campus.course(course)?.id.clone();
    let now = everybody(state, &course);
    state.readings.last += 1;
    let number = state.readings.last;
    state.readings.told.insert(number, now);
    Some(format!("<{address}?since={number}>; rel=\"differences\""))
}

/// What changed since a reading; nothing where it is unknown or cannot be told.
pub(super) fn changes(state: &State, address: &str, course: &str, since: u64) -> Option<Value> {
    let course = state.campus.course(course)?;
    let then = state
        .readings
        .told
        .get(&since)
        .filter(|_| state.readings.mode != Differences::Failing)?;
    let now = everybody(state, &course.id);
    let changed = now.iter().filter(|(id, said)| then.get(*id) != Some(*said));
    let mut members: Vec<Value> = changed.map(|(_, said)| said.clone()).collect();
    if state.readings.mode == Differences::Told {
        let gone = then.keys().filter(|id| !now.contains_key(*id));
        members.extend(gone.map(|id| json!({"user_id": id, "status": "Deleted", "roles": []})));
    }
    Some(json!({"id": address, "context": {"id": course.id}, "members": members}))
}
