-- The installation, organisations and their Factory identities, registrations and launches, courses and people,
-- sessions and seats, drafts, and what is cached from the Factory. Times are milliseconds since 1970.

CREATE TABLE installation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    key_fingerprint BLOB NOT NULL,
    marker_key BLOB NOT NULL,
    settings_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY,
    private_key BLOB NOT NULL,
    public_jwk TEXT NOT NULL,
    signs BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE organisation (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    pasted_addresses TEXT NOT NULL CHECK (pasted_addresses IN ('off', 'domains', 'any')),
    domains TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE factory_identity (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    url TEXT NOT NULL,
    factory_client_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('certificate', 'token')),
    certificate TEXT,
    secret BLOB NOT NULL,
    not_after INTEGER,
    fingerprint TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX factory_identity_active ON factory_identity (organisation_id) WHERE state = 'active';

CREATE TABLE registration (
    id BLOB PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    organisation_id BLOB REFERENCES organisation (id),
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
    frame_origins TEXT NOT NULL,
    allowed_networks TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (issuer, lti_client_id)
);

CREATE TABLE deployment (
    id BLOB PRIMARY KEY,
    registration_id BLOB NOT NULL REFERENCES registration (id),
    deployment_id TEXT NOT NULL,
    organisation_id BLOB REFERENCES organisation (id),
    platform_guid TEXT,
    platform_name TEXT,
    first_seen INTEGER NOT NULL,
    UNIQUE (registration_id, deployment_id)
);

CREATE TABLE login (
    state_hash BLOB PRIMARY KEY,
    registration_id BLOB NOT NULL,
    nonce TEXT NOT NULL,
    binding_hash BLOB NOT NULL,
    target_link_uri TEXT,
    expires_at INTEGER NOT NULL
);
CREATE INDEX login_expires ON login (expires_at);

CREATE TABLE course (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    registration_id BLOB NOT NULL REFERENCES registration (id),
    context_id TEXT NOT NULL,
    title TEXT NOT NULL,
    label TEXT NOT NULL,
    lti_deployment_id TEXT NOT NULL,
    memberships_url TEXT,
    fingerprint INTEGER NOT NULL,
    roster_generation INTEGER NOT NULL,
    roster_read_at INTEGER,
    roster_failing_since INTEGER,
    roster_error TEXT,
    roster_so_far INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (registration_id, organisation_id, context_id)
);
CREATE INDEX course_of_organisation ON course (organisation_id);

CREATE TABLE member (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    registration_id BLOB NOT NULL REFERENCES registration (id),
    sub TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    locale TEXT,
    sort_name TEXT NOT NULL,
    search TEXT NOT NULL,
    fingerprint INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (registration_id, organisation_id, sub)
);
CREATE INDEX member_by_email ON member (organisation_id, email);

CREATE TABLE enrolment (
    course_id BLOB NOT NULL REFERENCES course (id),
    member_id BLOB NOT NULL REFERENCES member (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    launch_standing TEXT CHECK (launch_standing IN ('staff', 'limited-staff', 'learner', 'none')),
    roster_standing TEXT CHECK (roster_standing IN ('staff', 'limited-staff', 'learner', 'none')),
    status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'gone')),
    test BOOLEAN NOT NULL,
    roster_generation INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    PRIMARY KEY (course_id, member_id)
);
CREATE INDEX enrolment_of_member ON enrolment (member_id);

CREATE TABLE link (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    course_id BLOB NOT NULL REFERENCES course (id),
    resource_link_id TEXT NOT NULL,
    title TEXT NOT NULL,
    fingerprint INTEGER NOT NULL,
    UNIQUE (course_id, resource_link_id)
);

CREATE TABLE session (
    id BLOB PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    registration_id BLOB NOT NULL,
    member_id BLOB,
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
);
CREATE INDEX session_seen ON session (seen_at);

CREATE TABLE seat (
    id BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    registration_id BLOB NOT NULL,
    course_id BLOB,
    member_id BLOB,
    standing TEXT NOT NULL CHECK (standing IN ('staff', 'limited-staff', 'learner', 'none')),
    test BOOLEAN NOT NULL,
    locale TEXT,
    framed BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX seat_of_session ON seat (session_id);

CREATE TABLE preference (
    session_id BLOB PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
    language TEXT,
    appearance TEXT
);

CREATE TABLE draft (
    id BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    course_id BLOB NOT NULL REFERENCES course (id),
    member_id BLOB NOT NULL,
    badge_id TEXT,
    people TEXT NOT NULL,
    message TEXT NOT NULL,
    form_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX draft_of_author ON draft (course_id, member_id, updated_at);

CREATE TABLE catalog_badge (
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    badge_id TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT NOT NULL,
    description TEXT NOT NULL,
    draft BOOLEAN NOT NULL,
    gone BOOLEAN NOT NULL,
    language TEXT,
    expires TEXT NOT NULL,
    message TEXT NOT NULL,
    picture TEXT,
    generation INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, badge_id)
);

CREATE TABLE catalog_state (
    organisation_id BLOB PRIMARY KEY REFERENCES organisation (id),
    generation INTEGER NOT NULL,
    read_at INTEGER,
    failing_since INTEGER,
    error TEXT
);

CREATE TABLE picture (
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    hash TEXT NOT NULL,
    png BLOB NOT NULL,
    PRIMARY KEY (organisation_id, hash)
);

CREATE TABLE audit (
    id BLOB PRIMARY KEY,
    organisation_id BLOB REFERENCES organisation (id),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_of_organisation ON audit (organisation_id, at);
