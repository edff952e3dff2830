-- Connections to the REST APIs of LMSs, how far each course was asked, and what was seen there last.
-- The PostgreSQL file of the same name differs in types only.

CREATE TABLE connection (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    registration_id BLOB NOT NULL REFERENCES registration (id),
    kind TEXT NOT NULL CHECK (kind IN ('canvas', 'brightspace', 'moodle')),
    base_url TEXT NOT NULL,
    -- Where tokens come from; absent: the token never changes (Moodle).
    token_url TEXT,
    client_id TEXT,
    -- Sealed: the client's secret, or Moodle's token; absent where our own key proves who we are (Brightspace).
    secret BLOB,
    -- Sealed: what brings the next access token, and that token with its end.
    refresh BLOB,
    access BLOB,
    access_until INTEGER,
    -- The account that asks, as the LMS names it.
    account TEXT,
    -- A consent that is under way: digest of its state, until when, and the code that came back, sealed.
    state_hash BLOB,
    state_until INTEGER,
    code BLOB,
    redirect_uri TEXT,
    -- Since when it can ask; absent: it waits for consent.
    connected_at INTEGER,
    enabled BOOLEAN NOT NULL,
    throttled_until INTEGER,
    ok_at INTEGER,
    -- What went wrong last, in words, and since when nothing works; absent: it works.
    error TEXT,
    error_at INTEGER,
    failing_since INTEGER,
    created_at INTEGER NOT NULL,
    CHECK ((access IS NULL) = (access_until IS NULL)),
    CHECK ((state_hash IS NULL) = (state_until IS NULL)),
    CHECK ((error IS NULL) = (error_at IS NULL))
);
CREATE UNIQUE INDEX connection_once ON connection (organisation_id, registration_id);
CREATE UNIQUE INDEX connection_consent ON connection (state_hash) WHERE state_hash IS NOT NULL;

-- How one course is asked: when it was, when it will be, where the LMS's lists go on.
CREATE TABLE pull (
    course_id BLOB NOT NULL PRIMARY KEY REFERENCES course (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    asked_at INTEGER,
    ok_at INTEGER,
    -- When there was news last, and how often there was none since.
    news_at INTEGER,
    idle INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    error_at INTEGER,
    next_at INTEGER,
    -- When the course ends, as the LMS says, and which of the two last looks were taken.
    ends_at INTEGER,
    swept TEXT NOT NULL DEFAULT 'no' CHECK (swept IN ('no', 'end', 'late')),
    cursor TEXT NOT NULL
);
CREATE INDEX pull_of_organisation ON pull (organisation_id);

-- What was seen last about a person and an item, so that only changes become signals. The person by the LMS's id; empty:
-- everybody.
CREATE TABLE pulled (
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    course_id BLOB NOT NULL REFERENCES course (id),
    source TEXT NOT NULL,
    subject TEXT NOT NULL,
    item TEXT NOT NULL,
    class TEXT NOT NULL,
    digest BLOB NOT NULL,
    -- When what was seen last happened.
    at INTEGER NOT NULL,
    PRIMARY KEY (course_id, source, subject, item, class)
);
