-- How many rows the statistics say that a table has.
SELECT greatest(c.reltuples::bigint, s.n_live_tup, 0)
FROM pg_class AS c
LEFT JOIN pg_stat_all_tables AS s ON s.relid = c.oid
WHERE c.oid = to_regclass(%s)
