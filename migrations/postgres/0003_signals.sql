-- Feeds, the signals that came in, by which names people and courses are found, and what is known by now.
-- The SQLite file of the same name differs in types only.

-- An inbound address with its own secret.
CREATE TABLE feed (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (kind IN ('webhook', 'canvas', 'moodle', 'xapi', 'caliper', 'scores', 'outcomes',
        'cloudevents', 'openedx', 'blackboard')),
    name TEXT NOT NULL,
    -- Whose people and courses the sender names; absent: any of the organisation's.
    registration_id UUID REFERENCES registration (id),
    -- The course of signals that name none.
    course_id UUID REFERENCES course (id),
    -- Sealed. After a rotation the earlier secret is good until the overlap ends.
    secret BYTEA NOT NULL,
    previous_secret BYTEA,
    previous_until BIGINT,
    -- Sealed: the key that seals this feed's raw bodies, so that no single key seals without bound.
    raw_key BYTEA NOT NULL,
    -- SHA-256 of the key for senders that can only store an address; absent: such an address is refused.
    address_key BYTEA,
    -- Canvas: whether bodies without Canvas' signature are taken, from an address with a key.
    unsigned BOOLEAN NOT NULL,
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
);
CREATE INDEX feed_of_organisation ON feed (organisation_id, created_at);

-- What a feed has seen. Written once a second at most, by whoever counted.
CREATE TABLE feed_count (
    feed_id UUID NOT NULL PRIMARY KEY REFERENCES feed (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    accepted BIGINT NOT NULL DEFAULT 0,
    repeated BIGINT NOT NULL DEFAULT 0,
    ignored BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0,
    unreadable BIGINT NOT NULL DEFAULT 0,
    limited BIGINT NOT NULL DEFAULT 0,
    dropped BIGINT NOT NULL DEFAULT 0,
    accepted_at BIGINT,
    refused_at BIGINT,
    -- The last body that could not be read: what was wrong and where. Never content.
    error TEXT,
    error_at BIGINT
);

-- One piece of news. Ids grow with the time of arrival: what is too old is found by them. No foreign keys on what
-- never goes away: each would be looked up, and on PostgreSQL locked, by every insert of a flood.
CREATE TABLE signal (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    -- Absent: asked from the LMS.
    feed_id UUID,
    registration_id UUID,
    default_course_id UUID,
    source TEXT NOT NULL,
    source_event_id TEXT NOT NULL,
    -- Digest of feed or source, event id and position: a repetition has the same.
    event_key BYTEA NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('completed', 'uncompleted', 'passed', 'failed', 'score', 'concluded', 'hint',
        'award_issued', 'award_revoked')),
    item TEXT NOT NULL,
    -- As the sender named them; blanked when the signal is dropped.
    person JSONB NOT NULL,
    course JSONB NOT NULL,
    given BIGINT,
    maximum BIGINT,
    released BOOLEAN,
    overrides BOOLEAN,
    occurred_at BIGINT NOT NULL,
    utc_offset_minutes BIGINT,
    received_at BIGINT NOT NULL,
    -- Sealed with the feed's raw key: it has names and addresses in it, and from Moodle the token.
    raw BYTEA,
    state TEXT NOT NULL CHECK (state IN ('stored', 'matched', 'parked', 'dropped')),
    -- parked, dropped: why. matched: what came of it.
    reason TEXT,
    course_id UUID,
    member_id UUID,
    changed_at BIGINT NOT NULL,
    CHECK ((kind = 'score') = (maximum IS NOT NULL)),
    CHECK ((maximum IS NULL) = (released IS NULL)),
    CHECK ((maximum IS NULL) = (overrides IS NULL)),
    CHECK (state NOT IN ('parked', 'dropped') OR reason IS NOT NULL)
);
CREATE UNIQUE INDEX signal_once ON signal (organisation_id, event_key);
CREATE INDEX signal_of_feed ON signal (feed_id, id);
CREATE INDEX signal_stored ON signal (organisation_id, id) WHERE state = 'stored';
CREATE INDEX signal_parked ON signal (organisation_id, changed_at) WHERE state = 'parked';
CREATE INDEX signal_parked_course ON signal (organisation_id, course_id, changed_at) WHERE state = 'parked';
CREATE INDEX signal_of_member ON signal (organisation_id, course_id, member_id) WHERE member_id IS NOT NULL;

-- What a parked signal waits for: a name of a course or a person that nobody has yet.
CREATE TABLE signal_wait (
    signal_id UUID NOT NULL REFERENCES signal (id) ON DELETE CASCADE,
    organisation_id UUID NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (signal_id, name)
);
CREATE INDEX signal_wait_name ON signal_wait (organisation_id, name);

-- Other names of a person, learned from launches and rosters. Two people with one name make it worthless.
CREATE TABLE member_alias (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    registration_id UUID NOT NULL REFERENCES registration (id),
    kind TEXT NOT NULL CHECK (kind IN ('lms', 'sis', 'legacy')),
    value TEXT NOT NULL,
    member_id UUID NOT NULL REFERENCES member (id),
    PRIMARY KEY (organisation_id, registration_id, kind, value, member_id)
);
CREATE INDEX member_alias_of ON member_alias (member_id);

-- Other names of a course: learned from launches, or given by an administrator (`alias`).
CREATE TABLE course_alias (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    registration_id UUID NOT NULL REFERENCES registration (id),
    kind TEXT NOT NULL CHECK (kind IN ('lms', 'sis', 'alias')),
    value TEXT NOT NULL,
    course_id UUID NOT NULL REFERENCES course (id),
    PRIMARY KEY (organisation_id, registration_id, kind, value, course_id)
);
CREATE INDEX course_alias_of ON course_alias (course_id);

-- The newest news of one source about one item and person. Older news never takes its place.
CREATE TABLE fact (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    course_id UUID NOT NULL REFERENCES course (id),
    member_id UUID NOT NULL REFERENCES member (id),
    item TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('completion', 'outcome', 'score', 'override', 'conclusion', 'badge')),
    source TEXT NOT NULL,
    -- Completed, passed, ended, given or not; absent: a score.
    holds BOOLEAN,
    -- Millionths of a point; `given` absent: the score was taken away.
    given BIGINT,
    maximum BIGINT,
    released BOOLEAN,
    occurred_at BIGINT NOT NULL,
    utc_offset_minutes BIGINT,
    received_at BIGINT NOT NULL,
    clock_suspect BOOLEAN NOT NULL,
    -- It may be forgotten by now: the fact outlives its signal.
    signal_id UUID NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, course_id, member_id, item, class, source),
    CHECK ((class IN ('score', 'override')) = (maximum IS NOT NULL)),
    CHECK ((maximum IS NULL) = (holds IS NOT NULL)),
    CHECK ((maximum IS NULL) = (released IS NULL))
);
CREATE INDEX fact_of_item ON fact (organisation_id, course_id, item, class);
CREATE INDEX fact_of_member ON fact (member_id);
