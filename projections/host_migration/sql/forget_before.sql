-- Forgets what they were like.
DELETE FROM {before}
WHERE 1 = 1{within[restorelog_legacy_id]}
