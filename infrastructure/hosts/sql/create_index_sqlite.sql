-- The index of imported rows, kept in key order without a second copy of the keys.
CREATE TABLE hosts_importedrow (
    source_table varchar(63) NOT NULL,
    key bigint NOT NULL,
    row_hash BLOB NULL,
    stream_id char(32) NOT NULL,
    PRIMARY KEY (source_table, key)
) WITHOUT ROWID
