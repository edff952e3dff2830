//! Platform storage: the course page, or a frame beside the tool's, keeps values for the tool
//! (LTI Client Side postMessages 0.1 and Platform Storage 0.1), in the dialects of four LMSs, and with four faults.

/// Who keeps values for the tool, and how that is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StorageMode {
    /// Nobody, and nothing is said of it.
    #[default]
    None,
    /// A forwarding frame; the target stands in the login and in the launch.
    Canvas,
    /// The page itself, under the names from before the specification.
    Brightspace,
    /// A frame; the target stands in the login only.
    Blackboard,
    /// The page itself, under both spellings.
    Sakai,
    /// It announces itself and never answers.
    Silent,
    /// It gives back another value than it was given.
    WrongValue,
    /// The right value comes from a page of another origin.
    Elsewhere,
    /// The login names a frame, and nobody answers anything.
    Absent,
}

impl StorageMode {
    /// Every mode, in the order in which the settings offer them.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::Canvas,
        Self::Brightspace,
        Self::Blackboard,
        Self::Sakai,
        Self::Silent,
        Self::WrongValue,
        Self::Elsewhere,
        Self::Absent,
    ];

    /// The word for forms and for the page's script.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Canvas => "canvas",
            Self::Brightspace => "brightspace",
            Self::Blackboard => "blackboard",
            Self::Sakai => "sakai",
            Self::Silent => "silent",
            Self::WrongValue => "wrong-value",
            Self::Elsewhere => "elsewhere",
            Self::Absent => "absent",
        }
    }

    /// The mode of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// What the login says in `lti_storage_target`.
    pub(super) fn target(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Canvas => Some("post_message_forwarding"),
            Self::Blackboard => Some("lti_storage_frame"),
            _ => Some("_parent"),
        }
    }

    /// The frame beside the tool's that keeps the values.
    pub(super) fn frame(self) -> Option<&'static str> {
        self.target().filter(|target| *target != "_parent")
    }

    /// Whether the launch repeats the target.
    pub(super) fn is_in_launch(self) -> bool {
        self == Self::Canvas
    }
}
