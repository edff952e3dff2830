//! What pages read about awards, on both databases: the right rows, and nobody else's.

use badgebridge::awards::issue;
use badgebridge::crypto::random;
use badgebridge::model::award::{Face, Intent};
use badgebridge::model::order::Timing;
use badgebridge::model::{CourseId, MemberId, OrganisationId};
use badgebridge::store::attempt::AttemptKind;
use badgebridge::store::award_views::{HistoryFilter, HistoryGroup, HistorySort};

use crate::support::awards_world::{BADGE, World, execute};
use crate::support::database::on_both_databases;
use crate::support::model_factory::Mishap;

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";
const EVE: &str = "eve@example.org";

on_both_databases! {
    async fn a_request_shows_its_progress(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), None, Some(BOB)], Timing::default(), 1).await;
        world.factory.refuse(BOB);
        let request = world.press("form", &[1, 2, 3], &[EVE]).await;
        let organisation = world.organisation;
        let before = world.store.read(async |tx| tx.request_head(organisation, request).await).await.unwrap().unwrap();
        assert_eq!((before.people, before.made), (4, 0));
        assert_eq!(before.author.as_deref(), Some("Person 0"));
        world.settle().await;
        let head = world.store.read(async |tx| tx.request_head(organisation, request).await).await.unwrap().unwrap();
        assert_eq!(head.made, 4);
        let counts = world.store.read(async |tx| tx.request_counts(organisation, request).await).await.unwrap();
        assert_eq!(counts, [(Face::NoEmail, 1), (Face::Sent, 2), (Face::Failed, 1)]);
        let lines = world.store.read(async |tx| tx.request_lines(organisation, request, 2, 0).await).await.unwrap();
        let faces: Vec<Face> = lines.iter().map(|line| line.face).collect();
        assert_eq!(faces, [Face::NoEmail, Face::Failed], "what needs a person comes first");
        assert_eq!(lines[0].address, None);
        let rest = world.store.read(async |tx| tx.request_lines(organisation, request, 9, 2).await).await.unwrap();
        assert_eq!(rest.len(), 2);
        let again = world.press("again", &[1], &[]).await;
        world.settle().await;
        let lines = world.store.read(async |tx| tx.request_lines(organisation, again, 9, 0).await).await.unwrap();
        assert!(lines[0].existing, "it was there already");
        let course = world.course;
        let newest = world.store.read(async |tx| tx.course_requests(organisation, course, 5).await).await.unwrap();
        assert_eq!(newest.len(), 2);
    }

    async fn a_name_of_any_alphabet_is_found_whatever_its_case(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 50).await;
        world.press("form", &[1, 2], &[]).await;
        world.settle().await;
        let rename = "UPDATE award SET name = 'Åsa Öberg', search = 'åsa öberg' WHERE address = 'ada@example.org'";
        execute(&database.url, rename.to_owned()).await;
        let (organisation, course) = (world.organisation, world.course);
        for typed in ["Åsa", "åsa", "ÖBERG", "ADA EXAMPLE"] {
            let filter = HistoryFilter { person: Some(typed.to_owned()), names_only: true, ..HistoryFilter::default() };
            let found = world.store.read(async |tx| tx.course_history_count(organisation, course, &filter).await).await;
            assert_eq!(found.unwrap(), 1, "{typed}");
        }
    }

    async fn a_history_is_filtered_sorted_and_paged(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), None, Some(BOB)], Timing::default(), 50).await;
        world.press("form", &[1, 2, 3], &[EVE]).await;
        world.settle().await;
        let (organisation, course) = (world.organisation, world.course);
        let count = async |filter: &HistoryFilter| {
            world.store.read(async |tx| tx.course_history_count(organisation, course, filter).await).await.unwrap()
        };
        let any = HistoryFilter::default();
        assert_eq!(count(&any).await, 4);
        let sent = HistoryFilter { group: Some(HistoryGroup::Sent), ..any.clone() };
        assert_eq!(count(&sent).await, 3);
        let waiting = HistoryFilter { group: Some(HistoryGroup::Held), ..any.clone() };
        assert_eq!(count(&waiting).await, 1);
        let person = HistoryFilter { person: Some("EVE@".to_owned()), ..any.clone() };
        assert_eq!(count(&person).await, 1);
        let other_badge = HistoryFilter { badge_id: Some("B2".to_owned()), ..any.clone() };
        assert_eq!(count(&other_badge).await, 0);
        let now = world.store.now().await.unwrap();
        assert_eq!(count(&HistoryFilter { from: Some(now), ..any.clone() }).await, 0);
        assert_eq!(count(&HistoryFilter { until: Some(now), ..any.clone() }).await, 4);
        for sort in [HistorySort::NewestFirst, HistorySort::OldestFirst, HistorySort::Person, HistorySort::Badge] {
            let page = async |offset| {
                world
                    .store
                    .read(async |tx| tx.course_history(organisation, course, &any, sort, 3, offset).await)
                    .await
                    .unwrap()
            };
            let (first, second) = (page(0).await, page(3).await);
            assert_eq!((first.len(), second.len()), (3, 1), "{sort:?}");
            assert!(first.iter().all(|line| line.id != second[0].id), "{sort:?}");
        }
    }

    async fn an_award_tells_each_try(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::LostAfter(1_000)]);
        world.press("form", &[1], &[]).await;
        world.settle().await;
        let (organisation, course) = (world.organisation, world.course);
        let award = world.awards().await[0].id;
        let by = Some(world.members[0]);
        issue::stop(&world.store, organisation, award, Intent::Revoke, by, Some("a slip".to_owned())).await.unwrap();
        world.settle().await;
        let story = world.store.read(async |tx| tx.award_story(organisation, course, award).await).await.unwrap().unwrap();
        let kinds: Vec<AttemptKind> = story.attempts.iter().map(|attempt| attempt.kind).collect();
        assert_eq!(kinds, [AttemptKind::Send, AttemptKind::Look, AttemptKind::Revoke]);
        assert_eq!(story.attempts[0].verdict, "unsure");
        assert_eq!(story.intent_reason.as_deref(), Some("a slip"));
        assert_eq!(story.line.face, Face::Revoked);
        assert!(story.line.revoked_at >= story.line.issued_at);
        let order = story.line.order.unwrap();
        let attempts = world.store.read(async |tx| tx.attempts(organisation, order).await).await.unwrap();
        assert_eq!(attempts, story.attempts);
        let lines = world.store.read(async |tx| tx.order_lines(organisation, order).await).await.unwrap();
        assert_eq!(lines.len(), 1);
        let event = story.line.event.unwrap();
        let lines = world.store.read(async |tx| tx.event_lines(organisation, course, &event).await).await.unwrap();
        assert_eq!(lines.len(), 1);
    }

    async fn a_course_knows_who_has_a_badge_and_what_needs_a_person(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), None, Some(BOB), Some(EVE)], Timing::default(), 50).await;
        world.press("form", &[1, 2], &[EVE]).await;
        world.settle().await;
        let (organisation, course) = (world.organisation, world.course);
        let holders = world.store.read(async |tx| tx.badge_holders(organisation, course, BADGE).await).await.unwrap();
        let mut found: Vec<(MemberId, Face)> = holders.iter().map(|holder| (holder.member, holder.face)).collect();
        found.sort_unstable();
        let mut expected = vec![
            (world.members[1], Face::Sent),
            (world.members[2], Face::NoEmail),
            (world.members[4], Face::Sent),
        ];
        expected.sort_unstable();
        assert_eq!(found, expected, "the last by the address that was pasted");
        let (needs, count) = world.store.read(async |tx| tx.course_needs(organisation, course, 5).await).await.unwrap();
        assert_eq!((needs.len(), count), (1, 1));
        assert_eq!(needs[0].face, Face::NoEmail);
        let counts = world.store.read(async |tx| tx.badge_counts(organisation, course).await).await.unwrap();
        assert_eq!((counts[0].issued, counts[0].waiting, counts[0].refused), (2, 1, 0));
        let of_learners = async || {
            world.store.read(async |tx| tx.badge_learner_counts(organisation, course).await).await.unwrap()
        };
        let counts = of_learners().await;
        assert_eq!((counts[0].issued, counts[0].waiting), (1, 1), "the guest with a pasted address is left out");
        for left_out in ["status = 'inactive'", "roster_standing = 'staff'", "test = TRUE"] {
            let usual = "status = 'active', roster_standing = 'learner', test = FALSE";
            let is_member = world.literal_of(1);
            world.sql(format!("UPDATE enrolment SET {left_out} WHERE member_id = {is_member}")).await;
            let counts = of_learners().await;
            assert_eq!((counts[0].issued, counts[0].waiting), (0, 1), "{left_out}");
            world.sql(format!("UPDATE enrolment SET {usual} WHERE member_id = {is_member}")).await;
        }
        assert!(world.store.read(async |tx| {
            tx.badge_learner_counts(OrganisationId::new(course.uuid()), course).await
        }).await.unwrap().is_empty());
        let member = world.members[1];
        let own = world.store.read(async |tx| tx.member_awards(organisation, member).await).await.unwrap();
        assert_eq!(own.len(), 1);
    }

    async fn another_organisation_or_course_sees_and_changes_nothing(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        let request = world.press("form", &[1], &[]).await;
        world.settle().await;
        let line = world.awards().await.remove(0);
        let now = world.store.now().await.unwrap();
        let stranger = OrganisationId::new(random::id_at(now));
        let elsewhere = CourseId::new(random::id_at(now));
        let (organisation, course, order) = (world.organisation, world.course, line.order.unwrap());
        let event = line.event.clone().unwrap();
        let any = HistoryFilter::default();
        world
            .store
            .read(async |tx| {
                assert!(tx.request_head(stranger, request).await?.is_none());
                assert!(tx.request(stranger, request).await?.is_none());
                assert!(tx.request_lines(stranger, request, 9, 0).await?.is_empty());
                assert!(tx.request_counts(stranger, request).await?.is_empty());
                assert!(tx.dispatch(stranger, order).await?.is_none());
                assert!(tx.parcel(stranger, order).await?.is_none());
                assert!(tx.attempts(stranger, order).await?.is_empty());
                assert!(tx.member_awards(stranger, line.member.unwrap()).await?.is_empty());
                for (organisation, course) in [(stranger, course), (organisation, elsewhere)] {
                    assert!(tx.award_story(organisation, course, line.id).await?.is_none());
                    assert!(tx.event_lines(organisation, course, &event).await?.is_empty());
                    assert_eq!(tx.course_history_count(organisation, course, &any).await?, 0);
                    assert!(tx.badge_holders(organisation, course, BADGE).await?.is_empty());
                    assert!(tx.badge_counts(organisation, course).await?.is_empty());
                    assert_eq!(tx.course_needs(organisation, course, 9).await?.1, 0);
                }
                Ok::<_, badgebridge::store::StoreError>(())
            })
            .await
            .unwrap();
        let stopped = issue::stop(&world.store, stranger, line.id, Intent::Revoke, None, None).await.unwrap();
        assert_eq!(stopped, None);
        assert_eq!(issue::retry(&world.store, stranger, order, &world.timing).await.unwrap(), None);
        assert_eq!(issue::give_up(&world.store, stranger, order).await.unwrap(), None);
        world.settle().await;
        assert_eq!(world.awards().await[0].face, Face::Sent);
    }
}
