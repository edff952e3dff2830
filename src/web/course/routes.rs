//! The addresses of a course's pages, below `/c/{seat}`.

use actix_web::Resource;
use actix_web::web::{PayloadConfig, ServiceConfig, get, post, resource, to};

use super::{
    applications, apply, award, badge_page, beside, copied, event, extra, feeds, fields, history, home, issue, learner,
    lms, order, people, progress, revoke, rules,
};
use crate::web::routes::method;

/// Adds the course's pages to the seat's scope.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .app_data(PayloadConfig::new(fields::FORM_LIMIT))
        .service(page("").route(get().to(home::home)))
        .service(page("/needs").route(get().to(home::needs)))
        .service(page("/my").route(get().to(learner::my)))
        .service(page("/my/email").route(get().to(learner::email)))
        .service(page("/my/data").route(get().to(learner::data)))
        .service(page("/badges/{badge}").route(get().to(badge_page::show)))
        .service(page("/progress/{badge}").route(get().to(progress::progress)))
        .service(
            page("/apply/{form}")
                .route(get().to(apply::show))
                .route(post().to(apply::send)),
        )
        .service(
            page("/applications")
                .route(get().to(applications::list))
                .route(post().to(applications::decide_several)),
        )
        .service(
            page("/applications/{application}")
                .route(get().to(applications::show))
                .route(post().to(applications::decide_one)),
        )
        .service(page("/applications/{application}/files/{file}").route(get().to(applications::file)))
        .service(
            page("/copied")
                .route(get().to(copied::copied))
                .route(post().to(copied::take_over)),
        )
        .service(
            page("/issue")
                .route(get().to(issue::badge::begin))
                .route(post().to(issue::badge::choose_first)),
        )
        .service(
            page("/issue/{draft}/badge")
                .route(get().to(issue::badge::show))
                .route(post().to(issue::badge::choose)),
        )
        .service(
            page("/issue/{draft}/people")
                .route(get().to(issue::people::show))
                .route(post().to(issue::people::change)),
        )
        .service(
            page("/issue/{draft}/message")
                .route(get().to(issue::message::show))
                .route(post().to(issue::message::keep)),
        )
        .service(
            page("/issue/{draft}/check")
                .route(get().to(issue::check::show))
                .route(post().to(issue::check::place)),
        )
        .service(page("/orders/{request}.csv").route(get().to(order::table)))
        .service(page("/orders/{request}").route(get().to(order::order)))
        .service(page("/orders/{request}/live").route(get().to(order::live)))
        .service(page("/history").route(get().to(history::history)))
        .service(page("/history.csv").route(get().to(history::table)))
        .service(page("/events/{event}").route(get().to(event::event)))
        .service(
            page("/events/{event}/revoke")
                .route(get().to(revoke::ask_event))
                .route(post().to(revoke::revoke_event)),
        )
        .service(page("/awards/{award}").route(get().to(award::award)))
        .service(
            page("/awards/{award}/revoke")
                .route(get().to(revoke::ask_award))
                .route(post().to(revoke::revoke_award)),
        )
        .service(
            page("/awards/{award}/extra/{event}")
                .route(get().to(extra::ask))
                .route(post().to(extra::revoke)),
        )
        .configure(rules_and_news)
        .service(page("/help").route(get().to(beside::help)))
        .service(page("/privacy").route(get().to(beside::privacy)))
        .service(
            page("/preferences")
                .route(get().to(beside::preferences))
                .route(post().to(beside::keep)),
        );
}

/// What awards by itself: rules, the people they look at, and the news they hear.
fn rules_and_news(config: &mut ServiceConfig) {
    config
        .service(
            page("/rules")
                .route(get().to(rules::list))
                .route(post().to(rules::check)),
        )
        .service(
            page("/rules/new")
                .route(get().to(rules::begin))
                .route(post().to(rules::save_new)),
        )
        .service(
            page("/rules/{rule}")
                .route(get().to(rules::edit))
                .route(post().to(rules::save)),
        )
        .service(page("/rules/{rule}/pause").route(post().to(rules::switch)))
        .service(
            page("/rules/{rule}/backfill")
                .route(get().to(rules::ask_backfill))
                .route(post().to(rules::backfill)),
        )
        .service(
            page("/rules/{rule}/release")
                .route(get().to(rules::ask_release))
                .route(post().to(rules::release)),
        )
        .service(page("/people").route(get().to(people::list)))
        .service(
            page("/people/{person}")
                .route(get().to(rules::person))
                .route(post().to(rules::decide)),
        )
        .service(page("/lms").route(get().to(lms::show)).route(post().to(lms::keep)))
        .service(
            page("/deployments")
                .route(get().to(lms::deployments))
                .route(post().to(lms::decide_one)),
        )
        .service(page("/feeds").route(get().to(feeds::list)))
        .service(
            page("/feeds/{feed}")
                .route(get().to(feeds::show))
                .route(post().to(feeds::test)),
        )
        .service(
            page("/unmatched")
                .route(get().to(feeds::unmatched))
                .route(post().to(feeds::say)),
        );
}

fn page(path: &str) -> Resource {
    resource(path).default_service(to(method))
}
