//! The page that hands out API keys and secrets, as the Factory's administration does.

use super::super::Shared;
use super::super::http::{Call, Refusal, Reply};
use super::{each, escape, page};

/// The page of API keys and secrets; `minted` is a new key to show.
pub(super) fn show(shared: &Shared, minted: Option<&str>) -> Reply {
    let world = shared.world();
    let options = each(world.organisations.values(), |one| {
        let (name, id) = (escape(&one.name), escape(&one.id));
        format!("<option value=\"{id}\">{name} ({id})</option>")
    });
    let secrets = each(world.organisations.values(), |one| {
        let (name, id, secret) = (escape(&one.name), escape(&one.id), escape(&one.secret));
        format!("<tr><th scope=row>{name}</th><td><code>{id}</code></td><td><code>{secret}</code></td></tr>")
    });
    let minted = minted.map_or_else(String::new, |key| {
        format!(
            "<div class=card role=status><label>The new key: paste it within ten minutes, it works once \
             <textarea class=key rows=6 readonly>{}</textarea></label></div>",
            escape(key)
        )
    });
    let body = format!(
        "<h1>API keys</h1>{minted}<form method=post class=card><label>Organisation <select name=client>{options}</select>\
         </label><button>Generate an API key</button></form><p>The address of this Factory is <code>{}</code>.</p>\
         <h2>Secrets for bearer tokens</h2><div class=scroll tabindex=0 role=region aria-label=\"Secrets\"><table><thead>\
         <tr><th scope=col>Organisation</th><th scope=col>Client id</th><th scope=col>Secret</th></tr></thead>\
         <tbody>{secrets}</tbody></table></div>",
        escape(&shared.url),
    );
    Reply::html(200, page("API keys", &body))
}

/// Makes an API key and shows it.
pub(super) fn mint(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    let form = call.form();
    let client = form.get("client").map_or("", String::as_str);
    if !shared.world().organisations.contains_key(client) {
        return Err(Refusal::bad("There is no such organisation."));
    }
    let key = shared.keys.mint(client, shared.now());
    Ok(show(shared, Some(&key)))
}
