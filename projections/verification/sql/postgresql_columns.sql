-- A table's columns in their order, with the type as declared but for its length.
SELECT a.attname, lower(format_type(a.atttypid, NULL))
FROM pg_attribute a
WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
