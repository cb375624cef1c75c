-- Rows whose reference is to a row that does not exist.
SELECT r.id
FROM {table} AS r
WHERE r.{column} IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM {other} AS o WHERE o.{key} = r.{column})
ORDER BY r.id
