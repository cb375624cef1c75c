-- Rows that were re-pointed and refer to another row now.
SELECT r.row_key, count(*) OVER ()
FROM restorelog_repointed_row AS r
JOIN {table} ON {key} = r.row_key
WHERE r.step = {step} AND r.pointer = '{pointer}'
    AND ({table}.{column} IS NULL OR {table}.{column} <> r.now)
ORDER BY 1
LIMIT 10
