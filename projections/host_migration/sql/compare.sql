-- Copies whose digest is not known: how many there are, and for each column how many of them
-- differ from their source.
SELECT
    count(*),
    {differing}
{source}
JOIN {consolidated} AS t ON t.id = m.consolidated_id
WHERE m.kind = '{kind}' AND m.copy_digest IS NULL{within[m.legacy_id]}{within[l.id]}
