-- The first rows of a table in key order: table, how many at most.
SELECT key, row_hash FROM hosts_importedrow
WHERE source_table = %s
ORDER BY key
LIMIT %s
