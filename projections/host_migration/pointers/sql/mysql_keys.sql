-- The foreign keys of one column to a table: their names, and what they do when a row goes.
SELECT k.constraint_name, r.delete_rule, r.update_rule
FROM information_schema.key_column_usage AS k
JOIN information_schema.referential_constraints AS r
    ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
        AND r.table_name = k.table_name
WHERE k.table_schema = database() AND k.referenced_table_schema = database()
    AND k.table_name = %s AND k.column_name = %s AND k.referenced_table_name = %s
