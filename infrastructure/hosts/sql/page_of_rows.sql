-- The next rows of a table in key order: table, the key before them, how many at most.
SELECT key, row_hash FROM hosts_importedrow
WHERE source_table = %s AND key > %s
ORDER BY key
LIMIT %s
