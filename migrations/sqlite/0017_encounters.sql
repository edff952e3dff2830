-- What arrived last for each registration, good or refused, to be compared with what is stored; and addresses of the page
-- that shows it. They belong to the installation, as registrations do.
-- The PostgreSQL file of the same name differs in types only.

CREATE TABLE encounter (
    registration_id BLOB NOT NULL REFERENCES registration (id),
    step TEXT NOT NULL CHECK (step IN ('login', 'launch')),
    at INTEGER NOT NULL,
    -- Why it was refused: a short word; absent: it was good.
    reason TEXT,
    -- Issuer, client id, deployment, target as they arrived, and what a launch brought along.
    facts TEXT NOT NULL,
    PRIMARY KEY (registration_id, step)
);

CREATE TABLE setup_link (
    -- SHA-256 of the token in the address.
    token_hash BLOB NOT NULL PRIMARY KEY,
    registration_id BLOB NOT NULL REFERENCES registration (id),
    expires_at INTEGER NOT NULL
);
