-- By the index of restores with a check, of which there are few.
backup.id IN (
    SELECT source_backup_id FROM system_backups_restorelog
     WHERE validation IN ({results}) AND status || '' IN ('completed', 'partial')
       AND source_backup_id IS NOT NULL
)
