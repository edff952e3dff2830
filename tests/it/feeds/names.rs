//! By which names people and courses may be found, and for which senders a person's word holds.

use badgebridge::jobs::mapping::{Target, map};
use badgebridge::model::{Lms, SignalId};
use badgebridge::store::given::ParkedScope;

use super::*;

/// The signals of this feed that wait.
async fn waiting(world: &World, made: &MadeFeed) -> Vec<SignalId> {
    let (organisation, feed) = (world.organisation, made.feed.id);
    let parked = world
        .parts
        .store
        .read(async |tx| tx.parked_signals(organisation, ParkedScope::default(), 100).await);
    let own = parked
        .await
        .unwrap()
        .into_iter()
        .filter(|one| one.stored.feed == Some(feed));
    own.map(|one| one.stored.id).collect()
}

on_both_databases! {
    async fn a_name_that_a_teacher_may_write_into_a_link_finds_nobody(database: Database) {
        let world = World::unconnected(&database).await;
        let names = |kind: Lms| {
            let world = &world;
            boxed(async move {
                let client = format!("client-{}", kind.word());
                let mut second = world.second_registration(&client, Some(world.organisation));
                second.lms = kind;
                world.register(&second, &[&world.lms.deployment_id()]).await;
                let written = json!({"lms_user_id": "99", "sis_user_id": "S-99", "lms_course_id": "77",
                    "canvas_course_id": "78", "sis_course_id": "BIO-2027"});
                let spec = LaunchSpec::new("ada", COURSE, "").client(&client).with(&claim("custom"), written);
                let seat = world.launch_in(&world.browser(), spec).await.seat;
                let (organisation, course, member) = (world.organisation, seat.course.unwrap(), seat.member.unwrap());
                let store = &world.parts.store;
                let course = store.read(async |tx| tx.names_of_course(organisation, course).await).await;
                let member = store.read(async |tx| tx.names_of_member(organisation, member).await).await;
                let all = course.unwrap().into_iter().chain(member.unwrap());
                all.filter(|name| name.contains(":lms:") || ["77", "78", "99", "BIO-2027"].iter().any(|id| name.ends_with(id)))
                    .collect::<Vec<_>>()
            })
        };
        for kind in [Lms::Moodle, Lms::Brightspace] {
            assert_eq!(names(kind).await, ["course:lms:2"], "{kind:?}: the id in the signed context");
        }
        for kind in [Lms::Blackboard, Lms::Sakai, Lms::OpenEdx] {
            assert_eq!(names(kind).await, Vec::<String>::new(), "{kind:?}");
        }
        let canvas = names(Lms::Canvas).await;
        assert!(canvas.contains(&"course:lms:77".to_owned()) && canvas.contains(&"person:lms:99".to_owned()), "{canvas:?}");
        world.finish().await;
    }

    async fn what_is_said_about_one_sender_is_not_said_about_another(database: Database) {
        let world = World::unconnected(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.with_rule(&ada).await;
        let bound = world.feed(FeedKind::Webhook, false).await;
        let new = NewFeed {
            organisation: world.organisation,
            kind: FeedKind::Webhook,
            name: "Any".to_owned(),
            registration: None,
            course: None,
            key_in_address: false,
        };
        let unbound = world.parts.add_feed(new).await.unwrap();
        world.follow_feeds().await;
        let news = json!({"type": "course.completed", "data": {"course": "LAB", "user": {"lti_sub": "6"}}});
        for made in [&bound, &unbound] {
            for id in ["msg-1", "msg-2"] {
                assert_eq!(world.webhook(made, id, &news).await.status, 200);
            }
        }
        world.match_signals().await;
        let (store, organisation, course) = (&world.parts.store, world.organisation, ada.seat.course.unwrap());
        for (said, other) in [(&bound, &unbound), (&unbound, &bound)] {
            let before = waiting(&world, other).await.len();
            let id = waiting(&world, said).await[0];
            let moved = map(store, organisation, id, Target::Course(course), "test".to_owned()).await.unwrap();
            assert_eq!(moved, 2, "those that wait for the name, of this sender");
            world.drain_jobs().await;
            assert_eq!(world.states(said).await.iter().map(|(word, _)| word.starts_with("matched")).collect::<Vec<_>>(),
                vec![true; world.states(said).await.len()]);
            assert_eq!(waiting(&world, other).await.len(), before, "and of no other");
        }
        world.finish().await;
    }
}
