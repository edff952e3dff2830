//! What stands around every page of a visit: the course's name, who issues, and what concerns the whole course.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::model::catalog::CatalogState;
use crate::model::organisation::factory_name;
use crate::model::{Course, FactoryIdentity, IdentityKind};
use crate::store::extra::Revocation;
use crate::store::queue::Queue;
use crate::store::{StoreError, Tx};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::{Flash, Frame, Issuer, Notice, Section};
use crate::web::visit::Visit;

/// A certificate that ends sooner is shown.
const CERTIFICATE_WARNING: Duration = Duration::from_hours(14 * 24);

/// What was read around a page.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    /// The frame of the page.
    pub(super) frame: Frame,
    /// The course; absent where the launch named none.
    pub(super) course: Option<Course>,
    /// How fresh the badges are.
    pub(super) catalog: CatalogState,
    /// How the sending queue stands.
    pub(super) queue: Queue,
    /// The Factory's name.
    pub(super) factory: String,
}

impl Surroundings {
    /// Reads what stands around a page.
    pub(super) async fn read(deps: &Deps, visit: &Visit, section: Option<Section>) -> Result<Self, WebError> {
        let (organisation, course) = (visit.organisation(), visit.seat.course);
        let sees_course = visit.seat.standing.sees_course();
        let read = deps.store.read(async |tx| {
            let course = match course {
                Some(course) => tx.course(organisation, course).await?,
                None => None,
            };
            let identity = tx.active_identity(organisation).await?;
            let catalog = tx.catalog_state(organisation).await?;
            let queue = tx.queue(organisation).await?;
            let extra = match (&course, sees_course) {
                (Some(course), true) => extra(tx, visit, course).await?,
                _ => None,
            };
            let applications = match (&course, sees_course) {
                (Some(course), true) => tx.application_count(organisation, course.id).await?,
                _ => 0,
            };
            Ok::<_, StoreError>((course, identity, catalog, queue, extra, applications))
        });
        let (course, identity, catalog, queue, extra, applications) = read.await?;
        let factory = factory_name(identity.as_ref().map_or("", |identity| identity.url.as_str())).to_owned();
        let mut frame = visit.frame(section);
        frame.place = course.as_ref().map(|course| course.title.clone()).unwrap_or_default();
        frame.applications = applications;
        frame.issuer = Some(Issuer {
            organisation: visit.seat.organisation_name.clone(),
            factory: factory.clone(),
        });
        let mut surroundings = Self {
            frame,
            course,
            catalog,
            queue,
            factory,
        };
        surroundings.note(deps, visit, identity.as_ref(), extra);
        Ok(surroundings)
    }

    /// The same with what the last post did.
    pub(super) async fn with_flash(
        deps: &Deps,
        visit: &Visit,
        section: Option<Section>,
        flash: Option<Flash>,
    ) -> Result<Self, WebError> {
        let mut surroundings = Self::read(deps, visit, section).await?;
        surroundings.frame.flash = flash;
        Ok(surroundings)
    }

    /// The course.
    pub(super) fn course(&self) -> Result<&Course, WebError> {
        self.course.as_ref().ok_or_else(|| Refusal::NotFound.into())
    }

    fn note(&mut self, deps: &Deps, visit: &Visit, identity: Option<&FactoryIdentity>, extra: Option<Notice>) {
        let now = deps.clock.now();
        let mut notices = Vec::new();
        if visit.seat.test {
            notices.push(Notice::TestStudent);
        } else if visit.seat.member.is_none() {
            notices.push(Notice::Anonymous);
        }
        if visit.seat.standing.sees_course() {
            notices.extend(extra);
            notices.extend(self.of_queue());
            notices.extend(identity.and_then(|identity| self.of_certificate(identity, now)));
            let is_unreadable = |course: &Course| course.roster.failing_since.is_some();
            if self.course.as_ref().is_some_and(is_unreadable) {
                notices.push(Notice::RosterUnreadable);
            }
            if let (Some(read), Some(_)) = (self.catalog.read_at, self.catalog.failing_since) {
                notices.push(Notice::BadgesOld { read });
            }
        }
        self.frame.notices = notices;
    }

    fn of_queue(&self) -> Option<Notice> {
        let factory = self.factory.clone();
        if self.queue.stopped_at.is_some() {
            return Some(Notice::FactoryRefuses { factory });
        }
        let since = self.queue.away_since?;
        Some(Notice::FactoryAway { factory, since })
    }

    fn of_certificate(&self, identity: &FactoryIdentity, now: Timestamp) -> Option<Notice> {
        let IdentityKind::Certificate { not_after, .. } = &identity.kind else {
            return None;
        };
        let factory = self.factory.clone();
        if *not_after <= now {
            return Some(Notice::CertificateExpired { factory });
        }
        let left = not_after.since(now);
        (left < CERTIFICATE_WARNING).then_some(Notice::CertificateEnds {
            factory,
            days: left.as_secs() / (24 * 3600),
        })
    }
}

/// An award of this course that the Factory has twice, or has although it was given up: the first that nobody asked to
/// put right, as long as there is one.
async fn extra(tx: &mut Tx<'_>, visit: &Visit, course: &Course) -> Result<Option<Notice>, StoreError> {
    let events = tx.extra_events_of_course(course.organisation, course.id).await?;
    let Some(event) = events.iter().find(|event| event.revocation != Revocation::Asked) else {
        return Ok(None);
    };
    let lines = tx
        .lines_ever_in_order(course.organisation, course.id, event.order)
        .await?;
    Ok(lines.first().map(|line| {
        let (badge, name) = (line.badge_name.clone(), super::who::name(visit, line));
        let href = visit.url(&format!("/awards/{}", line.id));
        if event.kept.is_some() {
            Notice::IssuedTwice { badge, name, href }
        } else {
            Notice::IssuedLate { badge, name, href }
        }
    }))
}
