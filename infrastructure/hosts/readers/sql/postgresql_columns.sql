-- A table's columns in order: name, declared type, underlying type, category of that type.
SELECT a.attname,
       format_type(a.atttypid, a.atttypmod),
       coalesce(b.typname, t.typname),
       coalesce(b.typcategory, t.typcategory)::text
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
