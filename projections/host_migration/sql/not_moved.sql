-- How many legacy rows are to be moved and have not been.
SELECT count(*)
FROM {legacy} AS l
WHERE {wanted}
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m WHERE m.kind = '{kind}' AND m.legacy_id = l.id
    )
