-- The rows that were kept out of one table: its label.
SELECT stream_id, row_id, cause, "column", reason, position, row
FROM snapshot_withheld
WHERE label = ?
