-- A table's columns in their order, with the type as declared.
SELECT column_name, lower(column_type)
FROM information_schema.columns
WHERE table_schema = database() AND table_name = ?
ORDER BY ordinal_position
