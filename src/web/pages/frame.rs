//! What surrounds every page: language, appearance, navigation, standing notices, the issuer's line.

use super::office::Office;
use super::words;
use crate::clock::Timestamp;
use crate::web::text::Text;

/// Everything of a page that is not its own content.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Language, zone and present moment.
    pub text: Text,
    /// Light, dark, or like the device.
    pub theme: Theme,
    /// The seat's role; printed as `data-role` on `body`.
    pub role: SeatRole,
    /// Whether the visitor administers the LMS.
    pub administers: bool,
    /// The nonce of this answer's content policy.
    pub nonce: String,
    /// The form token of the seat; empty where there is none: then no form is offered in the footer.
    pub csrf: String,
    /// `/c/{seat}`; empty outside a seat.
    pub base: String,
    /// Path and query of this page, to come back to after a change of language.
    pub here: String,
    /// The course's name; empty where there is none.
    pub place: String,
    /// Who issues, for the footer.
    pub issuer: Option<Issuer>,
    /// The current entry of the course's navigation; `None` for pages without navigation.
    pub section: Option<Section>,
    /// Standing notices above the heading: at most two are shown.
    pub notices: Vec<Notice>,
    /// What the last post did; shown once.
    pub flash: Option<Flash>,
    /// Applications of the course that wait for its staff.
    pub applications: u64,
    /// Who is signed in, on pages of the administration.
    pub office: Option<Office>,
}

impl Frame {
    /// Where language and appearance are chosen.
    pub fn preferences(&self) -> String {
        match self.office {
            Some(_) => "/operator/preferences".to_owned(),
            None => self.url("/preferences"),
        }
    }

    /// An address in this seat: `frame.url("/history")`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The first notices, as many as may stand above a page.
    pub fn shown_notices(&self) -> &[Notice] {
        self.notices.get(..2).unwrap_or(&self.notices)
    }
}

/// The organisation and the Factory that pages name in their footer.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// The organisation's name.
    pub organisation: String,
    /// The Factory's name, such as `CanCred Factory`.
    pub factory: String,
}

/// The appearance that the person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light: the default inside an LMS's frame.
    #[default]
    Light,
    /// Dark.
    Dark,
    /// Like the device: the default in a window of its own.
    Auto,
}

impl Theme {
    /// Every choice, in the order in which it is offered.
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Auto];

    /// The value of `data-theme` and of the form field.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "auto",
        }
    }

    /// The choice with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.code() == code)
    }
}

/// What the seat's role is called in `data-role`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeatRole {
    /// Staff: issues, revokes.
    Staff,
    /// Teaching assistants and graders: sees, without addresses.
    LimitedStaff,
    /// Learners.
    Learner,
    /// Nobody in particular.
    #[default]
    None,
}

impl SeatRole {
    /// The value of `data-role`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::LimitedStaff => "limited-staff",
            Self::Learner => "learner",
            Self::None => "none",
        }
    }

    /// Whether issuing and revoking are offered.
    pub const fn may_issue(self) -> bool {
        matches!(self, Self::Staff)
    }
}

/// An entry of the course's navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The course's home.
    Home,
    /// The four steps.
    Issue,
    /// Rules, and why somebody gets a badge or not.
    Rules,
    /// Applications for badges.
    Applications,
    /// History, events, awards.
    History,
    /// Everybody who learns in the course.
    People,
    /// The registration and its deployments: for administrators of the LMS.
    Lms,
    /// Feeds, and news that waits: for administrators of the LMS; staff come there from the rules.
    Feeds,
    /// A page beside them (help, privacy): navigation without a current entry.
    Beside,
}

impl Section {
    /// The entries that `role` is offered.
    pub fn entries(role: SeatRole, administers: bool) -> &'static [Self] {
        match (role, administers) {
            (SeatRole::Staff, false) => &[
                Self::Home,
                Self::Issue,
                Self::Rules,
                Self::Applications,
                Self::History,
                Self::People,
            ],
            (SeatRole::Staff, true) => &[
                Self::Home,
                Self::Issue,
                Self::Rules,
                Self::Applications,
                Self::History,
                Self::People,
                Self::Lms,
                Self::Feeds,
            ],
            (SeatRole::LimitedStaff, true) => &[
                Self::Home,
                Self::Rules,
                Self::Applications,
                Self::History,
                Self::People,
                Self::Lms,
                Self::Feeds,
            ],
            (SeatRole::Learner | SeatRole::None, true) => &[Self::Lms, Self::Feeds],
            (_, false) => &[Self::Home, Self::Rules, Self::Applications, Self::History, Self::People],
        }
    }

    /// The message that names the entry.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Home | Self::Beside => "nav-home",
            Self::Issue => "nav-issue",
            Self::Rules => "nav-rules",
            Self::Applications => "nav-applications",
            Self::History => "nav-history",
            Self::People => "nav-people",
            Self::Lms => "nav-lms",
            Self::Feeds => "nav-feeds",
        }
    }

    /// The entry's address below the seat.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Home | Self::Beside => "",
            Self::Issue => "/issue",
            Self::Rules => "/rules",
            Self::Applications => "/applications",
            Self::History => "/history",
            Self::People => "/people",
            Self::Lms => "/lms",
            Self::Feeds => "/feeds",
        }
    }
}

/// A fact that concerns the whole course or visit.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The Factory does not answer since a moment: awards wait, nothing is lost.
    FactoryAway {
        /// The Factory's name.
        factory: String,
        /// Since when.
        since: Timestamp,
    },
    /// The Factory refuses our calls: the queue stopped until somebody acts.
    FactoryRefuses {
        /// The Factory's name.
        factory: String,
    },
    /// The badges shown are from an earlier read.
    BadgesOld {
        /// When they were read.
        read: Timestamp,
    },
    /// The LMS does not let us read the roster.
    RosterUnreadable,
    /// The connection's certificate ends soon.
    CertificateEnds {
        /// The Factory's name.
        factory: String,
        /// Whole days left; 0 on the last day.
        days: u64,
    },
    /// The connection's certificate has ended.
    CertificateExpired {
        /// The Factory's name.
        factory: String,
    },
    /// The visitor is the LMS's test student.
    TestStudent,
    /// The LMS does not say who the visitor is.
    Anonymous,
    /// The Factory made the same award twice; the award's page offers to revoke the second event.
    IssuedTwice {
        /// The badge's name.
        badge: String,
        /// The person's name.
        name: String,
        /// Where to look.
        href: String,
    },
    /// The Factory made an award whose order had been given up; the award's page offers to revoke the event.
    IssuedLate {
        /// The badge's name.
        badge: String,
        /// The person's name.
        name: String,
        /// Where to look.
        href: String,
    },
    /// The course was copied, and items of the earlier one can be used here.
    Copied {
        /// How many.
        n: usize,
        /// Where to look.
        href: String,
    },
}

impl Notice {
    /// Whether it says who the visitor is.
    pub const fn is_about_visitor(&self) -> bool {
        matches!(self, Self::TestStudent | Self::Anonymous)
    }

    /// The colour's class.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::TestStudent | Self::Anonymous | Self::BadgesOld { .. } | Self::Copied { .. } => "",
            Self::IssuedTwice { .. } | Self::IssuedLate { .. } => "fail",
            _ => "hold",
        }
    }

    /// The fact, as a short heading.
    pub fn fact(&self, text: &Text) -> String {
        match self {
            Self::FactoryAway { factory, since } => text
                .msg("notice-away")
                .with("factory", factory)
                .with("time", text.time_or_date(since))
                .to_string(),
            Self::FactoryRefuses { factory } => text.msg("notice-refuses").with("factory", factory).to_string(),
            Self::BadgesOld { read } => text.msg("notice-old").with("time", text.ago(read)).to_string(),
            Self::RosterUnreadable => text.say("notice-roster"),
            Self::CertificateEnds { factory, days } => text
                .msg("notice-cert-ends")
                .with("factory", factory)
                .with("days", days)
                .to_string(),
            Self::CertificateExpired { factory } => {
                text.msg("notice-cert-expired").with("factory", factory).to_string()
            }
            Self::TestStudent => text.say("notice-test"),
            Self::Anonymous => text.say("notice-anonymous"),
            Self::IssuedTwice { badge, name, .. } => text
                .msg("notice-twice")
                .with("badge", badge)
                .with("name", name)
                .to_string(),
            Self::IssuedLate { badge, name, .. } => text
                .msg("notice-late")
                .with("badge", badge)
                .with("name", name)
                .to_string(),
            Self::Copied { n, .. } => text.msg("notice-copied").with("n", n).to_string(),
        }
    }

    /// What it means and what to do.
    pub fn advice(&self, text: &Text) -> String {
        text.say(match self {
            Self::FactoryAway { .. } => "notice-away-do",
            Self::FactoryRefuses { .. } => "notice-refuses-do",
            Self::BadgesOld { .. } => "notice-old-do",
            Self::RosterUnreadable => "notice-roster-do",
            Self::CertificateEnds { .. } => "notice-cert-ends-do",
            Self::CertificateExpired { .. } => "notice-cert-expired-do",
            Self::TestStudent => "notice-test-do",
            Self::Anonymous => "notice-anonymous-do",
            Self::IssuedTwice { .. } => "notice-twice-do",
            Self::IssuedLate { .. } => "notice-late-do",
            Self::Copied { .. } => "notice-copied-do",
        })
    }

    /// Where to act: address and wording.
    pub fn link(&self, text: &Text) -> Option<(String, String)> {
        match self {
            Self::IssuedTwice { href, .. } | Self::IssuedLate { href, .. } => {
                Some((href.clone(), text.say("see-award")))
            }
            Self::Copied { href, .. } => Some((href.clone(), text.say("notice-copied-link"))),
            _ => None,
        }
    }
}

/// What a successful post did.
#[derive(Clone, Debug)]
pub enum Flash {
    /// A draft was put aside.
    DraftKept,
    /// Lines were added to the selection.
    PeopleAdded {
        /// How many.
        n: usize,
    },
    /// The roster is being read anew.
    RosterAsked,
    /// Awards are being revoked.
    Revoking {
        /// How many.
        n: usize,
    },
    /// An event that should not be there is being revoked.
    RevokingEvent,
    /// Language or appearance were changed.
    PreferencesKept,
    /// An item of an earlier course is in use here.
    ItemTaken,
    /// A rule, or what was decided about it, was saved.
    RuleKept,
    /// Awards of a rule are on their way.
    RuleAwarding {
        /// How many.
        n: usize,
    },
    /// Somebody is looked at again.
    RuleChecked,
    /// What news means was kept.
    SignalsMatched,
    /// An application that was begun is kept.
    ApplicationKept,
    /// An application is on its way.
    Applied,
    /// Applications were decided.
    Decided {
        /// How many.
        n: usize,
    },
    /// A deployment was claimed.
    Claimed,
    /// A deployment was refused.
    DeploymentRefused,
    /// A refused deployment waits again.
    DeploymentReopened,
    /// The organisation was disconnected from its Factory.
    Disconnected,
    /// Awards that waited for the Factory were taken back.
    QueueWithdrawn {
        /// How many.
        n: usize,
    },
    /// Orders are tried again.
    Retried,
    /// Orders were given up.
    GivenUp,
    /// A change of the administration was kept.
    Saved,
    /// News that waited is not looked at any more.
    SignalDiscarded,
}

impl Flash {
    /// The sentence to show.
    pub fn say(&self, text: &Text) -> String {
        match self {
            Self::DraftKept => text.say("flash-draft-kept"),
            Self::PeopleAdded { n } => text.msg("flash-added").with("n", n).to_string(),
            Self::RosterAsked => text.say("flash-roster"),
            Self::Revoking { n } => text.msg("flash-revoking").with("n", n).to_string(),
            Self::RevokingEvent => text.say("flash-revoking-event"),
            Self::PreferencesKept => text.say("flash-preferences"),
            Self::ItemTaken => text.say("flash-copied"),
            Self::RuleKept => text.say("flash-rule-kept"),
            Self::RuleAwarding { n } => text.msg("flash-rule-awarding").with("n", n).to_string(),
            Self::RuleChecked => text.say("flash-rule-checked"),
            Self::SignalsMatched => text.say("flash-signals-matched"),
            Self::ApplicationKept => text.say("flash-application-kept"),
            Self::Applied => text.say("flash-applied"),
            Self::Decided { n } => text.msg("flash-decided").with("n", n).to_string(),
            Self::Claimed => text.say("flash-claimed"),
            Self::DeploymentRefused => text.say("flash-deployment-refused"),
            Self::DeploymentReopened => text.say("flash-deployment-reopened"),
            Self::Disconnected => text.say("flash-disconnected"),
            Self::QueueWithdrawn { n } => text.msg("flash-queue-withdrawn").with("n", n).to_string(),
            Self::Retried => text.say("flash-retried"),
            Self::GivenUp => text.say("flash-given-up"),
            Self::Saved => text.say("flash-saved"),
            Self::SignalDiscarded => text.say("flash-signal-discarded"),
        }
    }

    /// A short stable code, for the address that carries it over the redirect: `?did={code}`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DraftKept => words::did::DRAFT_KEPT,
            Self::PeopleAdded { .. } => words::did::PEOPLE_ADDED,
            Self::RosterAsked => words::did::ROSTER_ASKED,
            Self::Revoking { .. } => words::did::REVOKING,
            Self::RevokingEvent => words::did::REVOKING_EVENT,
            Self::PreferencesKept => words::did::PREFERENCES_KEPT,
            Self::ItemTaken => words::did::ITEM_TAKEN,
            Self::RuleKept => words::did::RULE_KEPT,
            Self::RuleAwarding { .. } => words::did::RULE_AWARDING,
            Self::RuleChecked => words::did::RULE_CHECKED,
            Self::SignalsMatched => words::did::SIGNALS_MATCHED,
            Self::ApplicationKept => words::did::APPLICATION_KEPT,
            Self::Applied => words::did::APPLIED,
            Self::Decided { .. } => words::did::DECIDED,
            Self::Claimed => words::did::CLAIMED,
            Self::DeploymentRefused => words::did::DEPLOYMENT_REFUSED,
            Self::DeploymentReopened => words::did::DEPLOYMENT_REOPENED,
            Self::Disconnected => words::did::DISCONNECTED,
            Self::QueueWithdrawn { .. } => words::did::QUEUE_WITHDRAWN,
            Self::Retried => words::did::RETRIED,
            Self::GivenUp => words::did::GIVEN_UP,
            Self::Saved => words::did::SAVED,
            Self::SignalDiscarded => words::did::SIGNAL_DISCARDED,
        }
    }

    /// The flash with this code; `n` where it counts something.
    pub fn parse(code: &str, n: usize) -> Option<Self> {
        Some(match code {
            words::did::DRAFT_KEPT => Self::DraftKept,
            words::did::PEOPLE_ADDED => Self::PeopleAdded { n },
            words::did::ROSTER_ASKED => Self::RosterAsked,
            words::did::REVOKING => Self::Revoking { n },
            words::did::REVOKING_EVENT => Self::RevokingEvent,
            words::did::PREFERENCES_KEPT => Self::PreferencesKept,
            words::did::ITEM_TAKEN => Self::ItemTaken,
            words::did::RULE_KEPT => Self::RuleKept,
            words::did::RULE_AWARDING => Self::RuleAwarding { n },
            words::did::RULE_CHECKED => Self::RuleChecked,
            words::did::SIGNALS_MATCHED => Self::SignalsMatched,
            words::did::APPLICATION_KEPT => Self::ApplicationKept,
            words::did::APPLIED => Self::Applied,
            words::did::DECIDED => Self::Decided { n },
            words::did::CLAIMED => Self::Claimed,
            words::did::DEPLOYMENT_REFUSED => Self::DeploymentRefused,
            words::did::DEPLOYMENT_REOPENED => Self::DeploymentReopened,
            words::did::DISCONNECTED => Self::Disconnected,
            words::did::QUEUE_WITHDRAWN => Self::QueueWithdrawn { n },
            words::did::RETRIED => Self::Retried,
            words::did::GIVEN_UP => Self::GivenUp,
            words::did::SAVED => Self::Saved,
            words::did::SIGNAL_DISCARDED => Self::SignalDiscarded,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::text::Locale;

    #[test]
    fn a_certificate_on_its_last_day_ends_within_hours_and_not_in_no_days() {
        let fact = |locale, days| {
            let text = Text::new(locale, Timestamp::default());
            let factory = "CanCred Factory".to_owned();
            Notice::CertificateEnds { factory, days }.fact(&text)
        };
        for (locale, last, one, many) in [
            (Locale::En, "24 hours", "1 day.", "13 days."),
            (Locale::Fr, "24 heures", "1 jour.", "13 jours."),
        ] {
            assert!(fact(locale, 0).contains(last), "{}", fact(locale, 0));
            let plain = |days| fact(locale, days).replace(['\u{2068}', '\u{2069}'], "");
            assert!(plain(1).ends_with(one), "{}", plain(1));
            assert!(plain(13).ends_with(many), "{}", plain(13));
        }
    }
}
