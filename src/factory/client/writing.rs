//! Writing badges (API page, "Badges"). None of it touches badges that people have already.

use super::super::error::FactoryError;
use super::super::id::{BadgeId, ClientId};
use super::super::model::BadgeContent;
use super::super::transport::{Method, Request};
use super::FactoryClient;

impl FactoryClient {
    /// Creates a badge and gives its id: `POST /v1/badge/{client_id}`. There is no idempotency key: after
    /// [`FactoryError::Lost`], [`FactoryError::Unavailable`] and [`FactoryError::Unreadable`] look for it by its name
    /// before it is created again.
    pub async fn create_badge(&self, content: &BadgeContent) -> Result<BadgeId, FactoryError> {
        let path = format!("/v1/badge/{}", self.client_id);
        let request = Request::new(Method::Post, path, self.deadline).with_json(&content.to_json());
        let response = self.call(request).await?;
        let location = response.header("location").unwrap_or_default();
        badge_id_in_location(&self.client_id, location)
            .ok_or_else(|| FactoryError::unreadable("badge", "the answer does not name it"))
    }

    /// Replaces what a badge says: `PUT /v1/badge/{client_id}/{badge_id}`. Badges that people have stay as they are.
    pub async fn change_badge(&self, id: &BadgeId, content: &BadgeContent) -> Result<(), FactoryError> {
        let path = format!("/v1/badge/{}/{id}", self.client_id);
        self.put(path, &content.to_json()).await
    }

    /// Deletes one badge: `DELETE /v1/badge/{client_id}/{badge_id}`. It can no longer be issued; what was issued stays
    /// valid. An id is never empty, so this cannot become the call that deletes all of them.
    pub async fn delete_badge(&self, id: &BadgeId) -> Result<(), FactoryError> {
        let path = format!("/v1/badge/{}/{id}", self.client_id);
        self.call(Request::new(Method::Delete, path, self.deadline))
            .await
            .map(|_| ())
    }

    /// Deletes **all** badges of the organisation: `DELETE /v1/badge/{client_id}`. Nothing brings them back; what was
    /// issued stays valid.
    pub async fn delete_all_badges_of_the_organisation(&self) -> Result<(), FactoryError> {
        let path = format!("/v1/badge/{}", self.client_id);
        self.call(Request::new(Method::Delete, path, self.deadline))
            .await
            .map(|_| ())
    }
}

/// The badge id in a `Location` header: what stands behind `/badge/{client_id}/`, without query and trailing slash.
fn badge_id_in_location(client_id: &ClientId, location: &str) -> Option<BadgeId> {
    let path = location.trim().split(['?', '#']).next()?;
    let (_, id) = path.rsplit_once(&format!("/badge/{client_id}/"))?;
    BadgeId::parse(id.trim_end_matches('/')).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::testing::Script;
    use super::*;

    fn client(script: &Arc<Script>) -> FactoryClient {
        FactoryClient::with_certificate(script.transport(), ClientId::parse("C8Xk2Demo").unwrap())
    }

    fn content() -> BadgeContent {
        BadgeContent {
            name: "New".into(),
            description: "D".into(),
            ..BadgeContent::default()
        }
    }

    #[tokio::test]
    async fn a_created_badge_is_named_by_its_location() {
        for location in [
            "/v1/badge/C8Xk2Demo/B7",
            "/v1/badge/C8Xk2Demo/B7/?x=1",
            "https://factory.example/v1/badge/C8Xk2Demo/B7",
        ] {
            let script = Script::new().answers(201, &[("Location", location)], "");
            assert_eq!(client(&script).create_badge(&content()).await.unwrap().as_str(), "B7");
            assert_eq!(script.paths(), ["POST /v1/badge/C8Xk2Demo"]);
        }
        for headers in [&[][..], &[("Location", "/v1/event/C8Xk2Demo/E1")]] {
            let script = Script::new().answers(201, headers, "");
            let made = client(&script).create_badge(&content()).await;
            assert!(matches!(made, Err(FactoryError::Unreadable { .. })));
        }
    }

    #[tokio::test]
    async fn badges_are_changed_and_deleted_one_by_one_or_all() {
        let script = Script::new()
            .answers(204, &[], "")
            .answers(204, &[], "")
            .answers(204, &[], "")
            .answers(404, &[], "");
        let client = client(&script);
        let id = BadgeId::parse("B7").unwrap();
        client.change_badge(&id, &content()).await.unwrap();
        client.delete_badge(&id).await.unwrap();
        client.delete_all_badges_of_the_organisation().await.unwrap();
        assert!(matches!(
            client.delete_badge(&id).await,
            Err(FactoryError::NotFound { .. })
        ));
        assert_eq!(
            script.paths(),
            [
                "PUT /v1/badge/C8Xk2Demo/B7",
                "DELETE /v1/badge/C8Xk2Demo/B7",
                "DELETE /v1/badge/C8Xk2Demo",
                "DELETE /v1/badge/C8Xk2Demo/B7"
            ]
        );
    }
}
