//! The two listeners and the TLS handshake. Client certificates are asked for, never required and never refused in the
//! handshake (unless an alert is wanted): who they belong to is decided per call, so that 495, 496 and 403 can be told.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::{Shared, admin, routes};

/// The answer as hyper sends it.
pub(super) type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// The connection is to end without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Closed.
    Close,
    /// Reset (TCP RST).
    Reset,
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the simulator cuts the connection")
    }
}

impl std::error::Error for Cut {}

/// The thread that serves, and how to end it.
#[derive(Debug)]
pub(super) struct Running(Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>);

impl Running {
    pub(super) fn stop(&self) {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, thread)) = taken {
            let _ = stop.send(());
            // a hook may hold the last handle: a thread cannot wait for itself
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Binds an address.
pub(super) fn bind(address: SocketAddr) -> io::Result<StdListener> {
    let listener = StdListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves both listeners on a thread of its own until it is stopped.
pub(super) fn run(shared: Arc<Shared>, api: StdListener, pages: StdListener) -> io::Result<Running> {
    let acceptor = TlsAcceptor::from(Arc::new(tls(&shared)?));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (stop, stopped) = oneshot::channel();
    let (api, pages) = {
        let _inside = runtime.enter();
        (TcpListener::from_std(api)?, TcpListener::from_std(pages)?)
    };
    let thread = std::thread::Builder::new()
        .name("simulated-factory".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve_api(&shared, &api, &acceptor) => {}
                    () = serve_pages(&shared, &pages) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
    Ok(Running(Mutex::new(Some((stop, thread)))))
}

async fn serve_api(shared: &Arc<Shared>, listener: &TcpListener, acceptor: &TlsAcceptor) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let (shared, acceptor) = (Arc::clone(shared), acceptor.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match acceptor.accept(stream).await {
                Ok(stream) => serve_connection(shared, stream).await,
                Err(why) => tracing::debug!("a TLS handshake with the simulated Factory failed: {why}"),
            }
        });
    }
}

async fn serve_connection(shared: Arc<Shared>, stream: tokio_rustls::server::TlsStream<TcpStream>) {
    let chain: Arc<[CertificateDer<'static>]> = stream.get_ref().1.peer_certificates().unwrap_or_default().into();
    let cut = Arc::new(Mutex::new(None));
    let service = {
        let cut = Arc::clone(&cut);
        service_fn(move |request: Request<Incoming>| {
            let (shared, chain, cut) = (Arc::clone(&shared), Arc::clone(&chain), Arc::clone(&cut));
            async move {
                let answer = routes::answer(&shared, &chain, request).await;
                if let Err(how) = &answer {
                    *cut.lock().unwrap_or_else(PoisonError::into_inner) = Some(*how);
                }
                answer
            }
        })
    };
    let mut connection = Box::pin(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    let _ = connection.as_mut().await;
    if *cut.lock().unwrap_or_else(PoisonError::into_inner) == Some(Cut::Reset) {
        let stream = Pin::into_inner(connection).into_parts().io.into_inner();
        let _ = stream.get_ref().0.set_zero_linger();
    }
}

async fn serve_pages(shared: &Arc<Shared>, listener: &TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(admin::answer(&shared, request).await) }
            });
            let _ = serve_plain(stream, service).await;
        });
    }
}

async fn serve_plain<S>(stream: TcpStream, service: S) -> hyper::Result<()>
where
    S: hyper::service::Service<Request<Incoming>, Response = Answer, Error = Infallible>,
    S::Future: Future,
{
    http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
}

fn tls(shared: &Arc<Shared>) -> io::Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let identity = shared.authority.server()?;
    let door = Arc::new(Door {
        shared: Arc::clone(shared),
        provider: Arc::clone(&provider),
    });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_client_cert_verifier(door)
        .with_single_cert(identity.chain, identity.key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // a resumed session would skip the certificate and with it the alerts
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Lets every certificate in whose key the client holds, unless an alert is wanted.
struct Door {
    shared: Arc<Shared>,
    provider: Arc<CryptoProvider>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Door")
    }
}

impl ClientCertVerifier for Door {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let mut desk = self.shared.desk();
        if desk.manner.alert_certificates {
            desk.faults.count("tls_alert");
            return Err(CertificateError::UnknownIssuer.into());
        }
        if desk.faults.take_alert() {
            return Err(CertificateError::UnknownIssuer.into());
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
