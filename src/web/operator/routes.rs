//! The addresses of sign-in and of operators.

use actix_web::Resource;
use actix_web::web::{self, ServiceConfig, get, post, resource};

use super::{health, keys, organisations, overview, preferences, sso, welcome};
use crate::web::routes::method;

/// The routes.
pub(in crate::web) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            page("/operator/welcome/{code}")
                .route(get().to(welcome::show))
                .route(post().to(welcome::enter)),
        )
        .service(page("/operator/sign-in").route(get().to(sso::sign_in)))
        .service(page("/operator/sso").route(get().to(sso::begin)))
        .service(page("/operator/sso/callback").route(get().to(sso::callback)))
        .service(page("/operator/goodbye").route(get().to(welcome::goodbye)))
        .service(page("/operator/sign-out").route(post().to(welcome::leave)))
        .service(page("/operator").route(get().to(overview::show)))
        .service(page("/operator/health").route(get().to(health::show)))
        .service(
            page("/operator/keys")
                .route(get().to(keys::show))
                .route(post().to(keys::rotate)),
        )
        .service(
            page("/operator/organisations")
                .route(get().to(organisations::list))
                .route(post().to(organisations::act)),
        )
        .service(
            page("/operator/preferences")
                .route(get().to(preferences::show))
                .route(post().to(preferences::keep)),
        );
}

fn page(path: &str) -> Resource {
    resource(path).default_service(web::to(method))
}
