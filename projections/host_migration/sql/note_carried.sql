-- Notes what the legacy rows are like whose changes were written, and forgets the copies' digests.
UPDATE restorelog_moved_row
SET last_step = {step},
    source_digest = (
        SELECT {source_digest} FROM {legacy} AS l WHERE l.id = restorelog_moved_row.legacy_id
    ),
    lost_backup_id = (
        SELECT {lost_backup} FROM {legacy} AS l
        {backup_join}
        WHERE l.id = restorelog_moved_row.legacy_id
    ),
    copy_digest = NULL
WHERE kind = '{kind}' AND legacy_id IN (SELECT s.restorelog_legacy_id FROM {before} AS s)
