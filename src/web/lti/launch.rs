//! The launch: the platform's signed answer, checked against the login that it belongs to, spent exactly once (P1).

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use openidconnect::Nonce;

use super::{facts, notices, storage};
use crate::clock::Timestamp;
use crate::crypto::{digest, random};

use crate::jobs::NewJob;
use crate::jobs::work;
use crate::lti::LaunchError;
use crate::lti::glimpse::Glimpse;
use crate::lti::launch::{LaunchClaims, Purpose, Received, Spent};
use crate::lti::login::AuthenticationResponse;
use crate::lti::registration::Adoption;
use crate::lti::token::{SignedClaims, UnverifiedToken};
use crate::model::content::{Placed, Shows};
use crate::model::encounter::{self, Step};
use crate::model::{DeploymentRowId, Lms, OrganisationId, Seated, Standing};
use crate::store::installation::{DeploymentSeen, LoginRecord};
use crate::store::{Durability, LaunchKeys, SessionOffer, StoreError, Tx};
use crate::web::cookies;
use crate::web::deps::Deps;
use crate::web::directory::Known;
use crate::web::error::{Refusal, WebError};
use crate::web::way_back::WayBack;

/// The one redirect URI.
#[tracing::instrument(name = "web.lti.launch", skip_all)]
pub(crate) async fn launch(deps: Data<Deps>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, WebError> {
    let body = std::str::from_utf8(&body).map_err(|_| LaunchError::NotAToken)?;
    let answer = AuthenticationResponse::parse(body)?;
    let outcome = Box::pin(arrive(&deps, &request, &answer)).await;
    if outcome.is_err() {
        WayBack::note_token(&deps, &request, &answer.id_token);
    }
    outcome
}

/// The launch that this answer completes, if its login is open.
async fn arrive(deps: &Deps, request: &HttpRequest, answer: &AuthenticationResponse) -> Result<HttpResponse, WebError> {
    let binding = cookies::value(request, &cookies::binding_name(&answer.state));
    let login = open_login(deps, digest::index_key(&answer.state)).await?;
    let registration = login.registration;
    if let Some(known) = deps.directory.entries().registration(registration) {
        WayBack::note_platform(request, known);
    }
    let outcome = finish(deps, request, answer, login, binding).await;
    let reason = outcome.as_ref().err().map(WebError::code);
    deps.encounters
        .note((registration, Step::Launch), deps.clock.now(), reason, || {
            arrived(&answer.id_token)
        });
    outcome
}

/// What a token says about its sender, proven or not.
fn arrived(id_token: &str) -> encounter::Arrived {
    let seen = Glimpse::at(id_token);
    encounter::Arrived {
        issuer: seen.issuer,
        client_id: seen.audience,
        deployment: seen.deployment,
        target: seen.target,
        brought: seen.brought.into_iter().map(str::to_owned).collect(),
    }
}

/// The launch of this login.
async fn finish(
    deps: &Deps,
    request: &HttpRequest,
    answer: &AuthenticationResponse,
    login: LoginRecord,
    binding: Option<String>,
) -> Result<HttpResponse, WebError> {
    if let Some(secret) = &binding
        && !digest::same(&digest::sha256(secret.as_bytes()), &login.binding_hash)
    {
        return Err(LaunchError::BindingMismatch.into());
    }
    let entries = deps.directory.entries();
    let known = entries
        .registration(login.registration)
        .ok_or(LaunchError::StateUnknown)?;
    let signed = verified(deps, known, &login, &answer.id_token).await?;
    if binding.is_none() {
        // nothing is spent and no session begins: the message must be one we serve, then the browser is to be proven
        read(deps, known, &login, &signed)?;
        let refusal = storage::hold_back(deps, request, known, &login, &answer.state, &signed).await?;
        return Err(refusal.into());
    }
    let ready = Ready {
        login,
        signed,
        ticket: None,
    };
    let mut done = seat_ready(deps, request, known, ready).await?;
    let spent = cookies::set(&cookies::binding_name(&answer.state), "", 0);
    if let Ok(spent) = HeaderValue::from_str(&spent) {
        done.headers_mut().append(header::SET_COOKIE, spent);
    }
    Ok(done)
}

/// A message whose browser was proven: by the login's cookie, or by the platform's storage and a ticket since.
pub(super) struct Ready {
    pub(super) login: LoginRecord,
    pub(super) signed: SignedClaims,
    /// SHA-256 of the ticket that a window of our own showed.
    pub(super) ticket: Option<[u8; 32]>,
}

/// Seats the person of a proven message and leads to their page.
pub(super) async fn seat_ready(
    deps: &Deps,
    request: &HttpRequest,
    known: &Known,
    ready: Ready,
) -> Result<HttpResponse, WebError> {
    let claims = read(deps, known, &ready.login, &ready.signed)?;
    let entries = deps.directory.entries();
    let organisation = match entries.owner(known.registration.id, claims.deployment.as_str()) {
        Some(owner) => owner,
        None => adopt(deps, known, &claims).await?,
    };
    learn_platform(deps, known, &claims, organisation).await?;
    notices::offered(deps, known, &claims, organisation).await;
    let arrived = Box::pin(seat(deps, request, ready, claims, organisation)).await?;
    Ok(answer_with(deps, known, organisation, &arrived))
}

/// The login of this state: remembered, if it was begun in this process.
pub(super) async fn open_login(deps: &Deps, state_hash: [u8; 32]) -> Result<LoginRecord, WebError> {
    let now = deps.clock.now();
    if let Some(login) = deps.open_logins.recall(&state_hash, now) {
        return Ok(login);
    }
    let login = deps.store.read_one(async |tx| tx.login(state_hash, now).await).await?;
    Ok(login.ok_or(LaunchError::StateUnknown)?)
}

/// The claims, proven: signature, issuer, audience, times, nonce.
async fn verified(deps: &Deps, known: &Known, login: &LoginRecord, id_token: &str) -> Result<SignedClaims, WebError> {
    if !known.registration.enabled {
        return Err(LaunchError::RegistrationDisabled.into());
    }
    let token = UnverifiedToken::parse(id_token)?;
    let now = deps.clock.now().seconds();
    let fetch = deps.platforms.fetch(&known.registration);
    let keys = deps
        .key_sets
        .obtain(&fetch, &known.registration.jwks_uri, token.kid(), now)
        .await
        .map_err(|error| {
            tracing::warn!(registration.id = %known.registration.id, %error, "no key set for a launch");
            LaunchError::KeySetUnavailable
        })?;
    Ok(token.verify(&known.terms, &keys, &Nonce::new(login.nonce.clone()), now)?)
}

/// The message, if it is one we serve.
fn read(deps: &Deps, known: &Known, login: &LoginRecord, signed: &SignedClaims) -> Result<LaunchClaims, WebError> {
    let read = signed.read(&known.terms, &deps.origin, login.target_link_uri.as_deref());
    let read = read.map_err(|error| Refusal::ProvenLaunch {
        error,
        return_url: signed.presentation().return_url,
    })?;
    match read {
        Received::Launch(mut claims) => {
            pin_services(known, &mut claims);
            pin_names(known.registration.lms, &mut claims);
            match &claims.purpose {
                Purpose::ResourceLink { target_differs, .. } if *target_differs => {
                    tracing::warn!(registration.id = %known.registration.id, "the target of a launch is not that of its login");
                }
                Purpose::DeepLinking(settings) if !settings.may_return(known.origins()) => {
                    return Err(Refusal::ProvenLaunch {
                        error: LaunchError::DeepLinkingReturnForeign,
                        return_url: claims.presentation.return_url.clone(),
                    }
                    .into());
                }
                _ => {}
            }
            Ok(*claims)
        }
        Received::NotAvailable(message) => Err(Refusal::NotAvailable(Box::new(message)).into()),
    }
}

/// Forgets services at hosts that the registration does not name: our token for this LMS would go there.
fn pin_services(known: &Known, claims: &mut LaunchClaims) {
    let is_foreign = |address: &String| {
        let is_foreign = !known.may_serve(address);
        if is_foreign {
            tracing::warn!(registration.id = %known.registration.id, "a launch names a service at a foreign host");
        }
        is_foreign
    };
    claims.names_and_roles.take_if(|service| is_foreign(&service.url));
    claims.notices.take_if(|service| is_foreign(&service.url));
    if let Some(grades) = &mut claims.grades {
        grades.lineitems.take_if(|address| is_foreign(address));
        grades.lineitem.take_if(|address| is_foreign(address));
    }
}

/// Keeps names of people and courses only where nobody but the LMS can have put them into the launch: signals are matched
/// by them, and who may write a link's custom parameters could otherwise name the course or the person of somebody else.
///
/// Canvas substitutes them, from the developer key's fields, which are its administrator's; of an LMS of no known kind its
/// administrator is taken at their word. Moodle and Brightspace name courses in the signed context by their own id.
fn pin_names(lms: Lms, claims: &mut LaunchClaims) {
    const NAMES: [&str; 6] = [
        "lms_user_id",
        "canvas_user_id",
        "sis_user_id",
        "lms_course_id",
        "canvas_course_id",
        "sis_course_id",
    ];
    if matches!(lms, Lms::Canvas | Lms::Generic) {
        return;
    }
    for name in NAMES {
        claims.custom.remove(name);
    }
    if let (Lms::Moodle | Lms::Brightspace, Some(context)) = (lms, &claims.context) {
        let own = context.id.as_str().to_owned();
        claims.custom.insert("lms_course_id".to_owned(), own.into());
    }
}

/// Takes an unknown deployment over, where it must be ours; else keeps it for an administrator and refuses the launch.
async fn adopt(deps: &Deps, known: &Known, claims: &LaunchClaims) -> Result<OrganisationId, WebError> {
    let now = deps.clock.now();
    let (entries, guid) = (deps.directory.entries(), claims.platform.guid.as_deref());
    let adopted = match entries.adoption(known, guid) {
        Adoption::Adopt => known.registration.organisation,
        Adoption::Pending => None,
    };
    let pending = || Refusal::DeploymentPending {
        return_url: claims.presentation.return_url.clone(),
    };
    if entries.is_refused(known.registration.id, claims.deployment.as_str()) {
        let owner = match known.registration.organisation {
            Some(owner) => deps.store.read_one(async |tx| tx.organisation(owner).await).await?,
            None => None,
        };
        return Err(Refusal::DeploymentRefused {
            organisation: owner.map(|owner| owner.name),
            return_url: claims.presentation.return_url.clone(),
        }
        .into());
    }
    // seen before: each further launch writes nothing and has nothing read anew
    if adopted.is_none() && entries.is_pending(known.registration.id, claims.deployment.as_str(), guid) {
        return Err(pending().into());
    }
    let seen = DeploymentSeen {
        id: DeploymentRowId::new(random::id_at(now)),
        registration: known.registration.id,
        deployment_id: claims.deployment.as_str().to_owned(),
        organisation: adopted,
        platform_guid: claims.platform.guid.clone(),
        platform_name: claims.platform.name.clone(),
    };
    deps.store
        .write(Durability::Full, async move |tx| {
            tx.see_deployment(&seen, now).await?;
            tx.raise_settings_version().await
        })
        .await?;
    deps.directory.load(&deps.store).await?;
    match adopted {
        Some(organisation) => Ok(organisation),
        None => Err(pending().into()),
    }
}

/// Remembers by which id the LMS's installation calls itself, the first time it does: a feed of Canvas' events is bound
/// to it.
async fn learn_platform(
    deps: &Deps,
    known: &Known,
    claims: &LaunchClaims,
    organisation: OrganisationId,
) -> Result<(), WebError> {
    let (registration, deployment) = (known.registration.id, claims.deployment.as_str());
    let is_known = deps.directory.entries().has_guid(registration, deployment);
    let Some(guid) = claims.platform.guid.clone().filter(|_| !is_known) else {
        return Ok(());
    };
    let now = deps.clock.now();
    let seen = DeploymentSeen {
        id: DeploymentRowId::new(random::id_at(now)),
        registration,
        deployment_id: deployment.to_owned(),
        organisation: Some(organisation),
        platform_guid: Some(guid),
        platform_name: claims.platform.name.clone(),
    };
    deps.store
        .write(Durability::Launch, async move |tx| {
            tx.see_deployment(&seen, now).await?;
            tx.raise_settings_version().await
        })
        .await?;
    Ok(deps.directory.load(&deps.store).await?)
}

/// A refusal or a failure inside the launch's transaction: both undo it.
enum Undone {
    Refused(LaunchError),
    Failed(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// What a launch made, and where it leads.
struct Arrived {
    seated: Seated,
    landing: String,
    /// The session's cookie, if the session is new.
    cookie: String,
}

async fn seat(
    deps: &Deps,
    request: &HttpRequest,
    ready: Ready,
    claims: LaunchClaims,
    organisation: OrganisationId,
) -> Result<Arrived, WebError> {
    let now = deps.clock.now();
    let Ready { login, ticket, .. } = ready;
    let shown = cookies::value(request, &cookies::session_name(login.registration, organisation));
    let fresh = random::token_at(now);
    let offer = SessionOffer {
        shown: shown.map(|cookie| digest::index_key(&cookie)),
        fresh: digest::index_key(&fresh),
        csrf: random::token(),
        idle_since: now.minus(deps.config.session.idle),
        begun_since: now.minus(deps.config.session.absolute),
    };
    let (registration, state_hash) = (login.registration, login.state_hash);
    let return_url = claims.presentation.return_url.clone();
    let known = match ticket {
        None => seat_known(deps, &login, &claims, organisation, &offer).await?,
        Some(_) => None,
    };
    let outcome = if let Some(done) = known {
        Ok(done)
    } else {
        let seated = deps.store.write(Durability::Launch, async move |tx| {
            if let Some(ticket) = ticket {
                take_ticket(tx, ticket, now).await?;
            }
            spend(tx, login, claims, organisation, ticket.is_some(), &offer, now).await
        });
        seated.await
    };
    match outcome {
        Ok((seated, landing)) => {
            deps.open_logins.spent(registration, &state_hash);
            if seated.new_address {
                deps.worker.wake();
            }
            if seated.is_news {
                look_at_parked_signals(deps, organisation, &seated).await?;
            }
            Ok(Arrived {
                seated,
                landing,
                cookie: fresh,
            })
        }
        Err(Undone::Refused(error)) => Err(Refusal::ProvenLaunch { error, return_url }.into()),
        Err(Undone::Failed(error)) => Err(error.into()),
    }
}

/// Seats the person by one statement where each is a trip and nothing but the seat is new; else nothing has changed.
async fn seat_known(
    deps: &Deps,
    login: &LoginRecord,
    claims: &LaunchClaims,
    organisation: OrganisationId,
    offer: &SessionOffer,
) -> Result<Option<(Seated, String)>, WebError> {
    if deps.store.is_sqlite() || claims.link().is_none() {
        return Ok(None);
    }
    let facts = facts::of(claims, login.registration, organisation);
    let (state_hash, offer, now) = (login.state_hash, offer.clone(), deps.clock.now());
    let standing = facts.standing;
    let seated = deps
        .store
        .write_one(Durability::Launch, async move |tx| {
            tx.seat_known(state_hash, &facts, &offer, now).await
        })
        .await?;
    Ok(seated.map(|seated| {
        let landing = landing(&seated, standing);
        (seated, landing)
    }))
}

/// The ticket counts once, in the same transaction.
async fn take_ticket(tx: &mut Tx<'_>, ticket: [u8; 32], now: Timestamp) -> Result<(), Undone> {
    match tx.spend_pending(ticket, now).await? {
        1 => Ok(()),
        _ => Err(Undone::Refused(LaunchError::Replayed)),
    }
}

/// Signals may have waited for what this launch made known. Asked after its COMMIT: a signal that is parked at the same
/// time either finds the launch's rows, or is found here.
async fn look_at_parked_signals(deps: &Deps, organisation: OrganisationId, seated: &Seated) -> Result<(), WebError> {
    let is_any = deps
        .store
        .read_one(async move |tx| tx.has_parked_signals(organisation).await)
        .await?;
    if !is_any {
        return Ok(());
    }
    let now = deps.clock.now();
    let course = seated.course.map(|id| work::rematch_course(organisation, id, now));
    let member = seated.member.map(|id| work::rematch_member(organisation, id, now));
    deps.store
        .write(Durability::Launch, async move |tx| {
            for job in course.iter().chain(&member) {
                tx.enqueue(job, now).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    deps.worker.wake();
    Ok(())
}

/// One transaction: the login is spent, or nothing happens.
async fn spend(
    tx: &mut Tx<'_>,
    login: LoginRecord,
    claims: LaunchClaims,
    organisation: OrganisationId,
    in_own_window: bool,
    offer: &SessionOffer,
    now: Timestamp,
) -> Result<(Seated, String), Undone> {
    let keys = LaunchKeys {
        registration: login.registration,
        organisation,
        context_id: claims.context.as_ref().map(|context| context.id.as_str().to_owned()),
        sub: claims.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        resource_link_id: claims.link().map(|link| link.id.as_str().to_owned()),
        session: offer.shown,
    };
    let found = tx.spend_login(login.state_hash, &keys, now).await?;
    let spent = Spent::by_rows(Nonce::new(login.nonce), found.spent).map_err(Undone::Refused)?;
    let launch = claims.claim(&spent).map_err(Undone::Refused)?;
    let mut facts = facts::of(&launch, login.registration, organisation);
    facts.framed &= !in_own_window;
    let seated = tx.seat_launch(found, &facts, offer, now).await?;
    let landing = match &launch.purpose {
        Purpose::DeepLinking(settings) => {
            let deployment = launch.deployment.as_str();
            tx.add_pick(organisation, seated.seat, deployment, settings).await?;
            format!("/lti/pick/{}", seated.seat)
        }
        Purpose::ResourceLink { .. } => landing(&seated, facts.standing),
    };
    if let (true, Some(member)) = (seated.new_address, seated.member) {
        tx.enqueue(&NewJob::release(organisation, member, now), now).await?;
    }
    Ok((seated, landing))
}

/// Where a launch leads: staff to the course's page, everybody else to what the placed link shows. A link of another
/// course leads nowhere of its own before a teacher took it over.
fn landing(seated: &Seated, standing: Standing) -> String {
    let base = format!("/c/{}", seated.seat);
    match &seated.placed {
        Some(Placed::Copied(_)) if standing.issues() => format!("{base}/copied"),
        _ if standing.sees_course() => base,
        Some(Placed::Here(Shows::Mine)) => format!("{base}/my"),
        Some(Placed::Here(Shows::Progress(badge))) => {
            let badge: String = url::form_urlencoded::byte_serialize(badge.as_bytes()).collect();
            format!("{base}/progress/{}", badge.replace('+', "%20"))
        }
        Some(Placed::Here(Shows::Apply(form))) => {
            let form: String = url::form_urlencoded::byte_serialize(form.as_bytes()).collect();
            format!("{base}/apply/{}", form.replace('+', "%20"))
        }
        _ => base,
    }
}

fn answer_with(deps: &Deps, known: &Known, organisation: OrganisationId, arrived: &Arrived) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((header::LOCATION, arrived.landing.clone()));
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    if arrived.seated.new_session {
        let life = deps.config.session.absolute.as_secs();
        let name = cookies::session_name(known.registration.id, organisation);
        answer.append_header((header::SET_COOKIE, cookies::set(&name, &arrived.cookie, life)));
    }
    answer.finish()
}
