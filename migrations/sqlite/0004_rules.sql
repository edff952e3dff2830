-- Rules: whoever does X in a course gets a badge. Their versions, what was decided about whom and why, what a person
-- allowed, and the work that goes over a whole course. The PostgreSQL file of the same name differs in types only.

CREATE TABLE rule (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    registration_id BLOB NOT NULL REFERENCES registration (id),
    course_id BLOB NOT NULL REFERENCES course (id),
    badge_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'on', 'paused', 'stopped', 'archived')),
    state_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    -- Whether the present version depends on other badges: then an issued badge is news.
    watches_badges BOOLEAN NOT NULL,
    -- The breaker counts awards made after this: a person's release begins anew.
    counts_from INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX rule_of_course ON rule (organisation_id, course_id, created_at);
CREATE INDEX rule_watching ON rule (organisation_id, course_id) WHERE watches_badges AND state = 'on';

CREATE TABLE rule_version (
    rule_id BLOB NOT NULL REFERENCES rule (id),
    version INTEGER NOT NULL,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    expression TEXT NOT NULL,
    options TEXT NOT NULL,
    -- Whoever met it before gets it only if a person says so. Absent: not switched on in this version.
    since INTEGER,
    author_id BLOB REFERENCES member (id),
    written_at INTEGER NOT NULL,
    PRIMARY KEY (rule_id, version)
);

-- Which award a rule made: by which version, with what to send. The award itself is in its own table.
CREATE TABLE rule_award (
    award_id BLOB NOT NULL PRIMARY KEY REFERENCES award (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    rule_id BLOB NOT NULL REFERENCES rule (id),
    course_id BLOB NOT NULL REFERENCES course (id),
    member_id BLOB NOT NULL REFERENCES member (id),
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    met_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    -- Whether the breaker counts it: not after a person's leave.
    counts BOOLEAN NOT NULL,
    -- Since when the conditions are no longer met, and when a person said to keep the badge all the same.
    dropped_at INTEGER,
    kept_at INTEGER
);
CREATE INDEX rule_award_made ON rule_award (rule_id, made_at);
CREATE INDEX rule_award_dropped ON rule_award (organisation_id, course_id, dropped_at) WHERE dropped_at IS NOT NULL;

-- The last decision about a person, with its reasons.
CREATE TABLE evaluation (
    rule_id BLOB NOT NULL REFERENCES rule (id),
    member_id BLOB NOT NULL REFERENCES member (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    course_id BLOB NOT NULL REFERENCES course (id),
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    decision TEXT NOT NULL,
    PRIMARY KEY (rule_id, member_id)
);
CREATE INDEX evaluation_of_member ON evaluation (organisation_id, course_id, member_id);

-- A person's leave to award although the rule would not by itself.
CREATE TABLE rule_grant (
    rule_id BLOB NOT NULL REFERENCES rule (id),
    member_id BLOB NOT NULL REFERENCES member (id),
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    dated_today BOOLEAN NOT NULL,
    by_id BLOB REFERENCES member (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (rule_id, member_id)
);

-- Work that goes over many people: where it stands, so that it goes on after a stop.
CREATE TABLE rule_run (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisation (id),
    rule_id BLOB NOT NULL REFERENCES rule (id),
    -- weigh: look at everybody again. grant: these people may be awarded.
    kind TEXT NOT NULL CHECK (kind IN ('weigh', 'grant')),
    members TEXT,
    done INTEGER NOT NULL DEFAULT 0,
    after_id BLOB,
    dated_today BOOLEAN NOT NULL,
    by_id BLOB REFERENCES member (id),
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK ((kind = 'grant') = (members IS NOT NULL))
);
CREATE INDEX rule_run_of_rule ON rule_run (rule_id, created_at);

-- Learner beside a staff role: a rule leaves the decision to a person.
ALTER TABLE enrolment ADD COLUMN also_learner BOOLEAN NOT NULL DEFAULT FALSE;

-- Who has a badge under the same address; how much waits for one course.
CREATE INDEX award_by_address ON award (organisation_id, address, badge_id);
CREATE INDEX job_evaluate ON job (dedup_key) WHERE kind = 'evaluate';
