-- Gives each legacy row that was not moved yet an id in the consolidated table.
INSERT INTO restorelog_moved_row (
    kind, legacy_id, consolidated_id, moved_at, step, last_step, lost_backup_id, source_digest
)
SELECT
    '{kind}',
    l.id,
    (
        SELECT c.base FROM restorelog_moved_counter AS c
        WHERE c.kind = '{kind}' AND c.step = {step}
    ) + row_number() OVER (ORDER BY l.id),
    {now},
    {step},
    {step},
    {lost_backup},
    {source_digest}
FROM {legacy} AS l
{backup_join}
WHERE {wanted}
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m WHERE m.kind = '{kind}' AND m.legacy_id = l.id
    )
