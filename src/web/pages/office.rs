//! What stands around the pages of the administration: who is signed in, and where they can go.

/// Who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Office {
    /// The administrator's name; empty: an operator.
    pub name: String,
    /// Where the page stands.
    pub room: Option<Room>,
    /// Whether the page is about one organisation.
    pub of_organisation: bool,
}

/// An entry of the administration's navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// The installation at a glance.
    Overview,
    /// Everything that is checked.
    Health,
    /// Our own signing keys.
    Keys,
    /// All organisations.
    Organisations,
    /// What is set up in an organisation.
    Setup,
    /// Its LMSs.
    Lms,
    /// Its badges at the Factory.
    Badges,
    /// Its courses and their badges.
    Courses,
    /// Events at the Factory.
    Events,
    /// What was issued, counted.
    Reports,
    /// Orders that are not settled, and signals that wait.
    Queue,
    /// Who did what.
    Audit,
    /// What the organisation says of itself.
    Issuer,
    /// Policies, limits, administrators.
    Settings,
}

impl Office {
    /// Whether an operator is signed in.
    pub fn is_operator(&self) -> bool {
        self.name.is_empty()
    }

    /// The entries, each with whether the page stands there.
    pub fn entries(&self) -> Vec<(Room, bool)> {
        let entry = |room: &Room| (*room, self.room == Some(*room));
        self.rooms().iter().map(entry).collect()
    }

    /// The entries beside the page's own.
    const fn rooms(&self) -> &'static [Room] {
        if self.of_organisation {
            &[
                Room::Setup,
                Room::Lms,
                Room::Badges,
                Room::Courses,
                Room::Events,
                Room::Reports,
                Room::Queue,
                Room::Audit,
                Room::Issuer,
                Room::Settings,
            ]
        } else {
            &[Room::Overview, Room::Health, Room::Organisations, Room::Keys]
        }
    }
}

impl Room {
    /// The message that names the entry.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Overview => "nav-overview",
            Self::Health => "nav-health",
            Self::Keys => "nav-keys",
            Self::Organisations => "nav-organisations",
            Self::Setup => "nav-setup",
            Self::Lms => "nav-lms",
            Self::Courses => "nav-courses",
            Self::Issuer => "nav-issuer",
            Self::Reports => "nav-reports",
            Self::Events => "nav-events",
            Self::Badges => "nav-badges",
            Self::Queue => "nav-queue",
            Self::Audit => "nav-audit",
            Self::Settings => "nav-settings",
        }
    }

    /// Its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/operator",
            Self::Health => "/operator/health",
            Self::Keys => "/operator/keys",
            Self::Organisations => "/operator/organisations",
            Self::Setup => "/admin",
            Self::Lms => "/admin/lms",
            Self::Courses => "/admin/courses",
            Self::Issuer => "/admin/issuer",
            Self::Reports => "/admin/reports",
            Self::Events => "/admin/events",
            Self::Badges => "/admin/badges",
            Self::Queue => "/admin/queue",
            Self::Audit => "/admin/audit",
            Self::Settings => "/admin/settings",
        }
    }
}
