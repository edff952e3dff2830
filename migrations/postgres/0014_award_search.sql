-- The name in lower case, of every alphabet: what a history is searched by, also where nobody is a member.
ALTER TABLE award ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE award SET search = LOWER(name);
UPDATE award SET search = (SELECT m.sort_name FROM member m WHERE m.id = award.member_id)
    WHERE EXISTS (SELECT 1 FROM member m WHERE m.id = award.member_id AND m.sort_name <> '');
