//! What the simulated Factory knows: organisations, badges, events, applications, mail. Every change is one line in a
//! journal, if there is one, so that a restarted sandbox goes on where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;

/// One Factory client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Organisation {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) email: String,
    pub(super) url: String,
    /// A data URL; empty for none.
    pub(super) image: String,
    /// Badges it may issue a year; 0 for no limit.
    pub(super) issuing_limit: u64,
    pub(super) ctime: i64,
    pub(super) mtime: i64,
}

/// A badge. What the caller may set beside name, description, draft and picture is kept in `more` as it came.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Badge {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) draft: bool,
    pub(super) image: Picture,
    pub(super) more: Map<String, Value>,
    /// Organisations that may issue it beside its owner.
    pub(super) shared_with: Vec<String>,
    pub(super) deleted: bool,
    pub(super) ctime: i64,
    pub(super) mtime: i64,
}

impl Badge {
    /// A text among the fields in `more`; empty text counts as absent.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.more
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }
}

/// A badge's picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Picture {
    /// A data URL.
    Data(String),
    /// A large PNG of noise, another one per number, made when it is asked for: for measurements.
    Noise(u64),
}

/// One issuing: one call, all its recipients.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) badge_id: String,
    pub(super) name: String,
    pub(super) recipients: Vec<Recipient>,
    pub(super) issued_on: i64,
    pub(super) expires: Option<i64>,
    pub(super) message: Message,
    pub(super) badge_override: Value,
    pub(super) log_entry: Value,
    pub(super) api_consumer_id: String,
    pub(super) show_report: bool,
    pub(super) send_email: bool,
    pub(super) earnable_application_id: Option<String>,
    pub(super) timestamp: i64,
    pub(super) token: String,
    /// Searches show it from then on.
    pub(super) visible_from: Timestamp,
}

/// One address in an event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Recipient {
    pub(super) address: String,
    pub(super) name: Option<String>,
    pub(super) assertion: String,
    pub(super) salt: String,
    pub(super) token: String,
    pub(super) accepted: bool,
    pub(super) revoked: Option<i64>,
}

/// The four parts of an issuing mail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) link_text: String,
    pub(super) footer: String,
}

/// A mail that the Factory would have sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) message: Message,
    pub(super) badge_id: String,
    pub(super) badge_name: String,
    pub(super) event_id: Option<String>,
    /// Of the page behind the button.
    pub(super) token: Option<String>,
    pub(super) time: Timestamp,
}

/// A public application form for a badge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Earnable {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) badge_id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) approval_method: String,
    pub(super) attach_evidence: String,
    pub(super) secret: Option<String>,
    pub(super) visible: bool,
    pub(super) redirect_url: String,
    pub(super) form_html: String,
    #[serde(default)]
    pub(super) not_before: Option<i64>,
    #[serde(default)]
    pub(super) not_after: Option<i64>,
    pub(super) ctime: i64,
}

/// A filled form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Application {
    pub(super) id: String,
    pub(super) earnable_id: String,
    pub(super) badge_id: String,
    pub(super) applicant: String,
    pub(super) email: String,
    pub(super) attach_evidence: bool,
    pub(super) status: String,
    pub(super) reviewer: Option<String>,
    pub(super) form_data: Map<String, Value>,
    pub(super) event_id: Option<String>,
    pub(super) ctime: i64,
    pub(super) mtime: i64,
}

/// A change; the last one of an id holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Change {
    Organisation(Organisation),
    Badge(Badge),
    Event(Event),
    Letter(Letter),
    Earnable(Earnable),
    Application(Application),
    /// An API key that was used.
    Nonce(String),
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) organisations: BTreeMap<String, Organisation>,
    pub(super) badges: BTreeMap<String, Arc<Badge>>,
    pub(super) events: Vec<Event>,
    event_places: BTreeMap<String, usize>,
    pub(super) letters: Vec<Letter>,
    pub(super) earnables: BTreeMap<String, Earnable>,
    pub(super) applications: BTreeMap<String, Application>,
    nonces: BTreeSet<String>,
    /// Bearer tokens with their client and end; not kept over a restart.
    pub(super) tokens: BTreeMap<String, (String, Timestamp)>,
    journal: Option<File>,
}

impl World {
    /// The world kept in the journal at `path`. A torn last line (the process was killed while writing) is dropped.
    pub(super) fn stored_at(path: &Path) -> io::Result<Self> {
        let mut world = Self::default();
        if path.exists() {
            for line in BufReader::new(File::open(path)?).lines() {
                match serde_json::from_str(&line?) {
                    Ok(change) => world.apply(change),
                    Err(why) => tracing::warn!("skipped an unreadable line of the simulator's journal: {why}"),
                }
            }
        }
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path)?;
        file.write_all(b"\n")?;
        world.journal = Some(file);
        Ok(world)
    }

    /// Whether nothing was ever stored.
    pub(super) fn is_empty(&self) -> bool {
        self.organisations.is_empty()
    }

    /// Makes a change and writes it down.
    pub(super) fn record(&mut self, change: Change) {
        if let Some(journal) = &mut self.journal
            && let Ok(mut line) = serde_json::to_vec(&change)
        {
            line.push(b'\n');
            if let Err(why) = journal.write_all(&line) {
                tracing::error!("the simulator's journal cannot be written: {why}");
            }
        }
        self.apply(change);
    }

    /// Marks an API key's nonce as used; `false` if it was used before.
    pub(super) fn spend(&mut self, nonce: &str) -> bool {
        let fresh = !self.nonces.contains(nonce);
        self.record(Change::Nonce(nonce.to_owned()));
        fresh
    }

    /// A badge that exists and that `client` may use: its own or one shared with it.
    pub(super) fn badge(&self, client: &str, id: &str) -> Option<Arc<Badge>> {
        let badge = self.badges.get(id).filter(|badge| !badge.deleted)?;
        let usable = badge.client_id == client || badge.shared_with.iter().any(|with| with == client);
        usable.then(|| Arc::clone(badge))
    }

    /// An event of `client`.
    pub(super) fn event(&self, client: &str, id: &str) -> Option<&Event> {
        self.event_by_id(id).filter(|event| event.client_id == client)
    }

    /// An event, whoever's.
    pub(super) fn event_by_id(&self, id: &str) -> Option<&Event> {
        self.events.get(*self.event_places.get(id)?)
    }

    /// An earnable badge of `client`.
    pub(super) fn earnable(&self, client: &str, id: &str) -> Option<&Earnable> {
        self.earnables.get(id).filter(|earnable| earnable.client_id == client)
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Organisation(one) => {
                self.organisations.insert(one.id.clone(), one);
            }
            Change::Badge(one) => {
                self.badges.insert(one.id.clone(), Arc::new(one));
            }
            Change::Event(one) => {
                let place = self.event_places.get(&one.id);
                if let Some(old) = place.and_then(|at| self.events.get_mut(*at)) {
                    *old = one;
                } else {
                    self.event_places.insert(one.id.clone(), self.events.len());
                    self.events.push(one);
                }
            }
            Change::Letter(one) => self.letters.push(one),
            Change::Earnable(one) => {
                self.earnables.insert(one.id.clone(), one);
            }
            Change::Application(one) => {
                self.applications.insert(one.id.clone(), one);
            }
            Change::Nonce(nonce) => {
                self.nonces.insert(nonce);
            }
        }
    }
}
