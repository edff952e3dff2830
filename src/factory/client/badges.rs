//! Reading badges (API page, "Badges").

use super::super::error::FactoryError;
use super::super::id::BadgeId;
use super::super::lines::Lines;
use super::super::model::{Badge, BadgeFilter};
use super::FactoryClient;

impl FactoryClient {
    /// The badges that `filter` lets through, one at a time: `GET /v1/badge/{client_id}`. The list has no pages.
    pub async fn badges(&self, filter: &BadgeFilter) -> Result<Lines<Badge>, FactoryError> {
        let path = filter.query().behind(&format!("/v1/badge/{}", self.client_id));
        self.list(path, "badge").await
    }

    /// One badge with everything the Factory shows of it: `GET /v1/badge/{client_id}/{badge_id}`.
    /// [`FactoryError::NotFound`] if there is none.
    pub async fn badge(&self, id: &BadgeId) -> Result<Badge, FactoryError> {
        self.object(format!("/v1/badge/{}/{id}", self.client_id), "badge").await
    }

    /// The names of all categories: `GET /v1/badge/{client_id}/_/categorylist`. An array, though a list of lines
    /// would be read as well.
    pub async fn categories(&self) -> Result<Vec<String>, FactoryError> {
        let path = format!("/v1/badge/{}/_/categorylist", self.client_id);
        self.list(path, "category").await?.all().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::id::ClientId;
    use super::super::super::testing::Script;
    use super::*;

    fn client(script: &Arc<Script>) -> FactoryClient {
        FactoryClient::with_certificate(script.transport(), ClientId::parse("C8Xk2Demo").unwrap())
    }

    #[tokio::test]
    async fn badges_come_one_by_one_whatever_the_content_type() {
        for kind in ["application/json", "application/octet-stream", "text/html"] {
            let lines = "{\"id\":\"B1\",\"name\":\"One\"}\r\n{\"id\":\"B2\",\"name\":\"Two\"}\r\n";
            let script = Script::new().answers(200, &[("Content-Type", kind)], lines);
            let mut badges = client(&script).badges(&BadgeFilter::published()).await.unwrap();
            assert_eq!(badges.next().await.unwrap().unwrap().name, "One");
            assert_eq!(badges.next().await.unwrap().unwrap().name, "Two");
            assert!(badges.next().await.unwrap().is_none());
            assert_eq!(script.paths(), ["GET /v1/badge/C8Xk2Demo?draft=0"]);
        }
    }

    #[tokio::test]
    async fn no_badges_are_an_empty_body() {
        for status in [200, 204] {
            let script = Script::new().answers(status, &[], "");
            let badges = client(&script).badges(&BadgeFilter::default()).await.unwrap();
            assert!(badges.all().await.unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn one_badge_and_the_categories_are_ordinary_json() {
        let script = Script::new()
            .answers(200, &[], "{\n \"id\": \"B1\",\n \"name\": \"One\"\n}")
            .answers(200, &[], "[\"Digital skills\",\n\"Onboarding\"]")
            .answers(200, &[], "\"Digital skills\"\r\n\"Onboarding\"\r\n")
            .answers(404, &[], "");
        let client = client(&script);
        let id = BadgeId::parse("B1").unwrap();
        assert_eq!(client.badge(&id).await.unwrap().name, "One");
        assert_eq!(client.categories().await.unwrap(), ["Digital skills", "Onboarding"]);
        assert_eq!(client.categories().await.unwrap(), ["Digital skills", "Onboarding"]);
        assert!(matches!(client.badge(&id).await, Err(FactoryError::NotFound { .. })));
        assert_eq!(script.paths()[1], "GET /v1/badge/C8Xk2Demo/_/categorylist");
    }

    #[tokio::test]
    async fn an_error_does_not_quote_what_was_sent() {
        let script = Script::new().answers(200, &[], "{\"id\": {\"ann@example.org\": 1}}");
        let fault = client(&script).badge(&BadgeId::parse("B1").unwrap()).await.unwrap_err();
        assert!(!fault.to_string().contains("ann@"), "{fault}");
    }
}
