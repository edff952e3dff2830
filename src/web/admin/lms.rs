//! LMSs of an organisation: listed, registered, switched.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use url::Url;

use super::client;
use super::deployments::decider;
use super::setup::own_registrations;
use crate::crypto::{digest, random};
use crate::lti::registration::{DeploymentId, Issuer, LtiClientId};
use crate::model::{
    AllowedNetwork, Deployment, DeploymentRowId, Lms, OrganisationId, Registration, RegistrationId, may_be_http,
};
use crate::store::installation::{DeploymentSeen, NewInvitation};
use crate::store::{Durability, StoreError};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deployments::undecided;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::lti::{self_check, to_copy};
use crate::web::operator::session::{Admin, record};
use crate::web::pages::admin::lms::{LmsListPage, LmsNewPage, LmsPage, LmsRow, LmsState, family};
use crate::web::pages::{Flash, Frame, Mistake, Mistakes, Room};

/// For how long an LMS may register itself.
const LINK_LIFE: Duration = Duration::from_hours(24);

/// What an organisation may see of the LMSs.
pub(super) struct Own {
    registrations: Vec<Registration>,
    held: Vec<RegistrationId>,
    deployments: Vec<Deployment>,
}

/// `GET /admin/lms`
#[tracing::instrument(name = "web.admin.lms", skip_all)]
pub(super) async fn list(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let own = own(&deps, admin.organisation).await?;
    let waiting = undecided(&deps, decider(&admin)).await?.waiting.len();
    answer::page(&LmsListPage {
        frame: Frame {
            flash: query.flash(),
            ..admin.frame(Some(Room::Lms))
        },
        rows: own.registrations.iter().map(|row| line(row, &own.held)).collect(),
        waiting,
    })
}

/// `GET /admin/lms/new`
#[tracing::instrument(name = "web.admin.lms.new", skip_all)]
pub(super) async fn new(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    answer::page(&LmsNewPage {
        lms: query.one("lms").parse::<Lms>().map_or("", Lms::word),
        ..blank(&deps, &admin)
    })
}

/// The family that a form names.
fn chosen(fields: &Fields) -> &'static str {
    fields.one("lms").parse::<Lms>().map_or(Lms::Generic.word(), Lms::word)
}

/// `POST /admin/lms/new`: `do` is `link` or `add`.
#[tracing::instrument(name = "web.admin.lms.add", skip_all)]
pub(super) async fn add(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    match fields.one("do") {
        "link" => link(&deps, &admin, chosen(&fields)).await,
        "add" => by_hand(&deps, &admin, &fields).await,
        _ => Err(Refusal::Unreadable { too_large: false }.into()),
    }
}

/// Makes an invitation. Its address is in this answer and nowhere else.
async fn link(deps: &Deps, admin: &Admin, lms: &'static str) -> Result<HttpResponse, WebError> {
    let (now, token) = (deps.clock.now(), random::token());
    let new = NewInvitation {
        id: random::id_at(now),
        token_hash: digest::sha256(token.as_bytes()),
        organisation: admin.organisation,
        allowed_networks: Vec::new(),
        enables: false,
        expires_at: now.plus(LINK_LIFE),
    };
    let detail = json!({ "expires_at": new.expires_at.millis(), "enables": false });
    let entry = admin.entry("registration.link", &new.id, detail);
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            tx.add_invitation(&new, now).await?;
            record(tx, &entry).await
        })
        .await;
    stored?;
    answer::page(&LmsNewPage {
        lms,
        made: Some(deps.public_url.join(&format!("/lti/register/{token}"))),
        ..blank(deps, admin)
    })
}

async fn by_hand(deps: &Deps, admin: &Admin, fields: &Fields) -> Result<HttpResponse, WebError> {
    let refused = |mistakes| LmsNewPage {
        lms: chosen(fields),
        entered: LmsNewPage::FIELDS
            .iter()
            .map(|(name, ..)| (*name, fields.one(name).to_owned()))
            .collect(),
        mistakes,
        ..blank(deps, admin)
    };
    let (row, deployment) = match checked(deps, admin.organisation, fields) {
        Ok(row) => row,
        Err(mistakes) => return answer::page(&refused(mistakes)),
    };
    let (id, now) = (row.id, deps.clock.now());
    let detail = json!({ "issuer": row.issuer, "client_id": row.lti_client_id, "lms": row.lms.word() });
    let entry = admin.entry("registration.add", &id, detail);
    // a second registration of an issuer makes logins without a client id ambiguous: one organisation must not do that to
    // another's LMS
    let minds_others =
        !admin.who.is_operator() && Issuer::parse(row.issuer.clone()).is_ok_and(|issuer| !issuer.is_vendor_wide());
    let added: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            let known = tx.registrations().await?;
            let is_others = |other: &Registration| other.issuer == row.issuer && other.organisation != row.organisation;
            if minds_others && known.iter().any(is_others) {
                return Ok(false);
            }
            if !tx.add_registration(&row, now).await? {
                return Ok(false);
            }
            if let Some(deployment) = deployment {
                let seen = DeploymentSeen {
                    id: DeploymentRowId::new(random::id_at(now)),
                    registration: id,
                    deployment_id: deployment.into(),
                    organisation: row.organisation,
                    platform_guid: None,
                    platform_name: None,
                };
                tx.see_deployment(&seen, now).await?;
            }
            record(tx, &entry).await?;
            Ok(true)
        })
        .await;
    if !added? {
        return answer::page(&refused(Mistakes::one("client_id", Mistake::RegisteredAlready)));
    }
    deps.directory.load(&deps.store).await?;
    Ok(answer::see_other_with(&format!("/admin/lms/{id}"), &Flash::Saved))
}

fn checked(
    deps: &Deps,
    organisation: OrganisationId,
    fields: &Fields,
) -> Result<(Registration, Option<DeploymentId>), Mistakes> {
    let mut mistakes = Mistakes::none();
    let name = super::name(fields.one("name"));
    if name.is_none() {
        mistakes.note("name", Mistake::Name);
    }
    let is_issuer = |text: &str| address(text).is_some_and(|url| url.query().is_none());
    if !is_issuer(fields.one("issuer")) {
        mistakes.note("issuer", Mistake::Issuer);
    }
    let client_id = LtiClientId::parse(fields.one("client_id")).ok();
    if client_id.is_none() {
        mistakes.note("client_id", Mistake::Missing);
    }
    for field in ["auth", "token", "keys"] {
        if !is_reachable(deps, &[], fields.one(field)) {
            mistakes.note(field, Mistake::LmsAddress);
        }
    }
    let deployment = match fields.one("deployment") {
        "" => None,
        text => {
            let parsed = DeploymentId::parse(text).ok();
            if parsed.is_none() {
                mistakes.note("deployment", Mistake::Missing);
            }
            parsed
        }
    };
    let (Some(name), Some(client_id), true) = (name, client_id, mistakes.is_empty()) else {
        return Err(mistakes);
    };
    let row = Registration {
        id: RegistrationId::new(random::id_at(deps.clock.now())),
        handle: URL_SAFE_NO_PAD.encode(random::bytes::<12>()),
        organisation: Some(organisation),
        lms: fields.one("lms").parse().unwrap_or(Lms::Generic),
        name,
        issuer: fields.one("issuer").to_owned(),
        lti_client_id: client_id.into(),
        authorization_endpoint: fields.one("auth").to_owned(),
        token_endpoint: fields.one("token").to_owned(),
        jwks_uri: fields.one("keys").to_owned(),
        token_audience: None,
        strict: false,
        anonymous: false,
        trust_email: false,
        lms_administrators: false,
        enabled: true,
        frame_origins: Vec::new(),
        allowed_networks: Vec::new(),
    };
    Ok((row, deployment))
}

/// Whether this is an address of an LMS that may be called: https, or http where the network is allowed.
pub(super) fn is_reachable(deps: &Deps, hosts: &[AllowedNetwork], text: &str) -> bool {
    let networks = &deps.config.outbound.allowed_networks;
    address(text).is_some_and(|url| {
        url.scheme() == "https" || url.host().is_some_and(|host| may_be_http(&host, networks, hosts))
    })
}

/// An address of a web server without user name and fragment.
fn address(text: &str) -> Option<Url> {
    let is_plain = !text.contains(|sign: char| sign.is_whitespace() || sign.is_control());
    let url = Url::parse(text).ok().filter(|_| is_plain)?;
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "https" | "http") && url.host().is_some() && is_bare).then_some(url)
}

/// `GET /admin/lms/{registration}`
#[tracing::instrument(name = "web.admin.lms.one", skip_all)]
pub(super) async fn show(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let (own, row) = find(&deps, &admin, &path).await?;
    let mut page = page(&deps, &admin, &own, &row).await?;
    page.frame.flash = query.flash();
    answer::page(&page)
}

/// `POST /admin/lms/{registration}`: `do` is `on`, `off` or `keep`.
#[tracing::instrument(name = "web.admin.lms.change", skip_all)]
pub(super) async fn change(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let (own, row) = find(&deps, &admin, &path).await?;
    if !may_change(&admin, &row) {
        return Err(Refusal::OperatorsOnly.into());
    }
    let mut changed = row.clone();
    let action = match fields.one("do") {
        "on" => {
            changed.enabled = true;
            "registration.enable"
        }
        "off" => {
            changed.enabled = false;
            "registration.disable"
        }
        "keep" => {
            let Some(name) = super::name(fields.one("name")) else {
                let mut page = page(&deps, &admin, &own, &row).await?;
                fields.one("name").clone_into(&mut page.name);
                page.mistakes = Mistakes::one("name", Mistake::Name);
                return answer::page(&page);
            };
            changed.name = name;
            changed.anonymous = fields.maybe("anonymous").is_some();
            changed.lms_administrators = fields.maybe("administrators").is_some() && row.lms != Lms::OpenEdx;
            "registration.edit"
        }
        _ => return Err(Refusal::Unreadable { too_large: false }.into()),
    };
    let detail = json!({ "anonymous": changed.anonymous, "lms_administrators": changed.lms_administrators });
    let entry = admin.entry(action, &row.id, detail);
    let stored: Result<(), StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            tx.change_registration(&changed).await?;
            record(tx, &entry).await
        })
        .await;
    stored?;
    deps.directory.load(&deps.store).await?;
    Ok(answer::see_other_with(&format!("/admin/lms/{}", row.id), &Flash::Saved))
}

async fn own(deps: &Deps, organisation: OrganisationId) -> Result<Own, StoreError> {
    let (all, held, deployments) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.registrations().await?,
                tx.held_registrations().await?,
                tx.deployments().await?,
            ))
        })
        .await?;
    Ok(Own {
        registrations: own_registrations(all, &deployments, organisation),
        held,
        deployments,
    })
}

/// The registration of an address, if it is one of the organisation.
pub(super) async fn find(deps: &Deps, admin: &Admin, named: &str) -> Result<(Own, Registration), WebError> {
    let id: RegistrationId = named.parse().map_err(|_| Refusal::NotFound)?;
    let own = own(deps, admin.organisation).await?;
    let row = own.registrations.iter().find(|row| row.id == id).cloned();
    let row = row.ok_or(Refusal::NotFound)?;
    Ok((own, row))
}

pub(super) fn may_change(admin: &Admin, row: &Registration) -> bool {
    row.organisation == Some(admin.organisation) || admin.who.is_operator()
}

fn blank(deps: &Deps, admin: &Admin) -> LmsNewPage {
    LmsNewPage {
        frame: admin.frame(Some(Room::Lms)),
        values: to_copy(deps, None),
        ..LmsNewPage::default()
    }
}

fn line(row: &Registration, held: &[RegistrationId]) -> LmsRow {
    LmsRow {
        id: row.id.to_string(),
        name: row.name.clone(),
        family: family(row.lms),
        issuer: row.issuer.clone(),
        client_id: row.lti_client_id.clone(),
        state: match (row.enabled, held.contains(&row.id)) {
            (true, _) => LmsState::On,
            (false, true) => LmsState::Pending,
            (false, false) => LmsState::Off,
        },
        shared: row.organisation.is_none(),
    }
}

async fn page(deps: &Deps, admin: &Admin, own: &Own, row: &Registration) -> Result<LmsPage, WebError> {
    let id = row.id;
    let encounters = deps.store.read_one(async move |tx| tx.encounters(id).await).await?;
    // what arrived last at a shared registration may have been another organisation's
    let is_theirs = row.organisation == Some(admin.organisation) || admin.who.is_operator();
    let check = is_theirs.then(|| self_check(&deps.directory.entries(), row, &encounters));
    let is_own =
        |deployment: &&Deployment| deployment.registration == id && deployment.organisation == Some(admin.organisation);
    Ok(LmsPage {
        frame: admin.frame(Some(Room::Lms)),
        row: line(row, &own.held),
        may_change: may_change(admin, row),
        may_let_in: row.lms != Lms::OpenEdx,
        anonymous: row.anonymous,
        administrators: row.lms_administrators,
        values: to_copy(deps, Some(row)),
        deployments: own
            .deployments
            .iter()
            .filter(is_own)
            .map(|deployment| deployment.deployment_id.clone())
            .collect(),
        check,
        other_client: may_change(admin, row) && client::arrived(deps, row).await?.is_some(),
        name: row.name.clone(),
        mistakes: Mistakes::none(),
    })
}
