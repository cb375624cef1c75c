-- Foreign keys to a table: their table and first column, the column that it refers to, how many
-- columns the key has, and whether the column is the whole primary key of its table.
SELECT
    t.relname,
    a.attname,
    other.attname,
    cardinality(c.conkey),
    EXISTS (
        SELECT 1 FROM pg_constraint AS p
        WHERE p.conrelid = c.conrelid AND p.contype = 'p' AND p.conkey = c.conkey
    )
FROM pg_constraint AS c
JOIN pg_class AS t ON t.oid = c.conrelid
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute AS other ON other.attrelid = c.confrelid AND other.attnum = c.confkey[1]
WHERE c.confrelid = to_regclass(%s) AND c.contype = 'f' AND c.conparentid = 0
ORDER BY 1, 2
