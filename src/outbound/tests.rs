//! The client over real sockets: small servers on loopback, names of our own.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use rcgen::KeyPair;
use tokio::net::{TcpListener, TcpStream};

use super::{Allowed, Client, Error, Gate, Method, Request, SetupError};
use crate::config::{Config, Flags};
use world::{Authority, Require, World};

mod world;

const HOST: &str = "factory.example";
const LOOPBACK: &str = "127.0.0.0/8,::1";

#[tokio::test]
async fn an_answer_arrives_with_status_headers_and_body() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        let head = call.read_request().await;
        assert!(head.starts_with("GET /v1/a%20b|c?d=e HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("x-marker: 7\r\n"), "{head}");
        assert!(!head.to_lowercase().contains("accept-encoding"), "{head}");
        call.answer("201 Created\r\nLocation: /v1/event/x", "made").await;
    });
    let port = port.await;
    let request = Request::get(format!("https://{HOST}:{port}/v1/a%20b|c?d=e")).header("x-marker", "7");
    let answer = world.client().send(request, &Allowed::none()).await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.header("location"), Some("/v1/event/x"));
    assert!(
        answer
            .headers()
            .any(|(name, value)| name == "location" && value == "/v1/event/x")
    );
    assert_eq!(answer.bytes(100).await.unwrap(), "made");
}

#[tokio::test]
async fn a_body_goes_out_with_its_length_even_an_empty_one() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        for body in ["{\"a\":1}", ""] {
            let head = call.read_request().await;
            let length = format!("content-length: {}\r\n", body.len());
            assert!(
                head.starts_with("POST /") && head.contains(&length) && head.ends_with(body),
                "{head}"
            );
            call.answer("200 OK", "").await;
        }
    });
    let port = port.await;
    let client = world.client();
    for body in ["{\"a\":1}", ""] {
        let request = Request::new(Method::Post, format!("https://{HOST}:{port}/")).body(body);
        assert_eq!(
            client
                .send(request, &Allowed::none())
                .await
                .unwrap()
                .bytes(9)
                .await
                .unwrap(),
            ""
        );
    }
}

#[tokio::test]
async fn connections_are_reused_by_the_same_identity_and_allowance_only() {
    let world = World::new();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let port = world.https(Require::Nothing, move |mut call| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            loop {
                if call.read_request().await.is_empty() {
                    return;
                }
                call.answer("200 OK", "ok").await;
            }
        }
    });
    let url = format!("https://{HOST}:{}/", port.await);
    let client = world.client();
    let call = async |client: &Client, allowed: &Allowed| {
        let answer = client.send(Request::get(url.clone()), allowed).await.unwrap();
        answer.bytes(10).await.unwrap();
    };
    for _ in 0..3 {
        call(&client.clone(), &Allowed::none()).await;
    }
    assert_eq!((connections.load(Ordering::SeqCst), world.lookups()), (1, 1));
    call(
        &client,
        &Allowed::parse([format!("{HOST}=10.0.0.0/8").as_str()]).unwrap(),
    )
    .await;
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    let (chain, key) = world.identity();
    call(&client.with_identity(&chain, &key).unwrap(), &Allowed::none()).await;
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_with_host_address_and_setting() {
    let world = World::new();
    let client = world.client_with("", &world.authority);
    for (address, words) in [
        ("10.1.2.3", "is private"),
        ("::ffff:10.1.2.3", "IPv4"),
        ("169.254.169.254", "link-local"),
    ] {
        world.point_to(&[address]);
        let error = client
            .send(Request::get("https://lms.example/keys?secret"), &Allowed::none())
            .await
            .unwrap_err();
        let Error::Refused(refusal) = &error else {
            panic!("{error:?}")
        };
        assert_eq!(
            (refusal.host.as_str(), refusal.address),
            ("lms.example", Some(address.parse().unwrap()))
        );
        let text = error.to_string();
        for part in [
            "lms.example",
            address,
            words,
            "BADGEBRIDGE_ALLOWED_NETWORKS",
            "--allow-network lms.example=",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(error.is_before_sending() && !text.contains("secret"));
    }
}

#[tokio::test]
async fn literal_addresses_are_checked_in_every_spelling() {
    let client = World::new().client_with("", &Authority::new());
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fd00::1]",
        "[fe80::1]",
        "0",
        "100.64.0.1",
        "[2002:7f00:1::]",
    ] {
        let error = client
            .send(Request::get(format!("https://{host}:1/")), &Allowed::none())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{host}: {error:?}");
    }
}

#[tokio::test]
async fn of_several_addresses_only_the_good_ones_are_used() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
        call.answer("200 OK", "").await;
    });
    let port = port.await;
    world.point_to(&["10.255.255.1", "127.0.0.1"]);
    let client = world.client_with("127.0.0.1", &world.authority);
    let url = format!("https://{HOST}:{port}/");
    assert_eq!(
        client.send(Request::get(url), &Allowed::none()).await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn an_allowance_of_a_registration_holds_for_its_host_alone() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
        call.answer("200 OK", "").await;
    });
    let port = port.await;
    let client = world.client_with("", &world.authority);
    let allowed = Allowed::parse([format!("{HOST}=127.0.0.0/8").as_str()]).unwrap();
    let url = format!("https://{HOST}:{port}/");
    assert_eq!(
        client.send(Request::get(url.clone()), &allowed).await.unwrap().status(),
        200
    );
    let other = Allowed::parse(["lms.example=127.0.0.0/8"]).unwrap();
    assert!(matches!(
        client.send(Request::get(url), &other).await,
        Err(Error::Refused(_))
    ));
}

#[tokio::test]
async fn plain_http_is_for_allowed_networks_only() {
    let world = World::new();
    let port = world.http(|mut call| async move {
        call.read_request().await;
        call.answer("200 OK", "plain").await;
    });
    let port = port.await;
    for host in ["127.0.0.1", "lms.example"] {
        let request = Request::get(format!("http://{host}:{port}/"));
        assert_eq!(
            world
                .client()
                .send(request, &Allowed::none())
                .await
                .unwrap()
                .bytes(9)
                .await
                .unwrap(),
            "plain"
        );
    }
    world.point_to(&["8.8.8.8"]);
    for host in ["lms.example", "8.8.8.8"] {
        let request = Request::get(format!("http://{host}:{port}/"));
        let error = world.client().send(request, &Allowed::none()).await.unwrap_err();
        assert!(
            matches!(error, Error::Refused(_)) && error.to_string().contains("https"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn redirects_are_answers_and_are_not_followed() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
        call.answer("302 Found\r\nLocation: https://10.0.0.1/", "").await;
    });
    let request = Request::get(format!("https://{HOST}:{}/", port.await));
    let answer = world.client().send(request, &Allowed::none()).await.unwrap();
    assert_eq!(
        (answer.status(), answer.header("location")),
        (302, Some("https://10.0.0.1/"))
    );
}

#[tokio::test]
async fn malformed_calls_are_not_made() {
    let world = World::new();
    for request in [
        Request::get("lms.example"),
        Request::get("ftp://lms.example/"),
        Request::get("https://me:pass-word@lms.example/"),
        Request::get("https://lms.example/").header("a b", "c"),
        Request::get("https://lms.example/").header("a", "pass-word\r\nb: d"),
    ] {
        let error = world.client().send(request, &Allowed::none()).await.unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{error:?}");
        assert!(!error.to_string().contains("pass-word"), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_name_and_a_closed_port_are_told_apart() {
    let world = World::new();
    world.point_to(&[]);
    let error = world
        .client()
        .send(Request::get("https://nowhere.example/"), &Allowed::none())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Dns { .. }), "{error:?}");
    world.point_to(&["127.0.0.1"]);
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = world.client().send(post(port), &Allowed::none()).await.unwrap_err();
    assert!(
        matches!(error, Error::Connect { .. }) && error.is_before_sending(),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_we_do_not_trust_gets_nothing() {
    let world = World::new();
    let port = world.https(Require::Nothing, |_| async {}).await;
    let stranger = Authority::new();
    let client = world.client_with(LOOPBACK, &stranger);
    let error = client.send(post(port), &Allowed::none()).await.unwrap_err();
    assert!(
        matches!(error, Error::ServerCertificate { .. }) && error.is_before_sending(),
        "{error:?}"
    );
    let wrong_name = Request::get(format!("https://other.example:{port}/"));
    let error = world.client().send(wrong_name, &Allowed::none()).await.unwrap_err();
    assert!(matches!(error, Error::ServerCertificate { .. }), "{error:?}");
}

#[tokio::test]
async fn a_client_certificate_is_shown_and_its_lack_is_told() {
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let world = World::new();
        let port = world.https(Require::ClientCertificate(version), |mut call| async move {
            call.read_request().await;
            call.answer("200 OK", "pong").await;
        });
        let port = port.await;
        let (chain, key) = world.identity();
        let known = world.client().with_identity(&chain, &key).unwrap();
        let answer = known.send(post(port), &Allowed::none()).await.unwrap();
        assert_eq!(answer.bytes(9).await.unwrap(), "pong");

        let (chain, key) = Authority::new().certificate("stranger.example");
        let stranger = world
            .client()
            .with_identity(chain.as_bytes(), key.serialize_pem().as_bytes())
            .unwrap();
        let error = stranger.send(post(port), &Allowed::none()).await.unwrap_err();
        assert!(
            matches!(error, Error::ClientCertificate { .. }) && error.is_before_sending(),
            "{version:?} {error:?}"
        );
        let nobody = world.client();
        let error = nobody.send(post(port), &Allowed::none()).await.unwrap_err();
        assert!(
            matches!(&error, Error::ClientCertificate { .. }),
            "{version:?} {error:?}"
        );
    }
}

#[test]
fn a_certificate_that_does_not_fit_its_key_is_refused() {
    let world = World::new();
    let (chain, _) = world.identity();
    let other = KeyPair::generate().unwrap().serialize_pem();
    for key in [other.as_bytes(), b"no key"] {
        assert!(matches!(
            world.client().with_identity(&chain, key),
            Err(SetupError::Identity(_))
        ));
    }
    let flags = Flags::new().with("outbound.extra_ca", "no-such-file.pem");
    let error = Client::new(&Config::from_flags(&flags).unwrap().outbound).unwrap_err();
    assert!(error.to_string().contains("BADGEBRIDGE_EXTRA_CA"), "{error}");
}

#[tokio::test]
async fn a_reset_before_the_answer_and_one_within_it_are_told_apart() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
    });
    let error = world
        .client()
        .send(post(port.await), &Allowed::none())
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::ResetBeforeAnswer { .. }) && !error.is_before_sending(),
        "{error:?}"
    );

    let port = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
        call.write("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf")
            .await;
    });
    let mut answer = world.client().send(post(port.await), &Allowed::none()).await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "half");
    let error = answer.chunk().await.unwrap_err();
    assert!(
        matches!(error, Error::BrokeOff(_)) && !error.is_before_sending(),
        "{error:?}"
    );
}

#[tokio::test]
async fn silence_ends_at_the_limit_and_tells_whether_anything_left() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
        call.wait_for_the_end().await;
    });
    let request = post(port.await).time_limit(Duration::from_millis(300));
    let error = world.client().send(request, &Allowed::none()).await.unwrap_err();
    assert!(matches!(error, Error::TimedOut { may_have_left: true }), "{error:?}");

    // A port that takes connections and never speaks TLS: nothing of the request can have left.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let request = post(port).time_limit(Duration::from_millis(100));
    let error = world.client().send(request, &Allowed::none()).await.unwrap_err();
    assert!(
        matches!(error, Error::TimedOut { may_have_left: false }) && error.is_before_sending(),
        "{error:?}"
    );
    let impatient = world.client_of(
        Flags::new().with("outbound.connect_ms", 100),
        LOOPBACK,
        &world.authority,
    );
    let error = impatient.send(post(port), &Allowed::none()).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_that_stalls_or_trickles_on_is_given_up() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
        call.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await;
        call.wait_for_the_end().await;
    });
    let port = port.await;
    let client = world.client_of(Flags::new().with("outbound.stall_ms", 100), LOOPBACK, &world.authority);
    let answer = client.send(post(port), &Allowed::none()).await.unwrap();
    assert!(matches!(
        answer.bytes(9).await,
        Err(Error::TimedOut { may_have_left: true })
    ));
    let answer = world
        .client()
        .send(post(port).time_limit(Duration::from_millis(300)), &Allowed::none())
        .await
        .unwrap();
    assert!(matches!(
        answer.bytes(9).await,
        Err(Error::TimedOut { may_have_left: true })
    ));
}

#[tokio::test]
async fn long_answers_are_cut_or_read_piece_by_piece() {
    let world = World::new();
    let port = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
        call.answer("200 OK", "0123456789").await;
        call.read_request().await;
        call.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n")
            .await;
        call.wait_for_the_end().await;
    });
    let port = port.await;
    for _ in 0..2 {
        // The length is announced in one answer and not in the other; each on a connection of its own.
        let answer = world.client().send(post(port), &Allowed::none()).await.unwrap();
        assert!(matches!(answer.bytes(9).await, Err(Error::TooLarge { limit: 9 })));
    }
    let client = world.client();
    let first = client.send(post(port), &Allowed::none()).await.unwrap();
    assert_eq!(first.bytes(10).await.unwrap(), "0123456789");
    let second = client.send(post(port), &Allowed::none()).await.unwrap();
    let pieces: Vec<_> = second.into_stream().map(Result::unwrap).collect().await;
    assert_eq!(pieces.concat(), b"0123456789");
}

#[tokio::test]
async fn a_gate_that_closes_while_the_connection_is_made_lets_nothing_out() {
    let world = World::new();
    let seen = Arc::new(Mutex::new(String::new()));
    let record = Arc::clone(&seen);
    let port = world.https(Require::Nothing, move |mut call| {
        let record = Arc::clone(&record);
        async move {
            let head = call.read_request().await;
            record.lock().unwrap().push_str(&head);
        }
    });
    let port = port.await;
    let asked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&asked);
    let gate = Gate::new(move || {
        flag.store(true, Ordering::SeqCst);
        false
    });
    let error = world
        .client()
        .send(post(port).gate(gate.clone()), &Allowed::none())
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::GateClosed) && error.is_before_sending(),
        "{error:?}"
    );
    assert!(asked.load(Ordering::SeqCst));
    assert_eq!(*seen.lock().unwrap(), "");
    let bare = Request::get(format!("https://{HOST}:{port}/")).gate(gate);
    assert!(matches!(
        world.client().send(bare, &Allowed::none()).await,
        Err(Error::GateClosed)
    ));
    let open = world
        .client()
        .send(post(port).gate(Gate::new(|| true)), &Allowed::none())
        .await
        .unwrap_err();
    assert!(matches!(open, Error::ResetBeforeAnswer { .. }), "{open:?}");
    assert!(seen.lock().unwrap().starts_with("POST /"));
}

#[tokio::test]
async fn the_configured_proxy_is_used_and_allowed_hosts_are_called_directly() {
    let world = World::new();
    let inner = world.https(Require::Nothing, |mut call| async move {
        call.read_request().await;
        call.answer("200 OK", "through").await;
    });
    let inner = inner.await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&asked);
    let proxy = world.http(move |mut call| {
        let record = Arc::clone(&record);
        async move {
            let head = call.read_request().await;
            record
                .lock()
                .unwrap()
                .push(head.lines().next().unwrap_or_default().to_owned());
            call.write("HTTP/1.1 200 OK\r\n\r\n").await;
            let mut onward = TcpStream::connect(("127.0.0.1", inner)).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut call.stream, &mut onward).await;
        }
    });
    let flags = Flags::new().with("outbound.proxy", format!("http://127.0.0.1:{}", proxy.await));
    // The proxy's own address needs no allowance, and the name of the host is the proxy's to look up.
    let client = world.client_of(flags.clone(), "", &world.authority);
    world.point_to(&[]);
    let answer = client.send(post(inner), &Allowed::none()).await.unwrap();
    assert_eq!(answer.bytes(9).await.unwrap(), "through");
    assert_eq!(*asked.lock().unwrap(), [format!("CONNECT {HOST}:{inner} HTTP/1.1")]);
    for refused in ["https://10.0.0.1/", "http://lms.example/"] {
        let error = client.send(Request::get(refused), &Allowed::none()).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{refused}: {error:?}");
    }
    world.point_to(&["127.0.0.1"]);
    let allowed = Allowed::parse([format!("{HOST}=127.0.0.0/8").as_str()]).unwrap();
    assert_eq!(client.send(post(inner), &allowed).await.unwrap().status(), 200);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn nothing_secret_is_printed() {
    let request = post(1).header("authorization", "pass-word");
    let request = Request {
        url: "https://factory.example/?pass-word".to_owned(),
        ..request
    };
    let printed = format!("{request:?} {:?}", World::new().client());
    assert!(!printed.contains("pass-word"), "{printed}");
}

fn post(port: u16) -> Request {
    Request::new(Method::Post, format!("https://{HOST}:{port}/v1/issue")).body("{}")
}
