-- Source against copy: how many rows there are, and for each column how many of them differ.
SELECT
    count(*),
    {differing}
{source}
JOIN {consolidated} AS t ON t.id = m.consolidated_id
WHERE m.kind = '{kind}' AND m.last_step = {step} AND m.copy_digest IS NOT NULL
