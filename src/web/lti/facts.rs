//! From a proven launch to what the store keeps of it.

use crate::lti::claims::DocumentTarget;
use crate::lti::launch::Launch;
use crate::lti::roles;
use crate::model::{Address, CourseFacts, LaunchFacts, OrganisationId, PersonFacts, RegistrationId, Standing};

/// The facts of a launch. An address that nothing can be sent to counts as none.
pub(super) fn of(launch: &Launch, registration: RegistrationId, organisation: OrganisationId) -> LaunchFacts {
    let person = launch.subject.as_ref().map(|subject| PersonFacts {
        sub: subject.as_str().to_owned(),
        name: launch.person.display_name().unwrap_or_default(),
        email: launch
            .person
            .email
            .as_deref()
            .and_then(|text| Address::parse(text).ok()),
        locale: launch.person.locale.clone(),
    });
    let course = launch.context.as_ref().map(|context| CourseFacts {
        context_id: context.id.as_str().to_owned(),
        title: context.title.clone().unwrap_or_default(),
        label: context.label.clone().unwrap_or_default(),
        memberships_url: launch.names_and_roles.as_ref().map(|service| service.url.clone()),
    });
    let link = &launch.resource_link;
    LaunchFacts {
        registration,
        organisation,
        lti_deployment_id: launch.deployment.as_str().to_owned(),
        person,
        course,
        link: Some((link.id.as_str().to_owned(), link.title.clone().unwrap_or_default())),
        standing: standing(launch.roles.standing),
        also_learner: launch.roles.is_learner,
        test: launch.roles.is_test_user,
        locale: launch.locale().map(str::to_owned),
        framed: launch.presentation.target != Some(DocumentTarget::Window),
    }
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
