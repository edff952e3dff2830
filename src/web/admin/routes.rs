//! The addresses of an organisation's administration.

use actix_web::Resource;
use actix_web::web::{self, ServiceConfig, get, post, resource};

use super::{
    api, audit, badge_form, badges, client, courses, deployments, disconnect, edits, events, factory, feeds, issuer,
    lms, members, people, queue, reports, settings, setup, unmatched,
};
use crate::web::routes::method;

/// The routes.
pub(in crate::web) fn routes(config: &mut ServiceConfig) {
    config
        .configure(of_the_factory)
        .service(page("/admin").route(get().to(setup::show)))
        .service(
            page("/admin/factory")
                .route(get().to(factory::show))
                .route(post().to(factory::act)),
        )
        .service(
            page("/admin/factory/disconnect")
                .route(get().to(disconnect::show))
                .route(post().to(disconnect::act)),
        )
        .service(page("/admin/lms").route(get().to(lms::list)))
        .service(
            page("/admin/lms/new")
                .route(get().to(lms::new))
                .route(post().to(lms::add)),
        )
        .service(
            page("/admin/lms/{registration}")
                .route(get().to(lms::show))
                .route(post().to(lms::change)),
        )
        .service(
            page("/admin/lms/{registration}/client")
                .route(get().to(client::ask))
                .route(post().to(client::take)),
        )
        .service(
            page("/admin/lms/{registration}/api")
                .route(get().to(api::show))
                .route(post().to(api::act)),
        )
        .service(
            page("/admin/deployments")
                .route(get().to(deployments::show))
                .route(post().to(deployments::act)),
        )
        .service(
            page("/admin/queue")
                .route(get().to(queue::list))
                .route(post().to(queue::decide)),
        )
        .service(page("/admin/queue/{order}").route(get().to(queue::show)))
        .service(
            page("/admin/unmatched")
                .route(get().to(unmatched::list))
                .route(post().to(unmatched::say)),
        )
        .service(page("/admin/feeds").route(get().to(feeds::list)))
        .service(
            page("/admin/feeds/{feed}")
                .route(get().to(feeds::show))
                .route(post().to(feeds::test)),
        )
        .service(page("/admin/courses").route(get().to(courses::list)))
        .service(
            page("/admin/courses/{course}")
                .route(get().to(courses::show))
                .route(post().to(courses::choose)),
        )
        .service(page("/admin/members").route(get().to(members::list)))
        .service(page("/admin/members/{member}").route(get().to(members::show)))
        .service(page("/admin/members/{member}/data.json").route(get().to(members::download)))
        .service(
            page("/admin/members/{member}/erase")
                .route(get().to(members::ask))
                .route(post().to(members::erase)),
        )
        .service(page("/admin/audit").route(get().to(audit::show)))
        .service(page("/admin/audit.csv").route(get().to(audit::download)))
        .service(
            page("/admin/people")
                .route(get().to(people::show))
                .route(post().to(people::act)),
        )
        .service(
            page("/admin/settings")
                .route(get().to(settings::show))
                .route(post().to(settings::keep)),
        );
}

/// What the Factory has: badges, events, the organisation; and what was counted.
fn of_the_factory(config: &mut ServiceConfig) {
    config
        .service(page("/admin/badges").route(get().to(badges::list)))
        .service(
            page("/admin/badges/new")
                .route(get().to(badge_form::new))
                .route(post().to(badge_form::create)),
        )
        .service(page("/admin/badges/{badge}").route(get().to(badges::show)))
        .service(
            page("/admin/badges/{badge}/edit")
                .route(get().to(badge_form::edit))
                .route(post().to(badge_form::change)),
        )
        .service(
            page("/admin/badges/{badge}/delete")
                .route(get().to(badges::ask))
                .route(post().to(badges::delete)),
        )
        .service(
            page("/admin/edits/{edit}")
                .route(get().to(edits::show))
                .route(post().to(edits::decide)),
        )
        .service(
            page("/admin/issuer")
                .route(get().to(issuer::show))
                .route(post().to(issuer::change)),
        )
        .service(page("/admin/pic/{hash}.png").route(get().to(issuer::file)))
        .service(
            page("/admin/events")
                .route(get().to(events::form))
                .route(post().to(events::search)),
        )
        .service(page("/admin/events/{event}").route(get().to(events::show)))
        .service(page("/admin/searches/{search}").route(get().to(events::found)))
        .service(page("/admin/searches/{search}/events.csv").route(get().to(events::table)))
        .service(page("/admin/reports").route(get().to(reports::show)))
        .service(page("/admin/reports.csv").route(get().to(reports::table)));
}

fn page(path: &str) -> Resource {
    resource(path).default_service(web::to(method))
}
