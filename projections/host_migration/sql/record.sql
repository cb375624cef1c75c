-- Records which row is the copy of which, and what both are like. A copy that differs from its
-- source in any column is recorded without a digest.
INSERT INTO restorelog_moved_row (
    kind, legacy_id, consolidated_id, moved_at, step, last_step, lost_backup_id, source_digest,
    copy_digest
)
SELECT
    '{kind}',
    l.id,
    t.id,
    {now},
    {step},
    {step},
    {lost_backup},
    {source_digest},
    CASE
        WHEN
            {any_differs}
        THEN NULL
        ELSE {copy_digest}
    END
FROM {new_rows}
{joins}
JOIN {consolidated} AS t ON t.id = l.restorelog_copy
