-- Operators' single sign-on: sign-ins that wait for the provider's answer, and who an operator is.
-- The SQLite file of the same name differs in types only.

CREATE TABLE sso_login (
    -- SHA-256 of the state.
    state_hash BYTEA NOT NULL PRIMARY KEY,
    -- SHA-256 of the secret in the browser's cookie.
    binding_hash BYTEA NOT NULL,
    nonce TEXT NOT NULL,
    -- The secret of PKCE, sealed.
    verifier BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sso_login_by_age ON sso_login (expires_at);

-- How the audit log tells operators apart who came by single sign-on; absent: by a one-time link.
ALTER TABLE operator_session ADD COLUMN operator TEXT;
