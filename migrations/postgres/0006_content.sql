-- What teachers placed in their courses by deep linking, which links show it, and where copied courses come from.
-- The SQLite file of the same name differs in types only.

CREATE TABLE content (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    registration_id UUID NOT NULL REFERENCES registration (id),
    -- Absent until its first launch, where the request to place it named no course.
    course_id UUID REFERENCES course (id),
    kind TEXT NOT NULL CHECK (kind IN ('teachers', 'mine', 'progress', 'apply')),
    -- The badge; of an application, the form.
    badge_id TEXT,
    title TEXT NOT NULL,
    -- Earning the badge is a grade.
    graded BOOLEAN NOT NULL,
    copied_from UUID REFERENCES content (id),
    author_id UUID REFERENCES member (id),
    created_at BIGINT NOT NULL,
    CHECK ((kind IN ('progress', 'apply')) = (badge_id IS NOT NULL)),
    CHECK (NOT graded OR kind = 'progress')
);
CREATE UNIQUE INDEX content_copy ON content (copied_from, course_id) WHERE copied_from IS NOT NULL;
CREATE INDEX content_of_course ON content (course_id);

-- A link that shows content, since its first launch; with the addresses of its grades as the last launch named them.
-- One link may show several: Open edX has one for all items of a component.
CREATE TABLE placement (
    content_id UUID NOT NULL REFERENCES content (id),
    link_id UUID NOT NULL REFERENCES link (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    course_id UUID NOT NULL REFERENCES course (id),
    lineitems_url TEXT,
    lineitem_url TEXT,
    scopes JSONB NOT NULL,
    fingerprint BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (content_id, link_id)
);
CREATE INDEX placement_of_link ON placement (link_id);
CREATE INDEX placement_of_course ON placement (organisation_id, course_id);

-- The contexts that a course was copied from, as its launches say (Context.id.history).
CREATE TABLE course_origin (
    course_id UUID NOT NULL REFERENCES course (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    context_id TEXT NOT NULL,
    PRIMARY KEY (course_id, context_id)
);

-- A request to place something, of the seat that its launch made. It is answered once.
CREATE TABLE pick (
    seat_id UUID NOT NULL PRIMARY KEY REFERENCES seat (id) ON DELETE CASCADE,
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    lti_deployment_id TEXT NOT NULL,
    settings JSONB NOT NULL,
    answered_at BIGINT
);
