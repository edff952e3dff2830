-- A deployment that somebody said is not theirs: remembered, so that it does not wait anew at its next launch.
-- The PostgreSQL file of the same name differs in types only.

ALTER TABLE deployment ADD COLUMN refused_at INTEGER;
