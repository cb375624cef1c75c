-- Notes what those rows were like.
UPDATE restorelog_moved_row AS m
JOIN {before} AS s ON s.restorelog_legacy_id = m.legacy_id{within[s.restorelog_legacy_id]}
SET m.last_step = s.restorelog_last_step,
    m.lost_backup_id = s.restorelog_lost_backup_id,
    m.source_digest = s.restorelog_source_digest,
    m.copy_digest = s.restorelog_copy_digest
WHERE m.kind = '{kind}'
