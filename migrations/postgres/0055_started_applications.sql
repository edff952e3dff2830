-- Applications that were begun and not sent: seen by who began them. Their files lie with the application that they will
-- become. The SQLite file of the same name differs in types only.

CREATE TABLE started_application (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    member_id UUID NOT NULL REFERENCES member (id),
    form_id TEXT NOT NULL,
    -- The application that it will become.
    application_id UUID NOT NULL,
    form_key TEXT NOT NULL,
    answers JSONB NOT NULL,
    attach_evidence BOOLEAN NOT NULL,
    -- Sealed.
    claim_code BYTEA,
    -- Whether it was checked and can be sent as it is.
    ready BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, member_id, form_id)
);
CREATE INDEX started_application_age ON started_application (updated_at);
