-- A row seen for the first time.
INSERT INTO hosts_importedrow (source_table, key, row_hash, stream_id) VALUES (%s, %s, %s, %s)
