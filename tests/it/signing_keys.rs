//! The tool's own signing key over time: the next one is published before it signs, the earlier one stays for a while.

use std::time::Duration;

use badgebridge::app::Parts;
use badgebridge::sandbox::lms::Picking;
use badgebridge::store::{Durability, StoreError};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::deep_linking::{open, press};
use crate::support::boxed;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::Desk;
use crate::support::world::{Setup, World};

const COURSE: &str = "BIO-2010";
const HOUR: Duration = Duration::from_hours(1);
const PAGE: &str = "/operator/keys";

/// The ids of the published keys, the newest first.
async fn published(world: &World) -> Vec<String> {
    let answer = world.browser().get("/.well-known/jwks.json").await;
    let set: Value = serde_json::from_str(&answer.body).unwrap();
    let keys = set["keys"].as_array().unwrap();
    for key in keys {
        let mut members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"], "and nothing private");
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The key that signs a reply to the LMS's request to place something.
async fn signs_replies(world: &World) -> String {
    let (tab, _) = open(world, "teacher1", Picking::One).await;
    let reply = press(&tab, &[("do", "cancel")]).await;
    let token = reply.body.split("name=\"JWT\" value=\"").nth(1);
    let token = token.unwrap_or_else(|| panic!("{}", reply.body));
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// The key that signs what asks the LMS for a token: it reads our key set to check it.
async fn signs_assertions(world: &World) -> String {
    let teacher = world.launch("teacher1", COURSE).await;
    let before = world.lms.assertion_kids().len();
    world.queue_roster(teacher.seat.course.unwrap()).await;
    world.drain_jobs().await;
    let kids = world.lms.assertion_kids();
    assert_eq!(kids.len(), before + 1, "a token was asked for and given");
    kids.last().unwrap().clone()
}

async fn assert_signer(world: &World, kid: &str) {
    assert_eq!(signs_replies(world).await, kid);
    // tokens that were given are used for an hour
    assert_eq!(signs_assertions(world).await, kid);
}

on_both_databases! {
    async fn a_new_key_signs_after_a_day_and_the_old_one_is_published_for_two_more(database: Database) {
        let world = World::start(&database).await;
        let old = published(&world).await;
        assert_eq!(old.len(), 1);
        let old = old[0].clone();
        assert_signer(&world, &old).await;

        let rotation = boxed(world.parts.rotate_signing("command line")).await.unwrap();
        let new = rotation.kid.clone();
        assert!(rotation.is_new && new != old);
        assert_eq!(published(&world).await, [new.clone(), old.clone()], "at once");
        world.advance(2 * HOUR).await;
        assert_signer(&world, &old).await;
        // PostgreSQL's clock goes on by itself meanwhile
        let a_while = Duration::from_mins(10);
        world.advance((22 * HOUR).saturating_sub(a_while)).await;
        assert_eq!(signs_replies(&world).await, old, "until the day is over");
        world.advance(2 * a_while).await;
        assert_signer(&world, &new).await;
        assert_eq!(published(&world).await, [new.clone(), old.clone()]);
        world.advance((48 * HOUR).saturating_sub(2 * a_while)).await;
        assert_eq!(published(&world).await, [new.clone(), old.clone()]);
        world.advance(2 * a_while).await;
        assert_eq!(published(&world).await, std::slice::from_ref(&new));
        // and then housekeeping deletes it
        for (longer, deleted) in [(HOUR, 0), (Duration::ZERO, 1), (Duration::ZERO, 0)] {
            let relieved = world.now().minus(48 * HOUR + longer);
            let gone = world.parts.store
                .write_one(Durability::Full, async move |tx| tx.forget_signing_keys(relieved).await).await;
            assert_eq!(gone.unwrap(), deleted);
        }
        let rows = world.parts.store.read_one(async |tx| tx.signing_keys().await).await.unwrap();
        assert_eq!(rows.into_iter().map(|row| row.kid).collect::<Vec<_>>(), std::slice::from_ref(&new));
        assert_signer(&world, &new).await;
        world.finish().await;
    }

    async fn pressing_twice_makes_one_key_and_every_process_learns_of_it(database: Database) {
        let world = World::unconnected(&database).await;
        let other = boxed(Parts::open(world.parts.config.clone(), world.clock.clone())).await.unwrap();
        let desk = Desk::operator(&world).await;
        let before = desk.get(PAGE).await;
        assert!(before.body.contains("Make a new key"), "{}", before.body);
        let secret = crate::support::office::csrf(&before);
        let fields = [("csrf", secret.as_str()), ("do", "rotate")];
        let (one, two) = tokio::join!(desk.browser.post(PAGE, &fields), desk.browser.post(PAGE, &fields));
        assert_eq!((one.status, two.status), (303, 303));
        let after = desk.get(PAGE).await;
        assert!(after.body.contains("Signs from") && !after.body.contains("Make a new key"), "{}", after.body);
        let unknown = [("csrf", secret.as_str()), ("do", "explode")];
        assert_eq!(desk.browser.post(PAGE, &unknown).await.status, 400);
        // and by command at the same time
        let again = boxed(other.rotate_signing("command line")).await.unwrap();
        assert!(!again.is_new);
        let set = published(&world).await;
        assert_eq!(set.len(), 2);
        assert_eq!(set[0], again.kid);
        // another process reads it again, as each does every second
        boxed(other.follow_signing_keys()).await.unwrap();
        let now = world.now().seconds();
        assert_eq!(
            serde_json::to_value(other.identity.signing.keys().published(now)).unwrap(),
            serde_json::to_value(world.deps.signing_keys.published(now)).unwrap()
        );
        let deeds: Result<Vec<String>, StoreError> = world.parts.store
            .read(async |tx| Ok(tx.signing_keys().await?.into_iter().map(|row| row.kid).collect())).await;
        assert_eq!(deeds.unwrap().len(), 2);
        // a day later there may be another
        world.advance(25 * HOUR).await;
        let third = boxed(world.parts.rotate_signing("command line")).await.unwrap();
        assert!(third.is_new);
        let set = published(&world).await;
        assert_eq!(set.len(), 3, "{set:?}");
        other.store.close().await;
        world.finish().await;
    }
}

#[tokio::test]
async fn the_times_of_a_rotation_are_settings() {
    with_sqlite(async |database: Database| {
        let setup = Setup {
            credential: crate::support::world::Credential::Nothing,
            settings: vec![("keys.announce_ms", "60000".into()), ("keys.stay_ms", "120000".into())],
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let old = published(&world).await.remove(0);
        let new = boxed(world.parts.rotate_signing("command line")).await.unwrap().kid;
        world.advance(Duration::from_secs(61)).await;
        assert_eq!(signs_replies(&world).await, new);
        assert_eq!(published(&world).await, [new.clone(), old]);
        world.advance(Duration::from_mins(2)).await;
        assert_eq!(published(&world).await, [new]);
        world.finish().await;
    })
    .await;
}
