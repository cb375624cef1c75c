EXISTS (SELECT 1 FROM system_backups_restorelog AS made WHERE made.source_backup_id = backup.id)
