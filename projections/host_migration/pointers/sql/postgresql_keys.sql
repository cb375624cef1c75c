-- The foreign keys of one column to a table: their names and how they are declared.
SELECT c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint AS c
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
WHERE c.contype = 'f' AND c.conparentid = 0
    AND c.conrelid = to_regclass(%s) AND a.attname = %s AND c.confrelid = to_regclass(%s)
