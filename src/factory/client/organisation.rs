//! The organisation itself (API page, "Client").

use super::super::error::FactoryError;
use super::super::model::{Organisation, OrganisationProfile};
use super::FactoryClient;

impl FactoryClient {
    /// The organisation as the Factory shows it: `GET /v1/client/{client_id}`.
    pub async fn organisation(&self) -> Result<Organisation, FactoryError> {
        let path = format!("/v1/client/{}", self.client_id);
        self.object(path, "organisation").await
    }

    /// Changes what the organisation says of itself: `PUT /v1/client/{client_id}`. May be repeated.
    pub async fn change_organisation(&self, profile: &OrganisationProfile) -> Result<(), FactoryError> {
        let path = format!("/v1/client/{}", self.client_id);
        self.put(path, &profile.to_json()).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::id::ClientId;
    use super::super::super::testing::Script;
    use super::*;

    #[tokio::test]
    async fn the_organisation_is_read_and_changed() {
        let script = Script::new()
            .answers(200, &[], "{\"id\":\"C8Xk2Demo\",\"name\":\"Example College\"}")
            .answers(204, &[], "")
            .answers(400, &[], "{\"error\":\"url: required parameter missing\"}");
        let client = FactoryClient::with_certificate(script.transport(), ClientId::parse("C8Xk2Demo").unwrap());
        assert_eq!(client.organisation().await.unwrap().name, "Example College");
        let profile = OrganisationProfile::default();
        client.change_organisation(&profile).await.unwrap();
        let refused = client.change_organisation(&profile).await;
        assert!(matches!(refused, Err(FactoryError::Refused { reason, .. }) if reason.contains("url")));
        assert_eq!(
            script.paths(),
            [
                "GET /v1/client/C8Xk2Demo",
                "PUT /v1/client/C8Xk2Demo",
                "PUT /v1/client/C8Xk2Demo"
            ]
        );
    }
}
