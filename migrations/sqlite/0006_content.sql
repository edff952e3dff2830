-- What teachers placed in their courses by deep linking, which links show it, and where copied courses come from.
-- The PostgreSQL file of the same name differs in types only.

CREATE TABLE content (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    registration_id BLOB NOT NULL REFERENCES registration (id),
    -- Absent until its first launch, where the request to place it named no course.
    course_id BLOB REFERENCES course (id),
    kind TEXT NOT NULL CHECK (kind IN ('teachers', 'mine', 'progress', 'apply')),
    -- The badge; of an application, the form.
    badge_id TEXT,
    title TEXT NOT NULL,
    -- Earning the badge is a grade.
    graded BOOLEAN NOT NULL,
    copied_from BLOB REFERENCES content (id),
    author_id BLOB REFERENCES member (id),
    created_at INTEGER NOT NULL,
    CHECK ((kind IN ('progress', 'apply')) = (badge_id IS NOT NULL)),
    CHECK (NOT graded OR kind = 'progress')
);
CREATE UNIQUE INDEX content_copy ON content (copied_from, course_id) WHERE copied_from IS NOT NULL;
CREATE INDEX content_of_course ON content (course_id);

-- A link that shows content, since its first launch; with the addresses of its grades as the last launch named them.
-- One link may show several: Open edX has one for all items of a component.
CREATE TABLE placement (
    content_id BLOB NOT NULL REFERENCES content (id),
    link_id BLOB NOT NULL REFERENCES link (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    course_id BLOB NOT NULL REFERENCES course (id),
    lineitems_url TEXT,
    lineitem_url TEXT,
    scopes TEXT NOT NULL,
    fingerprint INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (content_id, link_id)
);
CREATE INDEX placement_of_link ON placement (link_id);
CREATE INDEX placement_of_course ON placement (organisation_id, course_id);

-- The contexts that a course was copied from, as its launches say (Context.id.history).
CREATE TABLE course_origin (
    course_id BLOB NOT NULL REFERENCES course (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    context_id TEXT NOT NULL,
    PRIMARY KEY (course_id, context_id)
);

-- A request to place something, of the seat that its launch made. It is answered once.
CREATE TABLE pick (
    seat_id BLOB NOT NULL PRIMARY KEY REFERENCES seat (id) ON DELETE CASCADE,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    lti_deployment_id TEXT NOT NULL,
    settings TEXT NOT NULL,
    answered_at INTEGER
);
