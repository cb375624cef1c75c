-- A table's rows in key order, each with its backup's database and its user's name.
SELECT {columns}, {database}, {username}
FROM {table} AS r
{joins}
{after}
ORDER BY {key}
{limit}
