-- Writes the changes of the legacy rows to their copies.
UPDATE {consolidated} AS t
JOIN (
    SELECT
        m.consolidated_id AS restorelog_copy,
        {carried_aliases}
    {source}
    WHERE m.kind = '{kind}' AND m.copy_digest IS NULL{within[m.legacy_id]}
) AS n ON n.restorelog_copy = t.id
SET {carried_settings}
