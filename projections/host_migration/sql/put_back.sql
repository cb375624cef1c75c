-- Puts back the copies whose legacy rows' changes were written.
UPDATE {consolidated}
SET ({columns}) = (SELECT {saved} FROM {before} AS s WHERE s.id = {consolidated}.id)
WHERE id IN (SELECT s.id FROM {before} AS s WHERE 1 = 1{within[s.restorelog_legacy_id]})
