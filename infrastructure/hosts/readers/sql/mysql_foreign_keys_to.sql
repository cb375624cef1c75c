-- Foreign keys to a table: their table and first column, the column that it refers to, how many
-- columns the key has, and whether the column is the whole primary key of its table.
SELECT
    found.table_name,
    found.column_name,
    found.other,
    found.columns,
    (
        SELECT count(*) = 1 AND min(p.column_name) = found.column_name
        FROM information_schema.key_column_usage AS p
        WHERE p.table_schema = database() AND p.table_name = found.table_name
          AND p.constraint_name = 'PRIMARY'
    )
FROM (
    SELECT
        table_name,
        constraint_name,
        min(column_name) AS column_name,
        min(referenced_column_name) AS other,
        count(*) AS columns
    FROM information_schema.key_column_usage
    WHERE table_schema = database() AND referenced_table_schema = database()
      AND referenced_table_name = %s
    GROUP BY table_name, constraint_name
) AS found
ORDER BY 1, 2
