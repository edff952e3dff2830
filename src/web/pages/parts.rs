//! View data that several pages share.

use std::borrow::Borrow;

/// A badge as pages show it.
#[derive(Clone, Debug, Default)]
pub struct Badge {
    /// The Factory's id.
    pub id: String,
    /// Its name, in its own language.
    pub name: String,
    /// The address of its picture on our own host; `None` shows a neutral shape.
    pub picture: Option<String>,
}

/// A page of a list: rows `from` to `to` of `total`, page `page` of `pages` (from 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    /// The current page, from 1.
    pub page: usize,
    /// How many pages there are, at least 1.
    pub pages: usize,
    /// The first row shown, from 1; 0 when there is none.
    pub from: usize,
    /// The last row shown.
    pub to: usize,
    /// How many rows there are.
    pub total: usize,
}

impl Pager {
    /// The page `page` of `total` rows at `size` a page; a page past the end becomes the last.
    pub fn of(total: usize, size: usize, page: usize) -> Self {
        let size = size.max(1);
        let pages = total.div_ceil(size).max(1);
        let page = page.clamp(1, pages);
        let from = if total == 0 { 0 } else { (page - 1) * size + 1 };
        Self {
            page,
            pages,
            from,
            to: total.min(page * size),
            total,
        }
    }

    /// The page before, if there is one.
    pub fn previous(&self) -> Option<usize> {
        (self.page > 1).then(|| self.page - 1)
    }

    /// The page after, if there is one.
    pub fn next(&self) -> Option<usize> {
        (self.page < self.pages).then_some(self.page + 1)
    }

    /// The numbers to offer: first, last, two around the current one; 0 stands for a gap.
    pub fn numbers(&self) -> Vec<usize> {
        let mut shown: Vec<usize> = Vec::new();
        for n in 1..=self.pages {
            if n == 1 || n == self.pages || n.abs_diff(self.page) <= 2 {
                shown.push(n);
            } else if shown.last() != Some(&0) {
                shown.push(0);
            }
        }
        shown
    }
}

/// How a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Up,
    /// Greatest first.
    Down,
}

impl Direction {
    /// The value of `aria-sort`.
    pub const fn aria(self) -> &'static str {
        match self {
            Self::Up => "ascending",
            Self::Down => "descending",
        }
    }

    /// The arrow beside the heading, hidden from readers.
    pub const fn arrow(self) -> &'static str {
        match self {
            Self::Up => " ↑",
            Self::Down => " ↓",
        }
    }
}

/// A step of issuing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Which badge.
    #[default]
    Badge,
    /// Who gets it.
    People,
    /// Message and options.
    Message,
    /// Check before sending.
    Check,
}

impl Step {
    /// All four, in order.
    pub const ALL: [Self; 4] = [Self::Badge, Self::People, Self::Message, Self::Check];

    /// The last part of the step's address: `/c/{seat}/issue/{draft}/{code}`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Badge => "badge",
            Self::People => "people",
            Self::Message => "message",
            Self::Check => "check",
        }
    }

    /// The step with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The message that names the step.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Badge => "step-badge",
            Self::People => "step-people",
            Self::Message => "step-message",
            Self::Check => "step-check",
        }
    }

    /// Whether this is `other`.
    pub fn is(self, other: impl Borrow<Self>) -> bool {
        self == *other.borrow()
    }

    /// Whether this comes before `other`.
    pub fn is_before(self, other: impl Borrow<Self>) -> bool {
        self < *other.borrow()
    }

    /// The step's number, from 1.
    pub const fn number(self) -> usize {
        match self {
            Self::Badge => 1,
            Self::People => 2,
            Self::Message => 3,
            Self::Check => 4,
        }
    }
}

/// `part` of `whole` in percent, for the width of a span; 0 of nothing is 0.
pub fn share(part: usize, whole: usize) -> usize {
    (part.min(whole) * 100).checked_div(whole).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_from_one_and_never_past_the_end() {
        assert_eq!(
            Pager::of(340, 25, 1),
            Pager {
                page: 1,
                pages: 14,
                from: 1,
                to: 25,
                total: 340
            }
        );
        assert_eq!(
            Pager::of(340, 25, 99),
            Pager {
                page: 14,
                pages: 14,
                from: 326,
                to: 340,
                total: 340
            }
        );
        assert_eq!(
            Pager::of(0, 25, 0),
            Pager {
                page: 1,
                pages: 1,
                from: 0,
                to: 0,
                total: 0
            }
        );
    }

    #[test]
    fn far_pages_are_left_out_with_one_gap_each() {
        assert_eq!(Pager::of(340, 25, 7).numbers(), [1, 0, 5, 6, 7, 8, 9, 0, 14]);
        assert_eq!(Pager::of(50, 25, 1).numbers(), [1, 2]);
    }

    #[test]
    fn a_share_of_nothing_is_nothing() {
        assert_eq!(share(3, 0), 0);
        assert_eq!(share(36, 42), 85);
        assert_eq!(share(50, 42), 100);
    }
}
