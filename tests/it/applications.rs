//! Badge applications through the real server, worker, demo LMS and simulated Factory: applied for in the course, reviewed
//! in the course, each sent once and decided once whatever is lost.

mod reviewing;
mod sending;

use badgebridge::crypto::random;
use badgebridge::model::ContentId;
use badgebridge::model::application::Application;
use badgebridge::model::content::{Content, Shows};
use badgebridge::model::{CourseId, form::FormsShown};
use badgebridge::sandbox::factory::{BADGE_SAFETY, CLIENT, EARNABLE_REVIEW};
use badgebridge::store::{Durability, StoreError};

use crate::support::boxed;
use crate::support::browser::Answer;
use crate::support::world::{Tab, World};

const COURSE: &str = "BIO-2010";
const PDF: &[u8] = b"%PDF-1.7 proof";

/// Places a form in the course of a visitor, as deep linking would.
async fn place(world: &World, tab: &Tab, form: &str, badge: &str) {
    let content = Content {
        id: ContentId::new(random::id_at(world.now())),
        organisation: tab.seat.organisation,
        registration: tab.seat.registration,
        course: tab.seat.course,
        shows: Shows::Apply(form.to_owned()),
        title: "Apply".to_owned(),
        graded: false,
        applies_for: Some(badge.to_owned()),
        author: None,
    };
    boxed(async move {
        let (organisation, now) = (content.organisation, world.now());
        let stored: Result<(), StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                tx.add_content(organisation, &content, now).await
            })
            .await;
        stored.unwrap();
    })
    .await;
}

/// The learner's page of a form.
async fn page(tab: &Tab, form: &str) -> Answer {
    let answer = tab.get(&format!("/apply/{form}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

/// The one-time key in a page's form.
fn key(page: &Answer) -> String {
    let rest = page.body.split("name=\"key\" value=\"").nth(1);
    rest.unwrap_or_else(|| panic!("no form: {}", page.body))
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

/// Fills the form of Lab Safety in, with a file.
async fn apply(tab: &Tab, why: &str) -> Answer {
    let key = key(&page(tab, EARNABLE_REVIEW).await);
    let fields = [("key", key.as_str()), ("q0", why), ("attach", "1")];
    tab.post_files(
        &format!("/apply/{EARNABLE_REVIEW}"),
        &fields,
        &[("q1", "proof.pdf", PDF)],
    )
    .await
}

/// A learner of the course with a form in it, not applied yet.
async fn learner(world: &World, person: &str, form: &str, badge: &str) -> Tab {
    let tab = world.launch(person, COURSE).await;
    place(world, &tab, form, badge).await;
    tab
}

/// Somebody applied for Lab Safety in the course; the Factory has it.
pub(crate) async fn handed_in(world: &World, person: &str) -> Application {
    let tab = learner(world, person, EARNABLE_REVIEW, BADGE_SAFETY).await;
    let sent = apply(&tab, "I wore goggles.").await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    world.drain_jobs().await;
    own(world, &tab, EARNABLE_REVIEW).await.remove(0)
}

/// The visitor's applications with a form, the latest first.
async fn own(world: &World, tab: &Tab, form: &str) -> Vec<Application> {
    let (organisation, member) = (tab.seat.organisation, tab.seat.member.unwrap());
    boxed(async move {
        let read = world
            .parts
            .store
            .read_one(async |tx| tx.own_applications(organisation, member, form).await);
        read.await.unwrap()
    })
    .await
}

/// Chooses whose form the organisation's learners fill in.
async fn show_forms(world: &World, shown: FormsShown) {
    let organisation = world.organisation;
    boxed(async move {
        let stored = world.parts.store.write_one(Durability::Full, async move |tx| {
            tx.show_forms(organisation, shown).await
        });
        assert!(stored.await.unwrap());
    })
    .await;
}

/// How many applications wait for the staff of a course.
async fn waiting(world: &World, tab: &Tab) -> u64 {
    let (organisation, course): (_, CourseId) = (tab.seat.organisation, tab.seat.course.unwrap());
    boxed(async move {
        let count = world
            .parts
            .store
            .read_one(async |tx| tx.application_count(organisation, course).await);
        count.await.unwrap()
    })
    .await
}

/// Somebody decides on the Factory's own screen.
async fn sending_to(world: &World, application: &str, body: &serde_json::Value) {
    let path = format!("/v1/earnablebadge/{CLIENT}/{EARNABLE_REVIEW}/application/{application}");
    let request = factory_client(world).put(format!("{}{path}", world.factory.url()));
    let answer = request.body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 204);
}

/// Somebody fills the form in on the Factory's own page.
async fn applied_at_the_factory(world: &World, form: &str, address: &str) {
    let path = format!("/v1/earnablebadge/{CLIENT}/{form}/apply");
    let part = |(name, value): (&str, &str)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields = [("applicant", "Ada There"), ("email", address), ("why", "Typed there")];
    let body = fields.into_iter().map(part).collect::<String>() + "--edge--\r\n";
    let request = factory_client(world)
        .post(format!("{}{path}", world.factory.url()))
        .header("content-type", "multipart/form-data; boundary=edge");
    assert_eq!(request.body(body).send().await.unwrap().status(), 201);
}

pub(crate) fn factory_client(world: &World) -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(world.factory.ca_pem().as_bytes()).unwrap();
    let (certificate, key) = world.factory.issue_identity(CLIENT).unwrap();
    let identity = reqwest::Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([root])
        .identity(identity)
        .build()
        .unwrap()
}
