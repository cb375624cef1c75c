-- How many rows ANALYZE found in a table: the first number of each of its statistics.
SELECT max(CAST(stat AS integer)) FROM sqlite_stat1 WHERE tbl = ?
