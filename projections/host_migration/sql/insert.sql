-- Moves the rows that were not moved yet.
INSERT INTO {consolidated} (
    id,
    {columns}
)
SELECT
    l.restorelog_copy,
    {values}
FROM {new_rows}
{joins}
