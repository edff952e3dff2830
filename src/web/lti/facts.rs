//! From a proven launch to what the store keeps of it.

use super::{CONTENT_PARAMETER, CONTENT_VARIABLE, HISTORY_VARIABLE};
use crate::lti::claims::DocumentTarget;
use crate::lti::launch::LaunchClaims;
use crate::lti::registration::ContextId;
use crate::lti::roles;
use crate::model::content::GradeFacts;
use crate::model::signal;
use crate::model::{
    Address, ContentId, CourseFacts, LaunchFacts, OrganisationId, PersonFacts, RegistrationId, Standing,
};

/// The most courses that one is said to be copied from.
const MAX_ORIGINS: usize = 100;

/// The facts of a launch, which only what spends its login may store. An address that nothing can be sent to counts as none.
pub(super) fn of(launch: &LaunchClaims, registration: RegistrationId, organisation: OrganisationId) -> LaunchFacts {
    let person = launch.subject.as_ref().map(|subject| PersonFacts {
        sub: subject.as_str().to_owned(),
        name: launch.person.display_name().unwrap_or_default(),
        email: launch
            .person
            .email
            .as_deref()
            .and_then(|text| Address::parse(text).ok()),
        locale: launch.person.locale.clone(),
        lms_id: custom_id(launch, &["lms_user_id", "canvas_user_id"]),
        sis_id: launch
            .sourced_ids
            .person
            .clone()
            .or_else(|| custom_id(launch, &["sis_user_id"])),
        legacy_id: launch.legacy_ids.user.clone(),
    });
    let course = launch.context.as_ref().map(|context| CourseFacts {
        context_id: context.id.as_str().to_owned(),
        title: context.title.clone().unwrap_or_default(),
        label: context.label.clone().unwrap_or_default(),
        memberships_url: launch.names_and_roles.as_ref().map(|service| service.url.clone()),
        lms_id: custom_id(launch, &["lms_course_id", "canvas_course_id"]),
        sis_id: custom_id(launch, &["sis_course_id"])
            .or_else(|| launch.sourced_ids.course_section.clone())
            .or_else(|| launch.sourced_ids.course_offering.clone()),
    });
    let link = launch.link();
    LaunchFacts {
        registration,
        organisation,
        lti_deployment_id: launch.deployment.as_str().to_owned(),
        person,
        course,
        link: link.map(|link| (link.id.as_str().to_owned(), link.title.clone().unwrap_or_default())),
        content: content(launch),
        grades: grades(launch),
        origins: origins(launch),
        standing: standing(launch.roles.standing),
        also_learner: launch.roles.is_learner,
        test: launch.roles.is_test_user,
        administers: launch.roles.is_institution_administrator || launch.roles.is_system_administrator,
        locale: launch.locale().map(str::to_owned),
        framed: launch.presentation.target != Some(DocumentTarget::Window),
    }
}

/// The content that a placed link carries: as a custom parameter, else in its own address.
fn content(launch: &LaunchClaims) -> Option<ContentId> {
    let named = launch.custom.get(CONTENT_VARIABLE).and_then(|value| value.as_str());
    let in_address = || launch.target().and_then(|target| target.parameter(CONTENT_PARAMETER));
    named
        .and_then(|text| text.parse().ok())
        .or_else(|| in_address().and_then(|text| text.parse().ok()))
}

fn grades(launch: &LaunchClaims) -> GradeFacts {
    launch
        .grades
        .as_ref()
        .map_or_else(GradeFacts::default, |grades| GradeFacts {
            lineitems_url: grades.lineitems.clone(),
            lineitem_url: grades.lineitem.clone(),
            scopes: grades.scopes.clone(),
        })
}

/// The contexts that the course was copied from, newest first, as the LMS fills in `Context.id.history`, or tells by
/// itself.
fn origins(launch: &LaunchClaims) -> Vec<String> {
    let named = launch.custom.get(HISTORY_VARIABLE).and_then(|value| value.as_str());
    let own = launch.context.as_ref().map(|context| context.id.as_str());
    let mut origins: Vec<String> = Vec::new();
    let all = named.unwrap_or_default().split(',').map(str::trim);
    for id in all.chain(launch.history.iter().map(String::as_str)) {
        let is_one = !id.is_empty() && id.chars().count() <= ContextId::LIMIT && Some(id) != own;
        if is_one && !origins.iter().any(|known| known == id) && origins.len() < MAX_ORIGINS {
            origins.push(id.to_owned());
        }
    }
    origins
}

/// An id of the LMS that an administrator had put into the launch, for example `lms_user_id=$Canvas.user.id`. Canvas'
/// global ids are kept in their local form.
fn custom_id(launch: &LaunchClaims, names: &[&str]) -> Option<String> {
    signal::custom_id(names.iter().find_map(|name| launch.custom.get(*name))?)
}

/// The rights of a standing; a test user of the LMS sees what a learner sees, and nothing is sent or saved.
fn standing(standing: roles::Standing) -> Standing {
    match standing {
        roles::Standing::Staff => Standing::Staff,
        roles::Standing::LimitedStaff => Standing::LimitedStaff,
        roles::Standing::Learner | roles::Standing::TestUser => Standing::Learner,
        roles::Standing::Observer | roles::Standing::None => Standing::None,
    }
}
