//! All SQL: one text, two databases.
