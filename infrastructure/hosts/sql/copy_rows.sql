-- Rows seen for the first time, in bulk.
COPY hosts_importedrow (source_table, key, row_hash, stream_id) FROM STDIN
