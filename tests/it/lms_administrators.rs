//! What an administrator of an LMS may do by a launch: their own registration's settings and deployments, where the
//! organisation switched that on; never anything of the Factory, another registration, another organisation or a course.
//! And what becomes of deployments that somebody refuses.

use badgebridge::model::{Lms as Family, Registration};
use badgebridge::sandbox::lms::{Dialect, LaunchSpec, Signer};
use badgebridge::store::audit::DeedFilter;
use badgebridge::store::{Durability, StoreError};
use serde_json::json;

use crate::feeds_pages::administrator;
use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::Desk;
use crate::support::world::{Setup, Tab, World, claim};

const COURSE: &str = "BIO-2010";
const SYSTEM: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator";
const TEACHER: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor";

/// A launch through a registration that the LMS signs for under another issuer, client, deployment and installation.
async fn launch_as(world: &World, row: &Registration, deployment: &str, guid: &str, role: &str) -> Answer {
    launch_in(world, &world.browser(), row, (deployment, guid), role).await
}

/// The same by an administrator of the LMS, in a tab.
async fn tab_as(world: &World, row: &Registration, deployment: &str, guid: &str) -> Tab {
    let browser = world.browser();
    let answer = launch_in(world, &browser, row, (deployment, guid), SYSTEM).await;
    let seat = world.seat(answer.seat()).await;
    Tab {
        url: format!("/c/{}", seat.id),
        browser,
        seat,
    }
}

async fn launch_in(
    world: &World,
    browser: &Browser,
    row: &Registration,
    (deployment, guid): (&str, &str),
    role: &str,
) -> Answer {
    let fields = [
        ("iss", row.issuer.as_str()),
        ("login_hint", "2"),
        ("client_id", row.lti_client_id.as_str()),
    ];
    let fields: Vec<(String, String)> = fields.map(|(name, value)| (name.into(), value.into())).to_vec();
    let answer = browser.post_from_elsewhere("/lti/login", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (state, nonce) = (answer.parameter("state").unwrap(), answer.parameter("nonce").unwrap());
    let mut claims = world.lms.claims(&LaunchSpec::new("admin", COURSE, &nonce));
    claims["iss"] = json!(row.issuer);
    claims["aud"] = json!(row.lti_client_id);
    claims["azp"] = json!(row.lti_client_id);
    claims[claim("roles")] = json!([role]);
    claims[claim("deployment_id")] = json!(deployment);
    claims[claim("tool_platform")]["guid"] = json!(guid);
    let token = world.lms.sign(&world.lms.header(), &claims, &Signer::Own);
    world.answer(browser, &state, &token).await
}

/// A registration under an issuer that its vendor's customers share.
fn vendors(world: &World, client: &str, organisation: Option<badgebridge::model::OrganisationId>) -> Registration {
    Registration {
        issuer: "https://canvas.instructure.com".to_owned(),
        lms: Family::Canvas,
        name: format!("Canvas {client}"),
        lms_administrators: true,
        ..world.second_registration(client, organisation)
    }
}

/// A deployment that nobody claimed yet; gives our id.
async fn waits(world: &World, row: &Registration, deployment: &str, guid: &str) -> String {
    let (now, registration) = (world.now(), row.id);
    let seen = badgebridge::store::installation::DeploymentSeen {
        id: badgebridge::model::DeploymentRowId::new(badgebridge::crypto::random::id_at(now)),
        registration,
        deployment_id: deployment.to_owned(),
        organisation: None,
        platform_guid: Some(guid.to_owned()),
        platform_name: Some("Campus".to_owned()),
    };
    let id = seen.id.to_string();
    let stored: Result<(), StoreError> = world
        .parts
        .store
        .write(Durability::Full, async move |tx| {
            tx.see_deployment(&seen, now).await?;
            tx.raise_settings_version().await
        })
        .await;
    stored.unwrap();
    world.deps.directory.follow(&world.parts.store).await.unwrap();
    id
}

/// What the audit log of the world's organisation names, by name: on SQLite's clock all happened at once.
async fn deeds(world: &World) -> Vec<String> {
    let organisation = world.organisation;
    let read = world
        .parts
        .store
        .read(async |tx| tx.deeds(organisation, &DeedFilter::default(), 50, 0).await);
    let mut all: Vec<String> = read.await.unwrap().into_iter().map(|deed| deed.action).collect();
    all.sort_unstable();
    all
}

on_both_databases! {
    async fn their_own_registration_and_its_deployments_are_theirs_and_nothing_else(database: Database) {
        let world = World::start(&database).await;
        let fernhill = world.organisation_called("Fernhill College").await;
        let second = world.second_registration("second", Some(world.organisation));
        let theirs = world.second_registration("theirs", Some(fernhill));
        world.register(&second, &["of-second"]).await;
        world.register(&theirs, &["of-theirs"]).await;
        let own = world.registration.clone();
        let ids = [
            waits(&world, &own, "ours-waits", "g").await,
            waits(&world, &second, "second-waits", "g").await,
            waits(&world, &theirs, "theirs-wait", "g").await,
        ];
        let admin = administrator(&world).await;
        let landed = admin.get("").await;
        assert!(landed.location().ends_with("/lms"), "{}", landed.location());
        let page = admin.get("/lms").await;
        assert_eq!(page.status, 200, "{}", page.body);
        for there in [&own.lti_client_id, "1 deployment waits", "Marlowe Polytechnic", &admin.url] {
            assert!(page.body.contains(there), "{there}: {}", page.body);
        }
        let waiting = admin.get("/deployments").await;
        assert!(waiting.body.contains("ours-waits"), "{}", waiting.body);
        for page in [&page, &waiting] {
            for foreign in ["second-waits", "theirs-wait", "of-theirs", "handle-second", "Fernhill", "/admin"] {
                assert!(!page.body.contains(foreign), "{foreign}: {}", page.body);
            }
        }

        // its settings, but not whether it launches and whom it lets in
        let refused = admin.post("/lms", &[("name", "")]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let fields = [("name", "Campus <b>"), ("anonymous", "1"), ("do", "off"), ("administrators", "")];
        assert_eq!(admin.post("/lms", &fields).await.status, 303);
        let known = world.registrations().await;
        let row = known.iter().find(|row| row.id == own.id).unwrap();
        let expected = Registration { name: "Campus <b>".to_owned(), anonymous: true, ..own.clone() };
        assert_eq!(*row, expected);
        assert!(admin.get("/lms?did=saved").await.body.contains("Saved."));

        // its deployments, within the organisation
        for (id, status) in [(&ids[1], 404), (&ids[2], 404), (&ids[0], 303)] {
            for does in ["refuse", "reopen", "claim"] {
                let answer = admin.post("/deployments", &[("deployment", id), ("do", does)]).await;
                assert_eq!(answer.status, status, "{does}: {}", answer.body);
            }
        }
        let row = world.deployment(&own, "ours-waits").await.unwrap();
        assert_eq!((row.organisation, row.refused_at), (Some(world.organisation), None));
        for (row, id) in [(&second, "second-waits"), (&theirs, "theirs-wait")] {
            assert!(world.deployment(row, id).await.unwrap().waits());
        }
        let done = ["deployment.claim", "deployment.refuse", "deployment.reopen", "registration.edit"];
        assert_eq!(deeds(&world).await, done);
        // a form of another's seat, or of nobody
        let forged = admin.browser.post(&format!("{}/lms", admin.url), &[("csrf", "guess"), ("name", "x")]).await;
        assert_eq!((forged.status, forged.reason().as_str()), (403, "foreign_form"));

        // no Factory, no administration, no operator's page, no course
        for path in ["/admin", "/admin/factory", "/admin/factory/disconnect", "/admin/lms", "/operator", "/admin/audit"] {
            assert_eq!(admin.browser.get(path).await.status, 401, "{path}");
            let sent = admin.browser.post(path, &[("csrf", &admin.seat.csrf)]).await;
            assert!(matches!(sent.status, 401 | 405), "{path}: {}", sent.status);
        }
        for path in ["/people", "/history", "/issue", "/rules", "/rules/new", "/applications", "/needs"] {
            assert_eq!(admin.get(path).await.status, 403, "{path}");
        }
        // and an operator's cookie opens no seat
        let operator = Desk::operator(&world).await;
        let foreign = operator.get(&format!("{}/lms", admin.url)).await;
        assert_eq!((foreign.status, foreign.reason().as_str()), (401, "foreign_seat"));

        // staff, learners: not theirs
        for person in ["teacher1", "assistant", "ada"] {
            let tab = world.launch(person, COURSE).await;
            for path in ["/lms", "/deployments"] {
                assert_eq!(tab.get(path).await.status, 403, "{person} {path}");
                let sent = tab.post(path, &[("name", "Hijacked"), ("deployment", &ids[0])]).await;
                assert_eq!(sent.status, 403, "{person} {path}");
            }
        }

        // switched off, at once and for the next launch: a plain page
        world.change_registration(|registration| registration.lms_administrators = false).await;
        for path in ["/lms", "/deployments", "/feeds"] {
            assert_eq!(admin.get(path).await.status, 403, "{path}");
        }
        assert_eq!(admin.post("/lms", &[("name", "x")]).await.status, 403);
        let plain = administrator(&world).await;
        assert!(plain.get("").await.location().ends_with("/my"));
        let page = plain.get("/my").await;
        assert!(page.status == 200 && !page.body.contains("/lms"), "{}", page.body);
        world.drain_jobs().await;
        world.finish().await;
    }

    async fn a_refused_deployment_is_remembered_and_its_people_are_told_whom_to_ask(database: Database) {
        let world = World::unconnected(&database).await;
        let own = vendors(&world, "own", Some(world.organisation));
        let shared = Registration {
            issuer: "https://blackboard.com".to_owned(),
            lms: Family::Blackboard,
            ..vendors(&world, "shared", None)
        };
        world.register(&own, &[]).await;
        world.register(&shared, &[]).await;
        let operator = Desk::operator(&world).await;
        operator.open(world.organisation).await;
        for (row, ask) in [(&own, "Marlowe Polytechnic"), (&shared, "the operator of this tool")] {
            let first = launch_as(&world, row, "d1", "g1", TEACHER).await;
            assert_eq!((first.status, first.reason().as_str()), (403, "deployment_pending"));
            let id = world.deployment(row, "d1").await.unwrap().id.to_string();
            assert!(operator.get("/operator").await.body.contains("1 deployment waits"));
            let refused = operator.post("/admin/deployments", &[("deployment", &id), ("do", "refuse")]).await;
            assert_eq!(refused.status, 303, "{}", refused.body);
            let page = operator.get(refused.location()).await;
            assert!(page.body.contains("No deployment waits.") && page.body.contains("Take the refusal back"));
            assert!(!operator.get("/operator").await.body.contains("deployment waits"));
            // seen again it does not wait anew
            for _ in 0..2 {
                let again = launch_as(&world, row, "d1", "g1", TEACHER).await;
                assert_eq!((again.status, again.reason().as_str()), (403, "deployment_refused"));
                assert!(again.body.contains(ask) && again.body.contains("Back to the course"), "{}", again.body);
            }
            assert!(!world.deployment(row, "d1").await.unwrap().waits());
            // twice, and something that is not there
            let twice = [("deployment", id.as_str()), ("do", "refuse")];
            let twice = operator.send("/admin/lms/new", "/admin/deployments", &twice).await;
            assert_eq!(twice.status, 404);
            // taken back it waits, and is claimed
            for does in ["reopen", "claim"] {
                let fields = [("deployment", id.as_str()), ("do", does)];
                let done = operator.send("/admin/lms/new", "/admin/deployments", &fields).await;
                assert_eq!(done.status, 303, "{does}");
            }
            launch_as(&world, row, "d1", "g1", TEACHER).await.seat();
        }
        // those of both registrations, since the operator looked at one organisation
        let done = ["deployment.claim", "deployment.refuse", "deployment.reopen"];
        assert_eq!(deeds(&world).await, done.map(|deed| [deed; 2]).concat());
        world.finish().await;
    }
}

#[tokio::test]
async fn through_a_shared_registration_they_decide_for_their_own_installation_alone() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let fernhill = world.organisation_called("Fernhill College").await;
        let shared = vendors(&world, "shared", None);
        world.register(&shared, &[]).await;
        for (deployment, guid, owner) in [("ours", "g1", world.organisation), ("fernhills", "g2", fernhill)] {
            waits(&world, &shared, deployment, guid).await;
            world.claim_deployment_for(&shared, deployment, owner).await;
        }
        let same = waits(&world, &shared, "same-installation", "g1").await;
        let other = waits(&world, &shared, "other-installation", "g2").await;
        let admin = tab_as(&world, &shared, "ours", "g1").await;
        let page = admin.get("/lms").await;
        assert!(page.body.contains("ours") && page.body.contains("only an operator changes it"));
        let list = admin.get("/deployments").await;
        assert!(list.body.contains("same-installation"), "{}", list.body);
        for page in [&page, &list] {
            for foreign in ["fernhills", "other-installation", "Fernhill", "Self-check"] {
                assert!(!page.body.contains(foreign), "{foreign}: {}", page.body);
            }
        }
        assert_eq!(admin.post("/lms", &[("name", "x")]).await.status, 403);
        let foreign = [("deployment", other.as_str()), ("do", "claim")];
        assert_eq!(admin.post("/deployments", &foreign).await.status, 404);
        let own = [("deployment", same.as_str()), ("do", "claim")];
        assert_eq!(admin.post("/deployments", &own).await.status, 303);
        let claimed = world.deployment(&shared, "same-installation").await.unwrap();
        assert_eq!(claimed.organisation, Some(world.organisation));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn open_edx_has_none_whatever_is_stored() {
    with_sqlite(async |database: Database| {
        let setup = Setup {
            dialect: Dialect::OpenEdx,
            family: Family::OpenEdx,
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        world
            .change_registration(|registration| registration.lms_administrators = true)
            .await;
        // the whole course team arrives as administrators of the system
        for tab in [administrator(&world).await, world.launch("teacher1", COURSE).await] {
            for path in ["/lms", "/deployments"] {
                assert_eq!(tab.get(path).await.status, 403, "{path}");
            }
            assert!(!tab.get("/help").await.body.contains("/lms\""));
        }
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let page = format!("/admin/lms/{}", world.registration.id);
        assert!(!desk.get(&page).await.body.contains("id=\"administrators\""));
        let fields = [("do", "keep"), ("name", "Open edX"), ("administrators", "1")];
        assert_eq!(desk.post(&page, &fields).await.status, 303);
        assert!(
            !world.registrations().await[0].lms_administrators,
            "the page does not switch it on either"
        );
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}
