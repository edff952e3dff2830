//! Who is signed in to the administration. Every page there starts from one of these.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::crypto::digest;
use crate::model::{OperatorSession, OrganisationId, Who};
use crate::store::audit::AuditEntry;
use crate::store::{Durability, StoreError, Tx};
use crate::web::cookies;
use crate::web::course::fields::{FORM_LIMIT, Fields};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::guard::Nonce;
use crate::web::pages::{Frame, Office, Room, Theme};
use crate::web::text::{Locale, Text};
use crate::web::visit::{browser_locale, here, refuse_other_sites};

/// How old the note "last seen" of a session may grow before it is written again.
const SEEN_STEP: Duration = Duration::from_mins(5);

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(in crate::web) struct SignedIn {
    /// The session.
    pub(in crate::web) session: OperatorSession,
    /// The texts of this visitor.
    pub(in crate::web) text: Text,
    nonce: String,
    here: String,
}

/// An operator.
#[derive(Clone, Debug)]
pub(in crate::web) struct Operator(pub(in crate::web) SignedIn);

/// Somebody who may do everything in one organisation: its administrator, or an operator who looks at it.
#[derive(Clone, Debug)]
pub(in crate::web) struct Admin {
    /// Who.
    pub(in crate::web) who: SignedIn,
    /// The organisation: everything that the page reads or changes belongs to it.
    pub(in crate::web) organisation: OrganisationId,
    /// Its name.
    pub(in crate::web) name: String,
}

impl SignedIn {
    /// Whether an operator is signed in.
    pub(in crate::web) fn is_operator(&self) -> bool {
        self.session.who == Who::Operator
    }

    /// What surrounds a page.
    pub(in crate::web) fn frame(&self, room: Option<Room>) -> Frame {
        let theme = self.session.appearance.as_deref().and_then(Theme::parse);
        Frame {
            text: self.text,
            theme: theme.unwrap_or(Theme::Auto),
            nonce: self.nonce.clone(),
            csrf: self.session.csrf.clone(),
            base: "/operator".to_owned(),
            here: self.here.clone(),
            office: Some(Office {
                name: match &self.session.who {
                    Who::Operator => String::new(),
                    Who::Administrator { name, .. } => name.clone(),
                },
                room,
                of_organisation: !self.is_operator(),
            }),
            ..Frame::default()
        }
    }

    /// A form of one of this session's pages, whichever organisation it looked at then.
    pub(in crate::web) fn form(&self, body: &Bytes) -> Result<Fields, WebError> {
        let fields = read(body)?;
        let own = self.session.csrf.clone();
        let of_organisation = self.session.organisation.as_ref().map(|(id, _)| bound(&own, *id));
        let given = fields.one("csrf").as_bytes();
        let is_one = |token: &String| digest::same(token.as_bytes(), given);
        if is_one(&own) || of_organisation.as_ref().is_some_and(is_one) {
            Ok(fields)
        } else {
            Err(Refusal::ForeignForm.into())
        }
    }
}

impl Operator {
    /// What surrounds a page.
    pub(in crate::web) fn frame(&self, room: Option<Room>) -> Frame {
        self.0.frame(room)
    }

    /// A form of an operator's page.
    pub(in crate::web) fn form(&self, body: &Bytes) -> Result<Fields, WebError> {
        let fields = read(body)?;
        check(&self.0.session.csrf, &fields)?;
        Ok(fields)
    }

    /// How the audit log names this operator.
    pub(in crate::web) fn actor(&self) -> String {
        self.0.session.actor()
    }

    /// Notes a deed of this operator. Goes into the transaction that does it.
    pub(in crate::web) fn entry(
        &self,
        organisation: Option<OrganisationId>,
        action: &'static str,
        subject: &impl ToString,
        detail: Value,
    ) -> AuditEntry {
        AuditEntry {
            organisation,
            actor: self.0.session.actor(),
            action,
            subject: subject.to_string(),
            detail,
        }
    }
}

impl Admin {
    /// What surrounds a page. Its forms are bound to the organisation: one that was opened before an operator turned to
    /// another organisation is refused.
    pub(in crate::web) fn frame(&self, room: Option<Room>) -> Frame {
        let around = self.who.frame(room);
        Frame {
            office: around.office.map(|office| Office {
                of_organisation: true,
                ..office
            }),
            csrf: bound(&self.who.session.csrf, self.organisation),
            base: "/admin".to_owned(),
            place: self.name.clone(),
            ..around
        }
    }

    /// A form of a page of this organisation.
    pub(in crate::web) fn form(&self, body: &Bytes) -> Result<Fields, WebError> {
        let fields = read(body)?;
        check(&bound(&self.who.session.csrf, self.organisation), &fields)?;
        Ok(fields)
    }

    /// A form of a page of this organisation that may carry a file.
    pub(in crate::web) async fn upload(
        &self,
        request: &HttpRequest,
        body: actix_web::web::Payload,
    ) -> Result<Fields, WebError> {
        let fields = Fields::of_body(request, body).await?;
        check(&bound(&self.who.session.csrf, self.organisation), &fields)?;
        Ok(fields)
    }

    /// The texts of this visitor.
    pub(in crate::web) fn text(&self) -> &Text {
        &self.who.text
    }

    /// What the audit log keeps of a deed of this visitor. `detail` has no names and no addresses.
    pub(in crate::web) fn entry(&self, action: &'static str, subject: &impl ToString, detail: Value) -> AuditEntry {
        AuditEntry {
            organisation: Some(self.organisation),
            actor: self.who.session.actor(),
            action,
            subject: subject.to_string(),
            detail,
        }
    }
}

/// Notes a deed, and tells running servers that settings changed. Goes into the transaction of the change.
pub(in crate::web) async fn record(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let now = tx.now().await?;
    tx.add_audit(entry, now).await?;
    tx.raise_settings_version().await
}

/// The secret of the forms about one organisation.
fn bound(csrf: &str, organisation: OrganisationId) -> String {
    digest::sha256_hex(format!("{csrf}:{organisation}").as_bytes())
}

fn check(csrf: &str, fields: &Fields) -> Result<(), WebError> {
    if digest::same(csrf.as_bytes(), fields.one("csrf").as_bytes()) {
        Ok(())
    } else {
        Err(Refusal::ForeignForm.into())
    }
}

fn read(body: &Bytes) -> Result<Fields, WebError> {
    if body.len() > FORM_LIMIT {
        return Err(Refusal::Unreadable { too_large: true }.into());
    }
    Ok(Fields::read(body))
}

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, WebError>>>>;

impl FromRequest for SignedIn {
    type Error = WebError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let who = signed_in(&request).await?;
            request.extensions_mut().insert(who.frame(None));
            Ok(who)
        })
    }
}

impl FromRequest for Operator {
    type Error = WebError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let who = signed_in(&request).await?;
            request.extensions_mut().insert(who.frame(None));
            if who.is_operator() {
                Ok(Self(who))
            } else {
                Err(Refusal::OperatorsOnly.into())
            }
        })
    }
}

impl FromRequest for Admin {
    type Error = WebError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let who = signed_in(&request).await?;
            let Some((organisation, name)) = who.session.organisation.clone() else {
                request.extensions_mut().insert(who.frame(None));
                return Err(Refusal::NoOrganisation.into());
            };
            let admin = Self {
                who,
                organisation,
                name,
            };
            request.extensions_mut().insert(admin.frame(None));
            Ok(admin)
        })
    }
}

async fn signed_in(request: &HttpRequest) -> Result<SignedIn, WebError> {
    let deps = request
        .app_data::<Data<Deps>>()
        .ok_or_else(|| WebError::internal("no deps"))?;
    refuse_other_sites(request)?;
    let cookie = cookies::value(request, cookies::OPERATOR).ok_or(Refusal::NotSignedIn)?;
    let hash = digest::sha256(cookie.as_bytes());
    let now = deps.clock.now();
    let limits = &deps.config.operator;
    let (idle, begun) = (now.minus(limits.idle), now.minus(limits.absolute));
    let found = deps
        .store
        .read_one(async |tx| tx.operator_session(hash, idle, begun).await)
        .await?;
    let session = found.ok_or(Refusal::NotSignedIn)?;
    see(deps, &session, now).await;
    let chosen = session.language.as_deref().and_then(Locale::parse);
    let locale = chosen.unwrap_or_else(|| browser_locale(request));
    Ok(SignedIn {
        text: Text::new(locale, now),
        nonce: Nonce::of(request),
        here: here(request),
        session,
    })
}

/// Notes that a session is in use. Best effort: a full disk must not take reading away.
async fn see(deps: &Deps, session: &OperatorSession, now: Timestamp) {
    if now.since(session.seen_at) <= SEEN_STEP {
        return;
    }
    let id = session.id;
    let noted = deps.store.write_one(Durability::Launch, async move |tx| {
        tx.see_operator_session(id, now).await
    });
    if let Err(error) = noted.await {
        tracing::warn!(%error, "a session's use was not noted");
    }
}
