//! The pages of a course over a real socket, on rows that a test stores itself: no LMS, no Factory.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use badgebridge::app::Parts;
use badgebridge::clock::{Clock, ManualClock, Timestamp};
use badgebridge::config::{Config, Flags};
use badgebridge::crypto::{digest, random};
use badgebridge::jobs::Worker;
use badgebridge::model::catalog::{BadgeMessage, BadgeValidity, CatalogBadge};
use badgebridge::model::{
    Address, CourseFacts, CourseId, LaunchFacts, Lms, MemberId, Organisation, OrganisationId, PastedAddresses,
    PersonFacts, Registration, RegistrationId, Standing,
};
use badgebridge::store::{Durability, LaunchKeys, Options, SessionOffer, Store, StoreError};
use badgebridge::web::routes;
use uuid::Uuid;

use super::database::Database;
use super::world::assert_given_up;

/// 21 November 2026, 12:00 UTC.
pub(crate) const NOON: Timestamp = Timestamp::from_seconds(1_795_262_400);

/// A running server with one registration and organisation.
pub(crate) struct CourseWorld {
    pub(crate) store: Store,
    pub(crate) organisation: OrganisationId,
    pub(crate) worker: Worker,
    pub(crate) url: String,
    pub(crate) clock: Arc<ManualClock>,
    registration: RegistrationId,
    client: reqwest::Client,
    stop: actix_web::dev::ServerHandle,
    _folder: tempfile::TempDir,
}

/// One tab of somebody: a seat and its session's cookie.
#[derive(Clone, Debug)]
pub(crate) struct Tab {
    pub(crate) base: String,
    pub(crate) csrf: String,
    pub(crate) course: CourseId,
    /// Nil for who did not say who they are.
    pub(crate) member: MemberId,
    pub(crate) cookie: String,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl CourseWorld {
    pub(crate) async fn start(database: &Database) -> Self {
        Self::start_on(database, |_| {}).await
    }

    /// A world whose server works with a store of its own, opened by these options. What a test prepares and looks at
    /// goes through the usual one.
    pub(crate) async fn start_on(database: &Database, options: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::TempDir::new().expect("a folder");
        let flags = Flags::new()
            .with("server.public_url", "http://127.0.0.1:1")
            .with("server.data_dir", folder.path().display())
            .with("server.database_url", &database.url)
            .with("server.secret_key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
            .with("server.metrics_listen", "off");
        let config = Config::from_flags(&flags).expect("settings");
        let clock = Arc::new(ManualClock::at(NOON));
        let mut parts = Parts::open(config.clone(), clock.clone()).await.expect("parts");
        let store = parts.store.clone();
        let organisation = add_organisation(&store, "Marlowe College").await;
        let registration = add_registration(&store, organisation, "marlowe").await;
        add_badges(&store, organisation).await;
        let mut own = database.options();
        own.clock = clock.clone();
        options(&mut own);
        if own.sqlite_max_pages.is_some() {
            parts.store = Store::open(&own).await.expect("a second store");
        }
        let worker = parts.worker();
        let public_url = config.server.require_public_url().expect("an address").clone();
        let deps = Data::new(parts.deps(public_url, worker.clone()).await.expect("deps"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = HttpServer::new(move || App::new().configure(routes::configure(deps.clone())))
            .workers(1)
            .disable_signals()
            .listen(listener)
            .expect("it listens")
            .run();
        let stop = server.handle();
        tokio::spawn(server);
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            store,
            organisation,
            worker,
            url,
            clock,
            registration,
            client,
            stop,
            _folder: folder,
        }
    }

    /// The end of a test: no job may be left. Orders may: there is no Factory.
    pub(crate) async fn stop(self) {
        self.stop_with_left(&[]).await;
    }

    /// The same where jobs of these kinds, and no others, wait for the Factory that is not there.
    pub(crate) async fn stop_with_left(self, kinds: &[&str]) {
        let keys = self.store.read_one(async |tx| tx.job_keys().await).await;
        assert_given_up(&keys.expect("the jobs"), kinds);
        self.stop.stop(false).await;
        self.store.close().await;
    }

    /// Somebody launches into a course.
    pub(crate) async fn launch(&self, course: &str, standing: Standing, name: &str, email: Option<&str>) -> Tab {
        self.launch_as(course, standing, name, email, |_| {}).await
    }

    /// The same with facts that differ in what `change` does to them.
    pub(crate) async fn launch_as(
        &self,
        course: &str,
        standing: Standing,
        name: &str,
        email: Option<&str>,
        change: impl FnOnce(&mut LaunchFacts),
    ) -> Tab {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let cookie = format!("cookie-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let mut facts = LaunchFacts {
            registration: self.registration,
            organisation: self.organisation,
            lti_deployment_id: "1".to_owned(),
            person: Some(PersonFacts {
                sub: name.to_owned(),
                name: name.to_owned(),
                email: email.map(|text| Address::parse(text).expect("an address")),
                locale: None,
                lms_id: None,
                sis_id: None,
                legacy_id: None,
            }),
            course: Some(CourseFacts {
                context_id: course.to_owned(),
                title: format!("Course {course}"),
                label: String::new(),
                memberships_url: None,
                lms_id: None,
                sis_id: None,
            }),
            link: None,
            content: None,
            grades: badgebridge::model::content::GradeFacts::default(),
            origins: Vec::new(),
            standing,
            also_learner: false,
            administers: false,
            test: false,
            locale: Some("en".to_owned()),
            framed: true,
        };
        change(&mut facts);
        let (now, csrf) = (self.clock.now(), random::token());
        let offer = SessionOffer {
            shown: None,
            fresh: digest::index_key(&cookie),
            csrf: csrf.clone(),
            idle_since: Timestamp::default(),
            begun_since: Timestamp::default(),
        };
        let keys = LaunchKeys {
            registration: self.registration,
            organisation: self.organisation,
            context_id: facts.course.as_ref().map(|course| course.context_id.clone()),
            sub: facts.person.as_ref().map(|person| person.sub.clone()),
            resource_link_id: None,
            session: None,
        };
        let seated = self
            .store
            .write(Durability::Launch, async move |tx| {
                let found = tx.spend_login([0; 32], &keys, now).await?;
                tx.seat_launch(found, &facts, &offer, now).await
            })
            .await
            .expect("a seat");
        let (registration, organisation) = (self.registration.uuid(), self.organisation.uuid());
        let name = format!("__Host-bb-seat-{}-{}", registration.simple(), organisation.simple());
        Tab {
            base: format!("/c/{}", seated.seat),
            csrf,
            course: seated.course.expect("a course"),
            member: seated.member.unwrap_or(MemberId::new(Uuid::nil())),
            cookie: format!("{name}={cookie}"),
        }
    }

    /// The badge as a later read of the Factory would bring it.
    pub(crate) async fn change_badge(&self, id: &str, change: impl FnOnce(&mut CatalogBadge)) {
        let (organisation, id) = (self.organisation, id.to_owned());
        let known = self
            .store
            .read_one(async |tx| tx.catalog_badge(organisation, &id).await)
            .await;
        let mut badge = known.expect("a read").expect("the badge is known");
        change(&mut badge);
        self.store
            .write(Durability::Full, async move |tx| {
                tx.put_catalog_badge(organisation, &badge, 1).await
            })
            .await
            .expect("the badge is kept");
    }

    pub(crate) async fn get(&self, tab: &Tab, path: &str) -> Page {
        let address = format!("{}{}{path}", self.url, tab.base);
        read(self.client.get(address).header("Cookie", &tab.cookie)).await
    }

    /// Opens an address as a redirection gave it.
    pub(crate) async fn follow(&self, tab: &Tab, location: &str) -> Page {
        read(
            self.client
                .get(format!("{}{location}", self.url))
                .header("Cookie", &tab.cookie),
        )
        .await
    }

    /// Posts fields with the session's secret.
    pub(crate) async fn post(&self, tab: &Tab, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut all = vec![("csrf", tab.csrf.as_str())];
        all.extend_from_slice(fields);
        self.post_plain(tab, path, &all, None).await
    }

    /// Posts fields as they are.
    pub(crate) async fn post_plain(&self, tab: &Tab, path: &str, fields: &[(&str, &str)], site: Option<&str>) -> Page {
        let address = format!("{}{}{path}", self.url, tab.base);
        let mut request = self.client.post(address).header("Cookie", &tab.cookie).form(fields);
        if let Some(site) = site {
            request = request.header("Sec-Fetch-Site", site);
        }
        read(request).await
    }

    /// Posts a form with a file.
    pub(crate) async fn post_file(&self, tab: &Tab, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Page {
        let mut body = Vec::new();
        let mut part = |head: &str, value: &[u8]| {
            body.extend_from_slice(format!("--bound\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        };
        part("name=\"csrf\"", tab.csrf.as_bytes());
        for (name, value) in fields {
            part(&format!("name=\"{name}\""), value.as_bytes());
        }
        part("name=\"csv\"; filename=\"people.csv\"\r\nContent-Type: text/csv", file);
        body.extend_from_slice(b"--bound--\r\n");
        let address = format!("{}{}{path}", self.url, tab.base);
        let request = self
            .client
            .post(address)
            .header("Cookie", &tab.cookie)
            .header("Content-Type", "multipart/form-data; boundary=bound")
            .body(body);
        read(request).await
    }
}

async fn read(request: reqwest::RequestBuilder) -> Page {
    let answer = request.send().await.expect("an answer");
    let location = answer.headers().get("Location").and_then(|value| value.to_str().ok());
    Page {
        status: answer.status().as_u16(),
        location: location.unwrap_or_default().to_owned(),
        body: answer.text().await.expect("a body"),
    }
}

async fn add_organisation(store: &Store, name: &str) -> OrganisationId {
    let id = OrganisationId::new(random::id_at(NOON));
    let new = Organisation {
        id,
        name: name.to_owned(),
        pasted: PastedAddresses::Domains,
        domains: Vec::new(),
    };
    store
        .write(Durability::Full, async move |tx| tx.add_organisation(&new, NOON).await)
        .await
        .expect("an organisation");
    id
}

async fn add_registration(store: &Store, organisation: OrganisationId, handle: &str) -> RegistrationId {
    let id = RegistrationId::new(random::id_at(NOON));
    let new = Registration {
        id,
        handle: handle.to_owned(),
        organisation: Some(organisation),
        lms: Lms::Generic,
        name: handle.to_owned(),
        issuer: "https://lms.marlowe.example".to_owned(),
        lti_client_id: handle.to_owned(),
        authorization_endpoint: "https://lms.marlowe.example/auth".to_owned(),
        token_endpoint: "https://lms.marlowe.example/token".to_owned(),
        jwks_uri: "https://lms.marlowe.example/jwks".to_owned(),
        token_audience: None,
        strict: false,
        anonymous: false,
        trust_email: false,
        lms_administrators: false,
        enabled: true,
        frame_origins: Vec::new(),
        allowed_networks: Vec::new(),
    };
    store
        .write(Durability::Full, async move |tx| tx.add_registration(&new, NOON).await)
        .await
        .expect("a registration");
    id
}

async fn add_badges(store: &Store, organisation: OrganisationId) {
    let badge = |id: &str, name: &str, draft: bool| CatalogBadge {
        id: id.to_owned(),
        name: name.to_owned(),
        description: "Works safely in a wet lab.".to_owned(),
        draft,
        gone: false,
        language: Some("en".to_owned()),
        validity: BadgeValidity::Months(12),
        message: BadgeMessage {
            subject: Some("Your badge".to_owned()),
            body: Some("Well done.".to_owned()),
            link_text: Some("Get it".to_owned()),
            footer: Some("Marlowe College".to_owned()),
        },
        picture: None,
        categories: Vec::new(),
        tags: Vec::new(),
        changed_at: None,
    };
    let badges = [
        badge("B-safety", "Lab Safety", false),
        badge("B-welcome", "<script>alert(1)</script>", false),
        badge("B-draft", "Unready", true),
    ];
    store
        .write(Durability::Full, async move |tx| {
            for badge in &badges {
                tx.put_catalog_badge(organisation, badge, 1).await?;
            }
            tx.finish_catalog(organisation, 1, true, NOON).await?;
            Ok::<_, StoreError>(())
        })
        .await
        .expect("badges");
}
