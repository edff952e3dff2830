-- The installation, organisations and their Factory identities, registrations and launches, courses and people,
-- sessions and seats, drafts, and what is cached from the Factory. Times are milliseconds since 1970.

CREATE TABLE installation (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    id UUID NOT NULL,
    key_fingerprint BYTEA NOT NULL,
    marker_key BYTEA NOT NULL,
    settings_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY,
    private_key BYTEA NOT NULL,
    public_jwk JSONB NOT NULL,
    signs BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE organisation (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    pasted_addresses TEXT NOT NULL CHECK (pasted_addresses IN ('off', 'domains', 'any')),
    domains JSONB NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE factory_identity (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    url TEXT NOT NULL,
    factory_client_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('certificate', 'token')),
    certificate TEXT,
    secret BYTEA NOT NULL,
    not_after BIGINT,
    fingerprint TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX factory_identity_active ON factory_identity (organisation_id) WHERE state = 'active';

CREATE TABLE registration (
    id UUID PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    organisation_id UUID REFERENCES organisation (id),
    lms TEXT NOT NULL,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    lti_client_id TEXT NOT NULL,
    authorization_endpoint TEXT NOT NULL,
    token_endpoint TEXT NOT NULL,
    jwks_uri TEXT NOT NULL,
    token_audience TEXT,
    strict BOOLEAN NOT NULL,
    anonymous BOOLEAN NOT NULL,
    trust_email BOOLEAN NOT NULL,
    enabled BOOLEAN NOT NULL,
    frame_origins JSONB NOT NULL,
    allowed_networks JSONB NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (issuer, lti_client_id)
);

CREATE TABLE deployment (
    id UUID PRIMARY KEY,
    registration_id UUID NOT NULL REFERENCES registration (id),
    deployment_id TEXT NOT NULL,
    organisation_id UUID REFERENCES organisation (id),
    platform_guid TEXT,
    platform_name TEXT,
    first_seen BIGINT NOT NULL,
    UNIQUE (registration_id, deployment_id)
);

CREATE TABLE login (
    state_hash BYTEA PRIMARY KEY,
    registration_id UUID NOT NULL,
    nonce TEXT NOT NULL,
    binding_hash BYTEA NOT NULL,
    target_link_uri TEXT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_expires ON login (expires_at);

CREATE TABLE course (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    registration_id UUID NOT NULL REFERENCES registration (id),
    context_id TEXT NOT NULL,
    title TEXT NOT NULL,
    label TEXT NOT NULL,
    lti_deployment_id TEXT NOT NULL,
    memberships_url TEXT,
    fingerprint BIGINT NOT NULL,
    roster_generation BIGINT NOT NULL,
    roster_read_at BIGINT,
    roster_failing_since BIGINT,
    roster_error TEXT,
    roster_so_far BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (registration_id, organisation_id, context_id)
);
CREATE INDEX course_of_organisation ON course (organisation_id);

CREATE TABLE member (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    registration_id UUID NOT NULL REFERENCES registration (id),
    sub TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    locale TEXT,
    sort_name TEXT NOT NULL,
    search TEXT NOT NULL,
    fingerprint BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (registration_id, organisation_id, sub)
);
CREATE INDEX member_by_email ON member (organisation_id, email);

CREATE TABLE enrolment (
    course_id UUID NOT NULL REFERENCES course (id),
    member_id UUID NOT NULL REFERENCES member (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    launch_standing TEXT CHECK (launch_standing IN ('staff', 'limited-staff', 'learner', 'none')),
    roster_standing TEXT CHECK (roster_standing IN ('staff', 'limited-staff', 'learner', 'none')),
    status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'gone')),
    test BOOLEAN NOT NULL,
    roster_generation BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    PRIMARY KEY (course_id, member_id)
);
CREATE INDEX enrolment_of_member ON enrolment (member_id);

CREATE TABLE link (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    course_id UUID NOT NULL REFERENCES course (id),
    resource_link_id TEXT NOT NULL,
    title TEXT NOT NULL,
    fingerprint BIGINT NOT NULL,
    UNIQUE (course_id, resource_link_id)
);

CREATE TABLE session (
    id UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    registration_id UUID NOT NULL,
    member_id UUID,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX session_seen ON session (seen_at);

CREATE TABLE seat (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    registration_id UUID NOT NULL,
    course_id UUID,
    member_id UUID,
    standing TEXT NOT NULL CHECK (standing IN ('staff', 'limited-staff', 'learner', 'none')),
    test BOOLEAN NOT NULL,
    locale TEXT,
    framed BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX seat_of_session ON seat (session_id);

CREATE TABLE preference (
    session_id UUID PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
    language TEXT,
    appearance TEXT
);

CREATE TABLE draft (
    id UUID PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    course_id UUID NOT NULL REFERENCES course (id),
    member_id UUID NOT NULL,
    badge_id TEXT,
    people JSONB NOT NULL,
    message JSONB NOT NULL,
    form_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX draft_of_author ON draft (course_id, member_id, updated_at);

CREATE TABLE catalog_badge (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    badge_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT NOT NULL,
    description TEXT NOT NULL,
    draft BOOLEAN NOT NULL,
    gone BOOLEAN NOT NULL,
    language TEXT,
    expires TEXT NOT NULL,
    message JSONB NOT NULL,
    picture TEXT,
    generation BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, badge_id)
);

CREATE TABLE catalog_state (
    organisation_id UUID PRIMARY KEY REFERENCES organisation (id),
    generation BIGINT NOT NULL,
    read_at BIGINT,
    failing_since BIGINT,
    error TEXT
);

CREATE TABLE picture (
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    hash TEXT NOT NULL,
    png BYTEA NOT NULL,
    PRIMARY KEY (organisation_id, hash)
);

CREATE TABLE audit (
    id UUID PRIMARY KEY,
    organisation_id UUID REFERENCES organisation (id),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_of_organisation ON audit (organisation_id, at);
