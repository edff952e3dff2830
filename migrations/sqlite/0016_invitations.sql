-- Invitations to register an LMS: one-time addresses, each for one organisation. They belong to the installation, as
-- registrations do.
-- The PostgreSQL file of the same name differs in types only.

CREATE TABLE invitation (
    id BLOB NOT NULL PRIMARY KEY,
    -- SHA-256 of the token in the address.
    token_hash BLOB NOT NULL UNIQUE,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    -- Private networks that calls to the LMS may reach, as in a registration.
    allowed_networks TEXT NOT NULL,
    -- The registration may launch at once; else it waits to be enabled.
    enables BOOLEAN NOT NULL,
    expires_at INTEGER NOT NULL,
    -- How often an LMS was asked to describe itself.
    looks INTEGER NOT NULL,
    -- Until when an LMS is being asked to register the tool: one at a time.
    asking_until INTEGER,
    -- Why the last try failed: a short word.
    failure TEXT,
    -- What became of it: then the invitation is spent.
    registration_id BLOB REFERENCES registration (id),
    created_at INTEGER NOT NULL
);
CREATE INDEX invitation_expires ON invitation (expires_at);

-- Registered by an invitation, and not enabled yet.
ALTER TABLE registration ADD COLUMN pending BOOLEAN NOT NULL DEFAULT FALSE;
