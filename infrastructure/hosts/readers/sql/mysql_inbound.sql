-- Which columns of other tables refer to a table.
SELECT table_name, column_name
FROM information_schema.key_column_usage
WHERE referenced_table_schema = database() AND referenced_table_name = %s
ORDER BY 1, 2
