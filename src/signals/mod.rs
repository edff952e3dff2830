//! What senders push becomes signals: one file per kind of feed. A body goes in, signals or the place of what could not
//! be read come out; nothing is looked up or stored here.

pub mod canvas;
mod json;
mod moment;
pub mod moodle;
pub mod pull;
pub mod webhook;

use crate::model::signal::Signal;

/// The most events that one request may bring.
pub const MOST_EVENTS: usize = 500;

/// What a body brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Its events that say something.
    pub events: Vec<Event>,
    /// How many of its events say nothing that counts here.
    pub ignored: usize,
}

/// One event of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event as JSON, to be kept and read again.
    pub raw: Vec<u8>,
    /// What it says: one signal or several.
    pub signals: Vec<Signal>,
}

/// A body that cannot be read, and where. Never with content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON.
    #[error("not JSON at line {line}, column {column}")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// A field is missing, or of another type or form than it has to be.
    #[error("event {event}: {field} is missing or cannot be read")]
    Field {
        /// Which event of the body, counted from 1.
        event: usize,
        /// The field, by its path.
        field: &'static str,
    },
    /// More events than one request may bring.
    #[error("more than {MOST_EVENTS} events in one request")]
    TooMany,
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self::NotJson {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// Reads a body of one event, or of a list of events, each by `read`. An event that `read` finds nothing in is ignored.
fn each_event(
    body: &[u8],
    mut read: impl FnMut(&serde_json::Value, usize) -> Result<Vec<Signal>, &'static str>,
) -> Result<Delivery, Unreadable> {
    let value: serde_json::Value = serde_json::from_slice(body)?;
    let events = match value {
        serde_json::Value::Array(events) => events,
        one => vec![one],
    };
    if events.len() > MOST_EVENTS {
        return Err(Unreadable::TooMany);
    }
    let mut delivery = Delivery::default();
    for (index, event) in events.iter().enumerate() {
        let signals = read(event, index).map_err(|field| Unreadable::Field {
            event: index.saturating_add(1),
            field,
        })?;
        if signals.is_empty() {
            delivery.ignored += 1;
        } else {
            delivery.events.push(Event {
                raw: event.to_string().into_bytes(),
                signals,
            });
        }
    }
    Ok(delivery)
}

#[cfg(test)]
mod testing;
