-- A table's columns in their order, with the type that all domains come down to; strings of any
-- kind count as text.
WITH RECURSIVE under (attnum, attname, type, depth) AS (
    SELECT a.attnum, a.attname, a.atttypid, 0
    FROM pg_attribute a
    WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT u.attnum, u.attname, d.typbasetype, u.depth + 1
    FROM under u
    JOIN pg_type d ON d.oid = u.type AND d.typbasetype <> 0
)
SELECT DISTINCT ON (u.attnum)
       u.attname,
       CASE WHEN t.typcategory IN ('S', 'E') OR t.oid = '"char"'::regtype THEN 'text'
            ELSE t.typname END,
       t.typname IN ('text', 'json', 'jsonb', 'bytea')
FROM under u
JOIN pg_type t ON t.oid = u.type
ORDER BY u.attnum, u.depth DESC
