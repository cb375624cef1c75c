-- Write the ends of some versions. Parameters: where they begin and end, and their cells.
UPDATE {table} AS version
SET "valid_to" = ended.valid_to, "cell" = ended.cell
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS ended (valid_from, valid_to, cell)
WHERE version."valid_from" = ended.valid_from
