-- How many indexes there are of one column alone, over all rows.
SELECT count(*)
FROM (
    SELECT index_name
    FROM information_schema.statistics
    WHERE table_schema = database() AND table_name = %s
    GROUP BY index_name
    HAVING group_concat(column_name) = %s
) AS found
