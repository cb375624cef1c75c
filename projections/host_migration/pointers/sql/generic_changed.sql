-- Rows that were re-pointed and refer to something else now.
SELECT r.row_key, count(*) OVER ()
FROM restorelog_repointed_row AS r
JOIN {table} ON {key} = r.row_key
WHERE r.step = {step} AND r.pointer = '{pointer}' AND r.kind = '{kind}' AND r.what = 'moved'
    AND (
        {table}.{type_column} IS NULL OR {table}.{type_column} <> {now_type}
        OR {number} IS NULL OR {number} <> r.now
    )
ORDER BY 1
LIMIT 10
