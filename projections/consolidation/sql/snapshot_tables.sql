-- What a snapshot holds beside the four tables: its format, what the engine knew of each of them,
-- and the rows that no table can hold.
CREATE TABLE snapshot_format (version INTEGER NOT NULL);
CREATE TABLE snapshot_tables (
    label TEXT PRIMARY KEY, scope TEXT, projector_version INTEGER, position INTEGER, hash BLOB,
    rows INTEGER
);
CREATE TABLE snapshot_withheld (
    label TEXT, stream_id TEXT, row_id INTEGER, cause TEXT, "column" TEXT, reason TEXT,
    position INTEGER, row BLOB
);
