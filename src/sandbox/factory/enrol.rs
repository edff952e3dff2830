//! Enrolment: the API key (PKCS#1 block type 1), the certificate request, bearer tokens; and ping and the organisation.

use std::io;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey, LineEnding};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};

use super::super::authority::write_private;
use super::http::{Call, Refusal, Reply};
use super::world::Change;
use super::{CERTIFICATE_DAYS, Shared, chance, days};
use crate::clock::Timestamp;

/// An API key is valid for so long.
const KEY_SECONDS: i64 = 600;
/// A bearer token is valid for so long.
const TOKEN_LIFE: Duration = Duration::from_hours(10);

/// The key pair behind API keys. A throw-away key: it guards nothing but the simulator.
pub(super) struct ApiKeys {
    private: RsaPrivateKey,
    public_pem: String,
}

impl ApiKeys {
    /// The one of this process: making RSA keys is slow.
    pub(super) fn shared() -> io::Result<Self> {
        static PEM: LazyLock<Result<String, String>> = LazyLock::new(|| make().map_err(|why| why.to_string()));
        Self::from_pem(&PEM.clone().map_err(io::Error::other)?)
    }

    /// The one kept in `directory`; made there if there is none.
    pub(super) fn stored_in(directory: &Path) -> io::Result<Self> {
        let path = directory.join("api.key");
        if !path.exists() {
            write_private(&path, &make()?)?;
        }
        Self::from_pem(&std::fs::read_to_string(path)?)
    }

    fn from_pem(pem: &str) -> io::Result<Self> {
        let private = RsaPrivateKey::from_pkcs8_pem(pem).map_err(io::Error::other)?;
        let public = private.to_public_key();
        Ok(Self {
            public_pem: public.to_public_key_pem(LineEnding::LF).map_err(io::Error::other)?,
            private,
        })
    }

    /// A fresh API key.
    pub(super) fn mint(&self, client_id: &str, now: Timestamp) -> String {
        let subject = format!("/CN={client_id}");
        let nonce = chance::hex(&chance::bytes::<8>());
        let content = json!({"id": client_id, "subject": subject, "ctime": now.seconds().to_string(), "nonce": nonce});
        self.seal(content.to_string().as_bytes())
    }

    /// An unprefixed PKCS#1 v1.5 signature is the private operation on `00 01 FF.. 00 content`.
    fn seal(&self, content: &[u8]) -> String {
        let sealed = self.private.sign(Pkcs1v15Sign::new_unprefixed(), content);
        STANDARD.encode(sealed.unwrap_or_default())
    }

    /// What an API key says, if this key pair made it.
    fn open(&self, token: &str) -> Option<Value> {
        use rsa::traits::PublicKeyParts;
        let sealed = STANDARD.decode(token).ok()?;
        let public = self.private.to_public_key();
        let number = rsa::BigUint::from_bytes_be(&sealed);
        if number >= *public.n() {
            return None;
        }
        let block = number.modpow(public.e(), public.n()).to_bytes_be();
        // the leading zero byte is gone with the conversion
        let rest = block.strip_prefix(&[1])?;
        let end = rest.iter().position(|byte| *byte != 0xFF)?;
        let content = rest.get(end..)?.strip_prefix(&[0])?;
        serde_json::from_slice(content).ok()
    }
}

fn make() -> io::Result<String> {
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048);
    Ok(key.map_err(io::Error::other)?.serialize_pem())
}

/// `GET /v1/client/OBF.rsa.pub`
pub(super) fn public_key(shared: &Shared) -> Reply {
    Reply::text("application/x-pem-file", shared.keys.public_pem.clone())
}

/// `POST /v1/client/{client_id}/sign_request`
pub(super) fn sign_request(shared: &Shared, client: &str, call: &Call) -> Result<Reply, Refusal> {
    let body = call.json()?;
    let field = |name: &str| {
        let text = body.get(name).and_then(Value::as_str);
        text.ok_or_else(|| Refusal::bad(&format!("{name}: required parameter missing")))
    };
    let (signature, request) = (field("signature")?, field("request")?);
    let token = shared
        .keys
        .open(signature)
        .ok_or_else(|| Refusal::forbidden("signature: not a valid API key"))?;
    if token.get("id").and_then(Value::as_str) != Some(client) {
        return Err(Refusal::forbidden("signature: the API key belongs to another client"));
    }
    let now = shared.now();
    let made = token
        .get("ctime")
        .and_then(Value::as_str)
        .and_then(|text| text.parse::<i64>().ok());
    let age = now.seconds().saturating_sub(made.unwrap_or(0));
    if !(0..=KEY_SECONDS).contains(&age) {
        return Err(Refusal::forbidden("signature: the API key has expired"));
    }
    let mut world = shared.world();
    if !world.organisations.contains_key(client) {
        return Err(Refusal::missing());
    }
    let valid = (now.minus(Duration::from_mins(5)), now.plus(days(CERTIFICATE_DAYS)));
    let certificate = shared
        .authority
        .sign(request, client, valid)
        .map_err(|why| Refusal::bad(&why))?;
    let nonce = token.get("nonce").and_then(Value::as_str).unwrap_or_default();
    if !world.spend(nonce) {
        return Err(Refusal::forbidden("signature: the API key was used before"));
    }
    Ok(Reply::text("application/x-pem-file", certificate))
}

/// `POST /v1/client/oauth2/token`: a form or JSON.
pub(super) fn token(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    if !shared.manner().bearer {
        return Err(Refusal::missing());
    }
    let (form, object) = if call.body.trim_ascii_start().starts_with(b"{") {
        (std::collections::BTreeMap::new(), call.json()?)
    } else {
        (call.form(), serde_json::Map::new())
    };
    let field = |name: &str| {
        let plain = form.get(name).map(String::as_str);
        plain
            .or_else(|| object.get(name).and_then(Value::as_str))
            .unwrap_or_default()
            .to_owned()
    };
    if field("grant_type") != "client_credentials" {
        return Err(Refusal::bad("grant_type: must be client_credentials"));
    }
    let (client, secret) = (field("client_id"), field("client_secret"));
    let mut world = shared.world();
    let known = world
        .organisations
        .get(&client)
        .is_some_and(|organisation| organisation.secret == secret);
    if !known {
        return Err(Refusal::forbidden("invalid client"));
    }
    let token = chance::secret();
    world
        .tokens
        .insert(token.clone(), (client, shared.now().plus(TOKEN_LIFE)));
    let seconds = TOKEN_LIFE.as_secs();
    Ok(Reply::json(
        &json!({"access_token": token, "token_type": "bearer", "expires_in": seconds}),
    ))
}

/// `GET /v1/ping/{client_id}`
pub(super) fn ping(client: &str) -> Reply {
    Reply::text("text/plain", client)
}

/// `GET /v1/client/{client_id}`
pub(super) fn organisation(shared: &Shared, client: &str) -> Result<Reply, Refusal> {
    let world = shared.world();
    let one = world.organisations.get(client).ok_or_else(Refusal::missing)?;
    Ok(Reply::json(&json!({
        "id": one.id, "name": one.name, "description": one.description, "email": one.email, "url": one.url,
        "image": one.image, "reply_to": null, "billing_email": null, "vat_id": null, "country": "FI",
        "type": "education", "tier": "pro", "paid_until": null, "issuing_limit": one.issuing_limit, "aliases": 0,
        "verified": 1, "searchable": 1, "is_active": 1, "suspended": 0, "deleted": 0, "enterprise_features": 0,
        "partner": null, "client_config": {}, "lastmodifiedby": null, "ctime": one.ctime, "mtime": one.mtime,
    })))
}

/// `PUT /v1/client/{client_id}`
pub(super) fn change_organisation(shared: &Shared, client: &str, call: &Call) -> Result<Reply, Refusal> {
    let body = call.json()?;
    let field = |name: &str| {
        let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| Refusal::bad(&format!("{name}: required parameter missing")))
    };
    let mut world = shared.world();
    let mut one = world.organisations.get(client).cloned().ok_or_else(Refusal::missing)?;
    one.url = field("url")?;
    one.description = field("description")?;
    one.email = field("email")?;
    if let Some(image) = body.get("image").filter(|image| !image.is_null()) {
        one.image = super::badges::data_url(image)?;
    }
    one.mtime = shared.now().seconds();
    world.record(Change::Organisation(one));
    Ok(Reply::empty(204))
}
