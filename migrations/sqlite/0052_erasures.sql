-- Who is to be erased: names and addresses are blanked as soon as nothing of theirs is under way any more.
-- The PostgreSQL file of the same name differs in types only.

CREATE TABLE erasure (
    member_id BLOB NOT NULL PRIMARY KEY REFERENCES member (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    done_at INTEGER
);
