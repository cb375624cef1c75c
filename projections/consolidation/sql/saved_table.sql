-- What a snapshot says of one table: its label.
SELECT scope, projector_version, position, hash, rows
FROM snapshot_tables
WHERE label = ?
