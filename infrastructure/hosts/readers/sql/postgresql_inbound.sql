-- Which columns of other tables refer to a table.
SELECT c.conrelid::regclass::text, a.attname
FROM pg_constraint AS c
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.confrelid = to_regclass(%s) AND c.contype = 'f'
ORDER BY 1, 2
