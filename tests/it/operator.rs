//! Signing in to the administration: one-time links, sessions of their own, and the pages of operators.

use std::time::Duration;

use badgebridge::model::OrganisationId;
use badgebridge::store::audit::DeedFilter;
use badgebridge::store::{Durability, StoreError};

use crate::support::browser::Answer;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::{Desk, administrator_link, csrf, operator_link};
use crate::support::world::World;

const COOKIE: &str = "__Host-bb-operator";
const PAGES: [&str; 3] = ["/operator", "/operator/health", "/operator/organisations"];

fn assert_refused(answer: &Answer, status: u16, reason: &str) {
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (status, reason),
        "{}",
        answer.body
    );
    assert_eq!(answer.cookies_set(), Vec::<&str>::new());
}

async fn names(world: &World) -> Vec<String> {
    let all = world.parts.store.read_one(async |tx| tx.organisations().await).await;
    all.unwrap().into_iter().map(|row| row.name).collect()
}

on_both_databases! {
    async fn a_link_signs_in_once_and_only_by_its_button(database: Database) {
        let world = World::unconnected(&database).await;
        let (browser, link) = (world.browser(), operator_link(&world).await);
        // who only looks at links spends none
        for _ in 0..3 {
            let page = browser.get(&link).await;
            assert_eq!((page.status, page.heading().as_str()), (200, "Sign in to Badgebridge"), "{}", page.body);
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        }
        assert!(browser.cookies().is_empty());
        let entered = browser.post(&link, &[]).await;
        assert_eq!((entered.status, entered.location()), (303, "/operator"));
        assert_eq!(entered.cookies_set(), [COOKIE]);
        for page in PAGES {
            assert_eq!(browser.get(page).await.status, 200, "{page}");
        }
        let begins = "A link for its administrator";
        assert!(browser.get("/operator").await.body.contains(begins), "what is left to do");
        administrator_link(&world, world.organisation, "Claire Bouchard").await;
        assert!(!browser.get("/operator").await.body.contains(begins), "nothing is left");
        let other = world.browser();
        assert_refused(&other.post(&link, &[]).await, 410, "link_spent");
        assert_refused(&other.get(&link).await, 410, "link_spent");
        assert_refused(&other.get("/operator/welcome/guess").await, 410, "link_spent");
        let late = operator_link(&world).await;
        world.advance(Duration::from_mins(31)).await;
        assert_refused(&other.post(&late, &[]).await, 410, "link_spent");
        for page in PAGES {
            assert_refused(&other.get(page).await, 401, "not_signed_in");
        }
        world.finish().await;
    }

    async fn sessions_end_by_themselves_and_by_signing_out(database: Database) {
        let world = World::unconnected(&database).await;
        let desk = Desk::operator(&world).await;
        // in use it lasts, up to its limit
        for _ in 0..11 {
            world.advance(Duration::from_mins(62)).await;
            assert_eq!(desk.get("/operator").await.status, 200);
        }
        world.advance(Duration::from_mins(62)).await;
        assert_refused(&desk.get("/operator").await, 401, "not_signed_in");
        let idle = Desk::operator(&world).await;
        world.advance(Duration::from_mins(121)).await;
        assert_refused(&idle.get("/operator").await, 401, "not_signed_in");
        let desk = Desk::operator(&world).await;
        let copied = desk.browser.cookies()[COOKIE].clone();
        let left = desk.send("/operator", "/operator/sign-out", &[]).await;
        assert_eq!((left.status, left.location()), (303, "/operator/goodbye"));
        assert_eq!(desk.get("/operator/goodbye").await.heading(), "You are signed out");
        assert!(desk.browser.cookies().is_empty());
        desk.browser.plant(COOKIE, &copied);
        assert_refused(&desk.get("/operator").await, 401, "not_signed_in");
        world.finish().await;
    }

    async fn an_administrator_whose_grant_is_taken_back_is_out_at_once(database: Database) {
        let world = World::unconnected(&database).await;
        let organisation = world.organisation;
        let (id, link) = administrator_link(&world, organisation, "Claire Bouchard").await;
        let page = world.browser().get(&link).await;
        assert!(page.body.contains("Claire Bouchard") && page.body.contains("Marlowe Polytechnic"), "{}", page.body);
        let desk = Desk::by(&world, &link).await;
        for page in PAGES {
            assert_refused(&desk.get(page).await, 403, "operators_only");
        }
        let stored: Result<bool, StoreError> = world.parts.store.write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.revoke_administrator(organisation, id, now).await
        }).await;
        assert!(stored.unwrap());
        assert_refused(&desk.get("/operator/preferences").await, 401, "not_signed_in");
        world.finish().await;
    }
}

#[tokio::test]
async fn no_other_site_signs_anybody_in_or_out() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (browser, link) = (world.browser(), operator_link(&world).await);
        for site in ["cross-site", "same-site", "none"] {
            let request = browser.request(reqwest::Method::POST, &link);
            let answer = browser.send(request.header("Sec-Fetch-Site", site)).await;
            assert_refused(&answer, 403, "foreign_form");
        }
        for origin in [None, Some("null"), Some("https://evil.example")] {
            let mut request = browser.request(reqwest::Method::POST, &link);
            if let Some(origin) = origin {
                request = request.header("Origin", origin);
            }
            assert_refused(&browser.send(request).await, 403, "foreign_form");
        }
        // nothing of that spent the link; an old browser names our own origin
        let request = browser.request(reqwest::Method::POST, &link);
        let origin = world.deps.public_url.origin();
        let entered = browser.send(request.header("Origin", origin)).await;
        assert_eq!(entered.status, 303, "{}", entered.body);
        let desk = Desk { browser };
        let secret = csrf(&desk.get("/operator").await);
        for (site, fields) in [
            ("cross-site", vec![("csrf", secret.as_str())]),
            ("same-origin", vec![]),
            ("same-origin", vec![("csrf", "guess")]),
        ] {
            for path in ["/operator/sign-out", "/operator/organisations", "/operator/preferences"] {
                let request = desk.browser.request(reqwest::Method::POST, path).form(&fields);
                let answer = desk.browser.send(request.header("Sec-Fetch-Site", site)).await;
                assert_refused(&answer, 403, "foreign_form");
            }
        }
        assert_eq!(desk.get("/operator").await.status, 200);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_not_taken_over() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let attacker = Desk::operator(&world).await;
        let planted = attacker.browser.cookies()[COOKIE].clone();
        let victim = world.browser();
        victim.plant(COOKIE, &planted);
        let entered = victim.post(&operator_link(&world).await, &[]).await;
        assert_eq!(entered.status, 303);
        assert_ne!(victim.cookies()[COOKIE], planted);
        assert_refused(&attacker.get("/operator").await, 401, "not_signed_in");
        // neither does an invented one come to life
        let other = world.browser();
        other.plant(COOKIE, "invented");
        assert_refused(&other.get("/operator").await, 401, "not_signed_in");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn courses_and_administration_do_not_open_each_other() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let tab = world.launch("teacher1", "BIO-2010").await;
        for page in PAGES {
            assert_refused(&tab.browser.get(page).await, 401, "not_signed_in");
        }
        // not even when the one's secret stands in the other's cookie
        for value in tab.browser.cookies().into_values().collect::<Vec<_>>() {
            let browser = world.browser();
            browser.plant(COOKIE, &value);
            assert_refused(&browser.get("/operator").await, 401, "not_signed_in");
        }
        let desk = Desk::operator(&world).await;
        assert_eq!(desk.get(&tab.url).await.status, 401);
        let value = desk.browser.cookies()[COOKIE].clone();
        for name in tab.browser.cookies().into_keys() {
            desk.browser.plant(&name, &value);
        }
        assert_eq!(desk.get(&tab.url).await.status, 401);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn organisations_are_added_renamed_and_kept_apart_by_name() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let desk = Desk::operator(&world).await;
        let list = "/operator/organisations";
        let added = desk.post(list, &[("do", "add"), ("name", " Fernhill College ")]).await;
        assert_eq!((added.status, added.location()), (303, "/admin"));
        assert_eq!(names(&world).await, ["Fernhill College", "Marlowe Polytechnic"]);
        for (name, says) in [
            ("Fernhill College", "There is an organisation of this name already"),
            ("  ", "Enter a name of 1 to 200 characters"),
        ] {
            let refused = desk.post(list, &[("do", "add"), ("name", name)]).await;
            assert_eq!(refused.status, 422);
            assert!(refused.body.contains(says), "{}", refused.body);
        }
        let id = world.organisation.to_string();
        let rename = |name| [("do", "rename"), ("organisation", id.as_str()), ("name", name)];
        let taken = desk.post(list, &rename("Fernhill College")).await;
        assert_eq!(taken.status, 422, "{}", taken.body);
        let renamed = desk.post(list, &rename("Marlowe <b>University</b>")).await;
        assert_eq!(renamed.status, 303);
        let page = desk.get(renamed.location()).await;
        assert!(
            page.body.contains("Saved.") && !page.body.contains("<b>University"),
            "{}",
            page.body
        );
        let unknown = [("do", "open"), ("organisation", "01900000-0000-7000-8000-000000000000")];
        assert_refused(&desk.post(list, &unknown).await, 404, "not_found");
        let organisation: OrganisationId = world.organisation;
        let deeds = world
            .parts
            .store
            .read(async |tx| tx.deeds(organisation, &DeedFilter::default(), 10, 0).await);
        let deeds = deeds.await.unwrap();
        let deed = deeds.iter().find(|deed| deed.action == "organisation.rename").unwrap();
        assert_eq!(deed.actor, "operator");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn language_and_appearance_are_kept_and_lead_back_to_our_pages_alone() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let desk = Desk::operator(&world).await;
        for (back, to) in [
            ("/operator/health", "/operator/health?did=preferences"),
            ("//evil.example", "/operator?did=preferences"),
            ("/operator/../c/x", "/operator?did=preferences"),
            ("https://evil.example/operator", "/operator?did=preferences"),
        ] {
            let fields = [("language", "fr"), ("theme", "dark"), ("back", back)];
            let kept = desk.send("/operator", "/operator/preferences", &fields).await;
            assert_eq!((kept.status, kept.location()), (303, to));
        }
        let page = desk.get("/operator").await;
        assert!(
            page.body.contains("lang=\"fr\"") && page.body.contains("data-theme=\"dark\""),
            "{}",
            page.body
        );
        world.finish().await;
    })
    .await;
}
