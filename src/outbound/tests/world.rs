//! Names, an authority and small servers on loopback for the tests of the client.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::super::Client;
use super::super::resolver::Lookup;
use super::{HOST, LOOPBACK};
use crate::config::{Config, Flags};

/// Names, an authority and servers for one test.
pub(super) struct World {
    pub(super) authority: Authority,
    addresses: Arc<Mutex<Vec<IpAddr>>>,
    lookups: Arc<AtomicUsize>,
    folder: tempfile::TempDir,
}

/// What a server asks of its clients.
#[derive(Clone, Copy)]
pub(super) enum Require {
    Nothing,
    ClientCertificate(&'static rustls::SupportedProtocolVersion),
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            authority: Authority::new(),
            addresses: Arc::new(Mutex::new(vec![IpAddr::from([127, 0, 0, 1])])),
            lookups: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn point_to(&self, addresses: &[&str]) {
        *self.addresses.lock().unwrap() = addresses.iter().map(|text| text.parse().unwrap()).collect();
    }

    pub(super) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }

    pub(super) fn client(&self) -> Client {
        self.client_with(LOOPBACK, &self.authority)
    }

    pub(super) fn client_with(&self, networks: &str, trusted: &Authority) -> Client {
        self.client_of(Flags::new(), networks, trusted)
    }

    pub(super) fn client_of(&self, flags: Flags, networks: &str, trusted: &Authority) -> Client {
        let file = self.folder.path().join("ca.pem");
        std::fs::write(&file, trusted.issuer.pem()).unwrap();
        let flags = flags
            .with("outbound.extra_ca", file.display())
            .with("outbound.allowed_networks", networks);
        let settings = Config::from_flags(&flags).unwrap().outbound;
        let (addresses, lookups) = (Arc::clone(&self.addresses), Arc::clone(&self.lookups));
        let lookup: Lookup = Arc::new(move |_| {
            lookups.fetch_add(1, Ordering::SeqCst);
            let found = addresses.lock().unwrap().clone();
            Box::pin(async move {
                if found.is_empty() {
                    return Err(std::io::Error::other("no such name"));
                }
                Ok(found)
            })
        });
        Client::with_lookup(&settings, lookup).unwrap()
    }

    pub(super) fn identity(&self) -> (Vec<u8>, Vec<u8>) {
        let (chain, key) = self.authority.certificate("client.example");
        (chain.into_bytes(), key.serialize_pem().into_bytes())
    }

    pub(super) async fn http<F, R>(&self, serve: F) -> u16
    where
        F: Fn(Call<TcpStream>) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let (listener, port) = listen().await;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(Call { stream }));
            }
        });
        port
    }

    pub(super) async fn https<F, R>(&self, require: Require, serve: F) -> u16
    where
        F: Fn(Call<tokio_rustls::server::TlsStream<TcpStream>>) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let acceptor = self.authority.acceptor(require);
        let (listener, port) = listen().await;
        let serve = Arc::new(serve);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, serve) = (acceptor.clone(), Arc::clone(&serve));
                tokio::spawn(async move {
                    match acceptor.accept(stream).into_fallible().await {
                        Ok(stream) => serve(Call { stream }).await,
                        // As real servers do: the alert is sent and then read on, so that no reset overtakes it.
                        Err((_, stream)) => Call { stream }.wait_for_the_end().await,
                    }
                });
            }
        });
        port
    }
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

pub(super) struct Authority {
    pub(super) issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Test authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    pub(super) fn certificate(&self, name: &str) -> (String, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key)
    }

    pub(super) fn acceptor(&self, require: Require) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = match require {
            Require::Nothing => builder
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth(),
            Require::ClientCertificate(version) => {
                let mut roots = RootCertStore::empty();
                roots.add(self.issuer.der().clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .build()
                    .unwrap();
                builder
                    .with_protocol_versions(&[version])
                    .unwrap()
                    .with_client_cert_verifier(verifier)
            }
        };
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        TlsAcceptor::from(Arc::new(
            builder.with_single_cert(vec![certificate.der().clone()], key).unwrap(),
        ))
    }
}

/// One connection of a small server.
pub(super) struct Call<S> {
    pub(super) stream: S,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Call<S> {
    /// Reads one request, head and body; an empty text at the end of the connection.
    pub(super) async fn read_request(&mut self) -> String {
        let mut read = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let text = String::from_utf8(read.clone()).unwrap();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                    return text;
                }
            }
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return text,
                Ok(count) => read.extend_from_slice(&buffer[..count]),
            }
        }
    }

    pub(super) async fn answer(&mut self, status_and_headers: &str, body: &str) {
        let length = body.len();
        self.write(&format!(
            "HTTP/1.1 {status_and_headers}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
        .await;
    }

    pub(super) async fn write(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    pub(super) async fn wait_for_the_end(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(1..) = self.stream.read(&mut buffer).await {}
    }
}
