-- A new identity at the Factory waits until it is proven; the one before it is kept for some days, in case. And how the
-- last try to connect an organisation went, step by step.
-- The PostgreSQL file of the same name differs in types and in how the table is changed.

CREATE TABLE factory_identity_new (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    url TEXT NOT NULL,
    factory_client_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('certificate', 'token')),
    certificate TEXT,
    secret BLOB NOT NULL,
    not_after INTEGER,
    fingerprint TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'retired')),
    created_at INTEGER NOT NULL,
    retired_at INTEGER
);
INSERT INTO factory_identity_new (id, organisation_id, url, factory_client_id, kind, certificate, secret, not_after,
    fingerprint, state, created_at)
    SELECT id, organisation_id, url, factory_client_id, kind, certificate, secret, not_after, fingerprint, state,
    created_at FROM factory_identity;
DROP TABLE factory_identity;
ALTER TABLE factory_identity_new RENAME TO factory_identity;
CREATE UNIQUE INDEX factory_identity_active ON factory_identity (organisation_id) WHERE state = 'active';
CREATE UNIQUE INDEX factory_identity_pending ON factory_identity (organisation_id) WHERE state = 'pending';

CREATE TABLE connecting (
    organisation_id BLOB NOT NULL PRIMARY KEY REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (kind IN ('key', 'certificate', 'secret', 'test')),
    url TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- The step that failed, why, and what the Factory or the file says about it; absent after the end: it went well.
    step TEXT,
    reason TEXT,
    said TEXT
);
