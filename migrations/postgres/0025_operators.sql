-- Who signs in to the administration: operators and administrators of organisations, their one-time links, their
-- sessions. Sessions and links belong to the installation; a session of an operator looks at one organisation at a time.
-- The SQLite file of the same name differs in types only.

CREATE TABLE administrator (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    -- When the grant was taken back: then there is no session any more.
    revoked_at BIGINT,
    created_at BIGINT NOT NULL,
    seen_at BIGINT
);
CREATE INDEX administrator_of_organisation ON administrator (organisation_id);

CREATE TABLE sign_in_link (
    -- SHA-256 of the token in the address.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    -- Absent: the operator.
    administrator_id UUID REFERENCES administrator (id),
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE operator_session (
    id UUID NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    -- Absent: an operator.
    administrator_id UUID REFERENCES administrator (id),
    -- The organisation that an operator looks at.
    organisation_id UUID REFERENCES organisation (id),
    csrf TEXT NOT NULL,
    language TEXT,
    appearance TEXT,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX operator_session_seen ON operator_session (seen_at);
