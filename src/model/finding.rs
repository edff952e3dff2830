//! What was looked at in an installation, and what was found.

use serde::Serialize;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Health {
    /// It is well.
    Ok,
    /// Somebody should look at it.
    Look,
    /// It must be put right.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How it stands.
    pub state: Health,
    /// The name of the organisation that it concerns; absent: the installation.
    pub organisation: Option<String>,
    /// What was looked at.
    pub what: &'static str,
    /// What was found.
    pub found: String,
    /// What somebody can do about it.
    pub to_do: Option<String>,
}

impl Finding {
    /// Something is well.
    pub fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self {
            state: Health::Ok,
            organisation: None,
            what,
            found: found.into(),
            to_do: None,
        }
    }

    /// Somebody should look at something.
    pub fn look(what: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self {
            state: Health::Look,
            to_do: Some(to_do.into()),
            ..Self::ok(what, found)
        }
    }

    /// Something must be put right.
    pub fn fail(what: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self {
            state: Health::Fail,
            ..Self::look(what, found, to_do)
        }
    }
}
