-- Foreign keys of a single column, within this database.
SELECT min(column_name), min(referenced_table_name), min(referenced_column_name)
FROM information_schema.key_column_usage
WHERE table_schema = database() AND table_name = ? AND referenced_table_schema = database()
GROUP BY constraint_name
HAVING count(*) = 1
