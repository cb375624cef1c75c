-- How many legacy rows are to be moved and have not been, and their lowest and highest id.
SELECT count(*), min(l.id), max(l.id)
FROM {legacy} AS l
WHERE {wanted}{within[l.id]}
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m
        WHERE m.kind = '{kind}' AND m.legacy_id = l.id{within[m.legacy_id]}
    )
