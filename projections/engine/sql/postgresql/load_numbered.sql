-- The rows with these pairs of a UUID and a number. Parameters: the UUIDs, the numbers.
SELECT {columns}
FROM {table}
JOIN unnest(%s::uuid[], %s::bigint[]) AS wanted (wanted_key, wanted_number)
    ON "{key}" = wanted_key AND "{number}" = wanted_number
