-- How often, and when last, somebody asked for everything about a course: a look that began before does not undo that.
ALTER TABLE pull ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pull ADD COLUMN anew_at BIGINT;
