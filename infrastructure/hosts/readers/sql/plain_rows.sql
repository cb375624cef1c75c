-- Some columns of a table without an id, in their own order.
SELECT {columns}
FROM {table}
ORDER BY {columns}
