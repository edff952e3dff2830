//! What visitors see: one struct per page with only the fields that its template prints. Handlers fill them; nothing
//! here reads a store, a clock or a request.
//!
//! Every page has `samples()`: filled, empty and hostile ones. A test renders them all in every language.

pub mod admin;
pub mod applications;
pub mod apply;
pub mod award;
pub mod course_badge;
pub mod error;
pub mod event;
pub mod extra;
pub mod feeds;
pub mod frame;
pub mod history;
pub mod home;
pub mod info;
pub mod issue_badge;
pub mod issue_check;
pub mod issue_message;
pub mod issue_people;
pub mod keys;
pub mod learner;
pub mod lms;
pub mod mistake;
pub mod needs;
pub mod office;
pub mod operator;
pub mod order;
pub mod parts;
pub mod people;
pub mod place;
pub mod plot;
pub mod progress;
pub mod register;
pub mod revoke;
pub mod rules;
pub mod samples;
pub mod setup;
pub mod sso;
pub mod storage;
pub mod words;

pub use frame::{Flash, Frame, Issuer, Notice, SeatRole, Section, Theme};
pub use mistake::{Mistake, Mistakes};
pub use parts::{Badge, Pager};
pub use words::AwardWord;

pub use office::{Office, Room};

use askama::Template;

/// The version of this program, for the foot of administration pages.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A whole page.
pub trait Page: Template {
    /// What surrounds the page's own content.
    fn frame(&self) -> &Frame;

    /// The same, to change it (samples in another language, a nonce set by middleware).
    fn frame_mut(&mut self) -> &mut Frame;

    /// The text of the only `h1`; the title starts with it.
    fn heading(&self) -> String;

    /// What follows the heading in the title, such as `Step 2 of 4`.
    fn title_end(&self) -> Option<String> {
        None
    }

    /// Whether the page shows a form that was refused: answer 422, and the title says so.
    fn is_refused(&self) -> bool {
        false
    }

    /// Whether the page should ask for itself again while work goes on (without script).
    fn is_live(&self) -> bool {
        false
    }

    /// The text of `<title>`.
    fn title(&self) -> String {
        let error = if self.is_refused() {
            self.frame().text.say("title-error")
        } else {
            String::new()
        };
        let end = self.title_end().map(|end| format!(". {end}")).unwrap_or_default();
        let heading = self.heading();
        let heading = if end.is_empty() {
            heading.as_str()
        } else {
            heading.trim_end_matches('.')
        };
        format!("{error}{heading}{end} – Badgebridge")
    }
}

/// The accessors that every page has.
macro_rules! framed {
    () => {
        fn frame(&self) -> &crate::web::pages::Frame {
            &self.frame
        }

        fn frame_mut(&mut self) -> &mut crate::web::pages::Frame {
            &mut self.frame
        }
    };
}
pub(crate) use framed;
