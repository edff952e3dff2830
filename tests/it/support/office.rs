//! Signing in to the administration of a [`World`], and its forms.

use std::sync::Arc;

use badgebridge::crypto::{digest, random};
use badgebridge::model::{AdministratorId, OrganisationId};
use badgebridge::store::{Durability, StoreError};
use scraper::{Html, Selector};

use super::boxed;
use super::browser::{Answer, Browser};
use super::world::World;

/// Somebody who is signed in.
pub(crate) struct Desk {
    pub browser: Arc<Browser>,
}

impl Desk {
    /// An operator.
    pub(crate) async fn operator(world: &World) -> Self {
        Self::by(world, &operator_link(world).await).await
    }

    /// An administrator of an organisation.
    pub(crate) async fn administrator(world: &World, organisation: OrganisationId, name: &str) -> Self {
        let (_, link) = administrator_link(world, organisation, name).await;
        Self::by(world, &link).await
    }

    /// Whom this link lets in.
    pub(crate) async fn by(world: &World, link: &str) -> Self {
        boxed(async move {
            let browser = world.browser();
            let entered = browser.post(link, &[]).await;
            assert_eq!(entered.status, 303, "{}", entered.body);
            Self { browser }
        })
        .await
    }

    /// Opens a page.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.browser.get(path).await
    }

    /// Sends a form with the secret that the page at `page` has for it.
    pub(crate) async fn send(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(page).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.body);
        let csrf = csrf(&shown);
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.browser.post(path, &all).await
    }

    /// Sends a form of the page to the page's own address.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(path, path, fields).await
    }

    /// An operator turns to an organisation.
    pub(crate) async fn open(&self, organisation: OrganisationId) {
        let id = organisation.to_string();
        let fields = [("do", "open"), ("organisation", id.as_str())];
        let opened = self.post("/operator/organisations", &fields).await;
        assert_eq!((opened.status, opened.location()), (303, "/admin"));
    }
}

/// The secret of a page's forms.
pub(crate) fn csrf(page: &Answer) -> String {
    let document = Html::parse_document(&page.body);
    let field = Selector::parse("input[name=csrf]").unwrap();
    let last = document.select(&field).next_back();
    last.and_then(|field| field.value().attr("value"))
        .unwrap_or_else(|| panic!("no form in {}", page.body))
        .to_owned()
}

/// A new link for an operator.
pub(crate) async fn operator_link(world: &World) -> String {
    let token = boxed(world.parts.operator_link()).await.unwrap();
    format!("/operator/welcome/{token}")
}

/// A new administrator, and a link for them.
pub(crate) async fn administrator_link(
    world: &World,
    organisation: OrganisationId,
    name: &str,
) -> (AdministratorId, String) {
    let (token, now, name) = (random::token(), world.now(), name.to_owned());
    let id = AdministratorId::new(random::id_at(now));
    let hash = digest::sha256(token.as_bytes());
    let until = now.plus(world.parts.config.operator.link_life);
    let stored: Result<(), StoreError> = boxed(world.parts.store.write(Durability::Full, async move |tx| {
        tx.add_administrator(organisation, id, &name, now).await?;
        tx.add_sign_in_link(hash, Some(id), until, now).await
    }))
    .await;
    stored.unwrap();
    (id, format!("/operator/welcome/{token}"))
}
