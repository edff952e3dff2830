//! Feeds: addresses that senders push to. An answer in the 2xx range is given only after everything that counts is
//! durable (promise P4); a request that does not prove itself leaves nothing but a number behind.

mod answer;
mod book;
mod gather;
mod intake;
mod proof;

use actix_web::web::{self, PayloadConfig, ServiceConfig, resource, scope};

pub use book::{Feeds, Limits};
pub(super) use proof::read_unproven;

/// The largest body, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// `/feeds/{id}/{kind}` where a header or a signature proves the sender, `/feeds/{id}/k/{key}/{kind}` for senders that
/// can only store an address.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        scope("/feeds")
            .app_data(PayloadConfig::new(BODY_LIMIT))
            .service(
                resource("/{id}/{kind}")
                    .route(web::post().to(intake::take))
                    .default_service(web::to(super::routes::method)),
            )
            .service(
                resource("/{id}/k/{key}/{kind}")
                    .route(web::post().to(intake::take_keyed))
                    .default_service(web::to(super::routes::method)),
            ),
    );
}
