//! Plain types and pure state machines; no IO.
