//! The roster of a course, page by page (names and role provisioning services 2.0).
//!
//! One page is in memory at a time: the caller stores it and asks for the next. How fast is the caller's choice
//! (one page a second is polite).

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::address::{parse_http, same_origin, with_query};
use super::claims::{self, Custom, Person};
use super::fetch::Request;
use super::link_header;
use super::registration::{ResourceLinkId, Subject};
use super::roles::{MAX_ROLES, Roles};
use super::service_token::{ServiceCaller, ServiceError};

/// The scope that reads rosters.
pub const SCOPE: &str = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";

const MEDIA_TYPE: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Some platforms give a whole course at once, whatever was asked for.
const SIZE_LIMIT: usize = 16 * 1024 * 1024;

/// Why a roster cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    #[error("the roster's address is no http address")]
    InvalidAddress,
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the answer is no roster")]
    Unreadable,
    #[error("the next page is on another server")]
    ForeignNext,
    #[error("the pages go round in a circle")]
    Circle,
    #[error("the roster has too many pages")]
    TooManyPages,
}

/// Whether somebody is in the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberStatus {
    Active,
    Inactive,
    /// Sent only when differences are asked for.
    Deleted,
}

/// One person of a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The same as `sub` in this person's launches.
    pub subject: Subject,
    /// May say less than a launch does: Moodle lists its non-editing teachers as learners.
    pub roles: Roles,
    pub status: MemberStatus,
    pub person: Person,
    pub sourced_id: Option<String>,
    pub legacy_user_id: Option<String>,
    /// The custom parameters of this person's launches; only where a link was named.
    pub custom: Custom,
}

impl Member {
    /// Nothing if the entry does not say who it is about.
    fn read(entry: &Value) -> Option<Self> {
        let entry = entry.as_object()?;
        let subject = Subject::parse(claims::identifier(entry, "user_id")?).ok()?;
        let status = match claims::text(entry, "status") {
            Some(status) if status.eq_ignore_ascii_case("inactive") => MemberStatus::Inactive,
            Some(status) if status.eq_ignore_ascii_case("deleted") => MemberStatus::Deleted,
            _ => MemberStatus::Active,
        };
        Some(Self {
            subject,
            roles: roles(entry),
            status,
            person: Person::read(entry),
            sourced_id: claims::text(entry, "lis_person_sourcedid").filter(|id| !id.starts_with('$')),
            legacy_user_id: claims::text(entry, "lti11_legacy_user_id"),
            custom: custom(entry),
        })
    }
}

/// What `message` says of a member (section 2.4): one object for each kind of message, or a single one.
fn custom(entry: &Map<String, Value>) -> Custom {
    let messages = match entry.get("message") {
        Some(Value::Array(messages)) => messages.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let of_each = messages.iter().filter_map(Value::as_object).map(claims::custom);
    of_each.flatten().collect()
}

fn roles(entry: &Map<String, Value>) -> Roles {
    match entry.get("roles") {
        Some(Value::Array(names)) => Roles::parse(names.iter().take(MAX_ROLES).filter_map(Value::as_str)),
        Some(Value::String(name)) => Roles::parse([name.as_str()]),
        _ => Roles::parse([]),
    }
}

/// How much of a roster is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many people a page is asked to have; platforms may give any number.
    pub page_size: u32,
    /// The most pages.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_size: 100,
            pages: 2_000,
        }
    }
}

/// One page of a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub members: Vec<Member>,
    /// Entries that do not say who they are about: with any of them the roster is not complete.
    pub skipped: usize,
    /// The next page, checked; nothing after the last one.
    pub next: Option<String>,
    /// Where changes since now can be asked for later, if the platform offers it.
    pub differences: Option<String>,
}

/// A walk over the pages of one roster. Only when the last page was read is the roster complete: somebody who is
/// missing from a part of it is not gone.
#[derive(Clone, Debug)]
pub struct Roster {
    service: Url,
    pages: usize,
    next: Option<String>,
    seen: HashSet<String>,
}

impl Roster {
    /// Starts at `service` (`context_memberships_url`). With `link` the platform may tell what the teacher of that link
    /// allowed (Moodle), and adds each person's launch values.
    pub fn open(service: &str, link: Option<&ResourceLinkId>, limits: Limits) -> Result<Self, RosterError> {
        let parsed = parse_http(service).ok_or(RosterError::InvalidAddress)?;
        let asked: HashSet<_> = parsed.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let limit = limits.page_size.to_string();
        let mut parameters = vec![("limit", limit.as_str())];
        if let Some(link) = link {
            parameters.push(("rlid", link.as_str()));
        }
        parameters.retain(|(name, _)| !asked.contains(*name));
        let first = if parameters.is_empty() {
            service.to_owned()
        } else {
            with_query(service, &parameters)
        };
        Ok(Self {
            service: parsed,
            pages: limits.pages,
            next: Some(first),
            seen: HashSet::new(),
        })
    }

    /// Goes on at `next`, which an earlier walk gave.
    pub fn resume(service: &str, next: &str, limits: Limits) -> Result<Self, RosterError> {
        let service = parse_http(service).ok_or(RosterError::InvalidAddress)?;
        let next = checked_next(&service, &service, next)?;
        Ok(Self {
            service,
            pages: limits.pages,
            next: Some(next),
            seen: HashSet::new(),
        })
    }

    /// Whether the last page was read.
    pub const fn is_complete(&self) -> bool {
        self.next.is_none()
    }

    /// Reads the next page; nothing after the last one. After an error the same page can be asked for again, if
    /// the error is one of the service.
    pub async fn next_page(&mut self, caller: &ServiceCaller<'_>) -> Result<Option<Page>, RosterError> {
        let Some(address) = self.next.clone() else {
            return Ok(None);
        };
        if self.seen.len() >= self.pages {
            return Err(RosterError::TooManyPages);
        }
        let request = Request::get(&address, MEDIA_TYPE, TIME_LIMIT, SIZE_LIMIT);
        let response = caller.send(request).await?;
        let (members, skipped) = read_members(&response.body)?;
        let asked = parse_http(&address).ok_or(RosterError::InvalidAddress)?;
        self.seen.insert(address);
        let links: Vec<_> = response.header_values("Link").flat_map(link_header::parse).collect();
        let link = |relation: &str| links.iter().find(|link| link.is(relation)).map(|link| &*link.target);
        let next = link("next")
            .map(|next| checked_next(&self.service, &asked, next))
            .transpose()?;
        if next.as_ref().is_some_and(|next| self.seen.contains(next)) {
            return Err(RosterError::Circle);
        }
        let differences = link("differences").and_then(|link| checked_next(&self.service, &asked, link).ok());
        self.next.clone_from(&next);
        Ok(Some(Page {
            members,
            skipped,
            next,
            differences,
        }))
    }
}

/// `target` in full, if it is on the service's own server: a token goes along with it.
fn checked_next(service: &Url, asked: &Url, target: &str) -> Result<String, RosterError> {
    let full = asked.join(target).map_err(|_| RosterError::ForeignNext)?;
    let full = parse_http(full.as_str()).ok_or(RosterError::ForeignNext)?;
    if same_origin(&full, service) {
        Ok(full.into())
    } else {
        Err(RosterError::ForeignNext)
    }
}

fn read_members(body: &[u8]) -> Result<(Vec<Member>, usize), RosterError> {
    let mut container: Map<String, Value> = serde_json::from_slice(body).map_err(|_| RosterError::Unreadable)?;
    let Some(Value::Array(entries)) = container.remove("members") else {
        return Err(RosterError::Unreadable);
    };
    let count = entries.len();
    let members: Vec<_> = entries.iter().filter_map(Member::read).collect();
    let skipped = count - members.len();
    Ok((members, skipped))
}

#[cfg(test)]
mod tests;
