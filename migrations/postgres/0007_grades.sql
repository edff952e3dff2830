-- Badges as grades: what was sent to the LMS for whom, and the columns that the tool made itself.
-- The SQLite file of the same name differs in types only.

-- The address of a column that the tool made: the only kind that it may delete.
ALTER TABLE placement ADD COLUMN own_lineitem_url TEXT;

CREATE TABLE grade (
    content_id UUID NOT NULL,
    link_id UUID NOT NULL,
    member_id UUID NOT NULL REFERENCES member (id),
    organisation_id UUID NOT NULL REFERENCES organisation (id),
    -- What the LMS took last; 'theirs': it has a newer score, which is not ours to change; absent: nothing yet.
    score TEXT CHECK (score IN ('full', 'cleared', 'theirs')),
    sent_at BIGINT,
    -- Why the LMS takes no score of this person, and when it said so.
    refused TEXT,
    refused_at BIGINT,
    PRIMARY KEY (content_id, link_id, member_id),
    FOREIGN KEY (content_id, link_id) REFERENCES placement (content_id, link_id),
    CHECK ((score IS NULL) = (sent_at IS NULL)),
    CHECK ((refused IS NULL) = (refused_at IS NULL))
);
CREATE INDEX grade_of_member ON grade (member_id);
CREATE INDEX content_graded ON content (organisation_id) WHERE graded;
