-- Which badges a course may use. Without a choice: every published one.
-- The PostgreSQL file of the same name differs in types only.

ALTER TABLE course ADD COLUMN badges_limited BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE course_badge (
    course_id BLOB NOT NULL REFERENCES course (id),
    badge_id TEXT NOT NULL,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    PRIMARY KEY (course_id, badge_id)
);
CREATE INDEX course_of_organisation_by_title ON course (organisation_id, title, id);
