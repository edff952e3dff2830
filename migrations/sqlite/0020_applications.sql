-- Application forms as last read from the Factory; what learners handed in, and what is decided about it.
-- The PostgreSQL file of the same name differs in types only.

-- Of placed application forms: the badge, and whether getting it is a grade (`graded` says so of progress cards).
ALTER TABLE content ADD COLUMN applies_for TEXT;
ALTER TABLE content ADD COLUMN scored BOOLEAN NOT NULL DEFAULT FALSE;

-- Whose form learners fill in: ours, or the Factory's page in a window of its own.
ALTER TABLE organisation ADD COLUMN application_forms TEXT NOT NULL DEFAULT 'own'
    CHECK (application_forms IN ('own', 'factory'));

CREATE TABLE catalog_form (
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    form_id TEXT NOT NULL,
    badge_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT NOT NULL,
    description TEXT NOT NULL,
    language TEXT,
    method TEXT NOT NULL,
    evidence TEXT NOT NULL CHECK (evidence IN ('yes', 'no', 'optional')),
    visible BOOLEAN NOT NULL,
    draft BOOLEAN NOT NULL,
    gone BOOLEAN NOT NULL,
    not_before INTEGER,
    not_after INTEGER,
    apply_url TEXT,
    -- Its questions, and whether all of them can be shown by us.
    questions TEXT NOT NULL,
    -- The badge's criteria, as sent: HTML from outside.
    criteria TEXT,
    generation INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, form_id)
);

-- When the applications of an organisation were read last.
CREATE TABLE application_reading (
    organisation_id BLOB NOT NULL PRIMARY KEY REFERENCES organisation (id),
    read_at INTEGER,
    failing_since INTEGER,
    error TEXT
);

CREATE TABLE application (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    -- Where it was made; absent: on the Factory's page.
    course_id BLOB REFERENCES course (id),
    member_id BLOB REFERENCES member (id),
    -- The one-time key of the form that was sent, or where it was found.
    form_key TEXT NOT NULL,
    form_id TEXT NOT NULL,
    badge_id TEXT NOT NULL,
    badge_name TEXT NOT NULL,
    method TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    answers TEXT NOT NULL,
    attach_evidence BOOLEAN,
    -- Sealed; forgotten when it was sent.
    claim_code BLOB,
    stage TEXT NOT NULL CHECK (stage IN ('new', 'pending', 'approved', 'rejected', 'refused', 'gone')),
    -- The call that hands it in or tells the decision.
    call TEXT NOT NULL CHECK (call IN ('none', 'ready', 'sending', 'unsure', 'parked')),
    -- Raised by every change: whoever decided on an older one decides anew.
    version INTEGER NOT NULL DEFAULT 0,
    sendings INTEGER NOT NULL DEFAULT 0,
    look INTEGER NOT NULL DEFAULT 0,
    called_at INTEGER,
    factory_id TEXT,
    reason TEXT,
    decision TEXT CHECK (decision IN ('approve', 'reject')),
    reviewer_id BLOB REFERENCES member (id),
    reviewer TEXT,
    message TEXT,
    content TEXT,
    order_id BLOB,
    decided_at INTEGER,
    -- Decided at the Factory and not here.
    elsewhere BOOLEAN NOT NULL DEFAULT FALSE,
    event_id TEXT,
    award_id BLOB REFERENCES award (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (organisation_id, form_key),
    CHECK (stage <> 'pending' OR call = 'none' OR decision IS NOT NULL),
    CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX application_at_factory ON application (organisation_id, form_id, factory_id)
    WHERE factory_id IS NOT NULL;
CREATE INDEX application_of_course ON application (organisation_id, course_id, stage, created_at);
CREATE INDEX application_of_form ON application (organisation_id, form_id, stage, created_at);
CREATE INDEX application_of_member ON application (organisation_id, member_id, form_id, created_at);

-- A file that was handed in, in pieces: no transaction is large. Without an application of this id it is left over.
CREATE TABLE application_file (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    application_id BLOB NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX application_file_of ON application_file (organisation_id, application_id);
CREATE INDEX application_file_age ON application_file (created_at);
CREATE TABLE application_file_piece (
    file_id BLOB NOT NULL REFERENCES application_file (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (file_id, position)
);
