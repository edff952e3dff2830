//! Earnable badges and applications for them (API page, "Earnable badges"; applying and `form_html` are relied on by
//! public clients).

use super::super::error::FactoryError;
use super::super::id::{ApplicationId, EarnableId};
use super::super::lines::Lines;
use super::super::model::{Application, ApplicationStatus, Approval, Earnable, EarnableFilter, FilledForm, Rejection};
use super::super::multipart;
use super::super::query::Query;
use super::super::transport::{Method, Request};
use super::{FactoryClient, Sending};

impl FactoryClient {
    /// The application forms that `filter` lets through, one at a time, without their HTML:
    /// `GET /v1/earnablebadge/{client_id}/`. The list has no pages.
    pub async fn earnables(&self, filter: &EarnableFilter) -> Result<Lines<Earnable>, FactoryError> {
        let path = filter.query().behind(&format!("/v1/earnablebadge/{}/", self.client_id));
        self.list(path, "application form").await
    }

    /// One application form, without its HTML: `GET /v1/earnablebadge/{client_id}/{earnable_id}`.
    pub async fn earnable(&self, id: &EarnableId) -> Result<Earnable, FactoryError> {
        self.object(self.form_path(id), "application form").await
    }

    /// One application form with the HTML of its fields: `?form_html=1`. Whoever shows it cleans it first.
    pub async fn earnable_with_form(&self, id: &EarnableId) -> Result<Earnable, FactoryError> {
        self.object(format!("{}?form_html=1", self.form_path(id)), "application form")
            .await
    }

    /// Hands a filled form in: `POST /v1/earnablebadge/{client_id}/{earnable_id}/apply`. Any 2xx is a success; gives
    /// the application's id where the answer names it.
    ///
    /// The call is made once. There is no idempotency key: after [`FactoryError::Lost`] and
    /// [`FactoryError::Unavailable`] look for the application by form, address and time before it is sent again.
    /// `boundary` divides the parts: letters and digits that nobody could guess. A wrong claim code is
    /// [`FactoryError::Forbidden`] or [`FactoryError::Refused`].
    pub async fn apply(
        &self,
        id: &EarnableId,
        form: &FilledForm,
        boundary: &str,
        sending: Sending,
    ) -> Result<Option<ApplicationId>, FactoryError> {
        let mut request = Request::new(Method::Post, format!("{}/apply", self.form_path(id)), sending.deadline);
        request.headers.push(("content-type", multipart::media_type(boundary)));
        request.body = Some(multipart::body(&form.parts(), boundary));
        request.gate = sending.gate;
        let response = self.call(request).await?;
        Ok(response.header("location").and_then(application_id_in_location))
    }

    /// The applications handed in with a form, one at a time, all or those of one status:
    /// `GET /v1/earnablebadge/{client_id}/{earnable_id}/application`. What was entered is perhaps not in the list.
    pub async fn applications(
        &self,
        id: &EarnableId,
        status: Option<&ApplicationStatus>,
    ) -> Result<Lines<Application>, FactoryError> {
        let mut query = Query::default();
        query.push_some("status", status.map(ApplicationStatus::as_str));
        let path = query.behind(&format!("{}/application", self.form_path(id)));
        self.list(path, "application").await
    }

    /// One application with what was entered: `GET …/application/{application_id}`.
    pub async fn application(&self, form: &EarnableId, id: &ApplicationId) -> Result<Application, FactoryError> {
        self.object(self.application_path(form, id), "application").await
    }

    /// Approves an application, which issues its badge: `PUT …/application/{application_id}`. Made once; after
    /// [`FactoryError::Lost`] and [`FactoryError::Unavailable`] read the application's status before anything else.
    pub async fn approve_application(
        &self,
        form: &EarnableId,
        id: &ApplicationId,
        approval: &Approval,
        sending: Sending,
    ) -> Result<(), FactoryError> {
        self.decide(form, id, &approval.to_json(), sending).await
    }

    /// Rejects an application, with a message if the rejection has one: `PUT …/application/{application_id}`. As
    /// uncertain as [`Self::approve_application`].
    pub async fn reject_application(
        &self,
        form: &EarnableId,
        id: &ApplicationId,
        rejection: &Rejection,
        sending: Sending,
    ) -> Result<(), FactoryError> {
        self.decide(form, id, &rejection.to_json(), sending).await
    }

    async fn decide(
        &self,
        form: &EarnableId,
        id: &ApplicationId,
        body: &serde_json::Value,
        sending: Sending,
    ) -> Result<(), FactoryError> {
        let path = self.application_path(form, id);
        let mut request = Request::new(Method::Put, path, sending.deadline).with_json(body);
        request.gate = sending.gate;
        self.call(request).await.map(|_| ())
    }

    fn form_path(&self, id: &EarnableId) -> String {
        format!("/v1/earnablebadge/{}/{id}", self.client_id)
    }

    fn application_path(&self, form: &EarnableId, id: &ApplicationId) -> String {
        format!("{}/application/{id}", self.form_path(form))
    }
}

/// The application's id in a `Location` header, if there is one: what stands behind `/application/`.
fn application_id_in_location(location: &str) -> Option<ApplicationId> {
    let path = location.trim().split(['?', '#']).next()?;
    let (_, id) = path.rsplit_once("/application/")?;
    ApplicationId::parse(id.trim_end_matches('/')).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::id::ClientId;
    use super::super::super::testing::Script;
    use super::super::super::transport::{SendGate, TransportError};
    use super::super::tests::filled;
    use super::*;

    fn client(script: &Arc<Script>) -> FactoryClient {
        FactoryClient::with_certificate(script.transport(), ClientId::parse("C8Xk2Demo").unwrap())
    }

    fn form() -> EarnableId {
        EarnableId::parse("A7").unwrap()
    }

    fn application() -> ApplicationId {
        ApplicationId::parse("P2").unwrap()
    }

    #[tokio::test]
    async fn a_filled_form_goes_out_as_multipart() {
        let script = Script::new().answers(
            201,
            &[("Location", "/v1/earnablebadge/C8Xk2Demo/A7/application/P2")],
            "",
        );
        let made = client(&script)
            .apply(&form(), &filled(), "edge7", Sending::default())
            .await
            .unwrap();
        assert_eq!(made, Some(application()));
        let seen = script.seen();
        assert_eq!(seen[0].path_and_query, "/v1/earnablebadge/C8Xk2Demo/A7/apply");
        assert_eq!(
            seen[0].headers,
            [("content-type", "multipart/form-data; boundary=edge7".to_owned())]
        );
        let body = String::from_utf8(seen[0].body.clone().unwrap().to_vec()).unwrap();
        assert!(
            body.contains("name=\"email\"\r\n\r\nada@example.org\r\n--edge7\r\n"),
            "{body}"
        );
        for (status, headers) in [(200, &[][..]), (204, &[("Location", "/thanks")])] {
            let script = Script::new().answers(status, headers, "");
            let made = client(&script).apply(&form(), &filled(), "e", Sending::default()).await;
            assert_eq!(made.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn nothing_is_repeated_and_a_closed_gate_sends_nothing() {
        let script = Script::new().answers(503, &[("Retry-After", "7")], "");
        let refused = client(&script).apply(&form(), &filled(), "e", Sending::default()).await;
        assert!(matches!(refused, Err(FactoryError::Unavailable { status: 503, .. })));
        assert_eq!(script.seen().len(), 1);
        let script = Script::new();
        let gate = Some(SendGate::new(|| false));
        let sending = Sending {
            gate,
            ..Sending::default()
        };
        let refused = client(&script).apply(&form(), &filled(), "e", sending.clone()).await;
        assert!(matches!(
            refused,
            Err(FactoryError::NotSent(TransportError::NotSent { .. }))
        ));
        let rejection = Rejection::default();
        let refused = client(&script)
            .reject_application(&form(), &application(), &rejection, sending)
            .await;
        assert!(matches!(refused, Err(FactoryError::NotSent(_))));
        assert!(script.seen().is_empty());
    }

    #[tokio::test]
    async fn forms_and_applications_are_read_and_decided_at_their_addresses() {
        let script = Script::new()
            .answers(200, &[], "{\"id\":\"A7\"}\r\n")
            .answers(200, &[], "{\"id\":\"A7\"}")
            .answers(200, &[], "{\"id\":\"A7\",\"form_html\":\"<p>\"}")
            .answers(200, &[], "{\"id\":\"P2\",\"status\":\"pending\"}\r\n")
            .answers(200, &[], "")
            .answers(200, &[], "{\"id\":\"P2\",\"form_data\":{\"why\":\"So\"}}")
            .answers(204, &[], "")
            .answers(204, &[], "");
        let client = client(&script);
        let all = client.earnables(&EarnableFilter::default()).await.unwrap();
        assert_eq!(all.all().await.unwrap().len(), 1);
        assert_eq!(client.earnable(&form()).await.unwrap().form_html, None);
        assert!(client.earnable_with_form(&form()).await.unwrap().form_html.is_some());
        let pending = ApplicationStatus::Pending;
        let found = client.applications(&form(), Some(&pending)).await.unwrap();
        assert_eq!(found.all().await.unwrap()[0].status, pending);
        assert!(
            client
                .applications(&form(), None)
                .await
                .unwrap()
                .all()
                .await
                .unwrap()
                .is_empty()
        );
        let one = client.application(&form(), &application()).await.unwrap();
        assert_eq!(one.form_data["why"], "So");
        let approval = Approval::default();
        client
            .approve_application(&form(), &application(), &approval, Sending::default())
            .await
            .unwrap();
        client
            .reject_application(&form(), &application(), &Rejection::default(), Sending::default())
            .await
            .unwrap();
        let base = "/v1/earnablebadge/C8Xk2Demo";
        assert_eq!(
            script.paths(),
            [
                format!("GET {base}/"),
                format!("GET {base}/A7"),
                format!("GET {base}/A7?form_html=1"),
                format!("GET {base}/A7/application?status=pending"),
                format!("GET {base}/A7/application"),
                format!("GET {base}/A7/application/P2"),
                format!("PUT {base}/A7/application/P2"),
                format!("PUT {base}/A7/application/P2"),
            ]
        );
    }
}
