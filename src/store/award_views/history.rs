//! The history of a course: its awards, filtered and sorted.

use super::{AwardLine, LineRow, line, number, select_lines};
use crate::clock::Timestamp;
use crate::model::{CourseId, OrganisationId};
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

/// Which awards of a course a history shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Of this badge.
    pub badge_id: Option<String>,
    /// Whose name or address contains this.
    pub person: Option<String>,
    /// Whether `person` is looked for in names only: for who may not see addresses.
    pub names_only: bool,
    /// With one of these words.
    pub group: Option<HistoryGroup>,
    /// Which came to be in this way.
    pub origin: Option<HistoryOrigin>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
}

/// Words that a history is filtered by together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryGroup {
    /// Queued, sending, checking.
    OnItsWay,
    /// Issued.
    Sent,
    /// Held, or a person must decide about the order.
    Held,
    /// Refused.
    Failed,
    /// Revoked, or being revoked.
    Revoked,
    /// Taken back before it was sent.
    Withdrawn,
}

impl HistoryGroup {
    /// The states it stands for, between commas; `parked` is a sending award whose order is parked.
    const fn states(self) -> &'static str {
        match self {
            Self::OnItsWay => ",queued,sending,",
            Self::Sent => ",issued,",
            Self::Held => ",held,parked,",
            Self::Failed => ",refused,",
            Self::Revoked => ",revoking,revoked,",
            Self::Withdrawn => ",withdrawn,",
        }
    }
}

/// How an award came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryOrigin {
    /// A person issued it.
    Hand,
    /// A rule made it.
    Rule,
    /// The person applied for it.
    Application,
}

impl HistoryOrigin {
    /// What the stored cause looks like.
    const fn pattern(self) -> &'static str {
        match self {
            Self::Hand => "hand:%",
            Self::Rule => "rule:%",
            Self::Application => "application:%",
        }
    }
}

/// In which order a history is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistorySort {
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first.
    OldestFirst,
    /// By the person's name.
    Person,
    /// By the person's name, from the end of the alphabet.
    PersonDown,
    /// By the badge's name, the oldest first within.
    Badge,
    /// By the badge's name from the end of the alphabet, the newest first within.
    BadgeDown,
}

// What a filter lets through: $3 badge, $4 name, $5 from, $6 until, $7 address, $8 states, $9 cause. A name is searched in an
// index; an order is only looked up where its state counts.
macro_rules! wanted {
    () => {
        "a.organisation_id = $1 AND a.course_id = $2
            AND ($3 IS NULL OR a.badge_id = $3)
            AND ($4 IS NULL OR a.id IN (SELECT s.id FROM award s WHERE s.organisation_id = $1 AND s.course_id = $2
                AND (s.search LIKE $4 OR s.address LIKE $7)))
            AND ($8 IS NULL OR $8 LIKE '%,' || CASE WHEN a.state = 'sending' AND EXISTS (SELECT 1 FROM orders w
                WHERE w.id = a.order_id AND w.state = 'parked') THEN 'parked' ELSE a.state END || ',%')
            AND ($9 IS NULL OR a.cause LIKE $9)"
    };
}

// Bounds that are always there, so that the index of dates is the one to read.
macro_rules! between {
    () => {
        concat!(wanted!(), " AND a.created_at >= $5 AND a.created_at < $6")
    };
}

// The same where another index gives the order: rows are not read for bounds that nobody set.
macro_rules! sorted {
    () => {
        concat!(
            wanted!(),
            " AND ($5 < 0 OR a.created_at >= $5) AND ($6 = 9223372036854775807 OR a.created_at < $6)"
        )
    };
}

// One text for each sort: sqlx takes static texts only. A page is cut out before anything is joined to it.
macro_rules! page {
    ($wanted:expr, $sort:literal) => {
        select_lines!(
            "NULL",
            concat!(
                "(SELECT a.id AS page_id FROM award a WHERE ",
                $wanted,
                $sort,
                " LIMIT $10 OFFSET $11) page
                JOIN award a ON a.id = page.page_id"
            ),
            "a.organisation_id = $1",
            $sort
        )
    };
}

const NEWEST: &str = page!(between!(), " ORDER BY a.created_at DESC, a.id DESC");
const OLDEST: &str = page!(between!(), " ORDER BY a.created_at, a.id");
const BY_PERSON: &str = page!(sorted!(), " ORDER BY a.name, a.id");
const BY_PERSON_DOWN: &str = page!(sorted!(), " ORDER BY a.name DESC, a.id DESC");
const BY_BADGE: &str = page!(sorted!(), " ORDER BY a.badge_name, a.created_at, a.id");
const BY_BADGE_DOWN: &str = page!(sorted!(), " ORDER BY a.badge_name DESC, a.created_at DESC, a.id DESC");
const COUNT: &str = concat!("SELECT COUNT(*) FROM award a WHERE ", between!());
// Days of UTC.
const PER_DAY: &str = concat!(
    "SELECT a.created_at / 86400000 AS day, COUNT(*) FROM award a WHERE ",
    between!(),
    " GROUP BY a.created_at / 86400000 ORDER BY 1"
);

impl Tx<'_> {
    /// A page of a course's awards.
    pub async fn course_history(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        filter: &HistoryFilter,
        sort: HistorySort,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let sql = match sort {
            HistorySort::NewestFirst => NEWEST,
            HistorySort::OldestFirst => OLDEST,
            HistorySort::Person => BY_PERSON,
            HistorySort::PersonDown => BY_PERSON_DOWN,
            HistorySort::Badge => BY_BADGE,
            HistorySort::BadgeDown => BY_BADGE_DOWN,
        };
        let rows: Vec<LineRow> = on!(self, sqlx::query_as(sql).bind(organisation.uuid()).bind(course.uuid())
            .bind(&filter.badge_id).bind(filter.pattern()).bind(filter.first())
            .bind(filter.end()).bind(filter.address_pattern())
            .bind(filter.group.map(HistoryGroup::states)).bind(filter.origin.map(HistoryOrigin::pattern))
            .bind(i64::from(limit)).bind(i64::from(offset)) => fetch_all)?;
        rows.into_iter().map(line).collect()
    }

    /// How many awards of a course a filter lets through.
    pub async fn course_history_count(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        filter: &HistoryFilter,
    ) -> Result<u64, StoreError> {
        let count: i64 = on!(self, sqlx::query_scalar(COUNT).bind(organisation.uuid()).bind(course.uuid())
            .bind(&filter.badge_id).bind(filter.pattern()).bind(filter.first())
            .bind(filter.end()).bind(filter.address_pattern())
            .bind(filter.group.map(HistoryGroup::states))
            .bind(filter.origin.map(HistoryOrigin::pattern)) => fetch_one)?;
        Ok(number(count))
    }

    /// How many awards a filter lets through of each day that has any: the day's first moment (UTC) and the number, in
    /// order.
    pub async fn course_history_days(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        filter: &HistoryFilter,
    ) -> Result<Vec<(Timestamp, u64)>, StoreError> {
        let days: Vec<(i64, i64)> = on!(self, sqlx::query_as(PER_DAY).bind(organisation.uuid()).bind(course.uuid())
            .bind(&filter.badge_id).bind(filter.pattern()).bind(filter.first())
            .bind(filter.end()).bind(filter.address_pattern())
            .bind(filter.group.map(HistoryGroup::states))
            .bind(filter.origin.map(HistoryOrigin::pattern)) => fetch_all)?;
        let start = |day: i64| Timestamp::from_seconds(day.saturating_mul(86_400));
        Ok(days.into_iter().map(|(day, n)| (start(day), number(n))).collect())
    }
}

impl HistoryFilter {
    fn pattern(&self) -> Option<String> {
        let person = self.person.as_deref()?.trim().to_lowercase();
        // A wildcard in what was typed finds too much, never too little.
        (!person.is_empty()).then(|| format!("%{person}%"))
    }

    /// The first moment that is let through, in milliseconds; less than nothing: any.
    fn first(&self) -> i64 {
        self.from.map_or(-1, Timestamp::millis)
    }

    /// The moment before which everything is let through; the last there is: any.
    fn end(&self) -> i64 {
        self.until.map_or(i64::MAX, Timestamp::millis)
    }

    fn address_pattern(&self) -> Option<String> {
        self.pattern().filter(|_| !self.names_only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn no_page_reads_a_table_from_end_to_end() {
        plans::finding_few(&[
            NEWEST,
            OLDEST,
            BY_PERSON,
            BY_PERSON_DOWN,
            BY_BADGE,
            BY_BADGE_DOWN,
            COUNT,
            PER_DAY,
        ])
        .await;
    }
}
