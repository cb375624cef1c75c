-- Rows that refer to a legacy restore that has no copy yet.
SELECT {number}, count(*) OVER ()
FROM {table}
JOIN {legacy} AS l ON l.id = {number}
WHERE {table}.{type_column} = {was_type}
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m
        WHERE m.kind = '{kind}' AND m.legacy_id = l.id
    )
ORDER BY 1
LIMIT 10
