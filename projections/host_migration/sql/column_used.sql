-- Rows of the host's own with a target database that was not written here.
SELECT t.id, count(*) OVER ()
FROM {consolidated} AS t
WHERE NOT ({target_is_empty})
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m
        WHERE m.kind = 'restore' AND m.consolidated_id = t.id
    )
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_filled_row AS f WHERE f.consolidated_id = t.id
    )
ORDER BY t.id
LIMIT 10
