-- Rows whose place at the counterpart is taken by another row, where each may occur once.
SELECT {number}, count(*) OVER ()
FROM {table}
JOIN restorelog_moved_row AS m ON m.kind = '{kind}' AND m.{here} = {number}
WHERE {table}.{type_column} = {here_type}
    AND EXISTS (SELECT 1 FROM {table} AS y WHERE {same})
ORDER BY 1
LIMIT 10
