-- A row seen for the first time. The parameters are those of SQLite's driver.
INSERT INTO hosts_importedrow (source_table, key, row_hash, stream_id) VALUES (?, ?, ?, ?)
