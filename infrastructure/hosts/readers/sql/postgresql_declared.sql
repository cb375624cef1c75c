-- A table's columns in order: name, type, whether NULL is allowed, whether they are computed.
SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull, attgenerated <> ''
FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
