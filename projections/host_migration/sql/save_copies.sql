-- Keeps the copies, as they are, of the legacy rows that changed since they were moved.
INSERT INTO {before}
SELECT
    {saved_row}
FROM restorelog_moved_row AS m
JOIN {legacy} AS l ON l.id = m.legacy_id
JOIN {consolidated} AS t ON t.id = m.consolidated_id
WHERE m.kind = '{kind}' AND m.copy_digest IS NOT NULL{within[m.legacy_id]}{within[l.id]}
    AND m.last_step <> {step}
    AND m.source_digest <> {source_digest}
