-- Notes what those rows were like.
UPDATE restorelog_moved_row
SET (last_step, lost_backup_id, source_digest, copy_digest) = (
    SELECT
        s.restorelog_last_step,
        s.restorelog_lost_backup_id,
        s.restorelog_source_digest,
        s.restorelog_copy_digest
    FROM {before} AS s
    WHERE s.restorelog_legacy_id = restorelog_moved_row.legacy_id
)
WHERE kind = '{kind}' AND legacy_id IN (
    SELECT s.restorelog_legacy_id FROM {before} AS s WHERE 1 = 1{within[s.restorelog_legacy_id]}
)
