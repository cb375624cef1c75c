-- An empty, temporary index that replaces the permanent one for this connection only.
CREATE TEMPORARY TABLE IF NOT EXISTS hosts_importedrow
    (source_table TEXT, key INTEGER, row_hash BLOB, stream_id TEXT,
     PRIMARY KEY (source_table, key)) WITHOUT ROWID;
CREATE TEMPORARY TABLE IF NOT EXISTS hosts_importcheckpoint
    (id INTEGER PRIMARY KEY, position INTEGER, hash BLOB, rows INTEGER, checksum BLOB)
