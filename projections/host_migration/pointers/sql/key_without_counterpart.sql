-- Rows that refer by a foreign key to a row that has no counterpart in the other table.
SELECT {table}.{column}, count(*) OVER ()
FROM {table}
WHERE {table}.{column} IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m
        JOIN {other} AS o ON o.id = m.{there}
        WHERE m.kind = '{kind}' AND m.{here} = {table}.{column}
    )
ORDER BY 1
LIMIT 10
