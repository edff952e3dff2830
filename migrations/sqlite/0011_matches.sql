-- What a person said that a sender means, and administrators of an LMS who may look after what it sends.
-- The PostgreSQL file of the same name differs in types only.

-- A name that finds nobody by itself, and the course or the person meant by it. `name` is written as in signal_wait.
CREATE TABLE given_match (
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    registration_id BLOB NOT NULL REFERENCES registration (id),
    name TEXT NOT NULL,
    course_id BLOB REFERENCES course (id),
    member_id BLOB REFERENCES member (id),
    given_at INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, name, registration_id),
    CHECK ((course_id IS NULL) <> (member_id IS NULL))
);

-- Whether administrators of the LMS may look after its feeds here: an operator switches it on.
ALTER TABLE registration ADD COLUMN lms_administrators BOOLEAN NOT NULL DEFAULT FALSE;

-- Whether the launch said that its person is an administrator of the LMS.
ALTER TABLE seat ADD COLUMN administers BOOLEAN NOT NULL DEFAULT FALSE;
