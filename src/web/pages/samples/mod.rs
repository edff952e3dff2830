//! Pages to look at and to check: every page, filled, empty and with hostile text. No visitor sees them.

mod admin;
mod applying;
mod awards;
mod badges;
mod beside;
mod connections;
mod course;
mod events;
mod feeds;
mod issue;
mod learning;
mod linking;
mod members;
mod office;
mod operator;
mod people;
mod registering;
mod rules;

use super::{Badge, Flash, Frame, Issuer, Page, SeatRole, Section, Theme};
use crate::clock::Timestamp;
use crate::web::text::{Locale, Text};

/// A page, rendered.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The template's name and a number: `people-2`.
    pub name: String,
    /// What [`Page::heading`] said.
    pub heading: String,
    /// The whole document.
    pub html: String,
}

/// Every sample of every page in one language and appearance.
pub fn render_all(locale: Locale, theme: Theme) -> Result<Vec<Rendered>, askama::Error> {
    use super::{
        award, error, event, extra, history, home, info, issue_badge, issue_check, issue_message, issue_people,
    };
    use super::{needs, order, place, register, revoke, setup, storage};

    let mut out = Vec::new();
    render("home", home::HomePage::samples(), locale, theme, &mut out)?;
    render("needs", needs::NeedsPage::samples(), locale, theme, &mut out)?;
    render(
        "issue-badge",
        issue_badge::IssueBadgePage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render(
        "issue-people",
        issue_people::IssuePeoplePage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render(
        "issue-message",
        issue_message::IssueMessagePage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render(
        "issue-check",
        issue_check::IssueCheckPage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render("order", order::OrderPage::samples(), locale, theme, &mut out)?;
    render("event", event::EventPage::samples(), locale, theme, &mut out)?;
    render("award", award::AwardPage::samples(), locale, theme, &mut out)?;
    render(
        "course-badge",
        super::course_badge::CourseBadgePage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render("extra", extra::ExtraPage::samples(), locale, theme, &mut out)?;
    render("history", history::HistoryPage::samples(), locale, theme, &mut out)?;
    render("revoke", revoke::RevokePage::samples(), locale, theme, &mut out)?;
    render("rules", super::rules::RulesPage::samples(), locale, theme, &mut out)?;
    render("rule", super::rules::RulePage::samples(), locale, theme, &mut out)?;
    render(
        "rule-people",
        super::rules::RulePeoplePage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render("person", super::rules::PersonPage::samples(), locale, theme, &mut out)?;
    render(
        "people-list",
        super::people::PeoplePage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render("feeds", super::feeds::FeedsPage::samples(), locale, theme, &mut out)?;
    render("feed", super::feeds::FeedPage::samples(), locale, theme, &mut out)?;
    render(
        "unmatched",
        super::feeds::UnmatchedPage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render("own-lms", super::lms::OwnLmsPage::samples(), locale, theme, &mut out)?;
    render_applications(locale, theme, &mut out)?;
    render_learners(locale, theme, &mut out)?;
    render("help", info::HelpPage::samples(), locale, theme, &mut out)?;
    render("privacy", info::PrivacyPage::samples(), locale, theme, &mut out)?;
    render("preferences", info::PreferencesPage::samples(), locale, theme, &mut out)?;
    render("pick", place::PickPage::samples(), locale, theme, &mut out)?;
    render("reply", place::ReplyPage::samples(), locale, theme, &mut out)?;
    render("copied", place::CopiedPage::samples(), locale, theme, &mut out)?;
    render("storage", storage::StoragePage::samples(), locale, theme, &mut out)?;
    render("window", storage::WindowPage::samples(), locale, theme, &mut out)?;
    render("register", register::ConfirmPage::samples(), locale, theme, &mut out)?;
    render(
        "registered",
        register::RegisteredPage::samples(),
        locale,
        theme,
        &mut out,
    )?;
    render("setup", setup::SetupPage::samples(), locale, theme, &mut out)?;
    render("error", error::ErrorPage::samples(), locale, theme, &mut out)?;
    render_administration(locale, theme, &mut out)?;
    Ok(out)
}

/// The samples of sign-in, of operators' pages and of the administration.
fn render_administration(locale: Locale, theme: Theme, out: &mut Vec<Rendered>) -> Result<(), askama::Error> {
    use super::admin::{api, courses, disconnect, factory, lms, members, queue, records, setup};
    use super::operator;

    render("welcome", operator::WelcomePage::samples(), locale, theme, out)?;
    render("sign-in", super::sso::SignInPage::samples(), locale, theme, out)?;
    render("goodbye", operator::GoodbyePage::samples(), locale, theme, out)?;
    render("overview", operator::OverviewPage::samples(), locale, theme, out)?;
    render("keys", super::keys::KeysPage::samples(), locale, theme, out)?;
    render("health", operator::HealthPage::samples(), locale, theme, out)?;
    render(
        "organisations",
        operator::OrganisationsPage::samples(),
        locale,
        theme,
        out,
    )?;
    render("admin-setup", setup::AdminSetupPage::samples(), locale, theme, out)?;
    render("admin-factory", factory::FactoryPage::samples(), locale, theme, out)?;
    render(
        "admin-disconnect",
        disconnect::DisconnectPage::samples(),
        locale,
        theme,
        out,
    )?;
    render("admin-lms", lms::LmsListPage::samples(), locale, theme, out)?;
    render("admin-lms-new", lms::LmsNewPage::samples(), locale, theme, out)?;
    render("admin-client", lms::ClientIdPage::samples(), locale, theme, out)?;
    render("admin-lms-one", lms::LmsPage::samples(), locale, theme, out)?;
    render("admin-api", api::ApiPage::samples(), locale, theme, out)?;
    render("admin-deployments", lms::DeploymentsPage::samples(), locale, theme, out)?;
    render("admin-queue", queue::QueuePage::samples(), locale, theme, out)?;
    render("admin-order", queue::OrderPage::samples(), locale, theme, out)?;
    render("admin-audit", records::AuditPage::samples(), locale, theme, out)?;
    render(
        "admin-people",
        records::AdministratorsPage::samples(),
        locale,
        theme,
        out,
    )?;
    render("admin-settings", records::SettingsPage::samples(), locale, theme, out)?;
    render("admin-courses", courses::CoursesPage::samples(), locale, theme, out)?;
    render("admin-course", courses::CourseChoicePage::samples(), locale, theme, out)?;
    render("admin-members", members::MembersPage::samples(), locale, theme, out)?;
    render("admin-member", members::MemberPage::samples(), locale, theme, out)?;
    render("admin-erase", members::ErasePage::samples(), locale, theme, out)?;
    render_factory(locale, theme, out)
}

fn render_factory(locale: Locale, theme: Theme, out: &mut Vec<Rendered>) -> Result<(), askama::Error> {
    use super::admin::badges::{BadgeDeletePage, BadgeFormPage, BadgePage, BadgesPage, EditPage, IssuerPage};
    use super::admin::events::{AdminEventPage, EventsPage, SearchPage};
    use super::admin::reports::ReportsPage;

    render("admin-badges", BadgesPage::samples(), locale, theme, out)?;
    render("admin-badge", BadgePage::samples(), locale, theme, out)?;
    render("admin-badge-form", BadgeFormPage::samples(), locale, theme, out)?;
    render("admin-badge-delete", BadgeDeletePage::samples(), locale, theme, out)?;
    render("admin-edit", EditPage::samples(), locale, theme, out)?;
    render("admin-issuer", IssuerPage::samples(), locale, theme, out)?;
    render("admin-events", EventsPage::samples(), locale, theme, out)?;
    render("admin-search", SearchPage::samples(), locale, theme, out)?;
    render("admin-event", AdminEventPage::samples(), locale, theme, out)?;
    render("admin-reports", ReportsPage::samples(), locale, theme, out)
}

/// The samples of learners' own pages.
fn render_learners(locale: Locale, theme: Theme, out: &mut Vec<Rendered>) -> Result<(), askama::Error> {
    use super::learner::{AddressPage, MyBadgesPage, MyDataPage};

    render("my", MyBadgesPage::samples(), locale, theme, out)?;
    render("my-email", AddressPage::samples(), locale, theme, out)?;
    render("my-data", MyDataPage::samples(), locale, theme, out)?;
    render("progress", super::progress::ProgressPage::samples(), locale, theme, out)
}

fn render_applications(locale: Locale, theme: Theme, out: &mut Vec<Rendered>) -> Result<(), askama::Error> {
    use super::applications::{ApplicationPage, ApplicationsPage};

    render("applications", ApplicationsPage::samples(), locale, theme, out)?;
    render("application", ApplicationPage::samples(), locale, theme, out)?;
    render("apply", super::apply::ApplyPage::samples(), locale, theme, out)
}

/// The text that every sample is hostile with: markup, quotes, both directions, a word without end.
pub const HOSTILE: &str = "\"><script>alert('x')</script> & נועה\u{202e} Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsurkunde";

/// The moment at which all samples are read: 21 November 2026, 10:31 UTC.
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_257_060);

fn render<P: Page>(
    name: &str,
    pages: Vec<P>,
    locale: Locale,
    theme: Theme,
    out: &mut Vec<Rendered>,
) -> Result<(), askama::Error> {
    for (index, mut page) in pages.into_iter().enumerate() {
        page.frame_mut().text.locale = locale;
        page.frame_mut().theme = theme;
        out.push(Rendered {
            name: format!("{name}-{}", index + 1),
            heading: page.heading(),
            html: page.render()?,
        });
    }
    Ok(())
}

/// A moment `minutes` before [`NOW`].
fn ago(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() - minutes * 60)
}

/// A moment `days` after [`NOW`].
fn ahead(days: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + days * 86_400)
}

/// A frame in a course.
fn course(section: Option<Section>, role: SeatRole) -> Frame {
    Frame {
        text: Text::new(Locale::En, NOW),
        role,
        nonce: "c2FtcGxlLW5vbmNl".to_owned(),
        csrf: "c2FtcGxlLXRva2Vu".to_owned(),
        base: "/c/01930f3e".to_owned(),
        here: "/c/01930f3e/history?page=2&sort=-date".to_owned(),
        place: "BIO-2010 Cell Biology Lab, autumn 2026".to_owned(),
        issuer: Some(Issuer {
            organisation: "Marlowe Polytechnic".to_owned(),
            factory: "CanCred Factory".to_owned(),
        }),
        section,
        ..Frame::default()
    }
}

/// A frame of staff in a section.
fn staff(section: Section) -> Frame {
    course(Some(section), SeatRole::Staff)
}

/// A frame of staff in a course whose names are hostile, with a flash.
fn hostile(section: Section) -> Frame {
    Frame {
        place: HOSTILE.to_owned(),
        issuer: Some(Issuer {
            organisation: HOSTILE.to_owned(),
            factory: HOSTILE.to_owned(),
        }),
        flash: Some(Flash::PeopleAdded { n: 2 }),
        ..staff(section)
    }
}

/// A frame outside any course.
fn outside() -> Frame {
    Frame {
        text: Text::new(Locale::En, NOW),
        nonce: "c2FtcGxlLW5vbmNl".to_owned(),
        ..Frame::default()
    }
}

fn badge(id: &str, name: &str) -> Badge {
    Badge {
        id: id.to_owned(),
        name: name.to_owned(),
        picture: Some(format!("/pic/{id}/0a1b2c3d.png")),
    }
}

fn hostile_badge() -> Badge {
    Badge {
        id: "a/b?c=\"d\"&e".to_owned(),
        name: HOSTILE.to_owned(),
        picture: None,
    }
}

const NAMES: [&str; 12] = [
    "Amara Nwosu",
    "Béatrice Tremblay",
    "Chen Wei",
    "Daniel Kowalczyk",
    "Elif Yıldız",
    "Farid Haddad",
    "Grace O’Connell",
    "Hana Sato",
    "Jolene Whitecloud",
    "Malik Osei",
    "נועה לוי",
    "Oskar Virtanen",
];

fn name(index: usize) -> String {
    NAMES.get(index % NAMES.len()).copied().unwrap_or_default().to_owned()
}
