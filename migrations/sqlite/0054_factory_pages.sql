-- What administrators look at and change at the Factory: single things as last read, edits on their way, searches of events.
-- The PostgreSQL file of the same name differs in types only.

-- As last read: a badge with everything it has, the organisation, an event, a report of ours. Without content but with a
-- time: the Factory has it not.
CREATE TABLE factory_view (
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (kind IN ('badge', 'organisation', 'categories', 'event', 'report')),
    name TEXT NOT NULL,
    content TEXT,
    read_at INTEGER,
    failing_since INTEGER,
    error TEXT,
    PRIMARY KEY (organisation_id, kind, name)
);
CREATE INDEX factory_view_age ON factory_view (kind, read_at);

CREATE TABLE factory_edit (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    -- The one-time key of the form that was sent.
    form_key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('create', 'change', 'delete', 'profile')),
    -- What is changed: a badge's id, the profile, or the edit itself where it makes something new.
    target TEXT NOT NULL,
    badge_id TEXT,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    -- A PNG.
    picture BLOB,
    state TEXT NOT NULL CHECK (state IN ('ready', 'sending', 'unsure', 'done', 'refused', 'parked', 'dropped')),
    version INTEGER NOT NULL DEFAULT 0,
    sendings INTEGER NOT NULL DEFAULT 0,
    look INTEGER NOT NULL DEFAULT 0,
    called_at INTEGER,
    reason TEXT,
    actor TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (organisation_id, form_key)
);
-- One thing is changed by one edit at a time.
CREATE UNIQUE INDEX factory_edit_open ON factory_edit (organisation_id, target)
    WHERE state IN ('ready', 'sending', 'unsure', 'parked');
CREATE INDEX factory_edit_age ON factory_edit (updated_at);

CREATE TABLE event_search (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    query TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('counting', 'reading', 'done', 'failed')),
    -- How many the Factory says there are.
    total INTEGER,
    -- How many of them were read.
    found INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
);
CREATE INDEX event_search_of ON event_search (organisation_id, created_at);
CREATE INDEX event_search_age ON event_search (created_at);
CREATE TABLE found_event (
    search_id BLOB NOT NULL REFERENCES event_search (id),
    event_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (search_id, event_id)
);
CREATE INDEX found_event_order ON found_event (search_id, position);

-- What lists show of a badge besides: its groups, its tags, when it was changed at the Factory (Unix seconds).
ALTER TABLE catalog_badge ADD COLUMN categories TEXT NOT NULL DEFAULT '[]';
ALTER TABLE catalog_badge ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE catalog_badge ADD COLUMN changed_at INTEGER;

-- Reports go through an organisation's awards by the day on which they were issued.
CREATE INDEX award_issued ON award (organisation_id, issued_at, badge_id, course_id) WHERE issued_at IS NOT NULL;
