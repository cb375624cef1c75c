-- The different values of a column.
SELECT DISTINCT {column}
FROM {table}
WHERE {column} IS NOT NULL
ORDER BY 1
LIMIT 1000
