//! What can be wrong in a form, in words that say what to do.

use crate::web::text::Text;

/// Something wrong in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// No badge was chosen.
    NoBadge,
    /// The badge is not offered any more.
    BadgeGone,
    /// Nobody was chosen.
    Nobody,
    /// More people than one order may have.
    TooManyPeople {
        /// How many are allowed.
        limit: usize,
    },
    /// Pasted text or a file holds more lines than are read.
    TooManyLines {
        /// How many are allowed.
        limit: usize,
    },
    /// Nothing to add was pasted or chosen.
    NothingToAdd,
    /// The file is larger than is read.
    FileTooLarge {
        /// The limit in megabytes.
        megabytes: usize,
    },
    /// The file is no CSV in UTF-8.
    FileUnreadable,
    /// The file has no column with addresses.
    FileWithoutEmail,
    /// No date, or one that cannot be read.
    NotADate,
    /// The award date is later than today.
    DateAhead,
    /// The award date is too long ago.
    DateTooOld {
        /// How many years back are allowed.
        years: usize,
    },
    /// The badge would end before it is given.
    EndsBeforeAward,
    /// The badge would have ended already.
    HasEnded,
    /// Not a number of months that can be used.
    Months {
        /// The greatest number.
        most: usize,
    },
    /// A text that is needed is missing.
    Missing,
    /// A text is too long.
    TooLong {
        /// How many characters are allowed.
        limit: usize,
    },
    /// No choice was made.
    NotChosen,
    /// A score in a rule is no percentage.
    RulePercent,
    /// A condition names no item.
    RuleItem,
    /// A rule has no condition.
    RuleNoCondition,
    /// The text of a rule cannot be read.
    RuleText {
        /// At which character, from 1.
        n: usize,
    },
    /// A rule needs the badge that it gives.
    RuleNeedsItself,
    /// A rule's day is over.
    RuleDayIsOver {
        /// Which.
        day: String,
    },
    /// A rule holds for everyone.
    RuleForEveryone,
    /// The limit of a rule's awards at once.
    RuleBreaker {
        /// The greatest.
        most: usize,
    },
    /// Something to be filled in that there is not.
    RulePlaceholder {
        /// What was written.
        name: String,
    },
    /// A body that a feed cannot read.
    FeedBody {
        /// Where, and what.
        place: String,
    },
    /// Nothing here is called so.
    NotFoundHere,
    /// No file was chosen.
    NoFile,
    /// A file of a kind that is not taken, or one that is not what its name says.
    FileKind {
        /// The endings that are taken.
        kinds: String,
    },
    /// No e-mail address.
    NotAnAddress,
    /// No address on the web.
    NotALink,
    /// No number.
    NotANumber,
    /// No claim code was given.
    NoCode,
    /// A message that is needed is missing or too short.
    MessageNeeded,
    /// Nothing was ticked.
    NothingTicked,
    /// No API key was pasted.
    NoApiKey,
    /// An address of a Factory that is none.
    FactoryAddress,
    /// A text that is no domain.
    Domain {
        /// What was entered.
        name: String,
    },
    /// No issuer of an LMS.
    Issuer,
    /// No address of an LMS.
    LmsAddress,
    /// Not one word.
    OneWord,
    /// An address of tokens beside which nobody agrees.
    TokenAddress,
    /// The LMS was asked just now.
    AskedJustNow {
        /// In how many seconds it may be asked again.
        n: usize,
    },
    /// The issuer has this client id already.
    RegisteredAlready,
    /// A name that another organisation has.
    NameTaken,
    /// A name that is empty or too long.
    Name,
    /// What was to be typed was not typed.
    NotTheName {
        /// The name.
        name: String,
    },
    /// The file is no PNG that can be read.
    NotAPicture,
    /// The picture has too few pixels.
    PictureSmall,
    /// The picture has more pixels than are read.
    PictureLarge,
    /// The picture is not a square.
    PictureNotSquare,
    /// A text holds something that would run or load.
    ActiveHtml,
    /// The name that was typed is another one.
    OtherName,
    /// An earlier change is still being saved.
    UnderWay,
    /// It was changed at the Factory while the form was open.
    ChangedElsewhere,
    /// What is to be changed was never read from the Factory.
    NotKnownYet,
    /// The last day is before the first.
    DatesCross,
    /// A line that does not say `key: value`.
    MetadataLine {
        /// Which, from 1.
        n: usize,
    },
    /// What the Factory said when it refused the order.
    Factory {
        /// Its reason, in its own words.
        reason: String,
    },
}

impl Mistake {
    /// One of each, for tests.
    pub fn every() -> Vec<Self> {
        vec![
            Self::NoBadge,
            Self::BadgeGone,
            Self::Nobody,
            Self::TooManyPeople { limit: 2500 },
            Self::TooManyLines { limit: 2500 },
            Self::NothingToAdd,
            Self::FileTooLarge { megabytes: 1 },
            Self::FileUnreadable,
            Self::FileWithoutEmail,
            Self::NotADate,
            Self::DateAhead,
            Self::DateTooOld { years: 5 },
            Self::EndsBeforeAward,
            Self::HasEnded,
            Self::Months { most: 600 },
            Self::Missing,
            Self::TooLong { limit: 200 },
            Self::NotChosen,
            Self::RulePercent,
            Self::RuleItem,
            Self::RuleNoCondition,
            Self::RuleText { n: 17 },
            Self::RuleNeedsItself,
            Self::RuleDayIsOver {
                day: "2026-11-20".to_owned(),
            },
            Self::RuleForEveryone,
            Self::RuleBreaker { most: 500 },
            Self::RulePlaceholder {
                name: "name".to_owned(),
            },
            Self::FeedBody {
                place: "not JSON at line 1, column 2".to_owned(),
            },
            Self::NotFoundHere,
            Self::NoFile,
            Self::FileKind {
                kinds: "pdf, png".to_owned(),
            },
            Self::NotAnAddress,
            Self::NotALink,
            Self::NotANumber,
            Self::NoCode,
            Self::MessageNeeded,
            Self::NothingTicked,
            Self::Domain { name: "x y".to_owned() },
            Self::Issuer,
            Self::LmsAddress,
            Self::OneWord,
            Self::TokenAddress,
            Self::AskedJustNow { n: 42 },
            Self::RegisteredAlready,
            Self::NoApiKey,
            Self::FactoryAddress,
            Self::NameTaken,
            Self::Name,
            Self::NotTheName {
                name: "Marlowe".to_owned(),
            },
            Self::NotAPicture,
            Self::PictureSmall,
            Self::PictureLarge,
            Self::PictureNotSquare,
            Self::ActiveHtml,
            Self::OtherName,
            Self::UnderWay,
            Self::ChangedElsewhere,
            Self::NotKnownYet,
            Self::DatesCross,
            Self::MetadataLine { n: 3 },
            Self::Factory {
                reason: "badge is a draft".to_owned(),
            },
        ]
    }

    /// What is wrong and what to do.
    pub fn say(&self, text: &Text) -> String {
        match self {
            Self::NoBadge => text.say("bad-no-badge"),
            Self::BadgeGone => text.say("bad-badge-gone"),
            Self::Nobody => text.say("bad-nobody"),
            Self::TooManyPeople { limit } => text.msg("bad-many-people").with("n", limit).to_string(),
            Self::TooManyLines { limit } => text.msg("bad-many-lines").with("n", limit).to_string(),
            Self::NothingToAdd => text.say("bad-nothing-to-add"),
            Self::FileTooLarge { megabytes } => text.msg("bad-file-large").with("n", megabytes).to_string(),
            Self::FileUnreadable => text.say("bad-file-unreadable"),
            Self::FileWithoutEmail => text.say("bad-file-no-email"),
            Self::NotADate => text.say("bad-not-a-date"),
            Self::DateAhead => text.say("bad-date-ahead"),
            Self::DateTooOld { years } => text.msg("bad-date-old").with("n", years).to_string(),
            Self::EndsBeforeAward => text.say("bad-ends-before"),
            Self::HasEnded => text.say("bad-has-ended"),
            Self::Months { most } => text.msg("bad-months").with("n", most).to_string(),
            Self::Missing => text.say("bad-missing"),
            Self::TooLong { limit } => text.msg("bad-long").with("n", limit).to_string(),
            Self::NotChosen => text.say("bad-not-chosen"),
            Self::RulePercent => text.say("bad-rule-percent"),
            Self::RuleItem => text.say("bad-rule-item"),
            Self::RuleNoCondition => text.say("bad-rule-none"),
            Self::RuleText { n } => text.msg("bad-rule-text").with("n", n).to_string(),
            Self::RuleNeedsItself => text.say("bad-rule-itself"),
            Self::RuleDayIsOver { day } => text.msg("bad-rule-over").with("day", day).to_string(),
            Self::RuleForEveryone => text.say("bad-rule-everyone"),
            Self::RuleBreaker { most } => text.msg("bad-rule-breaker").with("n", most).to_string(),
            Self::RulePlaceholder { name } => text.msg("bad-rule-placeholder").with("name", name).to_string(),
            Self::FeedBody { place } => text.msg("bad-feed-body").with("place", place).to_string(),
            Self::NotFoundHere => text.say("bad-not-found-here"),
            Self::NoFile => text.say("bad-no-file"),
            Self::FileKind { kinds } => text.msg("bad-file-kind").with("kinds", kinds).to_string(),
            Self::NotAnAddress => text.say("bad-not-an-address"),
            Self::NotALink => text.say("bad-not-a-link"),
            Self::NotANumber => text.say("bad-not-a-number"),
            Self::NoCode => text.say("bad-no-code"),
            Self::MessageNeeded => text.say("bad-message-needed"),
            Self::NothingTicked => text.say("bad-nothing-ticked"),
            Self::Domain { name } => text.msg("bad-domain").with("name", name).to_string(),
            Self::Issuer => text.say("bad-issuer"),
            Self::LmsAddress => text.say("bad-lms-address"),
            Self::OneWord => text.say("bad-one-word"),
            Self::TokenAddress => text.say("bad-token-address"),
            Self::AskedJustNow { n } => text.msg("bad-asked-just-now").with("n", n).to_string(),
            Self::RegisteredAlready => text.say("bad-registered"),
            Self::NoApiKey => text.say("fac-e-empty"),
            Self::FactoryAddress => text.say("bad-address"),
            Self::NameTaken => text.say("bad-name-taken"),
            Self::Name => text.say("bad-name"),
            Self::NotTheName { name } => text.msg("bad-typed-name").with("name", name).to_string(),
            Self::NotAPicture => text.say("bad-picture"),
            Self::PictureSmall => text.say("bad-picture-small"),
            Self::PictureLarge => text.say("bad-picture-large"),
            Self::PictureNotSquare => text.say("bad-picture-square"),
            Self::ActiveHtml => text.say("bad-active-html"),
            Self::OtherName => text.say("bad-not-the-name"),
            Self::UnderWay => text.say("bad-under-way"),
            Self::ChangedElsewhere => text.say("bad-changed-elsewhere"),
            Self::NotKnownYet => text.say("bad-not-known-yet"),
            Self::DatesCross => text.say("bad-dates-cross"),
            Self::MetadataLine { n } => text.msg("bad-metadata-line").with("n", n).to_string(),
            Self::Factory { reason } => text.msg("bad-factory").with("reason", reason).to_string(),
        }
    }
}

/// The mistakes of a form: the id of a field and what is wrong there.
#[derive(Clone, Debug, Default)]
pub struct Mistakes(Vec<(&'static str, Mistake)>);

impl Mistakes {
    /// No mistakes.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Notes a mistake in the field with the id `field`.
    pub fn note(&mut self, field: &'static str, mistake: Mistake) {
        self.0.push((field, mistake));
    }

    /// A list with one mistake.
    pub fn one(field: &'static str, mistake: Mistake) -> Self {
        Self(vec![(field, mistake)])
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, in the order of their noting.
    pub fn all(&self) -> &[(&'static str, Mistake)] {
        &self.0
    }

    /// The first mistake in the field `field`.
    pub fn of(&self, field: &str) -> Option<&Mistake> {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, mistake)| mistake)
    }
}
