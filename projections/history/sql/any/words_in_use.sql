-- The words of a column, if one of it is missing.
SELECT '{name}', word, false FROM (
    SELECT DISTINCT {column} AS word FROM {table} WHERE {column} IS NOT NULL ORDER BY {column}
    LIMIT CASE WHEN EXISTS (SELECT 1 FROM missing WHERE name = '{name}') THEN {most} ELSE 0 END
) AS in_use_{name}
