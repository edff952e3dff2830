-- The awards of one badge by member, whatever made them: a page of a large course looks each person up.
DROP INDEX award_badge_member;
CREATE INDEX award_badge_member ON award (organisation_id, badge_id, member_id, cause);
-- A course's history is searched in the index alone: the rows of a large course are many times as large.
CREATE INDEX award_course_search ON award (organisation_id, course_id, search, address);
