use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::lti::fetch::{Fetch, FetchError};
use crate::lti::keys::{SigningKey, SigningKeys};
use crate::lti::registration::LtiClientId;
use crate::lti::service_token::{Grant, ServiceTokens};
use crate::lti::testing::{FakeFetch, NOW, answer, check, ok, platform_key};

const ITEMS: &str = "https://lms.example/lineitems?type_id=1";
const ITEM: &str = "https://lms.example/lineitems/7/lineitem?type_id=1";

type Answers = Vec<Result<Response, FetchError>>;

/// Runs calls against scripted answers (the token's first); what was asked comes back without the token's request.
async fn with<T>(dialect: Dialect, answers: Answers, run: impl AsyncFnOnce(&GradeBook<'_>) -> T) -> (T, Vec<Request>) {
    let fake = FakeFetch::answering([ok(r#"{"access_token":"t"}"#)].into_iter().chain(answers));
    let fetch: Arc<dyn Fetch> = fake.clone();
    let grant = Grant {
        registration: "r".to_owned(),
        client_id: LtiClientId::parse("c").unwrap(),
        token_url: "https://lms.example/token".to_owned(),
        audience: None,
        scopes: [SCOPE_SCORES.to_owned()].into(),
    };
    let keys = SigningKeys::always(SigningKey::from_pkcs8(&platform_key().to_pkcs8().unwrap()).unwrap());
    let caller = ServiceCaller {
        tokens: &ServiceTokens::default(),
        fetch: &fetch,
        grant: &grant,
        keys: &keys,
        jti: &|| "j".to_owned(),
        now: &|| NOW,
    };
    let book = GradeBook {
        caller: &caller,
        dialect,
    };
    let outcome = run(&book).await;
    (outcome, fake.asked().into_iter().skip(1).collect())
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.as_str())
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body.as_ref().unwrap().bytes).unwrap()
}

fn user() -> Subject {
    Subject::parse("u-1").unwrap()
}

fn full() -> Score {
    Score::points(&user(), 100.0, 100.0, NOW * 1000 + 7).unwrap()
}

#[test]
fn only_offered_scopes_are_asked_for() {
    let given = [SCOPE_SCORES.to_owned(), "https://lms.example/other".to_owned()];
    let asked = offered(&[SCOPE_COLUMNS, SCOPE_SCORES], &given);
    assert_eq!(asked, [SCOPE_SCORES.to_owned()].into());
    assert!(offered(&[SCOPE_COLUMNS], &[]).is_empty());
}

#[tokio::test]
async fn columns_are_listed_page_after_page_with_the_exact_type() {
    let one = json!([{"id": ITEM, "label": "A", "scoreMaximum": 10, "resourceId": "x"}, {"label": "other"}]);
    let two = json!([{"id": "b", "label": "B", "scoreMaximum": "20", "resourceId": "x"}, 7]);
    let answers = vec![
        answer(
            200,
            &[(
                "LINK",
                "<https://lms.example/lineitems?p=2&amp;n=1>; REL=\u{201d}Next\u{201d}",
            )],
            one.to_string(),
        ),
        ok(two.to_string()),
    ];
    let filter = Filter {
        resource_id: Some("x"),
        ..Filter::default()
    };
    let (found, asked) = with(Dialect::Plain, answers, async |book| book.columns(ITEMS, filter).await).await;
    let found = found.unwrap();
    assert_eq!(
        found.iter().filter_map(Column::maximum).collect::<Vec<_>>(),
        [10.0, 20.0]
    );
    assert_eq!(
        asked.iter().map(|request| request.url.as_str()).collect::<Vec<_>>(),
        [
            "https://lms.example/lineitems?type_id=1&resource_id=x&limit=100",
            "https://lms.example/lineitems?p=2&n=1",
        ]
    );
    assert_eq!(header(&asked[0], "Accept"), Some(CONTAINER_TYPE));
}

#[tokio::test]
async fn a_list_that_goes_elsewhere_or_round_is_refused() {
    for (link, error) in [
        ("<https://evil.example/2>; rel=next", GradeError::Foreign),
        ("<http://lms.example/2>; rel=next", GradeError::Foreign),
        (
            "<https://lms.example/lineitems?type_id=1&limit=100>; rel=\"next\"",
            GradeError::NoEnd,
        ),
    ] {
        let answers = vec![answer(200, &[("Link", link)], "[]")];
        let (found, _) = with(Dialect::Plain, answers, async |book| {
            book.columns(ITEMS, Filter::default()).await
        })
        .await;
        assert_eq!(found.err(), Some(error), "{link}");
    }
}

#[tokio::test]
async fn a_column_is_made_with_what_the_platform_takes() {
    let made = json!({"id": ITEM, "label": "A"}).to_string();
    for (dialect, link) in [(Dialect::Plain, true), (Dialect::Blackboard, false)] {
        let column = Column::new("A", 100, "content-1").of_link("rl-1");
        let (made, asked) = with(dialect, vec![answer(201, &[], made.clone())], async |book| {
            book.make(ITEMS, &column).await
        })
        .await;
        assert_eq!(made.unwrap().0.address(), ITEM);
        assert_eq!(asked[0].body.as_ref().unwrap().content_type, COLUMN_TYPE);
        assert_eq!(body(&asked[0]).get("resourceLinkId").is_some(), link, "{dialect:?}");
        assert_eq!(body(&asked[0])["scoreMaximum"], 100);
    }
    let foreign = json!({"id": "https://evil.example/7"}).to_string();
    let (made, _) = with(Dialect::Plain, vec![ok(foreign)], async |book| {
        book.make(ITEMS, &Column::new("A", 1, "c")).await
    })
    .await;
    assert_eq!(made.err(), Some(GradeError::Foreign));
}

#[tokio::test]
async fn a_change_sends_back_what_it_does_not_know() {
    let known = json!({"id": ITEM, "label": "A", "scoreMaximum": 5, "https://lms.example/x": {"kept": [1]}});
    let answers = vec![ok(known.to_string()), ok(known.to_string())];
    let (_, asked) = with(Dialect::Plain, answers, async |book| {
        book.change(ITEM, |column| column.rename("B")).await.unwrap()
    })
    .await;
    assert_eq!(asked[1].method, Method::Put);
    let mut expected = known;
    expected["label"] = json!("B");
    assert_eq!(body(&asked[1]), expected);
}

#[tokio::test]
async fn only_own_columns_are_deleted_and_never_on_open_edx() {
    let own = OwnColumn::recorded(ITEM.to_owned());
    for status in [204, 404] {
        let (done, asked) = with(Dialect::Plain, vec![answer(status, &[], "")], async |book| {
            book.delete(&own).await
        })
        .await;
        assert_eq!((done, asked[0].method), (Ok(()), Method::Delete));
    }
    let (done, asked) = with(Dialect::OpenEdx, vec![], async |book| book.delete(&own).await).await;
    assert_eq!((done.err(), asked.len()), (Some(GradeError::NotDeletable), 0));
}

#[tokio::test]
async fn a_score_goes_into_the_path_with_its_exact_type() {
    let (given, asked) = with(Dialect::Moodle, vec![ok("")], async |book| {
        book.give(ITEM, &full()).await
    })
    .await;
    assert_eq!(given, Ok(Given::Taken), "success without a body");
    assert_eq!(
        asked[0].url,
        "https://lms.example/lineitems/7/lineitem/scores?type_id=1"
    );
    assert_eq!(asked[0].body.as_ref().unwrap().content_type, SCORE_TYPE);
    let expected = json!({
        "userId": "u-1", "scoreGiven": 100.0, "scoreMaximum": 100.0, "timestamp": "2027-01-15T08:00:00.007Z",
        "activityProgress": "Completed", "gradingProgress": "FullyGraded",
    });
    assert_eq!(body(&asked[0]), expected);
    assert_eq!(
        below("https://lms.example/7/", "scores").as_deref(),
        Some("https://lms.example/7/scores")
    );
    assert_eq!(below("javascript:x", "scores"), None);
}

#[tokio::test]
async fn taking_a_score_back_is_said_as_each_platform_hears_it() {
    let cleared = Score::cleared(&user(), 100.0, NOW * 1000);
    for dialect in [Dialect::Plain, Dialect::Blackboard, Dialect::Moodle] {
        let (_, asked) = with(dialect, vec![ok("")], async |book| book.give(ITEM, &cleared).await).await;
        let said = body(&asked[0]);
        assert_eq!(said.get("scoreGiven"), None, "{dialect:?}");
        assert_eq!(
            (&said["activityProgress"], &said["gradingProgress"]),
            (&json!("Initialized"), &json!("NotReady"))
        );
    }
    let (_, asked) = with(Dialect::OpenEdx, vec![answer(201, &[], "{}")], async |book| {
        book.give(ITEM, &cleared).await
    })
    .await;
    assert_eq!(body(&asked[0])["scoreGiven"], 0.0, "nothing else clears a grade there");
    let (_, asked) = with(Dialect::Canvas, vec![ok("{}")], async |book| {
        book.give(ITEM, &full()).await
    })
    .await;
    assert_eq!(
        body(&asked[0])["https://canvas.instructure.com/lti/submission"],
        json!({"new_submission": false})
    );
}

#[tokio::test]
async fn what_a_platform_says_to_a_score_is_understood() {
    use GradeError::NotGradable;
    for (dialect, status, said, expected) in [
        (Dialect::Moodle, 409, "", Ok(Given::AlreadyNewer)),
        (
            Dialect::OpenEdx,
            400,
            "can only be updated to a later point in time",
            Ok(Given::AlreadyNewer),
        ),
        (Dialect::OpenEdx, 400, "already exists", Ok(Given::AlreadyNewer)),
        (
            Dialect::Moodle,
            400,
            "User cannot be graded",
            Err(NotGradable { status: 400 }),
        ),
        (Dialect::Canvas, 422, "", Err(NotGradable { status: 422 })),
        (Dialect::Plain, 404, "", Err(NotGradable { status: 404 })),
        (
            Dialect::Plain,
            500,
            "",
            Err(GradeError::Service(ServiceError::Answered { status: 500 })),
        ),
    ] {
        let answers = vec![answer(status, &[], said)];
        let (given, _) = with(dialect, answers, async |book| book.give(ITEM, &full()).await).await;
        assert_eq!(given, expected, "{dialect:?} {status}");
    }
    // Blackboard's page names another type; only after 415 it is tried
    let answers = vec![answer(415, &[], ""), ok("")];
    let (given, asked) = with(Dialect::Blackboard, answers, async |book| {
        book.give(ITEM, &full()).await
    })
    .await;
    assert_eq!((given, asked.len()), (Ok(Given::Taken), 2));
    assert_eq!(asked[1].body.as_ref().unwrap().content_type, COLUMN_TYPE);
}

#[tokio::test]
async fn results_are_asked_for_as_each_platform_bears_it() {
    let results = json!([
        {"userId": "u-1", "resultScore": 9, "resultMaximum": 10, "comment": "well"},
        {"userId": 7, "resultScore": null}, {"resultScore": 1},
    ])
    .to_string();
    for (dialect, query) in [
        (Dialect::Plain, "type_id=1&user_id=u-1&limit=100"),
        (Dialect::Moodle, "type_id=1&user_id=u-1"),
        (Dialect::OpenEdx, "type_id=1"),
        (Dialect::Blackboard, "type_id=1&limit=100"),
    ] {
        let (found, asked) = with(dialect, vec![ok(results.clone())], async |book| {
            book.results(ITEM, Some(&user())).await
        })
        .await;
        let found = found.unwrap();
        assert_eq!(
            asked[0].url,
            format!("https://lms.example/lineitems/7/lineitem/results?{query}")
        );
        assert_eq!(
            (found.len(), found[0].score, found[0].maximum),
            (1, Some(9.0), 10.0),
            "{dialect:?}"
        );
    }
    let (found, _) = with(Dialect::Plain, vec![ok(results)], async |book| {
        book.results(ITEM, None).await
    })
    .await;
    let found = found.unwrap();
    assert_eq!((found.len(), found[1].score, found[1].maximum), (2, None, 1.0));
}

#[test]
fn two_scores_are_never_of_the_same_second_nor_of_the_future() {
    assert_eq!(next_moment(None, 5_000), Ok(5_000));
    assert_eq!(next_moment(Some(5_999), 6_000), Ok(6_000));
    assert_eq!(next_moment(Some(5_001), 5_999), Err(Duration::from_millis(1)));
    assert_eq!(next_moment(Some(9_500), 5_000), Err(Duration::from_secs(5)));
    check("moments", &(0..10_000_000_i64, 0..10_000_000_i64), |(last, now)| {
        if let Ok(at) = next_moment(Some(last), now) {
            proptest::prop_assert!(at / 1000 > last / 1000 && at <= now);
        }
        Ok(())
    });
}

#[test]
fn a_score_is_a_number_that_can_be_one() {
    for (given, maximum) in [(-1.0, 10.0), (f64::NAN, 10.0), (1.0, 0.0), (1.0, f64::INFINITY)] {
        assert_eq!(Score::points(&user(), given, maximum, 0), None, "{given}/{maximum}");
    }
    assert!(
        Score::points(&user(), 12.0, 10.0, 0).is_some(),
        "more than the maximum is allowed"
    );
}

#[test]
fn any_list_is_read_or_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let cases = proptest::sample::select(vec![
        "[]",
        "{}",
        "[1]",
        "[{\"id\": []}]",
        "null",
        "x",
        "[{\"scoreMaximum\": \"NaN\"}]",
    ]);
    check("lists", &(cases, ".{0,40}"), |(body, link)| {
        // one in fifty: each case signs a token request
        if link.len() % 50 != 0 {
            let _ = link_header::parse(&link);
            return Ok(());
        }
        let answers = vec![answer(200, &[("Link", &link)], body)];
        runtime.block_on(async {
            let _ = with(Dialect::Plain, answers, async |book| {
                book.columns(ITEMS, Filter::default()).await
            })
            .await;
        });
        Ok(())
    });
}
