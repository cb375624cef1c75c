-- A table's columns, with their types as declared.
SELECT column_name, column_type
FROM information_schema.columns
WHERE table_schema = database() AND table_name = ?
