//! Plots: inline SVG drawn here, with its numbers on the marks and as a table beside it. Widths and heights are attributes;
//! no script, no style.

use crate::clock::Timestamp;
use crate::web::text::Text;

/// Fewer awards than this are told in words.
const FEWEST: u64 = 5;
/// Longest spans that are shown by day and by week, in periods.
const MOST_DAYS: i64 = 14;
const MOST_WEEKS: i64 = 26;
/// The plot's inside: all units are those of its view box.
const WIDTH: usize = 300;
const FLOOR: usize = 120;
const TALLEST: usize = 100;
const DAY: i64 = 86_400;

/// Awards over time: one bar for each day, week or month, empty ones as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverTime {
    /// How long one bar lasts.
    pub period: Period,
    /// The first moment of each period, and how many awards it has.
    pub counts: Vec<(Timestamp, u64)>,
}

/// How long a bar lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// A day.
    Day,
    /// Seven days, from Monday.
    #[default]
    Week,
    /// A month.
    Month,
}

/// One bar, ready to print.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Left edge.
    pub(super) x: usize,
    /// Upper edge.
    pub(super) y: usize,
    /// Width.
    pub(super) width: usize,
    /// Height.
    pub(super) height: usize,
    /// Its middle, for text.
    pub(super) middle: usize,
    /// Where its number stands.
    pub(super) above: usize,
    /// How its name is anchored.
    pub(super) anchor: &'static str,
    /// The number.
    pub(super) count: String,
    /// The period, short.
    pub(super) name: String,
    /// The period.
    pub(super) whole_name: String,
    /// Whether there is room for its number and whether it has one.
    pub(super) is_counted: bool,
    /// Whether there is room for its name.
    pub(super) is_named: bool,
}

impl OverTime {
    /// The awards of days in order (a day's first moment in UTC, its number); by day up to two weeks, by week up to half a
    /// year, else by month. `None` where there are too few to plot.
    pub fn of(days: &[(Timestamp, u64)]) -> Option<Self> {
        let (first, last) = (days.first()?.0, days.last()?.0);
        let total: u64 = days.iter().map(|(_, n)| n).sum();
        if total < FEWEST {
            return None;
        }
        let span = last.seconds().div_euclid(DAY) - first.seconds().div_euclid(DAY) + 1;
        let period = match span {
            ..=MOST_DAYS => Period::Day,
            _ if (span + 6) / 7 <= MOST_WEEKS => Period::Week,
            _ => Period::Month,
        };
        Some(Self::by(period, days))
    }

    /// The same by week, however long that is: the latest half year.
    pub fn by_week(days: &[(Timestamp, u64)]) -> Option<Self> {
        let total: u64 = days.iter().map(|(_, n)| n).sum();
        (total >= FEWEST).then(|| {
            let mut plot = Self::by(Period::Week, days);
            let most = usize::try_from(MOST_WEEKS).unwrap_or(usize::MAX);
            let beyond = plot.counts.len().saturating_sub(most);
            plot.counts.drain(..beyond);
            plot
        })
    }

    fn by(period: Period, days: &[(Timestamp, u64)]) -> Self {
        let mut counts: Vec<(Timestamp, u64)> = Vec::new();
        for (day, n) in days {
            let start = period.start(*day);
            while let Some((latest, _)) = counts.last()
                && *latest < start
            {
                let next = period.next(*latest);
                counts.push((next, 0));
            }
            match counts.last_mut() {
                Some((_, sum)) => *sum += n,
                None => counts.push((start, *n)),
            }
        }
        Self { period, counts }
    }

    /// What is plotted.
    pub fn title(&self, text: &Text) -> String {
        text.say(match self.period {
            Period::Day => "plot-by-day",
            Period::Week => "plot-by-week",
            Period::Month => "plot-by-month",
        })
    }

    /// What one should see: range, peak, total.
    pub fn describes(&self, text: &Text) -> String {
        let peak = self.counts.iter().max_by_key(|(_, n)| *n).copied().unwrap_or_default();
        let first = self.counts.first().copied().unwrap_or_default();
        text.msg("plot-describes")
            .with("n", self.counts.len())
            .with("from", text.date(first.0))
            .with("most", peak.1)
            .with("when", text.date(peak.0))
            .with("total", self.counts.iter().map(|(_, n)| n).sum::<u64>())
            .to_string()
    }

    /// The message that heads the column of periods.
    pub const fn column(&self) -> &'static str {
        match self.period {
            Period::Day => "plot-day",
            Period::Week => "plot-week",
            Period::Month => "plot-month",
        }
    }

    /// The bars from left to right.
    pub fn bars(&self, text: &Text) -> Vec<Bar> {
        let bars = self.counts.len().max(1);
        let most = self.counts.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
        let step = WIDTH / bars;
        let named_every = bars.div_ceil(4);
        let bar = |(index, (start, n)): (usize, &(Timestamp, u64))| {
            let x = index * WIDTH / bars;
            let width = (step * 3 / 4).max(1);
            let height = usize::try_from(n * 100 / most).unwrap_or(TALLEST) * TALLEST / 100;
            let height = if *n > 0 { height.max(1) } else { 0 };
            Bar {
                x,
                y: FLOOR - height,
                width,
                height,
                middle: x + width / 2,
                above: FLOOR - height - 5,
                anchor: if index == 0 { "start" } else { "middle" },
                count: text.number(*n),
                name: text.short_date(*start),
                whole_name: text.date(*start),
                is_counted: *n > 0 && step >= 9,
                is_named: index.is_multiple_of(named_every) && index + 1 < bars.max(2),
            }
        };
        self.counts.iter().enumerate().map(bar).collect()
    }
}

impl Period {
    fn start(self, day: Timestamp) -> Timestamp {
        let number = day.seconds().div_euclid(DAY);
        let first = match self {
            Self::Day => number,
            // 1 January 1970 was a Thursday
            Self::Week => number - (number + 3).rem_euclid(7),
            Self::Month => number - i64::from(date_of(day).day()) + 1,
        };
        Timestamp::from_seconds(first * DAY)
    }

    fn next(self, start: Timestamp) -> Timestamp {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => {
                let date = date_of(start);
                i64::from(date.month().length(date.year()))
            }
        };
        Timestamp::from_seconds(start.seconds() + days * DAY)
    }
}

fn date_of(at: Timestamp) -> time::Date {
    time::OffsetDateTime::from_unix_timestamp(at.seconds()).map_or(time::Date::MIN, time::OffsetDateTime::date)
}

/// How far the course has come with one badge: each step's people, of all in the course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Funnel {
    /// The badge's name.
    pub badge: String,
    /// Learners in the course.
    pub people: usize,
    /// Who of them shares an address.
    pub with_email: usize,
    /// To whom the badge was given here, whether it was sent yet or not.
    pub awarded: usize,
    /// To whom it was sent.
    pub sent: usize,
}

/// One step, ready to print.
#[derive(Clone, Debug)]
pub struct FunnelStep {
    /// The period, short.
    pub(super) name: String,
    /// The number.
    pub(super) count: String,
    /// Width.
    pub(super) width: usize,
    /// Where its words stand.
    pub(super) text_y: usize,
    /// Upper edge of its bar.
    pub(super) bar_y: usize,
}

impl Funnel {
    /// What is plotted.
    pub fn title(&self, text: &Text) -> String {
        text.msg("funnel-title").with("badge", &self.badge).to_string()
    }

    /// The steps in words.
    pub fn describes(&self, text: &Text) -> String {
        let said = self
            .named()
            .map(|(key, n)| format!("{} {}", text.say(key), text.number(n)));
        said.join(", ")
    }

    /// The height of the drawing.
    pub const fn height(&self) -> usize {
        self.named().len() * 30
    }

    /// The steps from the widest to the last.
    pub fn steps(&self, text: &Text) -> Vec<FunnelStep> {
        let widest = self.people.max(1);
        let step = |(index, (key, n)): (usize, (&'static str, usize))| FunnelStep {
            name: text.say(key),
            count: text.number(n),
            width: n.min(widest) * WIDTH / widest,
            text_y: index * 30 + 11,
            bar_y: index * 30 + 15,
        };
        self.named().into_iter().enumerate().map(step).collect()
    }

    const fn named(&self) -> [(&'static str, usize); 4] {
        [
            ("funnel-people-here", self.people),
            ("funnel-email", self.with_email),
            ("funnel-awarded", self.awarded),
            ("funnel-sent", self.sent),
        ]
    }
}

/// Things and their numbers, a bar for each, all on one scale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bars {
    /// Tells this plot from others of the page.
    pub id: &'static str,
    /// What is plotted.
    pub title: String,
    /// What the things are.
    pub column: String,
    /// What is counted.
    pub counted: String,
    /// Names and numbers.
    pub rows: Vec<(String, u64)>,
}

/// Names in a plot are cut to so many characters; the table has them whole.
const LONGEST_NAME: usize = 44;
/// The most bars; the table has them all.
const MOST_BARS: usize = 12;

impl Bars {
    /// The things that have a bar, in words.
    pub fn describes(&self, text: &Text) -> String {
        let said = self.rows.iter().take(MOST_BARS);
        let said: Vec<String> = said.map(|(name, n)| format!("{name} {}", text.number(*n))).collect();
        said.join(", ")
    }

    /// The height of the drawing.
    pub fn height(&self) -> usize {
        self.rows.len().clamp(1, MOST_BARS) * 30
    }

    /// The bars from above.
    pub fn steps(&self, text: &Text) -> Vec<FunnelStep> {
        let widest = self.rows.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
        let step = |(index, (name, n)): (usize, &(String, u64))| FunnelStep {
            name: short(name),
            count: text.number(*n),
            width: usize::try_from(n.saturating_mul(300) / widest)
                .unwrap_or(WIDTH)
                .min(WIDTH),
            text_y: index * 30 + 11,
            bar_y: index * 30 + 15,
        };
        self.rows.iter().take(MOST_BARS).enumerate().map(step).collect()
    }

    /// Every row, for the table: name and number.
    pub fn table(&self, text: &Text) -> Vec<(String, String)> {
        let row = |(name, n): &(String, u64)| (name.clone(), text.number(*n));
        self.rows.iter().map(row).collect()
    }
}

fn short(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::text::Locale;

    /// 21 November 2026, a Saturday.
    const SATURDAY: i64 = 1_795_219_200;

    fn day(after: i64, n: u64) -> (Timestamp, u64) {
        (Timestamp::from_seconds(SATURDAY + after * DAY), n)
    }

    #[test]
    fn few_awards_are_no_plot_and_empty_days_stay() {
        assert_eq!(OverTime::of(&[]), None);
        assert_eq!(OverTime::of(&[day(0, 4)]), None);
        let plot = OverTime::of(&[day(0, 2), day(3, 3)]).unwrap();
        assert_eq!(plot.period, Period::Day);
        let counts: Vec<u64> = plot.counts.iter().map(|(_, n)| *n).collect();
        assert_eq!(counts, [2, 0, 0, 3]);
    }

    #[test]
    fn longer_spans_are_shown_by_week_from_monday_and_by_month() {
        let plot = OverTime::of(&[day(0, 2), day(20, 3)]).unwrap();
        assert_eq!(plot.period, Period::Week);
        assert_eq!(plot.counts[0].0.seconds(), SATURDAY - 5 * DAY, "Monday, 16 November");
        let counts: Vec<u64> = plot.counts.iter().map(|(_, n)| *n).collect();
        assert_eq!(counts, [2, 0, 0, 3]);
        let plot = OverTime::of(&[day(0, 2), day(200, 3)]).unwrap();
        assert_eq!(plot.period, Period::Month);
        assert_eq!(plot.counts.len(), 8, "November to June");
        assert_eq!(plot.counts[0].0.seconds(), SATURDAY - 20 * DAY);
        assert_eq!(OverTime::by_week(&[day(0, 2), day(400, 3)]).unwrap().counts.len(), 26);
    }

    #[test]
    fn bars_stay_inside_their_plot() {
        let text = Text::new(Locale::En, Timestamp::from_seconds(SATURDAY));
        for days in [1, 2, 13, 60, 180, 5000] {
            let counts: Vec<_> = (0..days)
                .map(|at| day(at, u64::try_from(at % 7 + 5).unwrap()))
                .collect();
            let plot = OverTime::of(&counts).unwrap();
            for bar in plot.bars(&text) {
                assert!(
                    bar.x + bar.width <= WIDTH && bar.y >= 20 && bar.y + bar.height == FLOOR,
                    "{days}: {bar:?}"
                );
            }
            assert!(!plot.describes(&text).contains('{'));
        }
    }

    #[test]
    fn bars_share_one_scale_and_the_table_has_all() {
        let text = Text::new(Locale::En, Timestamp::default());
        let rows = (0..30).map(|n| (format!("badge {n}").repeat(20), 30 - n)).collect();
        let bars = Bars {
            rows,
            ..Bars::default()
        };
        let steps = bars.steps(&text);
        assert_eq!((steps.len(), bars.height()), (12, 360));
        assert_eq!((steps[0].width, steps[1].width), (300, 290));
        assert!(steps.iter().all(|step| step.name.chars().count() <= LONGEST_NAME));
        assert_eq!(bars.table(&text).len(), 30);
        assert!(Bars::default().steps(&text).is_empty());
    }

    #[test]
    fn a_funnel_is_as_wide_as_its_course() {
        let text = Text::new(Locale::En, Timestamp::default());
        let funnel = Funnel {
            badge: "Lab Safety".to_owned(),
            people: 40,
            with_email: 39,
            awarded: 20,
            sent: 10,
        };
        let widths: Vec<usize> = funnel.steps(&text).iter().map(|step| step.width).collect();
        assert_eq!(widths, [300, 292, 150, 75]);
        assert_eq!(Funnel::default().steps(&text)[0].width, 0);
    }
}
