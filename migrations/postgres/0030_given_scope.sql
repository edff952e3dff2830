-- What a person said about senders of one registration says nothing about senders of none: there the same name may mean
-- something else. The SQLite file of the same name differs in types only.
CREATE TABLE given_name (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    -- Of the course or the person that is meant.
    registration_id UUID NOT NULL REFERENCES registration (id),
    -- Said about what comes from feeds of no registration; else about what comes from those of this one.
    unbound BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    course_id UUID REFERENCES course (id),
    member_id UUID REFERENCES member (id),
    given_at BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, name, registration_id, unbound),
    CHECK ((course_id IS NULL) <> (member_id IS NULL))
);
INSERT INTO given_name (organisation_id, registration_id, unbound, name, course_id, member_id, given_at)
    SELECT organisation_id, registration_id, FALSE, name, course_id, member_id, given_at FROM given_match;
DROP TABLE given_match;
