//! A course's people as a page of staff shows them: found, sorted, with how one badge stands for each.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::{Address, CourseId, EnrolmentStatus, MemberId, OrganisationId};

/// Which people of a course, and whose badge is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterQuery {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The course.
    pub course: CourseId,
    /// The badge whose state each row tells.
    pub badge: String,
    /// The cause whose generations count, `hand:{badge}`; an award of another cause that stands marks the person, too.
    pub cause: String,
    /// What was typed to find somebody; empty: everybody.
    pub search: String,
    /// Only people without the badge.
    pub without_badge: bool,
    /// Only people without an address.
    pub without_email: bool,
    /// Only people who have joined the course.
    pub active_only: bool,
    /// How the rows are sorted.
    pub sort: RosterSort,
}

/// In which order people are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RosterSort {
    /// By name.
    #[default]
    Name,
    /// By name from the end of the alphabet.
    NameDown,
    /// By the badge's state, who has none first.
    State,
    /// The other way round.
    StateDown,
}

/// One learner, and how the badge stands for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterRow {
    /// The member.
    pub member: MemberId,
    /// The name, or empty.
    pub name: String,
    /// The address, if the LMS shares one.
    pub email: Option<Address>,
    /// Active, or invited and not there yet.
    pub status: EnrolmentStatus,
    /// How the badge stands: by hand, by the member or else by the address; where that does not stand, an award that a
    /// rule or an application gave. The generation is that by hand.
    pub award: Option<RosterAward>,
}

/// The newest award of a badge to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterAward {
    /// The stored word of its state.
    pub state: String,
    /// Its generation.
    pub generation: u32,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// A rule of this course holds it: a person may issue it by hand instead.
    pub held_by_rule: bool,
}

impl RosterAward {
    /// Whether the person has the badge or will get it without anybody doing anything.
    pub fn stands(&self) -> bool {
        !matches!(self.state.as_str(), "revoked" | "withdrawn" | "refused")
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    email: Option<String>,
    status: String,
    state: Option<String>,
    generation: Option<i64>,
    issued_at: Option<i64>,
    held_by_rule: i32,
}

/// Whom a query means: `$3` to `$5` are the search and the filters that need no award.
macro_rules! wanted {
    () => {
        " WHERE e.organisation_id = $1 AND e.course_id = $2 AND e.status <> 'gone' AND NOT e.test
            AND COALESCE(e.launch_standing, e.roster_standing) = 'learner' AND m.search LIKE $3 ESCAPE '\\'
            AND ($4 = 0 OR m.email IS NULL) AND ($5 = 0 OR e.status = 'active') "
    };
}

/// The people whom a query means, before any award is looked for; the parenthesis stays open.
macro_rules! people {
    () => {
        concat!(
            "(SELECT m.id, m.name, m.email, m.sort_name, e.status, e.organisation_id
            FROM enrolment e JOIN member m ON m.id = e.member_id",
            wanted!()
        )
    };
}

/// An award that a rule or an application gave and that stands; found by this column of the person.
macro_rules! otherwise {
    ($award:literal, $person:literal) => {
        concat!(
            "(SELECT r.id FROM award r WHERE r.organisation_id = page.organisation_id AND r.",
            $award,
            " = page.",
            $person,
            " AND r.badge_id = $6 AND r.cause <> $7 AND r.state NOT IN ('revoked', 'withdrawn', 'refused')
                ORDER BY r.created_at DESC LIMIT 1)"
        )
    };
}

/// Each person's award by hand: `a` by member, else `b` by address; `c`: where neither stands, one of another cause.
macro_rules! with_awards {
    ($columns:expr, $people:expr, $tail:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $people,
            " LEFT JOIN award a ON a.organisation_id = page.organisation_id AND a.member_id = page.id
                AND a.badge_id = $6 AND a.cause = $7 AND a.period = '-' AND NOT EXISTS (SELECT 1 FROM award n
                    WHERE n.organisation_id = a.organisation_id AND n.badge_id = a.badge_id AND n.cause = a.cause
                    AND n.recipient = a.recipient AND n.period = '-' AND n.generation > a.generation)
            LEFT JOIN award b ON a.id IS NULL AND b.organisation_id = page.organisation_id AND b.badge_id = $6
                AND b.cause = $7 AND b.address = page.email AND b.period = '-' AND NOT EXISTS (SELECT 1 FROM award n
                    WHERE n.organisation_id = b.organisation_id AND n.badge_id = b.badge_id AND n.cause = b.cause
                    AND n.address = b.address AND n.period = '-' AND n.generation > b.generation)
            LEFT JOIN award c ON COALESCE(a.state, b.state, 'none') IN ('none', 'revoked', 'withdrawn', 'refused')
                AND c.id = COALESCE(",
            otherwise!("member_id", "id"),
            ", ",
            otherwise!("address", "email"),
            ") ",
            $tail
        )
    };
}

macro_rules! columns {
    () => {
        "page.id, page.name, page.email, page.status, COALESCE(c.state, a.state, b.state) AS state,
            COALESCE(a.generation, b.generation) AS generation,
            COALESCE(c.issued_at, a.issued_at, b.issued_at) AS issued_at,
            CASE WHEN c.state = 'held' AND c.cause LIKE 'rule:%' AND c.course_id = $2 THEN 1 ELSE 0 END AS held_by_rule"
    };
}

/// Everybody, with or without the badge: awards are looked for after the page was cut out.
macro_rules! page_of_all {
    ($order:literal, $again:literal) => {
        with_awards!(columns!(), concat!(people!(), $order, ") page"), $again)
    };
}

/// Where an award decides who is on the page.
macro_rules! page_by_award {
    ($columns:expr, $order:literal) => {
        with_awards!(
            $columns,
            concat!(people!(), ") page"),
            concat!(
                "WHERE ($8 = 0 OR COALESCE(c.state, a.state, b.state, 'none') IN
                    ('none', 'revoked', 'withdrawn', 'refused')) ",
                $order
            )
        )
    };
}

const ALL_BY_NAME: &str = page_of_all!(
    "ORDER BY m.sort_name, m.id LIMIT $9 OFFSET $10",
    "WHERE $8 = 0 ORDER BY page.sort_name, page.id"
);
const ALL_BY_NAME_DOWN: &str = page_of_all!(
    "ORDER BY m.sort_name DESC, m.id DESC LIMIT $9 OFFSET $10",
    "WHERE $8 = 0 ORDER BY page.sort_name DESC, page.id DESC"
);
const BY_NAME: &str = page_by_award!(columns!(), "ORDER BY page.sort_name, page.id LIMIT $9 OFFSET $10");
const BY_NAME_DOWN: &str = page_by_award!(
    columns!(),
    "ORDER BY page.sort_name DESC, page.id DESC LIMIT $9 OFFSET $10"
);
const BY_STATE: &str = page_by_award!(
    columns!(),
    "ORDER BY COALESCE(c.state, a.state, b.state, ''), page.sort_name, page.id LIMIT $9 OFFSET $10"
);
const BY_STATE_DOWN: &str = page_by_award!(
    columns!(),
    "ORDER BY COALESCE(c.state, a.state, b.state, '') DESC, page.sort_name DESC, page.id DESC LIMIT $9 OFFSET $10"
);
const COUNT_WITHOUT_BADGE: &str = page_by_award!("COUNT(*)", "");
/// Where no award decides, none is looked for.
const COUNT: &str = concat!(
    "SELECT COUNT(*) FROM enrolment e JOIN member m ON m.id = e.member_id",
    wanted!()
);
/// Where nothing about the person decides either, people are not read: the first page of a large course waits for this.
const COUNT_ALL: &str = "SELECT COUNT(*) FROM enrolment e WHERE e.organisation_id = $1 AND e.course_id = $2
    AND e.status <> 'gone' AND NOT e.test AND COALESCE(e.launch_standing, e.roster_standing) = 'learner'
    AND ($3 = 0 OR e.status = 'active')";

/// The links whose teachers were here last come first: ids begin with their time.
const LINKS: &str = "SELECT resource_link_id FROM link WHERE organisation_id = $1 AND course_id = $2
    ORDER BY id DESC LIMIT $3";

impl Tx<'_> {
    /// Links of a course as the LMS names them, the newest first, at most `limit`.
    pub async fn newest_links(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        on!(self, sqlx::query_scalar(LINKS).bind(organisation.uuid()).bind(course.uuid()).bind(limit) => fetch_all)
    }

    /// One page of a course's learners: `limit` rows after the first `offset`. Staff and test users are not listed.
    pub async fn roster_rows(
        &mut self,
        query: &RosterQuery,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<RosterRow>, StoreError> {
        let text = match (query.sort, query.without_badge) {
            (RosterSort::Name, false) => ALL_BY_NAME,
            (RosterSort::NameDown, false) => ALL_BY_NAME_DOWN,
            (RosterSort::Name, true) => BY_NAME,
            (RosterSort::NameDown, true) => BY_NAME_DOWN,
            (RosterSort::State, _) => BY_STATE,
            (RosterSort::StateDown, _) => BY_STATE_DOWN,
        };
        let rows: Vec<Row> = on!(self, sqlx::query_as(text).bind(query.organisation.uuid()).bind(query.course.uuid())
            .bind(pattern(&query.search)).bind(i64::from(query.without_email)).bind(i64::from(query.active_only))
            .bind(&query.badge).bind(&query.cause).bind(i64::from(query.without_badge)).bind(limit).bind(offset) => fetch_all)?;
        Ok(rows.into_iter().map(Row::into_row).collect())
    }

    /// How many learners fit.
    pub async fn roster_count(&mut self, query: &RosterQuery) -> Result<i64, StoreError> {
        let (id, course) = (query.organisation.uuid(), query.course.uuid());
        let (email, active) = (i64::from(query.without_email), i64::from(query.active_only));
        if query.without_badge {
            return on!(self, sqlx::query_scalar(COUNT_WITHOUT_BADGE).bind(id).bind(course).bind(pattern(&query.search))
                .bind(email).bind(active).bind(&query.badge).bind(&query.cause).bind(1_i64) => fetch_one);
        }
        if !query.without_email && query.search.trim().is_empty() {
            return on!(self, sqlx::query_scalar(COUNT_ALL).bind(id).bind(course).bind(active) => fetch_one);
        }
        on!(self, sqlx::query_scalar(COUNT).bind(id).bind(course).bind(pattern(&query.search)).bind(email)
            .bind(active) => fetch_one)
    }
}

/// The search as a `LIKE` pattern in which the person's own signs mean themselves.
fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for sign in search.trim().to_lowercase().chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

impl Row {
    fn into_row(self) -> RosterRow {
        let generation = u32::try_from(self.generation.unwrap_or(0)).unwrap_or(0);
        RosterRow {
            member: MemberId::new(self.id),
            name: self.name,
            email: self.email.and_then(|text| Address::parse(&text).ok()),
            status: EnrolmentStatus::of(&self.status),
            award: self.state.map(|state| RosterAward {
                state,
                generation,
                issued_at: self.issued_at.map(Timestamp::from_millis),
                held_by_rule: self.held_by_rule == 1,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn no_page_reads_a_table_from_end_to_end() {
        plans::without_scans(&[
            ALL_BY_NAME,
            ALL_BY_NAME_DOWN,
            BY_NAME,
            BY_NAME_DOWN,
            BY_STATE,
            BY_STATE_DOWN,
            COUNT_WITHOUT_BADGE,
            COUNT,
            COUNT_ALL,
        ])
        .await;
    }

    #[test]
    fn signs_of_a_search_mean_themselves() {
        assert_eq!(pattern(" 100%_A\\ "), "%100\\%\\_a\\\\%");
        assert_eq!(pattern(""), "%%");
    }
}
