-- Notes what the legacy rows are like that changed, and forgets the digests of their copies.
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
WHERE kind = '{kind}' AND copy_digest IS NOT NULL{within[legacy_id]}
    AND source_digest <> (
        SELECT {source_digest} FROM {legacy} AS l WHERE l.id = restorelog_moved_row.legacy_id
    )
