-- Connections to the REST APIs of LMSs, how far each course was asked, and what was seen there last.
-- The SQLite file of the same name differs in types only.

CREATE TABLE connection (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    registration_id UUID NOT NULL REFERENCES registration (id),
    kind TEXT NOT NULL CHECK (kind IN ('canvas', 'brightspace', 'moodle')),
    base_url TEXT NOT NULL,
    -- Where tokens come from; absent: the token never changes (Moodle).
    token_url TEXT,
    client_id TEXT,
    -- Sealed: the client's secret, or Moodle's token; absent where our own key proves who we are (Brightspace).
    secret BYTEA,
    -- Sealed: what brings the next access token, and that token with its end.
    refresh BYTEA,
    access BYTEA,
    access_until BIGINT,
    -- The account that asks, as the LMS names it.
    account TEXT,
    -- A consent that is under way: digest of its state, until when, and the code that came back, sealed.
    state_hash BYTEA,
    state_until BIGINT,
    code BYTEA,
    redirect_uri TEXT,
    -- Since when it can ask; absent: it waits for consent.
    connected_at BIGINT,
    enabled BOOLEAN NOT NULL,
    throttled_until BIGINT,
    ok_at BIGINT,
    -- What went wrong last, in words, and since when nothing works; absent: it works.
    error TEXT,
    error_at BIGINT,
    failing_since BIGINT,
    created_at BIGINT NOT NULL,
    CHECK ((access IS NULL) = (access_until IS NULL)),
    CHECK ((state_hash IS NULL) = (state_until IS NULL)),
    CHECK ((error IS NULL) = (error_at IS NULL))
);
CREATE UNIQUE INDEX connection_once ON connection (organisation_id, registration_id);
CREATE UNIQUE INDEX connection_consent ON connection (state_hash) WHERE state_hash IS NOT NULL;

-- How one course is asked: when it was, when it will be, where the LMS's lists go on.
CREATE TABLE pull (
    course_id UUID NOT NULL PRIMARY KEY REFERENCES course (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    asked_at BIGINT,
    ok_at BIGINT,
    -- When there was news last, and how often there was none since.
    news_at BIGINT,
    idle BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    error_at BIGINT,
    next_at BIGINT,
    -- When the course ends, as the LMS says, and which of the two last looks were taken.
    ends_at BIGINT,
    swept TEXT NOT NULL DEFAULT 'no' CHECK (swept IN ('no', 'end', 'late')),
    cursor JSONB NOT NULL
);
CREATE INDEX pull_of_organisation ON pull (organisation_id);

-- What was seen last about a person and an item, so that only changes become signals. The person by the LMS's id; empty:
-- everybody.
CREATE TABLE pulled (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    course_id UUID NOT NULL REFERENCES course (id),
    source TEXT NOT NULL,
    subject TEXT NOT NULL,
    item TEXT NOT NULL,
    class TEXT NOT NULL,
    digest BYTEA NOT NULL,
    -- When what was seen last happened.
    at BIGINT NOT NULL,
    PRIMARY KEY (course_id, source, subject, item, class)
);
