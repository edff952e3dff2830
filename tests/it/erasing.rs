//! A person is given everything that is stored about them, and erased: names and addresses are gone, no badge goes out
//! twice, and what is under way is settled first.

use std::time::Duration;

use badgebridge::awards::{erase, personal};
use badgebridge::model::MemberId;
use badgebridge::model::award::ERASED;
use badgebridge::sandbox::factory::{BADGE_SAFETY, BADGE_WELCOME, Fault, Plan};
use badgebridge::store::audit::DeedFilter;
use badgebridge::store::{Erasure, StoreError};
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::applications;
use crate::support::boxed;
use crate::support::database::{on_both_databases, with_sqlite};
use crate::support::office::Desk;
use crate::support::world::World;

const ADA: &str = "ada@campus.example";

async fn ask(world: &World, member: MemberId) {
    boxed(async move {
        let asked = erase::ask(
            &world.parts.store,
            world.organisation,
            member,
            "command line".to_owned(),
        );
        assert!(asked.await.unwrap());
    })
    .await;
}

async fn erasure(world: &World, member: MemberId) -> Erasure {
    let organisation = world.organisation;
    boxed(async move {
        let read = world
            .parts
            .store
            .read_one(async |tx| tx.erasure(organisation, member).await);
        read.await.unwrap().expect("it was asked for")
    })
    .await
}

/// Everything that is stored about somebody, as text.
async fn everything(world: &World, member: MemberId) -> String {
    boxed(async move {
        let all = personal::export(&world.parts.store, world.organisation, member).await;
        all.unwrap().expect("somebody").to_string()
    })
    .await
}

/// Who did what to this person.
async fn deeds(world: &World, member: MemberId) -> Vec<String> {
    let organisation = world.organisation;
    boxed(async move {
        let filter = DeedFilter {
            search: member.to_string(),
            ..DeedFilter::default()
        };
        let deeds = world
            .parts
            .store
            .read(async |tx| Ok::<_, StoreError>(tx.deeds(organisation, &filter, 50, 0).await?));
        let mut deeds: Vec<String> = deeds.await.unwrap().into_iter().map(|deed| deed.action).collect();
        // some are of one moment
        deeds.sort_unstable();
        deeds
    })
    .await
}

on_both_databases! {
    async fn who_is_erased_leaves_no_name_and_no_address_and_gets_nothing_twice(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let ada = world.launch("ada", "BIO-2010").await;
        let member = ada.seat.member.unwrap();
        let name = ada.seat.member_name.clone();
        assert!(!name.is_empty());
        applications::handed_in(&world, "ada").await;
        world.issue_to_members(&teacher, BADGE_SAFETY, &[member]).await;
        world.issue(&teacher, BADGE_WELCOME, &[ADA]).await;
        world.drain_jobs().await;
        // an administrator of another organisation finds nobody; ours gives the person everything
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let found = desk.get("/admin/members?search=ada%40campus").await;
        assert!(found.body.contains(&member.to_string()), "{}", found.body);
        let file = desk.get(&format!("/admin/members/{member}/data.json")).await;
        assert!(file.body.contains(ADA) && file.body.contains("I wore goggles."), "{}", file.body);
        let page = format!("/admin/members/{member}");
        let asked = desk.send(&format!("{page}/erase"), &format!("{page}/erase"), &[]).await;
        assert_eq!((asked.status, asked.location()), (303, format!("{page}?did=saved").as_str()));
        world.drain_jobs().await;
        assert!(erasure(&world, member).await.done_at.is_some());
        assert!(desk.get(&page).await.body.contains("were erased on"));
        let left = everything(&world, member).await;
        for gone in [ADA, name.as_str(), "goggles"] {
            assert!(!left.contains(gone), "{gone}: {left}");
        }
        assert!(left.contains(ERASED), "{left}");
        assert_eq!(deeds(&world, member).await, ["member.erase", "member.erased", "member.export"]);
        assert_eq!(ada.get("/my").await.status, 401, "the session ended");
        // the same badges to the same person, by number and by address, from here and through another LMS
        let again = world.launch("ada", "BIO-2010").await;
        assert_eq!(again.seat.member, Some(member));
        world.issue_to_members(&teacher, BADGE_SAFETY, &[member]).await;
        world.issue(&teacher, BADGE_SAFETY, &[ADA]).await;
        world.issue(&teacher, BADGE_WELCOME, &[ADA]).await;
        world.drain_jobs().await;
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 1);
        assert_eq!(world.times_held(ADA, BADGE_WELCOME), 1);
        world.finish().await;
    }

    async fn while_an_order_is_unsure_erasing_waits_for_its_settlement(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let member = world.launch("ada", "BIO-2010").await.seat.member.unwrap();
        world.factory.misbehave(Plan::next_issue(Fault::LostAnswer { unseen_for: Duration::ZERO }));
        let request = world.issue_to_members(&teacher, BADGE_SAFETY, &[member]).await;
        world.drain_jobs().await;
        ask(&world, member).await;
        world.drain_jobs().await;
        let award = world.award(request).await;
        assert_eq!((award.state.word(), award.address.as_deref()), ("sending", Some(ADA)), "the look needs it");
        assert!(erasure(&world, member).await.done_at.is_none());
        world.wait_out().await;
        let award = world.award(request).await;
        assert_eq!((award.state.word(), award.address, award.name.as_str()), ("issued", None, ""));
        assert!(erasure(&world, member).await.done_at.is_some());
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 1);
        world.finish().await;
    }

    async fn what_was_not_sent_is_withdrawn_before_erasing(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let member = world.launch("ada", "BIO-2010").await.seat.member.unwrap();
        world.factory.misbehave(Plan::next_issue(Fault::TooMany { retry_after: 600 }));
        let request = world.issue_to_members(&teacher, BADGE_SAFETY, &[member]).await;
        world.drain_jobs().await;
        assert_eq!(world.award(request).await.state.word(), "queued");
        ask(&world, member).await;
        world.wait_out().await;
        let award = world.award(request).await;
        assert_eq!((award.state.word(), award.address, award.name.as_str()), ("withdrawn", None, ""));
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 0);
        assert!(world.factory.mailbox().is_empty());
        world.finish().await;
    }
}

#[tokio::test]
async fn no_table_has_the_name_or_the_address_of_who_was_erased() {
    with_sqlite(async |database| {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let ada = world.launch("ada", "BIO-2010").await;
        let (member, name) = (ada.seat.member.unwrap(), ada.seat.member_name.clone());
        applications::handed_in(&world, "ada").await;
        world.issue_to_members(&teacher, BADGE_SAFETY, &[member]).await;
        world.issue(&teacher, BADGE_WELCOME, &[ADA]).await;
        world.drain_jobs().await;
        let begun = teacher.post("/issue", &[("badge", BADGE_WELCOME)]).await;
        let people = begun.location().strip_prefix(&teacher.url).unwrap().to_owned();
        teacher
            .post(people.split('?').next().unwrap(), &[("paste", ADA), ("do", "add")])
            .await;
        assert!(
            !told(&database.url, &[ADA, &name]).await.is_empty(),
            "the search sees nothing"
        );
        ask(&world, member).await;
        world.drain_jobs().await;
        assert_eq!(told(&database.url, &[ADA, &name]).await, Vec::<String>::new());
        world.finish().await;
    })
    .await;
}

/// The columns of the database that have one of these texts in them.
async fn told(url: &str, texts: &[&str]) -> Vec<String> {
    let options: sqlx::sqlite::SqliteConnectOptions = url.parse().unwrap();
    let mut conn = options.connect().await.unwrap();
    let columns = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    let columns: Vec<(String, String)> = sqlx::query_as(columns).fetch_all(&mut conn).await.unwrap();
    let mut found = Vec::new();
    for (table, column) in columns {
        for text in texts {
            let sql = format!(
                "SELECT COUNT(*) FROM \"{table}\" WHERE instr(lower(CAST(\"{column}\" AS TEXT)), lower($1)) > 0"
            );
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(*text)
                .fetch_one(&mut conn)
                .await
                .unwrap();
            if count > 0 {
                found.push(format!("{table}.{column}: {count}"));
            }
        }
    }
    found
}
