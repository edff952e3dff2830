-- Our own trigger columns (LTI Assignment and Grade Services 2.0): where a course's columns are, and which one is a rule's.
-- The PostgreSQL file of the same name differs in types only.

-- As the last launch that offered them said.
ALTER TABLE course ADD COLUMN lineitems_url TEXT;
ALTER TABLE course ADD COLUMN lineitem_scopes TEXT;

CREATE TABLE rule_column (
    rule_id BLOB NOT NULL PRIMARY KEY REFERENCES rule (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    course_id BLOB NOT NULL REFERENCES course (id),
    address TEXT NOT NULL
);
