-- Puts back the copies whose legacy rows' changes were written.
UPDATE {consolidated} AS t
JOIN {before} AS s ON s.id = t.id{within[s.restorelog_legacy_id]}
SET {saved_settings}
