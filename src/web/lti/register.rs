//! Dynamic registration (LTI Dynamic Registration 1.0): an LMS opens a one-time address, its administrator confirms, and
//! the LMS is asked to register the tool.
//!
//! Nothing is fetched without a valid invitation, which only the installation's operator makes. It is spent by the
//! registration that it leads to and by nothing else; an earlier registration is never changed. No cookie is needed: the
//! page stands in an LMS's frame.

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use url::Url;

use super::storage::{own_page_only, plain_frame};
use crate::clock::Timestamp;
use crate::crypto::{digest, random};
use crate::lti::fetch::FetchError;
use crate::lti::registering::{
    self, PlatformConfiguration, Product, Registered, ToolAddresses, UnusableConfiguration, UnusableReply,
};
use crate::model::{DeploymentRowId, Lms, Registration, RegistrationId, may_be_http};
use crate::store::audit::AuditEntry;
use crate::store::installation::{DeploymentSeen, Invitation};
use crate::store::{Durability, StoreError};
use crate::web::assets::asset_url;
use crate::web::deps::Deps;
use crate::web::directory::is_plain;
use crate::web::error::{Refusal, WebError};
use crate::web::guard::{AsksOwnOrigin, FrameAncestors};
use crate::web::pages::register::{ConfirmPage, RegisterFault as Fault, RegisteredPage};

/// How often one invitation may make us ask an LMS what it is.
const LOOKS: i64 = 50;
/// How long a page waits for an LMS.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the LMS may take to register the tool: the page does not wait for it.
const ASKING: Duration = Duration::from_secs(25);
/// Until when nobody else may ask: longer than both calls together.
const LEASE: Duration = Duration::from_secs(40);

impl From<Fault> for WebError {
    fn from(fault: Fault) -> Self {
        Refusal::Register(fault).into()
    }
}

/// `GET /lti/register/{invitation}`: what the LMS opens, and what shows the outcome.
#[tracing::instrument(name = "web.lti.register.open", skip_all)]
pub(crate) async fn open(
    deps: Data<Deps>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, WebError> {
    let hash = digest::sha256(token.as_bytes());
    let invitation = invitation(&deps, hash).await?;
    let asked = Asked::of_pairs(url::form_urlencoded::parse(request.query_string().as_bytes()));
    let now = deps.clock.now();
    if let Some(registration) = invitation.registration {
        return match asked {
            Some(_) => Err(Fault::Used.into()),
            None => outcome(&deps, &request, &token, Some(registration)).await,
        };
    }
    if invitation.asking_until.is_some_and(|until| until > now) {
        return outcome(&deps, &request, &token, None).await;
    }
    if invitation.expires_at <= now {
        return Err(Fault::Expired.into());
    }
    let Some(asked) = asked else {
        let failed = invitation.failure.as_deref().and_then(Fault::of_code);
        return Err(failed.unwrap_or(Fault::ByHand).into());
    };
    if !look(&deps, hash, now).await? {
        return Err(Fault::TooOften.into());
    }
    let platform = describe(&deps, &invitation, &asked).await?;
    confirm(&deps, &request, &invitation, &token, asked, &platform).await
}

/// `POST /lti/register`: the administrator confirmed.
#[tracing::instrument(name = "web.lti.register", skip_all)]
pub(crate) async fn register(deps: Data<Deps>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, WebError> {
    own_page_only(&deps, &request)?;
    let field = |wanted: &str| value(url::form_urlencoded::parse(&body), wanted);
    let asked = Asked::of_pairs(url::form_urlencoded::parse(&body));
    let (Some(ticket), Some(issuer), Some(asked)) = (field("ticket"), field("issuer"), asked) else {
        return Err(Refusal::Unreadable { too_large: false }.into());
    };
    let shown_in = field("shown_in").and_then(|text| origin(&text));
    let hash = digest::sha256(ticket.as_bytes());
    let invitation = invitation(&deps, hash).await?;
    let now = deps.clock.now();
    if invitation.registration.is_some() {
        return Err(Fault::Used.into());
    }
    if invitation.expires_at <= now {
        return Err(Fault::Expired.into());
    }
    if !look(&deps, hash, now).await? {
        return Err(Fault::TooOften.into());
    }
    let until = now.plus(LEASE);
    let is_ours = deps
        .store
        .write_one(Durability::Full, async move |tx| {
            tx.ask_by_invitation(hash, until, now).await
        })
        .await?;
    if is_ours {
        let wanted = Wanted {
            hash,
            invitation,
            asked,
            issuer,
            shown_in,
        };
        // goes on without the visitor: the LMS may be slow, and what it registers must be kept
        let work = actix_web::rt::spawn(ask(deps.clone(), wanted));
        if let Ok(done) = tokio::time::timeout(PATIENCE, work).await {
            done.map_err(WebError::internal)??;
        }
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("/lti/register/{ticket}")))
        .finish())
}

/// Counts that an LMS is asked what it is; `false`: this invitation made us ask often enough.
async fn look(deps: &Deps, hash: [u8; 32], now: Timestamp) -> Result<bool, StoreError> {
    deps.store
        .write_one(Durability::Launch, async move |tx| {
            tx.look_by_invitation(hash, LOOKS, now).await
        })
        .await
}

/// What an LMS sends along.
struct Asked {
    configuration: String,
    token: Option<String>,
}

impl Asked {
    fn of_pairs(pairs: url::form_urlencoded::Parse<'_>) -> Option<Self> {
        let configuration = value(pairs, "openid_configuration")?;
        let token = value(pairs, "registration_token");
        let fits = |text: &str| text.len() <= 8192 && !text.contains(|c: char| c.is_control() || c.is_whitespace());
        (fits(&configuration) && token.as_deref().is_none_or(fits)).then_some(Self { configuration, token })
    }

    fn host(&self) -> String {
        let url = Url::parse(&self.configuration).ok();
        url.and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

fn value(mut pairs: url::form_urlencoded::Parse<'_>, wanted: &str) -> Option<String> {
    pairs
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty())
}

/// An https origin (on this machine http as well), written as browsers write it.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_safe = url.scheme() == "https" || url.host().is_some_and(|host| may_be_http(&host, &[], &[]));
    let origin = url.origin().ascii_serialization();
    (is_safe && is_plain(&origin)).then_some(origin)
}

async fn invitation(deps: &Deps, hash: [u8; 32]) -> Result<Invitation, WebError> {
    let found = deps.store.read_one(async move |tx| tx.invitation(hash).await).await?;
    Ok(found.ok_or(Fault::Unknown)?)
}

/// Asks the LMS what it is.
async fn describe(deps: &Deps, invitation: &Invitation, asked: &Asked) -> Result<PlatformConfiguration, Fault> {
    let fetch = deps.platforms.fetch_within(&invitation.allowed_networks);
    let request = registering::ask_for_configuration(&asked.configuration, asked.token.as_deref(), PATIENCE);
    let answer = fetch
        .fetch(request)
        .await
        .map_err(|error| unreachable(&error, asked.host()))?;
    if answer.status != 200 {
        return Err(Fault::Unusable {
            what: format!("HTTP {}", answer.status),
        });
    }
    let networks = &deps.config.outbound.allowed_networks;
    let may_be_http = |url: &Url| {
        let host = url.host();
        host.is_some_and(|host| may_be_http(&host, networks, &invitation.allowed_networks))
    };
    PlatformConfiguration::parse(&answer.body, &asked.configuration, may_be_http).map_err(|error| match error {
        UnusableConfiguration::IssuerForeign { issuer, host } => Fault::Foreign { issuer, host },
        other => Fault::Unusable {
            what: other.to_string(),
        },
    })
}

fn unreachable(error: &FetchError, host: String) -> Fault {
    tracing::info!(%error, "an LMS that wants to be registered cannot be asked");
    match error {
        FetchError::Refused(_) => Fault::NotAllowed { host },
        FetchError::Unreachable | FetchError::TimedOut | FetchError::TooLarge => Fault::Away { host },
    }
}

/// The page that asks the LMS's administrator.
async fn confirm(
    deps: &Deps,
    request: &HttpRequest,
    invitation: &Invitation,
    ticket: &str,
    asked: Asked,
    platform: &PlatformConfiguration,
) -> Result<HttpResponse, WebError> {
    let organisation = invitation.organisation;
    let owner = deps
        .store
        .read_one(async move |tx| tx.organisation(organisation).await)
        .await?;
    let known = [
        platform.issuer.as_str(),
        &platform.authorization_endpoint,
        &asked.configuration,
    ];
    let mut ancestors: Vec<String> = known.into_iter().filter_map(origin).collect();
    // Canvas shows the page inside an account's own host, which its description does not name
    let referrer = request
        .headers()
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok());
    let shown_in = referrer
        .and_then(origin)
        .filter(|_| may_be_elsewhere(platform))
        .filter(|seen| !ancestors.contains(seen) && *seen != deps.public_url.origin());
    ancestors.extend(shown_in.clone());
    if platform.product == Product::Canvas && platform.issuer.is_vendor_wide() {
        ancestors.push("https://*.instructure.com".to_owned());
    }
    request.extensions_mut().insert(FrameAncestors(ancestors.join(" ")));
    request.extensions_mut().insert(AsksOwnOrigin);
    let version = platform.version.clone().unwrap_or_default();
    let page = ConfirmPage {
        frame: plain_frame(deps, request),
        organisation: owner.map(|owner| owner.name).unwrap_or_default(),
        issuer: platform.issuer.as_str().to_owned(),
        product: format!("{} {version}", platform.family).trim().to_owned(),
        account: platform.account.clone().unwrap_or_default(),
        shown_in: shown_in.unwrap_or_default(),
        enables: invitation.enables,
        ticket: ticket.to_owned(),
        configuration: asked.configuration,
        token: asked.token.unwrap_or_default(),
    };
    html(page.render())
}

/// Only Canvas shows pages at hosts that its description does not name: an account's own ones.
fn may_be_elsewhere(platform: &PlatformConfiguration) -> bool {
    platform.product == Product::Canvas
}

/// What became of an invitation: registered, or the LMS is still being asked.
async fn outcome(
    deps: &Deps,
    request: &HttpRequest,
    token: &str,
    registration: Option<RegistrationId>,
) -> Result<HttpResponse, WebError> {
    let rows = deps.store.read_one(async |tx| tx.registrations().await).await?;
    let row = rows.into_iter().find(|row| Some(row.id) == registration);
    let page = RegisteredPage {
        frame: plain_frame(deps, request),
        is_waiting: registration.is_none(),
        is_pending: row.as_ref().is_some_and(|row| !row.enabled),
        again: format!("/lti/register/{token}"),
        registration: registration.map(|id| id.to_string()).unwrap_or_default(),
        name: row.map(|row| row.name).unwrap_or_default(),
    };
    html(page.render())
}

fn html(page: Result<String, askama::Error>) -> Result<HttpResponse, WebError> {
    let page = page.map_err(WebError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(page))
}

/// A confirmed registration that this task alone may ask for.
struct Wanted {
    hash: [u8; 32],
    invitation: Invitation,
    asked: Asked,
    /// As it was confirmed.
    issuer: String,
    shown_in: Option<String>,
}

/// Asks the LMS, and keeps what it gave; else the invitation can be used again.
async fn ask(deps: Data<Deps>, wanted: Wanted) -> Result<(), WebError> {
    let hash = wanted.hash;
    let outcome = ask_and_keep(&deps, wanted).await;
    let failure = match &outcome {
        Ok(()) => return Ok(()),
        Err(error) => error.code(),
    };
    tracing::info!(reason = failure, "an LMS was not registered");
    deps.store
        .write_one(Durability::Launch, async move |tx| {
            tx.fail_invitation(hash, failure).await
        })
        .await?;
    outcome
}

async fn ask_and_keep(deps: &Deps, wanted: Wanted) -> Result<(), WebError> {
    let Wanted { invitation, asked, .. } = &wanted;
    let platform = describe(deps, invitation, asked).await?;
    if platform.issuer.as_str() != wanted.issuer {
        return Err(Fault::Changed.into());
    }
    let handle = URL_SAFE_NO_PAD.encode(random::bytes::<12>());
    let description = registering::description(&tool_addresses(deps, Some(&handle)), &platform);
    let endpoint = &platform.registration_endpoint;
    let request = registering::register(endpoint, asked.token.as_deref(), &description, ASKING);
    let fetch = deps.platforms.fetch_within(&invitation.allowed_networks);
    let host = Url::parse(endpoint)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_default();
    let answer = fetch.fetch(request).await.map_err(|error| unreachable(&error, host))?;
    let registered = Registered::read(&answer).map_err(|error| match error {
        UnusableReply::Refused { status, said } => Fault::Refused {
            said: said.unwrap_or_else(|| format!("HTTP {status}")),
        },
        UnusableReply::Unreadable => Fault::Refused { said: String::new() },
    })?;
    keep(deps, wanted, platform, registered, handle).await
}

/// Stores the registration and spends the invitation. Never changes an earlier registration.
async fn keep(
    deps: &Deps,
    wanted: Wanted,
    platform: PlatformConfiguration,
    registered: Registered,
    handle: String,
) -> Result<(), WebError> {
    let now = deps.clock.now();
    let is_elsewhere = may_be_elsewhere(&platform);
    let Wanted { hash, invitation, .. } = wanted;
    let row = Registration {
        id: RegistrationId::new(random::id_at(now)),
        handle,
        organisation: Some(invitation.organisation),
        lms: family(platform.product),
        name: name(&platform),
        issuer: platform.issuer.into(),
        lti_client_id: registered.client_id.into(),
        token_audience: platform.token_audience,
        authorization_endpoint: platform.authorization_endpoint,
        token_endpoint: platform.token_endpoint,
        jwks_uri: platform.jwks_uri,
        strict: false,
        anonymous: false,
        trust_email: false,
        lms_administrators: false,
        enabled: invitation.enables,
        frame_origins: wanted.shown_in.filter(|_| is_elsewhere).into_iter().collect(),
        allowed_networks: invitation.allowed_networks,
    };
    let deployment = registered.deployment.map(|deployment| DeploymentSeen {
        id: DeploymentRowId::new(random::id_at(now)),
        registration: row.id,
        deployment_id: deployment.into(),
        organisation: row.organisation,
        platform_guid: None,
        platform_name: None,
    });
    let stored: Result<(), Undone> = deps
        .store
        .write(Durability::Full, async move |tx| {
            if !tx.add_registration(&row, now).await? {
                return Err(Undone::Refused(Fault::Known));
            }
            if !row.enabled {
                tx.hold_registration(row.id).await?;
            }
            if !tx.spend_invitation(hash, row.id).await? {
                return Err(Undone::Refused(Fault::Used));
            }
            if let Some(deployment) = &deployment {
                tx.see_deployment(deployment, now).await?;
            }
            let entry = AuditEntry {
                organisation: row.organisation,
                actor: "dynamic registration".to_owned(),
                action: "registration.add",
                subject: row.id.to_string(),
                detail: json!({ "issuer": row.issuer, "client_id": row.lti_client_id, "lms": row.lms.word() }),
            };
            tx.add_audit(&entry, now).await?;
            tx.raise_settings_version().await?;
            Ok(())
        })
        .await;
    match stored {
        Ok(()) => Ok(deps.directory.load(&deps.store).await?),
        Err(Undone::Refused(fault)) => Err(fault.into()),
        Err(Undone::Failed(error)) => Err(error.into()),
    }
}

/// A refusal or a failure inside the transaction: both undo it.
enum Undone {
    Refused(Fault),
    Failed(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

const fn family(product: Product) -> Lms {
    match product {
        Product::Canvas => Lms::Canvas,
        Product::Moodle => Lms::Moodle,
        Product::Brightspace => Lms::Brightspace,
        Product::Blackboard => Lms::Blackboard,
        Product::Sakai => Lms::Sakai,
        Product::Other => Lms::Generic,
    }
}

/// A name for people: the account's where there is one, else the host; they can change it.
fn name(platform: &PlatformConfiguration) -> String {
    let url = Url::parse(platform.issuer.as_str()).ok();
    let host = url
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    let name = platform.account.clone().unwrap_or(host);
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").chars().take(200).collect()
}

/// The tool's addresses; with a handle, those of one registration.
pub(super) fn tool_addresses(deps: &Deps, handle: Option<&str>) -> ToolAddresses {
    let public = &deps.public_url;
    let origin = public.origin();
    let domain = origin
        .split_once("://")
        .map_or(origin.as_str(), |(_, rest)| rest)
        .to_owned();
    ToolAddresses {
        domain,
        login: public.join(&handle.map_or_else(|| "/lti/login".to_owned(), |handle| format!("/lti/login/{handle}"))),
        launch: public.join("/lti/launch"),
        jwks: public.join("/.well-known/jwks.json"),
        icon: public.join(&asset_url("icon.svg")),
        origin,
    }
}

/// `GET /lti/canvas.json`: what Canvas reads at "Enter URL".
pub(crate) async fn canvas(deps: Data<Deps>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .json(registering::canvas_configuration(&tool_addresses(&deps, None)))
}
