-- Launches whose browser did not bring the login's cookie back: proven by the platform's token, and kept until the
-- platform's storage proves the browser, or until they expire. They belong to the installation, as login records do.

-- Where the platform keeps values for the tool, as the login said.
ALTER TABLE login ADD COLUMN storage_target TEXT;

CREATE TABLE pending (
    state_hash BYTEA NOT NULL PRIMARY KEY,
    -- SHA-256 of the one-time id that the page holds; another one once the browser is proven.
    id_hash BYTEA NOT NULL UNIQUE,
    proven BOOLEAN NOT NULL,
    claims TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pending_expires ON pending (expires_at);
