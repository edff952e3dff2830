-- Requests, awards, orders and what carries them out: the organisation's sending queue, jobs, attempts, problems.
-- The SQLite file of the same name differs in types only.

-- What one press of "Issue" asked for.
CREATE TABLE request (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    course_id UUID REFERENCES course (id),
    author_id UUID REFERENCES member (id),
    form_key TEXT NOT NULL,
    badge_id TEXT NOT NULL,
    badge_name TEXT NOT NULL,
    name TEXT NOT NULL,
    content JSONB NOT NULL,
    people JSONB NOT NULL,
    people_count BIGINT NOT NULL,
    made BIGINT NOT NULL DEFAULT 0,
    made_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (organisation_id, form_key),
    CHECK (made >= 0 AND made <= people_count)
);
CREATE INDEX request_course ON request (organisation_id, course_id, created_at);

-- One issuing call to the Factory. Its id is the marker in the event's log entry.
CREATE TABLE orders (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    request_id UUID REFERENCES request (id),
    badge_id TEXT NOT NULL,
    -- What to send; absent: what the request says.
    content JSONB,
    state TEXT NOT NULL CHECK (state IN ('ready', 'sending', 'issued', 'unsure', 'refused', 'parked', 'withdrawn')),
    -- Raised by every change: whoever decided on an older one decides anew.
    version BIGINT NOT NULL DEFAULT 0,
    -- Sendings that the Factory may have carried out, and how many there may be without a person.
    sendings BIGINT NOT NULL DEFAULT 0,
    allowed BIGINT NOT NULL DEFAULT 2,
    -- Which look comes next, and from when looks are counted.
    look BIGINT NOT NULL DEFAULT 0,
    look_from BIGINT,
    -- ready: not before; sending: the lease's end; unsure: the next look; issued: the event is to be read.
    next_at BIGINT,
    send_until BIGINT,
    lease_until BIGINT,
    lease_holder UUID,
    late_look BIGINT NOT NULL DEFAULT 0,
    late_at BIGINT,
    event_id TEXT,
    event_reads BIGINT NOT NULL DEFAULT 0,
    reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (request_id IS NOT NULL OR content IS NOT NULL),
    CHECK ((state = 'issued') = (event_id IS NOT NULL)),
    CHECK ((state = 'sending') = (lease_holder IS NOT NULL)),
    CHECK (state NOT IN ('ready', 'sending', 'unsure') OR next_at IS NOT NULL)
);
CREATE INDEX orders_due ON orders (organisation_id, state, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX orders_late ON orders (organisation_id, late_at) WHERE late_at IS NOT NULL;
CREATE INDEX orders_request ON orders (request_id);
CREATE INDEX orders_open ON orders (organisation_id, state, updated_at);

-- One badge owed to one recipient. The two unique indexes are promise P2; no column of theirs may be null.
-- The address is text of its own, not a reference: it outlives what the LMS says later.
CREATE TABLE award (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    badge_id TEXT NOT NULL,
    badge_name TEXT NOT NULL,
    cause TEXT NOT NULL,
    recipient TEXT NOT NULL,
    address TEXT NOT NULL,
    period TEXT NOT NULL DEFAULT '-',
    generation BIGINT NOT NULL DEFAULT 0,
    award_key BYTEA NOT NULL,
    member_id UUID REFERENCES member (id),
    course_id UUID REFERENCES course (id),
    request_id UUID REFERENCES request (id),
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'queued', 'sending', 'issued', 'revoking', 'revoked', 'refused', 'withdrawn')),
    hold TEXT CHECK (hold IN ('no_email', 'wait', 'limit', 'not_released', 'parked')),
    order_id UUID REFERENCES orders (id),
    event_id TEXT,
    intent TEXT CHECK (intent IN ('revoke', 'withdraw')),
    intent_reason TEXT,
    intent_by UUID,
    intent_at BIGINT,
    reason TEXT,
    next_at BIGINT,
    tries BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    issued_at BIGINT,
    revoked_at BIGINT,
    CHECK ((state = 'held') = (hold IS NOT NULL)),
    CHECK (state NOT IN ('queued', 'sending') OR order_id IS NOT NULL),
    CHECK (state NOT IN ('issued', 'revoking', 'revoked') OR event_id IS NOT NULL),
    CHECK (state NOT IN ('queued', 'sending', 'issued', 'revoking', 'revoked') OR address NOT LIKE 'none:%')
);
CREATE UNIQUE INDEX award_once_recipient ON award (organisation_id, badge_id, cause, recipient, period, generation);
CREATE UNIQUE INDEX award_once_address ON award (organisation_id, badge_id, cause, address, period, generation);
CREATE INDEX award_course_date ON award (organisation_id, course_id, created_at, id);
CREATE INDEX award_course_name ON award (organisation_id, course_id, name, id);
CREATE INDEX award_course_badge ON award (organisation_id, course_id, badge_name, created_at, id);
CREATE INDEX award_course_state ON award (organisation_id, course_id, badge_id, state, member_id);
CREATE INDEX award_needs ON award (organisation_id, course_id, created_at) WHERE state IN ('held', 'refused', 'sending');
CREATE INDEX award_member ON award (organisation_id, member_id, created_at);
CREATE INDEX award_order ON award (order_id);
CREATE INDEX award_event ON award (organisation_id, event_id);
CREATE INDEX award_held ON award (organisation_id, member_id) WHERE state = 'held';
CREATE INDEX award_revoking ON award (organisation_id, next_at) WHERE state = 'revoking';

-- Every order that an award was ever part of; its present one stands in the award.
CREATE TABLE order_award (
    order_id UUID NOT NULL REFERENCES orders (id),
    award_id UUID NOT NULL REFERENCES award (id),
    position BIGINT NOT NULL,
    PRIMARY KEY (order_id, award_id)
);
CREATE INDEX order_award_award ON order_award (award_id);

-- Which awards a request led to: made by it, or there already.
CREATE TABLE request_award (
    request_id UUID NOT NULL REFERENCES request (id),
    position BIGINT NOT NULL,
    award_id UUID NOT NULL REFERENCES award (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('made', 'existing')),
    PRIMARY KEY (request_id, position)
);
CREATE INDEX request_award_award ON request_award (award_id);

-- One try of an order: a sending, a look, a reading of the event, a revocation.
CREATE TABLE order_attempt (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    order_id UUID NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN ('send', 'look', 'event', 'revoke')),
    started_by TEXT NOT NULL CHECK (started_by IN ('worker', 'person')),
    started_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status BIGINT,
    verdict TEXT NOT NULL,
    reply TEXT
);
CREATE INDEX order_attempt_order ON order_attempt (order_id, started_at);
CREATE INDEX order_attempt_age ON order_attempt (started_at);

-- An organisation's sending queue: held by one worker at a time.
CREATE TABLE organisation_queue (
    organisation_id UUID NOT NULL PRIMARY KEY REFERENCES organisation (id),
    holder UUID,
    lease_until BIGINT,
    next_at BIGINT NOT NULL DEFAULT 0,
    tries BIGINT NOT NULL DEFAULT 0,
    away_since BIGINT,
    stopped_reason TEXT,
    stopped_at BIGINT,
    last_ok_at BIGINT,
    CHECK ((stopped_reason IS NULL) = (stopped_at IS NULL))
);

-- What a person should look at, one row for each kind and subject.
CREATE TABLE problem (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail JSONB NOT NULL,
    raised_at BIGINT NOT NULL,
    cleared_at BIGINT,
    PRIMARY KEY (organisation_id, kind, subject)
);
CREATE INDEX problem_open ON problem (raised_at) WHERE cleared_at IS NULL;

-- Work to be done. A row that ran well is deleted; one that was given up stays, to be seen and tried again.
CREATE TABLE job (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID REFERENCES organisation (id),
    kind TEXT NOT NULL,
    dedup_key TEXT NOT NULL UNIQUE,
    payload JSONB NOT NULL,
    due_at BIGINT,
    lease_until BIGINT,
    lease_holder UUID,
    dirty BOOLEAN NOT NULL DEFAULT FALSE,
    tries BIGINT NOT NULL DEFAULT 0,
    failed_at BIGINT,
    created_at BIGINT NOT NULL,
    CHECK ((due_at IS NULL) = (failed_at IS NOT NULL)),
    CHECK ((lease_until IS NULL) = (lease_holder IS NULL))
);
CREATE INDEX job_due ON job (due_at) WHERE due_at IS NOT NULL;

-- One try of a job. It outlives the job.
CREATE TABLE job_attempt (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID,
    job_id UUID NOT NULL,
    kind TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    detail TEXT
);
CREATE INDEX job_attempt_key ON job_attempt (dedup_key, started_at);
CREATE INDEX job_attempt_age ON job_attempt (started_at);
