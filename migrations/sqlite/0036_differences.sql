-- Where changes of a roster since its last read are told, and when it was read whole last.
-- The PostgreSQL file of the same name differs in types only.

ALTER TABLE course ADD COLUMN roster_differences TEXT;
ALTER TABLE course ADD COLUMN roster_whole_at INTEGER;
