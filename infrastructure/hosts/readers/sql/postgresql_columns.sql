-- A table's columns in order: name, declared type, and of the type under all domains: name, category.
WITH RECURSIVE bases (attnum, oid) AS (
    SELECT attnum, atttypid FROM pg_attribute
    WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT bases.attnum, t.typbasetype
    FROM bases JOIN pg_type AS t ON t.oid = bases.oid
    WHERE t.typtype = 'd'
)
SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname, t.typcategory::text
FROM bases
JOIN pg_type AS t ON t.oid = bases.oid AND t.typtype <> 'd'
JOIN pg_attribute AS a ON a.attrelid = to_regclass(%(table)s) AND a.attnum = bases.attnum
ORDER BY a.attnum
