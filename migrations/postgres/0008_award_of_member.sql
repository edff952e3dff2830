-- The awards of one badge by member: without it a page of a large course reads every award of the badge for each person.
CREATE INDEX award_badge_member ON award (organisation_id, badge_id, cause, member_id);
