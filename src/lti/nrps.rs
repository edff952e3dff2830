//! The roster of a course, page by page (names and role provisioning services 2.0).
//!
//! One page is in memory at a time: the caller stores it and asks for the next. How fast is the caller's choice
//! (one page a second is polite).

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::address::{parse_http, same_origin, with_query};
use super::claims::{self, Person};
use super::fetch::Request;
use super::link_header;
use super::registration::{ResourceLinkId, Subject};
use super::roles::{MAX_ROLES, Roles};
use super::service_token::{ServiceCaller, ServiceError};

/// The scope that reads rosters.
pub const SCOPE: &str = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";
/// How many people a page is asked to have; platforms may give any number.
pub const PAGE_SIZE: u32 = 100;
/// The most pages of one roster.
pub const MAX_PAGES: usize = 2_000;

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
        })
    }
}

fn roles(entry: &Map<String, Value>) -> Roles {
    match entry.get("roles") {
        Some(Value::Array(names)) => Roles::parse(names.iter().take(MAX_ROLES).filter_map(Value::as_str)),
        Some(Value::String(name)) => Roles::parse([name.as_str()]),
        _ => Roles::parse([]),
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
    next: Option<String>,
    seen: HashSet<String>,
}

impl Roster {
    /// Starts at `service` (`context_memberships_url`). With `link` the platform may tell what the teacher of that link
    /// allowed (Moodle), and adds each person's launch values.
    pub fn open(service: &str, link: Option<&ResourceLinkId>) -> Result<Self, RosterError> {
        let parsed = parse_http(service).ok_or(RosterError::InvalidAddress)?;
        let asked: HashSet<_> = parsed.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let limit = PAGE_SIZE.to_string();
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
            next: Some(first),
            seen: HashSet::new(),
        })
    }

    /// Goes on at `next`, which an earlier walk gave.
    pub fn resume(service: &str, next: &str) -> Result<Self, RosterError> {
        let service = parse_http(service).ok_or(RosterError::InvalidAddress)?;
        let next = checked_next(&service, &service, next)?;
        Ok(Self {
            service,
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
        if self.seen.len() >= MAX_PAGES {
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
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::super::fetch::{Fetch, FetchError, Response};
    use super::super::keys::SigningKey;
    use super::super::registration::LtiClientId;
    use super::super::roles::Standing;
    use super::super::service_token::{Grant, ServiceTokens};
    use super::super::testing::{FakeFetch, NOW, answer, check, ok, platform_key};
    use super::*;

    const SERVICE: &str = "https://lms.example/members?groups=true";

    fn members(ids: &[&str]) -> String {
        let members: Vec<_> = ids
            .iter()
            .map(|id| json!({"user_id": id, "roles": ["Learner"]}))
            .collect();
        json!({"id": SERVICE, "context": {"id": "2"}, "members": members}).to_string()
    }

    fn page(ids: &[&str], link: &str) -> Result<Response, FetchError> {
        answer(200, &[("link", link)], members(ids))
    }

    async fn walk(answers: Vec<Result<Response, FetchError>>) -> (Result<Vec<Page>, RosterError>, Vec<String>) {
        let token = ok(r#"{"access_token":"t"}"#);
        let fake = FakeFetch::answering([token].into_iter().chain(answers));
        let fetch: Arc<dyn Fetch> = fake.clone();
        let grant = Grant {
            registration: "r".to_owned(),
            client_id: LtiClientId::parse("c").unwrap(),
            token_url: "https://lms.example/token".to_owned(),
            audience: None,
            scopes: [SCOPE.to_owned()].into(),
        };
        let key = Arc::new(SigningKey::from_pkcs8(&platform_key().to_pkcs8().unwrap()).unwrap());
        let caller = ServiceCaller {
            tokens: &ServiceTokens::default(),
            fetch: &fetch,
            grant: &grant,
            key: &key,
            jti: &|| "j".to_owned(),
            now: &|| NOW,
        };
        let link = ResourceLinkId::parse("block-v1:A+B").unwrap();
        let mut roster = Roster::open(SERVICE, Some(&link)).unwrap();
        let mut pages = Vec::new();
        let result = loop {
            match roster.next_page(&caller).await {
                Ok(Some(page)) => pages.push(page),
                Ok(None) => break Ok(pages),
                Err(error) => break Err(error),
            }
        };
        assert_eq!(roster.is_complete(), result.is_ok());
        let asked = fake.asked().into_iter().skip(1).map(|request| request.url).collect();
        (result, asked)
    }

    #[tokio::test]
    async fn pages_are_followed_to_the_end() {
        let (pages, asked) = walk(vec![
            page(
                &["1", "2"],
                "<https://lms.example/members?page=2&amp;limit=2>; REL=\u{201d}Next\u{201d}",
            ),
            page(
                &["3"],
                r#"<?page=3>; rel="next", <https://lms.example/d>; rel="differences""#,
            ),
            page(&[], ""),
        ])
        .await;
        let pages = pages.unwrap();
        assert_eq!(
            pages.iter().map(|page| page.members.len()).collect::<Vec<_>>(),
            [2, 1, 0]
        );
        assert_eq!(pages[1].differences.as_deref(), Some("https://lms.example/d"));
        assert_eq!(
            asked,
            [
                "https://lms.example/members?groups=true&limit=100&rlid=block-v1%3AA%2BB",
                "https://lms.example/members?page=2&limit=2",
                "https://lms.example/members?page=3",
            ]
        );
    }

    #[tokio::test]
    async fn the_next_page_stays_on_the_server_and_never_comes_twice() {
        for foreign in [
            "<https://evil.example/m>; rel=next",
            "<http://lms.example/m>; rel=next",
            "<https://lms.example:8443/m>; rel=next",
            "<//evil.example/m>; rel=next",
            "<javascript:x>; rel=next",
        ] {
            let (pages, asked) = walk(vec![page(&["1"], foreign)]).await;
            assert_eq!(pages.err(), Some(RosterError::ForeignNext), "{foreign}");
            assert_eq!(asked.len(), 1);
        }
        let (pages, _) = walk(vec![
            page(&["1"], "<https://lms.example/a>; rel=next"),
            page(&["2"], "<https://lms.example/b>; rel=next"),
            page(&["3"], "<https://lms.example/a>; rel=next"),
        ])
        .await;
        assert_eq!(pages.err(), Some(RosterError::Circle));
        let foreign_differences = "<https://evil.example/d>; rel=differences";
        let (pages, _) = walk(vec![page(&["1"], foreign_differences)]).await;
        assert_eq!(pages.unwrap()[0].differences, None);
    }

    #[tokio::test]
    async fn endless_pages_end() {
        let answers = (0..=MAX_PAGES).map(|n| page(&[], &format!("<https://lms.example/m?page={n}>; rel=next")));
        let (pages, asked) = walk(answers.collect()).await;
        assert_eq!(pages.err(), Some(RosterError::TooManyPages));
        assert_eq!(asked.len(), MAX_PAGES);
    }

    #[tokio::test]
    async fn what_is_no_roster_is_an_error() {
        for body in ["", "<html>", "[]", "{}", r#"{"members":null}"#] {
            let (pages, _) = walk(vec![ok(body)]).await;
            assert_eq!(pages.err(), Some(RosterError::Unreadable), "{body}");
        }
        let (pages, _) = walk(vec![answer(404, &[], "")]).await;
        assert_eq!(
            pages.err(),
            Some(RosterError::Service(ServiceError::Answered { status: 404 }))
        );
    }

    #[test]
    fn members_are_read_as_platforms_send_them() {
        let body = json!({"members": [
            {"user_id": "1", "roles": ["Instructor"], "name": "", "email": "a@b.example", "lis_person_sourcedid": ""},
            {"user_id": 2, "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"], "status": "Inactive"},
            {"user_id": "3", "status": "deleted", "name": null, "message": [{}], "group_enrollments": []},
            {"user_id": "4", "roles": ["http://purl.imsglobal.org/vocab/lti/system/person#TestUser"]},
            {"user_id": ""}, {"roles": []}, null, 7,
        ]});
        let (members, skipped) = read_members(body.to_string().as_bytes()).unwrap();
        assert_eq!(skipped, 4);
        let standings: Vec<_> = members.iter().map(|member| member.roles.standing).collect();
        assert_eq!(
            standings,
            [Standing::Staff, Standing::Learner, Standing::None, Standing::TestUser]
        );
        let statuses: Vec<_> = members.iter().map(|member| member.status).collect();
        assert_eq!(
            statuses,
            [
                MemberStatus::Active,
                MemberStatus::Inactive,
                MemberStatus::Deleted,
                MemberStatus::Active
            ]
        );
        assert_eq!(members[0].person.name, None);
        assert_eq!(members[0].person.email.as_deref(), Some("a@b.example"));
        assert_eq!(members[0].sourced_id, None);
        assert_eq!(members[1].subject.as_str(), "2");
    }

    #[test]
    fn a_walk_can_be_resumed_on_its_own_server_only() {
        assert!(Roster::resume(SERVICE, "https://lms.example/members?page=7").is_ok());
        assert_eq!(
            Roster::resume(SERVICE, "https://evil.example/").err(),
            Some(RosterError::ForeignNext)
        );
        assert_eq!(
            Roster::open("ftp://lms.example", None).err(),
            Some(RosterError::InvalidAddress)
        );
        let kept = Roster::open("https://lms.example/m?limit=5", None).unwrap();
        assert_eq!(kept.next.as_deref(), Some("https://lms.example/m?limit=5"));
    }

    #[test]
    fn any_roster_text_is_read_or_refused() {
        let entry = (
            "(user_id|roles|status|name|email|x)",
            prop_oneof![
                ".{0,8}".prop_map(Value::from),
                Just(Value::Null),
                any::<i32>().prop_map(Value::from)
            ],
        );
        let entries = proptest::collection::vec(proptest::collection::vec(entry, 0..5), 0..4);
        check("roster", &entries, |entries| {
            let count = entries.len();
            let members: Vec<Value> = entries
                .into_iter()
                .map(|fields| Value::Object(fields.into_iter().collect()))
                .collect();
            let (read, skipped) = read_members(json!({"members": members}).to_string().as_bytes()).unwrap();
            prop_assert_eq!(read.len() + skipped, count);
            Ok(())
        });
        check(
            "roster bytes",
            &proptest::collection::vec(any::<u8>(), 0..60),
            |bytes| {
                let _ = read_members(&bytes);
                Ok(())
            },
        );
    }
}
