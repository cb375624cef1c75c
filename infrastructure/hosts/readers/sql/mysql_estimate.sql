-- How many rows the statistics say that a table has.
SELECT coalesce(table_rows, 0)
FROM information_schema.tables
WHERE table_schema = database() AND table_name = %s
