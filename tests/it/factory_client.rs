//! The Factory client against the simulated Factory over real mutual TLS: each call of the API with each of its
//! parameters, as the Factory receives it, and each status as the client understands it.

use std::sync::Arc;
use std::time::Duration;

use badgebridge::app::adapters::OverOutbound;
use badgebridge::clock::{ManualClock, Timestamp};
use badgebridge::config::Outbound;
use badgebridge::factory::{
    ApplicationStatus, Approval, ApprovalMethod, AttachEvidence, BadgeContent, BadgeFilter, BadgeId, ClientId,
    EarnableFilter, EarnableId, EventId, FactoryClient, FactoryError, FilledForm, Issue, IssueAnswer, MessageParts,
    OrganisationProfile, Part, PartContent, Recipient, Rejection, Sending, ValidityDefault,
};
use badgebridge::outbound::Client;
use badgebridge::sandbox::factory::{
    Aim, BADGE_SAFETY, BADGE_SHARED, CLIENT, EARNABLE_INSTANT, EARNABLE_PEER, EARNABLE_REVIEW, EARNABLE_SECRET,
    EARNABLE_SECRET_CODE, EarnableChange, Factory, Fault, Kind, Options, Plan,
};
use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

const START: Timestamp = Timestamp::from_seconds(1_900_000_000);

struct World {
    factory: Factory,
    client: FactoryClient,
    _folder: TempDir,
}

impl World {
    fn start() -> Self {
        let factory = Factory::start(Options {
            clock: Arc::new(ManualClock::at(START)),
            ..Options::default()
        })
        .unwrap();
        let folder = TempDir::new().unwrap();
        let roots = folder.path().join("ca.pem");
        std::fs::write(&roots, factory.ca_pem()).unwrap();
        let outbound = Outbound {
            proxy: None,
            extra_ca: Some(roots),
            allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
            connect: Duration::from_secs(5),
            call: Duration::from_secs(20),
            stall: Duration::from_secs(20),
        };
        let (certificate, key) = factory.issue_identity(CLIENT).unwrap();
        let client = Client::new(&outbound)
            .unwrap()
            .with_identity(certificate.as_bytes(), key.as_bytes())
            .unwrap();
        let transport = Arc::new(OverOutbound::new(client, &factory.url()));
        Self {
            client: FactoryClient::with_certificate(transport, ClientId::parse(CLIENT).unwrap()),
            factory,
            _folder: folder,
        }
    }

    async fn badge_ids(&self, filter: BadgeFilter) -> Vec<String> {
        let found = self.client.badges(&filter).await.unwrap().all().await.unwrap();
        found.into_iter().map(|badge| badge.id.as_str().to_owned()).collect()
    }

    async fn form_ids(&self, filter: EarnableFilter) -> Vec<String> {
        let found = self.client.earnables(&filter).await.unwrap().all().await.unwrap();
        found.into_iter().map(|form| form.id.as_str().to_owned()).collect()
    }

    /// The last request that wrote something: method, path, body.
    fn last_write(&self) -> (String, String, Value) {
        let last = self.factory.other_writes().pop().unwrap();
        (last.method, last.path, last.body)
    }
}

fn form(id: &str) -> EarnableId {
    EarnableId::parse(id).unwrap()
}

fn filled(address: &str) -> FilledForm {
    FilledForm {
        applicant: "Ada Example".into(),
        email: address.into(),
        attach_evidence: Some(true),
        secret_token: None,
        fields: vec![
            Part::text("why", "I did it.\nReally."),
            Part {
                name: "certificate".into(),
                content: PartContent::File {
                    name: "proof \"1\".pdf".into(),
                    media_type: "application/pdf".into(),
                    bytes: Bytes::from_static(b"%PDF-1.7\r\n--edge\r\n"),
                },
            },
            Part::text("email", "eve@learners.example"),
        ],
    }
}

#[tokio::test]
async fn badges_are_filtered_by_every_parameter() {
    let world = World::start();
    let all = BadgeFilter::default();
    assert_eq!(world.badge_ids(all.clone()).await.len(), 7);
    assert_eq!(world.badge_ids(BadgeFilter::published()).await.len(), 6);
    let drafts = BadgeFilter {
        draft: Some(true),
        ..all.clone()
    };
    assert_eq!(world.badge_ids(drafts).await.len(), 1);
    let narrow = BadgeFilter {
        draft: Some(false),
        categories: vec!["Safety".into(), "Onboarding".into()],
        ids: vec![BadgeId::parse(BADGE_SAFETY).unwrap(), BadgeId::parse("B0").unwrap()],
        query: Some("wet LAB".into()),
        metadata: vec![("level".into(), "introductory".into())],
        external: Some(true),
    };
    assert_eq!(world.badge_ids(narrow).await, [BADGE_SAFETY]);
    let shared = BadgeFilter {
        ids: vec![BadgeId::parse(BADGE_SHARED).unwrap()],
        external: Some(true),
        ..all
    };
    assert_eq!(world.badge_ids(shared).await, [BADGE_SHARED]);
    let categories = world.client.categories().await.unwrap();
    assert!(categories.contains(&"Digital skills".to_owned()), "{categories:?}");
}

#[tokio::test]
async fn a_badge_is_created_changed_and_deleted_with_everything_it_has() {
    let world = World::start();
    let content = BadgeContent {
        name: "Knots".into(),
        description: "Ties six knots.".into(),
        is_draft: true,
        picture: Some(b"\x89PNG\r\n\x1a\nrest".to_vec()),
        css: Some("p { margin: 0 }".into()),
        criteria_html: Some("<p>Tie six.</p>".into()),
        message: MessageParts {
            subject: Some("S".into()),
            body: Some("B".into()),
            link_text: Some("L".into()),
            footer: Some("F".into()),
        },
        expires: Some(12),
        tags: Some(vec!["rope".into()]),
        categories: Some(vec!["Outdoors".into()]),
        metadata: json!({"course": "SEA-1"}).as_object().cloned(),
    };
    let id = world.client.create_badge(&content).await.unwrap();
    let (method, path, body) = world.last_write();
    assert_eq!((method.as_str(), path), ("POST", format!("/v1/badge/{CLIENT}")));
    assert_eq!(body, content.to_json());
    let read = world.client.badge(&id).await.unwrap();
    assert_eq!(
        (read.name.as_str(), read.is_draft, read.tags),
        ("Knots", true, vec!["rope".to_owned()])
    );
    assert_eq!(
        (read.validity, read.message),
        (ValidityDefault::Months(12), content.message.clone())
    );
    assert_eq!(read.criteria_html.as_deref(), Some("<p>Tie six.</p>"));
    assert_eq!(read.metadata["course"], "SEA-1");

    let newer = BadgeContent {
        name: "More knots".into(),
        picture: None,
        is_draft: false,
        ..content
    };
    world.client.change_badge(&id, &newer).await.unwrap();
    let read = world.client.badge(&id).await.unwrap();
    assert_eq!((read.name.as_str(), read.is_draft), ("More knots", false));
    assert!(read.picture.is_some(), "kept");
    let nameless = BadgeContent::default();
    let refused = world.client.change_badge(&id, &nameless).await;
    assert!(matches!(refused, Err(FactoryError::Refused { status: 400, reason }) if reason.contains("name")));

    world.client.delete_badge(&id).await.unwrap();
    let (method, path, _) = world.last_write();
    assert_eq!((method.as_str(), path), ("DELETE", format!("/v1/badge/{CLIENT}/{id}")));
    assert!(matches!(
        world.client.badge(&id).await,
        Err(FactoryError::NotFound { .. })
    ));
    let foreign = world.client.delete_badge(&BadgeId::parse(BADGE_SHARED).unwrap()).await;
    assert!(matches!(foreign, Err(FactoryError::Forbidden { .. })));
    assert_eq!(world.badge_ids(BadgeFilter::default()).await.len(), 7);
    world.client.delete_all_badges_of_the_organisation().await.unwrap();
    assert!(world.badge_ids(BadgeFilter::default()).await.is_empty());
}

#[tokio::test]
async fn the_organisation_is_read_and_changed() {
    let world = World::start();
    let read = world.client.organisation().await.unwrap();
    assert_eq!(
        (read.name.as_str(), read.tier.as_deref()),
        ("Marlowe Polytechnic", Some("pro"))
    );
    let profile = OrganisationProfile {
        url: "https://new.example".into(),
        description: "New words".into(),
        email: "new@marlowe.example".into(),
        picture: Some(b"\x89PNG\r\n\x1a\nrest".to_vec()),
    };
    world.client.change_organisation(&profile).await.unwrap();
    let (method, path, body) = world.last_write();
    assert_eq!((method.as_str(), path), ("PUT", format!("/v1/client/{CLIENT}")));
    assert_eq!(body, profile.to_json());
    let read = world.client.organisation().await.unwrap();
    assert_eq!(
        (read.url.as_deref(), read.description.as_str()),
        (Some("https://new.example"), "New words")
    );
    assert!(read.picture.is_some());
    let empty = OrganisationProfile::default();
    assert!(matches!(
        world.client.change_organisation(&empty).await,
        Err(FactoryError::Refused { status: 400, .. })
    ));
}

#[tokio::test]
async fn forms_are_filtered_by_every_parameter_and_read_with_their_fields() {
    let world = World::start();
    let all = EarnableFilter::default();
    let mut ids = world.form_ids(all.clone()).await;
    ids.sort();
    assert_eq!(ids, [EARNABLE_INSTANT, EARNABLE_REVIEW, EARNABLE_PEER, EARNABLE_SECRET]);
    let narrow = EarnableFilter {
        badge_ids: vec![
            BadgeId::parse(BADGE_SAFETY).unwrap(),
            BadgeId::parse("B4Speaking01").unwrap(),
        ],
        approval_methods: vec![ApprovalMethod::Review, ApprovalMethod::Instant],
        visible: Some(true),
        ..all.clone()
    };
    assert_eq!(world.form_ids(narrow.clone()).await, [EARNABLE_REVIEW]);
    world.factory.change_earnable(
        EARNABLE_REVIEW,
        EarnableChange {
            visible: Some(false),
            window: Some((Some(1_900_000_100), Some(1_900_000_200))),
            ..EarnableChange::default()
        },
    );
    assert!(world.form_ids(narrow).await.is_empty());
    let of_an_alias = EarnableFilter {
        client_alias: Some("K1".into()),
        ..all
    };
    assert!(world.form_ids(of_an_alias).await.is_empty());

    let one = world.client.earnable(&form(EARNABLE_REVIEW)).await.unwrap();
    assert_eq!(
        (&one.approval_method, one.attach_evidence),
        (&ApprovalMethod::Review, AttachEvidence::Optional)
    );
    assert_eq!(
        (one.not_before, one.not_after),
        (Some(1_900_000_100), Some(1_900_000_200))
    );
    assert!(!one.is_visible && one.form_html.is_none());
    assert!(
        one.apply_url
            .unwrap()
            .ends_with(&format!("/c/earnablebadge/{EARNABLE_REVIEW}/apply"))
    );
    let with = world.client.earnable_with_form(&form(EARNABLE_REVIEW)).await.unwrap();
    assert!(with.form_html.unwrap().contains("name=\"why\""));
    assert!(matches!(
        world.client.earnable(&form("A0")).await,
        Err(FactoryError::NotFound { .. })
    ));
    let (review, ada) = (form(EARNABLE_REVIEW), filled("a@learners.example"));
    let closed = world.client.apply(&review, &ada, "edge7", Sending::default());
    assert!(matches!(closed.await, Err(FactoryError::Refused { status: 400, .. })));
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one application from its form to its badge, with every parameter"
)]
async fn an_application_is_handed_in_read_and_approved_with_every_parameter() {
    let world = World::start();
    let review = form(EARNABLE_REVIEW);
    let made = world
        .client
        .apply(&review, &filled("ada@learners.example"), "edge7Q", Sending::default())
        .await
        .unwrap();
    let id = made.expect("the simulator names it");
    let stored = world.factory.applications().remove(0);
    assert_eq!(
        (stored.applicant.as_str(), stored.email.as_str()),
        ("Ada Example", "ada@learners.example")
    );
    assert!(stored.attach_evidence);
    assert_eq!(stored.form_data["why"], "I did it.\nReally.");
    assert_eq!(stored.form_data["certificate"]["bytes"], 18);
    assert_eq!(stored.form_data.get("email"), None);

    let pending = ApplicationStatus::Pending;
    let found = world
        .client
        .applications(&review, Some(&pending))
        .await
        .unwrap()
        .all()
        .await
        .unwrap();
    assert_eq!(
        (found.len(), &found[0].id, found[0].email.as_str()),
        (1, &id, "ada@learners.example")
    );
    let approved = world
        .client
        .applications(&review, Some(&ApplicationStatus::Approved))
        .await
        .unwrap();
    assert!(approved.all().await.unwrap().is_empty());
    let one = world.client.application(&review, &id).await.unwrap();
    assert_eq!(
        (one.status, one.form_data["why"].as_str()),
        (pending, Some("I did it.\nReally."))
    );

    let approval = Approval {
        reviewer: "Rae Reviewer".into(),
        issued_on: Some(1_899_000_000),
        expires: Some(1_999_000_000),
        message: MessageParts {
            subject: Some("Yes".into()),
            body: Some("Well done.".into()),
            link_text: Some("Get it".into()),
            footer: Some("Marlowe".into()),
        },
        log_entry: json!({"order": "o-1"}).as_object().cloned(),
        api_consumer_id: Some("badgebridge".into()),
    };
    world
        .client
        .approve_application(&review, &id, &approval, Sending::default())
        .await
        .unwrap();
    let (method, path, body) = world.last_write();
    assert_eq!(method, "PUT");
    assert_eq!(
        path,
        format!("/v1/earnablebadge/{CLIENT}/{EARNABLE_REVIEW}/application/{id}")
    );
    assert_eq!(body, approval.to_json());
    let event = world.factory.events().remove(0);
    assert_eq!((event.issued_on, event.expires), (1_899_000_000, Some(1_999_000_000)));
    assert_eq!(
        (event.log_entry, event.api_consumer_id.as_str()),
        (json!({"order": "o-1"}), "badgebridge")
    );
    let mail = world.factory.mailbox().remove(0);
    let parts = [mail.subject, mail.body, mail.link_text, mail.footer];
    assert_eq!(parts, ["Yes", "Well done.", "Get it", "Marlowe"]);
    let one = world.client.application(&review, &id).await.unwrap();
    assert_eq!(
        (one.status, one.reviewer.as_deref()),
        (ApplicationStatus::Approved, Some("Rae Reviewer"))
    );
    assert_eq!(
        one.event_id.map(|event| event.as_str().to_owned()),
        Some(event.id.clone())
    );
    let again = world
        .client
        .approve_application(&review, &id, &approval, Sending::default())
        .await;
    assert!(
        matches!(again, Err(FactoryError::Refused { status: 400, .. })),
        "decided"
    );

    let event = EventId::parse(event.id).unwrap();
    let all = world
        .client
        .assertions(&event, &[""; 0])
        .await
        .unwrap()
        .all()
        .await
        .unwrap();
    assert_eq!(
        (all.len(), all[0].address(), all[0].is_accepted()),
        (1, "ada@learners.example", false)
    );
    assert!(all[0].json.as_deref().unwrap().contains("/v1/assertion/"));
    let other = world.client.assertions(&event, &["bo@learners.example"]).await.unwrap();
    assert!(other.all().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_application_is_rejected_with_a_message_or_without() {
    let world = World::start();
    let review = form(EARNABLE_REVIEW);
    for (address, message) in [
        (
            "ada@learners.example",
            Some(("Not yet".to_owned(), "Add the date.".to_owned())),
        ),
        ("bo@learners.example", None),
    ] {
        let made = world
            .client
            .apply(&review, &filled(address), "edge7", Sending::default())
            .await;
        let rejection = Rejection {
            reviewer: "Rae".into(),
            message,
        };
        let id = made.unwrap().unwrap();
        world
            .client
            .reject_application(&review, &id, &rejection, Sending::default())
            .await
            .unwrap();
        assert_eq!(world.last_write().2, rejection.to_json());
        let one = world.client.application(&review, &id).await.unwrap();
        assert_eq!(one.status, ApplicationStatus::Rejected);
    }
    let mails = world.factory.mailbox();
    assert_eq!(mails.len(), 1, "only with a message");
    assert_eq!(
        (mails[0].subject.as_str(), mails[0].body.as_str()),
        ("Not yet", "Add the date.")
    );
    let rejected = world
        .client
        .applications(&review, Some(&ApplicationStatus::Rejected))
        .await
        .unwrap();
    assert_eq!(rejected.all().await.unwrap().len(), 2);
    assert!(world.factory.events().is_empty());
}

#[tokio::test]
async fn claim_codes_and_instant_forms_issue_at_once() {
    let world = World::start();
    let mut wrong = filled("ada@learners.example");
    wrong.secret_token = Some("guess".into());
    let secret = form(EARNABLE_SECRET);
    let refused = world.client.apply(&secret, &wrong, "edge7", Sending::default()).await;
    assert!(matches!(refused, Err(FactoryError::Forbidden { reason }) if reason.contains("claim code")));
    let mut right = wrong;
    right.secret_token = Some(EARNABLE_SECRET_CODE.into());
    world
        .client
        .apply(&secret, &right, "edge7", Sending::default())
        .await
        .unwrap();
    world
        .client
        .apply(
            &form(EARNABLE_INSTANT),
            &filled("ada@learners.example"),
            "edge7",
            Sending::default(),
        )
        .await
        .unwrap();
    world
        .client
        .apply(
            &form(EARNABLE_PEER),
            &filled("ada@learners.example"),
            "edge7",
            Sending::default(),
        )
        .await
        .unwrap();
    let states: Vec<String> = world.factory.applications().into_iter().map(|one| one.status).collect();
    assert_eq!(states.iter().filter(|state| *state == "approved").count(), 2);
    assert_eq!(world.factory.events().len(), 2);
}

#[tokio::test]
async fn every_status_means_what_the_api_says() {
    let world = World::start();
    let badge = BadgeContent {
        name: "N".into(),
        description: "D".into(),
        ..BadgeContent::default()
    };
    let review = form(EARNABLE_REVIEW);
    let fault = |kind, fault| {
        world.factory.misbehave(Plan::Next {
            fault,
            times: 1,
            aim: Aim::Only(kind),
        });
    };
    for status in [404, 405, 411, 413, 500, 502, 504, 302] {
        fault(Kind::BadgeWrite, Fault::Status(status));
        let answer = world.client.create_badge(&badge).await.unwrap_err();
        let as_told = match status {
            404 => matches!(answer, FactoryError::NotFound { .. }),
            500.. => matches!(answer, FactoryError::Unavailable { status: told, .. } if told == status),
            _ => matches!(answer, FactoryError::Refused { status: told, .. } if told == status),
        };
        assert!(as_told, "{status}: {answer:?}");
    }
    fault(Kind::Earnable, Fault::TooMany { retry_after: 7 });
    let answer = world.client.earnable(&review).await;
    assert!(matches!(answer, Err(FactoryError::Busy { retry_after: Some(pause) }) if pause.as_secs() == 7));
    fault(Kind::Earnable, Fault::Closed { retry_after: 9 });
    let answer = world.client.applications(&review, None).await.unwrap_err();
    assert_eq!(answer.retry_after().map(|pause| pause.as_secs()), Some(9));
    for certificate in [Fault::CertificateInvalid, Fault::CertificateMissing] {
        fault(Kind::Organisation, certificate);
        let answer = world.client.organisation().await;
        assert!(matches!(answer, Err(FactoryError::Credential { .. })), "{answer:?}");
    }
    fault(Kind::Earnable, Fault::Status(403));
    let answer = world.client.earnable(&review).await;
    assert!(matches!(answer, Err(FactoryError::Forbidden { .. })));
    fault(Kind::BadgeWrite, Fault::NoLocation);
    let answer = world.client.create_badge(&badge).await;
    assert!(matches!(answer, Err(FactoryError::Unreadable { .. })));
}

#[tokio::test]
async fn a_lost_answer_may_have_been_carried_out() {
    let world = World::start();
    let review = form(EARNABLE_REVIEW);
    let lose = || {
        let unseen_for = Duration::ZERO;
        let fault = Fault::LostAnswer { unseen_for };
        world.factory.misbehave(Plan::Next {
            fault,
            times: 1,
            aim: Aim::Only(Kind::Earnable),
        });
    };
    lose();
    let answer = world
        .client
        .apply(&review, &filled("ada@learners.example"), "edge7", Sending::default())
        .await;
    assert!(matches!(answer, Err(FactoryError::Lost(_))), "{answer:?}");
    let id = world.factory.applications()[0].id.clone();
    let found = world
        .client
        .applications(&review, None)
        .await
        .unwrap()
        .all()
        .await
        .unwrap();
    assert_eq!(found[0].id.as_str(), id);
    lose();
    let (id, approval) = (&found[0].id, Approval::default());
    let approval = Approval {
        reviewer: "Rae".into(),
        ..approval
    };
    let answer = world
        .client
        .approve_application(&review, id, &approval, Sending::default())
        .await;
    assert!(matches!(answer, Err(FactoryError::Lost(_))), "{answer:?}");
    let read = world.client.application(&review, id).await.unwrap();
    assert_eq!(read.status, ApplicationStatus::Approved);
}

#[tokio::test]
async fn issuing_searching_and_revoking_go_through_the_same_client() {
    let world = World::start();
    let order = Issue {
        recipients: vec![Recipient::new("ada@learners.example", Some("Ada")).unwrap()],
        api_consumer_id: Some("badgebridge".into()),
        ..Issue::default()
    };
    let badge = BadgeId::parse(BADGE_SAFETY).unwrap();
    world.client.ping().await.unwrap();
    let IssueAnswer::Issued(event) = world.client.issue(&badge, &order, Sending::default()).await else {
        panic!("not issued");
    };
    assert_eq!(
        world
            .client
            .event(&event)
            .await
            .unwrap()
            .addresses()
            .collect::<Vec<_>>(),
        ["ada@learners.example"]
    );
    world.client.revoke(&event, &["ada@learners.example"]).await.unwrap();
    assert_eq!(world.client.revoked(&event).await.unwrap().len(), 1);
    let revoked = world
        .client
        .assertions(&event, &["ADA@learners.example"])
        .await
        .unwrap();
    assert_eq!(revoked.all().await.unwrap()[0].status, "revoked");
}
