-- A table's columns in order: name, type, whether NULL is allowed, whether they are computed.
SELECT column_name, column_type, is_nullable = 'YES', coalesce(generation_expression, '') <> ''
FROM information_schema.columns
WHERE table_schema = database() AND table_name = %s
ORDER BY ordinal_position
