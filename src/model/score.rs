//! Scores as whole numbers of millionths: the same text is always the same number, and comparing never rounds.

use std::fmt;

/// Points in millionths; at most a thousand million points either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i64);

const SCALE: i64 = 1_000_000;
const MOST: i64 = 1_000_000_000 * SCALE;

/// The number cannot be a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number of points")]
pub struct InvalidPoints;

impl Points {
    /// Whole points, up to the bound.
    pub fn whole(points: i32) -> Self {
        Self((i64::from(points) * SCALE).clamp(-MOST, MOST))
    }

    /// The number that JSON gave, rounded to millionths.
    pub fn from_number(number: f64) -> Result<Self, InvalidPoints> {
        if !number.is_finite() || number.abs() > 1e9 {
            return Err(InvalidPoints);
        }
        // The decimal text of a double is exact before it is cut: 88.5 stays 88.5, 0.1 + 0.2 becomes 0.3.
        Self::from_millionths_text(&format!("{number:.6}"))
    }

    /// Reads a decimal number such as `88.5` or `-3`, with more digits rounded to millionths.
    pub fn parse(text: &str) -> Result<Self, InvalidPoints> {
        let is_decimal = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        if !is_decimal {
            return Err(InvalidPoints);
        }
        Self::from_number(text.parse().map_err(|_| InvalidPoints)?)
    }

    fn from_millionths_text(text: &str) -> Result<Self, InvalidPoints> {
        let millionths: i64 = text.replace('.', "").parse().map_err(|_| InvalidPoints)?;
        Self::from_millionths(millionths).ok_or(InvalidPoints)
    }

    /// As it is stored; nothing beyond a thousand million points.
    pub const fn from_millionths(millionths: i64) -> Option<Self> {
        if millionths > MOST || millionths < -MOST {
            None
        } else {
            Some(Self(millionths))
        }
    }

    /// As it is stored.
    pub const fn millionths(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Points {
    /// The shortest decimal text: `88.5`, `-3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{rest:06}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// A score, as it was given: not clamped, so 105 of 100 is more than 100 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Score {
    /// The points; `None`: the score was taken away.
    pub given: Option<Points>,
    /// Of how many; zero or less gives no ratio.
    pub maximum: Points,
    /// Whether the learner may see it already.
    pub released: bool,
    /// Put in by a person instead of the computed one: wins over it.
    pub overrides: bool,
}

impl Score {
    /// `given` of `maximum`, released and computed.
    pub const fn of(given: Points, maximum: Points) -> Self {
        Self {
            given: Some(given),
            maximum,
            released: true,
            overrides: false,
        }
    }

    /// Whether it is at least `percent` (in percent: `Points::whole(80)` is 80 %), exactly and unclamped. `None`:
    /// there is no score, or none to compare with.
    pub fn is_at_least(self, percent: Points) -> Option<bool> {
        let given = self.given?;
        if self.maximum.0 <= 0 {
            return None;
        }
        // given / maximum >= percent / 100, without a division; 10^15 * 10^15 fits 128 bits
        Some(i128::from(given.0) * 100 * i128::from(SCALE) >= i128::from(percent.0) * i128::from(self.maximum.0))
    }

    /// The score in percent, rounded down to millionths, for pages; never for comparing. Unclamped.
    pub fn percent(self) -> Option<Points> {
        let given = self.given?;
        if self.maximum.0 <= 0 {
            return None;
        }
        let percent = (i128::from(given.0) * 100 * i128::from(SCALE)).div_euclid(i128::from(self.maximum.0));
        Points::from_millionths(i64::try_from(percent).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::cases::properties;

    #[test]
    fn points_keep_what_was_written() {
        for (text, shown) in [
            ("88.50000", "88.5"),
            ("0", "0"),
            ("-3", "-3"),
            ("1e2", "100"),
            ("0.0000004", "0"),
        ] {
            assert_eq!(Points::parse(text).unwrap().to_string(), shown, "{text}");
        }
        assert_eq!(Points::from_number(0.1 + 0.2), Points::parse("0.3"));
        assert_eq!(Points::whole(-7), Points::parse("-7").unwrap());
        for text in ["", "NaN", "inf", "1e400", "88,5", "80 %", "1000000001", "--1"] {
            assert_eq!(Points::parse(text), Err(InvalidPoints), "{text}");
        }
        assert_eq!(Points::from_number(f64::NAN), Err(InvalidPoints));
    }

    #[test]
    fn a_score_is_compared_exactly_and_unclamped() {
        let of = |given: &str, maximum: &str| Score::of(Points::parse(given).unwrap(), Points::parse(maximum).unwrap());
        let eighty = Points::whole(80);
        assert_eq!(of("80", "100").is_at_least(eighty), Some(true));
        assert_eq!(of("79.999999", "100").is_at_least(eighty), Some(false));
        assert_eq!(of("2.4", "3").is_at_least(eighty), Some(true));
        assert_eq!(of("105", "100").is_at_least(Points::whole(101)), Some(true));
        assert_eq!(of("5", "0").is_at_least(eighty), None);
        let cleared = Score {
            given: None,
            ..of("1", "1")
        };
        assert_eq!(cleared.is_at_least(Points::whole(0)), None);
        assert_eq!(of("2", "3").percent().unwrap().to_string(), "66.666666");
    }

    properties! {
        #[test]
        fn points_read_back_from_their_text(millionths in -MOST..=MOST) {
            let points = Points::from_millionths(millionths).unwrap();
            prop_assert_eq!(Points::parse(&points.to_string()), Ok(points));
        }
    }
}
