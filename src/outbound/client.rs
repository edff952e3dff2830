//! The client.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use super::address::Allowed;
use super::body::{Departure, GatedBody};
use super::error::{Error, SetupError};
use super::request::{Method, Request};
use super::resolver::{Check, CheckedResolver, Lookup, Refusal, system_lookup};
use super::response::Response;
use super::tls;
use crate::config;

/// Sets of allowances with open connections at once. Beyond, all connections are given up and made anew.
const MOST_POOLS: usize = 256;
/// Connections unused for so long are closed: before the 60 s after which common servers close them, so that a request
/// rarely meets a connection that is about to end.
const IDLE: Duration = Duration::from_secs(20);
const USER_AGENT: &str = concat!("badgebridge/", env!("CARGO_PKG_VERSION"));

/// The client. Clones share their connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: Settings,
    roots: Arc<RootCertStore>,
    tls: ClientConfig,
    lookup: Lookup,
    pools: Mutex<HashMap<Kind, reqwest::Client>>,
}

#[derive(Clone)]
struct Settings {
    networks: Vec<IpNet>,
    proxy: Option<SecretString>,
    connect: Duration,
    call: Duration,
    stall: Duration,
}

/// Calls that may share connections.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    allowed: Allowed,
    plain: bool,
    proxied: bool,
}

impl Client {
    /// A client without an identity of its own. Reads the system's roots and `extra_ca`.
    pub fn new(settings: &config::Outbound) -> Result<Self, SetupError> {
        Self::with_lookup(settings, system_lookup())
    }

    pub(super) fn with_lookup(settings: &config::Outbound, lookup: Lookup) -> Result<Self, SetupError> {
        let roots = Arc::new(tls::roots(settings.extra_ca.as_deref())?);
        let tls = tls::client_config(Arc::clone(&roots), None)?;
        let settings = Settings {
            networks: settings.allowed_networks.clone(),
            proxy: settings.proxy.clone(),
            connect: settings.connect,
            call: settings.call,
            stall: settings.stall,
        };
        Ok(Self::assemble(settings, roots, tls, lookup))
    }

    /// A client with the same settings that shows a client certificate where it is asked for: `chain` (leaf first) and
    /// `key` as PEM. It shares no connection with other clients; keep it as long as the certificate.
    pub fn with_identity(&self, chain: &[u8], key: &[u8]) -> Result<Self, SetupError> {
        let inner = &self.0;
        let tls = tls::client_config(Arc::clone(&inner.roots), Some((chain, key)))?;
        let (settings, roots) = (inner.settings.clone(), Arc::clone(&inner.roots));
        Ok(Self::assemble(settings, roots, tls, Arc::clone(&inner.lookup)))
    }

    fn assemble(settings: Settings, roots: Arc<RootCertStore>, tls: ClientConfig, lookup: Lookup) -> Self {
        Self(Arc::new(Inner {
            settings,
            roots,
            tls,
            lookup,
            pools: Mutex::default(),
        }))
    }

    /// Sends `request` and gives the answer as soon as its head is there. `allowed` is what the call may reach beyond
    /// the public network and the configured networks.
    pub async fn send(&self, request: Request, allowed: &Allowed) -> Result<Response, Error> {
        let settings = &self.0.settings;
        let deadline = Instant::now() + request.time_limit.unwrap_or(settings.call);
        let url = parse(&request.url)?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let kind = self.kind(&url, &host, allowed)?;
        let pool = self.pool(kind)?;
        let (call, departure) = prepare(request, url)?;
        match timeout_at(deadline, pool.execute(call)).await {
            Ok(Ok(answer)) => Ok(Response::new(answer, deadline, settings.stall)),
            Ok(Err(error)) => Err(Error::before_answer(&host, error, &departure)),
            Err(_) => Err(Error::TimedOut {
                may_have_left: !departure.stop(),
            }),
        }
    }

    /// Checks what can be checked without looking a name up, and tells which connections the call may use.
    fn kind(&self, url: &Url, host: &str, allowed: &Allowed) -> Result<Kind, Error> {
        let plain = url.scheme() == "http";
        let check = self.check(allowed, plain);
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        let mut direct = allowed.names(host);
        if let Some(address) = literal {
            check.examine(host, address)?;
            direct = check.permits(host, address);
        }
        let proxied = self.0.settings.proxy.is_some() && !direct;
        if proxied && plain {
            // Where the name leads is known to the proxy only.
            return Err(Refusal::plain(host, literal).into());
        }
        Ok(Kind {
            allowed: allowed.clone(),
            plain,
            proxied,
        })
    }

    fn check(&self, allowed: &Allowed, plain: bool) -> Check {
        Check {
            networks: self.0.settings.networks.clone(),
            allowed: allowed.clone(),
            plain,
        }
    }

    fn pool(&self, kind: Kind) -> Result<reqwest::Client, Error> {
        let mut pools = self.0.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&kind) {
            return Ok(pool.clone());
        }
        let pool = self
            .build(&kind)
            .map_err(|error| Error::Malformed(format!("the http client cannot be set up: {}", error.without_url())))?;
        if pools.len() >= MOST_POOLS {
            pools.clear();
        }
        pools.insert(kind, pool.clone());
        Ok(pool)
    }

    fn build(&self, kind: &Kind) -> reqwest::Result<reqwest::Client> {
        let settings = &self.0.settings;
        let resolver = CheckedResolver {
            lookup: Arc::clone(&self.0.lookup),
            check: (!kind.proxied).then(|| self.check(&kind.allowed, kind.plain)),
        };
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.0.tls.clone())
            .dns_resolver(Arc::new(resolver))
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(USER_AGENT)
            .connect_timeout(settings.connect)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true);
        if let Some(proxy) = settings.proxy.as_ref().filter(|_| kind.proxied) {
            builder = builder.proxy(reqwest::Proxy::all(proxy.expose_secret())?);
        }
        builder.build()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client")
            .field("has_identity", &self.0.tls.client_auth_cert_resolver.has_certs())
            .field("networks", &self.0.settings.networks)
            .finish_non_exhaustive()
    }
}

fn parse(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| Error::Malformed(format!("the address is malformed: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(Error::Malformed("the address must begin with https://".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Malformed("the address must not hold a user name".to_owned()));
    }
    Ok(url)
}

fn prepare(request: Request, url: Url) -> Result<(reqwest::Request, Departure), Error> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut call = reqwest::Request::new(method, url);
    *call.headers_mut() = headers(&request.headers)?;
    let departure = match request.body {
        Some(body) if !body.is_empty() => {
            let departure = Departure::waiting();
            *call.body_mut() = Some(reqwest::Body::wrap(GatedBody {
                content: Some(body),
                gate: request.gate,
                departure: departure.clone(),
            }));
            departure
        }
        body => {
            if request.gate.is_some_and(|gate| !gate.is_open()) {
                return Err(Error::GateClosed);
            }
            if body.is_some() || matches!(request.method, Method::Post | Method::Put) {
                // Left to itself the client says nothing of an empty body, and some servers answer 411 to that.
                call.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            Departure::unknown()
        }
    };
    Ok((call, departure))
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let malformed = || Error::Malformed(format!("the header {name} is malformed"));
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed())?;
        let mut content = HeaderValue::from_str(value).map_err(|_| malformed())?;
        content.set_sensitive(key == reqwest::header::AUTHORIZATION);
        headers.append(key, content);
    }
    Ok(headers)
}
