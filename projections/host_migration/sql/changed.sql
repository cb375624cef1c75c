-- Copies that were changed or deleted since.
SELECT m.consolidated_id, count(*) OVER ()
FROM restorelog_moved_row AS m
LEFT JOIN {consolidated} AS t ON t.id = m.consolidated_id
WHERE m.kind = '{kind}' AND m.last_step = {step}{within[m.legacy_id]}
    AND (t.id IS NULL OR m.copy_digest <> {copy_digest})
ORDER BY m.consolidated_id
LIMIT 10
