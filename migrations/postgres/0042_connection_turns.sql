-- Who asks an LMS now and which courses wait for that, who renews its token, and what the last test of a connection told:
-- several processes share the work.
-- The SQLite file of the same name differs in types only.

-- Leases: by whom, and until when.
ALTER TABLE connection ADD COLUMN turn_holder UUID;
ALTER TABLE connection ADD COLUMN turn_until BIGINT;
ALTER TABLE connection ADD COLUMN renewal_holder UUID;
ALTER TABLE connection ADD COLUMN renewal_until BIGINT;
-- When somebody had it check a course by command, and when somebody had it tested; what that told (absent: under way).
ALTER TABLE connection ADD COLUMN checked_at BIGINT;
ALTER TABLE connection ADD COLUMN tried_at BIGINT;
ALTER TABLE connection ADD COLUMN tried JSONB;

CREATE TABLE connection_waiting (
    connection_id UUID NOT NULL REFERENCES connection (id),
    course_id UUID NOT NULL REFERENCES course (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    since BIGINT NOT NULL,
    PRIMARY KEY (connection_id, course_id)
);
CREATE INDEX connection_waiting_since ON connection_waiting (connection_id, since, course_id);
