-- Applications that were begun and not sent: seen by who began them. Their files lie with the application that they will
-- become. The PostgreSQL file of the same name differs in types only.

CREATE TABLE started_application (
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    member_id BLOB NOT NULL REFERENCES member (id),
    form_id TEXT NOT NULL,
    -- The application that it will become.
    application_id BLOB NOT NULL,
    form_key TEXT NOT NULL,
    answers TEXT NOT NULL,
    attach_evidence BOOLEAN NOT NULL,
    -- Sealed.
    claim_code BLOB,
    -- Whether it was checked and can be sent as it is.
    ready BOOLEAN NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, member_id, form_id)
);
CREATE INDEX started_application_age ON started_application (updated_at);
