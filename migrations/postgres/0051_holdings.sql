-- What the Factory tells a person about their own badges: whether each was collected, until when it is valid, where its
-- public page is. Cached, read by a job, never waited for.
-- The SQLite file of the same name differs in types only.

CREATE TABLE holding_reading (
    member_id UUID NOT NULL PRIMARY KEY REFERENCES member (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    tried_at BIGINT NOT NULL,
    -- The last complete read.
    read_at BIGINT
);

CREATE TABLE holding (
    member_id UUID NOT NULL REFERENCES member (id),
    event_id TEXT NOT NULL,
    address TEXT NOT NULL,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    badge_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Found by the person's address alone, and by no award of ours: shown only as long as the address is believed.
    found BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'collected', 'revoked')),
    issued_at BIGINT,
    expires_at BIGINT,
    revoked_at BIGINT,
    page_url TEXT,
    proof_url TEXT,
    pdf JSONB NOT NULL,
    PRIMARY KEY (member_id, event_id, address)
);
