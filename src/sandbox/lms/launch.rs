//! A launch that is wanted: in which dialect, who opens what where, and what is bent in it.

use serde_json::Value;

use super::claims::CLAIM;
use super::deep_link::Picking;

/// How the LMS speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// As the specification has it: full URIs, `aud` with `azp`, tokens of one hour, pages of the roster.
    #[default]
    Plain,
    /// As Moodle 4.5 does it: tokens of one minute, single-use launch hints, short names in rosters and so on.
    Moodle,
    /// As Canvas does it: nulls and numbers everywhere, `deployment_id` in the login, 400 for an older score.
    Canvas,
    /// As Brightspace does it: `nbf`, an audience of its own for service tokens, 403 for who is not graded.
    Brightspace,
    /// As Blackboard does it: a roster's address with a query, columns without their link, another type for scores.
    Blackboard,
    /// As Sakai does it: no column twice under one label, members without a status.
    Sakai,
    /// As Open edX does it: as little as it says, 403 for a bad token, columns that are not deleted, 500 for strangers.
    OpenEdx,
}

impl Dialect {
    /// Every dialect, in the order in which the settings offer them.
    pub const ALL: [Self; 7] = [
        Self::Plain,
        Self::Moodle,
        Self::Canvas,
        Self::Brightspace,
        Self::Blackboard,
        Self::Sakai,
        Self::OpenEdx,
    ];

    /// The word for forms and the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Moodle => "moodle",
            Self::Canvas => "canvas",
            Self::Brightspace => "brightspace",
            Self::Blackboard => "blackboard",
            Self::Sakai => "sakai",
            Self::OpenEdx => "openedx",
        }
    }

    /// How the settings call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Plain => "Plain LTI 1.3, as the specification has it",
            Self::Moodle => "As Moodle 4.5 does it",
            Self::Canvas => "As Canvas does it",
            Self::Brightspace => "As Brightspace does it",
            Self::Blackboard => "As Blackboard does it",
            Self::Sakai => "As Sakai does it",
            Self::OpenEdx => "As Open edX does it",
        }
    }

    /// The dialect of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }
}

/// Where the tool opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// In a frame of the course page.
    #[default]
    Iframe,
    /// In a window of its own.
    Window,
}

impl Target {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Iframe => "iframe",
            Self::Window => "window",
        }
    }

    pub(super) fn named(name: &str) -> Self {
        if name == "window" { Self::Window } else { Self::Iframe }
    }
}

/// A launch to be signed: who, where, and what differs from what the LMS would say by itself.
#[derive(Clone, Debug, Default)]
pub struct LaunchSpec {
    pub(super) person: String,
    pub(super) course: String,
    pub(super) nonce: String,
    pub(super) client_id: Option<String>,
    pub(super) deployment_id: Option<String>,
    pub(super) target: Target,
    pub(super) target_link_uri: Option<String>,
    pub(super) picking: Option<Picking>,
    pub(super) item: Option<String>,
    pub(super) changes: Vec<(String, Option<Value>)>,
}

impl LaunchSpec {
    /// `person` (id or sign-in name) opens the link of `course` (id or short name). A person nobody knows is a learner
    /// without a name; an empty or unknown course leaves `context` out.
    pub fn new(person: &str, course: &str, nonce: &str) -> Self {
        Self {
            person: person.into(),
            course: course.into(),
            nonce: nonce.into(),
            ..Self::default()
        }
    }

    /// For this client id, not the first registered one; with its first deployment.
    #[must_use]
    pub fn client(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id.to_owned());
        self
    }

    /// In this deployment, whether registered or not.
    #[must_use]
    pub fn deployment(mut self, deployment_id: &str) -> Self {
        self.deployment_id = Some(deployment_id.to_owned());
        self
    }

    /// In a frame or a window.
    #[must_use]
    pub fn opened_in(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// With this target, in the login and in the token.
    #[must_use]
    pub fn target_link_uri(mut self, uri: &str) -> Self {
        self.target_link_uri = Some(uri.to_owned());
        self
    }

    /// A request to place something, not a launch.
    #[must_use]
    pub fn picking(mut self, picking: Picking) -> Self {
        self.picking = Some(picking);
        self
    }

    /// The launch of an item that the tool placed.
    #[must_use]
    pub fn item(mut self, id: &str) -> Self {
        self.item = Some(id.to_owned());
        self
    }

    /// With this claim set. `roles`, `context` and so on stand for the whole name of LTI's claims (see [`CLAIM`]).
    #[must_use]
    pub fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        self.changes.push((full_name(claim), Some(value.into())));
        self
    }

    /// Without this claim; names as in [`LaunchSpec::with`].
    #[must_use]
    pub fn without(mut self, claim: &str) -> Self {
        self.changes.push((full_name(claim), None));
        self
    }
}

fn full_name(claim: &str) -> String {
    const SHORT: [&str; 13] = [
        "message_type",
        "version",
        "deployment_id",
        "target_link_uri",
        "resource_link",
        "roles",
        "role_scope_mentor",
        "context",
        "tool_platform",
        "launch_presentation",
        "lis",
        "custom",
        "for_user",
    ];
    if SHORT.contains(&claim) {
        format!("{CLAIM}{claim}")
    } else {
        claim.to_owned()
    }
}
