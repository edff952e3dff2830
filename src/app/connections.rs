//! Making connections to LMSs, asking for consent, and trying them out.

use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use zeroize::Zeroizing;

use super::build::Parts;
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::crypto::{digest, random};
use crate::lms::brightspace::{self, Brightspace};
use crate::lms::canvas::{self, Canvas, Named};
use crate::lms::moodle::{self, Moodle};
use crate::lms::{AskError, oauth};
use crate::model::connection::{ASKED_APART, Connection, ConnectionKind, Tried, secret_place};
use crate::model::{ConnectionId, CourseId, OrganisationId, Registration, RegistrationId};
use crate::store::audit::AuditEntry;
use crate::store::{Durability, StoreError};
use secrecy::ExposeSecret as _;

/// How long a consent may take.
const CONSENT_LIFE: Duration = Duration::from_hours(1);
/// Where a consent comes back to.
pub const CALLBACK: &str = "/connections/callback";

/// What a connection is to be.
#[derive(Debug)]
pub struct NewConnection {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Whose courses it asks about.
    pub registration: RegistrationId,
    /// Whose interface it is.
    pub kind: ConnectionKind,
    /// The LMS's address.
    pub base_url: String,
    /// Where tokens come from, if not where the kind has them.
    pub token_url: Option<String>,
    /// The client's id at the LMS.
    pub client_id: Option<String>,
    /// The client's secret, or the web service's token.
    pub secret: Option<Zeroizing<String>>,
}

impl Parts {
    /// Makes a connection by command. One that needs a consent waits for it; the others can ask at once.
    pub async fn add_connection(&self, new: NewConnection) -> anyhow::Result<Connection> {
        let made = self.make_connection(new, "command line".to_owned()).await?;
        made.context(
            "the registration has a connection already: `connection list` shows it, `connection remove` makes room",
        )
    }

    /// Makes a connection, by `actor`; `None`: the registration has one already.
    pub(super) async fn make_connection(
        &self,
        new: NewConnection,
        actor: String,
    ) -> anyhow::Result<Option<Connection>> {
        let now = self.clock.now();
        let id = ConnectionId::new(random::id_at(now));
        let place = id.to_string();
        let base = new.base_url.trim_end_matches('/').to_owned();
        let secret = new.secret.as_deref().map(|secret| secret.trim());
        ensure!(
            secret.is_none_or(|secret| !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic())),
            "the secret must be one word"
        );
        let connection = Connection {
            id,
            organisation: new.organisation,
            registration: new.registration,
            kind: new.kind,
            token_url: new.token_url.or_else(|| match new.kind {
                ConnectionKind::Canvas => Some(format!("{base}{}", canvas::TOKEN_PATH)),
                ConnectionKind::Brightspace => Some(brightspace::TOKEN_URL.to_owned()),
                ConnectionKind::Moodle => None,
            }),
            base_url: base,
            client_id: new.client_id,
            secret: secret.map(|secret| self.identity.keyring.seal(secret_place(&place), secret.as_bytes())),
            refresh: None,
            access: None,
            account: None,
            code: None,
            consent_until: None,
            connected_at: (!new.kind.asks_consent(secret.is_some())).then_some(now),
            enabled: true,
            throttled_until: None,
            ok_at: None,
            error: None,
            failing_since: None,
            created_at: now,
        };
        let agrees = connection.kind != ConnectionKind::Brightspace || !connection.asks_consent();
        let where_to = connection.token_url.as_deref().and_then(brightspace::authorize_url);
        ensure!(
            agrees || where_to.is_some(),
            "the token address must end in {}: where a service account agrees is known only beside it",
            brightspace::TOKEN_PATH
        );
        let stored = connection.clone();
        let is_new = self
            .store
            .write(Durability::Full, async move |tx| {
                let is_new = tx.add_connection(&stored).await?;
                if is_new {
                    tx.ask_again(stored.organisation, stored.registration).await?;
                    tx.add_audit(&entry(&stored, actor), now).await?;
                }
                Ok::<_, StoreError>(is_new)
            })
            .await?;
        Ok(is_new.then_some(connection))
    }

    /// Asks for a consent: the address that the service account opens. An earlier one is void.
    pub async fn ask_consent(&self, connection: &Connection, public: &PublicUrl) -> anyhow::Result<String> {
        ensure!(
            connection.asks_consent(),
            "a connection to {} needs no consent",
            connection.kind
        );
        let client = connection
            .client_id
            .as_deref()
            .context("the connection has no client id")?;
        let (state, redirect_uri) = (random::token(), public.join(CALLBACK));
        let scopes: Vec<&str> = needs(connection.kind).iter().map(|(scope, _)| *scope).collect();
        let authorize = match connection.kind {
            ConnectionKind::Brightspace => connection
                .token_url
                .as_deref()
                .and_then(brightspace::authorize_url)
                .context("where to agree is not known")?,
            _ => format!("{}{}", connection.base_url, canvas::AUTHORIZE_PATH),
        };
        let address = oauth::consent_address(&authorize, client, &redirect_uri, &state, &scopes)?;
        let (organisation, id) = (connection.organisation, connection.id);
        let hash = digest::sha256(state.as_bytes());
        self.store
            .write(Durability::Full, async move |tx| {
                let until = tx.now().await?.plus(CONSENT_LIFE);
                tx.ask_consent(organisation, id, hash, until, &redirect_uri).await
            })
            .await?;
        Ok(address)
    }

    /// Tries a connection for somebody, as [`Parts::try_connection`] does, and keeps what came of it for the pages. `Err`:
    /// not before this moment; the last test was just now, or the LMS asked for a pause.
    pub async fn try_when_due(
        &self,
        connection: &Connection,
        registration: &Registration,
        course: Option<CourseId>,
    ) -> anyhow::Result<Result<Vec<Tried>, Timestamp>> {
        let (organisation, id) = (connection.organisation, connection.id);
        let begun: Result<Result<Timestamp, Timestamp>, StoreError> = self
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                if tx.begin_trial(organisation, id, now, ASKED_APART).await? {
                    return Ok(Ok(now));
                }
                let (row, last) = (
                    tx.connection(organisation, id).await?,
                    tx.trial(organisation, id).await?,
                );
                let until = row.and_then(|row| row.may_be_tried_at(last.as_ref()));
                Ok(Err(until.unwrap_or(now)))
            })
            .await;
        let at = match begun? {
            Ok(at) => at,
            Err(until) => return Ok(Err(until)),
        };
        let tried = match self.try_connection(connection, registration, course).await {
            Ok(tried) => tried,
            // an address or a secret that cannot be used: nothing was asked
            Err(error) => vec![Tried {
                what: "connection".into(),
                needs: "".into(),
                error: Some(error.to_string()),
            }],
        };
        let kept = tried.clone();
        let stored: Result<(), StoreError> = self
            .store
            .write_one(Durability::Full, async move |tx| {
                tx.end_trial(organisation, id, at, &kept).await
            })
            .await;
        stored?;
        Ok(Ok(tried))
    }

    /// Tries everything that a connection would ask about a course; without one, only what needs none. What works is
    /// noted at the connection.
    pub async fn try_connection(
        &self,
        connection: &Connection,
        registration: &Registration,
        course: Option<CourseId>,
    ) -> anyhow::Result<Vec<Tried>> {
        let organisation = connection.organisation;
        let context = match course {
            Some(course) => {
                self.store
                    .read(async |tx| tx.context_of_course(organisation, course).await)
                    .await?
            }
            None => None,
        };
        let open = self.open_connections();
        let site = open.site(connection, registration)?;
        let mut report = Report(Vec::new());
        match connection.kind {
            ConnectionKind::Canvas => report.canvas(Canvas(&site), context.as_deref()).await,
            ConnectionKind::Brightspace => match Brightspace::open(&site).await {
                Ok(api) => {
                    report.note("token", "the client", Ok(()));
                    report.brightspace(&api, context.as_deref()).await;
                }
                Err(error) => report.note::<()>("token", "the client", Err(error)),
            },
            ConnectionKind::Moodle => {
                let token = open.secret(connection)?;
                let moodle = Moodle {
                    site: &site,
                    token: token.expose_secret(),
                };
                if let Some(account) = report.moodle(moodle, context.as_deref()).await {
                    let id = connection.id;
                    self.store
                        .write_one(Durability::Full, async move |tx| {
                            tx.name_account(organisation, id, &account).await
                        })
                        .await?;
                }
            }
        }
        let (id, now) = (connection.id, self.store.now().await?);
        let first = report.0.iter().find_map(|tried| tried.error.clone());
        self.store
            .write(Durability::Full, async move |tx| match first {
                None => tx.connection_worked(organisation, id, now).await,
                Some(why) => tx.connection_failed(organisation, id, &why, now).await,
            })
            .await?;
        Ok(report.0)
    }
}

/// What was tried.
struct Report(Vec<Tried>);

impl Report {
    fn note<T>(&mut self, what: &'static str, needs: &'static str, outcome: Result<T, AskError>) {
        let error = outcome.err().map(|error| error.to_string());
        self.0.push(Tried {
            what: what.into(),
            needs: needs.into(),
            error,
        });
    }

    async fn canvas(&mut self, canvas: Canvas<'_>, context: Option<&str>) {
        let Some(context) = context else {
            let probe = canvas.course(Named::Id("0")).await;
            self.note("token", "consent", probe);
            return;
        };
        let found = canvas.course(Named::Context(context)).await;
        let found = found.and_then(|course| course.ok_or(AskError::NotFound("course")));
        let id = found.as_ref().ok().map(|course| course.id.clone());
        self.note("course", scope(0), found);
        let Some(id) = id else { return };
        self.note("course completion", scope(1), canvas.progress(&id).await);
        self.note("final grades", scope(2), canvas.enrolments(&id).await);
        self.note("people", scope(3), canvas.people(&id, &["0".to_owned()]).await);
        // of nobody: an empty list, or that there is no such learner
        let modules = canvas.modules(&id, "0").await;
        let modules = match modules {
            Err(AskError::NotFound(_)) => Ok(Vec::new()),
            other => other,
        };
        self.note("modules", scope(4), modules);
    }

    async fn brightspace(&mut self, api: &Brightspace<'_>, context: Option<&str>) {
        let Some(course) = context else { return };
        let found = api.course(course).await;
        self.note(
            "course",
            "orgunits:course:read",
            found.and_then(|course| course.ok_or(AskError::NotFound("course"))),
        );
        let needs = "grades:coursecompletion:read";
        self.note("course completion", needs, api.completions(course).await);
        let people = api.people(course).await;
        let ids: Vec<String> = people
            .iter()
            .flatten()
            .take(1)
            .map(|person| person.id.clone())
            .collect();
        self.note("people", "enrollment:orgunit:read", people);
        let completed = api.content(course, &ids).await;
        self.note("required content", "content:completions:read", completed);
        self.note("final grades", "grades:gradevalues:read", api.finals(course).await);
    }

    /// The account's name, if it works.
    async fn moodle(&mut self, moodle: Moodle<'_>, context: Option<&str>) -> Option<String> {
        let info = moodle.info().await;
        let account = info.as_ref().ok().and_then(|info| info.account.clone());
        let missing: Vec<&'static str> = match &info {
            Ok(info) => moodle::FUNCTIONS
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| !info.functions.iter().any(|known| known == name))
                .collect(),
            Err(_) => Vec::new(),
        };
        let is_open = info.is_ok();
        self.note("token", "core_webservice_get_site_info", info);
        for function in missing {
            self.note(
                "function",
                function,
                Err::<(), _>(AskError::NotPermitted("a function that the service lacks")),
            );
        }
        let Some(course) = context.filter(|_| is_open) else {
            return account;
        };
        let people = moodle.people(course).await;
        let first = people.iter().flatten().next().map(|person| person.id.clone());
        self.note("people", "core_enrol_get_enrolled_users", people);
        let end = moodle.end_of(course).await;
        self.note("end of the course", "core_course_get_courses_by_field", end);
        if let Some(user) = first {
            let status = moodle.course_completion(course, &user).await;
            self.note(
                "course completion",
                "core_completion_get_course_completion_status",
                status,
            );
            let grades = moodle.grades(course, Some(&user)).await;
            self.note("grades", "gradereport_user_get_grade_items", grades);
        }
        account
    }
}

fn scope(at: usize) -> &'static str {
    canvas::SCOPES.get(at).map_or("", |(scope, _)| scope)
}

/// What an interface is asked: scope or function, and what for.
pub fn needs(kind: ConnectionKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        ConnectionKind::Canvas => canvas::SCOPES,
        ConnectionKind::Brightspace => brightspace::SCOPES,
        ConnectionKind::Moodle => moodle::FUNCTIONS,
    }
}

fn entry(connection: &Connection, actor: String) -> AuditEntry {
    AuditEntry {
        organisation: Some(connection.organisation),
        actor,
        action: "connection.add",
        subject: connection.id.to_string(),
        detail: json!({"kind": connection.kind.word(), "url": connection.base_url}),
    }
}
