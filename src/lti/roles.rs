//! What a person may do in a course, from the roles of one launch or one roster entry.
//!
//! Rights come from context roles only (LTI 1.3 section 5.3.7 and appendix A.2): institution and system roles are
//! noted and give nothing in a course, because some platforms send a whole course team as system administrators.
//! Principals and sub-roles are matched whole: `membership/Learner#Instructor` is a learner.

/// The most roles that are read from one launch.
pub const MAX_ROLES: usize = 1_000;

/// The place of a person in a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Instructor or administrator of the context.
    Staff,
    /// A teaching assistant or grader, whatever stands beside it.
    LimitedStaff,
    Learner,
    /// A mentor or observer: of somebody or of the course.
    Observer,
    /// The platform's stand-in for a learner.
    TestUser,
    /// No role in the context that means anything here.
    None,
}

impl Standing {
    /// The word to keep and to show: stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::LimitedStaff => "limited_staff",
            Self::Learner => "learner",
            Self::Observer => "observer",
            Self::TestUser => "test_user",
            Self::None => "none",
        }
    }

    /// The standing that [`Standing::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Staff,
            Self::LimitedStaff,
            Self::Learner,
            Self::Observer,
            Self::TestUser,
            Self::None,
        ]
        .into_iter()
        .find(|standing| standing.as_str() == word)
    }
}

/// The roles of one person at one moment. Never a property of the person: the next launch may bring others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    pub standing: Standing,
    /// Learner of the context, also beside a staff role.
    pub is_learner: bool,
    pub is_test_user: bool,
    /// `institution/person#Administrator`: gives no right in a course.
    pub is_institution_administrator: bool,
    /// `system/person#Administrator`: gives no right in a course.
    pub is_system_administrator: bool,
}

impl Roles {
    /// Reads role names; unknown ones are ignored.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut seen = Seen::default();
        for name in names {
            seen.note(name.trim());
        }
        let standing = if seen.test_user {
            Standing::TestUser
        } else if seen.limited_staff {
            // before staff: platforms send the core role Instructor beside the sub-role
            Standing::LimitedStaff
        } else if seen.staff {
            Standing::Staff
        } else if seen.learner {
            Standing::Learner
        } else if seen.observer {
            Standing::Observer
        } else {
            Standing::None
        };
        Self {
            standing,
            is_learner: seen.learner,
            is_test_user: seen.test_user,
            is_institution_administrator: seen.institution_administrator,
            is_system_administrator: seen.system_administrator,
        }
    }

    /// Whether a rule may award to this person: learners and nobody else, and no learner who is staff as well.
    pub const fn may_be_awarded_automatically(self) -> bool {
        matches!(self.standing, Standing::Learner)
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is one independent finding")]
#[derive(Default)]
struct Seen {
    staff: bool,
    limited_staff: bool,
    learner: bool,
    observer: bool,
    test_user: bool,
    institution_administrator: bool,
    system_administrator: bool,
}

impl Seen {
    fn note(&mut self, name: &str) {
        let plain = name.strip_prefix("http://").or_else(|| name.strip_prefix("https://"));
        let Some(plain) = plain else {
            return self.note_short(name);
        };
        let Some(vocabulary) = plain.strip_prefix("purl.imsglobal.org/vocab/") else {
            return;
        };
        if vocabulary == "lti/system/person#TestUser" {
            self.test_user = true;
        } else if let Some(role) = vocabulary.strip_prefix("lis/v2/membership#") {
            self.note_context(role, None);
        } else if let Some(role) = vocabulary.strip_prefix("lis/v2/membership/") {
            if let Some((principal, sub)) = role.split_once('#') {
                self.note_context(principal, Some(sub));
            }
        } else if vocabulary == "lis/v2/system/person#Administrator" {
            self.system_administrator = true;
        } else if matches!(
            vocabulary,
            "lis/v2/institution/person#Administrator" | "lis/v2/person#Administrator"
        ) {
            self.institution_administrator = true;
        }
    }

    /// Short names mean context roles (deprecated, still sent), as do the role names of LTI 1.1.
    fn note_short(&mut self, name: &str) {
        let name = name.strip_prefix("urn:lti:role:ims/lis/").unwrap_or(name);
        match name.split_once(['/', '#']) {
            Some((principal, sub)) => self.note_context(principal, Some(sub)),
            None => self.note_context(name, None),
        }
    }

    fn note_context(&mut self, principal: &str, sub: Option<&str>) {
        match (principal, sub) {
            ("Instructor", Some(sub)) if sub == "Grader" || sub.starts_with("TeachingAssistant") => {
                self.limited_staff = true;
            }
            (
                "Instructor",
                None
                | Some(
                    "Instructor"
                    | "ExternalInstructor"
                    | "GuestInstructor"
                    | "Lecturer"
                    | "PrimaryInstructor"
                    | "SecondaryInstructor",
                ),
            )
            | (
                "Administrator",
                None
                | Some(
                    "Administrator"
                    | "Developer"
                    | "ExternalDeveloper"
                    | "ExternalSupport"
                    | "ExternalSystemAdministrator"
                    | "Support"
                    | "SystemAdministrator",
                ),
            ) => self.staff = true,
            // in LTI 1.1 a role of its own
            ("TeachingAssistant", _) => self.limited_staff = true,
            (
                "Learner",
                None | Some("ExternalLearner" | "GuestLearner" | "Instructor" | "Learner" | "NonCreditLearner"),
            ) => {
                self.learner = true;
            }
            ("Mentor", _) | ("Manager", Some("Observer" | "ExternalObserver")) => self.observer = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#";
    const SUB: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership/";
    const INSTITUTION: &str = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#";
    const SYSTEM: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person#";
    const TEST_USER: &str = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";

    fn standing(names: &[String]) -> Standing {
        Roles::parse(names.iter().map(String::as_str)).standing
    }

    #[test]
    fn context_roles_give_the_standing() {
        for (name, expected) in [
            (format!("{CONTEXT}Instructor"), Standing::Staff),
            (format!("{CONTEXT}Administrator"), Standing::Staff),
            (format!("{SUB}Administrator#Support"), Standing::Staff),
            (format!("{SUB}Instructor#Lecturer"), Standing::Staff),
            (format!("{SUB}Instructor#Grader"), Standing::LimitedStaff),
            (
                format!("{SUB}Instructor#TeachingAssistantSection"),
                Standing::LimitedStaff,
            ),
            (format!("{CONTEXT}Learner"), Standing::Learner),
            (format!("{SUB}Learner#Instructor"), Standing::Learner),
            (format!("{CONTEXT}Mentor"), Standing::Observer),
            (format!("{SUB}Manager#Observer"), Standing::Observer),
            (format!("{CONTEXT}ContentDeveloper"), Standing::None),
            (format!("{CONTEXT}Member"), Standing::None),
            (format!("{INSTITUTION}Instructor"), Standing::None),
            (format!("{INSTITUTION}Administrator"), Standing::None),
            (format!("{SYSTEM}Administrator"), Standing::None),
            (format!("{SYSTEM}None"), Standing::None),
            (format!("{CONTEXT}Instructors"), Standing::None),
            (format!("{SUB}Instructor#Unheard"), Standing::None),
            (
                "http://evil.example/vocab/lis/v2/membership#Instructor".to_owned(),
                Standing::None,
            ),
            ("Instructor".to_owned(), Standing::Staff),
            ("Learner".to_owned(), Standing::Learner),
            ("urn:lti:role:ims/lis/Instructor".to_owned(), Standing::Staff),
            (
                "urn:lti:role:ims/lis/Instructor/GuestInstructor".to_owned(),
                Standing::Staff,
            ),
            (
                "urn:lti:role:ims/lis/TeachingAssistant".to_owned(),
                Standing::LimitedStaff,
            ),
            (String::new(), Standing::None),
        ] {
            assert_eq!(standing(std::slice::from_ref(&name)), expected, "{name}");
        }
        assert_eq!(standing(&[]), Standing::None);
    }

    #[test]
    fn a_teaching_assistant_is_limited_staff_whatever_stands_beside() {
        let assistant = format!("{SUB}Instructor#TeachingAssistant");
        for beside in ["Instructor", "Administrator", "Learner"] {
            assert_eq!(
                standing(&[format!("{CONTEXT}{beside}"), assistant.clone()]),
                Standing::LimitedStaff
            );
            assert_eq!(
                standing(&[assistant.clone(), format!("{CONTEXT}{beside}")]),
                Standing::LimitedStaff
            );
        }
    }

    #[test]
    fn staff_beside_learner_keeps_rights_and_is_never_awarded_automatically() {
        let names = [format!("{CONTEXT}Learner"), format!("{CONTEXT}Instructor")];
        let roles = Roles::parse(names.iter().map(String::as_str));
        assert_eq!(roles.standing, Standing::Staff);
        assert!(roles.is_learner);
        assert!(!roles.may_be_awarded_automatically());
        let learner = Roles::parse([names[0].as_str()]);
        assert!(learner.may_be_awarded_automatically());
    }

    #[test]
    fn a_test_user_is_one_whatever_stands_beside() {
        let roles = Roles::parse(["Learner", TEST_USER]);
        assert_eq!(roles.standing, Standing::TestUser);
        assert!(roles.is_test_user && !roles.may_be_awarded_automatically());
    }

    #[test]
    fn administrators_of_the_institution_and_the_system_are_noted() {
        let names = [format!("{INSTITUTION}Administrator"), format!("{SYSTEM}Administrator")];
        let roles = Roles::parse(names.iter().map(String::as_str));
        assert!(roles.is_institution_administrator && roles.is_system_administrator);
        assert_eq!(roles.standing, Standing::None);
    }

    #[test]
    fn the_words_of_standings_come_back() {
        for standing in [
            Standing::Staff,
            Standing::LimitedStaff,
            Standing::Learner,
            Standing::Observer,
            Standing::TestUser,
            Standing::None,
        ] {
            assert_eq!(Standing::from_word(standing.as_str()), Some(standing));
        }
        assert_eq!(Standing::from_word("teacher"), None);
    }
}
