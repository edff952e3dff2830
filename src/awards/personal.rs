//! Everything that is stored about one person, to be given to them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::model::application::Application;
use crate::model::holding::Holding;
use crate::model::{MemberId, OrganisationId};
use crate::store::{Store, StoreError};

/// All of it as one document; moments are in milliseconds since 1970, files in base64. Absent: nobody of this organisation.
pub async fn export(
    store: &Store,
    organisation: OrganisationId,
    member: MemberId,
) -> Result<Option<Value>, StoreError> {
    let read = store.read(async |tx| {
        let Some(profile) = tx.profile(organisation, member).await? else {
            return Ok(None);
        };
        let person = json!({
            "id": member,
            "lms": profile.lms,
            "number_at_the_lms": profile.sub,
            "other_numbers": profile.aliases,
            "name": profile.name,
            "address": profile.email,
            "first_seen": profile.created_at,
        });
        let rest = json!({
            "courses": tx.courses_of_member(organisation, member).await?,
            "awards": tx.personal_awards(organisation, member).await?,
            "results": tx.personal_facts(organisation, member).await?,
            "decisions_of_rules": tx.personal_decisions(organisation, member).await?,
        });
        let holdings = tx.holdings(organisation, member).await?;
        let applications = tx.applications_of_member(organisation, member).await?;
        Ok::<_, StoreError>(Some((person, rest, holdings, applications)))
    });
    let Some((person, mut all, holdings, applications)) = read.await? else {
        return Ok(None);
    };
    let mut handed_in = Vec::new();
    for one in &applications {
        handed_in.push(application(store, one).await?);
    }
    if let Some(all) = all.as_object_mut() {
        all.insert("person".to_owned(), person);
        all.insert(
            "badges_at_the_factory".to_owned(),
            holdings.iter().map(holding).collect(),
        );
        all.insert("applications".to_owned(), Value::Array(handed_in));
    }
    Ok(Some(all))
}

async fn application(store: &Store, one: &Application) -> Result<Value, StoreError> {
    let mut answers = Vec::new();
    for answer in &one.answers {
        let mut said = json!({ "question": answer.label, "answer": answer.shown });
        if let (Some(file), Some(said)) = (&answer.file, said.as_object_mut()) {
            let id = file.id;
            let bytes = store
                .read_one(async |tx| tx.file_bytes(one.organisation, one.id, id).await)
                .await?;
            said.insert("file".to_owned(), json!(file.name));
            said.insert("media_type".to_owned(), json!(file.media_type));
            said.insert("content".to_owned(), json!(STANDARD.encode(bytes)));
        }
        answers.push(said);
    }
    Ok(json!({
        "badge": one.badge_name,
        "name": one.name,
        "address": one.address,
        "stage": one.stage.word(),
        "decision": one.decision.map(crate::model::application::Decision::word),
        "message": one.message,
        "answers": answers,
        "created_at": one.created_at,
        "decided_at": one.decided_at,
    }))
}

fn holding(one: &Holding) -> Value {
    json!({
        "event": one.event,
        "badge": one.name,
        "address": one.address,
        "state": one.state.word(),
        "issued_at": one.issued_at,
        "expires_at": one.expires_at,
        "public_page": one.page_url,
    })
}
