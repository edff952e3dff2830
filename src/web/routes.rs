//! Every address of the program, in one list.

use actix_web::HttpResponse;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, FormConfig, PayloadConfig, ServiceConfig, get, post, resource, scope};

use super::deps::Deps;
use super::error::{Refusal, WebError};
use super::{admin, connections, course, feeds, files, guard, health, lti, operator};

/// The largest body that a login or launch may have, in bytes.
const LAUNCH_LIMIT: usize = 128 * 1024;

/// The routes, with the guard around them.
pub fn configure(deps: Data<Deps>) -> impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static {
    move |config| {
        config
            .app_data(deps)
            .app_data(PayloadConfig::new(LAUNCH_LIMIT))
            .app_data(FormConfig::default().limit(LAUNCH_LIMIT))
            .service(
                scope("")
                    .wrap(from_fn(guard::guard))
                    .wrap(Compress::default())
                    .route("/healthz", get().to(health::healthz))
                    .route("/readyz", get().to(health::readyz))
                    .route("/.well-known/jwks.json", get().to(lti::key_set))
                    .service(login("/lti/login"))
                    .service(login("/lti/login/{handle}"))
                    .service(
                        resource("/lti/launch")
                            .route(post().to(lti::launch))
                            .default_service(web::to(method)),
                    )
                    .service(
                        resource("/lti/window")
                            .route(post().to(lti::window))
                            .default_service(web::to(method)),
                    )
                    .service(
                        resource("/lti/notices")
                            .route(post().to(lti::notices))
                            .default_service(web::to(method)),
                    )
                    .route("/lti/canvas.json", get().to(lti::canvas))
                    .route("/lti/setup", get().to(lti::setup_values))
                    .route("/lti/setup/{link}", get().to(lti::setup_check))
                    .service(
                        resource("/lti/register")
                            .route(post().to(lti::register))
                            .default_service(web::to(method)),
                    )
                    .service(
                        resource("/lti/register/{invitation}")
                            .route(get().to(lti::open_registration))
                            .default_service(web::to(method)),
                    )
                    .service(
                        resource("/lti/pick/{seat}")
                            .route(get().to(course::pick))
                            .route(post().to(course::place))
                            .default_service(web::to(method)),
                    )
                    .configure(feeds::routes)
                    .configure(operator::routes)
                    .configure(admin::routes)
                    .route("/connections/callback", get().to(connections::callback))
                    .route("/static/{path:.*}", get().to(files::asset))
                    .service(
                        scope("/c/{seat}")
                            .route("/pic/{badge}/{hash}.png", get().to(files::picture))
                            .configure(course::routes)
                            .default_service(web::to(nothing)),
                    )
                    .default_service(web::to(nothing)),
            );
    }
}

fn login(path: &str) -> actix_web::Resource {
    resource(path)
        .route(get().to(lti::login))
        .route(post().to(lti::login))
        .default_service(web::to(method))
}

async fn nothing() -> Result<HttpResponse, WebError> {
    Err(Refusal::NotFound.into())
}

pub(super) async fn method() -> Result<HttpResponse, WebError> {
    Err(Refusal::Method.into())
}
