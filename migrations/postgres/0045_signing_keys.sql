-- Signing keys over time: each says from when on it signs; the newest that has begun is the one. Before that it is
-- published only, and after its successor's beginning it stays published for a while.
-- The SQLite file of the same name differs in types only.

ALTER TABLE signing_key ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0;
UPDATE signing_key SET signs_from = created_at;
ALTER TABLE signing_key DROP COLUMN signs;
