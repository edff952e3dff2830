//! Texts in the reader's language: messages from `locales/`, and dates, times and numbers written as that language does.
//!
//! Pages say `text.say("key")`, or `text.msg("key").with("n", 3)` where the message has variables.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, langid, static_loader};

use crate::clock::Timestamp;

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| {
            // Isolation marks go around right-to-left values only (see `isolated`), so that plain text stays plain.
            bundle.set_use_isolating(false);
            bundle.set_formatter(Some(match bundle.locales.first().map(|l| l.language.as_str()) {
                Some("fr") => grouped_fr,
                Some("fi") => grouped_fi,
                _ => grouped_en,
            }));
        },
    };
}

static EN: LanguageIdentifier = langid!("en");
static FR: LanguageIdentifier = langid!("fr");
static FI: LanguageIdentifier = langid!("fi");

/// A language that pages can be read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
    /// Finnish.
    Fi,
}

impl Locale {
    /// Every language, in the order in which it is offered.
    pub const ALL: [Self; 3] = [Self::En, Self::Fr, Self::Fi];

    /// The language of a tag such as `fr-CA` or `en_US`, compared by its first part; `None` for one we do not speak.
    pub fn parse(tag: &str) -> Option<Self> {
        let first = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|l| l.code().eq_ignore_ascii_case(first))
    }

    /// The best language for an `Accept-Language` header: the known one with the highest weight, the first among equals.
    pub fn from_accept(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in header.split(',').take(20) {
            let mut pieces = part.split(';');
            let Some(locale) = pieces.next().and_then(Self::parse) else {
                continue;
            };
            let weight = pieces
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            if weight > 0.0 && best.is_none_or(|(w, _)| weight > w) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }

    /// The value of `lang` attributes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Fi => "fi",
        }
    }

    /// The value of `dir` attributes.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::En | Self::Fr | Self::Fi => "ltr",
        }
    }

    /// The language's name in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
            Self::Fi => "Suomi",
        }
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self {
            Self::En => &EN,
            Self::Fr => &FR,
            Self::Fi => &FI,
        }
    }
}

/// What is needed to write for one reader: language, the zone's distance from UTC, and the present moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The reader's language.
    pub locale: Locale,
    /// Minutes that the reader's zone is ahead of UTC.
    pub offset_minutes: i32,
    /// The present moment, for "3 minutes ago" and "today".
    pub now: Timestamp,
}

impl Text {
    /// Texts in `locale`, in UTC.
    pub const fn new(locale: Locale, now: Timestamp) -> Self {
        Self {
            locale,
            offset_minutes: 0,
            now,
        }
    }

    /// A message without variables.
    pub fn say(&self, key: impl AsRef<str>) -> String {
        self.msg(key).to_string()
    }

    /// A message whose variables are added with [`Message::with`].
    pub fn msg(&self, key: impl AsRef<str>) -> Message {
        Message {
            locale: self.locale,
            key: key.as_ref().to_owned(),
            arguments: HashMap::new(),
        }
    }

    /// A day with its month's name: `21 November 2026`, `1er novembre 2026`.
    pub fn date(&self, at: impl Moment) -> String {
        let local = self.local(at.moment());
        self.written_date(&local)
    }

    /// A date without its year, the month shortened, for marks of plots: `21 Nov`.
    pub fn short_date(&self, at: impl Moment) -> String {
        let whole = self.date(at);
        let mut words = whole.split_whitespace();
        let (day, month) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let short: String = month.chars().take(4).collect();
        let month = match self.locale {
            Locale::En => month.chars().take(3).collect(),
            Locale::Fr if month.chars().count() > 5 => format!("{short}."),
            Locale::Fr => month.to_owned(),
            Locale::Fi => month.trim_end_matches("kuuta").to_owned(),
        };
        format!("{day} {month}")
    }

    /// Hours and minutes: `09:42`.
    pub fn time(&self, at: impl Moment) -> String {
        let local = self.local(at.moment());
        format!("{:02}:{:02}", local.hour, local.minute)
    }

    /// Hours, minutes and seconds: `09:42:07`.
    pub fn time_with_seconds(&self, at: impl Moment) -> String {
        let local = self.local(at.moment());
        format!("{:02}:{:02}:{:02}", local.hour, local.minute, local.second)
    }

    /// Day and time: `21 November 2026, 09:42`.
    pub fn date_time(&self, at: impl Moment) -> String {
        let at = at.moment();
        format!("{}, {}", self.date(at), self.time(at))
    }

    /// Day and time of something recent: `Today, 09:42`, `Yesterday, 16:20`, else the day alone.
    pub fn when(&self, at: impl Moment) -> String {
        let at = at.moment();
        let days = self.local(self.now).days - self.local(at).days;
        match days {
            0 => self.msg("when-today").with("time", self.time(at)).to_string(),
            1 => self.msg("when-yesterday").with("time", self.time(at)).to_string(),
            _ => self.date(at),
        }
    }

    /// Whether that is on the present day, where the reader is.
    pub fn is_today(&self, at: impl Moment) -> bool {
        self.local(at.moment()).days == self.local(self.now).days
    }

    /// The time of something of today, else day and time: `09:42`, `20 November 2026, 16:20`.
    pub fn time_or_date(&self, at: impl Moment) -> String {
        let at = at.moment();
        if self.is_today(at) {
            self.time(at)
        } else {
            self.date_time(at)
        }
    }

    /// The zone in which times are written: `UTC`, `UTC+2`, `UTC−3:30`.
    pub fn zone(&self) -> String {
        let (hours, minutes) = (self.offset_minutes.abs() / 60, self.offset_minutes.abs() % 60);
        let sign = if self.offset_minutes < 0 { '−' } else { '+' };
        match (hours, minutes) {
            (0, 0) => "UTC".to_owned(),
            (_, 0) => format!("UTC{sign}{hours}"),
            _ => format!("UTC{sign}{hours}:{minutes:02}"),
        }
    }

    /// How long ago: `3 minutes ago`, up to 24 hours; then the day.
    pub fn ago(&self, at: impl Moment) -> String {
        let at = at.moment();
        let seconds = self.now.since(at).as_secs();
        match seconds {
            0..=59 => self.say("ago-now"),
            60..=3599 => self.msg("ago-minutes").with("n", seconds / 60).to_string(),
            3600..=86_399 => self.msg("ago-hours").with("n", seconds / 3600).to_string(),
            _ => self.msg("ago-date").with("date", self.date(at)).to_string(),
        }
    }

    /// A whole number with its thousands set apart: `2,500`, `2 500`.
    pub fn number(&self, value: impl Argument) -> String {
        match (value.value(), self.locale) {
            (FluentValue::Number(n), Locale::En) => grouped(&n.as_string(), ",", "."),
            (FluentValue::Number(n), Locale::Fr) => grouped(&n.as_string(), "\u{202f}", ","),
            (FluentValue::Number(n), Locale::Fi) => grouped(&n.as_string(), "\u{a0}", ","),
            (FluentValue::String(s), _) => s.into_owned(),
            _ => String::new(),
        }
    }

    /// A share in percent: `65%`, `65 %`.
    pub fn percent(&self, value: impl Argument) -> String {
        self.msg("percent").with("value", self.number(value)).to_string()
    }

    /// The day as form fields write it: `2026-11-21`.
    pub fn iso_date(&self, at: impl Moment) -> String {
        let local = self.local(at.moment());
        format!("{:04}-{:02}-{:02}", local.year, local.month, local.day)
    }

    /// The moment for the `datetime` attribute, in UTC: `2026-11-21T09:42:07Z`.
    #[expect(clippy::unused_self, reason = "templates call it like its siblings")]
    pub fn machine(&self, at: impl Moment) -> String {
        let utc = Civil::of(at.moment(), 0);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second
        )
    }

    fn local(&self, at: Timestamp) -> Civil {
        Civil::of(at, self.offset_minutes)
    }

    fn written_date(&self, local: &Civil) -> String {
        let month = usize::try_from(local.month - 1).ok();
        let names = match self.locale {
            Locale::En => &MONTHS_EN,
            Locale::Fr => &MONTHS_FR,
            Locale::Fi => &MONTHS_FI,
        };
        let name = month.and_then(|m| names.get(m)).copied().unwrap_or_default();
        match (self.locale, local.day) {
            (Locale::Fr, 1) => format!("1er {name} {}", local.year),
            (Locale::Fi, day) => format!("{day}. {name} {}", local.year),
            (_, day) => format!("{day} {name} {}", local.year),
        }
    }
}

/// A message and its variables; writes itself in its language.
#[derive(Clone, Debug)]
pub struct Message {
    locale: Locale,
    key: String,
    arguments: HashMap<Cow<'static, str>, FluentValue<'static>>,
}

impl Message {
    /// Sets the variable `name`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Argument) -> Self {
        self.arguments.insert(Cow::Borrowed(name), value.value());
        self
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = LOCALES.lookup_no_default_fallback(self.locale.id(), &self.key, Some(&self.arguments));
        match found {
            Some(text) => f.write_str(&text),
            None => write!(f, "{MISSING}{}", self.key),
        }
    }
}

/// Stands before the key where a message is missing; a test looks for it on every page.
pub const MISSING: &str = "\u{26a0}";

/// What may stand for a variable of a message: texts and whole numbers, or references to them.
pub trait Argument {
    /// The value as the message sees it. Numbers choose the plural.
    fn value(&self) -> FluentValue<'static>;
}

impl Argument for str {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(isolated(self)))
    }
}

impl Argument for String {
    fn value(&self) -> FluentValue<'static> {
        self.as_str().value()
    }
}

impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> FluentValue<'static> {
        (**self).value()
    }
}

macro_rules! number_arguments {
    ($($kind:ty),*) => {$(
        impl Argument for $kind {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )*};
}
number_arguments!(usize, u64, u32, u16, i64, i32);

/// A [`Timestamp`], or references to one: templates hand over either.
pub trait Moment {
    /// The moment itself.
    fn moment(&self) -> Timestamp;
}

impl Moment for Timestamp {
    fn moment(&self) -> Timestamp {
        *self
    }
}

impl<T: Moment> Moment for &T {
    fn moment(&self) -> Timestamp {
        (**self).moment()
    }
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

const MONTHS_FI: [&str; 12] = [
    "tammikuuta",
    "helmikuuta",
    "maaliskuuta",
    "huhtikuuta",
    "toukokuuta",
    "kesäkuuta",
    "heinäkuuta",
    "elokuuta",
    "syyskuuta",
    "lokakuuta",
    "marraskuuta",
    "joulukuuta",
];

/// A value that holds right-to-left letters or direction marks, closed off so that it cannot turn the words around it.
fn isolated(value: &str) -> String {
    let turns = value.chars().any(|c| {
        matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}')
    });
    if turns {
        // Marks of the value itself are dropped: an unpaired one would end our isolation.
        let clean: String = value
            .chars()
            .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
            .collect();
        format!("\u{2068}{clean}\u{2069}")
    } else {
        value.to_owned()
    }
}

fn grouped_en<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(n) => Some(grouped(&n.as_string(), ",", ".")),
        _ => None,
    }
}

fn grouped_fr<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(n) => Some(grouped(&n.as_string(), "\u{202f}", ",")),
        _ => None,
    }
}

fn grouped_fi<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(n) => Some(grouped(&n.as_string(), "\u{a0}", ",")),
        _ => None,
    }
}

fn grouped(plain: &str, thousands: &str, decimal: &str) -> String {
    let (whole, rest) = plain.split_once('.').map_or((plain, None), |(w, r)| (w, Some(r)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |d| ("-", d));
    let mut out = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push_str(thousands);
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push_str(decimal);
        out.push_str(rest);
    }
    out
}

/// A moment on the calendar (proleptic Gregorian).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Civil {
    days: i64,
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    /// Days to year, month, day: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
    fn of(at: Timestamp, offset_minutes: i32) -> Self {
        let seconds = at.seconds() + i64::from(offset_minutes) * 60;
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            days,
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_262_400); // 21 November 2026, 12:00 UTC

    fn text(locale: Locale) -> Text {
        Text::new(locale, NOON)
    }

    #[test]
    fn a_language_is_found_by_its_first_part() {
        assert_eq!(Locale::parse("fr-CA"), Some(Locale::Fr));
        assert_eq!(Locale::parse("FR"), Some(Locale::Fr));
        assert_eq!(Locale::parse("en_GB"), Some(Locale::En));
        assert_eq!(Locale::parse("fi-FI"), Some(Locale::Fi));
        assert_eq!(Locale::parse("fry"), None);
        assert_eq!(Locale::parse(""), None);
    }

    #[test]
    fn an_accept_header_gives_the_heaviest_known_language() {
        assert_eq!(Locale::from_accept("de, fr-CA;q=0.8, en;q=0.9"), Some(Locale::En));
        assert_eq!(Locale::from_accept("fr-CA,en"), Some(Locale::Fr));
        assert_eq!(Locale::from_accept("en;q=0, fr;q=0.1"), Some(Locale::Fr));
        assert_eq!(Locale::from_accept("*, de;q=x"), None);
    }

    #[test]
    fn dates_are_written_as_the_language_does() {
        assert_eq!(text(Locale::En).date(NOON), "21 November 2026");
        assert_eq!(text(Locale::Fr).date(NOON), "21 novembre 2026");
        assert_eq!(
            text(Locale::Fr).date(Timestamp::from_seconds(951_868_800)),
            "1er mars 2000"
        );
        assert_eq!(
            text(Locale::En).date(Timestamp::from_seconds(951_868_799)),
            "29 February 2000"
        );
        assert_eq!(text(Locale::En).date(Timestamp::from_seconds(-1)), "31 December 1969");
        assert_eq!(text(Locale::Fi).date(NOON), "21. marraskuuta 2026");
        assert_eq!(text(Locale::Fi).short_date(NOON), "21. marras");
        assert_eq!(text(Locale::En).machine(NOON), "2026-11-21T12:00:00Z");
    }

    #[test]
    fn the_zone_moves_the_day() {
        let far = Text {
            offset_minutes: 13 * 60,
            ..text(Locale::En)
        };
        assert_eq!(far.date_time(NOON), "22 November 2026, 01:00");
        assert_eq!(far.iso_date(NOON), "2026-11-22");
        assert_eq!(far.zone(), "UTC+13");
        assert_eq!(
            Text {
                offset_minutes: -210,
                ..far
            }
            .zone(),
            "UTC−3:30"
        );
        assert_eq!(text(Locale::En).zone(), "UTC");
    }

    #[test]
    fn recent_moments_are_told_by_their_distance() {
        let en = text(Locale::En);
        let before = |s: i64| Timestamp::from_seconds(NOON.seconds() - s);
        assert_eq!(en.ago(before(10)), "a moment ago");
        assert_eq!(en.ago(before(60)), "1 minute ago");
        assert_eq!(en.ago(before(7_200)), "2 hours ago");
        assert_eq!(en.ago(before(90_000)), "on 20 November 2026");
        assert_eq!(en.when(before(3_600)), "Today, 11:00");
        assert_eq!(en.when(before(86_400)), "Yesterday, 12:00");
        assert_eq!(text(Locale::Fr).ago(before(180)), "il y a 3 minutes");
        assert_eq!(en.time_or_date(before(3_600)), "11:00");
        assert_eq!(en.time_or_date(before(86_400)), "20 November 2026, 12:00");
    }

    #[test]
    fn numbers_are_grouped_and_percent_signs_spaced() {
        assert_eq!(text(Locale::En).number(2500_usize), "2,500");
        assert_eq!(text(Locale::Fr).number(1_234_567_u64), "1\u{202f}234\u{202f}567");
        assert_eq!(text(Locale::En).number(-42_i64), "-42");
        assert_eq!(text(Locale::En).percent(65_u32), "65%");
        assert_eq!(text(Locale::Fr).percent(65_u32), "65\u{a0}%");
        assert_eq!(text(Locale::Fi).number(2500_usize), "2\u{a0}500");
        assert_eq!(text(Locale::Fi).percent(65_u32), "65\u{a0}%");
    }

    #[test]
    fn a_right_to_left_name_is_closed_off() {
        assert_eq!(isolated("נועה"), "\u{2068}נועה\u{2069}");
        assert_eq!(isolated("a\u{202e}b"), "\u{2068}ab\u{2069}");
        assert_eq!(isolated("Béatrice"), "Béatrice");
    }

    #[test]
    fn a_missing_message_is_marked() {
        assert!(text(Locale::En).say("no-such-key").starts_with(MISSING));
    }
}
