//! The tool's signing keys: which there are, and the button that makes the next one.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

use super::session::Operator;
use crate::clock::Timestamp;
use crate::store::StoreError;
use crate::store::installation::SigningKeyRow;
use crate::web::backstage::NotRotated;
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::keys::{KeyState, KeysPage, OwnKeyRow};
use crate::web::pages::{Flash, Frame, Room};

/// `GET /operator/keys`
#[tracing::instrument(name = "web.operator.keys", skip_all)]
pub(super) async fn show(deps: Data<Deps>, operator: Operator, query: Fields) -> Result<HttpResponse, WebError> {
    let (now, keys) = deps
        .store
        .read(async |tx| Ok::<_, StoreError>((tx.now().await?, tx.signing_keys().await?)))
        .await?;
    let stay = deps.config.keys.stay;
    let ends: Vec<Timestamp> = keys.iter().skip(1).map(|next| next.signs_from.plus(stay)).collect();
    let signing = keys.iter().rposition(|key| key.signs_from <= now).unwrap_or(0);
    let rows = keys.iter().enumerate().map(|(place, key)| OwnKeyRow {
        kid: key.kid.clone(),
        made: key.created_at,
        state: state(key, place.cmp(&signing), ends.get(place).copied()),
    });
    let mut rows: Vec<OwnKeyRow> = rows.filter(|row| !row.state.is_over(now)).collect();
    rows.reverse();
    answer::page(&KeysPage {
        frame: Frame {
            flash: query.flash(),
            ..operator.frame(Some(Room::Keys))
        },
        announce_h: deps.config.keys.announce.as_secs().div_ceil(3_600),
        stay_h: stay.as_secs().div_ceil(3_600),
        rows,
    })
}

fn state(key: &SigningKeyRow, place: std::cmp::Ordering, end: Option<Timestamp>) -> KeyState {
    match place {
        std::cmp::Ordering::Less => KeyState::Stays {
            until: end.unwrap_or_default(),
        },
        std::cmp::Ordering::Equal => KeyState::Signs { since: key.signs_from },
        std::cmp::Ordering::Greater => KeyState::Waits { until: key.signs_from },
    }
}

/// `POST /operator/keys`: makes the next key, unless one waits already.
#[tracing::instrument(name = "web.operator.keys.rotate", skip_all)]
pub(super) async fn rotate(deps: Data<Deps>, operator: Operator, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = operator.form(&body)?;
    if fields.one("do") != "rotate" {
        return Err(Refusal::Unreadable { too_large: false }.into());
    }
    deps.backstage
        .rotate_signing(operator.actor())
        .await
        .map_err(|error| match error {
            NotRotated::NotStored(error) => error.into(),
            made @ NotRotated::NotMade(_) => WebError::internal(made),
        })?;
    Ok(answer::see_other_with("/operator/keys", &Flash::Saved))
}
