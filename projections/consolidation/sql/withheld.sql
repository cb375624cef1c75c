-- Every row that is kept out of a table.
SELECT generation_id, stream_id, row_id, cause, "column", reason, position, "row"
FROM engine_withheldrow
