//! Badges as grades: an item that owns a column, through the real server, worker and demo LMS.

use std::time::Duration;

use badgebridge::model::award::Intent;
use badgebridge::model::{MemberId, RequestId};
use badgebridge::sandbox::lms::{AGS_CLAIM, AGS_SCOPES, AgsMode, Dialect, LaunchSpec, Picking, PlacedItem};
use serde_json::json;

use crate::deep_linking::{badge, opened, placed};
use crate::support::boxed;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::{Setup, Tab, World};

const COURSE: &str = "BIO-2010";
/// Ada's id at the LMS.
const ADA: &str = "6";

/// A graded item of the badge, opened once by a teacher: the badge, the item, the teacher.
pub(super) async fn graded(world: &World) -> (String, PlacedItem, Tab) {
    let safety = badge(world, "Lab Safety").await;
    let chosen = [("item", format!("progress:{safety}")), ("graded", "yes".to_owned())];
    let chosen = [(chosen[0].0, chosen[0].1.as_str()), (chosen[1].0, chosen[1].1.as_str())];
    let item = placed(world, Picking::Many, &chosen).await.remove(0);
    let (teacher, _) = opened(world, "teacher1", COURSE, &item).await;
    world.wait_out().await;
    (safety, item, teacher)
}

pub(super) async fn learner(world: &World, item: &PlacedItem) -> MemberId {
    opened(world, "ada", COURSE, item).await.0.seat.member.unwrap()
}

pub(super) async fn earn(world: &World, teacher: &Tab, badge: &str, member: MemberId) -> RequestId {
    let request = world.issue_to_members(teacher, badge, &[member]).await;
    world.wait_out().await;
    assert_eq!(world.faces(request).await, ["aw-sent"]);
    request
}

pub(super) async fn revoke(world: &World, request: RequestId) {
    let award = world.award(request).await.id;
    assert!(world.stop(world.organisation, award, Intent::Revoke).await.is_some());
    world.wait_out().await;
    assert_eq!(world.faces(request).await, ["aw-revoked"]);
}

pub(super) fn score(world: &World) -> Option<f64> {
    world.lms.columns(COURSE).first().and_then(|column| column.score(ADA))
}

on_both_databases! {
    async fn earning_a_badge_is_a_grade_and_revoking_takes_it_back(database: Database) {
        let world = World::start(&database).await;
        let (safety, item, teacher) = graded(&world).await;
        let ada = learner(&world, &item).await;
        assert_eq!(score(&world), None);
        let request = earn(&world, &teacher, &safety, ada).await;
        assert_eq!(score(&world), Some(100.0));
        // news about others, and the item opened again: nothing is sent twice
        learner(&world, &item).await;
        let bjorn = opened(&world, "bjorn", COURSE, &item).await.0.seat.member.unwrap();
        earn(&world, &teacher, &safety, bjorn).await;
        assert_eq!(world.lms.score_log().len(), 2);
        revoke(&world, request).await;
        assert_eq!(score(&world), None, "taken back");
        let log = world.lms.score_log();
        assert_eq!(log.len(), 3);
        assert_eq!(log[0]["gradingProgress"], "FullyGraded");
        let second = |at: usize| log[at]["timestamp"].as_str().unwrap()[..19].to_owned();
        assert!(second(0) < second(2), "never two of one second: {log:?}");
        world.finish().await;
    }

    async fn a_badge_that_was_earned_before_counts_from_the_first_launch_on(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", COURSE).await;
        let ada = world.launch("ada", COURSE).await.seat.member.unwrap();
        let safety = badge(&world, "Lab Safety").await;
        earn(&world, &teacher, &safety, ada).await;
        graded(&world).await;
        assert_eq!(score(&world), Some(100.0));
        world.finish().await;
    }
}

#[tokio::test]
async fn on_moodle_scores_go_below_the_path_and_are_cleared() {
    with_sqlite(async |database: Database| {
        let setup = Setup {
            dialect: Dialect::Moodle,
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let (safety, item, teacher) = graded(&world).await;
        let ada = learner(&world, &item).await;
        let request = earn(&world, &teacher, &safety, ada).await;
        assert_eq!(score(&world), Some(100.0));
        revoke(&world, request).await;
        assert_eq!(score(&world), None);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn where_no_column_came_with_the_item_one_is_made_once() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let safety = badge(&world, "Lab Safety").await;
        let progress = format!("progress:{safety}");
        let item = placed(&world, Picking::Many, &[("item", &progress), ("graded", "yes")])
            .await
            .remove(0);
        world.lms.drop_columns(COURSE);
        let (teacher, _) = opened(&world, "teacher1", COURSE, &item).await;
        let ada = learner(&world, &item).await;
        world.wait_out().await;
        assert_eq!(world.lms.columns(COURSE), [], "nobody needs one yet");
        earn(&world, &teacher, &safety, ada).await;
        let columns = world.lms.columns(COURSE);
        assert_eq!(columns.len(), 1);
        assert!(
            !columns[0].coupled && columns[0].fields["resourceLinkId"] == json!(item.id),
            "{columns:?}"
        );
        assert_eq!(score(&world), Some(100.0));
        let bjorn = opened(&world, "bjorn", COURSE, &item).await.0.seat.member.unwrap();
        earn(&world, &teacher, &safety, bjorn).await;
        assert_eq!(world.lms.columns(COURSE).len(), 1, "the same one again");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_newer_score_of_a_teacher_is_left_alone() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let (safety, item, teacher) = graded(&world).await;
        let ada = learner(&world, &item).await;
        let column = world.lms.columns(COURSE)[0].id;
        let later = world.now().millis() + 3_600_000;
        world.lms.set_score(column, ADA, 55.0, later);
        let request = earn(&world, &teacher, &safety, ada).await;
        assert_eq!(score(&world), Some(55.0));
        world.advance(Duration::from_hours(2)).await;
        revoke(&world, request).await;
        assert_eq!(score(&world), Some(55.0), "not ours to clear");
        assert_eq!(world.lms.score_log().len(), 0);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_lms_that_is_away_gets_the_score_later() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let (safety, item, teacher) = graded(&world).await;
        let ada = learner(&world, &item).await;
        world.lms.ags_mode(AgsMode::Status(503));
        let request = world.issue_to_members(&teacher, &safety, &[ada]).await;
        world.drain_jobs().await;
        assert_eq!(
            world.faces(request).await,
            ["aw-sent"],
            "the badge does not wait for the grade"
        );
        assert_eq!(score(&world), None);
        world.lms.ags_mode(AgsMode::Normal);
        world.wait_out().await;
        assert_eq!(score(&world), Some(100.0));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn who_cannot_be_graded_holds_up_nobody() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let (safety, item, teacher) = graded(&world).await;
        let (ada, bjorn) = (
            learner(&world, &item).await,
            opened(&world, "bjorn", COURSE, &item).await.0.seat.member.unwrap(),
        );
        // the LMS forgot Bjorn, and a teacher is no learner: nothing is sent for her at all
        world.lms.remove_person(COURSE, "bjorn");
        for member in [bjorn, teacher.seat.member.unwrap(), ada] {
            earn(&world, &teacher, &safety, member).await;
        }
        assert_eq!(score(&world), Some(100.0));
        assert_eq!(world.lms.score_log().len(), 1);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn addresses_of_services_are_checked_before_anything_is_sent() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let (safety, item, teacher) = graded(&world).await;
        let inside = json!({
            "scope": AGS_SCOPES,
            "lineitems": "http://169.254.169.254/latest/lineitems",
            "lineitem": "http://169.254.169.254/latest/meta-data",
        });
        let spec = LaunchSpec::new("ada", COURSE, "")
            .item(&item.id)
            .with(AGS_CLAIM, inside);
        let ada = world.launch_at(spec).await;
        let tokens = world.lms.counters().token_requests;
        earn(&world, &teacher, &safety, ada).await;
        assert_eq!(world.lms.score_log().len(), 0, "nothing went out");
        assert!(world.lms.counters().token_requests <= tokens + 1);
        // the next launch names the right address again
        learner(&world, &item).await;
        world.wait_out().await;
        assert_eq!(score(&world), Some(100.0));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn scores_need_the_scope_that_the_launch_offers() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let (safety, item, teacher) = graded(&world).await;
        let column = badge_column(&world);
        let less = json!({"scope": [AGS_SCOPES[1]], "lineitem": column});
        let spec = LaunchSpec::new("ada", COURSE, "").item(&item.id).with(AGS_CLAIM, less);
        let ada = world.launch_at(spec).await;
        let tokens = world.lms.counters().token_requests;
        earn(&world, &teacher, &safety, ada).await;
        assert_eq!(
            world.lms.counters().token_requests,
            tokens,
            "no token is asked for in vain"
        );
        assert_eq!(score(&world), None);
        world.finish().await;
    })
    .await;
}

fn badge_column(world: &World) -> String {
    let column = world.lms.columns(COURSE).remove(0);
    format!("{}/lti/courses/2/lineitems/{}/lineitem", world.lms.url(), column.id)
}

impl World {
    /// A launch of a bent item; its person.
    async fn launch_at(&self, spec: LaunchSpec) -> MemberId {
        let browser = self.browser();
        let answer = boxed(self.try_launch(&browser, spec)).await;
        let rest = answer.location().strip_prefix("/c/").unwrap();
        let seat = rest.split('/').next().unwrap().parse().unwrap();
        self.seat(seat).await.member.unwrap()
    }
}
