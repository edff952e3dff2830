//! Placing the tool's items in a course (LTI Deep Linking 2.0): what the LMS takes, and the tool's answer, checked.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::claims::CLAIM;
use super::dialects;
use super::launch::Dialect;
use super::state::Shared;
use super::token;
use crate::crypto::random;

/// The prefix of deep linking's claims.
const DL: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/";

/// What a place in the course takes. In Moodle's dialect every place takes several links and sends no data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Picking {
    /// One link, with a column of the grade book if the tool likes.
    #[default]
    One,
    /// Several.
    Many,
    /// One without a column; as little as possible is said.
    Ungraded,
    /// Web pages only: no links to the tool.
    Pages,
}

impl Picking {
    /// The word in the address of the page that places something.
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Many => "many",
            Self::Ungraded => "ungraded",
            Self::Pages => "pages",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::One, Self::Many, Self::Ungraded, Self::Pages]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// An item of the tool that stands in a course.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedItem {
    /// `resource_link.id` of its launches: made by the LMS, after the tool answered.
    pub id: String,
    /// The course.
    pub course: String,
    /// `target_link_uri` of its launches.
    pub url: String,
    /// What the link is called.
    pub title: String,
    /// `custom` of its launches, variables not filled in yet.
    pub custom: Map<String, Value>,
}

/// The settings claim, and what else a request to place something says differently from a launch.
pub(super) fn request(
    base: &str,
    dialect: Dialect,
    course: &str,
    picking: Picking,
    open: &mut HashMap<String, Picking>,
    claims: &mut Map<String, Value>,
) {
    let mut settings = json!({
        "accept_types": ["link", "ltiResourceLink", "html"],
        "accept_presentation_document_targets": ["iframe", "window", "embed"],
        "deep_link_return_url": format!("{base}/lti/deep-link/{course}?from=course&x=%22"),
    });
    let mut said = |name: &str, value: Value| {
        if let Some(settings) = settings.as_object_mut() {
            settings.insert(name.to_owned(), value);
        }
    };
    match (dialect, picking) {
        (Dialect::Moodle, _) => {
            said("accept_types", json!(["ltiResourceLink"]));
            said(
                "accept_presentation_document_targets",
                json!(["frame", "iframe", "window"]),
            );
            said("accept_multiple", json!(true));
            said("auto_create", json!(false));
            said("title", json!("Badges"));
            said("text", json!(""));
        }
        (_, Picking::Ungraded) => said("accept_lineitem", json!(false)),
        (_, Picking::Pages) => said("accept_types", json!(["html", "image"])),
        (_, _) => {
            said("accept_multiple", json!(picking == Picking::Many));
            said("accept_lineitem", json!(true));
            if dialects::sends_data(dialect) {
                let token = random::token();
                // comes back byte for byte, or the answer is refused
                said("data", json!(format!("pick={token}&q=\"1\" é+%20")));
                open.insert(token, picking);
            }
        }
    }
    if let Some(settings) = settings.as_object_mut() {
        dialects::bend_picking(dialect, settings, claims);
    }
    claims.insert(format!("{DL}deep_linking_settings"), settings);
    claims.insert(format!("{CLAIM}message_type"), json!("LtiDeepLinkingRequest"));
    claims.remove(&format!("{CLAIM}resource_link"));
}

/// Takes the tool's answer; how many items it places, or why it is refused.
pub(super) async fn answer(shared: &Shared, course: &str, jwt: &str) -> Result<usize, String> {
    let (client_id, claims) = token::signed_by_tool(shared, jwt)
        .await
        .map_err(|token::TokenError(error)| error)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| claims.get(name).and_then(Value::as_i64).unwrap_or_default();
    let now = shared.clock.now().seconds();
    let dialect = shared.lock().dialect;
    if text("aud") != shared.base || text("sub") != client_id {
        return Err("the answer is not for this LMS".to_owned());
    }
    if number("exp") <= now || number("exp") > now + 300 || number("iat") > now {
        return Err("the answer's times do not hold".to_owned());
    }
    if text(&format!("{CLAIM}message_type")) != "LtiDeepLinkingResponse" || text(&format!("{CLAIM}version")) != "1.3.0"
    {
        return Err("the answer is none".to_owned());
    }
    let nonce = (client_id.clone(), text("nonce").to_owned());
    if nonce.1.is_empty() || !shared.lock().spent_assertions.insert(nonce) {
        return Err("the nonce was used before".to_owned());
    }
    let deployment = text(&format!("{CLAIM}deployment_id"));
    let is_known = |id: &String| id == deployment;
    let registered = shared.lock().registration(Some(&client_id)).cloned();
    if !registered.is_some_and(|known| known.deployment_ids.iter().any(is_known)) {
        return Err("the deployment is unknown".to_owned());
    }
    let data = claims.get(format!("{DL}data"));
    let picking = match dialect {
        _ if dialects::sends_data(dialect) => data_of(shared, data)?,
        _ if data.is_none() => Picking::Many,
        _ => return Err("no data was sent, and some came back".to_owned()),
    };
    let empty = Vec::new();
    let items = claims.get(format!("{DL}content_items")).and_then(Value::as_array);
    let items = items.unwrap_or(&empty);
    if items.len() > 1 && picking != Picking::Many {
        return Err("one item was asked for".to_owned());
    }
    for item in items {
        check(item, picking)?;
    }
    if dialect == Dialect::OpenEdx {
        // what it placed replaces what was there, and nothing erases it
        shared.lock().placed.retain(|item| item.course != course);
    }
    for item in items {
        place(shared, course, item, dialect);
    }
    Ok(items.len())
}

/// The request that the data belongs to: it is answered once.
fn data_of(shared: &Shared, data: Option<&Value>) -> Result<Picking, String> {
    let Some(data) = data else {
        return Ok(Picking::Ungraded);
    };
    let token = data
        .as_str()
        .and_then(|data| data.strip_suffix("&q=\"1\" é+%20")?.strip_prefix("pick="));
    token
        .and_then(|token| shared.lock().open_picks.remove(token))
        .ok_or_else(|| "the data is not that of an open request".to_owned())
}

fn check(item: &Value, picking: Picking) -> Result<(), String> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("type") != "ltiResourceLink" || picking == Picking::Pages {
        return Err("this type of item is not taken here".to_owned());
    }
    if text("url").is_empty() || text("title").is_empty() || text("title").chars().count() > 255 {
        return Err("an item lacks its address or title".to_owned());
    }
    if item.get("lineItem").is_some() && picking == Picking::Ungraded {
        return Err("no column was asked for".to_owned());
    }
    let empty = Map::new();
    let custom = item.get("custom").and_then(Value::as_object).unwrap_or(&empty);
    if custom.values().any(|value| !value.is_string()) {
        return Err("a custom value is no text".to_owned());
    }
    Ok(())
}

fn place(shared: &Shared, course: &str, item: &Value, dialect: Dialect) {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut state = shared.lock();
    state.serial += 1;
    let id = format!("item-{}", state.serial);
    // Open edX makes no column of it
    let column = item.get("lineItem").filter(|_| dialect != Dialect::OpenEdx);
    if let Some(column) = column.and_then(Value::as_object) {
        let mut fields = column.clone();
        fields.insert("resourceLinkId".to_owned(), json!(id));
        state.add_column(course, fields, true);
    }
    let custom = item.get("custom").and_then(Value::as_object).cloned();
    state.placed.push(PlacedItem {
        id,
        course: course.to_owned(),
        url: text("url"),
        title: text("title"),
        custom: custom.unwrap_or_default(),
    });
}

/// The custom parameters of an item's launch, with what this LMS can fill in; the rest arrives as it stands.
pub(super) fn filled_in(custom: &Map<String, Value>, history: &[String]) -> Map<String, Value> {
    let fill = |value: &Value| match value.as_str() {
        Some("$Context.id.history") => json!(history.join(",")),
        _ => value.clone(),
    };
    custom.iter().map(|(name, value)| (name.clone(), fill(value))).collect()
}
