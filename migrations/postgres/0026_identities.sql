-- A new identity at the Factory waits until it is proven; the one before it is kept for some days, in case. And how the
-- last try to connect an organisation went, step by step.
-- The SQLite file of the same name differs in types and in how the table is changed.

ALTER TABLE factory_identity DROP CONSTRAINT factory_identity_state_check;
ALTER TABLE factory_identity ADD CONSTRAINT factory_identity_state_check
    CHECK (state IN ('pending', 'active', 'retired'));
ALTER TABLE factory_identity ADD COLUMN retired_at BIGINT;
CREATE UNIQUE INDEX factory_identity_pending ON factory_identity (organisation_id) WHERE state = 'pending';

CREATE TABLE connecting (
    organisation_id UUID NOT NULL PRIMARY KEY REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (kind IN ('key', 'certificate', 'secret', 'test')),
    url TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- The step that failed, why, and what the Factory or the file says about it; absent after the end: it went well.
    step TEXT,
    reason TEXT,
    said TEXT
);
