//! `connection`: an LMS's REST API, which is asked for what nobody pushes. Secrets come in by file or standard input and are
//! only sealed.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::organisation::named;
use super::{Shell, address, change, feed, output};
use crate::app::{CALLBACK, NewConnection, Parts, needs};
use crate::clock::Timestamp;
use crate::jobs::work;
use crate::model::connection::{ASKED_APART, Connection as Row, ConnectionKind, Pull};
use crate::model::{ConnectionId, Lms, RegistrationId};
use crate::store::{Durability, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum Connection {
    /// Connect to an LMS's REST API, and print what its administrator has to set up
    Add(Add),
    /// All connections, with what they did last
    List,
    /// Try everything that a connection asks, in one course if there is one
    Test {
        /// Its id, from `connection list`
        id: ConnectionId,
        /// The course to try it in, by the LMS's context id
        #[arg(long)]
        context: Option<String>,
    },
    /// Print a new address at which the service account agrees (Canvas; Brightspace where the application has a secret)
    Authorise {
        /// Its id, from `connection list`
        id: ConnectionId,
    },
    /// Ask about a course now, and everything
    Check {
        /// Its id, from `connection list`
        id: ConnectionId,
        /// The course, by the LMS's context id
        #[arg(long)]
        context: String,
    },
    /// Ask nothing more
    Disable {
        /// Its id, from `connection list`
        id: ConnectionId,
    },
    /// Ask again
    Enable {
        /// Its id, from `connection list`
        id: ConnectionId,
    },
    /// Forget a connection with its secrets
    Remove {
        /// Its id, from `connection list`
        id: ConnectionId,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Whose it is
    #[arg(long)]
    organisation: String,
    /// The registration whose courses it asks about
    #[arg(long)]
    registration: RegistrationId,
    /// Whose interface it is: canvas, brightspace or moodle
    #[arg(long)]
    kind: ConnectionKind,
    /// The LMS's address: https and its host
    #[arg(long)]
    url: String,
    /// The client's id at the LMS (canvas: of the developer key; brightspace: of the OAuth 2.0 application)
    #[arg(long, required_if_eq_any = [("kind", "canvas"), ("kind", "brightspace")])]
    client_id: Option<String>,
    /// A file with the client's secret (canvas) or the web service's token (moodle); else it is read from standard input.
    /// With brightspace only for an application that a service account agrees to; without one, our key set proves who asks
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Where tokens come from, if not at the usual place
    #[arg(long)]
    token_url: Option<String>,
}

#[derive(Serialize)]
struct Made {
    id: String,
    kind: &'static str,
    authorise: Option<String>,
    redirect_uri: Option<String>,
    key_set: Option<String>,
    needs: Vec<Need>,
}

#[derive(Serialize)]
struct Need {
    what: &'static str,
    r#for: &'static str,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    organisation: String,
    registration: String,
    kind: &'static str,
    url: String,
    state: &'static str,
    account: Option<String>,
    token_ends: Option<String>,
    last_ok: Option<String>,
    last_error: Option<String>,
    courses: Vec<Asked>,
}

#[derive(Serialize)]
struct Asked {
    course: String,
    asked: Option<String>,
    next: Option<String>,
    ends: Option<String>,
    last_error: Option<String>,
}

pub(super) async fn run(shell: &Shell, command: Connection) -> anyhow::Result<()> {
    match command {
        Connection::Add(add) => self::add(shell, add).await,
        Connection::List => list(shell).await,
        Connection::Test { id, context } => test(shell, id, context.as_deref()).await,
        Connection::Authorise { id } => authorise(shell, id).await,
        Connection::Check { id, context } => check(shell, id, &context).await,
        Connection::Disable { id } => switch(shell, id, false).await,
        Connection::Enable { id } => switch(shell, id, true).await,
        Connection::Remove { id } => remove(shell, id).await,
    }
}

async fn add(shell: &Shell, add: Add) -> anyhow::Result<()> {
    let config = shell.config()?;
    let public = config.server.require_public_url()?.clone();
    let parts = shell.parts().await?;
    let owner = named(&parts.store, &add.organisation).await?;
    let registration = feed::registration(&parts, add.registration, owner.id).await?;
    let expected = match add.kind {
        ConnectionKind::Canvas => Lms::Canvas,
        ConnectionKind::Brightspace => Lms::Brightspace,
        ConnectionKind::Moodle => Lms::Moodle,
    };
    if registration.lms != expected && registration.lms != Lms::Generic {
        bail!(
            "--kind: {} is registered as {}, not as {}",
            registration.name,
            registration.lms.word(),
            add.kind
        );
    }
    let (networks, hosts) = (&config.outbound.allowed_networks, &registration.allowed_networks);
    let base_url = address::platform("--url", &add.url, networks, hosts)?;
    if base_url.contains('?') {
        bail!("--url: the LMS's own address is needed, without a part after ?");
    }
    let token_url = match &add.token_url {
        Some(url) => Some(address::platform("--token-url", url, networks, hosts)?),
        None => None,
    };
    let secret = match add.kind {
        ConnectionKind::Brightspace if add.secret_file.is_none() => None,
        _ => Some(secret(add.secret_file.as_deref())?),
    };
    let made = parts
        .add_connection(NewConnection {
            organisation: owner.id,
            registration: registration.id,
            kind: add.kind,
            base_url,
            token_url,
            client_id: add.client_id,
            secret,
        })
        .await?;
    let authorise = if made.asks_consent() {
        Some(parts.ask_consent(&made, &public).await?)
    } else {
        None
    };
    let proves_itself = made.kind == ConnectionKind::Brightspace && !made.asks_consent();
    let shown = Made {
        id: made.id.to_string(),
        kind: made.kind.word(),
        authorise,
        redirect_uri: made.asks_consent().then(|| public.join(CALLBACK)),
        key_set: proves_itself.then(|| public.join("/.well-known/jwks.json")),
        needs: needs(made.kind)
            .iter()
            .map(|(what, reason)| Need { what, r#for: reason })
            .collect(),
    };
    let mut lines = vec![format!("connection {} to {} is made.", shown.id, made.base_url)];
    if let (Some(redirect), Some(authorise)) = (&shown.redirect_uri, &shown.authorise) {
        let place = match made.kind {
            ConnectionKind::Canvas => "developer key (kind API)",
            _ => "OAuth 2.0 application (authorization code, with refresh tokens)",
        };
        lines.push(format!("In the {place}: redirect URI {redirect}"));
        lines.push(
            "Sign in to the LMS as a service account that sees the courses, then open within an hour:".to_owned(),
        );
        lines.push(format!("  {authorise}"));
    }
    if let Some(key_set) = &shown.key_set {
        lines.push(
            "In the OAuth 2.0 application: client credentials, bound to a service user with few rights,".to_owned(),
        );
        lines.push(format!("  key set {key_set}"));
    }
    let what = match made.kind {
        ConnectionKind::Moodle => "The web service needs these functions:",
        _ => "It needs these scopes:",
    };
    lines.push(what.to_owned());
    lines.extend(
        shown
            .needs
            .iter()
            .map(|need| format!("  {}  ({})", need.what, need.r#for)),
    );
    lines.push(format!("Then `connection test {}` tries everything.", shown.id));
    output::one(shell.json, &shown, &lines.join("\n"))
}

/// The secret, from its file or standard input.
fn secret(file: Option<&std::path::Path>) -> anyhow::Result<Zeroizing<String>> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("--secret-file: {} cannot be read", path.display()))?,
        None => std::io::read_to_string(std::io::stdin()).context("standard input cannot be read")?,
    };
    let text = Zeroizing::new(text);
    let secret = Zeroizing::new(text.trim().to_owned());
    if secret.is_empty() || secret.len() > 4096 || secret.contains(char::is_whitespace) {
        bail!("the secret is one word; give it by --secret-file or on standard input");
    }
    Ok(secret)
}

async fn list(shell: &Shell) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let rows = store
        .read(async |tx| {
            let organisations = tx.organisations().await?;
            let registrations = tx.registrations().await?;
            let mut rows = Vec::new();
            for row in tx.connections_everywhere().await? {
                let mut courses = Vec::new();
                for pull in tx.pulls(row.organisation, 500).await? {
                    let course = tx.course(row.organisation, pull.course).await?;
                    if let Some(course) = course.filter(|course| course.registration == row.registration) {
                        courses.push(asked(course.title, &pull));
                    }
                }
                let owner = organisations.iter().find(|known| known.id == row.organisation);
                let registration = registrations.iter().find(|known| known.id == row.registration);
                rows.push(Listed {
                    id: row.id.to_string(),
                    organisation: owner.map_or_else(String::new, |known| known.name.clone()),
                    registration: registration.map_or_else(String::new, |known| known.name.clone()),
                    kind: row.kind.word(),
                    url: row.base_url.clone(),
                    state: state(&row),
                    account: row.account.clone(),
                    token_ends: row.access.as_ref().map(|(_, until)| moment(*until)),
                    last_ok: row.ok_at.map(moment),
                    last_error: row.error.as_ref().map(|(why, at)| format!("{why} ({})", moment(*at))),
                    courses,
                });
            }
            Ok::<_, StoreError>(rows)
        })
        .await?;
    let head = [
        "ID",
        "ORGANISATION",
        "REGISTRATION",
        "KIND",
        "STATE",
        "COURSES",
        "LAST OK",
        "LAST ERROR",
    ];
    output::list(shell.json, &head, &rows, |row| {
        vec![
            row.id.clone(),
            row.organisation.clone(),
            row.registration.clone(),
            row.kind.to_owned(),
            row.state.to_owned(),
            row.courses.len().to_string(),
            output::or_dash(row.last_ok.as_deref()),
            output::or_dash(row.last_error.as_deref()),
        ]
    })
}

fn asked(course: String, pull: &Pull) -> Asked {
    Asked {
        course,
        asked: pull.asked_at.map(moment),
        next: pull.next_at.map(moment),
        ends: pull.ends_at.map(moment),
        last_error: pull.error.as_ref().map(|(why, at)| format!("{why} ({})", moment(*at))),
    }
}

fn state(row: &Row) -> &'static str {
    match (row.enabled, row.connected_at, &row.error) {
        (false, ..) => "disabled",
        (true, None, _) => "waits for consent",
        (true, Some(_), Some(_)) => "failing",
        (true, Some(_), None) => "open",
    }
}

/// A moment in UTC: `2027-03-01 09:12`.
fn moment(at: Timestamp) -> String {
    let seconds = at.seconds().rem_euclid(86_400);
    format!("{} {:02}:{:02}", output::day(at), seconds / 3600, seconds / 60 % 60)
}

/// A moment in UTC to the second, not before it: `2027-03-01 09:12:31`.
fn second(at: Timestamp) -> String {
    let at = Timestamp::from_millis(at.millis().saturating_add(999));
    format!("{}:{:02}", moment(at), at.seconds().rem_euclid(60))
}

/// The connection with this id, whoever's it is: commands are the operator's.
async fn known(parts: &Parts, id: ConnectionId) -> anyhow::Result<Row> {
    let rows = parts
        .store
        .read_one(async |tx| tx.connections_everywhere().await)
        .await?;
    rows.into_iter()
        .find(|row| row.id == id)
        .with_context(|| format!("there is no connection {id}; `connection list` shows all"))
}

async fn test(shell: &Shell, id: ConnectionId, context: Option<&str>) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let row = known(&parts, id).await?;
    if row.connected_at.is_none() {
        bail!("connection {id} waits for consent: `connection authorise {id}` prints where to give it");
    }
    let registration = feed::registration(&parts, row.registration, row.organisation).await?;
    let course = match context {
        Some(context) => Some(feed::course(&parts, row.organisation, row.registration, context).await?),
        None => None,
    };
    let tried = match parts.try_when_due(&row, &registration, course).await? {
        Ok(tried) => tried,
        Err(until) => bail!(
            "connection {id} was tested just now, or the LMS asks for a pause: it can be tested again from {} (UTC)",
            second(until)
        ),
    };
    output::list(shell.json, &["WHAT", "NEEDS", "RESULT"], &tried, |row| {
        let result = row
            .error
            .as_ref()
            .map_or_else(|| "ok".to_owned(), |why| format!("FAIL: {why}"));
        vec![row.what.to_string(), row.needs.to_string(), result]
    })?;
    match tried.iter().filter(|row| row.error.is_some()).count() {
        0 => Ok(()),
        failed => bail!("{failed} of {} things do not work", tried.len()),
    }
}

async fn authorise(shell: &Shell, id: ConnectionId) -> anyhow::Result<()> {
    let public = shell.config()?.server.require_public_url()?.clone();
    let parts = shell.parts().await?;
    let row = known(&parts, id).await?;
    let authorise = parts.ask_consent(&row, &public).await?;
    output::one(
        shell.json,
        &json!({"id": id, "authorise": authorise}),
        &format!("Open within an hour, signed in as the service account:\n  {authorise}"),
    )
}

async fn check(shell: &Shell, id: ConnectionId, context: &str) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let row = known(&parts, id).await?;
    let organisation = row.organisation;
    let course = feed::course(&parts, organisation, row.registration, context).await?;
    let queued: Result<Result<(), Timestamp>, StoreError> = parts
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            if let Err(until) = tx.begin_check(organisation, id, now, ASKED_APART).await? {
                return Ok(Err(until));
            }
            tx.ask_anew(organisation, course, now).await?;
            tx.enqueue(&work::pull(organisation, course, now), now).await?;
            Ok(Ok(()))
        })
        .await;
    if let Err(until) = queued? {
        bail!(
            "connection {id} was asked to check a course less than a minute ago: it can be asked again from {} (UTC)",
            second(until)
        );
    }
    output::one(
        shell.json,
        &json!({"id": id, "course": course, "state": "queued"}),
        "the LMS is asked about the course now; `connection list` shows what came of it",
    )
}

async fn switch(shell: &Shell, id: ConnectionId, enabled: bool) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let row = known(&parts, id).await?;
    let action = if enabled {
        "connection.enable"
    } else {
        "connection.disable"
    };
    parts
        .store
        .write(Durability::Full, async move |tx| {
            tx.switch_connection(row.organisation, id, enabled).await?;
            tx.ask_again(row.organisation, row.registration).await?;
            change::record(tx, Some(row.organisation), action, id, json!({})).await
        })
        .await?;
    change::switched(shell, "connection", &id, enabled)
}

async fn remove(shell: &Shell, id: ConnectionId) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let row = known(&parts, id).await?;
    parts
        .store
        .write(Durability::Full, async move |tx| {
            tx.remove_connection(row.organisation, id).await?;
            change::record(tx, Some(row.organisation), "connection.remove", id, json!({})).await
        })
        .await?;
    output::one(
        shell.json,
        &json!({"id": id, "state": "removed"}),
        &format!("connection {id} is removed; take its key back at the LMS, too"),
    )
}
