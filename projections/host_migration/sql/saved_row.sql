m.legacy_id AS restorelog_legacy_id,
    m.last_step AS restorelog_last_step,
    m.lost_backup_id AS restorelog_lost_backup_id,
    m.source_digest AS restorelog_source_digest,
    m.copy_digest AS restorelog_copy_digest,
    t.*
