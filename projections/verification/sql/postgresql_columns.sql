-- A table's columns in their order, with the base type; strings of any kind count as text.
SELECT a.attname, CASE WHEN t.typcategory IN ('S', 'E') THEN 'text' ELSE t.typname END,
       t.typname IN ('text', 'json', 'jsonb', 'bytea')
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
