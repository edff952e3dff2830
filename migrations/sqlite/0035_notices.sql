-- Notices of LMSs (Platform Notification Service): who sends them, and which were taken.
-- The PostgreSQL file of the same name differs in types only.

-- A deployment's service, as its last launch named it.
CREATE TABLE notice_service (
    registration_id BLOB NOT NULL REFERENCES registration (id),
    lti_deployment_id TEXT NOT NULL,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    -- When it was asked to send them, and why it refused; absent: it did not.
    asked_at INTEGER,
    failure TEXT,
    PRIMARY KEY (registration_id, lti_deployment_id)
);

-- A notice counts once.
CREATE TABLE notice (
    registration_id BLOB NOT NULL REFERENCES registration (id),
    notice_key TEXT NOT NULL,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (registration_id, notice_key)
);
CREATE INDEX notice_by_age ON notice (taken_at);
