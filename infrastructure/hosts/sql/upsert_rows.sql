-- The current state of a row in the log.
INSERT INTO hosts_importedrow (source_table, key, row_hash, stream_id) VALUES (%s, %s, %s, %s)
ON CONFLICT (source_table, key) DO UPDATE SET row_hash = excluded.row_hash
