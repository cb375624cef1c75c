-- Rows that refer to nothing.
SELECT r.id
FROM {table} AS r
WHERE r.{column} IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM {other} AS o WHERE o.{key} = r.{column})
ORDER BY r.id
