-- Moves the rows that were noted.
INSERT INTO {consolidated} (
    id,
    {columns}
)
SELECT
    m.consolidated_id,
    {values}
{source}
WHERE m.kind = '{kind}' AND m.copy_digest IS NULL
