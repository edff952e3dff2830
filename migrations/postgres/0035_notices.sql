-- Notices of LMSs (Platform Notification Service): who sends them, and which were taken.
-- The SQLite file of the same name differs in types only.

-- A deployment's service, as its last launch named it.
CREATE TABLE notice_service (
    registration_id UUID NOT NULL REFERENCES registration (id),
    lti_deployment_id TEXT NOT NULL,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    url TEXT NOT NULL,
    kinds JSONB NOT NULL,
    -- When it was asked to send them, and why it refused; absent: it did not.
    asked_at BIGINT,
    failure TEXT,
    PRIMARY KEY (registration_id, lti_deployment_id)
);

-- A notice counts once.
CREATE TABLE notice (
    registration_id UUID NOT NULL REFERENCES registration (id),
    notice_key TEXT NOT NULL,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (registration_id, notice_key)
);
CREATE INDEX notice_by_age ON notice (taken_at);
