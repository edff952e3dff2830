//! Connecting an organisation to its Factory by a page: each step's failure, the change from one certificate to the next.

use std::time::Duration;

use badgebridge::app::Parts;
use badgebridge::model::award::AwardState;
use badgebridge::model::connecting::ConnectKind;
use badgebridge::model::order::OrderState;
use badgebridge::model::{OrganisationId, RequestId};
use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, CLIENT, Fault, Kind, OTHER_CLIENT, Plan};
use badgebridge::store::{Durability, StoreError};

use crate::support::browser::Answer;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::Desk;
use crate::support::world::{Credential, Tab, World};

const PAGE: &str = "/admin/factory";
const DAY: Duration = Duration::from_hours(24);

/// Pastes a key at the world's Factory, as an operator does who names its address.
async fn paste(world: &World, desk: &Desk, key: &str) -> Answer {
    let url = world.factory.url();
    let fields = [("do", "key"), ("other", url.as_str()), ("key", key)];
    let sent = desk.post(PAGE, &fields).await;
    assert_eq!((sent.status, sent.location()), (303, PAGE), "{}", sent.body);
    desk.get(PAGE).await
}

async fn states(world: &World, organisation: OrganisationId) -> (Option<String>, Option<String>) {
    let read = world.parts.store.read(async |tx| {
        Ok::<_, StoreError>((
            tx.active_identity(organisation).await?,
            tx.pending_identity(organisation).await?,
        ))
    });
    let (active, pending) = read.await.unwrap();
    (
        active.map(|row| row.id.to_string()),
        pending.map(|row| row.id.to_string()),
    )
}

async fn answers(parts: &Parts, organisation: OrganisationId) -> bool {
    parts.connections.of(organisation).await.unwrap().ping().await.is_ok()
}

fn refuse_pings(world: &World, times: u32) {
    world.factory.misbehave(Plan::Next {
        fault: Fault::CertificateInvalid,
        times,
        aim: Aim::Only(Kind::Ping),
    });
}

on_both_databases! {
    async fn a_pasted_key_connects_and_a_new_certificate_takes_over_once_it_is_proven(database: Database) {
        let world = World::unconnected(&database).await;
        let organisation = world.organisation;
        let desk = Desk::operator(&world).await;
        desk.open(organisation).await;
        assert!(desk.get("/admin").await.body.contains("0 of 5 steps done"));
        let page = paste(&world, &desk, &world.factory.mint_api_key(CLIENT)).await;
        assert!(page.body.contains("Connected. The Factory answers."), "{}", page.body);
        let (first, _) = states(&world, organisation).await;
        assert!(first.is_some() && answers(&world.parts, organisation).await);
        assert!(desk.get("/admin").await.body.contains("1 of 5 steps done"));

        // a new one that the Factory does not answer to waits, and the first stays in use (enrolment has a ping of its own)
        refuse_pings(&world, 2);
        let page = paste(&world, &desk, &world.factory.mint_api_key(CLIENT)).await;
        assert!(page.body.contains("The test call failed"), "{}", page.body);
        assert!(page.body.contains("A new certificate waits"), "{}", page.body);
        let (active, pending) = states(&world, organisation).await;
        assert_eq!(active, first);
        assert!(pending.is_some());
        // it must answer three times
        refuse_pings(&world, 1);
        desk.post(PAGE, &[("do", "test")]).await;
        assert_eq!(states(&world, organisation).await.0, first);
        desk.post(PAGE, &[("do", "test")]).await;
        assert_eq!(states(&world, organisation).await, (pending, None));

        // for seven days the one before helps out, once for each call, and not after that
        for (wait, helps) in [(DAY, true), (DAY * 5, true), (DAY * 2, false)] {
            world.clock.advance(wait);
            if !world.parts.store.is_sqlite() {
                world.parts.store.move_clock(wait);
            }
            refuse_pings(&world, 1);
            assert_eq!(answers(&world.parts, organisation).await, helps, "{wait:?}");
        }
        refuse_pings(&world, 2);
        assert!(!answers(&world.parts, organisation).await, "once only");
        world.drain_jobs().await;
        world.finish().await;
    }
}

/// Asks for a badge whose order waits: the Factory refuses the certificate of the call that issues it.
async fn wait_for_factory(world: &World, tab: &Tab, person: &str) -> RequestId {
    world.factory.misbehave(Plan::Next {
        fault: Fault::CertificateInvalid,
        times: 2,
        aim: Aim::Only(Kind::Issue),
    });
    let request = world.issue(tab, BADGE_SAFETY, &[person]).await;
    world.drain_jobs().await;
    assert_eq!(world.order_state(request).await, OrderState::Ready);
    world.factory.misbehave(Plan::Calm);
    request
}

/// Where a Factory is disconnected.
const END: &str = "/admin/factory/disconnect";

on_both_databases! {
    async fn a_disconnected_factory_keeps_what_waits_and_the_next_connection_sends_it(database: Database) {
        let world = World::start(&database).await;
        let organisation = world.organisation;
        let tab = world.launch("teacher1", "BIO-2010").await;
        let desk = Desk::operator(&world).await;
        desk.open(organisation).await;
        // one that the Factory carried out without our knowing, one that waits
        world.factory.misbehave(Plan::next_issue(Fault::StatusAfterWork(500)));
        let unsure = world.issue(&tab, BADGE_SAFETY, &["noa@campus.example"]).await;
        world.drain_jobs().await;
        assert_eq!(world.order_state(unsure).await, OrderState::Unsure);
        let ada = wait_for_factory(&world, &tab, "ada@campus.example").await;

        let page = desk.get(END).await;
        for says in ["1 award was not sent yet", "1 order we do not know", "deleted here for good"] {
            assert!(page.body.contains(says), "{says}: {}", page.body);
        }
        // the name must be typed, and a choice made: else nothing happens
        for (name, queued) in [("", "keep"), ("marlowe polytechnic", "keep"), ("Marlowe Polytechnic", "")] {
            let fields = [("name", name), ("queued", queued), ("asked", "1")];
            let refused = desk.post(END, &fields).await;
            assert!(refused.status == 422 && refused.body.contains("There is a problem"), "{}", refused.body);
            assert!(answers(&world.parts, organisation).await);
        }
        let fields = [("name", "Marlowe Polytechnic"), ("queued", "keep"), ("asked", "1")];
        let ended = desk.post(END, &fields).await;
        assert_eq!((ended.status, ended.location()), (303, "/admin/factory?did=disconnected"), "{}", ended.body);
        let page = desk.get(ended.location()).await;
        assert!(page.body.contains("Disconnected.") && page.body.contains("1 award waits"), "{}", page.body);
        assert!(!page.body.contains("Test now") && page.body.contains("Nothing was tried yet."), "{}", page.body);

        // no identity is in use, and no secret of any is left
        assert_eq!(states(&world, organisation).await, (None, None));
        assert!(world.parts.connections.of(organisation).await.is_err());
        let last = world.parts.store.read_one(async |tx| tx.last_identity(organisation).await).await.unwrap();
        assert!(last.unwrap().sealed_secret.is_empty());
        let log = desk.get("/admin/audit?search=factory.disconnect").await;
        assert!(log.body.contains("factory.disconnect") && log.body.contains("Operator"), "{}", log.body);
        world.drain_jobs().await;
        assert_eq!(world.times_held("ada@campus.example", BADGE_SAFETY), 0);
        assert_eq!(world.order_state(ada).await, OrderState::Ready);

        // another client is refused: what waits names this one's badges
        let page = paste(&world, &desk, &world.factory.mint_api_key(OTHER_CLIENT)).await;
        assert!(page.body.contains("is another client of the Factory already"), "{}", page.body);
        // the same client is connected again: both go on, each once
        let page = paste(&world, &desk, &world.factory.mint_api_key(CLIENT)).await;
        assert!(page.body.contains("Connected. The Factory answers."), "{}", page.body);
        world.wait_out().await;
        for person in ["ada@campus.example", "noa@campus.example"] {
            assert_eq!(world.times_held(person, BADGE_SAFETY), 1, "{person}");
        }
        world.finish().await;
    }

    async fn what_waits_for_a_disconnected_factory_is_taken_back_where_a_person_says_so(database: Database) {
        let world = World::start(&database).await;
        let organisation = world.organisation;
        let tab = world.launch("teacher1", "BIO-2010").await;
        let desk = Desk::administrator(&world, organisation, "Claire Bouchard").await;
        let ada = wait_for_factory(&world, &tab, "ada@campus.example").await;
        let fields = [("name", "Marlowe Polytechnic"), ("queued", "withdraw"), ("asked", "1")];
        let ended = desk.post(END, &fields).await;
        assert!(desk.get(ended.location()).await.body.contains("1 award was taken back"), "{}", ended.body);
        assert_eq!(world.award(ada).await.state, AwardState::Withdrawn);
        assert_eq!(world.order_state(ada).await, OrderState::Withdrawn);
        // what is asked for afterwards waits, and can be taken back, too
        let noa = world.issue(&tab, BADGE_SAFETY, &["noa@campus.example"]).await;
        world.drain_jobs().await;
        let page = desk.get(END).await;
        assert!(page.body.contains("Take 1 award back"), "{}", page.body);
        assert_eq!(desk.post(END, &[("name", "no"), ("queued", "withdraw")]).await.status, 422);
        let done = desk.post(END, &fields).await;
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(world.award(noa).await.state, AwardState::Withdrawn);
        assert_eq!(desk.get(END).await.status, 404, "there is nothing left to end");
        world.connect(organisation, CLIENT, Credential::Certificate).await;
        world.wait_out().await;
        for person in ["ada@campus.example", "noa@campus.example"] {
            assert_eq!(world.times_held(person, BADGE_SAFETY), 0, "{person}");
        }
        world.finish().await;
    }
}

#[tokio::test]
async fn each_failure_is_told_at_its_step_and_stores_nothing() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let desk = Desk::operator(&world).await;
        desk.open(world.organisation).await;
        let key = world.factory.mint_api_key(CLIENT);
        let (head, rest) = key.split_at(100);
        let other = if rest.starts_with('A') { "B" } else { "A" };
        let foreign = format!("{head}{other}{}", &rest[1..]);
        for (key, says) in [
            ("this is no key!", "The key looks cut off."),
            (&key[..key.len() - 21], "The key looks cut off."),
            (&foreign, "This key was not made by"),
        ] {
            let page = paste(&world, &desk, key).await;
            assert!(page.body.contains(says), "{says}: {}", page.body);
            assert!(!page.body.contains(key), "a key is not shown again");
        }
        world.clock.advance(Duration::from_mins(11));
        let page = paste(&world, &desk, &key).await;
        assert!(
            page.body.contains("This API key is older than 10 minutes."),
            "{}",
            page.body
        );
        assert_eq!(states(&world, world.organisation).await, (None, None));
        assert!(desk.get("/admin").await.body.contains("Problem"));

        let fresh = world.factory.mint_api_key(CLIENT);
        paste(&world, &desk, &fresh).await;
        let page = paste(&world, &desk, &fresh).await;
        assert!(page.body.contains("This API key was used before."), "{}", page.body);
        let page = paste(&world, &desk, &world.factory.mint_api_key(OTHER_CLIENT)).await;
        assert!(
            page.body.contains("is another client of the Factory already"),
            "{}",
            page.body
        );

        let url = world.factory.url();
        for (fields, says) in [
            (vec![("do", "key"), ("other", url.as_str())], "Paste the API key."),
            (
                vec![("do", "key"), ("other", "http://x"), ("key", "x")],
                "Enter an address that begins",
            ),
            (
                vec![("do", "key"), ("host", "https://evil.example"), ("key", "x")],
                "There is a problem",
            ),
            (vec![("do", "secret"), ("other", url.as_str())], "There is a problem"),
        ] {
            let refused = desk.post(PAGE, &fields).await;
            assert_eq!(refused.status, 422, "{}", refused.body);
            assert!(refused.body.contains(says), "{says}: {}", refused.body);
        }
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn certificates_and_secrets_are_taken_over_and_a_client_has_one_organisation() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let other = world.organisation_called("Fernhill College").await;
        world.connect(other, OTHER_CLIENT, Credential::Certificate).await;
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let url = world.factory.url();
        let before = states(&world, world.organisation).await;
        let (certificate, key) = world.factory.issue_identity(CLIENT).unwrap();
        let fields = [
            ("do", "certificate"),
            ("host", url.as_str()),
            ("client_id", ""),
            ("certificate", certificate.as_str()),
            ("private", key.as_str()),
        ];
        assert_eq!(desk.post(PAGE, &fields).await.status, 303);
        let page = desk.get(PAGE).await;
        assert!(page.body.contains("Connected. The Factory answers."), "{}", page.body);
        assert!(!page.body.contains("PRIVATE KEY"), "{}", page.body);
        assert_ne!(states(&world, world.organisation).await, before);
        let secret = world.factory.client_secret(CLIENT).unwrap();
        let by_secret = |secret| {
            [
                ("do", "secret"),
                ("host", url.as_str()),
                ("client_id", CLIENT),
                ("secret", secret),
            ]
        };
        desk.post(PAGE, &by_secret("wrong")).await;
        let page = desk.get(PAGE).await;
        assert!(page.body.contains("The test call failed."), "{}", page.body);
        desk.post(PAGE, &by_secret(&secret)).await;
        let page = desk.get(PAGE).await;
        assert!(
            page.body.contains("Client secret") && !page.body.contains(&secret),
            "{}",
            page.body
        );
        // nobody learns who the other organisation is
        let fields = [
            ("do", "key"),
            ("host", url.as_str()),
            ("key", &world.factory.mint_api_key(OTHER_CLIENT)),
        ];
        desk.post(PAGE, &fields).await;
        let page = desk.get(PAGE).await;
        assert!(!page.body.contains("Fernhill"), "{}", page.body);
        assert!(
            !page.body.contains("name=\"other\""),
            "only operators name other addresses"
        );
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_try_that_is_under_way_is_shown_and_not_begun_twice() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let desk = Desk::operator(&world).await;
        desk.open(world.organisation).await;
        let (organisation, now) = (world.organisation, world.now());
        let begun: Result<bool, StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                let url = "https://factory.cancred.ca";
                tx.begin_connecting(organisation, ConnectKind::Key, url, now, now).await
            })
            .await;
        assert!(begun.unwrap());
        let page = paste(&world, &desk, &world.factory.mint_api_key(CLIENT)).await;
        assert!(page.body.contains("We are asking the Factory."), "{}", page.body);
        assert!(
            page.body.contains("http-equiv=\"refresh\""),
            "it looks again without script"
        );
        assert_eq!(states(&world, organisation).await, (None, None));
        world.clock.advance(Duration::from_mins(4));
        let page = desk.get(PAGE).await;
        assert!(page.body.contains("The work was interrupted."), "{}", page.body);
        let page = paste(&world, &desk, &world.factory.mint_api_key(CLIENT)).await;
        assert!(page.body.contains("Connected. The Factory answers."), "{}", page.body);
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_form_of_another_organisation_is_not_taken() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let other = world.organisation_called("Fernhill College").await;
        let desk = Desk::operator(&world).await;
        desk.open(world.organisation).await;
        let secret = crate::support::office::csrf(&desk.get(PAGE).await);
        // meanwhile, in another tab
        desk.open(other).await;
        let url = world.factory.url();
        let key = world.factory.mint_api_key(CLIENT);
        let fields = [("csrf", secret.as_str()), ("do", "key"), ("other", &url), ("key", &key)];
        let refused = desk.browser.post(PAGE, &fields).await;
        assert_eq!((refused.status, refused.reason().as_str()), (403, "foreign_form"));
        assert_eq!(states(&world, other).await, (None, None));
        world.finish().await;
    })
    .await;
}
