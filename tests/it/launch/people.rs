//! People: what a role gives, and how little a launch may tell (rows 13 to 30, 65 to 68).

use std::path::Path;

use badgebridge::model::{EnrolmentStatus, Seat, Standing};
use badgebridge::sandbox::lms::Role;
use serde_json::{Value, json};

use super::{COURSE, LEARNER, TEACHER, rights, seat_after, with_each};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::{World, claim, without};

const MEMBERSHIP: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership";
const INSTITUTION: &str = "http://purl.imsglobal.org/vocab/lis/v2/institution/person";
const SYSTEM: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person";

/// A launch whose claims were bent so, by a teacher and by a learner: their seats.
async fn seats_of_both(world: &World, change: impl Fn(&mut Value)) -> (Seat, Seat) {
    (
        seat_after(world, TEACHER, &change).await,
        seat_after(world, LEARNER, &change).await,
    )
}

async fn with_roles(world: &World, roles: &Value) -> Seat {
    seat_after(world, "mei", |claims| claims[claim("roles")] = roles.clone()).await
}

fn forget_names(claims: &mut Value) {
    for name in ["name", "given_name", "family_name"] {
        without(claims, name);
    }
}

/// Each row is a statement about one world that lives for one test, on SQLite and then on PostgreSQL, where launches are
/// stored by statements of their own.
macro_rules! in_a_world {
    ($(async fn $name:ident($world:ident) $body:block)+) => {$(
        #[tokio::test]
        async fn $name() {
            with_each(async |database: Database| {
                let $world = World::unconnected(&database).await;
                $body
                $world.finish().await;
            })
            .await;
        }
    )+};
}
pub(super) use in_a_world;

in_a_world! {
    async fn a_teacher_launches_as_staff_and_a_learner_as_learner(world) {
        let (teacher, learner) = seats_of_both(&world, |_| {}).await;
        assert_eq!(rights(&teacher), (Standing::Staff, false));
        assert_eq!(rights(&learner), (Standing::Learner, false));
        assert_eq!(teacher.member_name, "Teodora Marsh");
        assert!(teacher.course.is_some() && teacher.course == learner.course);
        assert_ne!(teacher.session, learner.session);
    }

    async fn several_roles_of_a_teacher_make_staff(world) {
        let seat = with_roles(&world, &json!([
            format!("{INSTITUTION}#Instructor"),
            format!("{MEMBERSHIP}#Instructor"),
            format!("{MEMBERSHIP}#ContentDeveloper"),
            "https://vendor.example/roles#Something",
        ])).await;
        assert_eq!(seat.standing, Standing::Staff);
    }

    async fn several_roles_of_a_learner_make_a_learner(world) {
        let seat = with_roles(&world, &json!([
            format!("{INSTITUTION}#Student"),
            format!("{MEMBERSHIP}#Learner"),
            format!("{SYSTEM}#User"),
        ])).await;
        assert_eq!(seat.standing, Standing::Learner);
    }

    async fn short_role_names_count(world) {
        assert_eq!(with_roles(&world, &json!(["Instructor"])).await.standing, Standing::Staff);
        assert_eq!(with_roles(&world, &json!(["Learner"])).await.standing, Standing::Learner);
    }

    async fn an_unknown_role_gives_the_least_rights(world) {
        for role in ["http://purl.imsglobal.org/vocab/lis/v2/uknownrole/unknown#Helper", "Instructors", "instructor!"] {
            assert_eq!(with_roles(&world, &json!([role])).await.standing, Standing::None, "{role}");
        }
    }

    async fn no_role_gives_the_least_rights(world) {
        for roles in [json!([]), json!([""]), json!([null, 7, {}])] {
            assert_eq!(with_roles(&world, &roles).await.standing, Standing::None, "{roles}");
        }
    }

    async fn an_address_without_names_is_enough(world) {
        let (teacher, learner) = seats_of_both(&world, forget_names).await;
        assert_eq!((teacher.standing, learner.standing), (Standing::Staff, Standing::Learner));
        assert!(!teacher.member_name.contains("Teodora"));
    }

    async fn names_without_an_address_are_enough(world) {
        let (teacher, learner) = seats_of_both(&world, |claims| without(claims, "email")).await;
        assert_eq!((teacher.standing, learner.standing), (Standing::Staff, Standing::Learner));
        assert_eq!(teacher.member_name, "Teodora Marsh");
    }

    async fn nothing_personal_is_needed(world) {
        let (teacher, learner) = seats_of_both(&world, |claims| {
            forget_names(claims);
            without(claims, "email");
        })
        .await;
        assert_eq!((teacher.standing, learner.standing), (Standing::Staff, Standing::Learner));
        assert!(teacher.member.is_some() && learner.member.is_some());
    }

    async fn a_launch_from_no_course_binds_none(world) {
        let (teacher, learner) = seats_of_both(&world, |claims| {
            forget_names(claims);
            without(claims, &claim("context"));
        })
        .await;
        assert_eq!((teacher.course, learner.course), (None, None));
        assert_eq!((teacher.standing, learner.standing), (Standing::Staff, Standing::Learner));
    }

    async fn a_learner_with_only_a_resource_link_launches(world) {
        let seat = seat_after(&world, LEARNER, |claims| {
            forget_names(claims);
            for name in ["email", "locale"] {
                without(claims, name);
            }
            for name in ["context", "tool_platform", "launch_presentation", "lis", "custom"] {
                without(claims, &claim(name));
            }
            without(claims, badgebridge::sandbox::lms::NRPS_CLAIM);
        })
        .await;
        assert_eq!((seat.standing, seat.course), (Standing::Learner, None));
    }

    async fn optional_claims_may_be_null_odd_or_more(world) {
        let seat = seat_after(&world, TEACHER, |claims| {
            claims[claim("custom")] = json!({"count": 7, "flag": true, "list": [1], "none": null, "unset": "$User.id"});
            claims[claim("tool_platform")] = json!(null);
            claims[claim("lis")] = json!({"person_sourcedid": null, "errors": {"errors": {}}, "validation_context": null});
            claims[claim("launch_presentation")] = json!({"height": "400", "width": null, "locale": null, "return_url": null});
            claims["locale"] = json!(null);
            claims["picture"] = json!(7);
            claims["given_name"] = json!(null);
            claims["https://vendor.example/claim/more"] = json!({"a": [1, 2, {"b": null}]});
            claims[claim("role_scope_mentor")] = json!(null);
            claims[claim("context")]["type"] = json!(null);
            claims[claim("context")]["validation_context"] = json!(null);
        })
        .await;
        assert_eq!(seat.standing, Standing::Staff);
        assert!(seat.course.is_some());
    }

    async fn a_sub_role_without_its_principal_is_limited_staff(world) {
        let seat = with_roles(&world, &json!([format!("{MEMBERSHIP}/Instructor#Grader")])).await;
        assert_eq!(seat.standing, Standing::LimitedStaff);
        let beside = json!([format!("{MEMBERSHIP}#Instructor"), format!("{MEMBERSHIP}/Instructor#TeachingAssistant")]);
        assert_eq!(with_roles(&world, &beside).await.standing, Standing::LimitedStaff);
    }

    async fn a_learner_named_instructor_is_a_learner(world) {
        let seat = with_roles(&world, &json!([format!("{MEMBERSHIP}/Learner#Instructor")])).await;
        assert_eq!(seat.standing, Standing::Learner);
    }

    async fn roles_outside_of_the_course_give_no_rights_in_it(world) {
        for role in [
            format!("{INSTITUTION}#Instructor"),
            format!("{INSTITUTION}#Administrator"),
            format!("{SYSTEM}#Administrator"),
            format!("{SYSTEM}#SysAdmin"),
        ] {
            assert_eq!(with_roles(&world, &json!([role])).await.standing, Standing::None, "{role}");
        }
    }

    async fn a_test_user_sees_what_a_learner_sees_and_gets_nothing(world) {
        let seat = seat_after(&world, "teststudent", |_| {}).await;
        assert_eq!(rights(&seat), (Standing::Learner, true));
        // whatever stands beside it
        let seat = with_roles(&world, &json!([
            "http://purl.imsglobal.org/vocab/lti/system/person#TestUser",
            format!("{MEMBERSHIP}#Instructor"),
        ])).await;
        assert_eq!(rights(&seat), (Standing::Learner, true));
        assert!(!seat.standing.issues(), "a test user issues nothing");
    }
}

/// Whether the course has the person, by what is stored.
async fn status(world: &World, seat: &Seat) -> EnrolmentStatus {
    let (organisation, course, member) = (seat.organisation, seat.course.unwrap(), seat.member.unwrap());
    let read = world
        .parts
        .store
        .read_one(async |tx| tx.person(organisation, course, member).await);
    read.await.unwrap().expect("the enrolment is stored").status
}

on_both_databases! {
    async fn who_left_the_course_is_back_with_their_next_launch(database: Database) {
        let world = World::unconnected(&database).await;
        let teacher = world.launch(TEACHER, COURSE).await;
        let seat = world.launch(LEARNER, COURSE).await.seat;
        let course = teacher.seat.course.unwrap();
        world.queue_roster(course).await;
        world.drain_jobs().await;
        assert_eq!(status(&world, &seat).await, EnrolmentStatus::Active);
        assert!(world.lms.remove_person(COURSE, LEARNER));
        world.queue_roster(course).await;
        world.drain_jobs().await;
        assert_eq!(status(&world, &seat).await, EnrolmentStatus::Gone);
        // they come back and are, to the letter, who they were
        let person = world.lms.person(LEARNER).unwrap();
        assert!(world.lms.add_person(COURSE, person, Role::Learner));
        let again = world.launch(LEARNER, COURSE).await.seat;
        assert_eq!(again.member, seat.member);
        assert_eq!(status(&world, &again).await, EnrolmentStatus::Active);
        world.finish().await;
    }
}

#[tokio::test]
async fn the_return_address_and_what_it_carries_are_not_stored() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let secret = "sesskeyK33pMeOut";
        let seat = seat_after(&world, TEACHER, |claims| {
            claims[claim("launch_presentation")]["return_url"] = json!(format!("https://lms.example/back?{secret}=1"));
        })
        .await;
        let session = seat.session.uuid();
        world.finish().await;
        let file = database.url.strip_prefix("sqlite://").unwrap().to_owned();
        let holds = |wanted: &[u8]| {
            let stored: Vec<u8> = ["", "-wal"]
                .iter()
                .filter_map(|more| std::fs::read(Path::new(&format!("{file}{more}"))).ok())
                .flatten()
                .collect();
            stored.windows(wanted.len()).any(|bytes| bytes == wanted)
        };
        assert!(holds(session.as_bytes()), "what is stored is found");
        assert!(!holds(secret.as_bytes()));
    })
    .await;
}
