-- Legacy rows that changed since they were moved, while their copies changed too, or are gone.
SELECT m.legacy_id, count(*) OVER ()
{source}
LEFT JOIN {consolidated} AS t ON t.id = m.consolidated_id
WHERE m.kind = '{kind}' AND m.copy_digest IS NOT NULL{within[m.legacy_id]}{within[l.id]}
    AND m.source_digest <> {source_digest}
    AND (
        t.id IS NULL
        OR (
            m.copy_digest <> {copy_digest}
            AND (
                {any_differs}
            )
        )
    )
ORDER BY m.legacy_id
LIMIT 10
