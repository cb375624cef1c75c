-- A table's columns in order: name, declared type, kind of type.
SELECT column_name, column_type, lower(data_type)
FROM information_schema.columns
WHERE table_schema = database() AND table_name = %s
ORDER BY ordinal_position
